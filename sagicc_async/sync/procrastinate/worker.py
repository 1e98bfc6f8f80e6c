"""`worker`: works off jobs until it is told to stop; any number of them, on any number of machines."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
from collections.abc import Awaitable, Callable
from typing import Any, Final

from ...adapter import Adapter
from ...clock import Clock, SystemClock
from ...errors import ConfigError, SagiccAsyncError
from ...manager import SessionManager
from ...tokens.coordination.address import VARIABLE
from ...tokens.coordination.memory import MemoryCoordinator
from ..accounts import AccountSource, SyncAccount
from ..events import SyncEvent
from ..meter import Meter
from ..schedule import every
from ..settings import SyncSettings
from ..sink import Sink
from ..work import Work
from .queue import Queue, QueueUnavailable
from .roster import Roster
from .settings import EngineSettings
from .slots import latest
from .turns import Turns

_log: Final = logging.getLogger("sagicc_async.sync")

#: Jobs at once, if nobody says.
CONCURRENCY: Final = 32
#: Seconds between two looks at what is due.
_TICK: Final = 1.0
#: Seconds before a queue that is away is asked again: at first, and at most.
_FIRST_WAIT: Final = 0.5
_LONGEST_WAIT: Final = 15.0


async def worker(
    dsn: str,
    source: AccountSource,
    sink: Sink,
    *,
    sessions: SessionManager | None = None,
    settings: SyncSettings | None = None,
    engine: EngineSettings | None = None,
    concurrency: int = CONCURRENCY,
    schedule: bool = True,
    ddl: bool = True,
    stop: asyncio.Event | None = None,
    tell: Callable[[SyncEvent], object] = lambda event: None,
    clock: Clock | None = None,
) -> None:
    """
    Work off jobs until `stop` is set.

    Any number of workers share a queue, a sink and what the source gives. When one of them dies the others take over its jobs
    within `engine.stale` seconds; when its queue goes away it waits for it.

    Args:
        dsn: The queue's PostgreSQL database, as libpq takes its address.
        source: The accounts. A job names its account; the source gives it its credentials, here.
        sink: Where the mirror is kept: the same for all workers.
        sessions: A manager that is open; by default one of this call's own, whose tokens are agreed on with the other workers
            through the same database, or as `SAGICC_ASYNC_COORDINATOR` says.
        settings: How to go about it.
        engine: How workers share their work.
        concurrency: Jobs at once.
        schedule: Whether to begin the rounds of accounts when they are due; without it rounds are only begun by `sync.run` with a
            `ProcrastinateExecutor`. However many workers do so, a round is begun once.
        ddl: Whether procrastinate's tables are created if they are missing.
        stop: Once it is set no job is begun any more, and those that are under way go back into the queue at their next commit;
            what has not come to one within `engine.grace` is cut.
        tell: Called on the loop with everything that happens here; it must not block.
        clock: Time.

    Raises:
        ConfigError: The queue cannot be used, at the beginning; or nobody else would know of the tokens that are in use here.

    When cancelled it ends as if `stop` were set.
    """
    if concurrency < 1:
        raise ConfigError(f"a worker does at least 1 job at once, not {concurrency}")
    clock, engine = clock or SystemClock(), engine or EngineSettings()
    async with contextlib.AsyncExitStack() as stack:
        manager = sessions
        if manager is None:
            manager = await stack.enter_async_context(_manager(dsn, concurrency))
        if isinstance(manager.coordinator, MemoryCoordinator):
            raise ConfigError(
                f"workers must agree on tokens, and memory: is for one process alone; leave ${VARIABLE} unset, or name one "
                "that all of them reach"
            )
        opened = await stack.enter_async_context(sink)
        meter = Meter()
        stack.callback(manager.on(meter))
        work = Work(
            sessions=manager, sink=opened, meter=meter, settings=settings or SyncSettings(), clock=clock, tell=tell
        )
        roster = Roster(source, clock, work.accounts.forget)
        running = _Worker(work, roster, engine, concurrency=concurrency, schedule=schedule)
        await running.until(stop or asyncio.Event(), lambda: Queue.at(dsn, ddl=ddl))


def _manager(dsn: str, concurrency: int) -> SessionManager:
    # The variable may name memory:, which is then refused with the reason, rather than silently overruled.
    return SessionManager(coordinator=os.environ.get(VARIABLE) or dsn, max_connections=max(200, 2 * concurrency))


class _Worker:
    """One worker, through all outages of its queue."""

    def __init__(self, work: Work, roster: Roster, engine: EngineSettings, *, concurrency: int, schedule: bool) -> None:
        self._work = work
        self._roster = roster
        self._engine = engine
        self._concurrency = concurrency
        self._schedule = schedule
        self._leaving = False
        self._advice: dict[str | type[Adapter], float] = {}

    async def until(self, stop: asyncio.Event, open_queue: Callable[[], Queue]) -> None:
        """Work until it is stopped; a queue that goes away is waited for, one that is not there is an error."""
        wait, served = _FIRST_WAIT, False
        while not stop.is_set():
            try:
                async with open_queue() as queue:
                    wait, served = _FIRST_WAIT, True
                    await self._serve(queue, stop)
                continue
            except QueueUnavailable as away:
                if not served:
                    raise ConfigError(str(away)) from None
                _log.warning("%s; it is asked again in %g s", away, wait)
            await _first(stop.wait(), self._work.clock.sleep(wait))
            wait = min(2 * wait, _LONGEST_WAIT)

    async def _serve(self, queue: Queue, stop: asyncio.Event) -> None:
        """Work until it is stopped, or the queue is lost."""
        self._leaving = False
        turns = Turns(
            queue,
            self._roster,
            self._work,
            self._engine,
            concurrency=self._concurrency,
            leaving=lambda: self._leaving,
        )
        serving = asyncio.ensure_future(
            queue.serve(turns.unit, turns.round, concurrency=self._concurrency, settings=self._engine)
        )
        beside = [
            asyncio.ensure_future(work)
            for work in (stop.wait(), queue.failed.wait(), self._recover(queue), self._call(queue))
        ]
        try:
            done, _ = await asyncio.wait([serving, *beside], return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._leaving = True
            for task in (serving, *beside):
                task.cancel()
            await _over(serving, *beside)
        for task in done:
            task.result()
        if not stop.is_set():
            raise QueueUnavailable(f"the queue at {queue.describe()} was lost")

    async def _recover(self, queue: Queue) -> None:
        """Put the jobs of dead workers back, again and again."""
        while True:
            with contextlib.suppress(QueueUnavailable):  # serving it notices, and says so
                await queue.recover(self._engine.stale)
            await self._work.clock.sleep(self._engine.recover)

    async def _call(self, queue: Queue) -> None:
        """Ask for the rounds that are due, again and again."""
        called: dict[str, int] = {}
        if not self._schedule:
            await asyncio.Event().wait()
        while True:
            with contextlib.suppress(QueueUnavailable):  # serving it notices, and says so
                await self._call_due(queue, called)
            await self._work.clock.sleep(_TICK)

    async def _call_due(self, queue: Queue, called: dict[str, int]) -> None:
        try:
            accounts = await self._roster.all()
        except SagiccAsyncError as error:
            _log.error("the accounts could not be read: %s; they are asked for again", error)
            return
        except Exception as error:  # noqa: BLE001 - the source is its user's code: whatever it raises, jobs go on
            _log.error("the accounts could not be read (%s); they are asked for again", type(error).__name__)
            _log.debug("the accounts could not be read", exc_info=True)
            return
        now = self._work.clock.wall()
        for account in accounts:
            moment = latest(account.name, self._every(account), self._work.settings.jitter, now)
            if called.get(account.name) != moment:  # the others know of it too, so the queue decides who was first
                await queue.call(account.name, moment)
                called[account.name] = moment

    def _every(self, account: SyncAccount) -> float:
        if account.every is not None:
            return account.every
        if (
            account.vendor not in self._advice
        ):  # to look for an adapter takes milliseconds, and there may be many accounts
            self._advice[account.vendor] = every(account, self._work.settings)
        return self._advice[account.vendor]


async def _over(*tasks: asyncio.Future[Any]) -> None:
    """
    Wait until tasks that were told to end have ended.

    When cancelled it waits all the same: jobs have their own limit to come to a commit, and are left to nobody.
    """
    cancelled = None
    while not all(task.done() for task in tasks):
        try:
            await asyncio.wait(tasks)
        except asyncio.CancelledError as error:
            cancelled = error
    for task in tasks:
        if not task.cancelled():
            task.exception()  # whoever cares has it from the task
    if cancelled is not None:
        raise cancelled


async def _first(*waits: Awaitable[object]) -> None:
    """Wait for the first of several."""
    tasks = [asyncio.ensure_future(wait) for wait in waits]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
