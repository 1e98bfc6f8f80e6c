"""One exchange, which gives the lease back whatever happens to its caller."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Any, Final, TypeAlias

import attrs

from .clock import Clock
from .observe.events import LateOutcome, RequestFinished
from .observe.reporter import Reporter
from .outcome import Ended, Trip
from .tokens.admission import Ending
from .tokens.coordination import Lease
from .tokens.slot import Held
from .wire.request import Request, Response, safe_path, safe_url
from .wire.room import Place
from .wire.transport import Outgoing, Progress, Transport

#: Seconds for which a kept-alive connection counts as just used, for requests that are costly to lose.
_JUST_USED: Final = 2.0
_UNSENT: Final = Ended(sent=False)


#: Says what an answer to a trip with this token means, before anybody else may start.
Judge: TypeAlias = Callable[[Trip, Held[Any] | None, Response], Ended]


@attrs.define(eq=False)
class Exchange:
    """
    A request between grant and answer.

    Where cutting it would keep an exclusive token taken for `settle` seconds, or leave a write in doubt, it runs in a task of
    its own, and its caller waits for a future that it resolves: if the caller leaves, it goes on.

    Args:
        ours: What it has in common with the others.
        trip: Whose it is.
        held: The token that it is sent with.
        lease: The permission to send; given back at the end, however it ends.
        place: Its place in the transport's room; given back at the end.
        started: When it began to wait for that place.
        outgoing: What to send.
        progress: How far it has come.
        costly: Whether it is finished although nobody waits any more.
        caller: Resolved at the end, with what the caller gets.
    """

    ours: Exchanges
    trip: Trip
    held: Held[Any] | None
    lease: Lease
    place: Place
    started: float
    outgoing: Outgoing
    progress: Progress
    costly: bool
    caller: asyncio.Future[Ended]
    _ended: bool = attrs.field(default=False, init=False)

    async def run(self) -> None:
        """Send, read, judge, and give the lease back in the same step, so that the next one starts without delay."""
        ended, response = _UNSENT, None
        try:
            response = await self.ours.transport.exchange(self.outgoing, self.progress)
            ended = self.ours.judge(self.trip, self.held, response)
        except (asyncio.CancelledError, GeneratorExit):
            ended = Ended(sent=self.progress.sent)
            raise
        except BaseException as error:  # noqa: BLE001 - it is the caller's to raise, who may have left
            # With a response, an adapter's error map raised on it: the vendor is done all the same.
            ended = Ended(response=response, error=error, sent=self.progress.sent)
        finally:
            self._end(ended)

    def over(self) -> None:
        """The task is done. One that is cancelled before its first step never entered `run`, so never its `finally`."""
        self._end(_UNSENT)

    async def here(self) -> Ended:
        """
        Run in the caller's task.

        Cancelling cuts the exchange.
        """
        self.trip.exchanging, self.trip.waiting_for = True, "the answer"
        try:
            await self.run()
        except asyncio.CancelledError:
            task = asyncio.current_task()
            if task is None or task.cancelling():
                self.trip.sent = self.progress.sent
                raise
            # Nobody cancelled: aiohttp does so to requests of a connector that somebody else has closed.
        finally:
            self.trip.exchanging = False
        return self.caller.result()

    async def outcome(self, task: asyncio.Task[None]) -> Ended:
        """
        Wait for the end of the task that runs it.

        Cancelling returns at once; the exchange goes on in the background where that is worth it, else it is cut.
        """
        self.trip.exchanging, self.trip.waiting_for = True, "the answer"
        try:
            return await self.caller
        except asyncio.CancelledError:
            self.trip.sent = self.progress.sent
            if not self.caller.cancelled():
                self._report_late(self.caller.result())  # it had just ended
            elif not (self.progress.sent and self.costly):
                task.cancel()
            raise
        finally:
            self.trip.exchanging = False

    def _end(self, ended: Ended) -> None:
        if self._ended:
            return
        self._ended = True
        self.lease.release(ended.ending)
        self.place.leave()
        waited_for = not self.caller.done()
        if waited_for:
            self.caller.set_result(ended)  # before any hook, which may raise what `Reporter` must not catch
        if self.trip.guard is not None and ended.sent:
            self.trip.guard.count(error=ended.failed)
        self._report(ended)
        if not waited_for:
            self._report_late(ended)

    def _report(self, ended: Ended) -> None:
        reporter = self.ours.reporter
        if not reporter.listening:
            return
        trip, call = self.trip, self.trip.call
        reporter.emit(
            RequestFinished(
                vendor=call.authority.vendor,
                account=call.authority.label,
                operation=call.operation,
                method=call.request.method,
                path=safe_path(call.request.path),
                request_id=trip.request_id,
                attempt=trip.attempt,
                status=ended.status,
                outcome=ended.word,
                queued=self.lease.waited,
                seconds=self.ours.clock.now() - self.started,
                size=len(ended.response.body) if ended.response else 0,
                base_url=safe_url(call.authority.base_url),
            )
        )

    def _report_late(self, ended: Ended) -> None:
        trip, call = self.trip, self.trip.call
        repeatable = trip.repeatable or not ended.sent
        if repeatable and not ended.complete:
            return  # cut, as its caller wished, and nothing came of it
        unknown = not repeatable and ended.response is None
        self.ours.reporter.emit(
            LateOutcome(
                vendor=call.authority.vendor,
                account=call.authority.label,
                operation=call.operation,
                request_id=trip.request_id,
                status=ended.status,
                outcome="OutcomeUnknown" if unknown else ended.word,
                repeatable=repeatable,
            )
        )


@attrs.frozen(eq=False)
class Exchanges:
    """
    Makes the exchanges of a gate.

    Args:
        transport: What moves them.
        judge: Says what an answer means.
        reporter: Log lines and events.
        clock: Time.
        loop: Where they run.
    """

    transport: Transport
    judge: Judge
    reporter: Reporter
    clock: Clock
    loop: asyncio.AbstractEventLoop

    def prepare(self, trip: Trip, held: Held[Any] | None, lease: Lease, place: Place, started: float) -> Exchange:
        """
        Make ready what is to be sent with a granted lease and a place in the transport's room.

        An adapter that cannot build its request must not keep them: then they are given back before the error.
        """
        try:
            scope = trip.call.authority.scope(held)
            costly = scope.max_in_flight is not None or not trip.repeatable
            # One slot of a window is one request: the hops of a redirect would be up to four.
            outgoing = _outgoing(trip, held, redirects=trip.call.request.redirects and not scope.windows)
            # It ends with the lease at the latest: `settle` counts on that.
            since = min(place.came, self.loop.time() - lease.age)
            progress = Progress(lease.check, trip.call.on_sent, _JUST_USED if costly else None, since)
            caller: asyncio.Future[Ended] = self.loop.create_future()
            return Exchange(self, trip, held, lease, place, started, outgoing, progress, costly, caller)
        except BaseException:
            lease.release(Ending.UNSENT)
            place.leave()
            raise


def _outgoing(trip: Trip, held: Held[Any] | None, *, redirects: bool) -> Outgoing:
    call = trip.call
    authority, request = call.authority, call.request
    credentials = authority.params(held)
    return Outgoing(
        request.method,
        request.url(authority.base_url, {**call.params, **credentials} if credentials else call.params),
        authority.origin,
        _headers(request, authority.headers(held)),
        request.body,
        trip.request_id,
        redirects,
        request.if_too_large,
    )


def _headers(request: Request, credentials: Mapping[str, str]) -> dict[str, str]:
    headers = {"Accept": "application/json", **request.headers, **credentials}
    if request.body is not None:
        headers["Content-Type"] = request.content_type
    return headers
