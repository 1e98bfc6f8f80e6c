"""The manager is closed at every turn of the loop that a call lives through."""

from __future__ import annotations

import asyncio

import pytest

from sagicc_async import MemoryCoordinator, OutcomeUnknown, SessionClosed, SessionManager


@pytest.mark.parametrize("use", ["first", "later"])
@pytest.mark.parametrize("what", ["read", "write"])
async def test_closing_at_any_turn_ends_the_call_and_frees_a_token_that_was_not_used(rig, new_record, what, use):
    async with rig() as r:
        for turn in range(2_000):
            coordinator = MemoryCoordinator()
            sessions = await SessionManager(coordinator=coordinator).__aenter__()
            account = r.open(sessions)
            if use == "later":
                await account.impuesto.list(limite=1).page(1)
            before = r.vendor.stats.requests
            if what == "write":
                call = asyncio.ensure_future(account.centro_costo.create(new_record()))
            else:
                call = asyncio.ensure_future(account.impuesto.list(limite=1).page(1))
            for _ in range(turn):
                await asyncio.sleep(0)
            finished = call.done()
            async with asyncio.timeout(2):
                await sessions.close(grace=0)
                (ended,) = await asyncio.gather(call, return_exceptions=True)
            assert not sessions._gate._tasks
            assert not sessions._gate._trips
            if finished:
                assert not isinstance(ended, BaseException)
                break
            assert isinstance(ended, SessionClosed | OutcomeUnknown), (turn, ended)
            await r.vendor.until(lambda stats: stats.in_flight == 0)
            arrived = r.vendor.stats.requests - before
            if isinstance(ended, SessionClosed) and what == "write":
                assert arrived == 0, "the write was sent, and its caller was told that it was not"
            if arrived == 0:  # settle is 30 s
                async with SessionManager(coordinator=coordinator) as other, asyncio.timeout(2):
                    await r.open(other).impuesto.list(limite=1).page(1)
        assert turn > 5
        assert r.vendor.stats.overlaps == 0
