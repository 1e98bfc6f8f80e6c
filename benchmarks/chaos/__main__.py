"""
Coordination under all that happens to processes and networks; the vendor counts.

    python -m benchmarks.chaos                                              # everything, on all stores; some minutes
    python -m benchmarks.chaos storm --coordinator file --seconds 10

    storm          processes are killed, stopped, cut off from the store, callers cancelled
    assumptions    what happens where an assumption does not hold: work longer than settle; a process that stops
                   exactly between its last look at the lease and its first byte, for longer than the lease
    window         processes at full speed on one window
    handover       from a release in one process to the grant in another
    uncontended    what a stream alone pays, against memory

The exit status is 1 if anything that is promised does not hold.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys

from .parts import PARTS
from .places import KINDS
from .table import render


def main() -> None:
    """Run what is asked for, print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parts", nargs="*", metavar="PART", help="all of them if none is named")
    parser.add_argument("--coordinator", choices=(*KINDS, "all"), default="all")
    parser.add_argument("--at", help="address of an empty store, instead of one that is started for the run")
    parser.add_argument("--seconds", type=float, default=30, help="how long a part lasts on a store")
    parser.add_argument("--every", type=float, default=1.5, help="seconds between two strikes, on average")
    parser.add_argument(
        "--least", type=float, default=0.1, help="share of what the tokens could bear that must be done"
    )
    parser.add_argument("--processes", type=int, default=8)
    parser.add_argument("--tasks", type=int, default=20, help="in each process")
    parser.add_argument("--tokens", type=int, default=3)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", action="store_true", help="for programs")
    arguments = parser.parse_args()
    strangers = set(arguments.parts) - set(PARTS)
    if strangers:
        parser.error(f"there is no part {', '.join(sorted(strangers))}; there are {', '.join(PARTS)}")
    sys.exit(bool(asyncio.run(run(arguments))))


async def run(arguments: argparse.Namespace) -> list[str]:
    """Run the parts that are asked for, and say what does not hold."""
    kinds = KINDS if arguments.coordinator == "all" else (arguments.coordinator,)
    rows, broken = [], []
    for name in arguments.parts or PARTS:
        shown = await PARTS[name](arguments, kinds)
        rows += shown.rows
        broken += shown.broken
        if not arguments.json:
            print(f"\n{name}\n\n{render(shown.rows)}", flush=True)
    if arguments.json:
        print(json.dumps({"rows": rows, "broken": broken}))
    else:
        print("", *broken, sep="\n")
    return broken


if __name__ == "__main__":
    main()
