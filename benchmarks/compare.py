"""
Ratios that can be trusted on a shared machine.

Two variants never run in two processes: they alternate in short slices of one process, in an order that rotates, and
what is quoted is the median of the ratios of neighbouring slices, with an interval for that median.
"""

from __future__ import annotations

import gc
import math
import statistics
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence

import attrs

Slice = Callable[[], Awaitable[object]]


@attrs.frozen
class Ratio:
    """
    The cost of one variant in terms of another's.

    Args:
        median: The median of the paired ratios.
        low: Lower end of the 95 % interval of that median.
        high: Upper end.
        rounds: How many pairs.
    """

    median: float
    low: float
    high: float
    rounds: int

    def __str__(self) -> str:
        return f"{self.median:.2f} [{self.low:.2f}-{self.high:.2f}]"


@attrs.frozen
class Comparison:
    """
    What every variant cost in every round.

    Args:
        spent: Processor seconds of this process, a round each, by variant; the first variant is the reference.
        took: Elapsed seconds, likewise.
    """

    spent: Mapping[str, Sequence[float]]
    took: Mapping[str, Sequence[float]]

    def cpu_of(self, variant: str, against: str) -> Ratio:
        """Processor time of one variant in terms of another's."""
        return ratio_of(self.spent[variant], self.spent[against])

    def wall_of(self, variant: str, against: str) -> Ratio:
        """Elapsed time of one variant in terms of another's."""
        return ratio_of(self.took[variant], self.took[against])

    @property
    def cpu(self) -> Mapping[str, Ratio]:
        """Processor time of each in terms of the reference's."""
        return {name: self.cpu_of(name, next(iter(self.spent))) for name in self.spent}

    @property
    def wall(self) -> Mapping[str, Ratio]:
        """Elapsed time of each in terms of the reference's."""
        return {name: self.wall_of(name, next(iter(self.took))) for name in self.took}

    @property
    def seconds(self) -> Mapping[str, float]:
        """Median processor seconds of one slice of each."""
        return {name: statistics.median(spent) for name, spent in self.spent.items()}


async def compare(variants: Mapping[str, Slice], rounds: int, *, warm_up: int = 2) -> Comparison:
    """
    Run every variant once a round, and compare each with the first one of the same round.

    Args:
        variants: Name -> a slice of work, some tens of milliseconds.
        rounds: How many rounds are counted.
        warm_up: How many come before, and are not.
    """
    names = list(variants)
    cpu: dict[str, list[float]] = {name: [] for name in names}
    wall: dict[str, list[float]] = {name: [] for name in names}
    for number in range(-warm_up, rounds):
        if number == 0:
            gc.collect()
            gc.freeze()
        turn = number % len(names)
        order = names[turn:] + names[:turn]
        for name in reversed(order) if number % 2 else order:
            gc.collect()
            started, began = time.process_time(), time.perf_counter()
            await variants[name]()
            spent, took = time.process_time() - started, time.perf_counter() - began
            if number >= 0:
                cpu[name].append(spent)
                wall[name].append(took)
    gc.unfreeze()
    return Comparison(cpu, wall)


def ratio_of(mine: Sequence[float], reference: Sequence[float]) -> Ratio:
    """
    The median of paired ratios, with its interval.

    Args:
        mine: What one variant cost, a round each.
        reference: What the other cost in the same rounds.
    """
    ratios = sorted(a / b for a, b in zip(mine, reference, strict=True))
    # The order statistics that enclose the median with 95 % confidence (normal approximation of the binomial).
    reach = 1.96 * math.sqrt(len(ratios)) / 2
    low = max(0, math.floor(len(ratios) / 2 - reach))
    high = min(len(ratios) - 1, math.ceil(len(ratios) / 2 + reach) - 1)
    return Ratio(statistics.median(ratios), ratios[low], ratios[high], len(ratios))
