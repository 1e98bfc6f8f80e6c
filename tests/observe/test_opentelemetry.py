"""OpenTelemetry hears of attempts as spans below the caller's, and of everything else as counts and notes."""

from __future__ import annotations

import asyncio
import contextlib
import importlib
import json
import logging
import sys

import pytest
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind, StatusCode

from sagicc_async import (
    ConfigError,
    MemoryCoordinator,
    NotFound,
    RequestFinished,
    RetryPolicy,
    SessionManager,
    TokenRules,
)
from sagicc_async.observe.opentelemetry import OpenTelemetry
from sagicc_async_serpi import Serpi

CANARY = "k4n4r13nv0g3l"


class Unlimited(Serpi):
    """Its requests run in their caller's task, since nobody is kept waiting where one is cut."""

    rules = TokenRules()


class Collected:
    """A program's OpenTelemetry, which keeps everything in memory."""

    def __init__(self) -> None:
        self._exporter, self._reader = InMemorySpanExporter(), InMemoryMetricReader()
        self.traces = TracerProvider(shutdown_on_exit=False)
        self.traces.add_span_processor(SimpleSpanProcessor(self._exporter))
        self.meters = MeterProvider([self._reader], shutdown_on_exit=False)
        self.hook = OpenTelemetry(tracer_provider=self.traces, meter_provider=self.meters)

    def calling(self):
        """A span of the caller's own."""
        return self.traces.get_tracer("test").start_as_current_span("caller")

    @property
    def spans(self):
        """Those of attempts, in order."""
        return [span for span in self._exporter.get_finished_spans() if span.kind is SpanKind.CLIENT]

    def counts(self) -> dict[str, int]:
        found = json.loads(self._reader.get_metrics_data().to_json())
        metrics = found["resource_metrics"][0]["scope_metrics"][0]["metrics"]
        return {one["name"]: sum(point["value"] for point in one["data"]["data_points"]) for one in metrics}

    def text(self) -> str:
        metrics = self._reader.get_metrics_data()
        spans = [span.to_json() for span in self._exporter.get_finished_spans()]
        return "".join([*spans, metrics.to_json() if metrics is not None else ""])


@pytest.fixture
def collected():
    made = Collected()
    yield made
    made.traces.shutdown()
    made.meters.shutdown()


async def test_an_attempt_is_a_client_span_with_the_attributes_of_http_and_our_own(rig, collected):
    async with rig() as r:
        r.sessions.on(collected.hook)
        await r.serpi.impuesto.list(limite=3).first()
        (span,), (event,) = collected.spans, r.of(RequestFinished)
    assert (span.name, span.kind, span.status.status_code) == ("impuesto.list", SpanKind.CLIENT, StatusCode.UNSET)
    assert dict(span.attributes) == {
        "http.request.method": "GET",
        "http.response.status_code": 200,
        "server.address": "127.0.0.1",
        "server.port": int(r.vendor.base_url.split(":")[2].split("/")[0]),
        "url.full": f"{r.vendor.base_url.rstrip('/')}/Impuesto",
        "sagicc_async.vendor": "serpi",
        "sagicc_async.account": "default",
        "sagicc_async.operation": "impuesto.list",
        "sagicc_async.request_id": event.request_id,
        "sagicc_async.attempt": 1,
        "sagicc_async.outcome": "ok",
        "sagicc_async.queued": event.queued,
    }
    assert span.end_time - span.start_time == round(event.seconds * 1e9)


async def test_each_attempt_of_a_request_has_its_span_and_retries_are_noted_in_the_callers(rig, collected):
    async with rig(retry=RetryPolicy(attempts=2, base=0)) as r:
        r.sessions.on(collected.hook)
        r.vendor.fault("status", status=503, nth=1)
        with collected.calling() as caller:
            await r.serpi.impuesto.list().first()
    first, second = collected.spans
    assert (first.status.status_code, second.status.status_code) == (StatusCode.ERROR, StatusCode.UNSET)
    assert (first.attributes["error.type"], first.attributes["http.response.status_code"]) == ("ServerError", 503)
    assert "http.request.resend_count" not in first.attributes
    assert (second.attributes["sagicc_async.attempt"], second.attributes["http.request.resend_count"]) == (2, 1)
    assert first.attributes["sagicc_async.request_id"] == second.attributes["sagicc_async.request_id"]
    renewed, retry = caller.events
    assert (renewed.name, renewed.attributes["sagicc_async.generation"]) == ("TokenRenewed", 1)
    assert (retry.name, retry.attributes["sagicc_async.reason"]) == ("RetryPlanned", "ServerError")
    assert collected.counts() == {"sagicc_async.renewals": 1, "sagicc_async.retries": 1}


async def test_a_failure_without_an_answer_has_no_status_code(rig, collected):
    async with rig(retry=RetryPolicy(attempts=1), settle=0) as r:
        r.sessions.on(collected.hook)
        r.vendor.fault("reset_after")
        with contextlib.suppress(Exception):
            await r.serpi.impuesto.list().first()
    (span,) = collected.spans
    assert "http.response.status_code" not in span.attributes
    assert (span.status.status_code, span.attributes["error.type"]) == (StatusCode.ERROR, "ServerError")


@pytest.mark.parametrize("kind", [Serpi, Unlimited], ids=["in a task of its own", "in the caller's task"])
async def test_the_callers_span_is_the_parent_wherever_the_exchange_runs(rig, collected, kind):
    async with rig(kind=kind) as r:
        r.sessions.on(collected.hook)
        with collected.calling() as caller:
            await r.serpi.impuesto.list().first()
        await r.serpi.impuesto.list().first()
    below, alone = collected.spans
    assert below.parent == caller.get_span_context()
    assert alone.parent is None


@pytest.mark.parametrize("kind", [Serpi, Unlimited])
async def test_the_span_around_a_look_ahead_is_the_parent_of_its_pages(rig, collected, kind):
    async with rig(kind=kind) as r:
        r.sessions.on(collected.hook)
        with collected.calling() as caller:
            async with r.serpi.impuesto.list(limite=10).prefetch() as pages:
                async for _ in pages:
                    pass
    assert len(collected.spans) > 1
    assert {span.parent.span_id for span in collected.spans} == {caller.get_span_context().span_id}


async def test_a_request_whose_caller_left_ends_below_the_callers_span_which_is_over(
    rig, collected, new_record, caplog
):
    async with rig() as r:
        r.sessions.on(collected.hook)
        r.vendor.fault("hold")

        async def call():
            with collected.calling() as span:
                callers.append(span)
                await r.serpi.centro_costo.create(new_record())

        callers = []
        calling = asyncio.create_task(call())
        await r.vendor.until(lambda stats: stats.in_flight == 1)
        calling.cancel()
        await asyncio.wait({calling})
        r.vendor.clear_faults()
        await r.serpi.impuesto.list().first()
    late, _ = collected.spans
    (caller,) = callers
    assert (late.name, late.parent) == ("centro_costo.create", caller.get_span_context())
    assert late.end_time > caller.end_time
    assert [event.name for event in caller.events if event.name == "LateOutcome"] == []
    assert collected.counts()["sagicc_async.late_outcomes"] == 1
    assert "ended span" not in caplog.text


async def test_a_pause_is_noted_and_counted(rig, collected):
    async with rig() as r:
        r.sessions.on(collected.hook)
        r.vendor.fault("status", status=429, headers={"Retry-After": "0"}, nth=1)
        with collected.calling() as caller:
            await r.serpi.impuesto.list().first()
    assert "ScopePaused" in [event.name for event in caller.events]
    assert collected.counts()["sagicc_async.pauses"] == 1


async def test_a_request_by_path_is_named_by_its_method(rig, collected):
    async with rig() as r:
        r.sessions.on(collected.hook)
        await r.serpi.request("GET", "Impuesto")
        await r.serpi.list_path("Impuesto").first()
        with pytest.raises(NotFound):
            await r.serpi.list_path("Impuesto/7").collect()
    assert {span.name for span in collected.spans} == {"GET"}
    assert {span.attributes["sagicc_async.operation"] for span in collected.spans} == {
        "GET Impuesto",
        "/Impuesto.list",
        "Impuesto/7.list",
    }


async def test_an_address_in_the_query_of_a_path_is_no_address_of_the_request(rig, collected):
    async with rig() as r:
        r.sessions.on(collected.hook)
        await r.serpi.request("GET", "Impuesto?x=https://elsewhere.test/p")
    (span,) = collected.spans
    assert span.attributes["url.full"].endswith("/Impuesto")
    assert span.attributes["server.address"] == "127.0.0.1"


async def test_no_secret_is_in_a_span_or_a_metric(http_server, answer_bytes, collected):
    credentials = {"token": f"{CANARY}-token", "secretkey": f"{CANARY}-key"}
    echo = json.dumps({"success": False, "errors": [CANARY], "message": CANARY}).encode()
    settings = {"coordinator": MemoryCoordinator(), "retry": RetryPolicy(attempts=2, base=0, patience=0.01)}
    answers = [answer_bytes(echo, status) for status in (429, 500, 400, 401, 200)]
    for answer in answers:
        async with http_server(answer) as server, SessionManager(**settings) as sessions:
            sessions.on(collected.hook)
            serpi = sessions.open(Serpi, credentials, base_url=server.url, settle=0)
            with collected.calling(), contextlib.suppress(Exception):
                await serpi.request("GET", f"Impuesto?token={CANARY}", params={"token": CANARY})
            assert CANARY in server.heard[0].target
    assert len(collected.spans) >= len(answers)
    assert CANARY not in collected.text()


async def test_without_an_sdk_nothing_happens(rig, caplog):
    async with rig() as r:
        r.sessions.on(OpenTelemetry())
        with caplog.at_level(logging.ERROR):
            assert await r.serpi.impuesto.list().first()
    assert caplog.text == ""


def test_without_opentelemetry_it_says_what_to_install(monkeypatch):
    monkeypatch.delitem(sys.modules, "sagicc_async.observe.opentelemetry")
    monkeypatch.setitem(sys.modules, "opentelemetry", None)

    with pytest.raises(ConfigError, match=r"pip install 'sagicc-async\[otel\]'"):
        importlib.import_module("sagicc_async.observe.opentelemetry")
