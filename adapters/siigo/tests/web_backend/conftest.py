"""The example as a user starts it: its environment names a Siigo on this machine."""

from __future__ import annotations

import importlib.util
import sys
from contextlib import contextmanager

import pytest

from sagicc_async import MemoryCoordinator, SessionManager
from sagicc_async.sandbox import Sandbox
from sagicc_async_siigo.sandbox import SiigoSandbox

from .town import EXAMPLE, SECRET, Town


@pytest.fixture
def town(tmp_path, monkeypatch):
    """Give a function that opens a Siigo with settings of its own, and the example with the environment for it."""
    spec = importlib.util.spec_from_file_location("web_backend", EXAMPLE)
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, "web_backend", module)
    spec.loader.exec_module(module)

    @contextmanager
    def opened(*, records=60, **settings):
        options = {"siigo": {"work": 0, **settings}}
        with Sandbox.in_thread([SiigoSandbox], records=records, seed=7, settings=options) as sandbox:
            vendor = sandbox["siigo"]
            for name, value in {"base_url": vendor.base_url, **vendor.credentials}.items():
                monkeypatch.setenv(f"SIIGO_{name.upper()}", value)
            monkeypatch.setenv("SIIGO_PARTNER_ID", vendor.settings["partner_id"])
            monkeypatch.setenv("SIIGO_WEBHOOK_SECRET", SECRET)
            monkeypatch.setenv("EXPORT_FILE", str(tmp_path / "invoices.jsonl"))
            monkeypatch.setattr(module, "SessionManager", manager_for(vendor))
            yield Town(vendor, tmp_path / "invoices.jsonl", module)

    return opened


def manager_for(vendor):
    """The manager that the example makes, paced for this sandbox, with queues that no other test shares."""

    def made(*, settings, timeouts):
        pace = {"siigo": {**vendor.settings, **settings["siigo"]}}
        return SessionManager(settings=pace, timeouts=timeouts, coordinator=MemoryCoordinator())

    return made
