"""The lease: two requests of ours are never at work on one token, whoever is cancelled and whatever breaks."""

from __future__ import annotations

import asyncio
import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

from sagicc_async import LateOutcome, OutcomeUnknown, RetryPolicy, ServerError

STORM = Path(__file__).parents[2] / "benchmarks" / "token_storm.py"


@pytest.fixture
def storm() -> ModuleType:
    spec = importlib.util.spec_from_file_location("token_storm", STORM)
    module = importlib.util.module_from_spec(spec)
    sys.modules["token_storm"] = module
    spec.loader.exec_module(module)
    return module


async def test_sixty_tasks_in_two_managers_never_use_a_token_twice_at_once(storm):
    report = await storm.run(storm.Storm(name="short", seconds=4, tasks=60))
    assert (report.overlaps, report.max_in_flight) == (0, 1)
    assert (report.doubled, report.tasks_left, report.still_taken, report.complaints) == (0, 0, 0, [])
    outcomes = report.outcomes
    assert outcomes["cancelled"] > 20
    assert outcomes["ok"] > 20
    assert outcomes.keys() <= {"ok", "cancelled", "OutcomeUnknown", "ServerError"}


async def test_the_storm_counts_overlaps_where_the_assumption_does_not_hold(storm):
    # Also the proof that the row above could fail.
    report = await storm.run(storm.Storm(name="long", seconds=1.5, tasks=20, settle=0.01, stall=0.6, seed=3))
    assert report.overlaps > 0


@pytest.mark.parametrize("fault", ["reset_before", "reset_after", "truncate"])
async def test_after_a_broken_exchange_the_token_rests_for_settle(rig, fault):
    async with rig(settle=0.2) as r:
        await r.serpi.impuesto.list().first()
        broken = r.vendor.fault(fault, times=1)
        async with asyncio.timeout(5):
            await r.serpi.impuesto.list().first()  # the gate repeats it
        assert broken.struck == 1
        lost, again = r.vendor.requests[-2:]
        assert again.started - lost.started >= 0.2
        assert r.vendor.stats.overlaps == 0


async def test_after_a_time_out_the_token_rests_for_settle_although_the_vendor_works_on(rig):
    async with rig(settle=0.3, total=0.1) as r:
        await r.serpi.impuesto.list().first()
        r.vendor.fault("latency", seconds=0.25, nth=1)
        assert (await r.serpi.impuesto.list(limite=1).page(1)).items
        slow, again = r.vendor.requests[-2:]
        assert again.started >= slow.finished
        # The attempt's limit, then settle, since the grant; the vendor saw the request a little later.
        assert again.started - slow.started >= 0.35
        assert r.vendor.stats.overlaps == 0


async def test_a_slow_drip_ends_with_the_attempt(rig):
    async with rig(settle=0.3, total=0.1, retry=RetryPolicy(attempts=2, base=0)) as r:
        r.vendor.fault("drip", pause=0.02, size=1)
        with pytest.raises(ServerError, match=r"no complete answer within 0\.1 s"):
            await r.serpi.impuesto.list().first()
        assert r.vendor.stats.overlaps == 0


async def test_a_cancelled_read_is_finished_in_the_background_and_frees_the_token_with_its_answer(rig):
    async with rig() as r:  # settle is 30 s: only a complete answer can free the token in time
        await r.serpi.impuesto.list().first()
        r.vendor.fault("hold", nth=1)
        call = asyncio.create_task(r.serpi.impuesto.list().first())
        await r.vendor.until(lambda stats: stats.in_flight == 1)
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call
        waiting = asyncio.create_task(r.serpi.impuesto.list().first())
        for _ in range(50):
            await asyncio.sleep(0)
        assert r.queue()["waiting"] == 1
        assert r.vendor.stats.in_flight == 1
        r.vendor.clear_faults()
        async with asyncio.timeout(2):
            assert await waiting
        assert r.vendor.stats.overlaps == 0
        assert [event.outcome for event in r.of(LateOutcome)] == ["ok"]


async def test_a_cancelled_caller_of_a_lost_request_leaves_the_token_to_rest(rig):
    async with rig(settle=0.2, total=0.1) as r:
        await r.serpi.impuesto.list().first()
        r.vendor.fault("latency", seconds=0.2, nth=1)
        call = asyncio.create_task(r.serpi.impuesto.list().first())
        await r.vendor.until(lambda stats: stats.in_flight == 1)
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call
        await r.serpi.impuesto.list().first()
        slow, again = r.vendor.requests[-2:]
        assert again.started >= slow.finished
        assert r.vendor.stats.overlaps == 0


async def test_two_managers_share_the_token_also_when_the_first_was_closed_with_a_request_out(rig):
    async with rig(settle=0.3) as r:
        first = await r.manager()
        one = r.open(first, settle=0.3)
        await one.impuesto.list().first()
        r.vendor.fault("latency", seconds=0.2, nth=1)
        call = asyncio.create_task(one.centro_costo.create({"codigo": "zz", "abreviatura": "zz", "descripcion": "x"}))
        await r.vendor.until(lambda stats: stats.in_flight == 1)
        await first.close(grace=0)
        with pytest.raises(OutcomeUnknown):
            await call
        await r.serpi.impuesto.list().first()
        cut, again = r.vendor.requests[-2:]
        assert again.started >= cut.finished
        assert again.started - cut.started >= 0.3
        assert r.vendor.stats.overlaps == 0


async def test_managers_on_two_loops_share_the_token(rig, make_coordinator):
    async with rig(work=0.002) as r:

        async def elsewhere() -> None:
            from sagicc_async import SessionManager

            async with SessionManager(coordinator=make_coordinator()) as sessions:
                other = r.open(sessions)
                await asyncio.gather(*(other.impuesto.list(limite=1).page(1) for _ in range(40)))

        await asyncio.gather(
            asyncio.to_thread(asyncio.run, elsewhere()),
            *(r.serpi.impuesto.list(limite=1).page(1) for _ in range(40)),
        )
        assert r.vendor.stats.requests == 80
        assert (r.vendor.stats.overlaps, r.vendor.stats.max_in_flight) == (0, 1)
