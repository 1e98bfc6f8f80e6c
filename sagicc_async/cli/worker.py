"""`sagicc-async worker [CONFIG] --engine DSN`."""

from __future__ import annotations

import logging
import os
from typing import Annotated, Final

from cyclopts import Parameter, validators

from ..error_share.files import FileErrorCounts
from ..errors import ConfigError
from ..manager import SessionManager
from ..sync.config import ENGINE, holds_password
from ..sync.events import SinkAway, SyncEvent, UnitEnded
from ..sync.outcome import Outcome
from ..tokens.coordination.address import VARIABLE as COORDINATOR
from .console import duration, one_line, say
from .failures import WrongUsage
from .signals import stop_event
from .sync_options import loaded

_AT_LEAST_ONE: Final = Parameter(validator=validators.Number(gte=1))
#: Whose logs repeat at length what we say in a line.
_OTHERS: Final = ("procrastinate", "psycopg.pool")


async def worker(
    config: str | None = None,
    /,
    *,
    engine: str | None = None,
    accounts: str | None = None,
    database: str | None = None,
    coordinator: str | None = None,
    concurrency: Annotated[int, _AT_LEAST_ONE] = 32,
    schedule: bool = True,
) -> int:
    """
    Work off the queue of a sync that many machines share, until Ctrl-C or SIGTERM.

    Start as many as you like, on as many machines as you like; each needs the accounts, and reaches the same two databases.
    When one dies the others take over what it was doing. A round of each account begins every so often, whichever worker
    begins it, and whenever `sagicc-async sync --once --engine DSN` asks for it.

    Parameters
    ----------
    config
        The accounts file, if not at its usual places; see `sync`.
    engine
        The PostgreSQL that holds the queue, postgresql://HOST/DATABASE, or a reference, env:NAME or file:PATH. By default
        $SAGICC_ASYNC_ENGINE, which is also the place for an address with a password, else what [sync] says.
    accounts
        A function that gives the accounts instead, package.module:function.
    database
        Where the mirror is kept; see `sync`.
    coordinator
        What tokens are agreed on through: every process that uses them has to name the same. By default
        $SAGICC_ASYNC_COORDINATOR, else the queue's own database.
    concurrency
        Resources at once, each of another account.
    schedule
        Begin rounds when they are due. Without it only `sync --engine` does.
    """
    from ..sync.procrastinate import worker as serve  # noqa: PLC0415 - it needs packages of its own

    found = loaded(config, accounts=accounts, database=database, engine=engine)
    if found.engine is None:
        raise WrongUsage(f"say which queue: --engine postgresql://HOST/DATABASE, or ${ENGINE}")
    if not found.chosen:
        raise ConfigError("workers keep one mirror together: say where it is, by --database or in [sync]")
    if coordinator is not None and holds_password(coordinator):
        raise ConfigError(
            f"other users can read what stands on a command line: put an address with a password into ${COORDINATOR}"
        )
    _hush()
    sink = found.sink()
    sessions = SessionManager(
        error_counts=FileErrorCounts(),
        coordinator=coordinator or os.environ.get(COORDINATOR) or found.engine,
        timezone=found.timezone,
        max_connections=max(200, 2 * concurrency),
    )
    async with stop_event() as stop, sessions:
        say(f"working, {concurrency} resources at once, into {sink.describe()}")
        await serve(
            found.engine,
            found.source,
            sink,
            sessions=sessions,
            settings=found.settings,
            concurrency=concurrency,
            schedule=schedule,
            stop=stop,
            tell=_tell,
        )
    say("stopped - what was under way is in the queue again")
    return 0


def _tell(event: SyncEvent) -> None:
    """A line for whatever ends."""
    if isinstance(event, UnitEnded):
        say(one_line(_line(event.outcome)), whole=True)
    elif isinstance(event, SinkAway):
        say(one_line(f"waiting for the mirror's store: {event.reason}"), whole=True)


def _line(outcome: Outcome) -> str:
    unit, changes = outcome.unit, outcome.changes
    who = f"{outcome.ending.value} {unit.account} ({unit.vendor}) {unit.resource}"
    if outcome.failed:
        return f"{who}: {outcome.error}"
    written = changes.new + changes.changed + changes.deleted
    return f"{who}: {written + changes.unchanged:,} rows, {written:,} written, {duration(outcome.seconds)}"


def _hush() -> None:
    ours = logging.getLogger("sagicc_async")
    for name in _OTHERS:
        other = logging.getLogger(name)
        other.handlers[:] = ours.handlers
        other.propagate = False
        other.setLevel(logging.INFO if ours.isEnabledFor(logging.DEBUG) else logging.CRITICAL)
