"""How results are shown: aligned columns, one row a run."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final, TypeVar

from .handover import HandOver
from .storm import Report
from .uncontended import Cost
from .window import Flow

R = TypeVar("R")

STORM: Final[Mapping[str, Callable[[Report], object]]] = {
    "row": lambda report: report.storm.name,
    "store": lambda report: report.place.kind,
    "requests": lambda report: report.counted.requests,
    "done": lambda report: report.done,
    "writes": lambda report: len(report.account.writes),
    "kills": lambda report: report.struck["kill"],
    "stops": lambda report: report.struck["stop"],
    "cuts": lambda report: report.struck["cut"],
    "cancels": lambda report: report.cancels,
    "overlaps": lambda report: report.counted.overlaps,
    "at once": lambda report: report.counted.at_once,
    "twice": lambda report: report.twice,
    "unanswered": lambda report: len(report.unanswered),
    "of them done": lambda report: len(report.unanswered & report.counted.marks.keys()),
    "a second": lambda report: f"{report.counted.requests / report.seconds:.1f}",
    "of the best": lambda report: f"{report.done / report.seconds / report.storm.best:.0%}",
    "holds": lambda report: "NO" if report.broken else "shown" if report.excused else "yes",
}

WINDOW: Final[Mapping[str, Callable[[Flow], object]]] = {
    "store": lambda flow: flow.place.kind,
    "window": lambda flow: f"{flow.rush.limit} in {flow.rush.per} s",
    "processes": lambda flow: flow.rush.processes,
    "requests": lambda flow: flow.requests,
    "most in a window": lambda flow: flow.most,
    "used": lambda flow: f"{flow.use:.1%}",
    "holds": lambda flow: "NO" if flow.broken else "yes",
}

HAND_OVER: Final[Mapping[str, Callable[[HandOver], object]]] = {
    "store": lambda measured: measured.place.kind,
    "hand-overs": lambda measured: len(measured.idle),
    "round trip, ms": lambda measured: f"{1e3 * measured.round_trip:.1f}" if measured.round_trip else "-",
    "median, ms": lambda measured: f"{1e3 * measured.p50:.2f}",
    "p95, ms": lambda measured: f"{1e3 * measured.p95:.2f}",
    "p95, round trips": lambda measured: f"{measured.p95 / measured.round_trip:.1f}" if measured.round_trip else "-",
    "holds": lambda measured: "NO" if measured.broken else "yes",
}

UNCONTENDED: Final[Mapping[str, Callable[[Cost], object]]] = {
    "store": lambda cost: cost.place.kind,
    "requests": lambda cost: cost.requests,
    "of the time over memory": lambda cost: f"{cost.ratio.median:.3f} [{cost.ratio.low:.3f}-{cost.ratio.high:.3f}]",
    "at most": lambda cost: f"{cost.most:.2f}",
    "holds": lambda cost: "NO" if cost.broken else "yes",
}


def rows(columns: Mapping[str, Callable[[R], object]], results: Sequence[R]) -> list[dict[str, object]]:
    """What is shown of each result, by the names of the columns."""
    return [{name: read(result) for name, read in columns.items()} for result in results]


def render(found: Sequence[Mapping[str, object]]) -> str:
    """Rows as text."""
    lines = [list(found[0]), *([str(value) for value in row.values()] for row in found)]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    return "\n".join("  ".join(cell.rjust(width) for cell, width in zip(line, widths, strict=True)) for line in lines)
