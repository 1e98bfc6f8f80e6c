"""The adapter on real sockets: a local Siigo, and an account that is opened at it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

import attrs
import pytest

from sagicc_async import MemoryCoordinator, SessionManager
from sagicc_async.sandbox import LocalVendor, Sandbox
from sagicc_async_siigo import Siigo
from sagicc_async_siigo.sandbox import SiigoSandbox

LOGIN = "/auth"


@attrs.frozen
class Local:
    """A Siigo, an account of it, and the manager that holds the account."""

    vendor: LocalVendor
    siigo: Siigo
    sessions: SessionManager

    def open(self, credentials: Any = None, sessions: SessionManager | None = None, **settings: Any) -> Siigo:
        """Another account: of the same credentials, or of others (then give it a label, `account=`)."""
        given = self.vendor.credentials if credentials is None else credentials
        return (sessions or self.sessions).open(
            Siigo, given, base_url=self.vendor.base_url, **{**self.vendor.settings, **settings}
        )

    @property
    def logins(self) -> list[int | None]:
        """How the vendor answered the requests for a token, in order."""
        return [entry.status for entry in self.vendor.requests if entry.path == LOGIN]

    def asked(self, part: str = "") -> list[Any]:
        """The requests to the API, without logins, in whose path this stands."""
        return [entry for entry in self.vendor.requests if entry.path != LOGIN and part in entry.path]

    def ids(self, resource: str) -> list[Any]:
        """The ids of a list, in its order."""
        return [row["id"] for row in self.vendor.rows(resource)]


@pytest.fixture
def local() -> Callable[..., AbstractAsyncContextManager[Local]]:
    """
    Give a function that opens one: the sandbox's settings, then those of the account and of the manager.

    Its window takes so many requests that no test waits for it which does not say another one.
    """

    @asynccontextmanager
    async def opened(
        *,
        records: int = 60,
        clock: Any = None,
        credentials: Any = None,
        account: dict[str, Any] | None = None,
        manager: dict[str, Any] | None = None,
        **settings: Any,
    ) -> AsyncIterator[Local]:
        options = {"siigo": {"work": 0, "requests": 1_000_000, **settings}}
        async with (
            Sandbox([SiigoSandbox], records=records, seed=7, settings=options, clock=clock) as sandbox,
            SessionManager(**{"coordinator": MemoryCoordinator(clock), "clock": clock, **(manager or {})}) as sessions,
        ):
            vendor = sandbox["siigo"]
            given = vendor.credentials if credentials is None else credentials
            told = {**vendor.settings, **(account or {})}
            yield Local(vendor, sessions.open(Siigo, given, base_url=vendor.base_url, **told), sessions)

    return opened


class HurriedClock:
    """
    A clock whose time stands still until somebody waits for it, and then passes at once.

    A minute of a vendor's window costs a turn of the loop. It is not for deadlines, which would be over as they begin.
    """

    def __init__(self) -> None:
        self._now = 1_000.0

    def now(self) -> float:
        return self._now

    def wall(self) -> float:
        return 1_767_225_600.0 + self._now

    def pass_by(self, seconds: float) -> None:
        """Let time pass for which nobody waited."""
        self._now += seconds

    def call_later(self, delay: float, callback: Callable[[], object]) -> asyncio.TimerHandle:
        when = self._now + delay

        def fire() -> None:
            self._now = max(self._now, when)
            callback()

        return asyncio.get_running_loop().call_later(0, fire)

    async def sleep(self, delay: float) -> None:
        self._now += max(0.0, delay)
        await asyncio.sleep(0)


@pytest.fixture
def hurried_clock() -> HurriedClock:
    return HurriedClock()
