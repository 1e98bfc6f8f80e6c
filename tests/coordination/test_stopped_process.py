"""A process that is stopped for three times its lease, at the two moments that matter."""

from __future__ import annotations

import contextlib
import signal
import subprocess
import sys
import time

import psutil
import pytest

from sagicc_async.sandbox import Sandbox

LEASE = 0.55  # `Timeouts(total=0.5).longest`

PROGRAM = """
import asyncio, os, signal, sys
from sagicc_async import LeaseLost, RetryPolicy, SessionManager, Timeouts
from sagicc_async.tokens.coordination.agent import _SharedLease
from sagicc_async_serpi import Serpi, SerpiCredentials

url, base_url, where = sys.argv[1:]
check = _SharedLease.check

def stop_and_check(lease):
    _SharedLease.check = check
    os.kill(os.getpid(), signal.SIGSTOP)
    check(lease)

async def main():
    limits = Timeouts(total=0.5)
    async with SessionManager(coordinator=url, timeouts=limits, retry=RetryPolicy(attempts=1)) as sessions:
        serpi = sessions.open(Serpi, SerpiCredentials.from_env(), base_url=base_url, settle=0.2)
        await serpi.impuesto.list().first()
        if where == "before the write":
            _SharedLease.check = stop_and_check
        print("ready", flush=True)
        try:
            print(len((await serpi.bodega.list().page(1)).items), "records", flush=True)
        except LeaseLost as lost:
            print(lost, flush=True)
        print(len((await serpi.bodega.list().page(1)).items), "records", flush=True)

asyncio.run(main())
"""


@pytest.fixture(params=["file", "redis", "postgres"])
def url(request, tmp_path) -> str:
    if request.param == "file":
        return f"file:{tmp_path / 'state'}"
    return request.getfixturevalue("valkey" if request.param == "redis" else "postgres").url


@pytest.fixture
def vendor():
    with Sandbox.in_thread(["serpi"], records=7, settings={"serpi": {"work": 0}}) as sandbox:
        yield sandbox["serpi"]


@contextlib.contextmanager
def stopped(vendor, url, where, monkeypatch):
    for name, value in vendor.environment.items():
        monkeypatch.setenv(name, value)
    child = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, url, vendor.base_url, where], stdout=subprocess.PIPE, text=True
    )
    try:
        yield child
    finally:
        with contextlib.suppress(ProcessLookupError):
            child.send_signal(signal.SIGCONT)
            child.kill()
        child.wait()
        child.stdout.close()


def line(child) -> str:
    return child.stdout.readline().strip()


def wait_until(condition) -> None:
    ends = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < ends
        time.sleep(0.01)


def test_before_the_write_nothing_is_sent_and_it_queues_up_again(vendor, url, monkeypatch):
    with stopped(vendor, url, "before the write", monkeypatch) as child:
        assert line(child) == "ready"
        wait_until(lambda: psutil.Process(child.pid).status() == psutil.STATUS_STOPPED)
        time.sleep(3 * LEASE)
        before = vendor.stats.requests
        child.send_signal(signal.SIGCONT)

        assert "the lease on the token ended" in line(child)
        assert line(child) == "7 records"
        assert (child.wait(), vendor.stats.requests - before, vendor.stats.overlaps) == (0, 1, 0)


def test_a_complete_answer_that_waits_is_delivered(vendor, url, monkeypatch):
    with stopped(vendor, url, "behind the write", monkeypatch) as child:
        vendor.fault("hold", path="odega", times=1)
        assert line(child) == "ready"
        wait_until(lambda: vendor.stats.in_flight == 1)
        child.send_signal(signal.SIGSTOP)
        vendor.clear_faults()
        wait_until(lambda: vendor.stats.in_flight == 0)
        time.sleep(3 * LEASE)
        child.send_signal(signal.SIGCONT)

        assert [line(child), line(child)] == ["7 records", "7 records"]
        assert (child.wait(), vendor.stats.overlaps) == (0, 0)
