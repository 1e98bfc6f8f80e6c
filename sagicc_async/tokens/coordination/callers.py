"""The requests of one process that wait for one token, in the order in which they get it."""

from __future__ import annotations

import asyncio
import copy
import itertools
from collections import deque

import attrs

from ..precedence import RANKS, mark_overtaken, risen
from . import Lease, Scope
from .state import Ask


@attrs.define(eq=False, kw_only=True)
class Caller:
    """
    A request that waits.

    Args:
        scope: The terms on which it may start: its own, whatever the others of its queue came with.
        rank: 0 interactive, 1 normal, 2 bulk.
        number: Order of arrival.
        hold: Seconds that it may use the token.
        since: When it came.
        lease: What it waits for.
        overtaken_at: When a later arrival first started before it.
    """

    scope: Scope
    rank: int
    number: int
    hold: float
    since: float
    lease: asyncio.Future[Lease]
    overtaken_at: float | None = None

    def turn(self, now: float) -> tuple[int, int]:
        """What orders those who wait: the least is first."""
        return risen(self, self.scope.ageing, now), self.number

    def ask(self, lease: str, owner: str, lane: str, now: float) -> Ask:
        """What is asked for it, with the rank that it has by now: whoever it goes before here waits for it there."""
        return Ask(
            lease=lease,
            owner=owner,
            lane=lane,
            rank=risen(self, self.scope.ageing, now),
            hold=self.hold,
            settle=self.scope.settle,
            max_in_flight=self.scope.max_in_flight,
            windows=self.scope.windows,
            ageing=self.scope.ageing,
        )

    def bears(self, ask: Ask) -> bool:
        """Whether it may start with what was granted to an ask, which may have been another one's."""
        scope = self.scope
        same = (scope.max_in_flight, scope.settle, scope.windows) == (ask.max_in_flight, ask.settle, ask.windows)
        return same and self.hold <= ask.hold


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

    def next(self, now: float) -> Caller | None:
        """Whose turn it is, among those who still wait: who was cancelled may not have got so far as to leave."""
        for queue in self._queues:
            while queue and queue[0].lease.done():
                queue.popleft()
        return min(self._heads(), key=lambda head: head.turn(now), default=None)

    def turn(self, now: float) -> tuple[int, int]:
        """What orders the lines, of which none is empty: the turn of whoever is first."""
        return min(head.turn(now) for head in self._heads())

    def serve(self, caller: Caller, now: float) -> None:
        """Take whose turn it is out of the line. Only the heads of the ranks age, so that a long queue gets a turn at times."""
        mark_overtaken(self._heads(), caller, now)
        self._queues[caller.rank].popleft()

    def in_order(self, now: float) -> list[Caller]:
        """The next ones, as they will be served if nobody else comes: no more than can start together."""
        most = max((head.scope.most for head in self._heads()), default=0)
        waiting = [caller for queue in self._queues for caller in itertools.islice(queue, most)]
        placed = enumerate(sorted(waiting, key=lambda caller: caller.turn(now))[:most])
        return [caller for _, caller in itertools.takewhile(lambda item: item[0] < item[1].scope.most, placed)]

    def refuse(self, error: Exception) -> None:
        """Tell everybody why they wait in vain."""
        for queue in self._queues:
            for caller in queue:
                if not caller.lease.done():
                    caller.lease.set_exception(copy.copy(error))
            queue.clear()

    def _heads(self) -> list[Caller]:
        return [queue[0] for queue in self._queues if queue]
