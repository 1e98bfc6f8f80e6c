"""The life of a manager: what it refuses, how it ends whatever is under way, and what it tells of itself."""

from __future__ import annotations

import asyncio
import gc
import warnings

import pytest

from sagicc_async import (
    ConfigError,
    LateOutcome,
    Login,
    OutcomeUnknown,
    Request,
    RequestFinished,
    RetryPlanned,
    RetryPolicy,
    SessionClosed,
    SessionManager,
    Timeouts,
    Token,
)
from sagicc_async_serpi import Serpi, SerpiCredentials
from sagicc_async_serpi.adapter import SerpiAuth

CREDENTIALS = {"token": "t", "secretkey": "s"}


async def test_a_manager_is_used_after_it_was_entered_and_before_it_was_closed():
    sessions = SessionManager()
    with pytest.raises(SessionClosed, match="async with SessionManager"):
        sessions.open(Serpi, CREDENTIALS)
    async with sessions:
        serpi = sessions.open(Serpi, CREDENTIALS)
        with pytest.raises(ConfigError, match="entered already"):
            await sessions.__aenter__()
    with pytest.raises(SessionClosed, match="make a new one"):
        sessions.open(Serpi, CREDENTIALS)
    with pytest.raises(SessionClosed, match="make a new one"):
        await serpi.impuesto.list().first()
    with pytest.raises(SessionClosed):
        await sessions.__aenter__()
    await sessions.close()  # a second time does nothing


def test_a_manager_belongs_to_one_loop():
    sessions = SessionManager()

    async def enter():
        await sessions.__aenter__()
        return sessions.open(Serpi, CREDENTIALS)

    async def use(serpi):
        with pytest.raises(ConfigError, match="another event loop"):
            sessions.open(Serpi, CREDENTIALS)
        with pytest.raises(ConfigError, match="another event loop"):
            await serpi.impuesto.list().first()

    with asyncio.Runner() as runner, asyncio.Runner() as other:
        serpi = runner.run(enter())
        other.run(use(serpi))
        runner.run(sessions.close())


@pytest.mark.parametrize(
    ("settings", "named"),
    [
        ({"max_connections": 1}, "max_connections"),
        ({"max_body": 0}, "max_body"),
        ({"reserved_connections": -1}, "reserved_connections"),
        ({"timezone": "Atlantis/Centre"}, "Atlantis"),
        ({"user_agent": "mine\r\nX: 1"}, "user_agent"),
        ({"user_agent": None}, "setting"),
        ({"proxy": "proxy:3128"}, "proxy"),
    ],
)
def test_a_wrong_setting_is_one_clear_error_and_nothing_more(settings, named):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        with pytest.raises(ConfigError, match=named):
            SessionManager(**settings)
        gc.collect()
    assert caught == []


async def test_a_manager_that_was_never_closed_warns():
    sessions = await SessionManager().__aenter__()
    transport = sessions._transport
    with pytest.warns(ResourceWarning, match="open, 0 accounts> was never closed; use `async with`"):
        del sessions
    await transport.close()


def test_managers_of_one_process_agree_with_each_other_unless_told_otherwise():
    assert SessionManager()._coordinator is SessionManager()._coordinator


class LoggedIn(Serpi):
    """SERPI, if its token came from a login."""

    class Auth(SerpiAuth):
        async def issue(self, credentials: SerpiCredentials, login: Login, spent: Token | None) -> Token:
            await login(Request(method="GET", path="Bodega"))
            return Token(credentials.token)

    auth = Auth()


async def closed_while(r, call, condition, *, grace=0.0):
    """Start a call in a manager of its own, wait for a condition of the vendor's or ours, and close the manager."""
    sessions = await r.manager(retry=RetryPolicy(attempts=2, base=60))
    events = []
    sessions.on(events.append)
    task = asyncio.create_task(call(sessions))
    while not condition(sessions, events):
        await asyncio.sleep(0)
    async with asyncio.timeout(2):
        await sessions.close(grace=grace)
    assert not sessions._gate._tasks
    assert sessions._transport._session.closed
    with pytest.raises((SessionClosed, OutcomeUnknown)) as raised:
        await asyncio.wait_for(task, 1)
    return raised.value


async def test_closing_while_a_call_waits_for_its_turn(rig):
    async with rig() as r:
        r.vendor.fault("hold")
        first = asyncio.create_task(r.serpi.impuesto.list().first())
        await r.vendor.until(lambda stats: stats.in_flight == 1)
        error = await closed_while(
            r, lambda sessions: r.open(sessions).impuesto.list().first(), lambda *_: r.queue()["waiting"] == 1
        )
        assert "waited for its turn on the token" in str(error)
        assert r.queue()["waiting"] == 0
        r.vendor.clear_faults()
        await first


async def test_closing_while_credentials_are_read(rig):
    async with rig() as r:
        asked = []

        async def vault():
            asked.append(1)
            await asyncio.Event().wait()

        error = await closed_while(
            r, lambda sessions: r.open(sessions, credentials=vault).impuesto.list().first(), lambda *_: asked
        )
        assert type(error) is SessionClosed


@pytest.mark.parametrize("grace", [0, 0.05])
async def test_closing_while_a_token_is_issued(rig, grace):
    async with rig() as r:
        r.vendor.fault("hold", path="Bodega")
        error = await closed_while(
            r,
            lambda sessions: r.open(sessions, LoggedIn).impuesto.list().first(),
            lambda *_: r.vendor.stats.in_flight == 1,
            grace=grace,
        )
        assert type(error) is SessionClosed
        r.vendor.clear_faults()


async def test_closing_while_connecting(rig, new_record, monkeypatch):
    async with rig() as r:
        connecting = asyncio.Event()

        async def never(*_):
            connecting.set()
            await asyncio.Event().wait()

        def call(sessions):
            monkeypatch.setattr(sessions._transport._session.connector, "_create_connection", never)
            return r.open(sessions).centro_costo.create(new_record())

        error = await closed_while(r, call, lambda *_: connecting.is_set())
        assert type(error) is SessionClosed
        async with asyncio.timeout(2):
            await r.serpi.impuesto.list().first()  # the token is free


@pytest.mark.parametrize("grace", [0, 0.05])
@pytest.mark.parametrize("what", ["read", "write"])
async def test_closing_while_the_vendor_works(rig, new_record, what, grace):
    async with rig() as r:
        r.vendor.fault("hold")

        def call(sessions):
            account = r.open(sessions, settle=0.01)
            if what == "read":
                return account.impuesto.list().first()
            return account.centro_costo.create(new_record())

        error = await closed_while(r, call, lambda *_: r.vendor.stats.in_flight == 1, grace=grace)
        assert type(error) is (SessionClosed if what == "read" else OutcomeUnknown)
        r.vendor.clear_faults()


async def test_closing_while_the_answer_arrives(rig):
    async with rig() as r:
        r.vendor.fault("drip", pause=0.01, size=1)
        error = await closed_while(
            r, lambda sessions: r.open(sessions).impuesto.list().first(), lambda *_: r.vendor.stats.by_status[200] == 1
        )
        assert type(error) is SessionClosed


@pytest.mark.parametrize("what", ["read", "paused"])
async def test_closing_during_a_back_off(rig, what):
    async with rig() as r:
        status = {"status": 503} if what == "read" else {"status": 429, "headers": {"Retry-After": "60"}}
        r.vendor.fault("status", **status)
        error = await closed_while(
            r,
            lambda sessions: r.open(sessions).impuesto.list().first(),
            lambda _, events: any(isinstance(event, RetryPlanned) for event in events),
        )
        assert type(error) is SessionClosed
        assert "waited for the next attempt" in str(error)


async def test_grace_lets_a_request_that_is_out_finish_and_starts_no_other(rig, new_record):
    async with rig() as r:
        sessions = await r.manager()
        account = r.open(sessions)
        r.vendor.fault("hold")
        record = new_record()
        out = asyncio.create_task(account.centro_costo.create(record))
        await r.vendor.until(lambda stats: stats.in_flight == 1)
        waiting = asyncio.create_task(account.impuesto.list().first())
        for _ in range(5):
            await asyncio.sleep(0)
        closing = asyncio.create_task(sessions.close(grace=5))
        with pytest.raises(SessionClosed):
            await waiting
        with pytest.raises(SessionClosed):
            await account.impuesto.list().first()
        assert not closing.done()
        r.vendor.clear_faults()
        assert (await out).codigo == record["codigo"]
        await closing
        assert r.vendor.stats.requests == 1


async def test_grace_also_covers_a_request_whose_caller_has_left(rig, new_record):
    async with rig() as r:
        sessions = await r.manager()
        events = []
        sessions.on(events.append)
        r.vendor.fault("hold")
        call = asyncio.create_task(r.open(sessions).centro_costo.create(new_record()))
        await r.vendor.until(lambda stats: stats.in_flight == 1)
        call.cancel()
        closing = asyncio.create_task(sessions.close(grace=5))
        for _ in range(5):
            await asyncio.sleep(0)
        r.vendor.clear_faults()
        await closing
        assert [event.outcome for event in events if isinstance(event, LateOutcome)] == ["ok"]


async def test_a_cancelled_close_cuts_at_once_and_leaves_nothing(rig):
    async with rig() as r:
        sessions = await r.manager()
        r.vendor.fault("hold")
        call = asyncio.create_task(r.open(sessions, settle=0.01).impuesto.list().first())
        await r.vendor.until(lambda stats: stats.in_flight == 1)
        closing = asyncio.create_task(sessions.close(grace=60))
        for _ in range(5):
            await asyncio.sleep(0)
        closing.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asyncio.wait_for(closing, 1)
        with pytest.raises(SessionClosed):
            await call
        assert not sessions._gate._tasks
        assert sessions._transport._session.closed
        r.vendor.clear_faults()


async def test_an_error_in_the_block_closes_without_grace(rig):
    async with rig() as r:
        r.vendor.fault("hold")
        call = None
        with pytest.raises(ZeroDivisionError):
            async with asyncio.timeout(2), SessionManager(coordinator=r.coordinator) as sessions:
                call = asyncio.create_task(r.open(sessions, settle=0.01).impuesto.list().first())
                await r.vendor.until(lambda stats: stats.in_flight == 1)
                raise ZeroDivisionError
        with pytest.raises(SessionClosed):
            await call
        r.vendor.clear_faults()


async def test_closing_within_a_hook_or_a_task_of_the_managers_does_not_hang(rig):
    async with rig() as r:
        sessions = await r.manager()
        closing = []

        def hook(event):
            if isinstance(event, RequestFinished) and not closing:
                closing.append(asyncio.ensure_future(sessions.close(grace=5)))

        sessions.on(hook)
        await r.open(sessions).impuesto.list().first()
        await asyncio.wait_for(closing[0], 2)


def test_the_lease_covers_the_longest_attempt():
    # Limits of time are looked at now and then: an attempt may last a little longer than `total`.
    async def look():
        limits = Timeouts(total=60, read=30)
        async with SessionManager(timeouts=limits) as sessions:
            return sessions._gate._hold, sessions._transport._watchman._every

    hold, every = asyncio.run(look())
    assert hold >= 60 + 2 * every
