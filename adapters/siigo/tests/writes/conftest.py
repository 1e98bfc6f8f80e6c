"""A company of Siigo's on this machine with one product and one third party, and an account of it that is quick."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

import attrs
import pytest

from sagicc_async import MemoryCoordinator, RetryPolicy, SessionManager
from sagicc_async.sandbox import LocalVendor, Sandbox, from_json
from sagicc_async_siigo import Siigo
from sagicc_async_siigo.sandbox import SiigoSandbox

from .documents import BUYER, CODE

_LOGIN = "/auth"


@attrs.frozen
class Books:
    """A Siigo, and an account of it."""

    vendor: LocalVendor
    siigo: Siigo
    sessions: SessionManager

    def open(self, **settings: Any) -> Siigo:
        """Another account object."""
        return self.sessions.open(
            Siigo,
            self.vendor.credentials,
            base_url=self.vendor.base_url,
            **{**self.vendor.settings, "settle": 0, **settings},
        )

    def rows(self, resource: str) -> list[dict[str, Any]]:
        """All that Siigo keeps of a resource, inactive third parties included, the oldest first."""
        return self.vendor._company.store.rows(resource)

    def row(self, resource: str, identifier: Any) -> dict[str, Any]:
        """One of them."""
        return next(row for row in self.rows(resource) if row["id"] == identifier)

    @property
    def sent(self) -> list[Any]:
        """The requests that wrote, in order; logins are none of them."""
        return [entry for entry in self.vendor.requests if entry.method != "GET" and entry.path != _LOGIN]

    @property
    def writes(self) -> list[str]:
        """Their methods."""
        return [entry.method for entry in self.sent]

    def bodies(self) -> list[Any]:
        """What they carried, decimals exact."""
        return [from_json(entry.body) for entry in self.sent]


@pytest.fixture
def books() -> Callable[..., AbstractAsyncContextManager[Books]]:
    """
    Give a function that opens one: the sandbox's settings, then those of the account and of the manager.

    Siigo is taken to be done with a lost request at once, unless `account={"settle": ...}` says otherwise.
    """

    @asynccontextmanager
    async def opened(
        *,
        records: int = 0,
        clock: Any = None,
        account: dict[str, Any] | None = None,
        manager: dict[str, Any] | None = None,
        **settings: Any,
    ) -> AsyncIterator[Books]:
        options = {"siigo": {"work": 0, "requests": 1_000_000, **settings}}
        quick = {"coordinator": MemoryCoordinator(clock), "clock": clock, "retry": RetryPolicy(attempts=3, base=0)}
        async with (
            Sandbox([SiigoSandbox], records=records, seed=7, settings=options, clock=clock) as sandbox,
            SessionManager(**{**quick, **(manager or {})}) as sessions,
        ):
            vendor = sandbox["siigo"]
            vendor.add("products", {"code": CODE, "name": "Café molido", "stock_control": True})
            contact = {"first_name": "Ana", "email": "ana@acme.example"}
            vendor.add("customers", {"identification": BUYER, "name": ["Acme S.A.S."], "contacts": [contact]})
            told = {**vendor.settings, "settle": 0, **(account or {})}
            yield Books(vendor, sessions.open(Siigo, vendor.credentials, base_url=vendor.base_url, **told), sessions)

    return opened
