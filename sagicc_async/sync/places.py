"""`Places`: so many may work at once, and who waits is served in the order in which they came."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable


class Places:
    """
    A semaphore whose limit may change while it is in use, and that tells whether somebody waits.

    Args:
        limit: How many places there are, asked at each turn; at least 1 counts.
    """

    def __init__(self, limit: Callable[[], int]) -> None:
        self._limit = limit
        self._taken = 0
        self._line: deque[asyncio.Future[None]] = deque()

    @property
    def wanted(self) -> bool:
        """Whether somebody waits for a place."""
        return any(not waiter.done() for waiter in self._line)

    async def take(self) -> None:
        """
        Wait for a place, behind those who wait already.

        When cancelled, a place that was given in the same moment goes to the next one.
        """
        if not self._line and self._taken < max(1, self._limit()):
            self._taken += 1
            return
        waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._line.append(waiter)
        self._serve()
        try:
            await waiter
        except asyncio.CancelledError:
            if waiter.done() and not waiter.cancelled():
                self.leave()
            raise

    def leave(self) -> None:
        """Give the place to whoever waits for it longest."""
        self._taken -= 1
        self._serve()

    def _serve(self) -> None:
        while self._line and (self._line[0].done() or self._taken < max(1, self._limit())):
            waiter = self._line.popleft()
            if not waiter.done():  # else its task was cancelled
                self._taken += 1
                waiter.set_result(None)
