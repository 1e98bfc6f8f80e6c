"""A sync that goes on for ever: a secret is rotated, an account comes and another one goes, and nobody restarts anything."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

from sagicc_async import MemoryCoordinator, SessionManager
from sagicc_async.sandbox import Sandbox, write_accounts
from sagicc_async.sync.accounts import AccountSource, SyncAccount
from sagicc_async.sync.accounts_file import AccountsFile
from sagicc_async.sync.events import AccountEnded
from sagicc_async.sync.outcome import Ending
from sagicc_async.sync.run import follow
from sagicc_async.sync.settings import SyncSettings
from sagicc_async.sync.unit import Unit

from ..memory_sink import MemorySink


class Following:
    """A sync of SERPI's companies, a fifth of a second from round to round."""

    def __init__(self) -> None:
        self.sink = MemorySink()
        self.rounds: dict[str, int] = {}
        self.errors: list[str] = []
        self._changed = asyncio.Event()

    @contextlib.asynccontextmanager
    async def of(self, source: AccountSource) -> AsyncIterator[Following]:
        async with SessionManager(coordinator=MemoryCoordinator()) as sessions:
            settings = SyncSettings(every=0.2, jitter=0)
            task = asyncio.create_task(follow(source, self.sink, sessions=sessions, settings=settings, tell=self._take))
            try:
                yield self
            finally:
                task.cancel()
                await asyncio.gather(task, return_exceptions=True)

    def _take(self, event: Any) -> None:
        if isinstance(event, AccountEnded):
            self.rounds[event.account] = self.rounds.get(event.account, 0) + 1
            if event.error:
                self.errors.append(event.error)
            self._changed.set()

    async def until(self, condition: Callable[[], bool]) -> None:
        async with asyncio.timeout(60):
            while not condition():
                self._changed.clear()
                await self._changed.wait()

    async def two_more_rounds(self, account: str) -> None:
        """A round that began after now is over."""
        target = self.rounds.get(account, 0) + 2
        await self.until(lambda: self.rounds.get(account, 0) >= target)

    def names(self, account: str) -> set[str]:
        rows = self.sink.rows(Unit("serpi", account, "bodega")).values()
        return {record.descripcion for record in rows}


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    async with Sandbox(["serpi"], companies=3, records=12, settings={"serpi": {"work": 0}}) as running:
        yield running


@pytest.fixture(autouse=True)
def looks_often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sagicc_async.sync.schedule._LOOK", 0.1)


def account_of(sandbox: Sandbox, name: str) -> SyncAccount:
    company = sandbox[name]
    return SyncAccount(
        name=name,
        vendor="serpi",
        credentials=lambda: company.credentials,
        base_url=company.base_url,
        settings={"settle": 0},
        resources=["bodega"],
        every=0.2,
    )


async def test_a_secret_that_is_rotated_is_read_again_and_nothing_is_lost(sandbox: Sandbox) -> None:
    company = sandbox["serpi"]

    async def source() -> AsyncIterator[SyncAccount]:
        yield account_of(sandbox, "serpi")

    class Source:
        def __aiter__(self) -> AsyncIterator[SyncAccount]:
            return source()

    async with Following().of(Source()) as following:
        await following.two_more_rounds("serpi")
        old = company.credentials
        company.rotate()
        company.add("bodega", {"descripcion": "AFTER THE ROTATION"})
        await following.until(lambda: "AFTER THE ROTATION" in following.names("serpi"))
        assert company.credentials != old
        assert following.errors == []
    assert company.stats.overlaps == 0
    assert {outcome.ending for outcome in following.sink.notes.values()} == {Ending.DONE}


async def test_accounts_come_and_go_and_secrets_change_in_the_file(sandbox: Sandbox, tmp_path: Path) -> None:
    file = write_accounts(sandbox, tmp_path)
    quick = '[NAME.sync]\nresources = ["bodega"]\nevery = 0.2\n[NAME.settings]\nsettle = 0\n'
    tables = {
        name: f'[{name}]\nvendor = "serpi"\nbase_url = "{sandbox[name].base_url}"\n'
        f'token = "file:{tmp_path}/secrets/{name}.token"\nsecretkey = "file:{tmp_path}/secrets/{name}.secretkey"\n'
        + quick.replace("NAME", name)
        for name in ("serpi", "serpi-2", "serpi-3")
    }

    def write(*names: str) -> None:
        file.write_text("".join(tables[name] for name in names), encoding="utf-8")

    write("serpi", "serpi-2")
    async with Following().of(AccountsFile(file)) as following:
        await following.two_more_rounds("serpi-2")
        write("serpi", "serpi-3")
        await following.two_more_rounds("serpi-3")
        gone = following.rounds["serpi-2"]

        new = sandbox["serpi"].rotate()
        for field, secret in new.items():
            (tmp_path / "secrets" / f"serpi.{field}").write_text(secret, encoding="utf-8")
        sandbox["serpi"].add("bodega", {"descripcion": "AFTER THE ROTATION"})
        await following.until(lambda: "AFTER THE ROTATION" in following.names("serpi"))
        assert following.rounds["serpi-2"] <= gone + 1
        for name in ("serpi", "serpi-2", "serpi-3"):
            assert len(following.sink.shelves[Unit("serpi", name, "bodega")].rows) >= 12 // 2
    assert {sandbox[name].stats.overlaps for name in tables} == {0}
