"""Coordination inside one process: all managers of the process, on whatever loop or thread, share it."""

from __future__ import annotations

import asyncio
import functools
import math
import threading
from collections import deque
from collections.abc import Callable

import attrs

from ...clock import Clock, SystemClock, Timer
from ...errors import LeaseLost
from ..admission import Admission, Ending, Ticket
from . import Lease, Scope, ScopeStatus


@attrs.define(eq=False)
class _Queue:
    """One scope: the decision, who waits for it on which loop, and the timers that ask again."""

    admission: Admission
    scope: Scope  # as the latest user declares it
    waiters: dict[Ticket, asyncio.Future[None]] = attrs.field(factory=dict)
    timers: dict[asyncio.AbstractEventLoop, Timer] = attrs.field(factory=dict)


class MemoryCoordinator:
    """
    A coordinator for one process.

    Args:
        clock: Time; the machine's own if not given.
    """

    def __init__(self, clock: Clock | None = None) -> None:
        self._clock = clock or SystemClock()
        # Held for microseconds and never across an await: managers on other loops and threads share the queues.
        self._lock = threading.Lock()
        self._returned: deque[tuple[_Queue, Ticket, Ending]] = deque()  # leases that are still to be taken back
        self._queues: dict[str, _Queue] = {}

    @property
    def trouble(self) -> str | None:
        """Nothing can be wrong with it."""
        return None

    def describe(self) -> str:
        """Who is agreed with."""
        return "this process alone"

    async def open(self) -> None:
        """It is always ready."""

    async def close(self) -> None:
        """There is nothing to let go of."""

    async def admit(self, scope: Scope, *, lane: str, rank: int, hold: float) -> Lease:
        """Wait for the turn of one request; see `Coordinator.admit`."""
        with self._lock:
            queue = self._queue(scope)
            now = self._clock.now()
            limit, settle = scope.max_in_flight, scope.settle
            ticket = queue.admission.grant_at_once(
                lane=lane, max_in_flight=limit, rank=rank, hold=hold, settle=settle, now=now
            )
            future = None
            if ticket is None:
                ticket = queue.admission.enqueue(
                    lane=lane, max_in_flight=limit, rank=rank, hold=hold, settle=settle, now=now
                )
                future = queue.waiters[ticket] = asyncio.get_running_loop().create_future()
                self._pump(queue)
        if self._returned:
            self._take_back()
        if future is None or ticket.granted_at is not None:
            return _MemoryLease(self, queue, ticket)
        try:
            await future
        # Nothing else comes out of a future that is waited for. A coroutine that is collected with its closed loop gets
        # `GeneratorExit`, at any moment, also while this thread holds the lock: its turn passes on in `_pump`.
        except asyncio.CancelledError:
            with self._lock:
                self._leave(queue, ticket)
            self._take_back()
            raise
        return _MemoryLease(self, queue, ticket)

    def pause(self, scope: Scope, seconds: float) -> None:
        """Start nothing in the scope for `seconds`."""
        with self._lock:
            queue = self._queue(scope)
            queue.admission.pause(self._clock.now() + seconds)
            self._pump(queue)
        self._take_back()

    def status(self, scope: Scope) -> ScopeStatus:
        """The queue as it is now."""
        with self._lock:
            now = self._clock.now()
            admission = self._queue(scope).admission
            status = ScopeStatus(
                waiting=admission.waiting(),
                in_flight=admission.in_flight(now),
                paused_for=admission.paused_for(now),
                windows=admission.used(now),
            )
        self._take_back()
        return status

    def release(self, queue: _Queue, ticket: Ticket, ending: Ending) -> None:
        """
        Take a lease back and wake whoever is next.

        The garbage collector calls it of an exchange that was abandoned with its loop: wherever memory is asked for, so
        also in here while this thread holds the lock. Whoever holds the lock looks for what was returned meanwhile.
        """
        self._returned.append((queue, ticket, ending))
        self._take_back()

    def _take_back(self) -> None:
        """Take back what was returned, unless somebody holds the lock, who does so afterwards."""
        while self._returned and self._lock.acquire(blocking=False):
            try:
                while self._returned:
                    queue, ticket, ending = self._returned.popleft()
                    queue.admission.release(ticket, ending, self._clock.now())
                    if queue.waiters or queue.timers:
                        self._pump(queue)
            finally:
                self._lock.release()

    def _queue(self, scope: Scope) -> _Queue:
        queue = self._queues.get(scope.key)
        if queue is None:
            queue = self._queues[scope.key] = _Queue(Admission(windows=scope.windows, ageing=scope.ageing), scope)
        elif queue.scope is not scope:
            queue.admission.tighten(scope.windows)
            queue.scope = scope
        return queue

    def _leave(self, queue: _Queue, ticket: Ticket) -> None:
        """A waiter was cancelled, perhaps in the moment of its grant."""
        if queue.waiters.pop(ticket, None) is not None:
            queue.admission.withdraw(ticket)
        else:
            queue.admission.release(ticket, Ending.UNSENT, self._clock.now())
        self._pump(queue)

    def _pump(self, queue: _Queue) -> None:
        """Wake everybody whose turn has come, and plan to ask again when time alone can change the answer."""
        while granted := queue.admission.grant(self._clock.now()):
            for ticket in granted:
                future = queue.waiters.pop(ticket, None)
                if future is not None and not _call(future.get_loop(), _resolve, future):
                    # That loop was closed with a waiter on it: its turn goes to the next.
                    queue.admission.release(ticket, Ending.UNSENT, self._clock.now())
        self._plan(queue)

    def _plan(self, queue: _Queue) -> None:
        """Arm one timer on each loop that has a waiter, so that no loop depends on another one living on."""
        if not queue.waiters and not queue.timers:
            return
        now = self._clock.now()
        delay = queue.admission.wakes_at(now) - now if queue.waiters else math.inf
        here = _running_loop()
        for loop in {future.get_loop() for future in queue.waiters.values()} | set(queue.timers):
            if loop is here:
                self._arm(queue, loop, delay)
            elif not _call(loop, self._arm_there, queue, loop):
                queue.timers.pop(loop, None)

    def _arm(self, queue: _Queue, loop: asyncio.AbstractEventLoop, delay: float) -> None:
        timer = queue.timers.pop(loop, None)
        if timer is not None:
            timer.cancel()
        if delay < math.inf and any(future.get_loop() is loop for future in queue.waiters.values()):
            queue.timers[loop] = self._clock.call_later(delay, functools.partial(self._ring, queue, loop))

    def _arm_there(self, queue: _Queue, loop: asyncio.AbstractEventLoop) -> None:
        with self._lock:
            now = self._clock.now()
            self._arm(queue, loop, queue.admission.wakes_at(now) - now)
        self._take_back()

    def _ring(self, queue: _Queue, loop: asyncio.AbstractEventLoop) -> None:
        with self._lock:
            queue.timers.pop(loop, None)
            self._pump(queue)
        self._take_back()


class _MemoryLease:
    """A granted ticket."""

    __slots__ = ("_coordinator", "_granted_at", "_queue", "_ticket")

    def __init__(self, coordinator: MemoryCoordinator, queue: _Queue, ticket: Ticket) -> None:
        assert ticket.granted_at is not None
        self._coordinator = coordinator
        self._queue = queue
        self._ticket = ticket
        self._granted_at = ticket.granted_at  # of the ticket it is gone once the lease is given back

    @property
    def waited(self) -> float:
        """Seconds that were waited for it."""
        return self._granted_at - self._ticket.enqueued_at

    @property
    def age(self) -> float:
        """Seconds of its time that have passed."""
        return self._coordinator._clock.now() - self._granted_at

    def check(self) -> None:
        """Raise `LeaseLost` if the time is over."""
        late = self.age - self._ticket.hold
        if late > 0:
            raise LeaseLost(f"the lease on the token ended {late:.1f} s before the request could be written")

    def release(self, ending: Ending) -> None:
        """Give the token back."""
        self._coordinator.release(self._queue, self._ticket, ending)


def _resolve(future: asyncio.Future[None]) -> None:
    if not future.done():
        future.set_result(None)


def _call(loop: asyncio.AbstractEventLoop, callback: Callable[..., object], *args: object) -> bool:
    """Call it on that loop, at once if it is this thread's own; false if the loop is closed."""
    if loop is _running_loop():
        callback(*args)
        return True
    try:
        loop.call_soon_threadsafe(callback, *args)
    except RuntimeError:
        return False
    return True


def _running_loop() -> asyncio.AbstractEventLoop | None:
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None


_shared = MemoryCoordinator()


def process_coordinator() -> MemoryCoordinator:
    """The coordinator that every manager of this process shares unless it is given another one."""
    return _shared
