"""
Instructions of our path beside those of the loop by hand: a cost that repeats, whatever else the machine does.

    python -m benchmarks.instructions        # the table alone; `guard.py` judges it

Valgrind counts what one process executes in user space. It starts one Python, which imports everything once, and forks it
for each piece of work in two lengths; the difference of the two counts is free of start, warm-up and end. The servers
run outside. What a count does not see, system calls, page faults and caches, the slices of `compare.py` do.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import gc
import json
import multiprocessing
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Final

import aiohttp
import attrs
import msgspec

from sagicc_async import SessionManager
from sagicc_async.export import export
from sagicc_async.testing import ManualClock

from .compare import Ratio, Slice
from .records import by_hand, bytes_by_hand, count_records, decoder, lines_by_hand
from .server import serving
from .wide import TOKEN, WideOneAtATime, WideStruct

OURS: Final = "ours"
BY_HAND: Final = "by hand"
#: What is guarded; `pieces` has the work.
WORKS: Final = ("typed", "raw export")

#: Pages of the list, by page size: about a second under valgrind each.
_PAGES: Final[Mapping[int, int]] = {50: 40, 100: 30, 1000: 8}
#: How many times the list is read: in the short length and in the long one, and before either, for what is only done once.
_SHORT: Final = 1
_LONG: Final = 5
_WARM_UP: Final = 2
#: Files are written in memory where the system has such a folder: what a disk does to the kernel varies by a fifth.
_MEMORY: Final = "/dev/shm" if os.path.isdir("/dev/shm") else None  # noqa: PTH112
_FOUND: Final = re.compile(r"I\s+refs:\s+([\d,]+)")


@attrs.frozen(kw_only=True)
class Counted:
    """
    What a page costs.

    Args:
        ours: Instructions, with the SDK.
        by_hand: Instructions, in the loop by hand.
    """

    ours: float
    by_hand: float

    @property
    def ratio(self) -> Ratio:
        """Ours in terms of the other. A count has no spread."""
        ratio = self.ours / self.by_hand
        return Ratio(ratio, ratio, ratio, 1)


@contextlib.asynccontextmanager
async def pieces(base_url: str, size: int, pages: int) -> AsyncIterator[Mapping[str, Mapping[str, Slice]]]:
    """
    The work that is guarded: typed records, and raw export against the loop that writes the same lines.

    Args:
        base_url: Of a server of `wide` records.
        size: Records a page.
        pages: Pages of its list.

    Yields:
        Work -> variant -> reads the list once.
    """
    with tempfile.TemporaryDirectory(dir=_MEMORY) as name:
        async with aiohttp.ClientSession() as session, SessionManager(coordinator="memory:") as sessions:
            stream = sessions.open(WideOneAtATime, TOKEN, base_url=base_url).wide.list(size=size)
            url, folder, records = f"{base_url}/Wide", Path(name), pages * size
            decode, split = decoder(WideStruct), decoder(msgspec.Raw)
            # An export syncs once a second: a list takes less, but not under valgrind.
            clock = ManualClock()
            yield {
                "typed": {
                    BY_HAND: lambda: count_records(by_hand(session, url, size, decode), records),
                    OURS: lambda: count_records(aiter(stream), records),
                },
                "raw export": {
                    BY_HAND: lambda: lines_by_hand(
                        bytes_by_hand(session, url, size, pages), folder / "theirs.jsonl", split
                    ),
                    OURS: lambda: export(stream, folder / "ours.jsonl", check=False, clock=clock),
                },
            }


def installed() -> bool:
    """Whether there is a valgrind."""
    return shutil.which("valgrind") is not None


def count() -> Mapping[str, Counted]:
    """
    Count everything that is guarded, by work and page size.

    Raises:
        subprocess.CalledProcessError: Valgrind, or the work under it, failed; its own words are on stderr.
    """
    with contextlib.ExitStack() as stack:
        urls = {size: stack.enter_context(serving("wide", size, pages)) for size, pages in _PAGES.items()}
        logs = stack.enter_context(tempfile.TemporaryDirectory())
        command = ["valgrind", "--tool=cachegrind", "--cache-sim=no", "--cachegrind-out-file=/dev/null"]
        command += [f"--log-file={logs}/%p", sys.executable, "-m", "benchmarks.instructions"]
        command += ["--logs", logs, "--urls", *urls.values()]
        environment = {**os.environ, "PYTHONHASHSEED": "0"}  # else sets and dicts collide differently each time
        done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, env=environment)
    return {name: Counted(**counted) for name, counted in json.loads(done.stdout).items()}


def _counted(urls: Mapping[int, str], logs: Path) -> Mapping[str, Mapping[str, float]]:
    """Under valgrind: the instructions a page of each piece of work."""
    return {
        f"{work}, {size} a page": {
            "ours": _difference(logs, work, OURS, size, url),
            "by_hand": _difference(logs, work, BY_HAND, size, url),
        }
        for size, url in urls.items()
        for work in WORKS
    }


def _difference(logs: Path, work: str, variant: str, size: int, url: str) -> float:
    # Forks of one process have the same memory to begin with. Both lengths may run at once: counts do not mind.
    fork = multiprocessing.get_context("fork")
    children = [
        fork.Process(target=_run, args=(work, variant, size, url, rounds), name=f"{variant}, {work}, {size} a page")
        for rounds in (_SHORT, _LONG)
    ]
    for child in children:
        child.start()
    for child in children:
        child.join()
        assert child.exitcode == 0, child
    short, long = (_logged((logs / str(child.pid)).read_text()) for child in children)
    return (long - short) / (_LONG - _SHORT) / _PAGES[size]


def _run(work: str, variant: str, size: int, url: str, rounds: int) -> None:
    async def run() -> None:
        async with pieces(url, size, _PAGES[size]) as works:
            read = works[work][variant]
            for number in range(_WARM_UP + rounds):
                if number == _WARM_UP:
                    gc.collect()
                    gc.freeze()
                await read()

    asyncio.run(run())


def _logged(log: str) -> int:
    """The instructions that valgrind counted until a process ended."""
    found = _FOUND.search(log)
    assert found is not None, log
    return int(found[1].replace(",", ""))


def main() -> None:
    """Print the table; or, under valgrind, the counts."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.instructions",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--logs", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--urls", nargs="+", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.logs is not None:
        print(json.dumps(_counted(dict(zip(_PAGES, arguments.urls, strict=True)), arguments.logs)))
        return
    print(f"{'instructions a page':24}{OURS:>14}{BY_HAND:>14}{'ratio':>8}")
    for name, counted in count().items():
        print(f"{name:24}{counted.ours:14,.0f}{counted.by_hand:14,.0f}{counted.ratio.median:8.3f}")


if __name__ == "__main__":
    main()
