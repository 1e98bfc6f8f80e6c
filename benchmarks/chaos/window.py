"""A window that several processes share, at full speed: never exceeded at the vendor, and hardly ever left unused."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import attrs

from . import vendor
from .crew import Crew
from .places import Place
from .worker import Plan

#: What must be used of what even pacing allows.
LEAST: Final = 0.95

#: Windows that pass before the use is measured.
_BEFORE: Final = 2


@attrs.frozen(kw_only=True)
class Rush:
    """
    How it is tried.

    Args:
        limit: Requests in a window.
        per: Seconds of the window.
        windows: How many windows are measured.
        processes: How many share it.
    """

    limit: int = 100
    per: float = 1.0
    windows: int = 8
    processes: int = 4


@attrs.frozen(kw_only=True)
class Flow:
    """
    What the vendor counted.

    Args:
        place: Where it was agreed.
        rush: What was tried.
        requests: All that arrived.
        most: The most that arrived in any sliding window.
        use: What was used of what even pacing allows.
        complaints: What went wrong with the processes.
    """

    place: Place
    rush: Rush
    requests: int
    most: int
    use: float
    complaints: Sequence[str]

    @property
    def broken(self) -> list[str]:
        """What was promised and did not hold."""
        found = [
            (self.most > self.rush.limit, f"{self.most} requests in a window of {self.rush.limit}"),
            (self.use < LEAST, f"only {self.use:.1%} of the window were used"),
            (self.complaints, "\n".join(self.complaints)),
        ]
        return [text for wrong, text in found if wrong]


async def flow(rush: Rush, place: Place) -> Flow:
    """Let all processes send as fast as they are let, and look at what arrived."""
    with tempfile.TemporaryDirectory() as folder:
        async with vendor.started(work=0.005) as there:
            plan = Plan(
                name="",
                base_url=there.base_url,
                coordinator=place.address,
                journal="",
                tasks=rush.limit // 2,
                tokens=1,
                cancelled=0.0,
                written=0.0,
                settle=2.0,
                total=2.0,
                limit=rush.limit,
                per=rush.per,
            )
            async with Crew.working(plan, Path(folder), rush.processes, []) as crew:
                await asyncio.sleep(rush.per * (_BEFORE + rush.windows))
            counted = await there.counted()
    arrivals = sorted(counted.arrivals)
    since = arrivals[0] + rush.per * _BEFORE
    until = since + rush.per * rush.windows
    measured = sum(since <= arrival < until for arrival in arrivals)
    return Flow(
        place=place,
        rush=rush,
        requests=len(arrivals),
        most=most_in(arrivals, rush.per),
        use=measured / (rush.limit * rush.windows),
        complaints=crew.complaints,
    )


def most_in(times: Sequence[float], seconds: float) -> int:
    """The most of these times, which are sorted, that any span of so many seconds holds, its end not included."""
    most = first = 0
    for number, time in enumerate(times):
        while time - times[first] >= seconds:
            first += 1
        most = max(most, number - first + 1)
    return most
