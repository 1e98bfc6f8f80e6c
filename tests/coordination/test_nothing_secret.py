"""What servers keep for coordination tells nothing of who uses it: no token, no secret, no name of a company."""

from __future__ import annotations

import psycopg
import pytest
import redis.asyncio

from sagicc_async import PostgresCoordinator, RedisCoordinator, SessionManager
from sagicc_async.sandbox import Sandbox
from sagicc_async_siigo import Siigo


async def everything_in_redis(url: str) -> str:
    async with redis.asyncio.Redis.from_url(url) as client:
        keys = [key async for key in client.scan_iter()]
        values = [await (client.hgetall(key) if await client.type(key) == b"hash" else client.get(key)) for key in keys]
    return repr((keys, values))


async def everything_in_postgres(url: str) -> str:
    async with await psycopg.AsyncConnection.connect(url) as connection:
        tables = await (
            await connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        ).fetchall()
        rows = [await (await connection.execute(f"SELECT * FROM {name}")).fetchall() for (name,) in tables]
    return repr((tables, rows))


@pytest.mark.parametrize("kind", ["redis", "postgres"])
async def test_what_is_kept_holds_digests_and_times_alone(kind, request):
    url = request.getfixturevalue("valkey" if kind == "redis" else "postgres").url
    everything = everything_in_redis if kind == "redis" else everything_in_postgres
    coordinator = RedisCoordinator(url, new=True) if kind == "redis" else PostgresCoordinator(url)
    async with Sandbox(["siigo"], records=5) as sandbox:
        vendor = sandbox["siigo"]
        async with SessionManager(coordinator=coordinator) as sessions:
            siigo = sessions.open(
                Siigo, vendor.credentials, account="acme", base_url=vendor.base_url, **vendor.settings
            )
            await siigo.users.list().first()
            (slot,) = sessions._accounts._slots.values()
            token = slot.latest.token.value.reveal()
            kept = await everything(url)
        secrets = [token, *vendor.credentials.values(), "acme", vendor.base_url, "127.0.0.1"]

    assert len(token) > 20
    assert '"windows":' in kept
    assert [secret for secret in secrets if secret in kept] == []
