"""Coordination through real servers: what both of them promise, and what becomes of it when they or the network fail."""

from __future__ import annotations

import asyncio
import contextlib
import random

import pytest

from sagicc_async.errors import ConfigError
from sagicc_async.tokens.admission import Ending
from sagicc_async.tokens.coordination import Scope
from sagicc_async.tokens.coordination.postgres import PostgresCoordinator, PostgresStore
from sagicc_async.tokens.coordination.redis import RedisCoordinator, RedisStore
from sagicc_async.tokens.window import Window

from ..servers.postgres import PostgresServer
from ..servers.valkey import ValkeyServer
from .server_rig import HOLD, SCOPE, admit, opened, postgres_at, redis_at, until, waiting_for


async def test_two_processes_never_hold_a_token_at_once(place):
    async with opened(place) as ana, opened(place) as ben:
        lease = await admit(ana)
        waiting = await waiting_for(ben)
        assert not waiting.done()

        lease.release(Ending.COMPLETE)

        (await waiting).release(Ending.COMPLETE)


async def test_whoever_is_next_is_woken(place):
    """Each hand-over would cost a second if nobody were."""
    async with opened(place) as ana, opened(place) as ben:

        async def work(coordinator):
            for _ in range(25):
                lease = await admit(coordinator)
                await asyncio.sleep(0.001)
                lease.release(Ending.COMPLETE)

        async with asyncio.timeout(10):
            await asyncio.gather(work(ana), work(ben))


async def test_a_lost_exchange_keeps_the_token_for_settle_seconds(place):
    async with opened(place) as ana, opened(place) as ben:
        (await admit(ana)).release(Ending.LOST)
        loop = asyncio.get_running_loop()
        began = loop.time()

        lease = await admit(ben)

        assert loop.time() - began >= 0.29
        lease.release(Ending.COMPLETE)


async def test_a_process_that_vanished_keeps_the_token_until_its_lease_and_settle_are_over(place):
    dead, loop = place.make(), asyncio.get_running_loop()
    await dead.open()
    async with opened(place) as ben:
        lease = await admit(dead)
        began = loop.time()
        await dead._store.close()  # it gives nothing back any more

        (await admit(ben)).release(Ending.COMPLETE)

        assert HOLD + 0.25 < loop.time() - began < HOLD + 3
    lease._over = True
    await dead.close()


async def test_a_window_is_shared_by_all_processes(place):
    scope = Scope(key="c0", windows=(Window(3, per=0.5, scope="company"),))
    async with opened(place) as ana, opened(place) as ben:
        loop = asyncio.get_running_loop()
        began = loop.time()
        for coordinator in (ana, ben, ana, ben):
            (await admit(coordinator, scope, rank=0)).release(Ending.COMPLETE)

        assert loop.time() - began >= 0.49


async def test_of_many_who_come_at_once_each_takes_its_place_in_a_few_exchanges_and_who_has_the_token_gives_it_back(
    place, monkeypatch
):
    exchanges = []
    for kind in (RedisStore, PostgresStore):
        exchange = kind.exchange

        async def counted(self, *arguments, exchange=exchange):
            exchanges.append(arguments)
            return await exchange(self, *arguments)

        monkeypatch.setattr(kind, "exchange", counted)
    async with contextlib.AsyncExitStack() as stack:
        ana, *others = [await stack.enter_async_context(opened(place)) for _ in range(13)]
        for one in others:
            (await admit(one)).release(Ending.COMPLETE)
        lease = await admit(ana)
        exchanges.clear()
        waiting = [asyncio.create_task(admit(one)) for one in others]
        async with asyncio.timeout(20):
            while {entry["owner"] for entry in await place.queue()} != {one._store.owner for one in others}:
                await asyncio.sleep(0.01)
        # A look after a lost race, perhaps a renewal: without additions each tries again for each one that was faster.
        assert len(exchanges) <= 4 * len(others)

        exchanges.clear()
        lease.release(Ending.COMPLETE)
        for task in asyncio.as_completed(waiting):
            (await task).release(Ending.COMPLETE)
        assert len(exchanges) <= 4 * len(others)


async def test_a_pause_of_one_process_stops_the_others(place):
    async with opened(place) as ana, opened(place) as ben:
        ana.pause(SCOPE, 0.5)
        await asyncio.sleep(0.1)
        loop = asyncio.get_running_loop()
        began = loop.time()

        (await admit(ben)).release(Ending.COMPLETE)

        assert loop.time() - began > 0.3


async def test_two_thousand_acquires_that_are_cancelled_at_any_moment_leave_no_lease(place):
    moments = random.Random(4)
    async with opened(place) as ana, opened(place) as ben:
        for _ in range(1000):
            tasks = [asyncio.create_task(admit(one)) for one in (ana, ben)]
            await asyncio.sleep(moments.random() * 0.002)
            for task in tasks:
                task.cancel()
            for done in await asyncio.gather(*tasks, return_exceptions=True):
                if not isinstance(done, BaseException):
                    done.release(Ending.UNSENT)
    kept = await place.document()

    assert (kept["leases"], kept["queue"]) == ({}, [])


async def test_content_that_is_lost_in_the_middle_is_waited_for(place, caplog):
    async with opened(place) as ana, opened(place) as ben:
        lease = await admit(ana)
        await place.empty()
        loop = asyncio.get_running_loop()
        began = loop.time()

        (await admit(ben)).release(Ending.COMPLETE)

        assert loop.time() - began > HOLD + 0.25
        assert "has lost what it kept" in caplog.text
        lease.release(Ending.COMPLETE)


@pytest.mark.parametrize("end", ["kill", "stop"])
@pytest.mark.parametrize("kind", [redis_at, postgres_at])
async def test_a_server_that_is_killed_or_stopped_and_started_again_lets_nobody_in_too_early(servers, kind, end):
    server = servers(ValkeyServer if kind is redis_at else PostgresServer)
    place = kind(server.url, server.port)
    async with opened(place) as ana, opened(place) as ben:
        lease = await admit(ana, hold=3.0)
        loop = asyncio.get_running_loop()
        began = loop.time()
        await asyncio.to_thread(getattr(server, end))
        waiting = asyncio.create_task(admit(ben, hold=3.0))
        await until(lambda: ben.trouble)
        await asyncio.to_thread(server.start)

        async with asyncio.timeout(20):
            second = await waiting

        assert loop.time() - began > 3.25  # nobody gave the first lease back
        assert ben.trouble is None
        second.release(Ending.COMPLETE)
        lease.release(Ending.COMPLETE)


@pytest.mark.parametrize("reset", [True, False])
async def test_connections_that_are_cut_again_and_again_leave_nothing_behind(place, proxy, reset):
    network = await proxy(place)
    moments = random.Random(9)
    held = 0

    async def work(coordinator):
        nonlocal held
        for _ in range(30):
            lease = await admit(coordinator, hold=10)
            held += 1
            assert held == 1
            await asyncio.sleep(0.002)
            held -= 1
            lease.release(Ending.COMPLETE)

    async def cut():
        while True:
            await asyncio.sleep(moments.random() * 0.15)
            network.cut(reset=reset)

    async with opened(place, network.url(place.url)) as ana, opened(place) as ben:
        cutting = asyncio.create_task(cut())
        async with asyncio.timeout(60):
            await asyncio.gather(work(ana), work(ben))
        cutting.cancel()
        (await admit(ana)).release(Ending.COMPLETE)
    kept = await place.document()
    assert (kept["leases"], kept["queue"]) == ({}, [])


async def test_an_answer_that_is_cut_off_leaves_no_lease_that_nobody_knows_of(place, proxy):
    network = await proxy(place)
    async with opened(place, network.url(place.url)) as ana, opened(place) as ben:
        (await admit(ana)).release(Ending.COMPLETE)
        await asyncio.sleep(0.1)
        network.cut_after(3, "back")  # the change is made, its answer breaks off
        lease = await admit(ana, hold=20)
        lease.release(Ending.COMPLETE)

        async with asyncio.timeout(10):
            (await admit(ben, hold=20)).release(Ending.COMPLETE)


async def test_a_network_that_swallows_everything_stops_whoever_is_behind_it_and_nobody_else(place, proxy):
    network = await proxy(place)
    async with opened(place, network.url(place.url), limit=0.5) as ana, opened(place) as ben:
        (await admit(ana)).release(Ending.COMPLETE)
        await asyncio.sleep(0.1)
        network.swallows = True
        stuck = asyncio.create_task(admit(ana))
        await until(lambda: ana.trouble)
        (await admit(ben)).release(Ending.COMPLETE)
        assert not stuck.done()

        network.swallows = False
        network.cut()

        async with asyncio.timeout(20):
            (await stuck).release(Ending.COMPLETE)
        assert ana.trouble is None


async def test_a_hand_over_takes_few_round_trips(place, proxy):
    """Through a network that is so slow that nothing else counts."""
    latency = 0.02
    networks = [await proxy(place, latency=latency) for _ in range(2)]
    ana, ben = [place.make(network.url(place.url)) for network in networks]
    await asyncio.gather(ana.open(), ben.open())
    loop, seconds = asyncio.get_running_loop(), []
    try:
        for giver, taker in [(ana, ben), (ben, ana)] * 4:
            lease = await admit(giver, hold=20)
            waiting = asyncio.create_task(admit(taker, hold=20))
            await asyncio.sleep(6 * latency)
            began = loop.time()
            lease.release(Ending.COMPLETE)
            taken = await waiting
            seconds.append(loop.time() - began)
            taken.release(Ending.COMPLETE)
            await asyncio.sleep(6 * latency)
    finally:
        await asyncio.gather(ana.close(), ben.close())

    assert sorted(seconds)[len(seconds) // 2] < 5 * 2 * latency


async def test_a_document_of_a_newer_release_is_refused_with_a_line_that_says_what_to_do(place):
    async with opened(place) as coordinator:
        (await admit(coordinator)).release(Ending.COMPLETE)
        await asyncio.sleep(0.1)
        await place.keep('{"layout": 2}')

        with pytest.raises(
            ConfigError, match=r"has layout 2, this release of sagicc-async knows 1.*update this process"
        ):
            await admit(coordinator)


async def test_what_is_kept_is_what_is_documented_and_nothing_else(place):
    async with opened(place) as coordinator:
        lease = await admit(coordinator)
        kept = await place.document()
        lease.release(Ending.COMPLETE)

    assert set(kept) == {"layout", "time", "known_since", "paused_until", "arrivals", "leases", "queue", "windows"}
    assert [set(lease) for lease in kept["leases"].values()] == [{"lane", "owner", "until", "settle"}]


async def test_a_server_that_is_not_there_is_told_at_the_start_with_what_to_do(place, unused_tcp_port_factory):
    url = place.url.replace(f":{place.port}", f":{unused_tcp_port_factory()}")

    with pytest.raises(ConfigError, match=r"cannot be reached: .*; start it, or name another one"):
        await place.make(url).open()


@pytest.mark.parametrize("make", [RedisCoordinator, PostgresCoordinator], ids=["redis", "postgres"])
async def test_the_password_of_an_address_is_nowhere_to_be_seen(make, unused_tcp_port, caplog):
    caplog.set_level("DEBUG")
    scheme = "redis" if make is RedisCoordinator else "postgresql"
    coordinator = make(f"{scheme}://ana:canary-5d1@127.0.0.1:{unused_tcp_port}/0")

    with pytest.raises(ConfigError) as refused:
        await coordinator.open()

    said = [repr(coordinator), coordinator.describe(), str(refused.value), repr(refused.value.__context__), caplog.text]
    assert not [text for text in said if "canary" in text]
    assert refused.value.__cause__ is None


@pytest.mark.parametrize(
    ("make", "url"),
    [
        (RedisCoordinator, "redis://ana:canary-5d1@host:port/0"),
        (RedisCoordinator, "http://ana:canary-5d1@host/0"),
        (PostgresCoordinator, "postgresql://ana:canary-5d1@host/db?nonsense=canary-5d1"),
        (PostgresCoordinator, "canary-5d1"),
    ],
)
def test_an_address_that_is_none_is_refused_without_quoting_it(make, url):
    with pytest.raises(ConfigError, match="the address of the") as refused:
        make(url)

    assert "canary" not in str(refused.value)
