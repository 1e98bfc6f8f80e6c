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
from collections.abc import Awaitable, Callable, Mapping

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
    All variants against the first.

    Args:
        cpu: Ratios of processor time of this process.
        wall: Ratios of elapsed time.
        seconds: Median processor seconds of one slice of each.
    """

    cpu: Mapping[str, Ratio]
    wall: Mapping[str, Ratio]
    seconds: Mapping[str, float]


async def compare(variants: Mapping[str, Slice], rounds: int) -> Comparison:
    """
    Run every variant once a round, and compare each with the first one of the same round.

    Args:
        variants: Name -> a slice of work, some tens of milliseconds.
        rounds: How many rounds are counted; two more warm up.
    """
    names = list(variants)
    cpu: dict[str, list[float]] = {name: [] for name in names}
    wall: dict[str, list[float]] = {name: [] for name in names}
    for number in range(-2, rounds):
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
    return Comparison(
        cpu={name: _ratio(cpu[name], cpu[names[0]]) for name in names},
        wall={name: _ratio(wall[name], wall[names[0]]) for name in names},
        seconds={name: statistics.median(cpu[name]) for name in names},
    )


def _ratio(mine: list[float], reference: list[float]) -> Ratio:
    ratios = sorted(a / b for a, b in zip(mine, reference, strict=True))
    # The order statistics that enclose the median with 95 % confidence (normal approximation of the binomial).
    reach = 1.96 * math.sqrt(len(ratios)) / 2
    low = max(0, math.floor(len(ratios) / 2 - reach))
    high = min(len(ratios) - 1, math.ceil(len(ratios) / 2 + reach) - 1)
    return Ratio(statistics.median(ratios), ratios[low], ratios[high], len(ratios))
