"""What a manager tells of itself: log lines, events, `status()`."""

from __future__ import annotations

import asyncio
import gc
import json
import logging

from sagicc_async import Login, RequestFinished, RetryPlanned, RetryPolicy, ScopePaused, Token, TokenRenewed, TokenRules
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
