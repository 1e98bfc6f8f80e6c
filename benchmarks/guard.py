"""
The guard: is our own path as cheap, beside the loop by hand, as when the baseline was written?

    nox -s guard                             # or: python -m benchmarks.guard
    python -m benchmarks.guard --write       # after a change that is meant: the new baseline

It compares a ratio with a stored ratio, never a time with a time: both loops run in one process, in short slices
that take turns, so that whatever else the machine does meets both. A pair whose neighbourhood was disturbed
is one of many, and the median passes it over.

It fails where a median is more than a fifth above its baseline: a loss of a quarter does not pass because the median
wavers by a few percent. Where nothing is stored for this Python, aiohttp and msgspec, nothing can be judged, and it ends
with 2: whoever changes those versions writes the baseline anew.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import importlib.metadata
import json
import os
import statistics
import sys
import tempfile
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Final

import aiohttp
import msgspec

from sagicc_async import SessionManager
from sagicc_async.export import export

from . import cores
from .compare import Ratio, Slice, compare
from .records import by_hand, bytes_by_hand, count_records, decoder, lines_by_hand
from .server import serving
from .wide import TOKEN, WideOneAtATime, WideStruct

#: How much dearer a ratio may become: less than the quarter that must never pass, by what a median wavers.
LOSS: Final = 1.20
BASELINE: Final = Path(__file__).with_name("baseline.json")
#: Records a slice, by page size: 20 milliseconds or so, in which the fixed part of an export hardly counts.
_SLICES: Final = {50: 3_000, 100: 4_000, 1000: 8_000}
_ROUNDS: Final = 61
#: Runs whose median becomes a baseline: from run to run a ratio wanders by more than the interval within one run says,
#: and a baseline from an unlucky one would let a loss pass.
_RUNS: Final = 3
#: Files are written in memory where the system has such a folder: what a disk does to the kernel varies by a fifth.
_MEMORY: Final = "/dev/shm" if os.path.isdir("/dev/shm") else None  # noqa: PTH112


def environment() -> str:
    """What a baseline is valid for."""
    versions = (f"{name} {importlib.metadata.version(name)}" for name in ("aiohttp", "msgspec"))
    return ", ".join([f"Python {sys.version_info.major}.{sys.version_info.minor}", *versions])


def lost(now: Ratio, before: float) -> bool:
    """Whether too much was lost."""
    return now.median > LOSS * before


async def measure(rounds: int) -> AsyncIterator[tuple[str, Ratio]]:
    """The ratios that are guarded: typed records, and raw export against the loop that writes the same lines."""
    for size, records in _SLICES.items():
        async with _variants(size, records) as works:
            for work, variants in works.items():
                yield f"{work}, {size} a page", (await compare(variants, rounds)).cpu["ours"]


@contextlib.asynccontextmanager
async def _variants(size: int, records: int) -> AsyncIterator[Mapping[str, Mapping[str, Slice]]]:
    pages = records // size
    with serving("wide", size, pages) as base_url, tempfile.TemporaryDirectory(dir=_MEMORY) as name:
        async with aiohttp.ClientSession() as session, SessionManager(coordinator="memory:") as sessions:
            stream = sessions.open(WideOneAtATime, TOKEN, base_url=base_url).wide.list(size=size)
            url, folder = f"{base_url}/Wide", Path(name)
            decode, split = decoder(WideStruct), decoder(msgspec.Raw)
            yield {
                "typed": {
                    "by hand": lambda: count_records(by_hand(session, url, size, decode), records),
                    "ours": lambda: count_records(aiter(stream), records),
                },
                "raw export": {
                    "by hand": lambda: lines_by_hand(
                        bytes_by_hand(session, url, size, pages), folder / "theirs.jsonl", split
                    ),
                    "ours": lambda: export(stream, folder / "ours.jsonl", check=False),
                },
            }


def stored() -> Mapping[str, Mapping[str, float]]:
    """All baselines, by what they are valid for."""
    known: Mapping[str, Mapping[str, float]] = json.loads(BASELINE.read_text()) if BASELINE.exists() else {}
    return known


def judge(now: Mapping[str, Ratio], before: Mapping[str, float]) -> list[str]:
    """A line for each ratio that is lost, or that nobody stored."""
    lines = []
    for name, ratio in now.items():
        if name not in before:
            lines.append(f"{name}: no baseline; write one with --write")
        elif lost(ratio, before[name]):
            lines.append(f"{name}: {ratio}, more than {LOSS:.2f} x the baseline of {before[name]:.2f}")
    return lines


async def _measured(rounds: int) -> dict[str, Ratio]:
    return {name: ratio async for name, ratio in measure(rounds)}


def main() -> int:
    """Measure, and compare with the baseline, or write it."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.guard", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=_ROUNDS, help=f"pairs of slices a row (default: {_ROUNDS})")
    parser.add_argument("--write", action="store_true", help="make this run the baseline of this environment")
    arguments = parser.parse_args()
    cores.pin()
    here, known = environment(), stored()
    if here not in known and not arguments.write:
        print(
            f"nothing can be judged: no baseline for {here}, only for {'; '.join(known) or 'nothing'}; --write makes one"
        )
        return 2
    runs = [asyncio.run(_measured(arguments.rounds)) for _ in range(_RUNS if arguments.write else 1)]
    now = runs[-1]
    if arguments.write:
        known = {**known, here: {name: round(statistics.median(run[name].median for run in runs), 2) for name in now}}
        BASELINE.write_text(json.dumps(known, indent=1, sort_keys=True) + "\n")
    for name, ratio in now.items():
        print(f"{name}: {ratio}, baseline {known[here].get(name, 'none')}")
    losses = judge(now, known[here])
    for line in losses:
        print(f"lost: {line}")
    return 1 if losses else 0


if __name__ == "__main__":
    sys.exit(main())
