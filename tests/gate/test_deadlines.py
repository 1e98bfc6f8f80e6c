"""A deadline covers queue, token, connection, answer and the waits between attempts."""

from __future__ import annotations

import asyncio
import contextlib
import socket

import pytest

from sagicc_async import (
    Deadline,
    DeadlineExceeded,
    LateOutcome,
    MemoryCoordinator,
    NotSent,
    RateLimited,
    RetryPolicy,
    ServerError,
)
from sagicc_async.tokens.coordination.file import FileStore
from sagicc_async.tokens.coordination.store import StoreError
from sagicc_async_serpi import Serpi, SerpiCredentials


async def test_in_the_queue_nothing_is_sent(rig, new_record):
    async with rig() as r:
        r.vendor.fault("hold")
        first = asyncio.create_task(r.serpi.impuesto.list().first())
        await r.vendor.until(lambda stats: stats.in_flight == 1)
        with pytest.raises(DeadlineExceeded, match="waited for its turn on the token") as raised:
            await r.serpi.centro_costo.create(new_record(), deadline=0.02)
        assert isinstance(raised.value, TimeoutError)
        assert raised.value.attempts == 0
        assert r.queue()["waiting"] == 0
        r.vendor.clear_faults()
        await first
        assert r.vendor.stats.requests == 1
        assert r.of(LateOutcome) == []


async def test_while_nobody_can_be_agreed_with_it_says_so_and_nothing_is_sent(rig, monkeypatch):
    def away(self, key, decide):
        raise StoreError("No space left on device")

    async with rig() as r:
        await r.serpi.impuesto.list().first()
        if isinstance(r.coordinator, MemoryCoordinator):
            pytest.skip("nothing can be wrong with it")
        monkeypatch.setattr(FileStore, "change_at_once", away)
        with pytest.raises(
            DeadlineExceeded, match=r"its turn on the token, which cannot be agreed on: .*No space left"
        ):
            await r.serpi.impuesto.list(deadline=0.2).first()
        monkeypatch.undo()
        await r.serpi.impuesto.list().first()
        assert r.vendor.stats.requests == 2


async def test_that_has_passed_already_sends_nothing_although_a_connection_stands_ready(rig, new_record):
    async with rig() as r:
        await r.serpi.impuesto.list().first()
        with Deadline(1e-9), pytest.raises(DeadlineExceeded):
            await r.serpi.centro_costo.create(new_record())
        deadline = Deadline(1e-9)
        for _ in range(20):
            with pytest.raises(DeadlineExceeded):
                await r.serpi.centro_costo.create(new_record(), deadline=deadline)
        assert r.arrived("POST") == 0
        async with asyncio.timeout(2):
            await r.serpi.impuesto.list().first()


async def test_while_connecting_nothing_is_sent_and_the_token_is_free_at_once(rig, new_record):
    # A listener whose queue of connections is full: a further one is neither taken nor refused.
    with contextlib.ExitStack() as stack:
        listener = stack.enter_context(socket.create_server(("127.0.0.1", 0), backlog=0))
        for _ in range(3):
            client = stack.enter_context(socket.socket())
            client.setblocking(False)
            client.connect_ex(listener.getsockname())
        port = listener.getsockname()[1]
        async with rig() as r:
            slow = r.open(account="slow", base_url=f"http://127.0.0.1:{port}/api")
            with pytest.raises(DeadlineExceeded, match="waited for the answer"):
                await slow.centro_costo.create(new_record(), deadline=0.05)
            async with asyncio.timeout(2):  # the same token
                await r.serpi.impuesto.list().first()


async def test_to_connect_is_limited_too(rig, new_record):
    from sagicc_async import Timeouts

    with contextlib.ExitStack() as stack:
        listener = stack.enter_context(socket.create_server(("127.0.0.1", 0), backlog=0))
        for _ in range(3):
            client = stack.enter_context(socket.socket())
            client.setblocking(False)
            client.connect_ex(listener.getsockname())
        url = f"http://127.0.0.1:{listener.getsockname()[1]}/api"
        async with rig(timeouts=Timeouts(connect=0.05), retry=RetryPolicy(attempts=1)) as r:
            with pytest.raises(NotSent, match=r"no connection to 127[.]0[.]0[.]1 in time"):
                await r.open(account="slow", base_url=url).centro_costo.create(new_record())


async def test_while_a_read_is_answered_the_exchange_ends_in_the_background(rig):
    async with rig() as r:
        r.vendor.fault("hold")
        with pytest.raises(DeadlineExceeded, match="waited for the answer"):
            await r.serpi.impuesto.list(deadline=0.05).first()
        assert r.vendor.stats.in_flight == 1
        assert r.queue()["in_flight"] == 1
        r.vendor.clear_faults()
        async with asyncio.timeout(2):  # settle is 30 s
            await r.serpi.impuesto.list().first()
        assert r.vendor.stats.overlaps == 0
        assert [event.outcome for event in r.of(LateOutcome)] == ["ok"]


async def test_before_a_retry_the_call_gives_up_rather_than_sleep_past_it(rig):
    async with rig(retry=RetryPolicy(attempts=3, base=0)) as r:
        r.vendor.fault("status", status=503, headers={"Retry-After": "60"})
        with pytest.raises(ServerError) as raised:
            async with asyncio.timeout(2):
                await r.serpi.impuesto.list(deadline=30).first()
        assert raised.value.retry_after == 60
        assert r.vendor.stats.requests == 1
        r.vendor.clear_faults()
        r.vendor.fault("status", status=429, headers={"Retry-After": "60"})
        with pytest.raises(RateLimited):
            await r.serpi.impuesto.list(deadline=30).first()
        with pytest.raises(DeadlineExceeded):  # the whole scope was told to wait
            await r.serpi.impuesto.list(deadline=0.02).first()
        assert r.vendor.stats.requests == 2


async def test_during_a_back_off_ends_it(rig):
    async with rig(retry=RetryPolicy(attempts=2, base=20)) as r:
        r.sessions._gate._random = lambda: 0.001  # the wait is 20 ms and then the vendor takes its time
        r.vendor.fault("status", status=503, nth=1)
        r.vendor.fault("hold", nth=2)
        with pytest.raises(DeadlineExceeded) as raised:
            await r.serpi.impuesto.list(deadline=0.1).first()
        assert raised.value.attempts == 2
        r.vendor.clear_faults()


async def test_while_the_token_is_issued_the_issue_lands_for_the_others(rig):
    async with rig() as r:
        given = asyncio.Event()
        asked = []

        async def vault():
            asked.append(1)
            await given.wait()
            return r.vendor.credentials

        account = r.open(account="vault", credentials=vault)
        with pytest.raises(DeadlineExceeded, match="waited for a token"):
            await account.impuesto.list(deadline=0.02).first()
        given.set()
        await account.impuesto.list().first()
        assert (len(asked), r.vendor.stats.requests) == (1, 1)


async def test_the_nearest_of_nested_deadlines_holds(rig):
    async with rig() as r:
        r.vendor.fault("hold")
        with Deadline(60), Deadline(0.02), Deadline(30), pytest.raises(DeadlineExceeded):
            await r.serpi.request("GET", "Impuesto", deadline=20)
        r.vendor.clear_faults()


async def test_of_one_call_does_not_leak_into_the_issue_of_a_token(rig):
    # Whoever happens to be first must not limit the login that everybody waits for.
    seen = []

    class Watched(Serpi):
        class Auth(type(Serpi.auth)):
            async def issue(self, credentials: SerpiCredentials, login, spent):
                from sagicc_async.wire.request import seconds_left

                seen.append(seconds_left(None))
                return await super().issue(credentials, login, spent)

        auth = Auth()

    async with rig(kind=Watched) as r:
        with Deadline(5):
            await r.serpi.impuesto.list().first()
        assert seen == [None]
