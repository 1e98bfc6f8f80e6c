"""Operand on this machine, and an account that is opened at it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

import attrs
import pytest

from sagicc_async import MemoryCoordinator, RetryPolicy, SessionManager
from sagicc_async.sandbox import LocalVendor, Sandbox
from sagicc_async_operand import Operand
from sagicc_async_operand.sandbox import OperandSandbox


@attrs.frozen
class Local:
    vendor: LocalVendor
    operand: Operand
    sessions: SessionManager


@pytest.fixture
def local() -> Callable[..., AbstractAsyncContextManager[Local]]:
    """Give a function that opens one: the account's settings and credentials, then those of the sandbox."""

    @asynccontextmanager
    async def opened(
        *, account: dict[str, Any] | None = None, credentials: Any = None, records: int = 60, **switches: Any
    ) -> AsyncIterator[Local]:
        settings = {"operand": {"work": 0, **switches}}
        manager = SessionManager(coordinator=MemoryCoordinator(), retry=RetryPolicy(attempts=2, base=0.001))
        async with (
            Sandbox([OperandSandbox], records=records, seed=7, settings=settings) as sandbox,
            manager as sessions,
        ):
            vendor = sandbox["operand"]
            given = (lambda: vendor.credentials) if credentials is None else credentials(vendor)
            operand = sessions.open(Operand, given, base_url=vendor.base_url, **{**vendor.settings, **(account or {})})
            yield Local(vendor, operand, sessions)

    return opened
