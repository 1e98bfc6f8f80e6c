"""The tables in the database: made, widened, or, where the user has migrations of its own, looked at."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

import sqlalchemy
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.schema import CreateTable

from ...errors import ConfigError
from .dialects import Dialect
from .failures import refusal_of
from .kinds import Kind, found_kind, is_wider, sql_type, stored_kind
from .layout import LAYOUT, Layout
from .names import ACCOUNT, HASH, ID, OURS
from .tables import UnitTable

#: The columns of a table that stands in the database; `None` for a kind that we do not know.
Found = Mapping[str, Kind | None]

#: What PostgreSQL says to who may not make tables: no right to, or no schema to make them in.
_NOT_OURS: Final = frozenset({"42501", "3F000"})

_COMPILERS: Final[dict[str, Any]] = {"sqlite": sqlite.dialect(), "postgresql": postgresql.dialect()}  # type: ignore[no-untyped-call]


class Schema:
    """
    Sees to it that tables are there and wide enough, once each.

    Args:
        dialect: Of the database.
        layout: Our own tables.
        make: Whether they may be made and widened; else what is missing is an error.
        schema: The schema of the database that they are in.
    """

    def __init__(self, dialect: Dialect, layout: Layout, *, make: bool, schema: str | None) -> None:
        self._dialect = dialect
        self._layout = layout
        self._make = make
        self._schema = schema
        self._ready: set[UnitTable] = set()
        self._has_layout = False

    def is_ready(self, table: UnitTable | None) -> bool:
        """Whether our own tables, and this one, were seen to be there."""
        return self._has_layout and (table is None or table in self._ready)

    def forget(self) -> None:
        """Look again: somebody may have removed or changed a table."""
        self._ready.clear()
        self._has_layout = False

    async def has_layout(self, connection: AsyncConnection) -> bool:
        """
        Whether our own tables are there; nothing is made.

        Raises:
            ConfigError: A newer release uses the database.
        """
        if not self._has_layout:
            found = await self._found(connection, [*self._own, _newer()])
            _refuse_newer(found)
            self._has_layout = all(found[name] for name in self._own)
        return self._has_layout

    async def has(self, connection: AsyncConnection, table: UnitTable) -> bool:
        """Whether a table is there with all its columns; nothing is made."""
        found = await self._found(connection, [table.name])
        return not plan(self._dialect.name, table, found[table.name])

    async def prepare(self, connection: AsyncConnection, table: UnitTable | None) -> None:
        """
        Make or widen our own tables, and this one, unless they are as they should be.

        Args:
            connection: In a transaction that does nothing else, and whose end makes it count.
            table: The table of a unit, if one is about to be written.

        Raises:
            ConfigError: They cannot be made, or may not; the message has the statements.
        """
        if self._make:
            await self._dialect.keep_others_out(connection)
        names = [*self._own, _newer(), *([] if table is None else [table.name])]
        found = await self._found(connection, names)
        _refuse_newer(found)
        statements = [create(self._dialect.name, own) for own in self._own.values() if not found[own.name]]
        if table is not None:
            statements += plan(self._dialect.name, table, found[table.name])
        await self._run(connection, statements)

    def prepared(self, table: UnitTable | None) -> None:
        """The transaction of `prepare` is committed."""
        self._has_layout = True
        if table is not None:
            self._ready.add(table)

    @property
    def _own(self) -> dict[str, sqlalchemy.Table]:
        return {table.name: table for table in (self._layout.states, self._layout.met)}

    async def _found(self, connection: AsyncConnection, names: Iterable[str]) -> dict[str, Found]:
        return await connection.run_sync(_columns, list(names), self._schema)

    async def _run(self, connection: AsyncConnection, statements: Sequence[str]) -> None:
        script = ";\n".join(statements)
        if statements and not self._make:
            raise ConfigError(f"tables or columns are missing, and with ddl=False nothing is made; run:\n{script};")
        refused = False
        try:
            for statement in statements:
                await connection.exec_driver_sql(statement)
        except sqlalchemy.exc.DBAPIError as error:
            refusal = refusal_of(error)
            refused = refusal is not None and refusal.code in _NOT_OURS
            if not refused:
                raise
        if refused:
            raise ConfigError(f"the database's user may not make or widen tables; let its owner run:\n{script};")


def plan(dialect: str, table: UnitTable, found: Found) -> list[str]:
    """
    The statements that make a table of what is found.

    Args:
        dialect: The database's.
        table: The table as it should be.
        found: Its columns as they are; empty if there is no such table.

    Raises:
        ConfigError: A column is of another kind, or the table is not ours.
    """
    if not found:
        return [create(dialect, table.table)]
    if not {ACCOUNT, ID, HASH} <= found.keys():
        raise ConfigError(
            f"there is a table {table.name} that sagicc-async did not make: rename it, keep the mirror in another schema, "
            "or write it yourself by `targets`"
        )
    statements = []
    for name, kind in table.kinds.items():
        wanted = stored_kind(kind, dialect)
        if name not in found:
            statements.append(_add(dialect, table.table, name, kind))
        elif found[name] is not wanted and not _fits(found[name], wanted):
            statements += _widen(dialect, table.table, name, found[name], kind)
    return statements


def script(dialect: str, tables: Iterable[sqlalchemy.Table]) -> str:
    """The statements that make tables."""
    return "".join(f"{create(dialect, table)};\n\n" for table in tables)


def create(dialect: str, table: sqlalchemy.Table) -> str:
    """The statement that makes a table."""
    return str(CreateTable(table).compile(dialect=_COMPILERS[dialect])).strip()


def _fits(found: Kind | None, wanted: Kind) -> bool:
    """Whether a column that somebody made otherwise holds all that it should."""
    return found is not None and is_wider(found, wanted)


def _add(dialect: str, table: sqlalchemy.Table, name: str, kind: Kind) -> str:
    return f"ALTER TABLE {_table(dialect, table)} ADD COLUMN {_quoted(dialect, name)} {_type(dialect, kind)}"


def _widen(dialect: str, table: sqlalchemy.Table, name: str, found: Kind | None, kind: Kind) -> list[str]:
    if found is None or not is_wider(kind, found):
        there = "another type" if found is None else found.value
        raise ConfigError(
            f"the column {name} of {table.name} holds {there}, and should hold {kind.value}, which cannot be made of it: "
            "rename the column, and the next whole pass fills a new one"
        )
    place, column, type_ = _table(dialect, table), _quoted(dialect, name), _type(dialect, kind)
    if dialect == "postgresql":
        return [f"ALTER TABLE {place} ALTER COLUMN {column} TYPE {type_} USING {column}::{type_}"]
    # SQLite cannot change a column's type.
    wide = _quoted(dialect, f"{name}__wide")
    return [
        f"ALTER TABLE {place} ADD COLUMN {wide} {type_}",
        f"UPDATE {place} SET {wide} = CAST({column} AS {type_})",  # noqa: S608 - names, quoted
        f"ALTER TABLE {place} DROP COLUMN {column}",
        f"ALTER TABLE {place} RENAME COLUMN {wide} TO {column}",
    ]


def _table(dialect: str, table: sqlalchemy.Table) -> str:
    text: str = _COMPILERS[dialect].identifier_preparer.format_table(table)
    return text


def _quoted(dialect: str, name: str) -> str:
    text: str = _COMPILERS[dialect].identifier_preparer.quote(name)
    return text


def _type(dialect: str, kind: Kind) -> str:
    return sql_type(kind).compile(dialect=_COMPILERS[dialect])


def _columns(connection: sqlalchemy.Connection, names: Sequence[str], schema: str | None) -> dict[str, Found]:
    look = sqlalchemy.inspect(connection)
    return {
        name: {column["name"]: found_kind(column["type"]) for column in look.get_columns(name, schema)}
        if look.has_table(name, schema)
        else {}
        for name in names
    }


def _newer() -> str:
    return f"{OURS}sync_{LAYOUT + 1}"


def _refuse_newer(found: Mapping[str, Found]) -> None:
    if found[_newer()]:
        raise ConfigError(
            f"the tables of the sync have layout {LAYOUT + 1} or later, this release of sagicc-async knows {LAYOUT}: a newer "
            "one uses the same database; update this process, or give one of them a database of its own"
        )
