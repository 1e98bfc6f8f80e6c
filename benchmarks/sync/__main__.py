"""
What a sync costs, in ratios to the same by hand.

    python -m benchmarks.sync accounts [--rounds N] [--accounts N] [--into null|sqlite|postgresql]
    python -m benchmarks.sync rows [--rounds N]
    python -m benchmarks.sync memory
"""

from __future__ import annotations

import argparse
import asyncio

from .accounts import Load, measure
from .memory import grown
from .places import PLACES
from .rows import MODELS, against_bare


def main() -> int:
    """Measure what is asked for, and say what missed its goal."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.sync", description=__doc__)
    parser.add_argument("what", choices=("accounts", "rows", "memory"))
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--accounts", type=int, default=1000)
    parser.add_argument("--into", choices=sorted(PLACES), nargs="*", default=["null", "sqlite", "postgresql"])
    given = parser.parse_args()
    missed = {"accounts": accounts, "rows": rows, "memory": memory}[given.what](given)
    for text in missed:
        print(f"missed: {text}")
    return 1 if missed else 0


def accounts(given: argparse.Namespace) -> list[str]:
    """Wall and processor time of all accounts, against the loop."""
    load, missed = Load(accounts=given.accounts), []
    print(f"{load.accounts} accounts x {load.pages} pages; ours against the loop by hand, median [95 % interval]")
    for kind in given.into:
        for again in (False, True):
            result = asyncio.run(measure(kind, load, given.rounds, again=again))
            told = "again, nothing changed" if again else "first time"
            wall, cpu = (ratios["sagicc-async"] for ratios in (result.comparison.wall, result.comparison.cpu))
            overlaps = {who: counted.overlaps for who, counted in result.counted.items()}
            print(f"{kind:10}  {told:22}  wall {wall}  cpu {cpu}  overlaps {overlaps}", flush=True)
            missed += [] if again else result.broken
    return missed


def rows(given: argparse.Namespace) -> list[str]:
    """Rows a second into PostgreSQL, against a bare loop of the same rows."""
    missed = []
    for name in MODELS:
        for again in (False, True):
            ratio = asyncio.run(against_bare(name, given.rounds, again=again))
            told = "again, nothing changed" if again else "first time"
            print(f"{name:14}  {told:22}  time of the bare loop's {ratio}", flush=True)
            if not again and ratio.low > 1 / 0.8:
                missed.append(f"{name}: {1 / ratio.median:.0%} of the rows a second of a bare loop, not 80 %")
    return missed


def memory(given: argparse.Namespace) -> list[str]:
    """Peak memory of growing numbers of accounts, each in a process of its own."""
    peaks = {count: grown(count) for count in (500, 1000, 2000)}
    for count, peak in peaks.items():
        print(f"{count:5} accounts: peak {peak:.1f} MiB")
    growth = peaks[2000] - peaks[1000]
    print(f"from 1,000 to 2,000: {growth:+.1f} MiB")
    return [f"memory grows by {growth:.1f} MiB as the accounts double"] if growth > 8 else []


if __name__ == "__main__":
    raise SystemExit(main())
