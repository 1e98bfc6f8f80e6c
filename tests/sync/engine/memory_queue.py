"""A queue in memory, and one worker that does its jobs when it is told to."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import attrs
from procrastinate.testing import InMemoryConnector

from sagicc_async.sync.accounts import SyncAccount
from sagicc_async.sync.outcome import Outcome
from sagicc_async.sync.procrastinate.queue import Queue, Queued
from sagicc_async.sync.procrastinate.roster import Roster
from sagicc_async.sync.procrastinate.settings import EngineSettings
from sagicc_async.sync.procrastinate.turns import Turns
from sagicc_async.sync.unit import Unit

from ..conftest import Rig


class NoDatabase:
    """What a queue in memory has beside its jobs."""

    def describe(self) -> str:
        return "memory"

    async def prepare(self, *, ddl: bool) -> None:
        pass

    async def alone(self, duty: Callable[[], Awaitable[object]]) -> None:
        await duty()

    async def close(self) -> None:
        pass


@attrs.define
class Bench:
    """
    A worker whose jobs are done one by one.

    Args:
        rig: Vendor, sink and clock.
        engine: How jobs are tried again.
        leaving: Whether it is about to end.
        concurrency: Jobs at once.
    """

    rig: Rig
    engine: EngineSettings = attrs.field(factory=EngineSettings)
    leaving: bool = False
    concurrency: int = 2
    source_fails: Exception | None = None
    looks: int = 0
    connector: Any = attrs.field(factory=InMemoryConnector)
    _turns: Turns | None = None

    @property
    def queue(self) -> Queue:
        return Queue(self.connector, NoDatabase())

    async def __aiter__(self) -> AsyncIterator[SyncAccount]:
        self.looks += 1
        if self.source_fails is not None:
            raise self.source_fails
        async for account in self.rig.vendor:
            yield attrs.evolve(account, credentials=dict)  # a callable, so that nobody looks for an adapter called fake

    @property
    def turns(self) -> Turns:
        if self._turns is None:
            work = self.rig.work
            roster = Roster(self, self.rig.clock, work.accounts.forget)
            leaving = lambda: self.leaving  # noqa: E731
            self._turns = Turns(self.queue, roster, work, self.engine, concurrency=self.concurrency, leaving=leaving)
        return self._turns

    async def waiting(self) -> list[str]:
        """The jobs in the queue, as account and resource."""
        return [str(queued.job.unit) for queued in await self.queue.unfinished()]

    async def begin(self) -> Queued:
        """Take the first job, as a worker would."""
        queued = (await self.queue.unfinished())[0]
        self.connector.jobs[queued.id]["status"] = "doing"
        return queued

    async def do(self) -> None:
        """Do the first job, and take it off the queue as its worker would."""
        queued = await self.begin()
        await self.turns.unit(queued.job)
        del self.connector.jobs[queued.id]

    async def do_all(self) -> None:
        while self.connector.jobs:
            await self.do()

    def outcome(self, account: str, resource: str) -> Outcome:
        return self.rig.sink.notes[Unit("fake", account, resource)]

    def delay(self) -> float | None:
        """Seconds until the last job in the queue may begin."""
        row = list(self.connector.jobs.values())[-1]
        if row["scheduled_at"] is None:
            return None
        return (row["scheduled_at"] - self.connector.events[row["id"]][-1]["at"]).total_seconds()
