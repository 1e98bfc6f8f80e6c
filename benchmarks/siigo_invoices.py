"""
Siigo's invoices, nested and with exact money, against a hand-written loop.

The hand-written loop is aiohttp with its defaults and one cached msgspec decoder into `msgspec.Struct`, with decimals,
days and datetimes. Ours keeps unknown fields and nulls, every digit and the text of timestamps, paces requests by the
company's window, drops rows that the page before had, and all that `records` says of the way of a request.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import aiohttp
import msgspec

from sagicc_async import Auth, Login, Secret, SessionManager, Settings, Token
from sagicc_async_siigo import Siigo, SiigoAuth, SiigoCredentials

from .compare import Comparison, Slice, compare
from .report import Effort, Figure
from .server import serving

INVOICES = 10_000
CREDENTIALS = {"username": "benchmark@example.com", "access_key": "benchmark-key"}
HEADERS = {"Authorization": "Bearer benchmark-token", "Partner-Id": "Benchmark"}


class _Ready(SiigoAuth):
    """A token without a login, which the server does not know."""

    async def issue(self, credentials: SiigoCredentials, login: Login, spent: Token | None) -> Token:
        return Token(Secret("benchmark-token"))


class _Siigo(Siigo):
    @classmethod
    def auth_for(cls, settings: Settings) -> Auth[SiigoCredentials]:
        return _Ready("Benchmark")


class _Ref(msgspec.Struct):
    id: int


class _Customer(msgspec.Struct):
    id: str
    identification: str
    branch_office: int


class _Currency(msgspec.Struct):
    code: str
    exchange_rate: Decimal


class _Stamp(msgspec.Struct):
    status: str
    cufe: str | None = None


class _Mail(msgspec.Struct):
    status: str
    observations: str | None = None


class _Discount(msgspec.Struct):
    percentage: Decimal | None = None
    value: Decimal | None = None


class _Tax(msgspec.Struct):
    id: int
    name: str
    type: str
    percentage: Decimal
    value: Decimal


class _Item(msgspec.Struct):
    id: str
    code: str
    quantity: Decimal
    price: Decimal
    total: Decimal
    description: str | None = None
    discount: _Discount | None = None
    taxes: list[_Tax] | None = None


class _Payment(msgspec.Struct):
    id: int
    name: str
    value: Decimal
    due_date: date | None = None


class _GlobalDiscount(msgspec.Struct):
    id: int
    name: str
    percentage: Decimal
    value: Decimal


class _Metadata(msgspec.Struct):
    created: datetime
    last_updated: datetime | None = None


class InvoiceStruct(msgspec.Struct):
    """The invoice as a hand-written loop declares it."""

    id: str
    document: _Ref
    number: int
    name: str
    date: date
    customer: _Customer
    total: Decimal
    items: list[_Item]
    payments: list[_Payment]
    metadata: _Metadata
    balance: Decimal | None = None
    cost_center: int | None = None
    currency: _Currency | None = None
    seller: int | None = None
    stamp: _Stamp | None = None
    mail: _Mail | None = None
    observations: str | None = None
    public_url: str | None = None
    global_discounts: list[_GlobalDiscount] | None = None


class _Pagination(msgspec.Struct):
    total_results: int


class PageStruct(msgspec.Struct):
    """The envelope by hand."""

    pagination: _Pagination
    results: list[InvoiceStruct]


async def by_hand(session: aiohttp.ClientSession, url: str, size: int) -> AsyncIterator[Any]:
    """One async generator over pages that are read whole."""
    decode = msgspec.json.Decoder(PageStruct).decode
    number, seen, total = 1, 0, 1
    while seen < total:
        params: Mapping[str, str] = {"page": str(number), "page_size": str(size)}
        async with session.get(url, params=params, headers=HEADERS) as response:
            response.raise_for_status()
            page = decode(await response.read())
        total = page.pagination.total_results
        for item in page.results:
            yield item
        number, seen = number + 1, seen + len(page.results)


async def _count(stream: AsyncIterator[Any]) -> None:
    invoices, total, items = 0, Decimal(0), 0
    async for invoice in stream:
        invoices += 1
        total += invoice.total
        items += len(invoice.items)
    expected = sum((Decimal("7259.28") + number for number in range(1, INVOICES + 1)), Decimal(0))
    assert (invoices, total, items) == (INVOICES, expected, 3 * INVOICES), (invoices, total, items)


async def measure(size: int, rounds: int) -> Comparison:
    """
    Compare the two on pages of one size.

    Args:
        size: Invoices a page; 100 is Siigo's largest.
        rounds: Paired rounds.
    """
    with serving("invoice", size, INVOICES // size) as base_url:
        async with aiohttp.ClientSession() as session, SessionManager(coordinator="memory:") as sessions:
            siigo = sessions.open(
                _Siigo, CREDENTIALS, base_url=base_url, partner_id="Benchmark", requests=1_000_000, window=1
            )
            stream = siigo.invoices.list(page_size=size)
            variants: dict[str, Slice] = {
                "by hand": lambda: _count(by_hand(session, f"{base_url}/v1/invoices", size)),
                "sagicc-async": lambda: _count(aiter(stream)),
            }
            return await compare(variants, rounds)


async def figures(effort: Effort) -> AsyncIterator[Figure]:
    """One figure a page size."""
    for size in (25, 100):
        compared = await measure(size, effort.rounds)
        yield Figure(
            case=f"Siigo's invoices, 69 values in 21 objects, 1,900 B, {size} a page",
            what="CPU a record",
            variant="sagicc-async",
            against="aiohttp + msgspec.Struct",
            ratio=compared.cpu["sagicc-async"],
        )
