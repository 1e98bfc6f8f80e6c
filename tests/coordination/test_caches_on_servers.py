"""Tokens at rest in real servers: swapped whole, shared by all, and no reason to fail when the server is away."""

from __future__ import annotations

import asyncio
import time

import psycopg
import pytest
import redis.asyncio

from sagicc_async import PostgresTokenCache, RedisTokenCache, Secret, StoredToken

KEY = "00ff"
CANARY = "canary-3c1"


@pytest.fixture(params=["redis", "postgres"])
def make(request):
    """Makes caches that share what they keep, as those of several processes do."""
    if request.param == "redis":
        server = request.getfixturevalue("valkey")
        return lambda **settings: RedisTokenCache(server.url, **settings)
    server = request.getfixturevalue("postgres")
    return lambda **settings: PostgresTokenCache(server.url, **settings)


@pytest.fixture
async def caches(make):
    made = [make(), make()]
    yield made
    for cache in made:
        await cache.close()


def token(value: str, *, refresh: str | None = None, expires_at: float | None = None) -> StoredToken:
    return StoredToken(
        value=Secret(value), refresh=refresh and Secret(refresh), expires_at=expires_at, stored_at=time.time()
    )


async def test_what_one_process_stores_another_one_finds(caches):
    mine, other = caches
    kept = token("a", refresh="r", expires_at=time.time() + 60)
    assert await other.load(KEY) is None

    assert await mine.store(KEY, kept, None) is kept

    assert await other.load(KEY) == kept
    assert await other.load("00fe") is None


async def test_of_two_that_replace_the_same_one_the_first_stays(caches):
    mine, other = caches
    first, mine_next, other_next = token("1"), token("2"), token("3")
    await mine.store(KEY, first, None)

    assert await mine.store(KEY, mine_next, first) is mine_next
    assert await other.store(KEY, other_next, first) == mine_next


async def test_no_token_is_ever_replaced_twice_whoever_swaps_at_once(caches):
    first = token("first")
    await caches[0].store(KEY, first, None)

    chosen = await asyncio.gather(
        *(caches[number % 2].store(KEY, token(f"next-{number}"), first) for number in range(20))
    )

    assert len({one.value.reveal() for one in chosen}) == 1
    assert await caches[0].load(KEY) == chosen[0]


async def test_only_the_very_token_is_dropped(caches):
    mine, other = caches
    old, new = token("old"), token("new")
    await mine.store(KEY, old, None)
    await other.store(KEY, new, old)

    await mine.drop(KEY, old)
    assert await other.load(KEY) == new
    await mine.drop(KEY, new)
    assert await other.load(KEY) is None


async def test_what_is_broken_counts_as_absent_and_is_overwritten(caches, request, make, caplog):
    mine, _ = caches
    await mine.store(KEY, token(CANARY), None)
    if isinstance(mine, RedisTokenCache):
        async with redis.asyncio.Redis.from_url(request.getfixturevalue("valkey").url) as client:
            await client.set("{sagicc-async}:1:token:" + KEY, f'{{"version": 1, "value": "{CANARY}"')
    else:
        async with await psycopg.AsyncConnection.connect(request.getfixturevalue("postgres").url) as connection:
            await connection.execute("UPDATE sagicc_async_token_1 SET token = %s", [f'{{"value": "{CANARY}"}}'])

    assert await mine.load(KEY) is None
    new = token("new")
    assert await mine.store(KEY, new, None) is new
    assert await mine.load(KEY) == new
    assert CANARY not in caplog.text


async def test_a_token_that_is_of_no_use_any_more_is_removed_by_the_server(valkey):
    cache = RedisTokenCache(valkey.url)
    await cache.store("aa", token("dies", expires_at=time.time() + 50), None)
    await cache.store("bb", token("renewable", refresh="r", expires_at=time.time() + 50), None)
    await cache.store("cc", token("lives"), None)
    await cache.close()

    async with redis.asyncio.Redis.from_url(valkey.url) as client:
        lives = [await client.ttl("{sagicc-async}:1:token:" + key) for key in ("aa", "bb", "cc")]
    assert 45 <= lives[0] <= 50
    assert lives[1:] == [-1, -1]


@pytest.mark.parametrize("kind", [RedisTokenCache, PostgresTokenCache])
async def test_a_server_that_is_away_keeps_nobody_from_logging_in(kind, unused_tcp_port, caplog):
    scheme = "redis" if kind is RedisTokenCache else "postgresql"
    cache = kind(f"{scheme}://ana:{CANARY}@127.0.0.1:{unused_tcp_port}/0", limit=1.0)
    kept = token("a")

    assert await cache.load(KEY) is None
    assert await cache.store(KEY, kept, None) is kept
    await cache.drop(KEY, kept)
    await cache.close()

    assert [record.getMessage().partition(":")[0] for record in caplog.records] == [
        "no stored token can be read",
        "a token is used without being kept",
        "a token that is over could not be removed",
    ]
    assert CANARY not in caplog.text + repr(cache)


async def test_closing_cuts_nobody_who_still_uses_the_cache(caches, caplog):
    """Several managers may share it, and the first one that closes must not lose what another one has just got."""
    mine, other = caches
    for turn in range(60):
        key, kept = f"{turn:04x}", token("a")
        storing = asyncio.create_task(mine.store(key, kept, None))
        for _ in range(turn):
            await asyncio.sleep(0)

        await mine.close()

        assert await storing is kept
        assert await other.load(key) == kept, turn
    assert not caplog.records


async def test_a_cache_that_was_closed_can_be_used_again(caches):
    mine, other = caches
    kept = token("a")
    await mine.store(KEY, kept, None)
    await mine.close()

    assert await mine.load(KEY) == await other.load(KEY) == kept
