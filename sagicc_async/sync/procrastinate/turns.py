"""`Turns`: what a worker does with a job."""

from __future__ import annotations

import contextlib
import functools
import logging
from collections.abc import Callable
from typing import Final

import attrs

from ...errors import SagiccAsyncError
from ..accounts import SyncAccount
from ..events import AccountEnded, UnitEnded
from ..mirror import mirror
from ..outcome import Ending, Outcome
from ..sink import SinkUnavailable
from ..tenant import opened
from ..unit import Unit
from ..work import Work
from .jobs import UnitJob, vendor_of
from .queue import Queue, QueueUnavailable
from .roster import Roster
from .rounds import begin, circuit_of, outcomes_of
from .settings import EngineSettings

_log: Final = logging.getLogger("sagicc_async.sync")


class Turns:
    """
    Does jobs, and says what becomes of them.

    A job always ends well, and its outcome is noted in the sink; what is to be done again is a new job at the end of the
    queue, so that others have their turn first, also those of the same account.

    Args:
        queue: Where the jobs are.
        roster: The accounts.
        work: What all jobs of the worker share.
        settings: How jobs are tried again.
        concurrency: Jobs at once.
        leaving: Whether the worker is about to end.
    """

    def __init__(
        self,
        queue: Queue,
        roster: Roster,
        work: Work,
        settings: EngineSettings,
        *,
        concurrency: int,
        leaving: Callable[[], bool],
    ) -> None:
        self._queue = queue
        self._roster = roster
        self._work = work
        self._settings = settings
        self._concurrency = concurrency
        self._leaving = leaving
        self._running = 0

    async def round(self, name: str) -> None:
        """
        Put the jobs of an account's round into the queue, unless those of the round before it are there still.

        Raises:
            QueueUnavailable: See there; the round is asked for again.
        """
        try:
            account = await self._roster.find(name)
        except Exception as error:  # noqa: BLE001 - the source is its user's code: the next round asks it again
            _log.error("%s: its source raised %s; its round is left out", name, type(error).__name__)
            _log.debug("%s: its source", name, exc_info=True)
            return
        if account is None:
            return
        try:
            await begin(self._queue, self._work, account)
        except QueueUnavailable:
            raise
        except SagiccAsyncError as error:
            _log.warning("%s: %s", name, error)
            self._work.tell(AccountEnded(account=name, vendor=vendor_of(account), error=str(error)))

    async def unit(self, job: UnitJob) -> None:
        """
        Do a job: bring the mirror of its resource up to date, or as far as its turn goes.

        Raises:
            QueueUnavailable: See there; the job is done again.

        When cancelled, a commit that has begun is brought to its end first.
        """
        self._running += 1
        try:
            outcome = await self._outcome(job)
        finally:
            self._running -= 1
        total = job.total(outcome)
        if job.before:
            await self._note(total)
        if outcome.ending is Ending.PARKED:
            await self._queue.defer([job.parked(total)])
        if outcome.ending in (Ending.FAILED, Ending.TAKEN_OVER):
            await self._failed(job, total)

    async def _outcome(self, job: UnitJob) -> Outcome:
        """How the turn went; it is noted, and told."""
        try:
            account = await self._roster.find(job.account)
            if account is None:
                return await self._ended(job, Ending.SKIPPED, "there is no such account any more")
            return await self._mirror(job, account)
        except SagiccAsyncError as error:
            return await self._ended(job, Ending.FAILED, str(error), type(error).__name__)
        except Exception as error:  # noqa: BLE001 - the source is its user's code: whatever it raises is this job's alone
            kind = type(error).__name__
            _log.debug("%s: its source", job.unit, exc_info=True)
            return await self._ended(job, Ending.FAILED, f"the source of accounts raised {kind}", kind)

    async def _mirror(self, job: UnitJob, account: SyncAccount) -> Outcome:
        work = self._work
        adapter, _ = opened(account, work)
        until = work.clock.now() + work.settings.turn
        of_the_round = attrs.evolve(work, round=job.round)
        over = functools.partial(self._over, until)
        return await mirror(of_the_round, job.account, adapter, job.resource, over, passes=job.passes)

    def _over(self, until: float) -> bool:
        """Whether a turn is over: the worker ends, or others wait. While it has room for another job nobody does."""
        if self._leaving():
            return True
        return self._running >= self._concurrency and self._work.clock.now() >= until

    async def _failed(self, job: UnitJob, total: Outcome) -> None:
        """Try it again later; or leave the account's other resources alone, if it has failed too often."""
        try:
            outcomes = (await outcomes_of(self._work.sink, [job.round]))[job.round]
        except SinkUnavailable:  # nobody's failures can be counted now
            outcomes = [total]
        circuit = circuit_of(outcomes, self._work.settings.failures)
        if circuit.open:
            failed = {outcome.unit for outcome in outcomes if outcome.ending is Ending.FAILED}
            await self._leave_alone(job, circuit.reason, failed)
            return
        delay = self._settings.again(total, job.attempt)
        if delay is not None:
            await self._queue.defer([job.failed(total)], delay=delay)

    async def _leave_alone(self, job: UnitJob, reason: str, failed: set[Unit]) -> None:
        """Take the round's other jobs off the queue. This one's lock keeps everybody else from beginning them meanwhile."""
        for queued in await self._queue.unfinished(lock=job.lock):
            other = queued.job
            if other.round == job.round and await self._queue.take_off(queued) and other.unit not in failed:
                await self._ended(other, Ending.SKIPPED, f"left alone after failures in a row: {reason}")

    async def _ended(self, job: UnitJob, ending: Ending, error: str, kind: str = "") -> Outcome:
        clock = self._work.clock
        outcome = Outcome(unit=job.unit, ending=ending, error=error, kind=kind, at=clock.wall(), round=job.round)
        await self._note(job.total(outcome))
        self._work.tell(UnitEnded(outcome=outcome))
        return outcome

    async def _note(self, outcome: Outcome) -> None:
        with contextlib.suppress(SinkUnavailable):  # the log of the worker says so
            await self._work.sink.note(outcome)
