"""A call waits for a free connection before anything is made of it, and nothing is kept from others if it leaves."""

from __future__ import annotations

import asyncio

import pytest

from sagicc_async import DeadlineExceeded, NotSent, Priority, RequestFinished, RetryPolicy, SessionClosed, TokenRules
from sagicc_async_serpi import Serpi

#: One exchange at once that is not interactive.
ONE_PLACE = {"max_connections": 2, "reserved_connections": 1}


class Shared(Serpi):
    """SERPI, if its token could be used by many requests at once."""

    rules = TokenRules()


@pytest.fixture
def crowded(rig):
    """A vendor that holds the first request, which has the only place."""
    return lambda **settings: rig(kind=Shared, **ONE_PLACE, **settings)


def read(r, **options) -> asyncio.Task:
    return asyncio.create_task(r.serpi.impuesto.list(limite=1, **options).page(1))


async def in_the_way(r) -> asyncio.Task:
    """A request that is under way until the fault is cleared."""
    r.vendor.fault("hold", nth=1)
    first = read(r)
    await r.vendor.until(lambda stats: stats.in_flight == 1)
    return first


async def test_a_person_does_not_wait_for_a_place_that_bulk_has(crowded):
    async with crowded() as r:
        first, bulk = await in_the_way(r), read(r)

        await read(r, priority=Priority.INTERACTIVE)

        assert r.vendor.stats.requests == 2
        assert not bulk.done()
        r.vendor.clear_faults()
        await asyncio.gather(first, bulk)


async def test_whose_deadline_passes_is_told_what_it_waited_for_and_takes_no_place(crowded):
    async with crowded() as r:
        first = await in_the_way(r)
        with pytest.raises(DeadlineExceeded, match="waited for a free connection"):
            await read(r, deadline=0.02)
        r.vendor.clear_faults()
        await first
        async with asyncio.timeout(2):
            await read(r)
        assert r.vendor.stats.requests == 2


async def test_who_waits_when_the_manager_is_closed_is_told_at_once(crowded):
    async with crowded() as r:
        first, waiting = await in_the_way(r), read(r)
        await asyncio.sleep(0.01)
        closing = asyncio.create_task(r.sessions.close(grace=5))
        with pytest.raises(SessionClosed, match="waited for a free connection"):
            await waiting
        assert not closing.done()
        r.vendor.clear_faults()
        await asyncio.gather(first, closing)


async def test_the_time_of_an_attempt_includes_the_waiting_and_the_error_says_what_to_do(crowded):
    async with crowded(total=0.1, retry=RetryPolicy(attempts=1)) as r:
        room = r.sessions._gate._transport.room
        place = await room.enter(Priority.NORMAL)  # somebody whose own time is not over before ours
        with pytest.raises(NotSent, match=r"no connection was free within 0[.]1 s") as raised:
            await read(r)
        assert "max_connections" in raised.value.hint
        place.leave()
        async with asyncio.timeout(2):
            await read(r)


async def test_what_is_told_of_a_request_counts_the_waiting(crowded):
    async with crowded() as r:
        first, second = await in_the_way(r), read(r)
        await asyncio.sleep(0.05)
        r.vendor.clear_faults()
        await asyncio.gather(first, second)
        assert r.of(RequestFinished)[1].seconds >= 0.04


async def test_cancelling_at_any_turn_while_places_are_handed_on_loses_none(crowded):
    async with crowded() as r:
        for turn in range(200):
            first = await in_the_way(r)
            waiting, behind = read(r), read(r)
            await asyncio.sleep(0)
            r.vendor.clear_faults()
            for _ in range(turn):
                await asyncio.sleep(0)
            over = waiting.done()
            waiting.cancel()
            async with asyncio.timeout(2):
                await asyncio.gather(first, behind)
            await asyncio.gather(waiting, return_exceptions=True)
            if over:
                break
            await r.vendor.until(lambda stats: stats.in_flight == 0)
        assert over
        assert turn > 5
        async with asyncio.timeout(2):
            await asyncio.gather(*(read(r) for _ in range(3)))


async def test_an_adapter_that_cannot_build_its_request_keeps_no_place(crowded, monkeypatch):
    async with crowded() as r:
        for _ in range(3):
            with monkeypatch.context() as broken:
                broken.setattr("sagicc_async.exchange._outgoing", lambda *_, **__: 1 / 0)
                with pytest.raises(ZeroDivisionError):
                    await read(r)
        async with asyncio.timeout(2):
            await read(r)
