"""The parts of the run: what each does on each store, what it shows, and what of what is promised does not hold."""

from __future__ import annotations

import argparse
import functools
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Final, TypeAlias, TypeVar

import attrs

from . import handover, table, uncontended
from .places import KINDS, Place, place
from .storm import Report, Storm, rage
from .window import Rush, flow

R = TypeVar("R")


@attrs.frozen
class Shown:
    """
    What came of a part.

    Args:
        rows: Of its table.
        broken: What is promised and does not hold.
    """

    rows: list[dict[str, object]]
    broken: list[str]


#: A part, given the arguments of the command line and the kinds of stores.
Part: TypeAlias = "Callable[[argparse.Namespace, Sequence[str]], Awaitable[Shown]]"


async def storm(arguments: argparse.Namespace, kinds: Sequence[str]) -> Shown:
    """All that happens to processes and networks; all must hold."""
    names = ("seconds", "every", "least", "processes", "tasks", "tokens", "seed")
    sizes = {name: getattr(arguments, name) for name in names}
    return await _storms(arguments, kinds, [Storm(name="storm", **sizes)])


async def assumptions(arguments: argparse.Namespace, kinds: Sequence[str]) -> Shown:
    """What happens where an assumption does not hold."""
    small: dict[str, Any] = {"processes": 4, "tasks": 3, "tokens": 1, "cancelled": 0.0, "least": 0.0}
    small |= {"seconds": arguments.seconds / 2, "seed": arguments.seed}
    long = Storm(
        name="work longer than settle",
        settle=0.3,
        total=1.0,
        faults=[("latency", {"seconds": 3.0, "probability": 0.2})],
        strikes=("kill",),
        excused=KINDS,
        **small,
    )
    stopped = Storm(
        name="stopped before the write",
        settle=0.5,
        total=0.5,
        work=0.2,
        faults=[],
        every=0.0,
        stops=0.1,
        stopped_for=1.5,
        excused=("redis", "postgres"),  # in a folder the others see that it lives, and wait
        **small,
    )
    return await _storms(arguments, kinds, [long, stopped])


async def window(arguments: argparse.Namespace, kinds: Sequence[str]) -> Shown:
    """Processes at full speed on one window."""
    rush = Rush(windows=round(arguments.seconds / Rush().per))
    flows = await _each(arguments, kinds, lambda there: flow(rush, there))
    return _shown("window", table.rows(table.WINDOW, flows), flows)


async def hand_over(arguments: argparse.Namespace, kinds: Sequence[str]) -> Shown:
    """From a release in one process to the grant in another."""
    measured = await _each(arguments, kinds, handover.measure)
    return _shown("hand-over", table.rows(table.HAND_OVER, measured), measured)


async def alone(arguments: argparse.Namespace, kinds: Sequence[str]) -> Shown:
    """What a stream pays with nobody beside it, in terms of memory."""
    costs = await uncontended.measure(kinds)
    return _shown("uncontended", table.rows(table.UNCONTENDED, costs), costs)


#: By their names on the command line.
PARTS: Final[dict[str, Part]] = {
    "storm": storm,
    "assumptions": assumptions,
    "window": window,
    "handover": hand_over,
    "uncontended": alone,
}


async def _storms(arguments: argparse.Namespace, kinds: Sequence[str], storms: Sequence[Storm]) -> Shown:
    reports: list[Report] = []
    for one in storms:
        reports += await _each(arguments, kinds, functools.partial(rage, one))
    broken = [f"{report.storm.name}, {report.place.kind}: {what}" for report in reports for what in report.broken]
    return Shown(table.rows(table.STORM, reports), broken)


async def _each(
    arguments: argparse.Namespace, kinds: Sequence[str], measure: Callable[[Place], Awaitable[R]]
) -> list[R]:
    """Measure it on each store, which nobody has used before."""
    results = []
    for kind in kinds:
        async with place(kind, arguments.at) as there:
            results.append(await measure(there))
    return results


def _shown(part: str, rows: list[dict[str, object]], results: Sequence[Any]) -> Shown:
    return Shown(rows, [f"{part}, {result.place.kind}: {what}" for result in results for what in result.broken])
