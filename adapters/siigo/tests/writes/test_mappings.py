"""A mapping works as the class does, and what was sent is what the record was when the call began."""

from __future__ import annotations

import asyncio
import enum
from datetime import date
from decimal import Decimal
from types import MappingProxyType
from uuid import UUID

import pytest

from sagicc_async import ConfigError, ValidationFailed
from sagicc_async_siigo import models

from .documents import BUYER, BY_PERCENTAGE, CASH, CODE, CREDIT, IVA, SELLER, invoice, item, product

TOTAL = Decimal("2380.24")


class Way(enum.IntEnum):
    """A caller's own names of the forms of payment."""

    CREDIT = CREDIT


#: One invoice, in the words of different programs.
SAME = {
    "text and numbers": invoice(
        items=[item(price=1000.1)], payments=[{"id": CREDIT, "value": 2380.24, "due_date": "2026-03-01"}]
    ),
    "dates and decimals": invoice(
        date=date(2026, 1, 31),
        items=(item(price=Decimal("1000.1")),),
        payments=[{"id": Way.CREDIT, "value": TOTAL, "due_date": date(2026, 3, 1)}],
    ),
    "records inside": invoice(
        document=models.DocumentRef(id=BY_PERCENTAGE),
        customer=models.InvoiceCustomerIn(identification=BUYER),
        items=[
            models.InvoiceItemIn(code=CODE, quantity=2, price=Decimal("1000.1"), taxes=[models.TaxIn(id=IVA)]),
        ],
        payments=[models.PaymentIn(id=CREDIT, value=TOTAL, due_date=date(2026, 3, 1))],
    ),
    "read only": MappingProxyType(
        invoice(
            items=[MappingProxyType(item(price=Decimal("1000.10")))],
            payments=[{"id": CREDIT, "value": TOTAL, "due_date": "2026-03-01"}],
        )
    ),
    "a class": models.InvoiceIn(
        document=models.DocumentRef(id=BY_PERCENTAGE),
        date=date(2026, 1, 31),
        customer=models.InvoiceCustomerIn(identification=BUYER),
        seller=SELLER,
        observations="pedido 991",
        items=[
            models.InvoiceItemIn(code=CODE, quantity=Decimal(2), price=Decimal("1000.1"), taxes=[models.TaxIn(id=IVA)])
        ],
        payments=[models.PaymentIn(id=CREDIT, value=TOTAL, due_date=date(2026, 3, 1))],
    ),
}


@pytest.mark.parametrize("words", SAME)
async def test_whatever_its_words_it_is_the_same_invoice(books, words):
    async with books() as here:
        made = await here.siigo.invoices.create(SAME["a class"], key="991")
        assert await here.siigo.invoices.create(SAME[words], key="991") == made
        assert here.bodies()[0] == here.bodies()[1]
        assert made.total == TOTAL


async def test_a_price_of_many_decimals_is_written_as_it_is(books):
    async with books() as here:
        for price in (0.1 + 0.2, 1e-7):
            with pytest.raises(ValidationFailed, match="nothing was sent"):  # more than six decimals
                await here.siigo.invoices.create(invoice(items=[item(price=price)]))
        await here.siigo.quotations.create(
            {
                **{name: value for name, value in invoice().items() if name not in ("payments", "observations")},
                "document": {"id": 5701},
                "items": [item(price=Decimal("0.300000"))],
            }
        )
        assert b'"price":0.300000' in here.sent[-1].body


@pytest.mark.parametrize(
    "value",
    [float("nan"), float("inf"), Decimal("NaN"), {1, 2}, b"x", ..., {1: 2}, "\ud800"],
    ids=lambda value: type(value).__name__,
)
async def test_what_is_no_json_is_a_mistake_and_is_not_sent(books, value):
    async with books() as here:
        with pytest.raises(ConfigError, match="cannot be written as JSON"):
            await here.siigo.invoices.create(invoice(observations=value))
        assert here.vendor.requests == []


async def test_a_null_in_a_mapping_is_sent_and_a_none_in_a_class_is_not(books):
    async with books() as here:
        await here.siigo.products.create({**product(), "description": None, "unit": None})
        await here.siigo.products.create(models.ProductIn.from_dict(product(code="B")))
        [explicit, left_out] = here.bodies()
        assert explicit["description"] is None
        assert "description" not in left_out


async def test_an_unknown_field_is_sent_as_it_is_since_siigo_may_have_it(books):
    async with books() as here:
        await here.siigo.products.create(product(campo_nuevo=UUID(int=7)))
        assert here.bodies()[0]["campo_nuevo"] == str(UUID(int=7))


@pytest.mark.parametrize("as_class", [True, False])
async def test_what_becomes_of_the_callers_record_changes_nothing_of_a_call_that_began(books, as_class):
    document = invoice()
    mine = models.InvoiceIn.from_dict(document) if as_class else invoice()
    async with books() as here:
        here.vendor.fault("hold", path="/v1/taxes")
        call = asyncio.create_task(here.siigo.invoices.create(mine, key="991"))
        await here.vendor.until(lambda stats: stats.in_flight == 1)  # it reads the taxes, nothing is sent yet
        if as_class:
            mine.observations, mine.items[0].price, mine.payments = "otro", Decimal(1), []
        else:
            mine["observations"] = "otro"
            mine["items"][0]["price"] = 1
            mine["payments"].clear()
        here.vendor.clear_faults()
        made = await call
        assert (made.observations, made.items[0].price, made.payments[0].value) == ("pedido 991", 1000, 2380)
        assert here.bodies() == [document]


async def test_a_change_is_a_snapshot_too(books):
    mine = {"items": [item(quantity=3)], "payments": [{"id": CASH, "value": 3570}]}
    async with books() as here:
        made = await here.siigo.invoices.create(invoice())
        here.vendor.fault("hold", method="GET", path=made.id)
        call = asyncio.create_task(here.siigo.invoices.edit(made.id, mine))
        await here.vendor.until(lambda stats: stats.in_flight == 1)
        mine["items"][0]["quantity"] = 9
        mine.clear()
        here.vendor.clear_faults()
        assert (await call).total == 3570


async def test_nothing_of_the_callers_is_changed(books):
    document, before = invoice(), invoice()
    as_class = models.InvoiceIn.from_dict(document)
    async with books() as here:
        made = await here.siigo.invoices.create(document)
        await here.siigo.invoices.create(as_class)
        await here.siigo.invoices.edit(made.id, document)
        await here.siigo.invoices.update(made.id, as_class)
        assert document == before
        assert as_class == models.InvoiceIn.from_dict(before)
