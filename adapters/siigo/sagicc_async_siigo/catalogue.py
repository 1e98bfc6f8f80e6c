"""The ids that every document needs (taxes, document types, forms of payment), read once and kept for a while."""

from __future__ import annotations

import asyncio
import copy
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final, TypeVar

import attrs

from sagicc_async import Clock, ConfigError, Deadline, DeadlineExceeded, Priority, Record, RequestError, Stream

from .models import (
    AccountGroup,
    CostCenter,
    DocumentType,
    FixedAsset,
    PaymentType,
    PriceList,
    Tax,
    User,
    Warehouse,
)

if TYPE_CHECKING:
    from .adapter import Siigo

R = TypeVar("R", bound=Record)

#: Seconds for which a catalogue is taken to stay as it is, unless the caller says otherwise.
TTL: Final = 3600.0


@attrs.define(eq=False)
class _Shelf:
    """
    One catalogue. The lock lets one caller read while the others wait for what comes of it.

    Attributes:
        records: What was read.
        read_at: When; `None` if it is not to be used any more.
        failure: Why the latest try to read brought nothing.
        cleared: How many times it was forgotten.
        lock: Held while somebody reads.
    """

    records: Mapping[int, Any] = attrs.field(factory=dict, repr=False)
    read_at: float | None = None
    failure: RequestError | None = None
    cleared: int = 0
    lock: asyncio.Lock = attrs.field(factory=asyncio.Lock, repr=False)

    def clear(self) -> None:
        """Forget what was read, and what somebody is reading now."""
        self.read_at = None
        self.cleared += 1


@attrs.frozen
class Shelves:
    """
    The catalogues of one account, shared by all views on them.

    Args:
        clock: Tells how old they are.
    """

    clock: Clock
    _shelves: dict[str, _Shelf] = attrs.field(factory=dict, init=False)

    def shelf(self, name: str) -> _Shelf:
        """The place of one catalogue."""
        return self._shelves.setdefault(name, _Shelf())

    def clear(self) -> None:
        """Forget what was read."""
        for shelf in self._shelves.values():
            shelf.clear()


class Catalogue:
    """
    Siigo's catalogues, each read at its first use and again when it is older than `ttl`.

    Many callers at once make one request. What is returned is a mapping from id to record; it is not to be changed.

    Args:
        adapter: Reads them.
        shelves: Where they are kept.
        ttl: Seconds.

    Raises:
        ConfigError: `ttl` is negative.
    """

    def __init__(self, adapter: Siigo, shelves: Shelves, ttl: float) -> None:
        if not ttl >= 0:
            raise ConfigError("ttl is a number of seconds, not negative")
        self._adapter = adapter
        self._shelves = shelves
        self._ttl = ttl

    async def taxes(self, *, deadline: Deadline | float | None = None) -> Mapping[int, Tax]:
        """Taxes; every method here raises `RequestError` if it cannot read, and may be cancelled."""
        return await self._read("taxes", self._adapter.taxes.list, deadline)

    async def document_types(
        self,
        type: str,  # noqa: A002 - the vendor's word
        *,
        deadline: Deadline | float | None = None,
    ) -> Mapping[int, DocumentType]:
        """Document types of a kind: FV, C, NC, FC, RC, RP or CC."""
        return await self._read(
            f"document_types {type}",
            lambda **options: self._adapter.document_types.list(type=type, **options),
            deadline,
        )

    async def payment_types(
        self, document_type: str, *, deadline: Deadline | float | None = None
    ) -> Mapping[int, PaymentType]:
        """Forms of payment for a kind of document: FV, NC, RC or FC."""
        return await self._read(
            f"payment_types {document_type}",
            lambda **options: self._adapter.payment_types.list(document_type=document_type, **options),
            deadline,
        )

    async def users(self, *, deadline: Deadline | float | None = None) -> Mapping[int, User]:
        """Users, who are the sellers of documents."""
        return await self._read("users", self._adapter.users.list, deadline)

    async def account_groups(self, *, deadline: Deadline | float | None = None) -> Mapping[int, AccountGroup]:
        """Account groups of products."""
        return await self._read("account_groups", self._adapter.account_groups.list, deadline)

    async def price_lists(self, *, deadline: Deadline | float | None = None) -> Mapping[int, PriceList]:
        """Price lists."""
        return await self._read("price_lists", self._adapter.price_lists.list, deadline)

    async def warehouses(self, *, deadline: Deadline | float | None = None) -> Mapping[int, Warehouse]:
        """Warehouses."""
        return await self._read("warehouses", self._adapter.warehouses.list, deadline)

    async def cost_centers(self, *, deadline: Deadline | float | None = None) -> Mapping[int, CostCenter]:
        """Cost centres."""
        return await self._read("cost_centers", self._adapter.cost_centers.list, deadline)

    async def fixed_assets(self, *, deadline: Deadline | float | None = None) -> Mapping[int, FixedAsset]:
        """Fixed assets."""
        return await self._read("fixed_assets", self._adapter.fixed_assets.list, deadline)

    def clear(self) -> None:
        """Forget what was read, for all views on this account's catalogues."""
        self._shelves.clear()

    async def _read(
        self, name: str, stream: Callable[..., Stream[R]], deadline: Deadline | float | None
    ) -> Mapping[int, R]:
        shelf = self._shelves.shelf(name)
        if not self._fresh(shelf):
            try:
                # The deadline given, or one around the call, holds for all pages and for waiting for who reads them.
                with self._adapter.together(deadline) as limit:
                    seconds = None if limit is None else max(0.0, limit.remaining())
                    async with asyncio.timeout(seconds):
                        await self._renew(shelf, stream)
            except TimeoutError as error:
                if isinstance(error, DeadlineExceeded):
                    raise
                message = f"the deadline passed while the call waited for the catalogue of {name.replace('_', ' ')}"
                label = self._adapter.account.terms.label
                raise DeadlineExceeded(message, vendor=self._adapter.vendor, account=label) from None
        return shelf.records

    async def _renew(self, shelf: _Shelf, stream: Callable[..., Stream[R]]) -> None:
        known = shelf.failure
        async with shelf.lock:
            if self._fresh(shelf):  # somebody read it while we waited
                return
            if shelf.failure is not None and shelf.failure is not known:
                # Somebody tried while we waited. If each of us asked again, many failures would come of one.
                raise copy.copy(shelf.failure)
            await self._fill(shelf, stream)

    async def _fill(self, shelf: _Shelf, stream: Callable[..., Stream[R]]) -> None:
        cleared = shelf.cleared
        try:
            records = await stream(priority=Priority.NORMAL).collect()
        except DeadlineExceeded:  # the reader's own: the next one may have more time
            raise
        except RequestError as error:
            shelf.failure = copy.copy(error)  # without the frames that it came through
            raise
        shelf.records = {record.id: record for record in records}  # type: ignore[attr-defined]
        # What was asked for before it was forgotten is good for those who asked then, and for nobody after them.
        shelf.read_at = self._shelves.clock.now() if shelf.cleared == cleared else None

    def _fresh(self, shelf: _Shelf) -> bool:
        return shelf.read_at is not None and self._shelves.clock.now() - shelf.read_at <= self._ttl
