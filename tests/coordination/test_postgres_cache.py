"""The token cache in PostgreSQL, where it is more than what every cache on a server does."""

from __future__ import annotations

import asyncio
import time
from urllib.parse import urlsplit

import pytest

from sagicc_async import PostgresTokenCache, Secret, StoredToken

from .postgres_rig import asked, role

KEY = "00ff"


def token(value: str) -> StoredToken:
    return StoredToken(value=Secret(value), stored_at=time.time())


@pytest.fixture
async def cache(postgres):
    made = PostgresTokenCache(postgres.url)
    yield made
    await made.close()


async def test_tokens_outlive_a_crash_so_their_table_is_logged(postgres, cache):
    await cache.store(KEY, token("a"), None)

    assert asked(postgres.url, "SELECT relpersistence::text FROM pg_class WHERE relname = 'sagicc_async_token_1'") == [
        ("p",)
    ]


async def test_a_connection_that_was_ended_while_it_was_idle_loses_no_token(postgres, cache, caplog):
    kept, other = token("a"), token("b")
    await cache.store(KEY, kept, None)
    end = (
        "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
        " WHERE datname = current_database() AND application_name = 'sagicc-async'"
    )

    assert asked(postgres.url, end) == [(1,)]
    assert await cache.load(KEY) == kept
    assert asked(postgres.url, end) == [(1,)]
    assert await cache.store(KEY, other, kept) is other
    assert asked(postgres.url, end) == [(1,)]
    await cache.drop(KEY, other)
    assert await cache.load(KEY) is None
    assert not caplog.records


async def test_an_answer_that_is_cut_off_keeps_the_token_once(postgres, proxy):
    network = await proxy(postgres)
    cache, other = PostgresTokenCache(network.url(postgres.url)), PostgresTokenCache(postgres.url)
    first = token("first")
    await cache.store(KEY, first, None)
    for number, after in enumerate(range(0, 120, 8)):
        network.cut_after(after, "back")
        new = token(f"next-{number}")

        assert await cache.store(KEY, new, first) == new
        assert await other.load(KEY) == new
        first = new
    await cache.close()
    await other.close()


async def test_a_table_that_was_not_kept_or_was_removed_is_made_again(postgres, cache, caplog):
    cache._database.transact, transact = _undone(cache._database.transact), cache._database.transact
    assert await cache.load(KEY) is None
    cache._database.transact = transact
    caplog.clear()
    kept = token("a")

    assert await cache.store(KEY, kept, None) is kept
    assert await cache.load(KEY) == kept
    asked(postgres.url, "DROP TABLE sagicc_async_token_1")
    assert await cache.load(KEY) is None
    await cache.store(KEY, kept, None)
    assert await cache.load(KEY) == kept
    assert not caplog.records


def _undone(transact):
    """All is done, and then undone: the connection is lost before the end."""

    async def run(work):
        async def lost(connection):
            await work(connection)
            await connection.execute("SELECT 1/0")

        return await transact(lost)

    return run


async def test_a_server_that_never_answers_is_not_waited_for(postgres, proxy, caplog):
    network = await proxy(postgres)
    cache = PostgresTokenCache(network.url(postgres.url), limit=0.3)
    await cache.load(KEY)
    network.swallows = True
    began = time.monotonic()

    assert await cache.load(KEY) is None

    assert time.monotonic() - began < 1.5
    assert "no stored token can be read" in caplog.text
    await cache.close()


async def test_a_cancelled_store_leaves_the_old_token_or_the_new_one(postgres, proxy):
    network = await proxy(postgres, latency=0.002)
    cache, other = PostgresTokenCache(network.url(postgres.url)), PostgresTokenCache(postgres.url)
    old = token("old")
    await cache.store(KEY, old, None)
    for after in range(0, 30, 2):
        new = token(f"new-{after}")
        storing = asyncio.create_task(cache.store(KEY, new, old))
        await asyncio.sleep(after / 1000)
        storing.cancel()
        await asyncio.gather(storing, return_exceptions=True)

        kept = await other.load(KEY)
        assert kept in (old, new)
        old = kept
    await cache.close()
    await other.close()


async def test_who_may_only_use_the_table_needs_no_right_to_make_one(postgres, cache, caplog):
    await cache.store(KEY, token("a"), None)
    with role(postgres.url) as url:
        name = urlsplit(url).username
        asked(postgres.url, f"GRANT USAGE ON SCHEMA public TO {name}")
        asked(postgres.url, f"GRANT SELECT, INSERT, UPDATE, DELETE ON sagicc_async_token_1 TO {name}")
        other = PostgresTokenCache(url)
        assert (await other.load(KEY)).value.reveal() == "a"
        await other.close()
    assert not caplog.records
