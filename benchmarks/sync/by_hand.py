"""
The same mirror as a competent user writes it in an afternoon: aiohttp, msgspec, and an upsert through SQLAlchemy.

It keeps no token's rule, no state and no history: what fails begins anew, every row is written every time, and what is
deleted at the vendor stays.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Final

import aiohttp
import msgspec
import sqlalchemy
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import AsyncAdaptedQueuePool

from ..counting import SIZE

#: Rows a commit, and transactions at once: as many as `SyncSettings` and `DatabaseSink` take by default.
BATCH: Final = 500
CONNECTIONS: Final = 10

#: Writes a batch of rows.
Write = Callable[[Sequence[dict[str, Any]]], Awaitable[object]]

_TABLE: Final = sqlalchemy.Table(
    "cost_centre",
    sqlalchemy.MetaData(),
    sqlalchemy.Column("account", sqlalchemy.Text, primary_key=True),
    sqlalchemy.Column("id", sqlalchemy.BigInteger, primary_key=True, autoincrement=False),
    sqlalchemy.Column("codigo", sqlalchemy.Text),
    sqlalchemy.Column("abreviatura", sqlalchemy.Text),
    sqlalchemy.Column("descripcion", sqlalchemy.Text),
)


class CostCentre(msgspec.Struct):
    """A record."""

    id: int
    codigo: str
    abreviatura: str
    descripcion: str


class _Page(msgspec.Struct):
    result: list[CostCentre]


async def mirror(base_url: str, accounts: Sequence[str], at_once: int, write: Write) -> int:
    """
    Read every account's list, and write its rows.

    Args:
        base_url: Where the vendor is.
        accounts: Their names.
        at_once: How many are read at once.
        write: Given the rows of a batch.

    Returns:
        How many rows there were.
    """
    places, decode = asyncio.Semaphore(at_once), msgspec.json.Decoder(_Page).decode
    connector = aiohttp.TCPConnector(limit=at_once)
    async with aiohttp.ClientSession(connector=connector) as session, asyncio.TaskGroup() as group:

        async def one(account: str) -> int:
            async with places:
                return await _account(session, f"{base_url}/CentroCosto", account, decode, write)

        tasks = [group.create_task(one(account)) for account in accounts]
    return sum(task.result() for task in tasks)


async def _account(
    session: aiohttp.ClientSession, url: str, account: str, decode: Callable[[bytes], _Page], write: Write
) -> int:
    headers = {"Authorization": f"Bearer hand-{account}", "secretkey": "benchmark-secretkey"}
    rows: list[dict[str, Any]] = []
    count, number = 0, 1
    while True:
        params = {"limite": str(SIZE), "pagina": str(number)}
        async with session.get(url, params=params, headers=headers) as response:
            response.raise_for_status()
            page = decode(await response.read())
        rows += [
            {
                "account": account,
                "id": item.id,
                "codigo": item.codigo,
                "abreviatura": item.abreviatura,
                "descripcion": item.descripcion,
            }
            for item in page.result
        ]
        if rows and (len(rows) >= BATCH or not page.result):
            await write(rows)
            count, rows = count + len(rows), []
        if not page.result:
            return count
        number += 1


async def nowhere(rows: Sequence[dict[str, Any]]) -> None:
    """Write nothing."""


class Upserts:
    """
    A table, and the statement that writes its rows whether they are there or not.

    Args:
        url: Address of the database.
    """

    def __init__(self, url: str) -> None:
        self._engine = _engine(url)
        insert: Any = (sqlite if url.startswith("sqlite") else postgresql).insert(_TABLE)
        changed = {name: insert.excluded[name] for name in ("codigo", "abreviatura", "descripcion")}
        self._statement = insert.on_conflict_do_update(index_elements=["account", "id"], set_=changed)

    async def __aenter__(self) -> Write:
        async with self._engine.begin() as connection:
            await connection.run_sync(_TABLE.metadata.create_all)
        return self._write

    async def __aexit__(self, *_: object) -> None:
        await self._engine.dispose()

    async def _write(self, rows: Sequence[dict[str, Any]]) -> None:
        async with self._engine.begin() as connection:
            await connection.execute(self._statement, list(rows))


def _engine(url: str) -> AsyncEngine:
    scheme, _, place = url.partition(":")
    if scheme == "postgresql":
        return create_async_engine(f"postgresql+psycopg:{place}", pool_size=CONNECTIONS, max_overflow=0)
    engine = create_async_engine(
        f"sqlite+aiosqlite:{place}", poolclass=AsyncAdaptedQueuePool, pool_size=1, max_overflow=0, pool_timeout=3600
    )
    sqlalchemy.event.listen(engine.sync_engine, "connect", _set_up_sqlite)
    return engine


def _set_up_sqlite(connection: Any, _: Any) -> None:
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=NORMAL")
    cursor.close()
