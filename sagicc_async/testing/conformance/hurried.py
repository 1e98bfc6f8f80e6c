"""A clock for checks in which somebody waits: for a back-off, for a full window, for a lost answer's `settle`."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from ...clock import Timer


class HurriedClock:
    """
    A clock whose time stands still until somebody waits for it, and then passes at once.

    A minute of a vendor's window costs a turn of the loop. It is not for deadlines, which would be over as they begin.
    """

    def __init__(self) -> None:
        self._now = 1_000.0

    def now(self) -> float:
        """Seconds on this clock."""
        return self._now

    def wall(self) -> float:
        """Seconds since the epoch on this clock."""
        return 1_767_225_600.0 + self._now

    def pass_by(self, seconds: float) -> None:
        """Let time pass for which nobody waited."""
        self._now += seconds

    def call_later(self, delay: float, callback: Callable[[], object]) -> Timer:
        """Call `callback` at the loop's next turn, when so much time has passed."""
        when = self._now + max(0.0, delay)

        def fire() -> None:
            self._now = max(self._now, when)
            callback()

        return asyncio.get_running_loop().call_later(0, fire)

    async def sleep(self, delay: float) -> None:
        """Let the time pass."""
        self._now += max(0.0, delay)
        await asyncio.sleep(0)
