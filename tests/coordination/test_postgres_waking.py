"""How a process hears that its turn has come: by notification, and by looking where none can arrive."""

from __future__ import annotations

import asyncio
import secrets
import time
from urllib.parse import urlsplit

import pytest

from sagicc_async.errors import ConfigError
from sagicc_async.tokens.admission import Ending
from sagicc_async.tokens.coordination import Scope
from sagicc_async.tokens.coordination.postgres import PostgresCoordinator
from sagicc_async.tokens.window import Window

from .postgres_rig import admit, asked, counted, opened, until
from .transaction_pooler import TransactionPooler

FOR_EVER = float("inf")


async def hand_over(ana, ben, *, calm: float = 0.1) -> float:
    """Seconds from a release in one process to the grant in the other."""
    lease = await admit(ana, hold=20)
    waiting = asyncio.create_task(admit(ben, hold=20))
    await asyncio.sleep(calm)
    began = time.monotonic()
    lease.release(Ending.COMPLETE)
    taken = await waiting
    seconds = time.monotonic() - began
    taken.release(Ending.COMPLETE)
    await asyncio.sleep(calm)
    return seconds


async def test_who_is_notified_never_looks_in_vain(postgres):
    async with opened(postgres.url) as ana, opened(postgres.url) as ben:
        assert ben._store.polling == FOR_EVER
        lease = await admit(ana, hold=20)
        sent = counted(ben)
        waiting = asyncio.create_task(admit(ben, hold=20))
        await asyncio.sleep(0.6)  # it would look six times
        queued = len(sent)
        lease.release(Ending.COMPLETE)
        (await waiting).release(Ending.COMPLETE)

        assert queued <= 2  # a look, and a change to queue up
        # It was told what is there now: the grant took one exchange, and the release another one.
        await asyncio.sleep(0.1)
        assert len(sent) - queued == 2


async def test_who_holds_a_lease_is_told_what_others_do_and_gives_it_back_in_one_exchange(postgres):
    async with opened(postgres.url) as ana, opened(postgres.url) as ben:
        lease = await admit(ana, hold=20)
        waiting = asyncio.create_task(admit(ben, hold=20))
        await asyncio.sleep(0.2)
        sent = counted(ana)

        lease.release(Ending.COMPLETE)
        (await waiting).release(Ending.COMPLETE)
        await asyncio.sleep(0.1)

        assert len(sent) == 1


async def test_a_document_that_is_too_long_for_a_notification_is_looked_at_instead(postgres):
    scope = Scope(key="c0", max_in_flight=1, settle=0.3, windows=(Window(500, per=60, scope="company"),))
    async with opened(postgres.url) as ana, opened(postgres.url) as ben:
        for _ in range(300):
            (await ana.admit(scope, lane="token", rank=0, hold=20)).release(Ending.COMPLETE)
        lease = await ana.admit(scope, lane="token", rank=0, hold=20)
        waiting = asyncio.create_task(ben.admit(scope, lane="token", rank=0, hold=20))
        await asyncio.sleep(0.1)
        began = time.monotonic()
        lease.release(Ending.COMPLETE)
        (await waiting).release(Ending.COMPLETE)

        assert time.monotonic() - began < 0.5
        await asyncio.sleep(0.1)
        assert asked(postgres.url, "SELECT length(document) > 8000 FROM sagicc_async_scope_1 WHERE key = 'c0'") == [
            (True,)
        ]


async def test_who_does_not_listen_looks_about_ten_times_a_second(postgres):
    async with opened(postgres.url, listen=False) as ana, opened(postgres.url, listen=False) as ben:
        assert {0.05 <= ben._store.polling <= 0.15 for _ in range(100)} == {True}
        assert asked(
            postgres.url,
            "SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'LISTEN%%' AND datname = current_database()",
        ) == [(0,)]

        seconds = sorted([await hand_over(ana, ben) for _ in range(5)])

        assert seconds[2] < 0.3


async def test_who_listens_and_who_looks_share_a_token(postgres):
    async with opened(postgres.url) as ana, opened(postgres.url, listen=False) as ben:
        for _ in range(3):
            assert await hand_over(ana, ben) < 0.5
            assert await hand_over(ben, ana) < 0.5


@pytest.fixture
def elsewhere(postgres):
    """Another database of the same server: notifications stay in theirs, so it is as silent as a pooler."""
    name = f"sagicc_async_{secrets.token_hex(4)}"
    asked(postgres.url, f"CREATE DATABASE {name}")
    yield urlsplit(postgres.url)._replace(path=f"/{name}").geturl()
    asked(postgres.url, f"DROP DATABASE {name} WITH (FORCE)")


async def test_where_notifications_do_not_arrive_it_is_said_once_and_looked_at_instead(postgres, elsewhere, caplog):
    caplog.set_level("INFO")
    began = time.monotonic()
    async with opened(postgres.url, listen=elsewhere) as ana, opened(postgres.url) as ben:
        assert time.monotonic() - began < 2.5
        assert ana._store.polling < 1
        said = [record.getMessage() for record in caplog.records if "no notifications come" in record.getMessage()]
        assert len(said) == 1
        await until(
            lambda: (
                asked(
                    elsewhere,
                    "SELECT 1 FROM pg_stat_activity WHERE query LIKE 'LISTEN%%' AND datname = current_database()",
                )
                == []
            )
        )

        assert await hand_over(ben, ana) < 0.5


@pytest.fixture
async def pooler(postgres):
    if urlsplit(postgres.url).password:
        pytest.skip("the pooler of these tests cannot log in")
    async with TransactionPooler(postgres.port).serving() as serving:
        yield serving


async def test_an_address_to_listen_at_that_leads_nowhere_is_refused(postgres, unused_tcp_port):
    nowhere = urlsplit(postgres.url)._replace(netloc=f"ana:canary-5d1@127.0.0.1:{unused_tcp_port}").geturl()

    with pytest.raises(ConfigError, match=rf"to listen at postgresql://127\.0\.0\.1:{unused_tcp_port}/") as refused:
        await PostgresCoordinator(postgres.url, listen=nowhere).open()

    assert "canary" not in str(refused.value)


async def test_changes_go_through_a_pooler_that_hands_each_transaction_to_another_connection(postgres, pooler, caplog):
    caplog.set_level("INFO")
    async with opened(pooler.url(postgres.url)) as ana, opened(pooler.url(postgres.url)) as ben:
        assert ana._store.polling < 1
        assert "no notifications come through" in caplog.text

        async def work(coordinator):
            for _ in range(10):
                (await admit(coordinator, hold=20)).release(Ending.COMPLETE)

        async with asyncio.timeout(20):
            await asyncio.gather(work(ana), work(ben))
    assert pooler.transactions > 20


async def test_beside_a_pooler_who_listens_directly_is_notified(postgres, pooler):
    through = pooler.url(postgres.url)
    async with opened(through, listen=postgres.url) as ana, opened(through, listen=postgres.url) as ben:
        assert ana._store.polling == ben._store.polling == FOR_EVER
        assert sorted([await hand_over(ana, ben) for _ in range(3)])[1] < 0.5


async def test_a_hand_over_through_a_slow_network_takes_about_two_round_trips(postgres, proxy):
    latency = 0.025
    networks = [await proxy(postgres, latency=latency) for _ in range(2)]
    ana, ben = [PostgresCoordinator(network.url(postgres.url)) for network in networks]
    await asyncio.gather(ana.open(), ben.open())
    try:
        seconds = sorted([await hand_over(*pair, calm=8 * latency) for pair in [(ana, ben), (ben, ana)] * 2])
    finally:
        await asyncio.gather(ana.close(), ben.close())

    assert seconds[len(seconds) // 2] < 3 * 2 * latency
