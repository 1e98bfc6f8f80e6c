"""
All benchmarks, one command.

    python -m benchmarks                    # the table; a few minutes
    python -m benchmarks --plot speed.svg   # and a picture of it (pip install 'sagicc-async[bench]')
"""

from __future__ import annotations

import argparse
import asyncio
import platform
from pathlib import Path

from . import interactive, sagicc_model, siigo_invoices, streaming
from .compare import Ratio
from .streaming import Row

_RECORDS = {
    "cost_centre": "4 fields, 90 B",
    "wide": "25 fields, 700 B",
    "case": "two levels of relations, 480 B",
    "invoice": "69 values in 21 objects, 1,900 B",
}


def table(rows: list[Row]) -> str:
    """The rows as a Markdown table."""
    lines = [
        "| work | record | a page | processor time, ours / by hand | microseconds a record, by hand -> ours |",
        "|---|---|--:|--:|--:|",
    ]
    lines += [_line(row, name) for row in rows for name in row.variants]
    return "\n".join(lines)


def _line(row: Row, name: str) -> str:
    work = row.work if name == "sagicc-async" else f"{row.work}, {name}"
    records = row.records_a_slice
    by_hand, mine = (1e6 * row.comparison.seconds[key] / records for key in ("by hand", name))
    return (
        f"| {work} | {_RECORDS[row.record]} | {row.page} | {row.comparison.cpu[name]} | {by_hand:.2f} -> {mine:.2f} |"
    )


def plot(rows: list[Row], target: Path) -> None:
    """Draw the ratios with their intervals, and the hand-written loop as the line at 1."""
    from matplotlib import pyplot  # noqa: PLC0415 - an extra

    bars: list[tuple[str, Ratio]] = []
    for row in reversed(rows):
        for name in row.variants:
            note = "" if name == "sagicc-async" else f", {name}"
            bars.append((f"{row.work}{note}\n{_RECORDS[row.record]}, {row.page} a page", row.comparison.cpu[name]))
    figure, axes = pyplot.subplots(figsize=(9, 0.45 * len(bars) + 1))
    values = [ratio.median for _, ratio in bars]
    reach = [[ratio.median - ratio.low for _, ratio in bars], [ratio.high - ratio.median for _, ratio in bars]]
    axes.barh([label for label, _ in bars], values, xerr=reach, color="#4878a8", ecolor="#222222", height=0.6)
    axes.axvline(1, color="#b03030", linewidth=1.5)
    axes.set_xlabel(
        "processor time in terms of a hand-written loop (1 = the same); bars end at the median, with its interval"
    )
    axes.tick_params(axis="y", labelsize=7)
    figure.tight_layout()
    figure.savefig(target)


async def main() -> None:
    """Measure, print, draw."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=31, help="paired rounds of each row (default: 31)")
    parser.add_argument("--plot", type=Path, help="draw the ratios into this file (.svg, .png)")
    arguments = parser.parse_args()
    streaming.pin()
    print(f"CPython {platform.python_version()}, {platform.system()} {platform.machine()}, {arguments.rounds} rounds")
    rows = []
    for part in (module.rows(arguments.rounds) for module in (streaming, sagicc_model, siigo_invoices)):
        async for row in part:
            rows.append(row)
            print(f"  {row.work}, {row.record}, {row.page} a page: {row.comparison.cpu['sagicc-async']}", flush=True)
    print(f"\n{table(rows)}\n")
    if arguments.plot:
        plot(rows, arguments.plot)
    waiting = await interactive.measure()
    print(
        f"Beside a running export, {waiting.calls} interactive calls on the same token: p95 of the wait "
        f"{waiting.wait_p95:.1f} ms = {waiting.ratio:.2f} x the p95 of one bulk request; "
        f"{waiting.overtaken} bulk requests slipped in, {waiting.overlaps} overlaps."
    )


if __name__ == "__main__":
    asyncio.run(main())
