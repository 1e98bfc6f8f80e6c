"""The adapter on real sockets: a local Sagicc, and an account that is opened at it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

import attrs
import pytest

from sagicc_async import MemoryCoordinator, SessionManager
from sagicc_async.sandbox import LocalVendor, Sandbox, Store, from_json
from sagicc_async_sagicc import Sagicc
from sagicc_async_sagicc.readers import instance_at
from sagicc_async_sagicc.sandbox import SagiccSandbox


@attrs.frozen
class Local:
    """A Sagicc, an account of it, and the manager that holds the account."""

    vendor: LocalVendor
    crm: Sagicc
    sessions: SessionManager

    def open(self, credentials: Any = None, sessions: SessionManager | None = None, **settings: Any) -> Sagicc:
        """Another account: of the same credentials, or of others (then give it a label, `account=`)."""
        given = self.vendor.credentials if credentials is None else credentials
        return (sessions or self.sessions).open(
            Sagicc, given, base_url=self.vendor.base_url, **{"requests_per_minute": None, **settings}
        )

    @property
    def writes(self) -> list[str]:
        """Methods of the requests that wrote, in order; logins are none of them."""
        return [entry.method for entry in self.vendor.requests if entry.method != "GET" and not is_login(entry)]

    @property
    def logins(self) -> list[int | None]:
        """How the vendor answered the requests for a token, in order."""
        return [entry.status for entry in self.vendor.requests if is_login(entry)]

    def kept(self, model: str, *, deleted: bool = False) -> list[dict[str, Any]]:
        """All that the vendor keeps of a model, disabled rows included; or the deleted ones instead."""
        store = self.vendor._company.store
        where = f"{Store.column(model, 'deleted')} IS {'NOT ' if deleted else ''}NULL"
        return [from_json(body) for body in store.select(model, where=where)]

    def asked(self, part: str = "") -> list[Any]:
        """The requests to the API in whose path this stands."""
        return [entry for entry in self.vendor.requests if not is_login(entry) and part in entry.path]


def is_login(entry: Any) -> bool:
    return entry.path == "/oauth/token"


@pytest.fixture
def local() -> Callable[..., AbstractAsyncContextManager[Local]]:
    """Give a function that opens one: the sandbox's settings, then those of the account and of the manager."""

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
        instance_at.cache_clear()  # a port may come again, and what was learned of the one before with it
        options = {"sagicc": {"work": 0, **settings}}
        async with (
            Sandbox([SagiccSandbox], records=records, seed=7, settings=options, clock=clock) as sandbox,
            SessionManager(**{"coordinator": MemoryCoordinator(clock), "clock": clock, **(manager or {})}) as sessions,
        ):
            vendor = sandbox["sagicc"]
            given = vendor.credentials if credentials is None else credentials
            pace = {"requests_per_minute": None, **(account or {})}
            yield Local(vendor, sessions.open(Sagicc, given, base_url=vendor.base_url, **pace), sessions)

    return opened


class HurriedClock:
    """
    A clock whose time stands still until somebody waits for it, and then passes at once.

    A minute of a vendor's throttle costs a turn of the loop. It is not for deadlines, which would be over as they begin.
    """

    def __init__(self) -> None:
        self._now = 1_000.0

    def now(self) -> float:
        return self._now

    def wall(self) -> float:
        return 1_767_225_600.0 + self._now

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
