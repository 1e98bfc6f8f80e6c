"""Coordination through Redis or Valkey: what only this store has to get right; see `test_on_servers.py` for the rest."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator

import pytest
import redis.asyncio

from sagicc_async.errors import ConfigError
from sagicc_async.tokens import redis_client
from sagicc_async.tokens.admission import Ending
from sagicc_async.tokens.coordination import Scope
from sagicc_async.tokens.coordination.redis import RedisCoordinator

from ..servers.valkey import ValkeyServer

SCOPE = Scope(key="5c09e", max_in_flight=1, settle=0.3)
EPOCH = "{sagicc-async}:1:epoch"


@contextlib.asynccontextmanager
async def opened(url: str, **settings) -> AsyncIterator[RedisCoordinator]:
    coordinator = RedisCoordinator(url, **{"new": True, **settings})
    await coordinator.open()
    try:
        yield coordinator
    finally:
        await coordinator.close()


def admit(coordinator, *, hold=20.0):
    return coordinator.admit(SCOPE, lane="token", rank=1, hold=hold)


async def use(coordinator, **how) -> None:
    (await admit(coordinator, **how)).release(Ending.COMPLETE)


async def until(condition) -> None:
    async with asyncio.timeout(10):
        while not condition():
            await asyncio.sleep(0.01)


@pytest.fixture
async def client(valkey):
    async with redis.asyncio.Redis.from_url(valkey.url, decode_responses=True) as looking:
        yield looking


@pytest.fixture
def woken(monkeypatch):
    """The keys with which a coordinator was woken."""
    keys = []
    wake = RedisCoordinator._woken
    monkeypatch.setattr(RedisCoordinator, "_woken", lambda self, key: (keys.append(key), wake(self, key)))
    return keys


async def test_to_acquire_and_to_release_is_one_exchange_each(valkey, client):
    async with opened(valkey.url) as coordinator:
        await use(coordinator)
        await asyncio.sleep(0.05)
        before = await client.info("commandstats")

        for _ in range(20):
            lease = await admit(coordinator)
            await asyncio.sleep(0.005)
            lease.release(Ending.COMPLETE)
            await asyncio.sleep(0.005)

        after = await client.info("commandstats")
    assert after["cmdstat_evalsha"]["calls"] - before["cmdstat_evalsha"]["calls"] == 40


async def test_a_hand_over_takes_two_round_trips(valkey, proxy):
    """One way for the release, one for the news of it, and there and back for the grant: what else has changed is known."""
    latency = 0.02
    networks = [await proxy(valkey, latency=latency) for _ in range(2)]
    loop, trips = asyncio.get_running_loop(), []
    async with opened(networks[0].url(valkey.url)) as ana, opened(networks[1].url(valkey.url)) as ben:
        for giver, taker in [(ana, ben), (ben, ana)] * 3:
            lease = await admit(giver)
            waiting = asyncio.create_task(admit(taker))
            await asyncio.sleep(8 * latency)
            began = loop.time()
            lease.release(Ending.COMPLETE)
            taken = await waiting
            trips.append((loop.time() - began) / (2 * latency))
            taken.release(Ending.COMPLETE)
            await asyncio.sleep(8 * latency)

    assert 1.9 < sorted(trips)[len(trips) // 2] < 3


async def test_a_server_that_has_forgotten_the_script_is_told_it_again(valkey, client):
    async with opened(valkey.url) as coordinator:
        await use(coordinator)
        await client.script_flush()

        await use(coordinator)

        assert coordinator.trouble is None


async def test_a_channel_on_which_nothing_is_said_stays_open(valkey, woken):
    """Whatever the client library's time limit for answers is."""
    async with opened(valkey.url, limit=0.2):
        await asyncio.sleep(1)

    assert woken.count("") == 1


async def test_a_channel_that_still_answers_is_kept(valkey, woken, monkeypatch):
    monkeypatch.setattr(redis_client, "_SILENCE", 0.05)
    async with opened(valkey.url, limit=0.5):
        await asyncio.sleep(1)

    assert woken.count("") == 1


async def test_a_channel_that_does_not_answer_any_more_is_opened_anew(valkey, proxy, woken, monkeypatch):
    monkeypatch.setattr(redis_client, "_SILENCE", 0.05)
    network = await proxy(valkey)
    async with opened(network.url(valkey.url), limit=0.3):
        network.swallows = True
        before = network.accepted
        await until(lambda: network.accepted > before)
        network.swallows = False

        await until(lambda: woken.count("") == 2)


async def test_every_key_begins_with_the_prefix_and_what_is_kept_of_a_scope_goes_by_itself(valkey, client):
    async with opened(valkey.url, prefix="shop") as coordinator:
        await use(coordinator)
        await asyncio.sleep(0.05)

    keys = await client.keys()
    assert {key.rpartition(":")[0] for key in keys} == {"{shop}:1", "{shop}:1:scope"}
    assert [await client.ttl(key) > 86_400 for key in keys if ":scope:" in key] == [True, True]


async def test_who_has_another_prefix_shares_nothing(valkey):
    async with opened(valkey.url, prefix="a") as ana, opened(valkey.url, prefix="b") as ben:
        lease = await admit(ana)
        await use(ben)
        lease.release(Ending.COMPLETE)


@pytest.mark.parametrize(("recognise", "waits"), [(True, True), (False, False)])
async def test_a_server_that_comes_back_with_its_data_is_believed_only_where_that_is_said(
    servers, tmp_path, recognise, waits
):
    """What it comes back with may be minutes old."""
    tmp_path.chmod(0o777)
    server = servers(ValkeyServer, "--dir", str(tmp_path))
    loop = asyncio.get_running_loop()
    async with opened(server.url, recognise=recognise) as coordinator:
        await use(coordinator, hold=1.0)
        await asyncio.sleep(0.05)
        async with redis.asyncio.Redis.from_url(server.url) as looking:
            await looking.save()
        await asyncio.to_thread(server.kill)
        await asyncio.to_thread(server.start)
        began = loop.time()

        await use(coordinator, hold=1.0)

        assert (loop.time() - began > 1.2) is waits


async def test_who_does_not_recognise_servers_and_who_does_agree_on_one_epoch(valkey, client):
    async with opened(valkey.url) as ana, opened(valkey.url, recognise=False) as ben:
        epoch = await client.get(EPOCH)
        for coordinator in (ana, ben, ana, ben):
            await use(coordinator)

        assert await client.get(EPOCH) == epoch


async def test_an_epoch_that_something_else_wrote_is_not_overwritten(valkey, client):
    await client.set(EPOCH, "nonsense")

    with pytest.raises(ConfigError, match="something else writes there"):
        await RedisCoordinator(valkey.url).open()
    assert await client.get(EPOCH) == "nonsense"


async def test_a_server_that_may_throw_leases_away_is_warned_of_once(valkey, client, caplog):
    await client.config_set("maxmemory-policy", "volatile-lru")
    await client.config_set("maxmemory", "100mb")
    try:
        async with opened(valkey.url) as coordinator:
            await use(coordinator)
    finally:
        await client.config_set("maxmemory", "0")
        await client.config_set("maxmemory-policy", "noeviction")

    warned = [record.getMessage() for record in caplog.records if record.levelno == logging.WARNING]
    assert len(warned) == 1
    assert "set its maxmemory-policy to noeviction (it is volatile-lru)" in warned[0]


@pytest.mark.parametrize(("policy", "memory"), [("allkeys-lru", "0"), ("noeviction", "100mb")])
async def test_a_server_that_throws_nothing_away_is_not_warned_of(valkey, client, caplog, policy, memory):
    await client.config_set("maxmemory-policy", policy)
    await client.config_set("maxmemory", memory)
    try:
        async with opened(valkey.url):
            pass
    finally:
        await client.config_set("maxmemory", "0")
        await client.config_set("maxmemory-policy", "noeviction")

    assert not [record for record in caplog.records if record.levelno >= logging.WARNING]
