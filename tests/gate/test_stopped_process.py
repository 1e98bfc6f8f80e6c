"""A process that was stopped, a laptop that slept, a loop that was held up by somebody's arithmetic."""

from __future__ import annotations

import asyncio
import time

import pytest

from sagicc_async import (
    LeaseLost,
    MemoryCoordinator,
    RequestFinished,
    RetryPolicy,
    ServerError,
    SessionManager,
    Timeouts,
)
from sagicc_async.sandbox import Sandbox
from sagicc_async_serpi import Serpi


@pytest.fixture
def vendor():
    """In a thread of its own: it works on while this loop is held up."""
    with Sandbox.in_thread(["serpi"], records=40) as sandbox:
        yield sandbox["serpi"]


def hold_up(seconds: float) -> None:
    """Keep the loop from turning, as a long computation does."""
    ends = time.monotonic() + seconds
    while time.monotonic() < ends:
        pass


@pytest.mark.parametrize("limits", [Timeouts(total=0.2), Timeouts(read=0.2)], ids=["total", "read"])
@pytest.mark.parametrize("what", ["read", "write"])
async def test_a_complete_answer_that_waits_is_delivered_however_late_it_is_looked_at(vendor, new_record, what, limits):
    events = []
    async with SessionManager(coordinator=MemoryCoordinator(), timeouts=limits) as sessions:
        sessions.on(events.append)
        serpi = sessions.open(Serpi, vendor.credentials, base_url=vendor.base_url)
        await serpi.impuesto.list().first()
        vendor.fault("hold")
        if what == "write":
            call = asyncio.ensure_future(serpi.centro_costo.create(new_record()))
        else:
            call = asyncio.ensure_future(serpi.centro_costo.list(limite=1).page(1))
        await vendor.until(lambda stats: stats.in_flight == 1)
        vendor.clear_faults()
        hold_up(0.5)
        assert await call
        assert [event.outcome for event in events if isinstance(event, RequestFinished)] == ["ok", "ok"]


async def test_being_held_up_again_and_again_does_not_keep_an_exchange_alive(vendor):
    async with SessionManager(
        coordinator=MemoryCoordinator(), timeouts=Timeouts(total=0.2), retry=RetryPolicy(attempts=1)
    ) as sessions:
        serpi = sessions.open(Serpi, vendor.credentials, base_url=vendor.base_url, settle=0)
        vendor.fault("hold")
        call = asyncio.ensure_future(serpi.impuesto.list().first())
        await vendor.until(lambda stats: stats.in_flight == 1)
        held_up = 0
        while not call.done():
            hold_up(0.05)
            held_up += 1
            await asyncio.sleep(0)
        with pytest.raises(ServerError, match="no complete answer"):
            await call
        assert held_up < 20
        vendor.clear_faults()


async def test_an_attempt_ends_with_its_lease_however_late_that_was_heard_of(rig, monkeypatch):
    """Where the store is slow, or the loop was held up, a part of the lease is over before anything can be sent."""
    async with rig(total=2, retry=RetryPolicy(attempts=1)) as r:
        admit = r.coordinator.admit

        async def late(*args, **request):
            lease = await admit(*args, **request)
            begins = "_began" if hasattr(lease, "_began") else "_granted_at"
            setattr(lease, begins, getattr(lease, begins) - 1.9)
            return lease

        monkeypatch.setattr(r.coordinator, "admit", late)
        r.vendor.fault("hold")
        began = time.monotonic()
        with pytest.raises(ServerError, match="no complete answer"):
            await r.serpi.impuesto.list().first()
        assert time.monotonic() - began < 1
        r.vendor.clear_faults()


@pytest.mark.parametrize("what", ["read", "write"])
async def test_a_lease_that_ran_out_while_connecting_sends_nothing_and_the_call_asks_for_another(
    rig, new_record, manual_clock, monkeypatch, what
):
    async with rig(timeouts=Timeouts(total=60), retry=RetryPolicy(attempts=2, base=0)) as r:
        r.coordinator._clock = manual_clock  # what a lease is measured by goes on while the machine sleeps
        connector = r.sessions._transport._session.connector
        connect, slept = connector._create_connection, []

        async def sleeping(*args):
            if not slept:
                slept.append(await manual_clock.advance(100))
            return await connect(*args)

        monkeypatch.setattr(connector, "_create_connection", sleeping)
        async with asyncio.timeout(5):
            if what == "write":
                await r.serpi.centro_costo.create(new_record())
            else:
                await r.serpi.impuesto.list().first()
        assert r.vendor.stats.requests == 1
        assert [event.outcome for event in r.of(RequestFinished)] == ["LeaseLost", "ok"]


async def test_a_lease_that_is_lost_every_time_is_an_error_of_its_own(rig, new_record, manual_clock, monkeypatch):
    async with rig(timeouts=Timeouts(total=60), retry=RetryPolicy(attempts=2, base=0)) as r:
        r.coordinator._clock = manual_clock
        connector = r.sessions._transport._session.connector
        connect = connector._create_connection

        async def sleeping(*args):
            await manual_clock.advance(100)
            return await connect(*args)

        monkeypatch.setattr(connector, "_create_connection", sleeping)
        with pytest.raises(LeaseLost, match="before the request could be written"):
            await r.serpi.centro_costo.create(new_record())
        assert r.vendor.stats.requests == 0
