"""Room among the connections: how many exchanges are under way at once, and who waits before one begins."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import attrs

from ..interrupt import Interrupted, Interruptible
from .failure import ExchangeError
from .limits import Watch, Watchman
from .request import Priority


@attrs.frozen(eq=False)
class Place:
    """
    Room for one exchange.

    Args:
        came: When it was asked for, on the loop's clock: the time of the attempt runs since then.
        counted: Those it is one of; `None` for an interactive exchange, which there is always room for.
    """

    came: float
    counted: asyncio.Semaphore | None

    def leave(self) -> None:
        """The exchange is over; to be called once."""
        if self.counted is not None:
            self.counted.release()


class Room:
    """
    Room for so many exchanges at once; interactive calls never wait behind a fan-out of bulk work for a socket.

    It is waited for before an exchange is made: of ten thousand accounts in one process nearly all wait here, and what
    they have not made yet takes no memory, and no time of the collector's.

    Args:
        places: How many exchanges that are not interactive may be under way.
        total: Seconds that an attempt may take, this waiting included.
        watchman: Looks after those who wait.
        now: The loop's clock.
    """

    def __init__(self, places: int, *, total: float, watchman: Watchman, now: Callable[[], float]) -> None:
        self._places = asyncio.Semaphore(places)
        self._total = total
        self._watchman = watchman
        self._now = now

    async def enter(self, priority: Priority) -> Place:
        """
        Wait for a place, in the order of coming; whoever got one leaves it at the end.

        Raises:
            ExchangeError: The time of the attempt was over first.

        Cancelling it takes no place.
        """
        came = self._now()
        if priority is Priority.INTERACTIVE:
            return Place(came, None)
        if not self._places.locked():
            await self._places.acquire()
            return Place(came, self._places)
        block = Interruptible()
        watch = Watch(block, came)
        self._watchman.add(watch)
        try:
            with block:
                await self._places.acquire()
                return Place(came, self._places)
        except Interrupted:
            pass
        finally:
            self._watchman.drop(watch)
        raise ExchangeError(
            f"no connection was free within {self._total:g} s",
            hint="raise max_connections, or let fewer accounts work at once",
        )
