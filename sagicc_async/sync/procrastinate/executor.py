"""`ProcrastinateExecutor`: accounts are put into a queue, and workers on any number of machines work them off."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from typing import Final

import attrs

from ...errors import ConfigError, SagiccAsyncError
from ..accounts import SyncAccount
from ..dry_run import DryRun
from ..events import AccountEnded, AccountStarted, UnitEnded
from ..outcome import Ending, Outcome
from ..sink import SinkUnavailable
from ..unit import Unit
from ..work import Work
from .jobs import UnitJob, vendor_of
from .queue import Queue, QueueUnavailable
from .rounds import begin, circuit_of

_log: Final = logging.getLogger("sagicc_async.sync")

#: Seconds between two looks at the queue.
_LOOK: Final = 1.0
#: Why a job is said to have failed that nobody has said anything of.
_LOST: Final = "its job left the queue without an outcome; the logs of the workers say why"


class ProcrastinateExecutor:
    """
    Puts accounts into a queue, a job for each of their resources, and waits until workers have done them.

    It does nothing of the work itself: without a `worker` somewhere it waits for ever. Jobs are durable. When it is cancelled
    they stay in the queue, workers go on with them, and the next run that asks for the same accounts waits for those jobs
    instead of adding others.

    Args:
        dsn: The queue's PostgreSQL database, as libpq takes its address.
        ddl: Whether procrastinate's tables are created if they are missing.

    Raises:
        ConfigError: The address is none.
    """

    def __init__(self, dsn: str, *, ddl: bool = True) -> None:
        self._open: Callable[[], Queue] = lambda: Queue.at(dsn, ddl=ddl)
        self._where = self._open().describe()

    def __repr__(self) -> str:
        return f"<ProcrastinateExecutor {self._where}>"

    async def execute(self, feed: AsyncIterator[SyncAccount], work: Work) -> None:
        """
        Have the accounts of the feed worked off; see `Executor`.

        Raises:
            ConfigError: The queue cannot be used; or it is a dry run, which only one process can do.
        """
        if isinstance(work.sink, DryRun):
            raise ConfigError("a dry run is done in one process: leave the engine out")
        try:
            async with self._open() as queue:
                await _Watch(queue, work).all(feed)
        except QueueUnavailable as away:
            raise ConfigError(str(away)) from None


@attrs.define
class _Round:
    """
    A round of an account that is in the queue.

    Attributes:
        account: Whose.
        vendor: Its vendor.
        waiting: The jobs that are not over.
        since: When it was put there, or found there, in seconds since the epoch.
        started: Whether it was told that a worker has begun it.
        ended: How it went with the jobs that are over.
    """

    account: str
    vendor: str
    waiting: list[UnitJob]
    since: float
    started: bool = False
    ended: list[Outcome] = attrs.field(factory=list)


class _Watch:
    """Puts rounds into the queue, and tells what becomes of them."""

    def __init__(self, queue: Queue, work: Work) -> None:
        self._queue = queue
        self._work = work
        self._rounds: list[_Round] = []
        self._fed = False

    async def all(self, feed: AsyncIterator[SyncAccount]) -> None:
        """Have all accounts of a feed worked off."""
        tasks = [asyncio.ensure_future(self._feed(feed)), asyncio.ensure_future(self._watch())]
        try:
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_EXCEPTION)
            for task in done:
                task.result()
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _feed(self, feed: AsyncIterator[SyncAccount]) -> None:
        async for account in feed:
            await self._begin(account)
        self._fed = True

    async def _begin(self, account: SyncAccount) -> None:
        round_, error = _Round(account.name, vendor_of(account), [], self._work.clock.wall()), ""
        try:
            round_.waiting = await begin(self._queue, self._work, account)
        except QueueUnavailable:
            raise
        except SagiccAsyncError as failure:
            error = str(failure)
        if round_.waiting:
            self._rounds.append(round_)
        else:
            self._start(round_)
            self._work.tell(AccountEnded(account=round_.account, vendor=round_.vendor, error=error))

    async def _watch(self) -> None:
        """Look again and again, until there is nothing to wait for any more; a look that fails is repeated for a while."""
        clock, patience = self._work.clock, self._work.settings.patience
        well = clock.now()
        while True:
            begun = clock.now()
            try:
                await self._look()
            except (QueueUnavailable, SinkUnavailable) as away:
                if clock.now() - well > patience:
                    raise
                _log.warning("%s; asked again", away)
            else:
                well = clock.now()
            if self._fed and not self._rounds:
                return
            await clock.sleep(max(_LOOK, 10 * (clock.now() - begun)))  # a long queue takes long to look at

    async def _look(self) -> None:
        """Tell what has changed since the look before."""
        rounds = list(self._rounds)
        there = {(queued.job.round, queued.job.resource): queued.begun for queued in await self._queue.unfinished()}
        gone = [job for round_ in rounds for job in round_.waiting if (job.round, job.resource) not in there]
        noted = {outcome.unit: outcome for outcome, _ in await self._work.sink.outcomes()} if gone else {}
        for round_ in rounds:
            self._move(round_, there, noted)

    def _move(self, round_: _Round, there: dict[tuple[str, str], bool], noted: dict[Unit, Outcome]) -> None:
        states = [there.get((job.round, job.resource)) for job in round_.waiting]
        if not round_.started and any(begun is not False for begun in states):
            self._start(round_)
        over = [job for job, begun in zip(round_.waiting, states, strict=True) if begun is None]
        for outcome in sorted((self._outcome(round_, job, noted) for job in over), key=lambda outcome: outcome.at):
            round_.ended.append(outcome)
            self._work.tell(UnitEnded(outcome=outcome))
        round_.waiting = [job for job in round_.waiting if job not in over]
        if not round_.waiting:
            self._rounds.remove(round_)
            reason = circuit_of(round_.ended, self._work.settings.failures).reason
            self._work.tell(AccountEnded(account=round_.account, vendor=round_.vendor, error=reason))

    def _start(self, round_: _Round) -> None:
        round_.started = True
        self._work.tell(AccountStarted(account=round_.account, vendor=round_.vendor))

    def _outcome(self, round_: _Round, job: UnitJob, noted: dict[Unit, Outcome]) -> Outcome:
        """
        How it went with a job that is over, as this run's own.

        Where a later round has gone over the same unit before anybody looked, only its outcome is left, and it counts.
        """
        found = noted.get(job.unit)
        if found is None or (found.round != job.round and found.at < round_.since):
            found = Outcome(unit=job.unit, ending=Ending.FAILED, error=_LOST, at=self._work.clock.wall())
        return attrs.evolve(found, round=self._work.round)
