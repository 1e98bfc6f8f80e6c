"""`sagicc-async sync [CONFIG]`, and `sagicc-async sync status [CONFIG]`."""

from __future__ import annotations

import asyncio
import shlex
import sys
from collections.abc import Callable, Sequence
from typing import Annotated, Any, Final

import attrs
from cyclopts import App, Parameter

from ..clock import Clock, SystemClock
from ..errors import ConfigError, SagiccAsyncError
from ..manager import SessionManager
from ..sync.accounts import SyncAccount
from ..sync.accounts_file import OTHERWISE, AccountsFile
from ..sync.config import SyncConfig
from ..sync.dry_run import DryRun
from ..sync.events import SyncEvent
from ..sync.executor import Executor
from ..sync.report import Report
from ..sync.run import follow, run
from ..sync.schedule import every
from ..sync.sink import Sink
from ..sync.unit import Unit
from .choose import managing
from .console import print_json, say
from .failures import Failed, Interrupted, describe
from .signals import until_terminated
from .sync_board import Board, Watched
from .sync_display import shown
from .sync_options import loaded
from .sync_report import as_json, failed_line, print_report
from .sync_status import status

#: Connections in all: many accounts are synced at once.
_CONNECTIONS: Final = 500
#: A unit that there is not.
_NOBODY: Final = Unit(vendor="", account="", resource="")
_NO_NEGATIVE: Final = Parameter(negative="", show_default=False)

sync_app: App = App(name="sync")
sync_app.command(status)


@sync_app.default
async def sync(
    config: str | None = None,
    /,
    *,
    accounts: str | None = None,
    once: Annotated[bool, _NO_NEGATIVE] = False,
    only: Annotated[list[str] | None, _NO_NEGATIVE] = None,
    dry_run: Annotated[bool, _NO_NEGATIVE] = False,
    database: str | None = None,
    coordinator: str | None = None,
    engine: str | None = None,
    json: Annotated[bool, _NO_NEGATIVE] = False,
) -> int:
    """
    Mirror the resources of many accounts into one database, and keep the mirror up to date.

    Each account is synced again every so often, until Ctrl-C or SIGTERM; with --once a single time, as a nightly job does.
    It can be stopped at any moment, and goes on from there; an account that fails stops no other. Only what changed is
    written; what is deleted at the vendor is marked, never removed.

    Parameters
    ----------
    config
        The accounts file, if not $SAGICC_ASYNC_CONFIG, ./accounts.toml or the one in the user's config folder. Its table
        [sync] says how.
    accounts
        A function that gives the accounts instead, package.module:function; it is asked again at each round.
    once
        One round of all accounts, then the report.
    only
        An account to sync, and no other; can be given several times.
    dry_run
        One round that reads and compares, writes nothing, and says what would change.
    database
        Where the mirror is kept: sqlite:///FILE, postgresql://HOST/DATABASE, or a reference, env:NAME or file:PATH. By
        default $SAGICC_ASYNC_DATABASE, which is also the place for an address with a password, else what [sync] says, else
        sqlite:///sagicc-async.db in the working folder.
    coordinator
        Who else uses these tokens; see `export`.
    engine
        A PostgreSQL by which many machines share the work, of which each runs `sagicc-async worker`. By default
        $SAGICC_ASYNC_ENGINE, else what [sync] says, else this process works alone.
    json
        The report for programs.
    """
    found = loaded(config, accounts=accounts, database=database, engine=engine)
    _check_accounts(found)
    sink = found.sink()
    if not found.chosen:
        say(f"The mirror is kept in {sink.describe()}; --database or [sync] of the accounts file says otherwise.")
    doing = _Doing(config=found, sink=sink, once=once or dry_run, dry_run=dry_run, only=tuple(only or ()))
    try:
        async with (
            until_terminated(),
            managing(coordinator, timezone=found.timezone, max_connections=_CONNECTIONS) as sessions,
        ):
            await doing.run(sessions)
    except asyncio.CancelledError:
        doing.stopped()
    except SagiccAsyncError as failure:  # told below the report of what it did not stop
        doing.failure = failure
    return doing.conclude(json=json)


def _check_accounts(config: SyncConfig) -> None:
    """
    See that a file has accounts. A function may have none yet, or none any more: that is its user's to know.

    Raises:
        ConfigError: It has none.
    """
    source = config.source
    if isinstance(source, AccountsFile) and not source.read().accounts:
        raise ConfigError(
            f'{source.path} has no accounts: write one, a table of its own, [NAME] with vendor = "..." and its credentials, '
            f"or {OTHERWISE}"
        )


@attrs.define(kw_only=True)
class _Doing:
    """One run of the command."""

    config: SyncConfig
    sink: Sink
    once: bool
    dry_run: bool
    only: Sequence[str]
    clock: Clock = attrs.field(factory=SystemClock)
    report: Report = attrs.field(factory=Report)
    failure: SagiccAsyncError | None = None
    hooks: list[Callable[[SyncEvent], object]] = attrs.field(factory=list)

    async def run(self, sessions: SessionManager) -> None:
        """Sync, and show how it goes."""
        board = Board(self.clock, would=self.dry_run)
        sessions.on(board.count)
        source = Watched(self.config.source, board, self.only, self._every)
        common: dict[str, Any] = {
            "sessions": sessions,
            "settings": self.config.settings,
            "only": self.only,
            "executor": self._executor(),
            "tell": self._tell,
            "clock": self.clock,
        }
        async with self.sink:
            # A store that is away is waited for while a sync runs; one that was never there is told at once.
            await (DryRun(self.sink) if self.dry_run else self.sink).state(_NOBODY)
            async with shown(board, self._title(), sessions.status, self.clock) as show:
                self.hooks = [self.report.take, board.take, show]
                try:
                    if self.once:
                        await run(source, self.sink, dry_run=self.dry_run, **common)
                    else:
                        await follow(source, self.sink, **common)
                finally:
                    self.report.seconds = board.seconds

    def stopped(self) -> None:
        """
        It was ended from outside.

        Raises:
            Interrupted: It had more to do.
        """
        if self.dry_run:
            raise Interrupted("interrupted - nothing was written")
        if self.once:
            again = shlex.join(["sagicc-async", *sys.argv[1:]])
            raise Interrupted(f"interrupted - what was committed stands; go on from there with: {again}")
        say("stopped - what was committed stands; the same command goes on from there")

    def conclude(self, *, json: bool) -> int:
        """
        Print the report.

        Raises:
            Failed: Not all accounts could be found, or one failed, and nobody asked the command to stop.
        """
        if self.failure is not None:
            self.report.error = describe(self.failure)
        if json:
            print_json(as_json(self.report, into=self.sink.describe(), dry_run=self.dry_run))
        elif len(self.report):
            print_report(self.report, would=self.dry_run)
        elif self.once and self.failure is None:
            say("There is no account, so nothing was synced.")
        if self.failure is not None:
            raise Failed(self.report.error) from self.failure
        if self.once and self.report.failed:
            raise Failed(failed_line(self.report))
        return 0

    def _every(self, account: SyncAccount) -> float | None:
        settings = self.config.settings
        return None if self.once else every(account, settings) * (1 + settings.jitter)

    def _executor(self) -> Executor | None:
        if self.config.engine is None or self.dry_run:  # one process compares, whoever else does the work
            return None
        from ..sync.procrastinate import ProcrastinateExecutor  # noqa: PLC0415 - it needs packages of its own

        executor: Executor = ProcrastinateExecutor(self.config.engine)
        return executor

    def _title(self) -> str:
        doing = "Comparing with" if self.dry_run else "Syncing into" if self.once else "Keeping up to date"
        return f"{doing} {self.sink.describe()}"

    def _tell(self, event: SyncEvent) -> None:
        for hook in self.hooks:
            hook(event)
