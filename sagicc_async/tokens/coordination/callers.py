"""The requests of one process that wait for one token, in the order in which they get it."""

from __future__ import annotations

import asyncio
import copy
import itertools
from collections import deque

import attrs

from ..precedence import RANKS, first, mark_overtaken, risen
from . import Lease


@attrs.define(eq=False, kw_only=True)
class Caller:
    """
    A request that waits.

    Args:
        rank: 0 interactive, 1 normal, 2 bulk.
        number: Order of arrival.
        hold: Seconds that it may use the token.
        since: When it came.
        lease: What it waits for.
        overtaken_at: When a later arrival first started before it.
    """

    rank: int
    number: int
    hold: float
    since: float
    lease: asyncio.Future[Lease]
    overtaken_at: float | None = None


class Line:
    """Those who wait for one token, by rank."""

    def __init__(self) -> None:
        self._queues: tuple[deque[Caller], ...] = tuple(deque[Caller]() for _ in range(RANKS))

    def __len__(self) -> int:
        return sum(map(len, self._queues))

    def join(self, caller: Caller) -> None:
        """Come last of its rank."""
        self._queues[caller.rank].append(caller)

    def leave(self, caller: Caller) -> bool:
        """Wait no more; false if it had been served already."""
        queue = self._queues[caller.rank]
        if caller not in queue:
            return False
        queue.remove(caller)
        return True

    def next(self, ageing: float, now: float) -> Caller | None:
        """Whose turn it is, among those who still wait: who was cancelled may not have got so far as to leave."""
        for queue in self._queues:
            while queue and queue[0].lease.done():
                queue.popleft()
        return first(self._heads(), ageing, now)

    def serve(self, caller: Caller, now: float) -> None:
        """Take whose turn it is out of the line. Only the heads of the ranks age, so that a long queue gets a turn at times."""
        mark_overtaken(self._heads(), caller, now)
        self._queues[caller.rank].popleft()

    def in_order(self, most: int, ageing: float, now: float) -> list[Caller]:
        """The next ones, at most so many, as they will be served if nobody else comes."""
        waiting = [caller for queue in self._queues for caller in itertools.islice(queue, most)]
        return sorted(waiting, key=lambda caller: (risen(caller, ageing, now), caller.number))[:most]

    def refuse(self, error: Exception) -> None:
        """Tell everybody why they wait in vain."""
        for queue in self._queues:
            for caller in queue:
                if not caller.lease.done():
                    caller.lease.set_exception(copy.copy(error))
            queue.clear()

    def _heads(self) -> list[Caller]:
        return [queue[0] for queue in self._queues if queue]
