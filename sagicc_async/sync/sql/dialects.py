"""Where SQLite and PostgreSQL differ: how ids are matched with lists of them, and how a writer keeps others out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, Protocol

import msgspec
import sqlalchemy
from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from .upserts import Upsert, all_rows, each_row

_encode: Final = msgspec.json.Encoder().encode

#: Any number will do that other programs do not use: who makes or widens tables holds it.
_LOCK: Final = 7_244_221_007


class Dialect(Protocol):
    """What commits need of a database."""

    name: str

    def insert(self, table: sqlalchemy.Table) -> Any:
        """An `INSERT` that can say `ON CONFLICT`."""

    def upsert(self, table: sqlalchemy.Table, key: Sequence[str]) -> Upsert:
        """What writes rows of a table, new ones or not."""

    def is_one_of(self, column: ColumnElement[str], name: str) -> ColumnElement[bool]:
        """Whether a column holds one of the texts in the parameter of that name, however many they are."""

    def parameter(self, texts: Sequence[str]) -> Any:
        """Texts as such a parameter."""

    def listed(self, lists: Select[Any]) -> Select[Any]:
        """All ids in JSON lists of ids: a query with the one column `id`, of one with the one column `ids`."""

    def is_none_of(self, column: ColumnElement[str], listed: Select[Any]) -> ColumnElement[bool]:
        """Whether a column holds none of the ids of `listed`, which may be more than fit into memory."""

    def as_list(self, column: ColumnElement[str]) -> ColumnElement[str]:
        """An aggregate: the ids of a column as a JSON list."""

    async def plan_for_many(self, connection: AsyncConnection, *, on: bool) -> None:
        """Compare whole tables from here on, or no more, whatever their statistics say."""

    async def keep_others_out(self, connection: AsyncConnection) -> None:
        """Wait until nobody else makes tables, and let nobody begin until the transaction ends."""


class Sqlite:
    """SQLite: one writer at a time, whose transactions begin with the lock."""

    name: str = "sqlite"

    def insert(self, table: sqlalchemy.Table) -> Any:
        """An `INSERT` that can say `ON CONFLICT`."""
        return sqlite.insert(table)

    def upsert(self, table: sqlalchemy.Table, key: Sequence[str]) -> Upsert:
        """What writes rows of a table: one statement, which the driver runs for each."""
        return each_row(sqlite.insert(table), table, key)

    def is_one_of(self, column: ColumnElement[str], name: str) -> ColumnElement[bool]:
        """Whether a column holds one of the texts in a parameter, which is a JSON list."""
        values = func.json_each(sqlalchemy.bindparam(name, type_=sqlalchemy.Text())).table_valued("value")
        return column.in_(select(values.c.value))

    def parameter(self, texts: Sequence[str]) -> Any:
        """Texts as a JSON list."""
        return _encode(texts).decode()

    def listed(self, lists: Select[Any]) -> Select[Any]:
        """All ids in JSON lists of ids."""
        source = lists.subquery()
        values = func.json_each(source.c.ids).table_valued("value")
        return select(values.c.value.label("id")).select_from(source.join(values, sqlalchemy.true()))

    def is_none_of(self, column: ColumnElement[str], listed: Select[Any]) -> ColumnElement[bool]:
        """Whether a column holds none of the ids; SQLite makes an index of them first."""
        return column.not_in(listed)

    def as_list(self, column: ColumnElement[str]) -> ColumnElement[str]:
        """The ids of a column as a JSON list."""
        return func.json_group_array(column)

    async def plan_for_many(self, connection: AsyncConnection, *, on: bool) -> None:
        """Nothing to do: it has no statistics to be wrong."""

    async def keep_others_out(self, connection: AsyncConnection) -> None:
        """Nothing to do: the transaction has the lock."""


class Postgres:
    """PostgreSQL: many writers at a time."""

    name: str = "postgresql"

    def insert(self, table: sqlalchemy.Table) -> Any:
        """An `INSERT` that can say `ON CONFLICT`."""
        return postgresql.insert(table)

    def upsert(self, table: sqlalchemy.Table, key: Sequence[str]) -> Upsert:
        """What writes rows of a table: one statement with one parameter, that holds them all."""
        return all_rows(postgresql.insert(table), table, key)

    def is_one_of(self, column: ColumnElement[str], name: str) -> ColumnElement[bool]:
        """Whether a column holds one of the texts in a parameter, which is an array."""
        return column == func.any(sqlalchemy.bindparam(name, type_=postgresql.ARRAY(sqlalchemy.Text())))

    def parameter(self, texts: Sequence[str]) -> Any:
        """Texts as an array."""
        return list(texts)

    def listed(self, lists: Select[Any]) -> Select[Any]:
        """All ids in JSON lists of ids."""
        source = lists.subquery()
        return select(func.json_array_elements_text(sqlalchemy.cast(source.c.ids, postgresql.JSON)).label("id"))

    def is_none_of(self, column: ColumnElement[str], listed: Select[Any]) -> ColumnElement[bool]:
        """
        Whether a column holds none of the ids.

        Not `NOT IN`: it is quick only while the planner expects the ids to fit into memory.
        """
        ids = listed.subquery()
        return ~sqlalchemy.exists().where(ids.c.id == column)

    def as_list(self, column: ColumnElement[str]) -> ColumnElement[str]:
        """The ids of a column as a JSON list."""
        return sqlalchemy.cast(func.json_agg(column), sqlalchemy.Text)

    async def plan_for_many(self, connection: AsyncConnection, *, on: bool) -> None:
        """
        Forbid nested loops for a while.

        Nothing is known yet of rows that were just written: taken for a few, 10,000 of them were compared with 10,000 ids
        one by one, for half a minute.
        """
        await connection.exec_driver_sql(f"SET LOCAL enable_nestloop = {'off' if on else 'DEFAULT'}")

    async def keep_others_out(self, connection: AsyncConnection) -> None:
        """Take a lock that the end of the transaction gives back."""
        await connection.execute(select(func.pg_advisory_xact_lock(_LOCK)))


def dialect_of(name: str) -> Dialect:
    """The dialect of that name in SQLAlchemy's words."""
    return Sqlite() if name == "sqlite" else Postgres()
