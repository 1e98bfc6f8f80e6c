"""
The tables of coordination in PostgreSQL.

What processes agree on at the moment is not logged: it changes with every request, and after a crash nobody could rely on
it anyway. PostgreSQL empties such tables when it recovers, and a copy that is promoted never had their content: so the
epoch is gone exactly when something may be lost. That there was one before stands in a logged table.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from ...errors import ConfigError
from ..postgres_client import PostgresDatabase, Refused
from .store import StoreError

#: Changes with the layout of the tables, whose names end with it.
_LAYOUT: Final = 1

# Any number will do that other programs do not use.
_LOCK: Final = 7_244_221_001

# A new database has an epoch that began before all: nothing was lost.
_DDL: Final = (
    "CREATE TABLE {meta} (created timestamptz NOT NULL)",
    "CREATE UNLOGGED TABLE {epoch} (one boolean PRIMARY KEY CHECK (one), name text NOT NULL, since float8 NOT NULL)",
    (
        "CREATE UNLOGGED TABLE {scope} (key text PRIMARY KEY, version text NOT NULL, document text NOT NULL,"
        " touched timestamptz NOT NULL)"
    ),
    "INSERT INTO {meta} VALUES (now())",
    "INSERT INTO {epoch} VALUES (true, md5(random()::text || clock_timestamp()::text), 0)",
)

_GRANT: Final = (
    "GRANT USAGE ON SCHEMA {schema} TO {user}",
    "GRANT SELECT, INSERT, UPDATE, DELETE ON {meta}, {epoch}, {scope} TO {user}",
)

#: For somebody who may make what its user may not.
_FOR_OTHERS: Final = (
    "CREATE SCHEMA IF NOT EXISTS {schema}",
    *_DDL,
    *_GRANT,
)

# Read from the catalogue: `to_regclass` may not look into every schema, and may remember what was there before.
_THERE: Final = """
EXISTS (
    SELECT FROM pg_class WHERE relname = %({})s AND CASE
        WHEN %(schema)s::text IS NULL THEN pg_table_is_visible(oid)
        ELSE relnamespace = to_regnamespace(quote_ident(%(schema)s))
    END
)
"""

_LOOK: Final = f"""
SELECT pg_is_in_recovery(), {_THERE.format("meta")}, {_THERE.format("newer")},
    quote_ident(coalesce(%(schema)s, current_schema(), 'public')), quote_ident(current_user)
"""

_MAY: Final = """
SELECT bool_and(has_table_privilege(name, privilege))
FROM unnest(%(names)s::text[]) AS name, unnest('{SELECT,INSERT,UPDATE,DELETE}'::text[]) AS privilege
"""

_SWEEP: Final = "DELETE FROM {scope} WHERE touched < now() - interval '7 days'"

#: What the server says to who may not make tables: no right to, or no schema to make them in.
_NOT_OURS: Final = {"42501", "3F000"}


class Tables:
    """
    The names of the tables.

    Args:
        schema: Where they are; the first of the user's search path if not said.
    """

    def __init__(self, schema: str | None) -> None:
        self._schema = schema
        self._place = "" if schema is None else '"{}".'.format(schema.replace('"', '""'))
        self.names: dict[str, str] = _names(self._place)

    def fill(self, statement: str) -> str:
        """A statement with the names in their places."""
        return statement.format(**self.names)

    async def prepare(self, database: PostgresDatabase) -> None:
        """
        Make the tables if they are not there, and remove what nobody has touched for long.

        Raises:
            StoreError: The database cannot be reached, or is a copy.
            ConfigError: They may not be made or used; or a newer release uses the database.
        """
        look = {"meta": _name("", "meta", _LAYOUT), "newer": _name("", "meta", _LAYOUT + 1), "schema": self._schema}
        copy, there, newer, schema, user = await database.row(_LOOK, look)
        others: dict[str, str] = {**_names(f"{schema}."), "schema": schema, "user": user}
        if copy:
            raise StoreError("it is a read-only copy; name the primary server")
        if newer:
            raise ConfigError(
                f"the tables of coordination in {database.describe()} have layout {_LAYOUT + 1} or later, this release of "
                f"sagicc-async knows {_LAYOUT}: a newer one uses the same database; update this process, or give one of "
                "them a database of its own while neither uses the other's tokens"
            )
        refusal = None if there else await self._make(database, look)
        if refusal is not None:
            raise ConfigError(
                f"the tables of coordination are missing in {database.describe()}, and its user may not make them "
                f"({refusal}); let its owner run: {_script(_FOR_OTHERS, others)}"
            )
        if not await self._may(database):
            raise ConfigError(
                f"the tables of coordination in {database.describe()} are not its user's to use; let their owner run: "
                f"{_script(_GRANT, others)}"
            )
        await database.row(self.fill(_SWEEP))

    async def _make(self, database: PostgresDatabase, look: dict[str, Any]) -> str | None:
        """Make them; if that is refused, how."""

        async def make(connection: Any) -> None:
            # Processes that start at the same moment wait for each other.
            await connection.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
            ((there,),) = await (await connection.execute(f"SELECT {_THERE.format('meta')}", look)).fetchall()
            for statement in () if there else _DDL:
                await connection.execute(self.fill(statement))

        try:
            await database.transact(make)
        except Refused as refused:
            if refused.code not in _NOT_OURS:
                raise
            return refused.said
        return None

    async def _may(self, database: PostgresDatabase) -> bool:
        """Whether its user may do all that is needed."""
        try:
            (may,) = await database.row(_MAY, {"names": list(self.names.values())})
        except Refused as refused:
            if refused.code not in _NOT_OURS:
                raise
            return False
        return bool(may)


def _script(statements: Iterable[str], names: dict[str, str]) -> str:
    return f"BEGIN; {'; '.join(statement.format(**names) for statement in statements)}; COMMIT;"


def _names(place: str) -> dict[str, str]:
    return {table: _name(place, table, _LAYOUT) for table in ("meta", "epoch", "scope")}


def _name(place: str, table: str, layout: int) -> str:
    return f"{place}sagicc_async_{table}_{layout}"
