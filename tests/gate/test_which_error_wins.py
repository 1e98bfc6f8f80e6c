"""What a caller hears when an exchange breaks, and how often the vendor heard of it."""

from __future__ import annotations

import asyncio
import logging

import aiohttp
import pytest

from sagicc_async import (
    DeadlineExceeded,
    LateOutcome,
    NotFound,
    NotSent,
    OutcomeUnknown,
    PermissionDenied,
    ProtocolError,
    RequestFinished,
    RetryPlanned,
    ServerError,
    SessionClosed,
)

BROKEN = {
    "reset before the work": ("reset_before", {}, ServerError),
    "reset after the work": ("reset_after", {}, ServerError),
    "truncated": ("truncate", {}, ServerError),
    "slow": ("latency", {"seconds": 0.2}, ServerError),
    "dripping": ("drip", {"pause": 0.05, "size": 1}, ServerError),
    "500": ("status", {"status": 500}, ServerError),
    "503 that waits": ("status", {"status": 503, "headers": {"Retry-After": "0"}}, ServerError),
    "HTML": ("garbage", {}, ProtocolError),
    "HTML from a gateway": ("garbage", {"status": 502}, ServerError),
    "redirect": ("redirect", {"location": "http://login.invalid/", "status": 307}, ProtocolError),
    "too large": ("huge", {"megabytes": 3}, ProtocolError),
}
broken = pytest.mark.parametrize(("fault", "options", "cause"), BROKEN.values(), ids=BROKEN)


@broken
@pytest.mark.parametrize("method", ["POST", "PUT"])
async def test_a_write_that_was_sent_is_never_sent_again_and_its_outcome_is_unknown(
    rig, new_record, *, method, fault, options, cause
):
    async with rig(settle=0.4, total=0.1, max_body=2_000_000) as r:
        await r.serpi.impuesto.list().first()  # a kept-alive connection: aiohttp itself would send a PUT again
        existing = r.vendor.rows("centro_costo")[0]
        r.vendor.fault(fault, method=method, **options)
        with pytest.raises(OutcomeUnknown) as raised:
            if method == "POST":
                await r.serpi.centro_costo.create(new_record())
            else:
                await r.serpi.centro_costo.update({**existing, "descripcion": "y"})
        error = raised.value
        assert type(error.__cause__) is cause
        assert error.attempts == 1
        assert r.arrived(method) == 1
        async with asyncio.timeout(5):
            await r.serpi.impuesto.list().first()
        assert (r.arrived(method), r.vendor.stats.overlaps) == (1, 0)


@broken
async def test_a_read_is_tried_again_where_that_could_help(rig, fault, options, cause):
    async with rig(settle=0.15, total=0.1, max_body=2_000_000) as r:
        r.vendor.fault(fault, **options)
        with pytest.raises(cause) as raised:
            await r.serpi.impuesto.list(limite=1).page(1)
        tries = 3 if cause is ServerError else 1
        assert raised.value.attempts == tries
        assert len(r.of(RetryPlanned)) == tries - 1
        assert r.vendor.stats.requests == tries
        assert r.vendor.stats.overlaps == 0
        assert raised.value.__cause__ is None


@pytest.mark.parametrize(("fault", "options"), [case[:2] for case in BROKEN.values() if case[2] is ServerError])
async def test_a_read_that_breaks_once_succeeds(rig, fault, options):
    async with rig(settle=0.15, total=0.1) as r:
        r.vendor.fault(fault, nth=1, **options)
        assert (await r.serpi.impuesto.list(limite=1).page(1)).items
        assert r.vendor.stats.requests == 2
        assert len(r.of(RetryPlanned)) == 1


@pytest.mark.parametrize("what", ["read", "write"])
async def test_a_refused_connection_is_not_sent_and_the_token_is_free(rig, new_record, unused_tcp_port, what):
    async with rig() as r:
        gone = r.open(account="gone", base_url=f"http://127.0.0.1:{unused_tcp_port}/api")
        with pytest.raises(NotSent, match="cannot connect") as raised:
            if what == "read":
                await gone.impuesto.list().first()
            else:
                await gone.centro_costo.create(new_record())
        assert raised.value.attempts == 3
        async with asyncio.timeout(2):
            await r.serpi.impuesto.list().first()  # the same token


async def test_a_write_that_could_not_connect_goes_out_when_it_can(rig, new_record, monkeypatch):
    async with rig() as r:
        connector = r.sessions._transport._session.connector
        connect, failures = connector._create_connection, [OSError(111, "Connection refused")] * 2

        async def flaky(request, *rest):
            if failures:
                raise aiohttp.ClientConnectorError(request.connection_key, failures.pop())
            return await connect(request, *rest)

        monkeypatch.setattr(connector, "_create_connection", flaky)
        await r.serpi.centro_costo.create(new_record())
        assert r.arrived("POST") == 1
        assert [event.outcome for event in r.of(RequestFinished)] == ["NotSent", "NotSent", "ok"]


async def test_a_cancelled_write_tells_its_outcome_by_an_event(rig, new_record):
    async with rig() as r:
        r.vendor.fault("hold")
        call = asyncio.create_task(r.serpi.centro_costo.create(new_record()))
        await r.vendor.until(lambda stats: stats.in_flight == 1)
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call
        assert r.of(LateOutcome) == []
        r.vendor.clear_faults()
        await r.serpi.impuesto.list().first()
        (late,) = r.of(LateOutcome)
        assert (late.status, late.outcome, late.repeatable) == (201, "ok", False)
        assert late.operation == "centro_costo.create"


@pytest.mark.parametrize("fault", ["reset_after", "truncate"])
async def test_a_cancelled_write_whose_answer_is_lost_says_so_in_its_event(rig, new_record, fault):
    async with rig(settle=0.05) as r:
        r.vendor.fault("hold")
        call = asyncio.create_task(r.serpi.centro_costo.create(new_record()))
        await r.vendor.until(lambda stats: stats.in_flight == 1)
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call
        r.sessions._transport._session.connector._acquired.copy().pop().abort()  # the line breaks
        for _ in range(10):
            await asyncio.sleep(0)
        r.vendor.clear_faults()
        await r.serpi.impuesto.list().first()
        (late,) = r.of(LateOutcome)
        assert (late.status, late.outcome, late.repeatable) == (None, "OutcomeUnknown", False)
        assert r.arrived("POST") == 1


async def test_a_write_that_is_cut_before_its_first_byte_concerns_nobody(rig, new_record, monkeypatch, caplog):
    async with rig() as r:
        connecting = asyncio.Event()

        async def stuck(*_):
            connecting.set()
            await asyncio.Event().wait()

        monkeypatch.setattr(r.sessions._transport._session.connector, "_create_connection", stuck)
        call = asyncio.create_task(r.serpi.centro_costo.create(new_record()))
        await connecting.wait()
        call.cancel()
        await asyncio.wait({call})
        await asyncio.sleep(0)
        assert [event.outcome for event in r.of(RequestFinished)] == ["cancelled"]
        assert r.of(LateOutcome) == []
        assert [entry for entry in caplog.records if entry.levelno >= logging.WARNING] == []
        assert r.arrived("POST") == 0


async def test_a_write_that_could_not_be_sent_while_its_caller_left_may_simply_be_made_again(
    rig, new_record, monkeypatch, caplog
):
    async with rig() as r:

        async def refused(request, *_):
            asyncio.get_running_loop().call_soon(call.cancel)
            raise aiohttp.ClientConnectorError(request.connection_key, OSError(111, "Connection refused"))

        monkeypatch.setattr(r.sessions._transport._session.connector, "_create_connection", refused)
        call = asyncio.create_task(r.serpi.centro_costo.create(new_record()))
        await asyncio.wait({call})
        assert call.cancelled()
        assert [(late.outcome, late.repeatable) for late in r.of(LateOutcome)] == [("NotSent", True)]
        assert [entry for entry in caplog.records if entry.levelno >= logging.WARNING] == []


async def test_a_write_whose_deadline_passes_after_the_first_byte_is_unknown_and_finished_in_the_background(
    rig, new_record
):
    async with rig() as r:
        await r.serpi.impuesto.list().first()
        r.vendor.fault("hold", method="POST")
        with pytest.raises(OutcomeUnknown) as raised:
            await r.serpi.centro_costo.create(new_record(), deadline=0.05)
        assert type(raised.value.__cause__) is DeadlineExceeded
        assert r.vendor.stats.in_flight == 1
        r.vendor.clear_faults()
        async with asyncio.timeout(2):  # settle is 30 s: the answer freed the token
            await r.serpi.impuesto.list().first()
        assert r.arrived("POST") == 1
        assert [event.outcome for event in r.of(LateOutcome)] == ["ok"]


async def test_a_write_that_is_out_when_the_manager_closes_is_unknown(rig, new_record):
    async with rig() as r:
        sessions = await r.manager()
        r.vendor.fault("hold")
        call = asyncio.create_task(r.open(sessions).centro_costo.create(new_record()))
        await r.vendor.until(lambda stats: stats.in_flight == 1)
        await sessions.close(grace=0)
        with pytest.raises(OutcomeUnknown) as raised:
            await call
        assert type(raised.value.__cause__) is SessionClosed
        r.vendor.clear_faults()
        assert r.arrived("POST") == 1


async def test_reconciling_finds_out_what_became_of_the_write(rig, new_record):
    from sagicc_async import Absent, Found

    async with rig(settle=0.05) as r:
        for fault, outcome in (("reset_after", Found), ("status", Absent)):
            struck = r.vendor.fault(fault, method="POST", **({"status": 500} if fault == "status" else {}))
            with pytest.raises(OutcomeUnknown) as raised:
                await r.serpi.centro_costo.create(new_record())
            r.vendor.clear_faults(struck)
            assert isinstance(await raised.value.reconcile(), outcome)


async def test_refusals_that_asking_again_cannot_mend_are_raised_at_once(rig):
    async with rig() as r:
        wrong = r.open(account="wrong", credentials={**r.vendor.credentials, "secretkey": "of-another-company"})
        with pytest.raises(PermissionDenied) as denied:
            await wrong.impuesto.list().first()
        with pytest.raises(NotFound) as missing:
            await r.serpi.request("GET", "NoHay")
        assert (denied.value.status, missing.value.status) == (403, 404)
        assert (denied.value.attempts, missing.value.attempts) == (1, 1)
        assert r.vendor.stats.requests == 2
