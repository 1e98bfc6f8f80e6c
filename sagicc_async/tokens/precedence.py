"""Who goes first among those who wait: interactive before normal before bulk, in order of arrival, and nobody starves."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, Protocol, TypeVar

RANKS: Final = 3
BULK: Final = RANKS - 1


class Waiting(Protocol):
    """Whoever waits: a request in its process's queue, or a process in the queue of all."""

    @property
    def rank(self) -> int:
        """0 for interactive, 1 for normal, 2 for bulk."""

    @property
    def number(self) -> int:
        """Order of arrival."""

    overtaken_at: float | None


W = TypeVar("W", bound=Waiting)


def risen(waiting: Waiting, ageing: float, now: float) -> int:
    """The rank that it has by now: it rises by one each `ageing` seconds after it was first overtaken."""
    since = waiting.overtaken_at
    if since is None:
        return waiting.rank
    return waiting.rank - sum(since + step * ageing <= now for step in range(1, waiting.rank + 1))


def bulk_until(waiting: Waiting, ageing: float, now: float) -> float:
    """Until when it is bulk, and paced; the past if it is not."""
    if risen(waiting, ageing, now) < BULK:
        return now
    return float("inf") if waiting.overtaken_at is None else waiting.overtaken_at + ageing


def first(heads: Iterable[W], ageing: float, now: float) -> W | None:
    """Whose turn it is."""
    return min(heads, key=lambda head: (risen(head, ageing, now), head.number), default=None)


def mark_overtaken(heads: Iterable[Waiting], started: Waiting, now: float) -> None:
    """
    Note who was overtaken by a start.

    Ageing counts from the first time that a later arrival started first, not from arrival: waiting for a slow answer or
    a lost one is nobody's overtaking, and must not let bulk work slip in before an interactive call.
    """
    for head in heads:
        if head.rank > started.rank and head.number < started.number and head.overtaken_at is None:
            head.overtaken_at = now
