"""
The guard: is our own path as cheap, beside the loop by hand, as when the baseline was written?

    nox -s guard                             # or: python -m benchmarks.guard
    python -m benchmarks.guard --write       # after a change that is meant: the new baseline

It compares a ratio with a stored ratio, never a time with a time, and measures it in two ways:

* **Instructions** (`instructions.py`) repeat within a few thousandths, so a loss of a twentieth fails. Without valgrind
  there are none, and the guard says so.
* **Slices** of processor time: both loops run in one process and take turns, so that whatever else the machine does
  meets both. They see system calls and page faults too, which counts do not, and waver by a few percent, at 1,000 a page
  by more: a loss of a fifth fails.

Where nothing is stored for this build of Python, aiohttp and msgspec, nothing can be judged, and it ends with 2: whoever
changes those writes the baseline anew.
"""

from __future__ import annotations

import argparse
import asyncio
import importlib.metadata
import json
import multiprocessing
import platform
import statistics
import sys
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Final, TypeAlias

import attrs

from . import cores, instructions
from .compare import Ratio, compare
from .server import serving

#: Ratios by kind and row: those of one environment.
Ratios: TypeAlias = Mapping[str, Mapping[str, float]]

BASELINE: Final = Path(__file__).with_name("baseline.json")
#: Records a slice, by page size: 20 milliseconds or so, in which the fixed part of an export hardly counts.
_SLICES: Final[Mapping[int, int]] = {50: 3_000, 100: 4_000, 1000: 8_000}
_ROUNDS: Final = 61


@attrs.frozen(kw_only=True)
class Kind:
    """
    A way to measure what is guarded.

    Args:
        measure: The ratio ours / by hand of each row.
        loss: How much dearer a ratio may become.
        runs: How many runs' median becomes a baseline: a baseline from an unlucky one would let a loss pass.
    """

    measure: Callable[[], Mapping[str, Ratio]]
    loss: float
    runs: int


def _counts() -> Mapping[str, Ratio]:
    return {name: counted.ratio for name, counted in instructions.count().items()}


def _slices() -> Mapping[str, Ratio]:
    # A process of its own for each run: what one leaves behind in the memory changes pages of 1,000 in the next, and a
    # baseline is to be measured as it will be compared.
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as process:
        return process.submit(_in_turns).result()


def _in_turns() -> Mapping[str, Ratio]:
    cores.pin()
    return asyncio.run(_compared())


async def _compared() -> Mapping[str, Ratio]:
    ratios: dict[str, Ratio] = {}
    for size, records in _SLICES.items():
        pages = records // size
        with serving("wide", size, pages) as base_url:
            async with instructions.pieces(base_url, size, pages) as works:
                for work, variants in works.items():
                    compared = await compare(variants, _ROUNDS)
                    ratios[f"{work}, {size} a page"] = compared.cpu[instructions.OURS]
    return ratios


KINDS: Final[Mapping[str, Kind]] = {
    "instructions": Kind(measure=_counts, loss=1.05, runs=1),
    # Less than the quarter that must never pass, by what a median wavers.
    "slices": Kind(measure=_slices, loss=1.20, runs=3),
}


def environment() -> str:
    """
    What a baseline is valid for.

    Which build of the interpreter it is belongs to it: other options of a compiler have moved a ratio of counts by 3 %.
    """
    build = f"{platform.python_version()} of {platform.python_build()[1]}, {platform.machine()}"
    versions = (f"{name} {importlib.metadata.version(name)}" for name in ("aiohttp", "msgspec"))
    return ", ".join([f"Python {build}", *versions])


def kinds(*, valgrind: bool) -> Mapping[str, Kind]:
    """What can be measured here."""
    return {name: kind for name, kind in KINDS.items() if valgrind or name != "instructions"}


def judge(now: Mapping[str, Ratio], before: Mapping[str, float], loss: float) -> list[str]:
    """
    A line for each ratio that is lost, or that nobody stored.

    Args:
        now: What was measured, by row.
        before: The baseline.
        loss: How much dearer a ratio may have become.
    """
    lines = []
    for name, ratio in now.items():
        if name not in before:
            lines.append(f"{name}: no baseline; write one with --write")
        elif ratio.median > loss * before[name]:
            lines.append(f"{name}: {_beside(ratio, before[name])}, more than {loss:.2f}")
    return lines


def _beside(ratio: Ratio, before: float | None) -> str:
    return "no baseline" if before is None else f"{ratio.median / before:.3f} x the baseline of {before:.3f}"


def stored() -> Mapping[str, Ratios]:
    """All baselines, by what they are valid for."""
    known: Mapping[str, Ratios] = json.loads(BASELINE.read_text()) if BASELINE.exists() else {}
    return known


def write(here: str, chosen: Mapping[str, Kind]) -> None:
    """
    Measure, and make it the baseline of this environment. What is not measured now is forgotten: it was of other code.

    Args:
        here: The environment.
        chosen: What to measure.
    """
    baseline: dict[str, Mapping[str, float]] = {}
    for name, kind in chosen.items():
        runs = [kind.measure() for _ in range(kind.runs)]
        baseline[name] = {row: round(statistics.median(run[row].median for run in runs), 3) for row in runs[0]}
        for row, ratio in baseline[name].items():
            print(f"{name}, {row}: {ratio:.3f} is the baseline")
    BASELINE.write_text(json.dumps({**stored(), here: baseline}, indent=1, sort_keys=True) + "\n")


def check(before: Ratios, chosen: Mapping[str, Kind]) -> list[str]:
    """
    Measure, and judge.

    Args:
        before: The baseline of this environment.
        chosen: What to measure.

    Returns:
        What is lost, a line each.
    """
    losses: list[str] = []
    for name, kind in chosen.items():
        now, known = kind.measure(), before.get(name, {})
        for row, ratio in now.items():
            print(f"{name}, {row}: {ratio}, {_beside(ratio, known.get(row))}")
        losses += [f"{name}, {line}" for line in judge(now, known, kind.loss)]
    return losses


def main(argv: Sequence[str] | None = None) -> int:
    """Measure, and compare with the baseline, or write it."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.guard", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--write", action="store_true", help="make this run the baseline of this environment")
    arguments = parser.parse_args(argv)
    here, known = environment(), stored()
    if here not in known and not arguments.write:
        print(
            f"nothing can be judged: no baseline for {here}, only for {'; '.join(known) or 'nothing'}; --write makes one"
        )
        return 2
    valgrind = instructions.installed()
    if not valgrind:
        print("valgrind is not installed: slices alone are measured, and a loss of less than a fifth passes")
    chosen = kinds(valgrind=valgrind)
    if arguments.write:
        write(here, chosen)
        return 0
    losses = check(known[here], chosen)
    for line in losses:
        print(f"lost: {line}")
    return 1 if losses else 0


if __name__ == "__main__":
    sys.exit(main())
