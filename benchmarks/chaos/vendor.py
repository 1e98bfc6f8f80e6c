"""The vendor in a process of its own: it says where it is, and on the next line what it counted."""

from __future__ import annotations

import asyncio
import json
import sys
from asyncio.subprocess import PIPE
from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

import attrs

from sagicc_async.sandbox import Sandbox

from .emulator import KioskSandbox

#: Bytes that the counters may take on their line.
_LINE = 2**26


@attrs.frozen
class Counted:
    """
    What the vendor counted.

    Args:
        requests: That arrived.
        overlaps: Requests that found their token in use.
        at_once: The most that were ever at work on one token.
        marks: How often each write's mark is there.
        arrivals: When each request came, in seconds.
    """

    requests: int
    overlaps: int
    at_once: int
    marks: Counter[str]
    arrivals: Sequence[float]


@attrs.define
class Vendor:
    """
    The vendor's process, as the harness sees it.

    Args:
        base_url: Where it is.
    """

    base_url: str
    _process: asyncio.subprocess.Process

    async def counted(self) -> Counted:
        """Wait until nothing is at work any more, and read the counters."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(b"count\n")
        said = json.loads(await self._process.stdout.readline())
        return Counted(**{**said, "marks": Counter(said["marks"])})


@asynccontextmanager
async def started(
    work: float = 0.02, faults: Sequence[tuple[str, Mapping[str, Any]]] = (), seed: int = 1
) -> AsyncIterator[Vendor]:
    """
    Run the vendor for the length of the block.

    Args:
        work: Seconds that it works on each request.
        faults: What else happens to requests, as the sandbox knows it.
        seed: Decides whom faults strike.
    """
    plan = json.dumps({"work": work, "faults": list(faults), "seed": seed})
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", __name__, plan, stdin=PIPE, stdout=PIPE, limit=_LINE
    )
    assert process.stdout is not None
    try:
        yield Vendor(json.loads(await process.stdout.readline())["base_url"], process)
    finally:
        await process.communicate(b"")  # the end of its input is the end of it


async def main(plan: dict[str, Any]) -> None:
    """Serve until the input ends; count at each line of it."""
    settings = {KioskSandbox.name: {"work": plan["work"]}}
    async with Sandbox([KioskSandbox], records=0, seed=plan["seed"], settings=settings) as sandbox:
        vendor = sandbox[KioskSandbox.name]
        for kind, options in plan["faults"]:
            vendor.fault(kind, **options)
        _say(base_url=vendor.base_url)
        while await asyncio.to_thread(sys.stdin.readline):
            await vendor.until(lambda stats: stats.in_flight == 0)
            _say(
                requests=vendor.stats.requests,
                overlaps=vendor.stats.overlaps,
                at_once=vendor.stats.max_in_flight,
                marks=[row["mark"] for row in vendor.rows("notes")],
                arrivals=[entry.started for entry in vendor.requests],
            )


def _say(**what: Any) -> None:
    print(json.dumps(what), flush=True)


if __name__ == "__main__":
    asyncio.run(main(json.loads(sys.argv[1])))
