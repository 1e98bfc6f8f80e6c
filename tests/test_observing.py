"""What a manager tells of itself: log lines, events, `status()`."""

from __future__ import annotations

import asyncio
import contextvars
import functools
import gc
import json
import logging

import pytest

from sagicc_async import (
    Action,
    ConfigError,
    Deadline,
    ErrorMap,
    LateOutcome,
    Login,
    MemoryCoordinator,
    RateLimited,
    RequestFinished,
    RetryPlanned,
    RetryPolicy,
    ScopePaused,
    SessionManager,
    Token,
    TokenRenewed,
    TokenRules,
    Verdict,
)
from sagicc_async_serpi import Serpi, SerpiCredentials
from sagicc_async_serpi.adapter import SerpiAuth


async def test_a_request_is_one_info_line_without_body_or_secret(rig, new_record, caplog):
    caplog.set_level(logging.INFO)
    async with rig() as r:
        record = new_record()
        await r.serpi.centro_costo.create(record)
    (line,) = [entry for entry in caplog.records if entry.name == "sagicc_async.requests"]
    text = line.getMessage()
    assert line.levelno == logging.INFO
    for expected in ("serpi default centro_costo.create", "status=201", "outcome=ok", "attempt=1", "queued=", "id="):
        assert expected in text
    assert record["codigo"] not in text


async def test_each_attempt_has_its_line_and_retries_are_told_in_between(rig, caplog):
    async with rig(retry=RetryPolicy(attempts=2, base=0)) as r:
        r.vendor.fault("status", status=503, nth=1)
        with caplog.at_level(logging.DEBUG, "sagicc_async"):
            await r.serpi.impuesto.list().first()
        lines = [entry.getMessage() for entry in caplog.records if entry.levelno == logging.INFO]
        assert [line.split("outcome=")[1].split()[0] for line in lines if "outcome=" in line] == ["ServerError", "ok"]
        finished, retry, again = [event for event in r.events if isinstance(event, RequestFinished | RetryPlanned)]
        assert (finished.status, finished.attempt, again.status, again.attempt) == (503, 1, 200, 2)
        assert finished.request_id == retry.request_id == again.request_id
        assert (finished.operation, finished.method, finished.path) == ("impuesto.list", "GET", "Impuesto")
        assert again.size > 0
        assert (retry.attempt, retry.reason) == (1, "ServerError")


async def test_a_hook_that_raises_disturbs_nothing_and_can_be_taken_away(rig, caplog):
    async with rig() as r:
        seen = []

        def broken(event):
            seen.append(event)
            raise ValueError("a hook's own trouble")

        remove = r.sessions.on(broken)
        await r.serpi.impuesto.list().first()
        assert {type(event) for event in seen} == {TokenRenewed, RequestFinished}
        assert len(r.of(RequestFinished)) == 1  # the other hook heard of it all the same
        assert "a hook failed on RequestFinished" in caplog.text
        remove()
        remove()
        await r.serpi.impuesto.list().first()
        assert len(seen) == 2


class Listener:
    async def __call__(self, event):
        """Nobody would await it."""


@pytest.mark.parametrize(
    "hook",
    [Listener().__call__, Listener(), functools.partial(Listener().__call__)],
    ids=["function", "object", "partial"],
)
async def test_a_hook_that_nobody_would_await_is_refused(rig, hook):
    async with rig() as r:
        with pytest.raises(ConfigError, match=r"called on the loop, are not awaited and must not block"):
            r.sessions.on(hook)


class Unlimited(Serpi):
    """Its requests run in their caller's task."""

    rules = TokenRules()


@pytest.mark.parametrize("kind", [Serpi, Unlimited])
async def test_hooks_and_the_log_find_the_context_of_the_call(rig, kind, new_record):
    who = contextvars.ContextVar("who", default="nobody")
    heard = []

    class Handler(logging.Handler):
        def emit(self, record):
            heard.append((record.levelname, who.get()))

    handler, log = Handler(), logging.getLogger("sagicc_async.requests")
    log.addHandler(handler)
    try:
        async with rig(kind=kind, retry=RetryPolicy(attempts=2, base=0)) as r:
            r.sessions.on(lambda event: heard.append((type(event), who.get())))

            async def call(name, work):
                who.set(name)
                with Deadline(5):
                    await work

            r.vendor.fault("status", status=429, headers={"Retry-After": "0"}, nth=1)
            await asyncio.create_task(call("ana", r.serpi.impuesto.list().first()))
            kinds = (TokenRenewed, ScopePaused, RequestFinished, RetryPlanned)
            assert set(heard) == {(one, "ana") for one in kinds} | {("WARNING", "ana")}
            heard.clear()
            r.vendor.fault("hold")
            left = asyncio.create_task(call("ben", r.serpi.centro_costo.create(new_record())))
            await r.vendor.until(lambda stats: stats.in_flight == 1)
            left.cancel()
            await asyncio.wait({left})
            r.vendor.clear_faults()
            await r.vendor.until(lambda stats: stats.in_flight == 0)
            await asyncio.create_task(call("eva", r.serpi.impuesto.list().first()))
            assert (LateOutcome, "ben") in heard
            assert (RequestFinished, "eva") in heard
    finally:
        log.removeHandler(handler)


async def test_the_reason_of_a_pause_is_told_without_the_accounts_secrets(http_server, answer_bytes, caplog):
    def inspect(response):
        return Verdict(action=Action.RATE_LIMITED, error=RateLimited, message=response.body.decode(), wait=0)

    class Echoing(Serpi):
        errors = ErrorMap(inspect=inspect)

    token = "a-token-of-the-account"
    settings = {"coordinator": MemoryCoordinator(), "retry": RetryPolicy(attempts=1)}
    answer, events = answer_bytes(f"{token} is used too much".encode()), []
    async with http_server(answer) as server, SessionManager(**settings) as sessions:
        sessions.on(events.append)
        serpi = sessions.open(Echoing, {"token": token, "secretkey": "a-key-of-it"}, base_url=server.url)
        with pytest.raises(RateLimited):
            await serpi.impuesto.list().first()
    assert [event.reason for event in events if isinstance(event, ScopePaused)] == ["[redacted] is used too much"]
    assert token not in caplog.text


async def test_a_hook_may_use_the_manager(rig):
    async with rig() as r:
        calls, looks = [], []

        def hook(event):
            looks.append(r.sessions.status())
            if isinstance(event, RequestFinished) and len(calls) < 3:
                calls.append(asyncio.ensure_future(r.serpi.impuesto.list().first()))

        r.sessions.on(hook)
        r.vendor.fault("status", status=429, headers={"Retry-After": "0"}, nth=1)
        async with asyncio.timeout(2):
            await r.serpi.impuesto.list().first()
            while len(calls) < 3:
                await asyncio.sleep(0)
            await asyncio.gather(*calls)
        assert len(looks) > 3
        assert r.vendor.stats.overlaps == 0
        assert len(r.of(ScopePaused)) == 1


async def test_status_tells_token_and_queue_without_a_secret_as_plain_values(rig):
    async with rig() as r:
        assert r.sessions.status()["serpi/default"]["token"] is None
        await r.serpi.impuesto.list().first()
        r.vendor.fault("hold")
        calls = [asyncio.create_task(r.serpi.impuesto.list().first()) for _ in range(3)]
        await r.vendor.until(lambda stats: stats.in_flight == 1)
        report = r.sessions.status()
        entry = report["serpi/default"]
        assert (entry["queue"]["waiting"], entry["queue"]["in_flight"]) == (2, 1)
        assert entry["generation"] == 1
        assert len(entry["token"]) == 8
        text = json.dumps(report)
        assert not any(secret in text for secret in r.vendor.credentials.values())
        r.vendor.clear_faults()
        await asyncio.gather(*calls)


async def test_the_status_can_be_looked_at_while_accounts_are_opened(rig, monkeypatch):
    async with rig() as r:
        await r.serpi.impuesto.list().first()
        status = r.coordinator.status

        def meanwhile(scope):
            r.open(account=f"number {len(r.sessions._accounts)}")
            return status(scope)

        monkeypatch.setattr(r.coordinator, "status", meanwhile)
        assert list(r.sessions.status()) == ["serpi/default"]
        assert list(r.sessions.status()) == ["serpi/default", "serpi/number 1"]


async def test_looking_at_the_status_renews_nothing(rig, manual_clock):
    class Ageing(Serpi):
        class Auth(SerpiAuth):
            async def issue(self, credentials: SerpiCredentials, login: Login, spent: Token | None) -> Token:
                return Token(credentials.token, lives=100)

        auth = Auth()
        rules = TokenRules(max_in_flight=1, soft_expiry=0.5)

    async with rig(kind=Ageing, clock=manual_clock) as r:
        await r.serpi.impuesto.list().first()
        await manual_clock.advance(60)  # past the soft expiry
        for _ in range(3):
            await asyncio.to_thread(r.sessions.status)  # from a thread without a loop, too
            r.sessions.status()
        await manual_clock.advance(0)
        assert len(r.of(TokenRenewed)) == 1
        await r.serpi.impuesto.list().first()
        await manual_clock.advance(0)
        assert len(r.of(TokenRenewed)) == 2  # but using it does
        await manual_clock.advance(80)  # past the hard one
        assert "queue" in r.sessions.status()["serpi/default"]


async def test_a_hook_that_raises_what_nobody_may_catch_keeps_no_caller_waiting(rig):
    class Stop(BaseException):
        """What a test runner or a framework ends a task with."""

    async with rig() as r:
        unheard = []
        asyncio.get_running_loop().set_exception_handler(lambda loop, context: unheard.append(context["exception"]))

        def stop(event):
            if isinstance(event, RequestFinished):
                raise Stop

        r.sessions.on(stop)
        async with asyncio.timeout(2):
            assert await r.serpi.impuesto.list().first()
        await r.sessions.close()
    gc.collect()
    assert [type(error) for error in unheard] == [Stop]
