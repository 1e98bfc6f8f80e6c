"""A clock that stands still until a test moves it."""

from __future__ import annotations

import asyncio
import contextvars
import heapq
import itertools
from collections.abc import Callable

from ..clock import Timer

# What a test's tasks do in one instant takes a few hundred turns of the loop; a spinning task takes all that there are.
_MOST_TURNS = 100_000
_TURNS_UNSEEN = 200
# Sums of floats miss their mark by less than this; the loop's own clock has a resolution too.
_RESOLUTION = 1e-9


class ManualClock:
    """
    A `Clock` whose time is moved by hand, so that a test of an hour takes a millisecond.

    Timers fire in the order of their time, and between two instants all tasks
    get to run until each waits for something: for time, for another task, or for
    a socket or thread, which this clock does not wait for.

        clock = ManualClock()
        task = asyncio.create_task(poll(clock))
        await clock.advance(300)

    Args:
        now: Seconds that `now()` starts with.
        wall: Seconds since the epoch that `wall()` starts with.
    """

    def __init__(self, *, now: float = 1_000.0, wall: float = 1_767_225_600.0) -> None:
        self._now = now
        self._wall_ahead = wall - now
        self._timers: list[_Timer] = []
        self._order = itertools.count()

    def __repr__(self) -> str:
        return f"<ManualClock now={self._now} timers={len(self.timers)}>"

    def now(self) -> float:
        """Seconds on this clock."""
        return self._now

    def wall(self) -> float:
        """Seconds since the epoch on this clock; they move with `now()`."""
        return self._now + self._wall_ahead

    @property
    def timers(self) -> list[float]:
        """The times, on `now()`'s scale, of all that waits for this clock; the next one first."""
        return sorted(timer.when for timer in self._timers if not timer.cancelled)

    def call_later(self, delay: float, callback: Callable[[], object]) -> Timer:
        """
        Call `callback` when this clock has been moved by `delay` seconds.

        Without a delay it is called at the loop's next turn, as on any clock.
        An exception of the callback comes out of the `advance` that fired it.
        """
        timer = _Timer(self._now + max(0.0, delay), next(self._order), callback)
        if delay <= 0:
            asyncio.get_running_loop().call_soon(timer.fire)
        else:
            heapq.heappush(self._timers, timer)
        return timer

    async def sleep(self, delay: float) -> None:
        """Wait until this clock has been moved by `delay` seconds. Cancelling the wait leaves no timer behind."""
        if delay <= 0:
            await asyncio.sleep(0)
            return
        passed = asyncio.Event()
        timer = self.call_later(delay, passed.set)
        try:
            await passed.wait()
        finally:
            timer.cancel()

    async def advance(self, seconds: float) -> None:
        """
        Move time forward, firing what falls due on the way, in order.

        Args:
            seconds: How far; 0 lets the tasks run and fires what is due now.

        Raises:
            ValueError: `seconds` is negative.
            RuntimeError: The tasks never come to rest (one of them spins).
        """
        if seconds < 0:
            raise ValueError("Time does not go back: advance by 0 seconds or more.")
        target = self._now + seconds
        await self.settle()
        while (due := self.timers[:1]) and due[0] <= target + _RESOLUTION:
            self._fire_next_instant()
            await self.settle()
        self._now = max(self._now, target)

    async def advance_to_next_timer(self) -> float:
        """
        Move time to the next timer and fire it, with all others of the same instant.

        Returns:
            The seconds that have passed.

        Raises:
            RuntimeError: Nothing waits for this clock.
        """
        await self.settle()
        before = self._now
        self._drop_cancelled()
        if not self._timers:
            raise RuntimeError("Nothing waits for this clock: start what should wait before you advance.")
        await self.advance(self._timers[0].when - before)
        return self._now - before

    def set(self, *, now: float | None = None, wall: float | None = None) -> None:
        """
        Put the hands somewhere else without firing anything, as when a machine was suspended or its date was corrected.

        What has become due fires at the next `advance`.

        Args:
            now: The new `now()`, not before the present one; `wall()` moves with it.
            wall: The new `wall()`, in any direction.

        Raises:
            ValueError: `now` lies in the past.
        """
        if now is not None:
            if now < self._now:
                raise ValueError("Time does not go back: `now` must not lie before the present `now()`.")
            self._now = now
        if wall is not None:
            self._wall_ahead = wall - self._now

    async def settle(self) -> None:
        """
        Let all tasks run until each of them waits, without moving time.

        Raises:
            RuntimeError: They never come to rest (one of them spins).
        """
        # asyncio has no public question "is anything left to run?". Its own loops keep what is in `_ready`;
        # for a loop that hides it, a fixed number of turns must do.
        ready = getattr(asyncio.get_running_loop(), "_ready", None)
        for turn in range(_MOST_TURNS):
            await asyncio.sleep(0)
            if not ready and (ready is not None or turn >= _TURNS_UNSEEN):
                return
        raise RuntimeError(f"The tasks did not come to rest in {_MOST_TURNS} turns of the loop: does one spin?")

    def _fire_next_instant(self) -> None:
        """Fire all timers of the earliest instant before any task runs, as the loop does with its own."""
        self._drop_cancelled()
        if not self._timers:
            return
        when = self._timers[0].when
        self._now = max(self._now, when)
        while self._timers and self._timers[0].when <= when + _RESOLUTION:
            heapq.heappop(self._timers).fire()

    def _drop_cancelled(self) -> None:
        while self._timers and self._timers[0].cancelled:
            heapq.heappop(self._timers)


class _Timer:
    """A planned call; ordered by time, then by the order of planning."""

    __slots__ = ("_callback", "_context", "_order", "cancelled", "when")

    def __init__(self, when: float, order: int, callback: Callable[[], object]) -> None:
        self.when = when
        self.cancelled = False
        self._order = order
        self._callback = callback
        self._context = contextvars.copy_context()

    def __lt__(self, other: _Timer) -> bool:
        return (self.when, self._order) < (other.when, other._order)

    def cancel(self) -> None:
        self.cancelled = True

    def fire(self) -> None:
        if not self.cancelled:
            self.cancelled = True
            self._context.run(self._callback)
