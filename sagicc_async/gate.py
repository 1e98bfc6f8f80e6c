"""
The way of one request: the only place where `wire/` and `tokens/` meet.

    deadline -> per attempt: token -> admission (lease and window, by priority) -> a free connection -> authorise
             -> send -> read all -> classify -> teach the window -> release -> count

The token is made ready *before* admission, so nobody holds a lease while a login is under way, and looked at again
after it, so nobody sends one that was renewed or refused meanwhile. An exchange whose loss would keep the token taken, or
leave a write in doubt, runs in a task of its own: a caller who is cancelled leaves at once, and it is finished in the
background. Any other runs in its caller's task, and is cut with it.
"""

from __future__ import annotations

import asyncio
import copy
import itertools
import os
import random
from collections.abc import Awaitable, Callable, Coroutine
from collections.abc import Set as AbstractSet
from typing import Any, Final, TypeVar

import attrs

from .clock import Clock
from .errors import ConfigError, RequestError, SagiccAsyncError, SessionClosed
from .exchange import Exchanges
from .interrupt import Interrupted, Interruptible
from .observe.caller import context_for_caller
from .observe.events import RetryPlanned, ScopePaused
from .observe.reporter import Reporter
from .outcome import (
    Call,
    Ended,
    Trip,
    failure,
    interrupted,
    may_repeat,
    refuses_the_request,
    should_renew,
    too_many_errors,
)
from .secrets import scrub
from .tokens.admission import Ending
from .tokens.coordination import Coordinator, Lease
from .tokens.slot import Held, TokenSlot
from .wire.classify import Action, Verdict
from .wire.failure import ExchangeError
from .wire.request import Response
from .wire.retry import RetryPolicy
from .wire.transport import Transport

R = TypeVar("R")

#: What a call waits for that nothing else keeps from being sent, in errors.
_TURN: Final = "its turn on the token"


class Gate:
    """
    Sends requests for all accounts of a manager.

    Args:
        transport: Moves the bytes.
        coordinator: Agrees on who may send.
        retry: When to try again.
        reporter: Log lines and events.
        clock: Time.
        hold: Seconds that one attempt may take: how long a lease is asked for.
        loop: The one event loop on which this gate can be used.
        random: Numbers from 0 to 1, for jitter.
    """

    def __init__(
        self,
        *,
        transport: Transport,
        coordinator: Coordinator,
        retry: RetryPolicy,
        reporter: Reporter,
        clock: Clock,
        hold: float,
        loop: asyncio.AbstractEventLoop,
        random: Callable[[], float] = random.random,
    ) -> None:
        self._transport = transport
        self._coordinator = coordinator
        self._retry = retry
        self._reporter = reporter
        self._clock = clock
        self._hold = hold
        self._loop = loop
        self._random = random
        self._exchanges = Exchanges(transport, self._judge, reporter, clock, loop)
        self._closed = False
        self._trips: set[Trip] = set()
        self._tasks: set[asyncio.Task[Any]] = set()
        self._lasting: set[asyncio.Task[Any]] = set()  # those of lasting calls, until what came of them is kept
        self._here: set[asyncio.Future[Ended]] = set()
        self._prefix = os.urandom(3).hex()
        self._numbers = itertools.count(1)

    @property
    def clock(self) -> Clock:
        """Time, as every part of the gate sees it."""
        return self._clock

    @property
    def coordinator(self) -> Coordinator:
        """Who is agreed with."""
        return self._coordinator

    def send(self, call: Call) -> Awaitable[Response]:
        """
        Take one request through the gate.

        Returns:
            The vendor's complete and accepted answer.

        Raises:
            RequestError: See `errors`; of a request that must not be repeated, once a byte of it may be out and no
                clear answer came, only `OutcomeUnknown`.
            SessionClosed: The manager is closed, or closed while this call was waiting.

        Cancelling returns at once. A request that is already out is finished in the background where that matters.
        """
        return self._travel(call, self._attempts)

    def token(self, call: Call) -> Awaitable[Held[Any]]:
        """
        The token that a call would go out with, issued if there was none yet, whether it is still good or not.

        It waits as the call itself would: within its deadline, with its errors. Nothing else is sent.

        Raises:
            RequestError: See `errors`.
            SessionClosed: As for `send`.
        """
        return self._travel(call, self._latest)

    async def _travel(self, call: Call, way: Callable[[Trip], Awaitable[R]]) -> R:
        self._check_open()
        seconds = call.seconds
        block = Interruptible()
        ends = None if seconds is None else self._clock.now() + seconds
        trip = Trip(call, f"{self._prefix}-{next(self._numbers):x}", block, ends)
        alarm = None if seconds is None else self._clock.call_later(max(0.0, seconds), block.interrupt)
        self._trips.add(trip)
        if call.lasting and (task := asyncio.current_task()) is not None:
            self._lasting.add(task)
            task.add_done_callback(self._lasting.discard)
        try:
            with block:
                return await way(trip)
        except Interrupted:
            pass
        finally:
            self._trips.discard(trip)
            if alarm is not None:
                alarm.cancel()
        if trip.waiting_for == _TURN and self._coordinator.trouble is not None:
            trip.waiting_for += f", which cannot be agreed on: {self._coordinator.trouble}"
        # Not in the `except`: the error would carry the exchange's frames as its context.
        raise interrupted(trip, closed=self._closed, sent=trip.sent)

    def spawn(self, work: Coroutine[Any, Any, Any], over: Callable[[], object] = lambda: None) -> asyncio.Task[Any]:
        """
        Start a task that `close` cancels and awaits, in an empty context: nobody's deadline or priority leaks in.

        What it tells hooks and the log is told in the context of the caller who started it.

        Args:
            work: What it does.
            over: Called when it is done, also where it was cancelled before its first step.
        """

        def done(task: asyncio.Task[Any]) -> None:
            self._tasks.discard(task)
            over()

        task = self._loop.create_task(work, context=context_for_caller())
        self._tasks.add(task)
        task.add_done_callback(done)
        return task

    async def close(self, grace: float) -> None:
        """
        Refuse new calls, wake those that wait, let exchanges finish for `grace` seconds, then cut them.

        A lasting call that is out is let finish whatever the grace is, for as long as one attempt may take: a vendor that
        rotates pairs has made the old one worthless by then, and nobody would have the new one.

        Cancelling it cuts at once.
        """
        self._closed = True  # before the first await, so that nothing slips in
        for trip in tuple(self._trips):
            if not trip.exchanging:
                trip.block.interrupt()
        try:
            if (running := self._running()) and grace > 0:
                await asyncio.wait(running, timeout=grace)
            if lasting := tuple(self._lasting):
                self._cut(besides=self._lasting)
                await asyncio.wait(lasting, timeout=self._hold)
        finally:
            self._cut()
            while running := self._running():
                await asyncio.wait(running)

    def _cut(self, besides: AbstractSet[asyncio.Task[Any]] = frozenset()) -> None:
        """Cut what is out, and what was spawned: with tasks `besides`, all but these and their lasting calls."""
        for trip in tuple(self._trips):
            if not (besides and trip.call.lasting):
                trip.block.interrupt()
        for task in self._tasks - besides:
            task.cancel()

    def _running(self) -> tuple[asyncio.Future[Any], ...]:
        """What is done when all exchanges are over, and whatever else was spawned."""
        return (*self._tasks, *self._here)

    def _check_open(self) -> None:
        if self._closed:
            raise SessionClosed("the session manager is closed; make a new one")
        if asyncio.get_running_loop() is not self._loop:
            raise ConfigError("this session manager belongs to another event loop; use one manager for each loop")

    async def _attempts(self, trip: Trip) -> Response:
        while True:
            held, lease = await self._admitted(trip)
            barred = self._barred(trip)
            if barred is not None:
                lease.release(Ending.UNSENT)
                raise barred
            trip.attempt += 1
            ended = await self._exchange(trip, held, lease)
            if ended.accepted:
                assert ended.response is not None
                return ended.response
            error = failure(trip, ended, held)
            trip.in_doubt = trip.in_doubt or ended.doubtful
            if should_renew(trip, ended):
                await self._renew(trip, held, error)
            else:
                wait = self._back_off(trip, ended)
                if wait is None:
                    raise error
                self._report_retry(trip, wait, error)
                trip.waiting_for = "the next attempt"
                await self._clock.sleep(wait)
            self._check_open()

    def _barred(self, trip: Trip) -> SagiccAsyncError | None:
        """Why nothing is sent although it could be: the caller is about to be woken anyway, or too much has failed."""
        if self._closed or (trip.ends is not None and self._clock.now() >= trip.ends):
            return interrupted(trip, closed=self._closed, sent=False)
        guard = trip.guard
        return too_many_errors(trip, guard) if guard is not None and guard.refuses else None

    async def _admitted(self, trip: Trip) -> tuple[Held[Any] | None, Lease]:
        """A usable token and the permission to use it now."""
        authority, rank = trip.call.authority, int(trip.call.priority)
        slot = authority.slot
        while True:
            trip.waiting_for = "a token"
            held = None if slot is None else (slot.current() or await self._issued(trip, slot))
            trip.guard = authority.guard(held)
            if trip.guard is not None:
                trip.waiting_for = "the count of earlier errors"
                await trip.guard.ready()
            scope = authority.scope(held)
            trip.waiting_for = _TURN
            lease = await self._coordinator.admit(scope, lane=authority.lane(held), rank=rank, hold=self._hold)
            now = None if slot is None else slot.current()
            if now is held or (now is not None and held is not None and now.lane == held.lane):
                return now, lease
            lease.release(Ending.UNSENT)  # the token was renewed or refused while we waited

    async def _latest(self, trip: Trip) -> Held[Any]:
        slot = trip.call.authority.slot
        assert slot is not None
        return slot.latest or await self._issued(trip, slot)

    async def _issued(self, trip: Trip, slot: TokenSlot[Any]) -> Held[Any]:
        try:
            return await slot.get()
        except SagiccAsyncError as error:
            raise self._addressed(trip, error) from None

    async def _exchange(self, trip: Trip, held: Held[Any] | None, lease: Lease) -> Ended:
        """Wait for a free connection, and only then make what is to be sent."""
        started = self._clock.now()
        trip.waiting_for = "a free connection"
        try:
            place = await self._transport.room.enter(trip.call.priority)
        except ExchangeError as error:
            lease.release(Ending.UNSENT)
            return Ended(error=error, sent=False)
        except BaseException:
            lease.release(Ending.UNSENT)
            raise
        exchange = self._exchanges.prepare(trip, held, lease, place, started)
        if exchange.costly:
            return await exchange.outcome(self.spawn(exchange.run(), exchange.over))
        # In the caller's own task, which saves two turns of the loop.
        self._here.add(exchange.caller)
        try:
            return await exchange.here()
        finally:
            self._here.discard(exchange.caller)

    def _judge(self, trip: Trip, held: Held[Any] | None, response: Response) -> Ended:
        """Classify an answer; pause the scope, or distrust the token or spare it, before anybody else can start."""
        authority = trip.call.authority
        verdict = authority.errors.classify(response, now=self._clock.wall())
        slot = authority.slot
        if verdict.action is Action.REAUTHENTICATE and slot is not None and held is not None:
            if slot.latest is held and refuses_the_request(trip, verdict, held):
                slot.spare(held)
                verdict = attrs.evolve(verdict, action=Action.FAIL, hint=verdict.hint or authority.hint)
            else:
                slot.distrust(held)
        if verdict.action in (Action.RATE_LIMITED, Action.TOKEN_BUSY):
            self._pause(trip, held, verdict)
        return Ended(response, verdict, sent=True)

    def _pause(self, trip: Trip, held: Held[Any] | None, verdict: Verdict) -> None:
        authority = trip.call.authority
        seconds = verdict.wait
        if seconds is None:
            seconds = self._retry.ceiling(trip.attempt)
        seconds = min(seconds, self._retry.patience)
        self._coordinator.pause(authority.scope(held), seconds)
        self._reporter.emit(
            ScopePaused(
                vendor=authority.vendor,
                account=authority.label,
                seconds=seconds,
                reason=scrub(verdict.message, authority.secrets(held)),
            )
        )

    async def _renew(self, trip: Trip, held: Held[Any] | None, refusal: BaseException) -> None:
        """The vendor refused the token, so it did nothing: get another one, and go on."""
        slot = trip.call.authority.slot
        assert slot is not None and held is not None  # noqa: PT018 - `should_renew` says so
        trip.refusals += 1
        trip.waiting_for = "a new token"
        try:
            await slot.refuse(held, reread=trip.refusals > 1)
        except SagiccAsyncError as error:
            addressed = self._addressed(trip, error)
            if isinstance(addressed, RequestError) and isinstance(refusal, RequestError) and addressed.status is None:
                addressed.status, addressed.code = refusal.status, addressed.code or refusal.code
                addressed.errors = addressed.errors or refusal.errors
            raise addressed from None

    def _back_off(self, trip: Trip, ended: Ended) -> float | None:
        """Seconds until the next attempt; `None` if there is none."""
        guard = trip.guard
        if self._closed or not may_repeat(trip, ended) or (guard is not None and guard.refuses):
            return None
        return self._retry.delay(
            trip.attempt,
            jitter=self._random(),
            retry_after=ended.verdict.wait if ended.verdict is not None else None,
            remaining=None if trip.ends is None else trip.ends - self._clock.now(),
        )

    def _addressed(self, trip: Trip, error: SagiccAsyncError) -> SagiccAsyncError:
        """A copy for this caller: the original is shared by everybody who waited for the same token."""
        mine = copy.copy(error)
        if isinstance(mine, RequestError):
            mine.vendor, mine.account = trip.call.authority.vendor, trip.call.authority.label
            mine.operation, mine.request_id = trip.call.operation, trip.request_id
            mine.attempts = trip.attempt
        return mine

    def _report_retry(self, trip: Trip, wait: float, error: BaseException) -> None:
        call = trip.call
        self._reporter.emit(
            RetryPlanned(
                vendor=call.authority.vendor,
                account=call.authority.label,
                operation=call.operation,
                request_id=trip.request_id,
                attempt=trip.attempt,
                wait=wait,
                reason=type(error).__name__,
            )
        )
