"""Cash receipts and payment receipts of each type."""

from __future__ import annotations

import pytest

ADVANCE = {"type": "AdvancePayment", "items": None, "payment": {"id": 6103, "value": 10_000}}


def detailed(*sides):
    return [
        {"account": {"code": code, "movement": side}, "description": "x", "value": value} for code, side, value in sides
    ]


BALANCED = detailed(("11050501", "Debit", 1000), ("13050501", "Credit", 600), ("41350501", "Credit", 400))


async def test_an_advance_keeps_a_balance_of_its_own(books, bodies):
    async with books() as api:
        made = await api.created("vouchers", bodies.voucher(**ADVANCE))
        assert (made["type"], made["balance"], made["name"]) == ("AdvancePayment", 10_000, "RC-1-2")
        assert made["payment"] == {"id": 6103, "name": "Transferencia", "value": 10_000}
        assert "items" not in made


async def test_an_advance_to_a_supplier(books, bodies):
    async with books() as api:
        made = await api.created("payment-receipts", bodies.payment_receipt(**ADVANCE))
        assert (made["supplier"]["identification"], made["name"]) == ("900123456", "RP-1-2")


async def test_an_advance_has_no_items(books, bodies):
    async with books() as api:
        body = bodies.voucher(("FV-1", 2, 1, 10_000), type="AdvancePayment")
        assert await api.refused("POST", "vouchers", body) == (400, ["invalid_array"])


async def test_a_detailed_receipt_balances(books, bodies):
    async with books() as api:
        made = await api.created("vouchers", bodies.voucher(type="Detailed", items=BALANCED, payment=None))
        assert made["items"] == BALANCED
        assert not {"payment", "balance"} & set(made)
        body = bodies.voucher(type="Detailed", items=BALANCED[:2], payment=None)
        assert await api.refused("POST", "vouchers", body) == (400, ["invalid_balance"])
        body = bodies.voucher(type="Detailed", items=BALANCED)
        assert (await api.refused("POST", "vouchers", body))[1] == ["parameter_not_allowed"]
        body = bodies.voucher(type="Detailed", items=detailed(("1x", "Debit", 1), ("2", "Credit", 1)), payment=None)
        assert await api.refused("POST", "vouchers", body) == (400, ["invalid_account"])


async def test_misc_income_names_an_income_and_is_for_vouchers_only(books, bodies):
    async with books() as api:
        income = {**ADVANCE, "type": "MiscIncome", "income": {"id": 7701}}
        made = await api.created("vouchers", bodies.voucher(**income))
        assert made["income"] == {"id": 7701}
        unknown = bodies.voucher(**{**income, "income": {"id": 1}})
        assert await api.refused("POST", "vouchers", unknown) == (400, ["invalid_reference"])
        body = bodies.payment_receipt(**income)
        assert await api.refused("POST", "payment-receipts", body) == (400, ["invalid_value"])


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"type": None}, "parameter_required"),
        ({"type": "Advanced"}, "invalid_value"),
        ({"items": []}, "parameter_empty"),
        ({"items": None}, "parameter_required"),
        ({"payment": None}, "parameter_required"),
        ({"payment": {"id": 6103, "value": 99}}, "invalid_amount"),
        ({"payment": {"id": 6102, "value": 100}}, "invalid_payment"),
        ({"payment": {"id": 1, "value": 100}}, "invalid_payment"),
        ({"document": {"id": 5101}}, "invalid_document"),
        ({"customer": {"identification": "1"}}, "invalid_reference"),
        ({"cost_center": 7401}, "document_settings"),
    ],
)
async def test_a_debt_payment_that_cannot_be_is_refused(books, bodies, change, code):
    async with books() as api:
        made = await api.owed()
        body = bodies.voucher(("FV-1", made["number"], 1, 100), **change)
        assert await api.refused("POST", "vouchers", body) == (400, [code])
        assert (await api.get(f"invoices/{made['id']}"))["balance"] == 2380


async def test_a_due_must_exist_and_be_the_customers_own(books, bodies):
    async with books() as api:
        api.vendor.add("customers", {"identification": "800000001"})
        made = await api.owed()
        due = ("FV-1", made["number"], 1, 100)
        for wrong in (("FV-9", *due[1:]), ("FV-1", 999, 1, 100), (*due[:2], 2, 100)):
            assert await api.refused("POST", "vouchers", bodies.voucher(wrong)) == (400, ["invalid_reference"])
        body = bodies.voucher(due, customer={"identification": "800000001"})
        assert await api.refused("POST", "vouchers", body) == (400, ["invalid_reference"])
        assert await api.refused("POST", "payment-receipts", bodies.payment_receipt(due)) == (
            400,
            ["invalid_reference"],
        )


async def test_the_same_due_comes_once(books, bodies):
    async with books() as api:
        made = await api.owed()
        due = ("FV-1", made["number"], 1, 100)
        assert await api.refused("POST", "vouchers", bodies.voucher(due, due)) == (400, ["invalid_array"])


async def test_several_dues_are_paid_at_once(books, bodies):
    async with books() as api:
        first, second = await api.owed(), await api.owed()
        dues = [("FV-1", made["number"], 1, 1000) for made in (first, second)]
        await api.created("vouchers", bodies.voucher(*dues))
        assert [(await api.get(f"invoices/{made['id']}"))["balance"] for made in (first, second)] == [1380, 1380]
