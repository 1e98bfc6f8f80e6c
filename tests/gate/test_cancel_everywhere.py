"""A call is cancelled at every turn of the loop that it lives through; nothing may leak, overlap or happen twice."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import pytest

from sagicc_async import (
    LateOutcome,
    Login,
    Request,
    RequestError,
    RequestFinished,
    RetryPolicy,
    Secret,
    Token,
    TokenRules,
)
from sagicc_async_serpi import Serpi, SerpiCredentials
from sagicc_async_serpi.adapter import SerpiAuth

MOST_TURNS = 2_000


class Shared(Serpi):
    """SERPI, if its token could be used by many requests at once."""

    rules = TokenRules()


class LoggedIn(Serpi):
    """SERPI, if its token came from a login, which uses credentials of its own."""

    class Auth(SerpiAuth):
        login_with: Mapping[str, str]

        def identity(self, credentials: SerpiCredentials, token: Token) -> tuple[str | Secret, ...]:
            return (credentials.secretkey,)

        async def issue(self, credentials: SerpiCredentials, login: Login, spent: Token | None) -> Token:
            await login(Request(method="GET", path="Impuesto", params={"limite": 1}, headers=self.login_with))
            return Token(credentials.token, lives=3600)

    auth = Auth()


async def cancelled_at(turn: int, call: Callable[[], Awaitable[Any]]) -> bool:
    """Start the call and cancel it after so many turns of the loop; tell whether it was still under way."""
    task = asyncio.ensure_future(call())
    for _ in range(turn):
        await asyncio.sleep(0)
        if task.done():
            await task
            return False
    task.cancel()
    for _ in range(3):
        await asyncio.sleep(0)
    assert task.cancelled(), f"cancelled at turn {turn}, the caller did not leave at once"
    return True


@pytest.mark.parametrize("use", ["first", "later"])
@pytest.mark.parametrize("what", ["read", "write"])
@pytest.mark.parametrize("kind", [Serpi, Shared, LoggedIn])
async def test_a_call_cancelled_at_any_turn_leaves_nothing_behind(rig, new_record, kind, what, use):
    # On an exclusive token a lost request costs 30 s: it is free in time only if the exchange was never sent, or
    # completely answered.
    settle = 0 if kind is Shared else 30
    async with rig(kind=kind, settle=settle) as r:
        if kind is LoggedIn:
            LoggedIn.auth.login_with = Serpi.auth.headers(*_issued(r.vendor.issue()))
        written = 0
        await r.serpi.impuesto.list(limite=1).page(1)
        for turn in range(MOST_TURNS):
            sessions = r.sessions
            if use == "first":
                sessions = await r.manager()
                sessions.on(r.events.append)
            account = r.open(sessions, kind, settle=settle)
            before = r.arrived("POST")

            def call(account: Any = account) -> Awaitable[Any]:
                if what == "write":
                    return account.centro_costo.create(new_record())
                return account.impuesto.list(limite=1).page(1)

            under_way = await cancelled_at(turn, call)
            async with asyncio.timeout(5):
                await account.impuesto.list(limite=1).page(1)
            assert r.arrived("POST") - before <= 1
            written += not under_way and what == "write"
            if use == "first":
                await sessions.close()
                assert not sessions._gate._running()
            if not under_way:
                break
        assert 5 < turn < MOST_TURNS - 1
        await r.vendor.until(lambda stats: stats.in_flight == 0)
        await asyncio.wait_for(_idle(r), 5)
        assert r.queue()["waiting"] == r.queue()["in_flight"] == 0
        if kind is not Shared:
            assert (r.vendor.stats.overlaps, r.vendor.stats.max_in_flight) == (0, 1)
        # Every write that reached the vendor is known here, by its caller or by an event, exactly once.
        late = [event.request_id for event in r.of(LateOutcome) if event.outcome == "ok" and not event.repeatable]
        assert r.arrived("POST") == len(set(late)) + written
        assert len(late) == len(set(late))
        sent = [event for event in r.of(RequestFinished) if event.method == "POST" and event.outcome == "ok"]
        assert len({(event.request_id, event.attempt) for event in sent}) == len(sent) == r.arrived("POST")


@pytest.mark.parametrize("fault", ["reset_before", "reset_after", "truncate", "status"])
@pytest.mark.parametrize("what", ["read", "write"])
async def test_a_call_cancelled_at_any_turn_while_the_exchange_breaks_leaves_nothing_behind(
    rig, new_record, what, fault
):
    async with rig(settle=0.02, retry=RetryPolicy(attempts=1)) as r:
        await r.serpi.impuesto.list(limite=1).page(1)

        async def call() -> None:
            if what == "write":
                await r.serpi.centro_costo.create(new_record())
            else:
                await r.serpi.centro_costo.list(limite=1).page(1)

        for turn in range(MOST_TURNS):
            options = {"status": 503} if fault == "status" else {}
            struck = r.vendor.fault(fault, path="CentroCosto", **options)
            try:
                under_way = await cancelled_at(turn, call)
            except RequestError:
                under_way = False  # it broke before it could be cancelled
            r.vendor.clear_faults(struck)
            async with asyncio.timeout(5):
                await r.serpi.impuesto.list(limite=1).page(1)
            if not under_way:
                break
        assert 2 < turn < MOST_TURNS - 1
        await asyncio.wait_for(_idle(r), 5)
        assert (r.vendor.stats.overlaps, r.vendor.stats.max_in_flight) == (0, 1)
        bodies = [entry.body for entry in r.vendor.requests if entry.method == "POST"]
        assert len(bodies) == len(set(bodies))


async def test_waiters_cancelled_at_any_turn_leave_the_queue_and_the_rest_goes_on(rig):
    async with rig() as r:
        await r.serpi.impuesto.list(limite=1).page(1)
        for turn in range(60):
            calls = [asyncio.ensure_future(r.serpi.impuesto.list(limite=1).page(1)) for _ in range(4)]
            for _ in range(turn):
                await asyncio.sleep(0)
            calls[1].cancel()
            calls[2].cancel()
            async with asyncio.timeout(5):
                done = await asyncio.gather(*calls, return_exceptions=True)
            assert not isinstance(done[0], BaseException)
            assert not isinstance(done[3], BaseException)
        await asyncio.wait_for(_idle(r), 5)
        assert r.queue()["waiting"] == r.queue()["in_flight"] == 0
        assert (r.vendor.stats.overlaps, r.vendor.stats.max_in_flight) == (0, 1)


async def _idle(r: Any) -> None:
    """Wait, by turns of the loop, until nothing of the manager is under way."""
    gate = r.sessions._gate
    while gate._running() or gate._trips or r.queue()["in_flight"]:
        await asyncio.sleep(0)


def _issued(credentials: Mapping[str, str]) -> tuple[SerpiCredentials, Token]:
    made = SerpiCredentials(**credentials)
    return made, Token(made.token)
