"""
Question 6: memory of 250,000, 500,000 and a million records.

    python -m benchmarks.memory VARIANT RECORDS BASE_URL    # one of them, in a process of its own
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any, Final

import aiohttp
import msgspec

from sagicc_async import SessionManager
from sagicc_async.export import export

from . import footprint
from .compare import ratio_of
from .counting import serving
from .records import by_hand
from .report import Effort, Figure, Goal, Question
from .wide import TOKEN, Wide, WideStruct

SIZE: Final = 100
#: Pages that the server holds; longer lists are many laps of them.
_LAP: Final = 50

STREAM: Final = "typed stream"
EXPORT: Final = "export"
LOOP: Final = "aiohttp + msgspec.Struct"

_RECORDS: Final = (250_000, 500_000, 1_000_000)
_QUICK: Final = (25_000, 50_000, 100_000)
#: MiB by which the peak may grow from the first to the last of these.
_MOST: Final = 2.0

TEXT: Final = f"""
Each run is a process of its own that reads a list of 25-field records, {SIZE} a page, from a server beside it, and then
says the most memory that it ever had (the peak of its resident set, `VmHWM`; its interpreter and imports included).

* **{STREAM}**: `async for record in stream`, keeping nothing. **{EXPORT}**: the same list as JSON Lines into a file that
  survives a crash. **{LOOP}**: the loop by hand of the first question.
* The growth is what is promised: four times the records take no more than {_MOST:.0f} MiB more. Its ratio is growth / {_MOST:.0f} MiB, which can
  be a little below zero: two processes never take quite the same.
"""


async def _stream(base_url: str, records: int) -> None:
    async with SessionManager(coordinator="memory:") as sessions:
        await _count(aiter(sessions.open(Wide, TOKEN, base_url=base_url).wide.list(size=SIZE)), records)


async def _loop(base_url: str, records: int) -> None:
    page: Any = msgspec.defstruct("Page", [("result", list[WideStruct])])
    decode = msgspec.json.Decoder(page).decode
    async with aiohttp.ClientSession() as session:
        await _count(by_hand(session, f"{base_url}/Wide", SIZE, lambda body: decode(body).result), records)


async def _count(stream: AsyncIterator[Any], records: int) -> None:
    count = total = 0
    async for item in stream:
        count += 1
        total += item.id
    lap = SIZE * _LAP
    assert (count, total) == (records, records // lap * (lap * (lap + 1) // 2)), (count, total)


async def _export(base_url: str, records: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        async with SessionManager(coordinator="memory:") as sessions:
            stream = sessions.open(Wide, TOKEN, base_url=base_url).wide.list(size=SIZE)
            done = await export(stream, Path(folder) / "records.jsonl")
    assert done.records == records, done


_VARIANTS: Final[Mapping[str, Any]] = {STREAM: _stream, EXPORT: _export, LOOP: _loop}


async def peak(variant: str, records: int) -> float:
    """
    The peak of a process that reads so many records, in MiB.

    Raises:
        CalledProcessError: It did not get through.
    """
    with serving(_LAP, 0.0, kind="wide", size=SIZE, laps=records // (SIZE * _LAP)) as vendor:
        command = [sys.executable, "-m", "benchmarks.memory", variant, str(records), vendor.base_url]
        done = await asyncio.to_thread(subprocess.run, command, check=True, stdout=subprocess.PIPE, text=True)
    return float(done.stdout)


async def _figures(effort: Effort) -> AsyncIterator[Figure]:
    counts = _QUICK if effort.quick else _RECORDS
    rounds = 3
    peaks = {
        (variant, records): [await peak(variant, records) for _ in range(rounds)]
        for variant in _VARIANTS
        for records in counts
    }
    few, many = counts[0], counts[-1]
    for variant in (STREAM, EXPORT):
        growth = [last - first for first, last in zip(peaks[variant, few], peaks[variant, many], strict=True)]
        yield Figure(
            case=f"{few:,} -> {many:,} records",
            what="growth of the peak",
            variant=variant,
            against=f"{_MOST:.0f} MiB",
            ratio=ratio_of(growth, [_MOST] * rounds),
            goal=Goal(1.0),
            note=" -> ".join(f"{statistics.median(peaks[variant, records]):.1f}" for records in counts) + " MiB",
        )
    for variant in (STREAM, EXPORT):
        yield Figure(
            case=f"{many:,} records",
            what="peak",
            variant=variant,
            against=LOOP,
            ratio=ratio_of(peaks[variant, many], peaks[LOOP, many]),
        )


QUESTION: Final = Question(name="memory", title="Memory", text=TEXT, figures=_figures)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("variant", choices=_VARIANTS)
    parser.add_argument("records", type=int)
    parser.add_argument("base_url")
    given = parser.parse_args()
    asyncio.run(_VARIANTS[given.variant](given.base_url, given.records))
    print(footprint.peak())
