"""Where the rows go: nowhere, SQLite, or a real PostgreSQL; the same place for both, empty at first."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from collections.abc import Set as AbstractSet
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Final, Self

import attrs
import psycopg

from sagicc_async.sync import Batch, Changes, DatabaseSink, Outcome, Sink, SyncState, Unit
from tests.servers import PostgresServer

from .. import cores
from .by_hand import Upserts, Write, nowhere


class NullSink:
    """Keeps nothing: what is left is the cost of reading, comparing not included."""

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None: ...

    def describe(self) -> str:
        """It is nowhere."""
        return "nowhere"

    async def state(self, unit: Unit) -> SyncState:
        """Nothing is remembered."""
        return SyncState()

    async def commit(self, batch: Batch) -> Changes:
        """Nothing is written."""
        return Changes(new=len(batch.rows))

    async def preview(self, batch: Batch, seen: AbstractSet[str]) -> Changes:
        """Nothing would be written."""
        return Changes()

    async def note(self, outcome: Outcome) -> None:
        """Nothing is noted."""

    async def outcomes(self) -> list[tuple[Outcome, SyncState]]:
        """Nothing is known."""
        return []


@attrs.frozen(kw_only=True)
class Place:
    """
    A place for rows.

    Args:
        kind: Its name.
        empty: Throws away what is there.
        sink: Ours, on it.
        writes: The hand-written loop's way to write there, to be entered.
    """

    kind: str
    empty: Callable[[], object]
    sink: Callable[[], Sink]
    writes: Callable[[], AbstractAsyncContextManager[Write]]


@contextlib.contextmanager
def nothing() -> Iterator[Place]:
    """No place at all."""

    @contextlib.asynccontextmanager
    async def writes() -> AsyncIterator[Write]:
        yield nowhere

    yield Place(kind="null", empty=lambda: None, sink=NullSink, writes=writes)


@contextlib.contextmanager
def sqlite() -> Iterator[Place]:
    """A file."""
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/mirror.db"

        def empty() -> None:
            for file in Path(folder).iterdir():
                file.unlink()

        yield Place(kind="sqlite", empty=empty, sink=lambda: DatabaseSink(url), writes=lambda: Upserts(url))


@contextlib.contextmanager
def postgres_server() -> Iterator[str]:
    """A server of this run's own, away from the core that is measured; its address."""
    with contextlib.ExitStack() as stack:
        with cores.elsewhere():
            server = stack.enter_context(PostgresServer())
        yield server.url


@contextlib.contextmanager
def postgres() -> Iterator[Place]:
    """A database of such a server."""
    with postgres_server() as url:

        def empty() -> None:
            with psycopg.connect(url, autocommit=True) as connection:
                connection.execute("drop schema if exists public cascade")
                connection.execute("create schema public")

        yield Place(kind="postgresql", empty=empty, sink=lambda: DatabaseSink(url), writes=lambda: Upserts(url))


PLACES: Final = {"null": nothing, "sqlite": sqlite, "postgresql": postgres}
