"""The adapter on real sockets: a local SERPI, and an account that is opened at it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

import attrs
import pytest

from sagicc_async import MemoryCoordinator, SessionManager
from sagicc_async.sandbox import LocalVendor, Sandbox
from sagicc_async_serpi import Serpi
from sagicc_async_serpi.sandbox import SerpiSandbox


@attrs.frozen
class Local:
    vendor: LocalVendor
    serpi: Serpi
    sessions: SessionManager

    @property
    def writes(self) -> list[str]:
        """Methods of the requests that wrote, in order."""
        return [entry.method for entry in self.vendor.requests if entry.method != "GET"]


@pytest.fixture
def local() -> Callable[..., AbstractAsyncContextManager[Local]]:
    """Give a function that opens one: the sandbox's settings, then those of the account and of the manager."""

    @asynccontextmanager
    async def opened(
        *,
        records: int = 60,
        account: dict[str, Any] | None = None,
        manager: dict[str, Any] | None = None,
        **settings: Any,
    ) -> AsyncIterator[Local]:
        options = {"serpi": {"work": 0, **settings}}
        async with (
            Sandbox([SerpiSandbox], records=records, seed=7, settings=options) as sandbox,
            SessionManager(**{"coordinator": MemoryCoordinator(), **(manager or {})}) as sessions,
        ):
            vendor = sandbox["serpi"]
            serpi = sessions.open(Serpi, vendor.credentials, base_url=vendor.base_url, **(account or {}))
            yield Local(vendor, serpi, sessions)

    return opened
