"""Time as the SDK sees it: injected everywhere, so that tests move it by hand."""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Callable
from typing import Protocol


class Timer(Protocol):
    """A call that is planned and can be taken back."""

    def cancel(self) -> None:
        """Take the call back; harmless when it has already happened."""


class Clock(Protocol):
    """Where every wait, every lease and every deadline takes its time from."""

    def now(self) -> float:
        """Seconds on a clock that never steps and goes on while the machine is suspended."""

    def wall(self) -> float:
        """Seconds since the epoch, for what is compared with a vendor's or another host's time."""

    def call_later(self, delay: float, callback: Callable[[], object]) -> Timer:
        """Call `callback` in `delay` seconds on the running loop."""

    async def sleep(self, delay: float) -> None:
        """Wait `delay` seconds. Cancelling the wait leaves nothing behind."""


class SystemClock:
    """The machine's clock: it counts suspension, so a lease ends on time although the laptop slept."""

    def now(self) -> float:
        """Seconds since boot, suspension included."""
        return time.clock_gettime(_SUSPENSION_COUNTING)

    def wall(self) -> float:
        """Seconds since the epoch."""
        return time.time()

    def call_later(self, delay: float, callback: Callable[[], object]) -> Timer:
        """Call `callback` in `delay` seconds on the running loop."""
        return asyncio.get_running_loop().call_later(max(0.0, delay), callback)

    async def sleep(self, delay: float) -> None:
        """Wait `delay` seconds."""
        await asyncio.sleep(delay)


# CLOCK_MONOTONIC goes on during sleep on macOS, and stops on Linux, where CLOCK_BOOTTIME is the one that counts it.
_SUSPENSION_COUNTING = time.CLOCK_BOOTTIME if sys.platform == "linux" else time.CLOCK_MONOTONIC
