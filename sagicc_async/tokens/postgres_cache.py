"""Tokens at rest in PostgreSQL, for the processes of several hosts."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from typing import Any, Final, TypeVar

from ..errors import ConfigError
from .cache import StoredToken, winner
from .coordination.store import StoreError
from .postgres_client import PostgresDatabase, Refused

log: logging.Logger = logging.getLogger("sagicc_async.tokens")

T = TypeVar("T")

_THERE: Final = "SELECT to_regclass(%s) IS NOT NULL"
_MAKE: Final = "CREATE TABLE IF NOT EXISTS {} (key text PRIMARY KEY, token text NOT NULL, stored timestamptz NOT NULL)"
_GET: Final = "SELECT token FROM {} WHERE key = %s"
_PUT: Final = """
INSERT INTO {} VALUES (%s, %s, now())
ON CONFLICT (key) DO UPDATE SET token = EXCLUDED.token, stored = EXCLUDED.stored
"""
_DROP: Final = "DELETE FROM {} WHERE key = %s"

#: What the server says of a table that somebody has removed.
_NO_TABLE: Final = "42P01"


class PostgresTokenCache:
    """
    A `TokenCache` in a PostgreSQL database: the table `sagicc_async_token_1`, which is made when it is not there.

    Whoever can read the table can use the tokens: `GRANT` it to nobody else. While the database is away tokens are used
    without being kept, which a log line says.

    Args:
        dsn: `postgresql://user:password@host:5432/database`, or as libpq takes it.
        schema: Where the table is; the first of the user's search path if not said.
        limit: Seconds that connecting, and an answer, may take.

    Raises:
        ConfigError: The address is none, or the package is not installed (`pip install 'sagicc-async[postgres]'`).
    """

    def __init__(self, dsn: str, *, schema: str | None = None, limit: float = 2.0) -> None:
        self._database = PostgresDatabase(dsn, limit=limit)
        place = "" if schema is None else '"{}".'.format(schema.replace('"', '""'))
        self._table = f"{place}sagicc_async_token_1"
        self._made = False

    def __repr__(self) -> str:
        return f"PostgresTokenCache({self._database.describe()!r})"

    async def load(self, key: str) -> StoredToken | None:
        """Look for the token of an account."""

        async def look(connection: Any) -> StoredToken | None:
            return await self._kept(connection, key)

        try:
            return await self._transact(look)
        except StoreError as error:
            log.warning("no stored token can be read: %s: %s", self._database.describe(), error)
            return None

    async def store(self, key: str, token: StoredToken, replaces: StoredToken | None) -> StoredToken:
        """
        Keep a token, unless another process stored one since `replaces` was loaded.

        Returns:
            The one to be used; see `winner`.

        Cancelling it leaves the old token or the new one, whole.
        """

        async def swap(connection: Any) -> StoredToken:
            await _take_turns(connection, key)
            chosen = winner(await self._kept(connection, key), token, replaces)
            if chosen is token:
                await connection.execute(_PUT.format(self._table), [key, token.to_json().decode()])
            return chosen

        try:
            return await self._transact(swap)
        except StoreError as error:
            log.warning("a token is used without being kept: %s: %s", self._database.describe(), error)
            return token

    async def drop(self, key: str, token: StoredToken) -> None:
        """Forget a token, unless another one is kept by now."""

        async def remove(connection: Any) -> None:
            await _take_turns(connection, key)
            if await self._kept(connection, key) == token:
                await connection.execute(_DROP.format(self._table), [key])

        try:
            await self._transact(remove)
        except StoreError as error:
            log.warning("a token that is over could not be removed: %s: %s", self._database.describe(), error)

    async def close(self) -> None:
        """Close the connections; the next use makes new ones."""
        await self._database.close()

    async def _transact(self, work: Callable[[Any], Awaitable[T]]) -> T:
        """
        Do something in a transaction, on the table, which is there then; once more if the connection broke under it.

        A connection that was idle for hours may have been ended by the server or by what is between, which shows only
        now; and a login that nobody needs is worse than to ask twice. All that is done here may be done twice.
        """
        try:
            return await self._try(work)
        except Refused as refused:
            if refused.code != _NO_TABLE and not refused.in_doubt:
                raise
            self._made = False
        except StoreError as error:
            if not error.in_doubt:
                raise
        return await self._try(work)

    async def _try(self, work: Callable[[Any], Awaitable[T]]) -> T:
        async def with_table(connection: Any) -> T:
            if not self._made:
                await self._make(connection)
            return await work(connection)

        result = await self._database.transact(with_table)
        self._made = True  # not before the transaction is kept
        return result

    async def _make(self, connection: Any) -> None:
        """Make the table if it is not there: where somebody else has made it, no right to make tables is needed."""
        ((there,),) = await (await connection.execute(_THERE, [self._table])).fetchall()
        if not there:
            await _take_turns(connection, self._table)
            await connection.execute(_MAKE.format(self._table))

    async def _kept(self, connection: Any, key: str) -> StoredToken | None:
        rows = await (await connection.execute(_GET.format(self._table), [key])).fetchall()
        try:
            return StoredToken.from_json(rows[0][0]) if rows else None
        except ConfigError as error:
            log.warning("a stored token is passed over: %s", error)
            return None


async def _take_turns(connection: Any, key: str) -> None:
    """Until the end of the transaction nobody else changes this; a row that is not there yet cannot be locked."""
    await connection.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"sagicc-async {key}"])
