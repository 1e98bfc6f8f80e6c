"""Whose data is synced: `SyncAccount`, and the places that accounts come from."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterable, AsyncIterator, Mapping, Sequence
from typing import Any, Final, TypeAlias

import attrs

from ..adapter import Adapter
from ..tokens.source import CredentialsInput

_log: Final = logging.getLogger("sagicc_async.sync")


@attrs.frozen(kw_only=True)
class SyncAccount:
    """
    One tenant at one vendor.

    Args:
        name: Its label, unique among all accounts: the `_account` of its rows.
        vendor: Entry-point name of the adapter, or its class.
        credentials: As `SessionManager.open` takes them; a callable is asked on first use, and again when the vendor
            refuses what it gave, so that a rotated secret needs no restart.
        base_url: Where the vendor is, if not at the adapter's own address.
        settings: The adapter's settings.
        resources: Which resources to sync, in this order; `None` for all that the vendor can list.
        every: Seconds between the beginnings of two rounds of it; `None` for the adapter's advice.
    """

    name: str
    vendor: str | type[Adapter]
    credentials: CredentialsInput[Any] = attrs.field(repr=False)
    base_url: str | None = None
    settings: Mapping[str, Any] = attrs.field(factory=dict)
    resources: Sequence[str] | None = None
    every: float | None = None


#: Accounts, which are iterated anew at every round: tenants come and go between two of them.
AccountSource: TypeAlias = AsyncIterable[SyncAccount]


async def distinct(source: AccountSource) -> AsyncIterator[SyncAccount]:
    """The accounts of a source, of each name the first; a second one is logged, and left alone."""
    names: set[str] = set()
    async for account in source:
        if account.name in names:
            _log.error("two accounts are called %r; the second one is left alone", account.name)
        else:
            names.add(account.name)
            yield account
