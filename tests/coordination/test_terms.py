"""Whatever agrees on a token: a request starts on its own terms, also where others come to its queue with looser ones."""

from __future__ import annotations

import asyncio

import pytest

from sagicc_async.tokens.admission import Ending
from sagicc_async.tokens.coordination import Scope
from sagicc_async.tokens.coordination.file import FileCoordinator
from sagicc_async.tokens.coordination.memory import MemoryCoordinator
from sagicc_async.tokens.window import Window

from .server_rig import admit, postgres_at, redis_at

WINDOWS = (Window(50, per=0.1, scope="company"),)
CALL = Scope(key="5c09e", max_in_flight=1, settle=0.3, windows=WINDOWS)
LOGIN = Scope(key="5c09e", windows=WINDOWS)  # the company's windows, and no token


@pytest.fixture(params=["memory", "file", "redis", "postgres"])
def made(request, tmp_path):
    if request.param == "memory":
        return MemoryCoordinator()
    if request.param == "file":
        return FileCoordinator(tmp_path / "coordination")
    at, server = (redis_at, "valkey") if request.param == "redis" else (postgres_at, "postgres")
    running = request.getfixturevalue(server)
    return at(running.url, running.port).make()


@pytest.fixture
async def coordinator(made):
    await made.open()
    yield made
    await made.close()


async def log_in(coordinator) -> None:
    lease = await coordinator.admit(LOGIN, lane="login", rank=0, hold=1.0)
    lease.release(Ending.COMPLETE)


async def behind_a_login(coordinator) -> asyncio.Task:
    """A request that waits for the token while another one logs in for the same company."""
    waiting = asyncio.create_task(admit(coordinator, CALL))
    await asyncio.sleep(0)
    for _ in range(3):
        await log_in(coordinator)
    return waiting


async def test_a_login_does_not_let_two_use_a_token_at_once(coordinator):
    lease = await admit(coordinator, CALL)

    waiting = await behind_a_login(coordinator)

    assert not waiting.done()
    lease.release(Ending.COMPLETE)
    (await waiting).release(Ending.COMPLETE)


async def test_a_login_does_not_make_a_lost_request_forget_its_settle_time(coordinator):
    lease = await admit(coordinator, CALL)
    waiting = await behind_a_login(coordinator)
    lease.release(Ending.COMPLETE)
    (await waiting).release(Ending.LOST)
    began = asyncio.get_running_loop().time()

    (await admit(coordinator, CALL)).release(Ending.COMPLETE)

    assert asyncio.get_running_loop().time() - began > 0.29
