"""Requests and errors, day by day: pure arithmetic; days come in as arguments."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

import attrs

#: A share that swings around the mark by a request or two crosses it once: it must first fall by a tenth of the mark.
_SWING: Final = 0.9


@attrs.frozen
class OutcomeCount:
    """
    How many requests there were, and how many of them were answered with an error.

    Args:
        requests: All that were sent.
        errors: Those of them that failed.
    """

    requests: int = 0
    errors: int = 0

    def __add__(self, other: OutcomeCount) -> OutcomeCount:
        return OutcomeCount(self.requests + other.requests, self.errors + other.errors)

    def share(self, least: int) -> float | None:
        """The share of errors; `None` as long as there are fewer than `least` requests."""
        return self.errors / self.requests if self.requests >= max(1, least) else None


@attrs.define(eq=False)
class Tally:
    """
    The counts of one company, of which a store may hold a part.

    A count is in one of three places: with the store, on the way there, or here alone. Wherever it is, it is part of
    the total, once.

    Args:
        days: How many days, the present one included, make up the total.
    """

    days: int
    _kept: dict[int, OutcomeCount] = attrs.field(factory=dict, init=False)
    _taken: dict[int, OutcomeCount] = attrs.field(factory=dict, init=False)
    _fresh: dict[int, OutcomeCount] = attrs.field(factory=dict, init=False)

    @property
    def unstored(self) -> bool:
        """Whether there are counts that no store was given."""
        return bool(self._fresh)

    def since(self, day: int) -> int:
        """The first day that counts on `day`."""
        return day - self.days + 1

    def count(self, day: int, *, error: bool) -> None:
        """One request was sent; `error` says whether the vendor answered it with one."""
        if day not in self._fresh:
            self._fresh = {at: count for at, count in self._fresh.items() if at >= self.since(day)}
        self._fresh[day] = self._fresh.get(day, _NONE) + OutcomeCount(1, int(error))

    def total(self, day: int) -> OutcomeCount:
        """Everything that counts on `day`; a day that lies ahead, after a clock was set back, does not."""
        first = self.since(day)
        parts = (self._kept, self._taken, self._fresh)
        return _sum(count for part in parts for at, count in tuple(part.items()) if first <= at <= day)

    def take(self) -> Mapping[int, OutcomeCount]:
        """What is to be added to the store; `stored` or `put_back` must follow before the next time."""
        self._taken, self._fresh = self._fresh, {}
        return self._taken

    def stored(self, kept: Mapping[int, OutcomeCount]) -> None:
        """What was taken has arrived: the store now holds `kept`, of which it is a part."""
        self._kept, self._taken = dict(kept), {}

    def put_back(self) -> None:
        """What was taken has not arrived."""
        taken, self._taken = self._taken, {}
        for day, count in taken.items():
            self._fresh[day] = self._fresh.get(day, _NONE) + count


@attrs.define(eq=False)
class Alarm:
    """
    Rings when a share reaches a mark, once a crossing.

    Args:
        mark: The share.
    """

    mark: float
    _rung: bool = attrs.field(default=False, init=False)

    def rings(self, share: float | None) -> bool:
        """Whether the mark was reached just now."""
        if share is None:
            return False
        if share >= self.mark:
            first, self._rung = not self._rung, True
            return first
        self._rung = self._rung and share >= self.mark * _SWING
        return False


_NONE: Final = OutcomeCount()


def _sum(counts: Iterable[OutcomeCount]) -> OutcomeCount:
    return sum(counts, _NONE)
