"""
The tables of coordination in PostgreSQL.

What processes agree on at the moment is not logged: it changes with every request, and after a crash nobody could rely on
it anyway. PostgreSQL empties such tables when it recovers, and a copy that is promoted never had their content: so the
epoch is gone exactly when something may be lost. That there was one before stands in a logged table.
"""

from __future__ import annotations

from typing import Any, Final

from ...errors import ConfigError
from ..postgres_client import PostgresDatabase
from .store import StoreError

#: Changes with the layout of the tables, whose names end with it.
_LAYOUT: Final = 1

# Any number will do that other programs do not use.
_LOCK: Final = 7_244_221_001

_DDL: Final = (
    "CREATE TABLE {meta} (created timestamptz NOT NULL)",
    "CREATE UNLOGGED TABLE {epoch} (one boolean PRIMARY KEY CHECK (one), name text NOT NULL, since float8 NOT NULL)",
    (
        "CREATE UNLOGGED TABLE {scope} (key text PRIMARY KEY, version text NOT NULL, document text NOT NULL,"
        " touched timestamptz NOT NULL)"
    ),
    "INSERT INTO {meta} VALUES (now())",
    "INSERT INTO {epoch} VALUES (true, 'first', 0)",
)

_SWEEP: Final = "DELETE FROM {scope} WHERE touched < now() - interval '7 days'"


class Tables:
    """
    The names of the tables.

    Args:
        schema: Where they are; the first of the user's search path if not said.
    """

    def __init__(self, schema: str | None) -> None:
        place = "" if schema is None else '"{}".'.format(schema.replace('"', '""'))
        self.names: dict[str, str] = {
            name: f"{place}sagicc_async_{name}_{_LAYOUT}" for name in ("meta", "epoch", "scope")
        }

    def fill(self, statement: str) -> str:
        """A statement with the names in their places."""
        return statement.format(**self.names)

    @property
    def ddl(self) -> str:
        """What makes them, for somebody who may."""
        return "; ".join(map(self.fill, _DDL)) + ";"

    async def prepare(self, database: PostgresDatabase) -> None:
        """
        Make the tables if they are not there, and remove what nobody has touched for long.

        Raises:
            StoreError: The database cannot be reached.
            ConfigError: They may not be made.
        """
        reason = None
        try:
            async with database.transaction() as connection:
                await self._make(connection)
        except StoreError as error:
            if "may not do" not in str(error):
                raise
            reason = (
                f"the tables of coordination are missing, and its user may not make them; let its owner run: {self.ddl}"
            )
        if reason is not None:
            raise ConfigError(reason)

    async def _make(self, connection: Any) -> None:
        # Processes that start at the same moment wait for each other.
        await connection.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
        cursor = await connection.execute("SELECT to_regclass(%s) IS NULL", [self.names["meta"]])
        ((missing,),) = await cursor.fetchall()
        for statement in _DDL if missing else (_SWEEP,):
            await connection.execute(self.fill(statement))
