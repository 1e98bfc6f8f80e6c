"""The manager is closed at every turn of the loop that a call lives through."""

from __future__ import annotations

import asyncio

import aiohttp
import pytest

from sagicc_async import (
    MemoryCoordinator,
    OutcomeUnknown,
    RetryPolicy,
    SagiccAsyncError,
    SessionClosed,
    SessionManager,
    TokenRules,
)
from sagicc_async_serpi import Serpi


class Shared(Serpi):
    """SERPI, if its token could be used by many requests at once: what is read is read in the caller's own task."""

    rules = TokenRules()


@pytest.mark.parametrize("kind", [Serpi, Shared])
@pytest.mark.parametrize("use", ["first", "later"])
@pytest.mark.parametrize("what", ["read", "write"])
async def test_closing_at_any_turn_ends_the_call_and_frees_a_token_that_was_not_used(rig, new_record, what, use, kind):
    settle = 0 if kind is Shared else 30
    async with rig(kind=kind, settle=settle) as r:
        for turn in range(2_000):
            coordinator = MemoryCoordinator()
            sessions = await SessionManager(coordinator=coordinator).__aenter__()
            account = r.open(sessions, kind, settle=settle)
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
            assert not sessions._gate._running()
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
                    await r.open(other, kind, settle=settle).impuesto.list(limite=1).page(1)
        assert turn > 5
        assert kind is Shared or r.vendor.stats.overlaps == 0


@pytest.mark.parametrize("kind", [Serpi, Shared])
async def test_closing_lets_a_request_that_is_out_finish_in_its_grace(rig, kind):
    async with rig(kind=kind, settle=0) as r:
        held = r.vendor.fault("hold", nth=1)
        call = asyncio.ensure_future(r.serpi.impuesto.list(limite=1).page(1))
        await r.vendor.until(lambda stats: stats.in_flight == 1)
        closing = asyncio.ensure_future(r.sessions.close(grace=60))
        await asyncio.sleep(0.05)
        assert not closing.done()
        r.vendor.clear_faults(held)
        assert len((await call).items) == 1
        await closing


@pytest.mark.parametrize("kind", [Serpi, Shared])
async def test_a_connector_that_its_owner_closes_meanwhile_is_an_error_and_no_cancellation(rig, kind):
    connector = aiohttp.TCPConnector(limit=1)
    async with rig(kind=kind, settle=0, connector=connector, retry=RetryPolicy(attempts=1)) as r:
        r.vendor.fault("hold", nth=1)
        calls = [asyncio.ensure_future(r.serpi.impuesto.list(limite=1).page(1)) for _ in range(2)]
        await r.vendor.until(lambda stats: stats.in_flight == 1)
        await asyncio.sleep(0.05)  # the second waits for its turn on the token, or for the only connection
        await connector.close()
        done = await asyncio.gather(*calls, return_exceptions=True)
        assert all(isinstance(error, SagiccAsyncError) for error in done), done
