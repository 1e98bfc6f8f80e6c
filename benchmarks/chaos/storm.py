"""Processes that are killed, stopped and cut off from the store, while all of them work on a few tokens."""

from __future__ import annotations

import asyncio
import random
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Coroutine, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import attrs

from . import vendor
from .crew import Crew, Member
from .journal import Account
from .places import Place
from .vendor import Counted
from .worker import Plan

#: What can be done to a process.
STRIKES: Final = ("kill", "stop", "cut")

_CUTS: Final = ("reset", "end", "there", "back", "silence", "refuse")

#: Work of 20 to 300 ms; now and then an answer gets lost. The first number is the mean of the former in seconds.
_WORK: Final = 0.02
_FAULTS: Final = (
    ("latency", {"seconds": 0.05, "probability": 0.3}),
    ("latency", {"seconds": 0.08, "probability": 0.3}),
    ("latency", {"seconds": 0.15, "probability": 0.1}),
    ("reset_after", {"probability": 0.01}),
)


@attrs.frozen(kw_only=True)
class Storm:
    """
    One row of the table.

    Args:
        name: Of the row.
        seconds: How long it lasts.
        processes: How many work.
        tasks: How many make calls in each.
        tokens: How many tokens all of them share, one request at a time each.
        settle: The assumption: seconds within which the vendor is done with a request that we lost sight of.
        total: Seconds that one attempt may take; with `settle` it is what a dead holder costs.
        cancelled: Share of the calls that are cancelled.
        every: Seconds between two strikes, on average; 0 for none.
        strikes: What is done to processes.
        work: Seconds that the vendor works at least.
        faults: What else happens at the vendor.
        stops: Share of the requests before whose first byte a process stops itself.
        stopped_for: Seconds for which it then stands still.
        least: Share of what the tokens could do at best that must be done.
        excused: Stores for which what the promise assumes does not hold: their overlaps are what the row is to show.
        seed: Decides what is left to chance.
    """

    name: str
    seconds: float
    processes: int = 8
    tasks: int = 20
    tokens: int = 3
    settle: float = 2.0
    total: float = 2.0
    cancelled: float = 0.15
    every: float = 1.5
    strikes: Sequence[str] = STRIKES
    work: float = _WORK
    faults: Sequence[tuple[str, Mapping[str, Any]]] = _FAULTS
    stops: float = 0.0
    stopped_for: float = 0.0
    least: float = 0.1
    excused: Sequence[str] = ()
    seed: int = 1

    @property
    def best(self) -> float:
        """Requests a second that the tokens could bear at best."""
        mean: float = self.work + sum(
            options.get("seconds", 0.0) * options["probability"] for _, options in self.faults
        )
        return self.tokens / mean


@attrs.define(kw_only=True)
class Report:
    """What came of it."""

    storm: Storm
    place: Place
    seconds: float
    counted: Counted
    account: Account
    struck: Counter[str]
    complaints: list[str]

    @property
    def unanswered(self) -> set[str]:
        """Writes of which the callers do not know whether the vendor did them: the harness's list."""
        return self.account.with_outcome("unknown", "cancelled", "killed")

    @property
    def twice(self) -> int:
        """How often the vendor did a write again."""
        return sum(count - 1 for count in self.counted.marks.values())

    @property
    def unlisted(self) -> set[str]:
        """Writes that the vendor did, and the callers neither know of nor doubt."""
        return self.counted.marks.keys() - self.account.with_outcome("done") - self.unanswered

    @property
    def lost(self) -> set[str]:
        """Writes that the vendor is said to have done, and did not."""
        return self.account.with_outcome("done") - self.counted.marks.keys()

    @property
    def done(self) -> int:
        """Calls that came to a good end."""
        return self.account.calls["read done"] + self.account.calls["write done"]

    @property
    def cancels(self) -> int:
        """Calls that were cancelled."""
        return self.account.calls["read cancelled"] + self.account.calls["write cancelled"]

    @property
    def excused(self) -> bool:
        """Whether overlaps are what the row is to show."""
        return self.place.kind in self.storm.excused

    @property
    def broken(self) -> list[str]:
        """What was promised and did not hold."""
        least = round(self.storm.least * self.storm.best * self.seconds)
        found = [
            (not self.excused and self.counted.overlaps, f"{self.counted.overlaps} overlaps"),
            (self.twice, f"{self.twice} writes done twice"),
            (self.unlisted, f"the vendor did what no caller knows of: {sorted(self.unlisted)[:5]}"),
            (self.lost, f"the vendor did not do what a caller was told: {sorted(self.lost)[:5]}"),
            (self.done < least, f"only {self.done} calls were done, at least {least} must be"),
            (self.complaints, "\n".join(self.complaints)),
        ]
        return [text for wrong, text in found if wrong]


async def rage(storm: Storm, place: Place) -> Report:
    """Let a storm rage over a place that nobody has used before, and count."""
    struck: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as folder:
        async with (
            vendor.started(storm.work, storm.faults, storm.seed) as there,
            place.proxied(storm.processes) as proxies,
        ):
            plan = _plan(storm, place, there.base_url)
            async with Crew.working(plan, Path(folder), storm.processes, proxies) as crew:
                since = time.monotonic()
                await _strike(storm, crew, struck)
            seconds = time.monotonic() - since
            counted = await there.counted()
            return Report(
                storm=storm,
                place=place,
                seconds=seconds,
                counted=counted,
                account=crew.account(),
                struck=struck,
                complaints=crew.complaints,
            )


def _plan(storm: Storm, place: Place, base_url: str) -> Plan:
    shared = set(attrs.fields_dict(Plan)) & set(attrs.fields_dict(Storm)) - {"name"}
    same = {name: getattr(storm, name) for name in shared}
    return Plan(name="", base_url=base_url, coordinator=place.address, journal="", **same)


async def _strike(storm: Storm, crew: Crew, struck: Counter[str]) -> None:
    """Do something to a process every now and then, as long as the storm lasts."""
    chance = random.Random(storm.seed)
    ends = time.monotonic() + storm.seconds
    kinds = [kind for kind in storm.strikes if kind != "cut" or crew.members[0].proxy is not None]
    if not storm.every or not kinds:
        await asyncio.sleep(storm.seconds)
        return
    bag: list[str] = []
    async with asyncio.TaskGroup() as group:
        while (wait := storm.every * chance.uniform(0.5, 1.5)) < ends - time.monotonic():
            await asyncio.sleep(wait)
            bag = bag or chance.sample(kinds, len(kinds))  # each in its turn, so that a short run has all of them
            member = chance.choice(crew.members)
            kind, what = bag.pop(), _blow(storm, member, chance, ends)
            if not member.busy:
                struck[kind] += 1
                group.create_task(what(kind))
        await asyncio.sleep(max(0.0, ends - time.monotonic()))


def _blow(
    storm: Storm, member: Member, chance: random.Random, ends: float
) -> Callable[[str], Coroutine[Any, Any, None]]:
    """What is done to one process; all that is left to chance is decided now. Nobody stands still when the storm is over."""
    stopped, away = chance.uniform(0.2, 1.5 * (storm.total + storm.settle)), chance.uniform(0.5, 3.0)
    how, size = chance.choice(_CUTS), chance.randrange(300)

    async def strike(kind: str) -> None:
        member.busy = True
        try:
            if kind == "kill":
                await member.kill()
            elif kind == "stop":
                await member.stop(min(stopped, max(0.0, ends - time.monotonic())))
            else:
                await member.cut(how, size, away)
        finally:
            member.busy = False

    return strike
