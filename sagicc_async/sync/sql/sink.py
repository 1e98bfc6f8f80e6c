"""`DatabaseSink`: the mirror in SQLite or PostgreSQL."""

from __future__ import annotations

import contextlib
import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from types import TracebackType
from typing import Final, Self

from sqlalchemy.ext.asyncio import AsyncConnection

from ...clock import Clock, SystemClock
from ...errors import ConfigError
from ..outcome import Changes, Outcome
from ..sink import Batch, SinkUnavailable
from ..state import SyncState
from ..unit import Unit
from .address import address_of
from .commit import Commit, Commits
from .database import Database
from .dialects import dialect_of
from .layout import layout
from .preview import preview
from .schema import Schema, script
from .states import States
from .stored import from_epoch, state_from_json
from .tables import UnitTable, UnitTables
from .targets import Target
from .together import Together

_OUR_OWN: Final = "the tables of the sync"


class DatabaseSink:
    """
    Keeps the mirror in a database: a table a resource, `vendor_resource`, which all accounts share.

    Args:
        url: `sqlite:///mirror.db`, or `postgresql://user:password@host/database`.
        ddl: Whether tables are made and widened. With False what is missing is an error that has the statements.
        targets: What writes the rows of a resource instead, into tables of the user's own: `{"siigo/invoices": ...}`; or a
            function that gives the target of a unit, the same for all accounts of a resource, or `None`.
        schema: The schema of the tables, in PostgreSQL; the first of the user's search path if not said.
        connections: How many transactions may be under way at once, in PostgreSQL; further ones wait for their turn.
        clock: Tells when rows change.

    Raises:
        ConfigError: The address is none, or a package is not installed.
    """

    def __init__(
        self,
        url: str,
        *,
        ddl: bool = True,
        targets: Mapping[str, Target] | Callable[[Unit], Target | None] | None = None,
        schema: str | None = None,
        connections: int = 10,
        clock: Clock | None = None,
    ) -> None:
        self._database = Database(address_of(url), connections=connections)
        dialect = self._database.dialect
        if schema is not None and dialect.name == "sqlite":
            raise ConfigError("SQLite has no schemas: leave `schema` away")
        self._target_of = targets if callable(targets) else _by_resource(targets or {})
        own = layout(schema)
        self._tables = UnitTables(dialect, schema, lambda unit: self._target_of(unit) is not None)
        self._schema = Schema(dialect, own, make=ddl, schema=schema)
        self._states = States(dialect, own)
        self._commits = Commits(dialect, own, self._states)
        self._asking: Together[Unit, str | None] = Together(self._read)
        self._noting: Together[Outcome, None] = Together(self._note)
        self._clock = clock or SystemClock()
        self._entered = 0
        #: Commits of which nobody knows whether they count, by their unit.
        self._in_doubt: dict[Unit, tuple[SyncState, SyncState, str]] = {}

    def __repr__(self) -> str:
        return f"DatabaseSink({self.describe()!r})"

    async def __aenter__(self) -> Self:
        if not self._entered:
            self._database.open()
        self._entered += 1
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._entered -= 1
        if not self._entered:
            async with contextlib.AsyncExitStack() as stack:  # each of them, whatever ends the one before
                stack.push_async_callback(self._database.close)
                stack.push_async_callback(self._noting.close)
                stack.push_async_callback(self._asking.close)

    def describe(self) -> str:
        """The address without user, password and options."""
        return self._database.describe()

    async def state(self, unit: Unit) -> SyncState:
        """
        What is remembered of a unit; an empty state if nothing is.

        Raises:
            SinkUnavailable: The database cannot be read now.
            ConfigError: A newer release uses it.
        """
        text = await self._asking.ask(unit)
        return SyncState() if text is None else state_from_json(text)

    async def commit(self, batch: Batch) -> Changes:
        """
        Write rows and state in one transaction; see `Sink.commit`.

        Raises:
            StaleWorker: Another version is stored than `batch.before` has.
            SinkUnavailable: The database cannot be reached, or is full.
            ConfigError: A row cannot be stored, or a table not made.
            Exception: What the target of the resource raises; nothing was written.

        When cancelled, a transaction that has begun is brought to its end first; in PostgreSQL a second cancellation cuts it.
        """
        table = self._tables.of(batch.unit)
        await self._prepare(table)
        commit = Commit(
            batch=batch,
            id=self._commit_id(batch),
            table=table,
            target=self._target_of(batch.unit),
            now=from_epoch(self._clock.wall()),
        )
        try:
            changes = await self._database.transact(
                lambda connection: self._commits.carry_out(connection, commit), doing=table.name
            )
        except SinkUnavailable:
            raise  # it may be written all the same
        except ConfigError:
            self._schema.forget()  # somebody may have removed a table
            self._in_doubt.pop(batch.unit, None)
            raise
        except Exception:
            self._in_doubt.pop(batch.unit, None)
            raise
        self._in_doubt.pop(batch.unit, None)
        return changes

    async def preview(self, batch: Batch, seen: AbstractSet[str]) -> Changes:
        """
        What `commit` would change, if the pass has read the rows with the ids `seen`; nothing is written.

        Raises:
            SinkUnavailable: The database cannot be read now.
            ConfigError: The unit cannot have a table.
        """
        table = self._tables.of(batch.unit)

        async def look(connection: AsyncConnection) -> Changes:
            has_table = await self._schema.has(connection, table)
            has_layout = await self._schema.has_layout(connection)
            return await preview(connection, self._commits, batch, seen, table if has_table and has_layout else None)

        return await self._database.transact(look, doing=table.name, writes=False)

    async def note(self, outcome: Outcome) -> None:
        """
        Remember how it last went with a unit.

        Raises:
            SinkUnavailable: The database cannot be written to now.
            ConfigError: Our own tables cannot be made.
        """
        await self._noting.ask(outcome)

    async def outcomes(self) -> list[tuple[Outcome, SyncState]]:
        """
        How it last went with every unit, and what is remembered of it, in the order of their keys.

        Raises:
            SinkUnavailable: The database cannot be read now.
            ConfigError: A newer release uses it.
        """

        async def read(connection: AsyncConnection) -> list[tuple[Outcome, SyncState]]:
            return await self._states.all(connection) if await self._schema.has_layout(connection) else []

        return await self._database.transact(read, doing=_OUR_OWN, writes=False)

    async def _read(self, units: Sequence[Unit]) -> list[str | None]:
        """The stored states of units."""

        async def read(connection: AsyncConnection) -> dict[Unit, str]:
            return await self._states.read(connection, units) if await self._schema.has_layout(connection) else {}

        found = await self._database.transact(read, doing=_OUR_OWN, writes=False)
        return [found.get(unit) for unit in units]

    async def _note(self, outcomes: Sequence[Outcome]) -> list[None]:
        await self._prepare(None)
        await self._database.transact(lambda connection: self._states.note(connection, outcomes), doing=_OUR_OWN)
        return [None] * len(outcomes)

    async def _prepare(self, table: UnitTable | None) -> None:
        if self._schema.is_ready(table):
            return
        await self._database.transact(
            lambda connection: self._schema.prepare(connection, table),
            doing=_OUR_OWN if table is None else table.name,
        )
        self._schema.prepared(table)

    def _commit_id(self, batch: Batch) -> str:
        """A new one; the same as before if this is the batch of which nobody knows whether it was committed."""
        before, after, known = self._in_doubt.get(batch.unit, (None, None, ""))
        same = before == batch.before and after == batch.after
        made = known if same else uuid.uuid4().hex
        self._in_doubt[batch.unit] = (batch.before, batch.after, made)
        return made


def _by_resource(targets: Mapping[str, Target]) -> Callable[[Unit], Target | None]:
    return lambda unit: targets.get(f"{unit.vendor}/{unit.resource}")


def ddl(url_or_dialect: str, units: Iterable[Unit], *, schema: str | None = None) -> str:
    """
    The statements that make all tables, for migrations of the user's own.

    Args:
        url_or_dialect: The address of a database, or `sqlite` or `postgresql`.
        units: Whose tables; several accounts of a resource share one.
        schema: The schema of the tables.

    Raises:
        ConfigError: The address is none, or two units cannot both have a table.
    """
    name = url_or_dialect.partition(":")[0].partition("+")[0]
    if name not in {"sqlite", "postgresql", "postgres"}:
        raise ConfigError(f"a database can be sqlite or postgresql, not {name}")
    dialect = dialect_of("sqlite" if name == "sqlite" else "postgresql")
    tables = UnitTables(dialect, schema)
    own = layout(schema)
    return script(dialect.name, [own.states, own.met, *{tables.of(unit).table: None for unit in units}])
