"""One exchange in a task of its own, which gives the lease back whatever happens to its caller."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Any, Final

import attrs

from .clock import Clock
from .error_share.guard import Guard
from .observe.events import LateOutcome, RequestFinished
from .observe.reporter import Reporter
from .outcome import Ended, Trip
from .tokens.admission import Ending
from .tokens.coordination import Lease
from .tokens.slot import Held
from .wire.request import Request, Response, safe_path
from .wire.transport import Outgoing, Progress, Transport

#: Seconds for which a kept-alive connection counts as just used, for requests that are costly to lose.
_JUST_USED: Final = 2.0
_UNSENT: Final = Ended(sent=False)


@attrs.define(eq=False)
class Exchange:
    """
    A request between grant and answer.

    The caller waits for a future that the exchange resolves. If the caller leaves, the exchange goes on where cutting
    it would keep an exclusive token taken for `settle` seconds, or leave a write in doubt.

    Args:
        trip: Whose it is.
        lease: The permission to send; given back at the end, however it ends.
        outgoing: What to send.
        progress: How far it has come.
        costly: Whether it is finished although nobody waits any more.
        judge: Says what an answer means, before anybody else may start.
        guard: Counts the company's errors, where the vendor does.
        reporter: Log lines and events.
        clock: Time.
        caller: Resolved at the end.
    """

    trip: Trip
    lease: Lease
    outgoing: Outgoing
    progress: Progress
    costly: bool
    judge: Callable[[Response], Ended]
    guard: Guard | None
    reporter: Reporter
    clock: Clock
    caller: asyncio.Future[Ended]
    _started: float = attrs.field(init=False)
    _over: bool = attrs.field(default=False, init=False)

    def __attrs_post_init__(self) -> None:
        self._started = self.clock.now()

    async def run(self, transport: Transport) -> None:
        """Send, read, judge, and give the lease back in the same step, so that the next one starts without delay."""
        ended, response = _UNSENT, None
        try:
            response = await transport.exchange(self.outgoing, self.progress)
            ended = self.judge(response)
        except asyncio.CancelledError:
            ended = Ended(sent=self.progress.sent)
            raise
        except BaseException as error:  # noqa: BLE001 - it is the caller's to raise, who may have left
            # With a response, an adapter's error map raised on it: the vendor is done all the same.
            ended = Ended(response=response, error=error, sent=self.progress.sent)
        finally:
            self._end(ended)

    def watch(self, task: asyncio.Task[None]) -> None:
        """A task that is cancelled before its first step never enters its body, so never its `finally` either."""
        task.add_done_callback(lambda _: self._end(_UNSENT))

    async def outcome(self, task: asyncio.Task[None]) -> Ended:
        """
        Wait for the end.

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
        if self._over:
            return
        self._over = True
        self.lease.release(ended.ending)
        waited_for = not self.caller.done()
        if waited_for:
            self.caller.set_result(ended)  # before any hook, which may raise what `Reporter` must not catch
        if self.guard is not None and ended.sent:
            self.guard.count(error=ended.failed)
        self._report(ended)
        if not waited_for and (ended.complete or not self.trip.repeatable):
            self._report_late(ended)

    def _report(self, ended: Ended) -> None:
        if not self.reporter.listening:
            return
        trip, call = self.trip, self.trip.call
        self.reporter.emit(
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
                seconds=self.clock.now() - self._started,
                size=len(ended.response.body) if ended.response else 0,
            )
        )

    def _report_late(self, ended: Ended) -> None:
        trip, call = self.trip, self.trip.call
        unknown = not trip.repeatable and ended.sent and ended.response is None
        self.reporter.emit(
            LateOutcome(
                vendor=call.authority.vendor,
                account=call.authority.label,
                operation=call.operation,
                request_id=trip.request_id,
                status=ended.status,
                outcome="OutcomeUnknown" if unknown else ended.word,
                repeatable=trip.repeatable,
            )
        )


def prepare(
    trip: Trip,
    held: Held[Any] | None,
    lease: Lease,
    *,
    judge: Callable[[Response], Ended],
    reporter: Reporter,
    clock: Clock,
) -> Exchange:
    """
    Make ready what is to be sent with a granted lease.

    An adapter that cannot build its request must not keep the token: then the lease is given back before the error.
    """
    try:
        authority = trip.call.authority
        scope = authority.scope(held)
        costly = scope.max_in_flight is not None or not trip.repeatable
        return Exchange(
            trip=trip,
            lease=lease,
            # One slot of a window is one request: the hops of a redirect would be up to four.
            outgoing=_outgoing(trip, held, redirects=trip.call.request.redirects and not scope.windows),
            progress=Progress(check=lease.check, on_sent=trip.call.on_sent, reuse=_JUST_USED if costly else None),
            costly=costly,
            judge=judge,
            guard=authority.guard(held),
            reporter=reporter,
            clock=clock,
            caller=asyncio.get_running_loop().create_future(),
        )
    except BaseException:
        lease.release(Ending.UNSENT)
        raise


def _outgoing(trip: Trip, held: Held[Any] | None, *, redirects: bool) -> Outgoing:
    authority, request = trip.call.authority, trip.call.request
    credentials = authority.params(held)
    if credentials:
        request = attrs.evolve(request, params={**request.params, **credentials})
    return Outgoing(
        method=request.method,
        url=request.url(authority.base_url),
        origin=authority.origin,
        headers=_headers(request, authority.headers(held)),
        body=request.body,
        priority=trip.call.priority,
        request_id=trip.request_id,
        redirects=redirects,
        if_too_large=request.if_too_large,
    )


def _headers(request: Request, credentials: Mapping[str, str]) -> dict[str, str]:
    headers = {"Accept": "application/json", **request.headers, **credentials}
    if request.body is not None:
        headers["Content-Type"] = request.content_type
    return headers
