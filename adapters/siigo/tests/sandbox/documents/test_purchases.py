"""Purchases, and the things that only they can buy."""

from __future__ import annotations

from decimal import Decimal

import pytest


async def test_the_same_invoice_of_a_supplier_can_come_twice(books, bodies):
    """Nothing documents that it cannot: so a purchase that is sent twice shows."""
    async with books() as api:
        first = await api.created("purchases", bodies.purchase(), Idempotency_Key="k1")
        second = await api.created("purchases", bodies.purchase(), Idempotency_Key="k1")
        assert first["provider_invoice"] == second["provider_invoice"] == {"prefix": "FV1", "number": "1234"}
        assert (await api.get("purchases"))["pagination"]["total_results"] == 2


async def test_products_assets_and_accounts_can_be_bought(books, bodies):
    async with books() as api:
        items = [
            bodies.item(type="Product"),
            bodies.item(type="FixedAsset", code="7501"),
            bodies.item(type="Account", code="51050501", description="Arriendo"),
        ]
        payments = [{"id": 6103, "value": 3 * 2380}]
        made = await api.created("purchases", bodies.purchase(items=items, payments=payments))
        assert [(item["type"], item["description"]) for item in made["items"]] == [
            ("Product", "Café molido"),
            ("FixedAsset", "Computador de la recepción"),
            ("Account", "Arriendo"),
        ]
        assert (made["total"], made["balance"], made["discount_type"]) == (7140, 0, "Value")


async def test_the_request_decides_what_a_discount_is(books, bodies):
    async with books() as api:
        items = [bodies.item(type="Product", discount=10)]
        assert await api.total("purchases", bodies.purchase(items=items, discount_type="Percentage")) == 2142
        assert await api.total("purchases", bodies.purchase(items=items)) == Decimal("2368.1")


async def test_prices_may_include_the_tax(books, bodies):
    async with books() as api:
        items = [bodies.item(type="Product", quantity=1, price=11900)]
        made = await api.paid("purchases", bodies.purchase(items=items, tax_included=True), way=6103)
        assert (made["total"], made["items"][0]["price"]) == (11900, 10000)


async def test_a_wrong_payment_is_answered_with_the_word_purchase(books, bodies):
    async with books() as api:
        _, answer = await api.ask("POST", "purchases", bodies.purchase(payments=[{"id": 6103, "value": 1}]))
        assert answer["Errors"][0]["Message"] == (
            "The total payments must be equal to the total purchase. The total purchase calculated is 2380"
        )


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"document": {"id": 5101}}, "invalid_document"),
        ({"supplier": {"identification": "1"}}, "invalid_reference"),
        ({"provider_invoice": {"prefix": "TOOLONG", "number": "1"}}, "length_max"),
        ({"provider_invoice": {"prefix": "F", "number": "1A"}}, "invalid_value"),
        ({"provider_invoice": {"prefix": "F"}}, "parameter_required"),
        ({"discount_type": "percentage"}, "invalid_value"),
        ({"payments": [{"id": 6102, "value": 2380, "due_date": "2026-03-01"}]}, "invalid_payment"),
    ],
)
async def test_a_purchase_that_cannot_be_is_refused(books, bodies, change, code):
    async with books() as api:
        assert await api.refused("POST", "purchases", bodies.purchase(**change)) == (400, [code])


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"type": None}, "parameter_required"),
        ({"type": "Service"}, "invalid_value"),
        ({"type": "Account", "code": "abc"}, "invalid_account"),
        ({"type": "FixedAsset", "code": "1"}, "invalid_reference"),
        ({"type": "Account", "code": "51050501", "warehouse": 7301}, "parameter_not_allowed"),
        ({"type": "Product", "supplier": {"identification": "900123456"}}, "parameter_not_allowed"),
    ],
)
async def test_an_item_that_cannot_be_is_refused(books, bodies, change, code):
    async with books() as api:
        body = bodies.purchase(items=[bodies.item(**change)])
        assert await api.refused("POST", "purchases", body) == (400, [code])


async def test_items_may_have_suppliers_of_their_own(books, bodies):
    async with books() as api:
        items = [bodies.item(type="Product", supplier={"identification": "900123456"})]
        made = await api.created("purchases", bodies.purchase(items=items, supplier_by_item=True))
        assert made["items"][0]["supplier"]["identification"] == "900123456"
