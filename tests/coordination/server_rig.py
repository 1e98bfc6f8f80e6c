"""Both real servers, how they are looked at from outside, and processes that use them."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import Awaitable, Callable

import attrs
import psycopg
import pytest
import redis.asyncio

from sagicc_async.tokens.coordination import Scope
from sagicc_async.tokens.coordination.postgres import PostgresCoordinator
from sagicc_async.tokens.coordination.redis import RedisCoordinator
from sagicc_async.tokens.coordination.shared import SharedCoordinator

from ..servers.postgres import PostgresServer
from ..servers.valkey import ValkeyServer

SCOPE = Scope(key="5c09e", max_in_flight=1, settle=0.3)
HOLD = 1.0


@attrs.frozen
class Place:
    """A server, and how it is looked at from outside."""

    url: str
    port: int
    make: Callable[..., SharedCoordinator]
    text: Callable[[], Awaitable[str]]
    keep: Callable[[str], Awaitable[None]]
    empty: Callable[[], Awaitable[None]]
    server: type

    async def document(self) -> dict:
        """The document, without what was added since it was written."""
        return json.loads((await self.text()).partition("\n")[0])

    async def queue(self) -> list[dict]:
        """All who wait."""
        written, *added = map(json.loads, (await self.text()).split("\n"))
        return [*written["queue"], *added]


def redis_at(url: str, port: int) -> Place:
    key = "{sagicc-async}:1:scope:" + SCOPE.key

    async def text():
        async with redis.asyncio.Redis.from_url(url) as client:
            return (await client.hget(key, "document")).decode()

    async def keep(text: str):
        async with redis.asyncio.Redis.from_url(url) as client:
            await client.hset(key, "document", text)
            await client.hset(key, "version", (await client.hget(key, "version")).decode() + "x")

    async def empty():
        async with redis.asyncio.Redis.from_url(url) as client:
            await client.flushdb()

    def make(at: str = url, **settings) -> RedisCoordinator:
        return RedisCoordinator(at, **{"new": True, **settings})

    return Place(url, port, make, text, keep, empty, ValkeyServer)


def postgres_at(url: str, port: int) -> Place:
    async def text():
        async with await psycopg.AsyncConnection.connect(url, autocommit=True) as connection:
            rows = await connection.execute("SELECT document FROM sagicc_async_scope_1 WHERE key = %s", [SCOPE.key])
            return (await rows.fetchone())[0]

    async def keep(text: str):
        async with await psycopg.AsyncConnection.connect(url, autocommit=True) as connection:
            await connection.execute("UPDATE sagicc_async_scope_1 SET document = %s, version = version || 'x'", [text])

    async def empty():
        async with await psycopg.AsyncConnection.connect(url, autocommit=True) as connection:
            await connection.execute("TRUNCATE sagicc_async_scope_1, sagicc_async_epoch_1")

    def make(at: str = url, **settings) -> PostgresCoordinator:
        settings.pop("new", None)
        return PostgresCoordinator(at, **settings)

    return Place(url, port, make, text, keep, empty, PostgresServer)


@pytest.fixture(params=["redis", "postgres"])
def place(request) -> Place:
    if request.param == "redis":
        server = request.getfixturevalue("valkey")
        return redis_at(server.url, server.port)
    server = request.getfixturevalue("postgres")
    return postgres_at(server.url, server.port)


@contextlib.asynccontextmanager
async def opened(place, *arguments, **settings):
    coordinator = place.make(*arguments, **settings)
    await coordinator.open()
    try:
        yield coordinator
    finally:
        await coordinator.close()


def admit(coordinator, scope=SCOPE, *, rank=1, hold=HOLD):
    return coordinator.admit(scope, lane="token", rank=rank, hold=hold)


async def waiting_for(coordinator, **how) -> asyncio.Task:
    """A request that has reached the store."""
    task = asyncio.create_task(admit(coordinator, **how))
    await asyncio.sleep(0.1)
    return task


async def until(condition) -> None:
    async with asyncio.timeout(20):
        while not condition():
            await asyncio.sleep(0.01)
