"""
How much memory a sync takes at its peak, by the number of accounts; each number in a process of its own.

    python -m benchmarks.sync.memory ACCOUNTS
"""

from __future__ import annotations

import asyncio
import subprocess
import sys

from ..counting import serving
from ..footprint import peak
from .accounts import Load, mine
from .places import sqlite


def grown(accounts: int) -> float:
    """
    The peak of a process that mirrors so many accounts into SQLite, in MiB.

    Raises:
        CalledProcessError: It did not get through.
    """
    command = [sys.executable, "-m", "benchmarks.sync.memory", str(accounts)]
    return float(subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout)


async def _mirror(accounts: int) -> None:
    load = Load(accounts=accounts)
    with sqlite() as place, serving(load.pages, load.latency) as vendor:
        await mine(vendor.base_url, load, place)


if __name__ == "__main__":
    asyncio.run(_mirror(int(sys.argv[1])))
    print(peak())
