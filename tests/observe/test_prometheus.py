"""Prometheus counts what happens, and reads `status()` when it is scraped."""

from __future__ import annotations

import asyncio
import contextlib
import importlib
import json
import sys

import pytest
from prometheus_client import CollectorRegistry, generate_latest

from sagicc_async import ConfigError, MemoryCoordinator, NotFound, Priority, RetryPolicy, SessionManager, Window
from sagicc_async.observe.prometheus import Prometheus
from sagicc_async_serpi import Serpi

CANARY = "k4n4r13nv0g3l"


class Counted(Serpi):
    windows = (Window(4, per=60, scope="company"),)


class Told:
    """A manager that says what a test wants it to say."""

    def __init__(self, **accounts) -> None:
        self.accounts = {name.replace("_", "/"): entry for name, entry in accounts.items()}

    def on(self, hook):
        return lambda: None

    def status(self):
        return self.accounts


def queue(name, **facts):
    return {"queue": {"id": name, "waiting": 0, "in_flight": 0, "paused_for": 0.0, "windows": [], **facts}}


@pytest.fixture
def registry():
    return CollectorRegistry()


def value(registry, name, **labels):
    return registry.get_sample_value(f"sagicc_async_{name}", {"vendor": "serpi", **labels})


async def test_requests_are_counted_and_timed_by_operation_and_outcome(rig, registry):
    async with rig(retry=RetryPolicy(attempts=2, base=0)) as r:
        Prometheus(r.sessions, registry=registry)
        r.vendor.fault("status", status=503, nth=1)
        await r.serpi.impuesto.list().first()
    assert value(registry, "requests_total", operation="impuesto.list", outcome="ServerError") == 1
    assert value(registry, "requests_total", operation="impuesto.list", outcome="ok") == 1
    assert value(registry, "request_seconds_count", operation="impuesto.list") == 2
    assert value(registry, "queued_seconds_bucket", operation="impuesto.list", le="300.0") == 2
    assert value(registry, "retries_total", reason="ServerError") == 1
    assert value(registry, "renewals_total") == 1
    lines = generate_latest(registry).decode().splitlines()
    assert "# TYPE sagicc_async_requests_total counter" in lines
    assert 'sagicc_async_requests_total{operation="impuesto.list",outcome="ok",vendor="serpi"} 1.0' in lines


async def test_pauses_and_late_outcomes_are_counted(rig, registry, new_record):
    async with rig() as r:
        Prometheus(r.sessions, registry=registry)
        r.vendor.fault("status", status=429, headers={"Retry-After": "0"}, nth=1)
        await r.serpi.impuesto.list().first()
        r.vendor.fault("hold")
        call = asyncio.create_task(r.serpi.centro_costo.create(new_record()))
        await r.vendor.until(lambda stats: stats.in_flight == 1)
        call.cancel()
        await asyncio.wait({call})
        r.vendor.clear_faults()
        await r.serpi.impuesto.list().first()
    assert value(registry, "pauses_total") == 1
    assert value(registry, "late_outcomes_total", outcome="ok") == 1


async def test_requests_by_path_count_under_their_method(rig, registry):
    async with rig() as r:
        Prometheus(r.sessions, registry=registry)
        await r.serpi.request("GET", "Impuesto")
        await r.serpi.list_path("Impuesto").first()
        with pytest.raises(NotFound):
            await r.serpi.list_path("Impuesto/7").collect()
    assert value(registry, "request_seconds_count", operation="GET") == 3


async def test_gauges_tell_the_queue_and_the_token_when_they_are_scraped_on_whatever_thread(
    rig, registry, manual_clock
):
    async with rig(kind=Counted, clock=manual_clock) as r:
        Prometheus(r.sessions, registry=registry)
        assert value(registry, "token_age_seconds") is None  # no token yet
        now = Priority.INTERACTIVE  # bulk would be paced over the minute
        await r.serpi.impuesto.list(priority=now).first()
        await manual_clock.advance(30)
        r.vendor.fault("hold")
        calls = [asyncio.create_task(r.serpi.impuesto.list(priority=now).first()) for _ in range(3)]
        await r.vendor.until(lambda stats: stats.in_flight == 1)
        lines = (await asyncio.to_thread(generate_latest, registry)).decode().splitlines()
        assert 'sagicc_async_queue_in_flight{vendor="serpi"} 1.0' in lines
        assert 'sagicc_async_queue_waiting{vendor="serpi"} 2.0' in lines
        assert 'sagicc_async_window_used_ratio{vendor="serpi"} 0.5' in lines
        assert 'sagicc_async_token_age_seconds{vendor="serpi"} 30.0' in lines
        r.vendor.clear_faults()
        await asyncio.gather(*calls)


async def test_without_a_label_accounts_of_one_vendor_are_one(registry):
    told = Told(
        serpi_a={"age": 5.0, **queue("1", waiting=2, windows=[{"limit": 4, "per": 60, "taken": 1}])},
        serpi_b={"age": 9.0, **queue("1", waiting=2, windows=[{"limit": 4, "per": 60, "taken": 1}])},
        serpi_c={"age": 1.0, **queue("2", waiting=3, windows=[{"limit": 4, "per": 60, "taken": 3}])},
        serpi_d={"token": None, "error_share": {"share": None}},
        other_d={"token": None, "error_share": {"share": 0.25}},
    )
    Prometheus(told, registry=registry)
    assert value(registry, "queue_waiting") == 5  # a queue that two accounts share counts once
    assert value(registry, "token_age_seconds") == 9
    assert value(registry, "window_used_ratio") == 0.75
    assert value(registry, "error_share_ratio") is None
    assert value(registry, "error_share_ratio", vendor="other") == 0.25


async def test_accounts_are_a_label_where_it_is_asked_for(rig, registry):
    every = CollectorRegistry()
    async with rig() as r:
        Prometheus(r.sessions, registry=registry)
        Prometheus(r.sessions, registry=every, accounts=True)
        await r.serpi.impuesto.list().first()
        await r.open(account="a/b").impuesto.list().first()
        assert value(every, "token_age_seconds", account="a/b") is not None
    for account in ("default", "a/b"):
        assert value(every, "requests_total", account=account, operation="impuesto.list", outcome="ok") == 1
    assert value(registry, "requests_total", operation="impuesto.list", outcome="ok") == 2
    assert "account=" not in generate_latest(registry).decode()


async def test_a_registry_takes_one_manager_and_a_refused_one_hears_nothing(rig, registry):
    async with rig() as r:
        Prometheus(r.sessions, registry=registry)
        before = len(r.sessions._reporter._hooks)
        with pytest.raises(ConfigError, match="another registry"):
            Prometheus(r.sessions, registry=registry)
        assert len(r.sessions._reporter._hooks) == before


async def test_closing_gives_hook_and_registry_back(rig, registry):
    async with rig() as r:
        before = list(r.sessions._reporter._hooks)
        metrics = Prometheus(r.sessions, registry=registry)
        metrics.close()
        metrics.close()
        assert r.sessions._reporter._hooks == before
        assert generate_latest(registry) == b""
        Prometheus(r.sessions, registry=registry)
        assert b"sagicc_async_requests" in generate_latest(registry)


async def test_no_secret_is_in_what_is_scraped(http_server, answer_bytes, registry):
    credentials = {"token": f"{CANARY}-token", "secretkey": f"{CANARY}-key"}
    echo = json.dumps({"success": False, "errors": [CANARY], "message": CANARY}).encode()
    settings = {"coordinator": MemoryCoordinator(), "retry": RetryPolicy(attempts=2, base=0, patience=0.01)}
    async with http_server(answer_bytes(echo, 429)) as server, SessionManager(**settings) as sessions:
        Prometheus(sessions, registry=registry, accounts=True)
        serpi = sessions.open(Serpi, credentials, base_url=server.url, settle=0)
        for call in (
            serpi.impuesto.list().first(),
            serpi.request("GET", f"Impuesto?token={CANARY}", params={"token": CANARY}),
        ):
            with contextlib.suppress(Exception):
                await call
        text = generate_latest(registry).decode()
        assert CANARY in server.heard[-1].target
    assert "RateLimited" in text
    assert CANARY not in text


def test_without_prometheus_client_it_says_what_to_install(monkeypatch):
    monkeypatch.delitem(sys.modules, "sagicc_async.observe.prometheus")
    monkeypatch.setitem(sys.modules, "prometheus_client", None)

    with pytest.raises(ConfigError, match=r"pip install 'sagicc-async\[prometheus\]'"):
        importlib.import_module("sagicc_async.observe.prometheus")
