"""A PostgreSQL database as coordination and the token cache use it: single statements, a few connections, errors for people."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Mapping
from types import ModuleType
from typing import Any, Final

from ..errors import ConfigError
from .coordination.store import StoreError

#: Connections for statements; who needs one more waits for it.
_CONNECTIONS: Final = 8


class PostgresDatabase:
    """
    A database.

    Connections are opened when they are needed, and kept. Nothing is prepared and nothing is set in a session, so they may
    lead through a pooler that hands each transaction to another one.

    Args:
        dsn: Its address, as libpq takes it, perhaps with a password.
        limit: Seconds that connecting, and an answer, may take.

    Raises:
        ConfigError: The address is none, or the package is not installed.
    """

    def __init__(self, dsn: str, *, limit: float) -> None:
        self._psycopg = _package()
        self._dsn = dsn
        self._limit = limit
        self._where = _where(self._psycopg, dsn)
        self._idle: list[Any] = []
        self._free = asyncio.Semaphore(_CONNECTIONS)

    def describe(self) -> str:
        """The address without user, password and options."""
        return self._where

    async def close(self) -> None:
        """Close the connections; the next use makes new ones."""
        idle, self._idle = self._idle, []
        for connection in idle:
            await connection.close()

    async def row(self, statement: str, values: Mapping[str, Any]) -> Any:
        """
        Run one statement, and return its first row, if it has one.

        Raises:
            StoreError: It was refused or not sent, or, if it is `in_doubt`, nobody knows.

        Cancelling it closes its connection.
        """
        async with self._connection() as connection:
            cursor = await connection.execute(statement, values)
            return await cursor.fetchone()

    @contextlib.asynccontextmanager
    async def transaction(self) -> AsyncIterator[Any]:
        """
        A connection in a transaction, which is undone if an error leaves the block.

        Raises:
            StoreError: As for `row`.
        """
        async with self._connection() as connection, connection.transaction():
            yield connection

    async def messages(self, channel: str) -> AsyncIterator[str]:
        """
        Listen to a channel; the first thing that comes is empty, as soon as nothing is missed any more.

        Raises:
            StoreError: The connection is lost.

        Cancelling it closes the connection.
        """
        connection = await self._connect()
        try:
            await connection.execute(f'LISTEN "{channel}"')
            yield ""
            async for message in connection.notifies():
                yield message.payload
        except (self._psycopg.Error, OSError) as error:
            raise StoreError(self._reason(error)) from None
        finally:
            await connection.close()

    @contextlib.asynccontextmanager
    async def _connection(self) -> AsyncIterator[Any]:
        async with self._free:
            connection = self._idle.pop() if self._idle else await self._connect()
            whole = False
            try:
                yield connection
                whole = True
            except self._psycopg.Error as error:
                # A server that refuses says so with a code; without one, the connection broke under the statement.
                refused = error.sqlstate is not None and not connection.broken
                whole = refused
                raise StoreError(self._reason(error), in_doubt=not refused) from None
            except OSError as error:
                raise StoreError(self._reason(error), in_doubt=True) from None
            finally:
                if whole:
                    self._idle.append(connection)
                else:
                    await connection.close()
                    await self.close()  # the others may be as broken, which would show one by one

    async def _connect(self) -> Any:
        try:
            return await self._psycopg.AsyncConnection.connect(
                self._dsn,
                autocommit=True,
                prepare_threshold=None,
                application_name="sagicc-async",
                connect_timeout=max(2, round(self._limit)),  # libpq takes no less
                tcp_user_timeout=round(self._limit * 1000),
            )
        except (self._psycopg.Error, OSError) as error:
            raise StoreError(self._reason(error)) from None

    def _reason(self, error: BaseException) -> str:
        """What is wrong, and what to do, in one line."""
        known = _REASONS.get(getattr(error, "sqlstate", None) or "")
        lines = [line.strip() for line in str(error).splitlines() if line.strip()]
        return known or (lines[0] if lines else type(error).__name__)


_REASONS: Final = {
    "25006": "it is a read-only copy; name the primary server",
    "28000": "it refuses the user; check the address",
    "28P01": "it refuses the password; check the address",
    "3D000": "there is no such database; create it, or check the address",
    "42501": "its user may not do what is needed: SELECT, INSERT, UPDATE and DELETE on the tables sagicc_async_*",
    "53300": "it has no connection left; raise max_connections, or use a pooler",
    "57P01": "it is shutting down, or somebody ended the connection",
    "57P03": "it is starting up",
}


def _where(psycopg: ModuleType, dsn: str) -> str:
    try:
        parts = psycopg.conninfo.conninfo_to_dict(dsn)
    except psycopg.ProgrammingError:
        parts = None
    if parts is None:  # not in the `except`: the error quotes the address
        raise ConfigError("the address of the PostgreSQL server is none: postgresql://user:password@host:5432/database")
    host, port = parts.get("host") or "localhost", parts.get("port") or 5432
    return f"postgresql://{host}:{port}/{parts.get('dbname') or parts.get('user') or ''}"


def _package() -> ModuleType:
    try:
        import psycopg.conninfo  # noqa: PLC0415 - an extra
    except ImportError:
        raise ConfigError(
            "coordination through PostgreSQL needs a package: pip install 'sagicc-async[postgres]'"
        ) from None
    return psycopg
