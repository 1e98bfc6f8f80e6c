"""What tests of coordination through PostgreSQL share: coordinators on a server, and a look at it from outside."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

import psycopg

from sagicc_async.tokens.coordination import Lease, Scope
from sagicc_async.tokens.coordination.postgres import PostgresCoordinator

SCOPE = Scope(key="5c09e", max_in_flight=1, settle=0.3)
HOLD = 1.0


@contextlib.asynccontextmanager
async def opened(url: str, **settings: Any) -> AsyncIterator[PostgresCoordinator]:
    coordinator = PostgresCoordinator(url, **settings)
    await coordinator.open()
    try:
        yield coordinator
    finally:
        await coordinator.close()


async def admit(coordinator: PostgresCoordinator, scope: Scope = SCOPE, *, hold: float = HOLD) -> Lease:
    return await coordinator.admit(scope, lane="token", rank=1, hold=hold)


def asked(url: str, statement: str, *values: Any) -> list[tuple[Any, ...]]:
    """What the server answers to somebody else."""
    with psycopg.connect(url, autocommit=True) as connection:
        cursor = connection.execute(statement, values or None)
        return cursor.fetchall() if cursor.description else []


def counted(coordinator: PostgresCoordinator) -> list[str]:
    """The statements that it sends from now on."""
    database, sent = coordinator._store._database, []  # type: ignore[attr-defined]
    row = database.row

    async def count(statement: str, values: Any = None) -> Any:
        sent.append(statement)
        return await row(statement, values)

    database.row = count
    return sent


@contextlib.contextmanager
def role(url: str) -> Iterator[str]:
    """A new user of the server, without rights; gives the address as that user has it."""
    name, parts = f"sagicc_async_{secrets.token_hex(4)}", urlsplit(url)
    asked(url, f"CREATE ROLE {name} LOGIN PASSWORD 'password'")
    try:
        yield parts._replace(netloc=f"{name}:password@{parts.hostname}:{parts.port}").geturl()
    finally:
        asked(url, f"DROP OWNED BY {name}")
        asked(url, f"DROP ROLE {name}")


async def until(condition: Callable[[], Any]) -> None:
    async with asyncio.timeout(20):
        while not condition():
            await asyncio.sleep(0.01)
