"""`run`, one round of all accounts; `follow`, round after round."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence

from ..clock import Clock, SystemClock
from ..manager import SessionManager
from .accounts import AccountSource, Look, SyncAccount, check_names
from .dry_run import DryRun
from .events import AccountEnded, SyncEvent
from .executor import Executor
from .local import LocalExecutor
from .meter import Meter
from .report import Report
from .schedule import Schedule
from .settings import SyncSettings
from .sink import Sink
from .work import MOST_PASSES, Work


async def run(
    source: AccountSource,
    sink: Sink,
    *,
    sessions: SessionManager | None = None,
    settings: SyncSettings | None = None,
    only: Sequence[str] = (),
    executor: Executor | None = None,
    tell: Callable[[SyncEvent], object] = lambda event: None,
    dry_run: bool = False,
    clock: Clock | None = None,
) -> Report:
    """
    Bring the mirror of every account up to date, once.

    Args:
        source: The accounts.
        sink: Where the mirror is kept.
        sessions: A manager that is open; by default one of this call's own.
        settings: How to go about it.
        only: Names of the accounts to sync; empty for all.
        executor: Who does it; this process by default.
        tell: Called on the loop with everything that happens; it must not block.
        dry_run: Read and compare, and write nothing.
        clock: Time.

    Returns:
        How it went: an account that fails is named there, and stops nobody else.

    Raises:
        ConfigError: `only` names an account that is not there; or the source fails, which stops no account that it gave.

    When cancelled, commits that have begun are brought to their end; the next run goes on from there.
    """
    clock, report = clock or SystemClock(), Report()
    begun = clock.now()
    hooks = [report.take, tell]
    async with _work(sink, sessions=sessions, settings=settings, hooks=hooks, clock=clock, dry_run=dry_run) as work:
        round_ = _Round(source, only)
        async with contextlib.aclosing(round_.feed()) as feed:
            await (executor or LocalExecutor()).execute(feed, work)
    report.seconds = clock.now() - begun
    round_.check()
    return report


async def follow(
    source: AccountSource,
    sink: Sink,
    *,
    stop: asyncio.Event | None = None,
    sessions: SessionManager | None = None,
    settings: SyncSettings | None = None,
    only: Sequence[str] = (),
    executor: Executor | None = None,
    tell: Callable[[SyncEvent], object] = lambda event: None,
    clock: Clock | None = None,
) -> Report:
    """
    Keep the mirror of every account up to date: its rounds begin `every` so often, and never while one of it is going on.

    The source is looked at again and again: accounts come and go without a restart.

    Args:
        source: The accounts.
        sink: Where the mirror is kept.
        stop: Once it is set no round begins any more, and those that are under way are finished.
        sessions: A manager that is open; by default one of this call's own.
        settings: How to go about it.
        only: Names of the accounts to sync; empty for all.
        executor: Who does it; this process by default.
        tell: Called on the loop with everything that happens; it must not block.
        clock: Time.

    Returns:
        How the latest round of each account went, once `stop` is set.

    Raises:
        ConfigError: `only` names an account that is not there at the beginning.

    When cancelled, commits that have begun are brought to their end; whoever follows next goes on from there.
    """
    clock, report, settings = clock or SystemClock(), Report(), settings or SyncSettings()
    begun = clock.now()
    if only:
        await _check_names(source, only)
    async with contextlib.AsyncExitStack() as stack:
        hooks = [report.take, tell]
        work = await stack.enter_async_context(
            _work(
                sink,
                sessions=sessions,
                settings=settings,
                hooks=hooks,
                clock=clock,
                stopping=(lambda: False) if stop is None else stop.is_set,
            )
        )
        schedule = Schedule(source, settings, clock, work.accounts.forget, only=only)
        hooks.append(lambda event: schedule.ended(event.account) if isinstance(event, AccountEnded) else None)
        if stop is not None:
            stopping = asyncio.ensure_future(_stop_when(stop, schedule))
            stack.callback(stopping.cancel)
        feed = await stack.enter_async_context(contextlib.aclosing(schedule.feed()))
        await (executor or LocalExecutor()).execute(feed, work)
    report.seconds = clock.now() - begun
    return report


@contextlib.asynccontextmanager
async def _work(
    sink: Sink,
    *,
    sessions: SessionManager | None,
    settings: SyncSettings | None,
    hooks: Sequence[Callable[[SyncEvent], object]],
    clock: Clock,
    dry_run: bool = False,
    stopping: Callable[[], bool] = lambda: False,
) -> AsyncIterator[Work]:
    """What all share, opened: a manager, the sink, a count of requests."""

    def tell(event: SyncEvent) -> None:
        for hook in hooks:
            hook(event)

    chosen: Sink = DryRun(sink) if dry_run else sink
    async with contextlib.AsyncExitStack() as stack:
        manager = sessions
        if manager is None:
            manager = await stack.enter_async_context(SessionManager(max_connections=500))
        opened = await stack.enter_async_context(chosen)
        meter = Meter()
        stack.callback(manager.on(meter))
        yield Work(
            sessions=manager,
            sink=opened,
            meter=meter,
            settings=settings or SyncSettings(),
            clock=clock,
            tell=tell,
            # What nobody writes, each further pass would find to be new again.
            passes=1 if dry_run else MOST_PASSES,
            stopping=stopping,
        )


async def _stop_when(stop: asyncio.Event, schedule: Schedule) -> None:
    await stop.wait()
    schedule.stop()


async def _check_names(source: AccountSource, only: Sequence[str]) -> None:
    """See that a source has the names that are asked for; one that cannot be read now may have them later."""
    try:
        names = [account.name async for account in source]
    except Exception:  # noqa: BLE001 - the source is its user's code; the schedule asks it again, and logs it
        return
    check_names(only, names)


class _Round:
    """One look at a source."""

    def __init__(self, source: AccountSource, only: Sequence[str]) -> None:
        self._source = source
        self._look = Look(only)
        self._failure: Exception | None = None

    async def feed(self) -> AsyncGenerator[SyncAccount, None]:
        """The accounts that count. An error of the source ends it, and is kept: those that it gave go on."""
        try:
            async for account in self._source:
                if self._look.takes(account):
                    yield account
        except Exception as error:  # noqa: BLE001 - the source is its user's code; raised in `check`
            self._failure = error

    def check(self) -> None:
        """Raise what the round itself could not do."""
        if self._failure is not None:
            raise self._failure
        self._look.check()
