"""Vouchers and payment receipts: of debts, in advance, by their movements, of other income."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from sagicc_async import Conflict, ValidationFailed
from sagicc_async_siigo import models

from .documents import BUYER, CREDIT, TRANSFER, due, invoice, movement, payment_receipt, purchase, voucher

SOLD = invoice(payments=[{"id": CREDIT, "value": 2380, "due_date": "2026-03-01"}])
MOVEMENTS = [
    {name: value for name, value in movement(side, code=code).items() if name != "customer"}
    for side, code in (("Debit", "11050501"), ("Credit", "13050501"))
]


def of_type(kind, **changes):
    """A receipt's own fields, without those of an advance."""
    return {"type": kind, "payment": {"id": TRANSFER, "value": 380}, **changes}


async def both_ways(here, name, document):
    """Create a receipt from a mapping, and from its class: the two answers."""
    resource = here.siigo[name]
    as_class = resource._kind_of(document).from_dict(document)
    made = [await resource.create(document), await resource.create(as_class)]
    assert here.bodies()[-2:] == [here.bodies()[-1]] * 2
    return made


async def test_a_voucher_pays_instalments_of_an_invoice(books):
    async with books() as here:
        sold = await here.siigo.invoices.create(SOLD)
        made = await both_ways(here, "vouchers", voucher(**of_type("DebtPayment", items=[due(sold.name, 1, 380)])))
        assert [one.type for one in made] == ["DebtPayment"] * 2
        assert made[0].items[0].due.consecutive == sold.number
        assert made[0].payment.value == 380
        assert (await here.siigo.invoices.get(sold.id)).balance == 2380 - 2 * 380


async def test_a_payment_receipt_pays_instalments_of_a_purchase(books):
    async with books() as here:
        bought = await here.siigo.purchases.create(purchase())
        paid = payment_receipt(**of_type("DebtPayment", items=[due(bought.name, 1, 380)]))
        await both_ways(here, "payment_receipts", paid)
        assert (await here.siigo.purchases.get(bought.id)).balance == 2380 - 2 * 380


@pytest.mark.parametrize(("name", "make"), [("vouchers", voucher), ("payment_receipts", payment_receipt)])
async def test_an_advance_has_no_items(books, name, make):
    async with books() as here:
        made = await both_ways(here, name, make())
        assert [(one.type, one.balance, one.items) for one in made] == [("AdvancePayment", 5000, None)] * 2
        with pytest.raises(ValidationFailed, match="nothing was sent"):
            await here.siigo[name].create(make(items=[due("FV-1-1", 1, 5000)]))


@pytest.mark.parametrize(("name", "make"), [("vouchers", voucher), ("payment_receipts", payment_receipt)])
async def test_a_detailed_receipt_has_movements_whose_debits_are_its_credits(books, name, make):
    detailed = make(**of_type("Detailed", items=MOVEMENTS, payment=None))
    async with books() as here:
        made = await both_ways(here, name, detailed)
        assert [item.account.movement for item in made[0].items] == ["Debit", "Credit"]
        assert made[0].payment is None
        with pytest.raises(ValidationFailed, match="nothing was sent") as caught:
            await here.siigo[name].create({**detailed, "items": [MOVEMENTS[0], {**MOVEMENTS[1], "value": 1}]})
        assert [error.code for error in caught.value.errors] == ["invalid_balance"]


async def test_other_income_of_the_newer_site(books):
    async with books() as here:
        made = await both_ways(here, "vouchers", voucher(**of_type("MiscIncome", income={"id": 7701})))
        assert [(one.type, one.income.id) for one in made] == [("MiscIncome", 7701)] * 2


async def test_debits_for_credits_are_another_voucher(books):
    detailed = voucher(**of_type("Detailed", items=MOVEMENTS, payment=None))
    turned = [
        {**one, "account": {**one["account"], "movement": side}}
        for one, side in zip(MOVEMENTS, ("Credit", "Debit"), strict=True)
    ]
    async with books() as here:
        await here.siigo.vouchers.create(detailed, key="991")
        with pytest.raises(Conflict) as caught:
            await here.siigo.vouchers.create({**detailed, "items": turned}, key="991")
        assert [error.path for error in caught.value.errors] == [f"items[{row}].account.movement" for row in (0, 1)]


@pytest.mark.parametrize(
    ("name", "kind", "expected"),
    [
        ("vouchers", "Detailed", models.VoucherDetailedIn),
        ("vouchers", "DebtPayment", models.VoucherIn),
        ("vouchers", "MiscIncome", models.VoucherIn),
        ("payment_receipts", "Detailed", models.PaymentReceiptDetailedIn),
        ("payment_receipts", "AdvancePayment", models.PaymentReceiptIn),
    ],
)
async def test_the_type_says_as_what_a_mapping_is_read(books, name, kind, expected):
    """A movement's account is no field of a simple receipt's item, and would be found out there alone."""
    async with books() as here:
        assert here.siigo[name]._kind_of({"type": kind}) is expected
        if kind == "Detailed":
            wrong = [{**MOVEMENTS[0], "account": {"code": 11050501, "movement": "Debit"}}, MOVEMENTS[1]]
            make = voucher if name == "vouchers" else payment_receipt
            with pytest.raises(ValidationFailed, match="nothing was sent") as caught:
                await here.siigo[name].create(make(**of_type("Detailed", items=wrong, payment=None)))
            assert "items[0].account.code" in [error.path for error in caught.value.errors]
        assert here.writes == []


async def test_the_classes_written_by_hand(books):
    party = models.ThirdPartyIn(identification=BUYER)
    detailed = models.VoucherDetailedIn(
        document=models.DocumentRef(id=5401),
        date=date(2026, 2, 1),
        type="Detailed",
        customer=party,
        items=[
            models.vouchers.VoucherDetailedItemIn(
                account=models.MovementAccount(code=code, movement=side), value=Decimal("119000.50")
            )
            for side, code in (("Debit", "11050501"), ("Credit", "13050501"))
        ],
    )
    async with books() as here:
        made = await here.siigo.vouchers.create(detailed, key="991")
        assert made.items[0].value == Decimal("119000.50")
        assert await here.siigo.vouchers.create(detailed, key="991") == made
