"""A PostgreSQL database as coordination and the token cache use it: single statements, a few connections, errors for people."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Mapping
from types import ModuleType
from typing import Any, Final, TypeVar

from ..errors import ConfigError
from .coordination.store import StoreError

T = TypeVar("T")

#: Connections for statements; who needs one more waits for it.
_CONNECTIONS: Final = 8

#: Seconds of silence after which a channel is asked whether it is still there.
_SILENCE: Final = 5.0


class Refused(StoreError):
    """
    The server answered that it does not do it.

    Args:
        reason: What is wrong, in one line for people, without a secret.
        code: The server's own name for it, five characters.
        said: The server's own words for it.
        in_doubt: Whether it may have been done all the same: the connection ended with it.
    """

    def __init__(self, reason: str, *, code: str, said: str, in_doubt: bool) -> None:
        super().__init__(reason, in_doubt=in_doubt)
        self.code: str = code
        self.said: str = said


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
        """Close the connections; the next use makes new ones, perhaps on another event loop."""
        self._free = asyncio.Semaphore(_CONNECTIONS)
        await self._close_idle()

    async def row(self, statement: str, values: Mapping[str, Any] | None = None) -> Any:
        """
        Run one statement, and return its first row, if it has one.

        Raises:
            StoreError: It was refused or not sent, or, if it is `in_doubt`, nobody knows.

        Cancelling it closes its connection.
        """

        async def run(connection: Any) -> Any:
            cursor = await connection.execute(statement, values)
            return None if cursor.rownumber is None else await cursor.fetchone()

        return await self._use(run)

    async def transact(self, work: Callable[[Any], Awaitable[T]]) -> T:
        """
        Do something in one transaction, which is undone if it fails.

        Args:
            work: Given the connection.

        Raises:
            StoreError: As for `row`.

        Cancelling it closes its connection.
        """

        async def run(connection: Any) -> T:
            async with connection.transaction():
                return await work(connection)

        return await self._use(run)

    async def messages(self, channel: str) -> AsyncIterator[str]:
        """
        Listen to a channel; the first thing that comes is empty, as soon as nothing is missed any more.

        Raises:
            StoreError: The connection is lost.

        Cancelling it closes the connection.
        """
        connection = await self._connect()
        try:
            await self._in_time(connection, connection.execute(f'LISTEN "{channel}"'))
            yield ""
            while True:
                async for message in connection.notifies(timeout=_SILENCE):
                    yield message.payload
                await self._in_time(connection, connection.execute("SELECT 1"))
        except (self._psycopg.Error, OSError) as error:
            raise self._failure(error) from None
        finally:
            await connection.close()

    async def _close_idle(self) -> None:
        idle, self._idle = self._idle, []
        for connection in idle:
            await connection.close()

    async def _use(self, work: Callable[[Any], Coroutine[Any, Any, T]]) -> T:
        async with self._free:
            connection = self._idle.pop() if self._idle else await self._connect()
            whole = False
            try:
                result = await self._in_time(connection, work(connection))
                whole = True
            except self._psycopg.Error as error:
                # A server that refuses says so with a code; without one, the connection broke under the statement.
                whole = error.sqlstate is not None and not connection.broken
                raise self._failure(error, in_doubt=not whole) from None
            except OSError as error:
                raise self._failure(error, in_doubt=True) from None
            finally:
                if whole:
                    self._idle.append(connection)
                else:
                    await connection.close()
                    await self._close_idle()  # the others may be as broken, which would show one by one
            return result

    async def _in_time(self, connection: Any, work: Coroutine[Any, Any, T]) -> T:
        """
        Wait for the server, but not for long.

        The package would meet a cancellation by asking the server to stop, and wait for that for up to ten seconds. So it
        is not told of it: its connection ends under it instead.
        """
        task = asyncio.get_running_loop().create_task(work)
        task.add_done_callback(_take_note)
        try:
            await asyncio.wait([task], timeout=self._limit)
        finally:
            answered = task.done()
            if not answered:
                await _hang_up(connection, task)
        if not answered:
            raise StoreError(f"no answer within {self._limit:g} s", in_doubt=True)
        return task.result()

    async def _connect(self) -> Any:
        # Raised after the `except`: else the package's error, whose frames hold the address, would stay with it.
        try:
            async with asyncio.timeout(self._limit):
                connection = await self._psycopg.AsyncConnection.connect(
                    self._dsn,
                    autocommit=True,
                    prepare_threshold=None,
                    application_name="sagicc-async",
                    tcp_user_timeout=round(self._limit * 1000),
                )
                try:
                    # What `transact` begins with, whatever the administrator's default: who waits sees what others did.
                    await connection.set_isolation_level(self._psycopg.IsolationLevel.READ_COMMITTED)
                except BaseException:
                    await connection.close()
                    raise
                return connection
        except TimeoutError:
            failure = StoreError(f"no answer within {self._limit:g} s")
        except (self._psycopg.Error, OSError) as error:
            failure = self._failure(error)
        raise failure

    def _failure(self, error: BaseException, *, in_doubt: bool = False) -> StoreError:
        """What is wrong, and what to do, in one line."""
        code = getattr(error, "sqlstate", None)
        lines = [line.strip() for line in str(error).splitlines() if line.strip()]
        said = lines[0] if lines else type(error).__name__
        if code is not None:
            return Refused(_REASONS.get(code, said), code=code, said=said, in_doubt=in_doubt)
        # Of a connection that it refuses, the server's code does not reach us: only what it says, in the server's language.
        known = code_said(said)
        return StoreError(said if known is None else _REASONS[known], in_doubt=in_doubt)


_READ_ONLY: Final = "it is a read-only copy; name the primary server"

_REASONS: Final = {
    "0A000": _READ_ONLY,  # nothing else that we do needs a feature that it may lack
    "25006": _READ_ONLY,
    "28000": "it refuses the user; check the address, and its pg_hba.conf",
    "28P01": "it refuses the password; check the address",
    "3D000": "there is no such database; create it, or check the address",
    "42501": "its user may not do what is needed: SELECT, INSERT, UPDATE and DELETE on the tables sagicc_async_*",
    "53300": "it has no connection left; raise max_connections, or use a pooler",
    "57P01": "it is shutting down, or somebody ended the connection",
    "57P03": "it is starting up, or shutting down",
}

_SAID: Final = {
    "password authentication failed": "28P01",
    "no password supplied": "28P01",
    "no pg_hba.conf entry": "28000",
    "too many clients": "53300",
    "too many connections": "53300",
    "remaining connection slots": "53300",
    "the database system is": "57P03",
    "FATAL:  database ": "3D000",
    "FATAL:  role ": "28000",
}


def code_said(said: str) -> str | None:
    """The code that stands behind what a server says of a connection that it refuses; `None` where nothing tells."""
    return next((code for words, code in _SAID.items() if words in said), None)


def _take_note(task: asyncio.Task[Any]) -> None:
    """An error that nobody waits for any more is no news."""
    if not task.cancelled():
        task.exception()


async def _hang_up(connection: Any, task: asyncio.Task[Any]) -> None:
    """
    End a connection at once, so that who waits for its answer fails.

    A cancellation has to wait for that moment: a task that is left alone would take leave of a file descriptor that is
    somebody else's by then.
    """
    cancelled = None
    if not connection.closed:
        with contextlib.suppress(OSError), socket.socket(fileno=os.dup(connection.fileno())) as line:
            line.shutdown(socket.SHUT_RDWR)
    while not task.done():
        try:
            await asyncio.wait([task])
        except asyncio.CancelledError as error:
            cancelled = error
    if cancelled is not None:
        raise cancelled


def _where(psycopg: ModuleType, dsn: str) -> str:
    try:
        parts = psycopg.conninfo.conninfo_to_dict(dsn)
    except psycopg.ProgrammingError:
        parts = {"port": "none"}
    host, port = parts.get("host") or "localhost", str(parts.get("port") or 5432)
    database = parts.get("dbname") or parts.get("user") or ""
    # A password with an @ or a / in it, not written as %40 or %2F, would be taken for a part of what is shown.
    if (
        not port.replace(",", "").isdecimal() or "@" in host + database
    ):  # not in the `except`: the error quotes the address
        raise ConfigError(
            "the address of the PostgreSQL server is none: postgresql://user:password@host:5432/database; in user and "
            "password, : / @ are written as %3A %2F %40"
        )
    return f"postgresql://{host}:{port}/{database}"


def _package() -> ModuleType:
    try:
        import psycopg.conninfo  # noqa: PLC0415 - an extra
    except ImportError:
        raise ConfigError(
            "coordination through PostgreSQL needs a package: pip install 'sagicc-async[postgres]'"
        ) from None
    return psycopg
