"""A database as the sink uses it: transactions that queue up for its connections, and are not cut in the middle."""

from __future__ import annotations

import asyncio
import logging
import os
import random
import sqlite3
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, Final, TypeVar

import aiosqlite
import attrs
import sqlalchemy
from sqlalchemy.engine import URL
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import AsyncAdaptedQueuePool

from ...errors import ConfigError
from .address import shown
from .dialects import Dialect, dialect_of
from .failures import Refusal, failure, refusal_of

T = TypeVar("T")

# At DEBUG the driver of SQLite logs each statement with its parameters, which are the rows.
logging.getLogger("aiosqlite").addFilter(lambda record: record.levelno > logging.DEBUG)

#: Seconds that SQLite waits for another process's lock.
_BUSY: Final = 5.0

#: Seconds after which a transaction is cut off that gets no answer, though the connection seems well.
_LIMIT: Final = 300.0

#: What libpq is told unless the address says otherwise; seconds, but for the last one. A server that is gone without a
#: word is noticed within a minute, whether it owes us an answer or an acknowledgement.
_LIBPQ: Final[dict[str, Any]] = {
    "application_name": "sagicc-async",
    "connect_timeout": 10,
    "keepalives_idle": 20,
    "keepalives_interval": 10,
    "keepalives_count": 3,
    "tcp_user_timeout": 50_000,
}

_WRITES: Final = "sagicc_async_writes"

#: An empty database, and what stands in an address where no path does.
_IN_MEMORY: Final = URL.create("sqlite+aiosqlite", database=":memory:")
_NO_PATHS: Final = (":memory:", "file:")


class _TooLong(Exception):
    """A transaction took longer than the limit."""


@attrs.define
class _Progress:
    connected: bool = False


class Database:
    """
    A database.

    Args:
        url: Its address.
        connections: How many transactions may be under way at once. SQLite has one connection: only one can write anyway.
    """

    def __init__(self, url: URL, *, connections: int) -> None:
        self.dialect: Dialect = dialect_of(url.get_backend_name())
        self._url = url
        self._where = shown(url)
        self._connections = 1 if self.dialect.name == "sqlite" else connections
        self._may_be_cut = self.dialect.name != "sqlite"
        self._engine: AsyncEngine | None = None
        self._nothing: AsyncEngine | None = None
        self._free = asyncio.Semaphore(self._connections)

    def describe(self) -> str:
        """The address without user, password and options."""
        return self._where

    def open(self) -> None:
        """Be ready for `transact`, on the running loop; connections are made when they are needed."""
        self._free = asyncio.Semaphore(self._connections)
        self._engine = _engine(self._url, self.dialect, self._connections)
        self._nothing = _engine(_IN_MEMORY, self.dialect, 1) if self.dialect.name == "sqlite" else None

    async def close(self) -> None:
        """Close all connections."""
        engines = [engine for engine in (self._engine, self._nothing) if engine is not None]
        self._engine = self._nothing = None
        if engines:
            await _to_its_end(asyncio.gather(*(engine.dispose() for engine in engines)), lambda again: again)

    async def transact(self, work: Callable[[AsyncConnection], Awaitable[T]], *, doing: str, writes: bool = True) -> T:
        """
        Do something in one transaction, which is undone if it fails. Who finds no free connection waits for one, in turn.

        A file that is not there holds nothing, and is not made by who reads it.

        Args:
            work: Given the connection.
            doing: What it does, for messages.
            writes: Whether it writes.

        Raises:
            SinkUnavailable: The database cannot be reached or written to now, or nobody knows whether it was written.
            ConfigError: It refuses what somebody has to mend.
            Exception: What `work` raises.

        When cancelled, a transaction that has begun is brought to its end first. A second cancellation cuts it in PostgreSQL;
        a connection to SQLite that is closed in the middle would keep the file locked for as long as anybody knows its cursor.
        """
        engine = self._engine if writes or not self._is_missing() else self._nothing
        if engine is None:
            raise ConfigError(f"the sink {self._where} is used inside of `async with` only")
        async with self._free:
            progress = _Progress()
            limit = _LIMIT if self._may_be_cut else None
            task = asyncio.ensure_future(_transaction(engine, work, progress, writes=writes, limit=limit))
            await _to_its_end(task, lambda again: self._may_be_cut and (again or not progress.connected))
        error = task.exception()
        if error is None:
            return task.result()
        unreachable = isinstance(error, _TooLong) or (isinstance(error, OSError) and not progress.connected)
        refusal = Refusal(lost=True) if unreachable else refusal_of(error)
        # Raised outside of a handler: SQLAlchemy's and the driver's errors quote rows and addresses.
        raise error if refusal is None else failure(refusal, self._where, doing)

    def _is_missing(self) -> bool:
        """Whether there is no file; where none can be made, SQLite is to say so."""
        named = self._url.database
        if self._nothing is None or not named or named.startswith(_NO_PATHS):
            return False
        path = Path(named)
        return not path.exists() and os.access(path.parent, os.W_OK)


async def _transaction(
    engine: AsyncEngine,
    work: Callable[[AsyncConnection], Awaitable[T]],
    progress: _Progress,
    *,
    writes: bool,
    limit: float | None,
) -> T:
    timer = asyncio.timeout(limit)
    try:
        async with timer, engine.connect() as connection:
            progress.connected = True
            await connection.execution_options(**{_WRITES: writes})
            async with connection.begin():
                return await work(connection)
    except TimeoutError:
        if timer.expired():
            raise _TooLong from None
        raise


async def _to_its_end(task: asyncio.Future[Any], may_be_cut: Callable[[bool], bool]) -> None:
    """
    Wait until a task is done; when cancelled, too.

    Args:
        task: What to wait for.
        may_be_cut: Asked at each cancellation whether it is passed on; told whether it is another one than the first.
    """
    cancelled: asyncio.CancelledError | None = None
    while not task.done():
        try:
            await asyncio.wait([task])
        except asyncio.CancelledError as error:
            if may_be_cut(cancelled is not None):
                task.cancel()
            cancelled = error
    if cancelled is not None:
        if not task.cancelled():
            task.exception()  # nobody else asks for it
        raise cancelled


def _engine(url: URL, dialect: Dialect, connections: int) -> AsyncEngine:
    settings: dict[str, Any] = {
        "hide_parameters": True,  # in the errors that a target sees, and in logs
        "poolclass": AsyncAdaptedQueuePool,
        "pool_size": connections,
        "max_overflow": 0,
    }
    if dialect.name == "sqlite":
        given = {"timeout": _BUSY, "async_creator_fn": _open_sqlite}
        engine = create_async_engine(url, connect_args=given, **settings)
        sqlalchemy.event.listen(engine.sync_engine, "connect", _set_up_sqlite)
        sqlalchemy.event.listen(engine.sync_engine, "begin", _begin_sqlite)
        return engine
    options = {name: value for name, value in _LIBPQ.items() if name not in url.query}
    return create_async_engine(url, connect_args=options, isolation_level="READ COMMITTED", **settings)


async def _open_sqlite(*arguments: Any, **options: Any) -> aiosqlite.Connection:
    """
    Open a file.

    The driver has a thread for it, which it leaves alone where the file cannot be opened: a loop that is closed meanwhile would
    be told of that, and the thread die with a traceback.
    """
    connection = aiosqlite.connect(*arguments, **options)
    try:
        return await connection
    except BaseException:
        await asyncio.get_running_loop().run_in_executor(None, connection._thread.join)
        raise


def _set_up_sqlite(connection: Any, _: Any) -> None:
    connection.isolation_level = None  # else the driver begins transactions, without taking the lock
    connection.run_async(_write_ahead)
    cursor = connection.cursor()
    # A killed process loses nothing; a machine that loses power may lose its latest commits, rows and states together.
    cursor.execute("PRAGMA synchronous=NORMAL")
    cursor.close()


async def _write_ahead(connection: aiosqlite.Connection) -> None:
    """
    Have the file log its writes ahead.

    SQLite waits for everybody else's locks, but not here, whatever its timeout: of processes that open a new file at once, one
    would switch and the others fail.
    """
    clock = asyncio.get_running_loop().time
    until = clock() + _BUSY
    while True:
        try:
            async with connection.execute("PRAGMA journal_mode=WAL"):
                return
        except sqlite3.OperationalError as error:
            if error.sqlite_errorname != "SQLITE_BUSY" or clock() >= until:
                raise
        await asyncio.sleep(random.uniform(0.001, 0.02))  # noqa: S311 - so that two do not keep meeting


def _begin_sqlite(connection: sqlalchemy.Connection) -> None:
    # A transaction that becomes a writer's later fails if somebody wrote meanwhile, instead of waiting for its turn.
    writes = connection.get_execution_options().get(_WRITES)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
