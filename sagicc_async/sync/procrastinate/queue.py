"""`Queue`: the jobs, as workers and those who give them work see them; everything that is procrastinate's is here."""

from __future__ import annotations

import asyncio
import contextlib
import datetime
from collections.abc import Awaitable, Callable, Sequence
from types import TracebackType
from typing import Any, Final, Protocol, Self, TypeVar

import attrs

from ...errors import ConfigError, SagiccAsyncError
from ...tokens.coordination.store import StoreError
from .jobs import UnitJob
from .settings import EngineSettings

try:
    from procrastinate import App, BaseRetryStrategy, JobContext, RetryDecision
    from procrastinate.connector import BaseConnector
    from procrastinate.exceptions import ConnectorException, JobAborted
    from procrastinate.jobs import Job
    from psycopg import Error as PsycopgError

    from .connector import WorkerConnector
    from .postgres import QueueDatabase
except ImportError as _missing:
    raise ConfigError("sync on many machines needs procrastinate: pip install 'sagicc-async[engine]'") from _missing

T = TypeVar("T")

_QUEUE: Final = "sagicc_async"
_UNIT: Final = "sagicc_async.unit"
_ROUND: Final = "sagicc_async.round"
#: What a job's status may be while it is to be done.
_UNFINISHED: Final = ("todo", "doing")
#: Seconds after which workers without a sign of life are struck off the list, which other programs may share: procrastinate's
#: own. Their jobs are taken over long before.
_STRUCK_OFF: Final = 30.0
#: Attempts at a job that ends without an outcome, which is our mistake or the database's: it may not go round for ever.
_MOST_ATTEMPTS: Final = 20


class QueueUnavailable(SagiccAsyncError):
    """The queue's database cannot be reached, or refuses; jobs stay as they are."""


class _Database(Protocol):
    """The part of `QueueDatabase` that is needed."""

    def describe(self) -> str: ...
    async def prepare(self, *, ddl: bool) -> None: ...
    async def alone(self, duty: Callable[[], Awaitable[object]]) -> None: ...
    async def close(self) -> None: ...


@attrs.frozen
class Queued:
    """
    A job in the queue.

    Args:
        id: Its number there.
        job: What it is about.
        begun: Whether a worker has it.
    """

    id: int
    job: UnitJob
    begun: bool


class _PutBack(BaseRetryStrategy):
    """A job that was cut, since its worker ends, goes back at once; one whose error is not its own goes back a little later."""

    def get_retry_decision(self, *, exception: BaseException, job: Job) -> RetryDecision | None:
        """When the job is done again; `None` for never."""
        if isinstance(exception, asyncio.CancelledError | JobAborted):
            return RetryDecision()
        if job.attempts >= _MOST_ATTEMPTS:
            return None
        return RetryDecision(retry_in={"seconds": min(2**job.attempts, 60)})


class Queue:
    """
    The queue of jobs; use it as an async context manager.

    Args:
        connector: procrastinate's.
        database: The same database, for what is no job.
        ddl: Whether procrastinate's schema is created if it is missing.
        failed: Is set when a worker could not write how a job ended: it has to register anew.
    """

    def __init__(
        self, connector: BaseConnector, database: _Database, *, ddl: bool = True, failed: asyncio.Event | None = None
    ) -> None:
        self._app = App(connector=connector)
        self._database = database
        self._ddl = ddl
        self.failed: asyncio.Event = failed or asyncio.Event()

    @classmethod
    def at(cls, dsn: str, *, ddl: bool = True) -> Self:
        """
        The queue in a PostgreSQL database.

        Raises:
            ConfigError: The address is none.
        """
        connector = WorkerConnector(dsn)
        return cls(connector, QueueDatabase(dsn), ddl=ddl, failed=connector.failed)

    def describe(self) -> str:
        """Where it is, without a password."""
        return self._database.describe()

    async def __aenter__(self) -> Self:
        async with contextlib.AsyncExitStack() as stack:
            stack.push_async_callback(self._database.close)
            await self._do(self._database.prepare(ddl=self._ddl))
            stack.push_async_callback(self._app.close_async)
            await self._do(self._app.open_async())
            self._close = stack.pop_all().aclose
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with contextlib.suppress(QueueUnavailable):  # nothing is left to be done there
            await self._do(self._close())

    async def defer(self, jobs: Sequence[UnitJob], *, delay: float = 0.0) -> None:
        """
        Put jobs at the end of the queue, all or none.

        Args:
            jobs: Which.
            delay: Seconds before which none of them is begun.

        Raises:
            QueueUnavailable: See there; they may be in the queue all the same.
        """
        at = _utcnow() + datetime.timedelta(seconds=delay) if delay else None
        await self._do(self._app.job_manager.batch_defer_jobs_async([_row(job, at) for job in jobs]))

    async def unfinished(self, *, lock: str | None = None) -> list[Queued]:
        """
        The jobs that are to be done, or being done, first come first.

        Args:
            lock: Of an account; `None` for all.

        Raises:
            QueueUnavailable: See there.
        """
        rows = await self._do(self._app.job_manager.list_jobs_async(queue=_QUEUE, task=_UNIT, lock=lock))
        return [
            Queued(row.id, UnitJob.of(row.task_kwargs, row.lock), row.status == "doing")
            for row in rows
            if row.id is not None and row.status in _UNFINISHED
        ]

    async def take_off(self, queued: Queued) -> bool:
        """
        Take a job off the queue.

        Returns:
            Whether it was there still, and not begun.

        Raises:
            QueueUnavailable: See there.
        """
        return await self._do(self._app.job_manager.cancel_job_by_id_async(queued.id, delete_job=True))

    async def call(self, account: str, moment: int) -> None:
        """
        Ask for a round of an account, unless somebody has asked for the same one.

        Args:
            account: Whose.
            moment: Which: when it is due, in seconds since the epoch.

        Raises:
            QueueUnavailable: See there.
        """
        job = Job(
            queue=_QUEUE,
            lock=None,
            queueing_lock=None,
            task_name=_ROUND,
            task_kwargs={"account": account, "timestamp": moment},
        )
        await self._do(self._app.job_manager.defer_periodic_job(job, periodic_id=account, defer_timestamp=moment))

    async def recover(self, stale: float) -> None:
        """
        Put the jobs of dead workers back.

        Args:
            stale: Seconds of silence after which a worker is dead.

        Raises:
            QueueUnavailable: See there.
        """
        manager = self._app.job_manager

        async def put_back() -> None:
            for job in await manager.get_stalled_jobs(queue=_QUEUE, seconds_since_heartbeat=stale):
                await manager.retry_job(job)

        # Two workers that did so at once might put back what a third one has begun meanwhile.
        await self._do(self._database.alone(put_back))

    async def serve(
        self,
        unit: Callable[[UnitJob], Awaitable[None]],
        round_: Callable[[str], Awaitable[None]],
        *,
        concurrency: int,
        settings: EngineSettings,
    ) -> None:
        """
        Work off jobs, for ever.

        Args:
            unit: Does a job.
            round_: Puts the jobs of an account's round into the queue.
            concurrency: Jobs at once.
            settings: Times.

        Raises:
            QueueUnavailable: See there; jobs that were under way have ended, or were cut.

        When cancelled, no further job is begun, and those under way may go on for `settings.grace`; then they are cut, and
        stand in the queue again.
        """

        async def do_unit(context: JobContext, /, **args: Any) -> None:
            await unit(UnitJob.of(args, context.job.lock))

        async def do_round(account: str, timestamp: int) -> None:
            await round_(account)

        self._app.task(name=_UNIT, queue=_QUEUE, pass_context=True, retry=_PutBack())(do_unit)
        self._app.task(name=_ROUND, queue=_QUEUE, retry=_PutBack())(do_round)
        running = self._app.run_worker_async(
            queues=[_QUEUE],
            concurrency=concurrency,
            fetch_job_polling_interval=settings.poll,
            shutdown_graceful_timeout=settings.grace,
            # What a job did is in the sink: the queue has nothing to remember.
            delete_jobs="always",
            install_signal_handlers=False,
            update_heartbeat_interval=settings.heartbeat,
            stalled_worker_timeout=max(_STRUCK_OFF, settings.stale),
        )
        await self._do(running)

    async def _do(self, work: Awaitable[T]) -> T:
        """Do something, with other packages' errors as ours: their texts and frames may hold the address."""
        try:
            return await work
        except StoreError as error:
            reason = str(error)
        except (ConnectorException, PsycopgError, OSError) as error:
            cause = error.__cause__ or error
            reason = f"{type(cause).__name__}{_code(cause)}"
        raise QueueUnavailable(f"the queue at {self.describe()} cannot be used: {reason}")


def _row(job: UnitJob, at: datetime.datetime | None) -> Job:
    return Job(queue=_QUEUE, lock=job.lock, queueing_lock=None, task_name=_UNIT, task_kwargs=job.args, scheduled_at=at)


def _code(error: BaseException) -> str:
    code = getattr(error, "sqlstate", None)
    return f" ({code})" if code else ""


def _utcnow() -> datetime.datetime:
    return datetime.datetime.now(datetime.UTC)
