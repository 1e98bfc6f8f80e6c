"""Processes that start cold at the same moment log in once, through each coordinator and its cache."""

from __future__ import annotations

import asyncio
import contextlib
import sys

import pytest

from sagicc_async import FileTokenCache, PostgresTokenCache, RedisCoordinator, RedisTokenCache, SessionManager
from sagicc_async.sandbox import Sandbox
from sagicc_async_sagicc import Sagicc

PROGRAM = """
import asyncio, sys
from sagicc_async import FileTokenCache, SessionManager
from sagicc_async_sagicc import Sagicc, SagiccCredentials

async def main():
    cache = FileTokenCache(sys.argv[2])
    async with SessionManager(coordinator=sys.argv[1], token_cache=cache) as sessions:
        sagicc = sessions.open(Sagicc, SagiccCredentials.from_env(), base_url=sys.argv[3])
        print((await sagicc.caso.list().first())["id"])

asyncio.run(main())
"""


@pytest.fixture
def vendor():
    with Sandbox.in_thread(["sagicc"], records=5) as sandbox:
        yield sandbox["sagicc"]


@pytest.fixture(params=["file", "redis", "postgres"])
async def shared(request, tmp_path):
    """The address of a coordinator, and what makes caches beside it."""
    if request.param == "file":
        return f"file:{tmp_path / 'state'}", lambda: FileTokenCache(tmp_path / "tokens")
    if request.param == "redis":
        url = request.getfixturevalue("valkey").url
        first = RedisCoordinator(url, new=True)
        await first.open()
        await first.close()
        return url, lambda: RedisTokenCache(url)
    url = request.getfixturevalue("postgres").url
    return url, lambda: PostgresTokenCache(url)


async def test_managers_that_know_nothing_of_each_other_log_in_once(vendor, shared):
    """A manager with a coordinator and a cache of its own shares no more with another one than two processes do."""
    address, cache = shared
    async with contextlib.AsyncExitStack() as stack:

        async def cold() -> int:
            sessions = await stack.enter_async_context(SessionManager(coordinator=address, token_cache=cache()))
            sagicc = sessions.open(Sagicc, vendor.credentials, base_url=vendor.base_url, **vendor.settings)
            return (await sagicc.caso.list().first())["id"]

        async with asyncio.timeout(60):
            found = await asyncio.gather(*(cold() for _ in range(12)))

    assert len(set(found)) == 1
    assert vendor.stats.logins == 1


async def test_two_hundred_in_one_folder_log_in_once(vendor, tmp_path):
    async with contextlib.AsyncExitStack() as stack:

        async def cold() -> None:
            cache = FileTokenCache(tmp_path / "tokens")
            sessions = SessionManager(coordinator=f"file:{tmp_path / 'state'}", token_cache=cache)
            await stack.enter_async_context(sessions)
            sagicc = sessions.open(Sagicc, vendor.credentials, base_url=vendor.base_url, **vendor.settings)
            await sagicc.account.company_id()

        async with asyncio.timeout(100):
            await asyncio.gather(*(cold() for _ in range(200)))

    assert vendor.stats.logins == 1


async def test_processes_log_in_once(vendor, tmp_path, monkeypatch):
    for name, value in vendor.environment.items():
        monkeypatch.setenv(name, value)

    async def cold() -> str:
        child = await asyncio.create_subprocess_exec(
            sys.executable,
            "-c",
            PROGRAM,
            f"file:{tmp_path / 'state'}",
            str(tmp_path / "tokens"),
            vendor.base_url,
            stdout=asyncio.subprocess.PIPE,
        )
        return (await child.communicate())[0].decode().strip()

    found = await asyncio.gather(*(cold() for _ in range(6)))

    assert len(set(found)) == 1
    assert found[0]
    assert vendor.stats.logins == 1
