"""What documents come to: the arithmetic alone, against fractions, and as the sandbox answers it."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sagicc_async_siigo.sandbox.documents.totals import Discount, Line, Rate, document_total, rounded

IVA, IVA_5, IMPOCONSUMO, AD_VALOREM, RETEFUENTE, RETEIVA, RETEICA, SELF = (
    7101, 7102, 7103, 7104, 7105, 7106, 7107, 7108,
)  # fmt: skip

MONEY = st.decimals(0, 99_999_999, places=2)
PRICES = st.decimals(0, 99_999_999, places=6)
QUANTITIES = st.decimals("0.01", 999_999, places=2)
RATES = st.builds(
    Rate,
    kind=st.sampled_from(["IVA", "Impoconsumo", "AdValorem", "Retefuente"]),
    percentage=st.decimals(0, 40, places=3),
)
LINES = st.builds(
    Line,
    quantity=QUANTITIES,
    price=PRICES,
    discount=st.decimals(0, 100, places=2),
    by_percentage=st.booleans(),
    rates=st.lists(RATES, max_size=3).map(tuple),
)


def half_up(value: Fraction, places: int) -> Fraction:
    """Halves away from zero, on whole numbers."""
    scaled = abs(value) * 10**places
    whole = (2 * scaled.numerator + scaled.denominator) // (2 * scaled.denominator)
    return Fraction(whole if value >= 0 else -whole, 10**places)


def slow_total(line: Line, places: int) -> Fraction:
    gross = Fraction(line.quantity) * Fraction(line.price)
    discount = gross * Fraction(line.discount) / 100 if line.by_percentage else Fraction(line.discount)
    base = half_up(gross - discount, places)
    taxes = [
        half_up(base * Fraction(rate.percentage) / 100, places) for rate in line.rates if rate.kind != "Retefuente"
    ]
    return half_up(base + sum(taxes), places)


@given(st.lists(LINES, min_size=1, max_size=6), st.sampled_from([2, 0]))
def test_a_total_is_the_sum_of_items_that_are_rounded_one_by_one(lines, places):
    total = document_total(lines, places=places)
    assert Fraction(total.total) == sum(slow_total(line, places) for line in lines)
    assert [Fraction(line.total) for line in total.lines] == [slow_total(line, places) for line in lines]


@given(st.decimals(-(10**12), 10**12, places=4), st.sampled_from([0, 2]))
def test_halves_are_rounded_away_from_zero(value, places):
    assert Fraction(rounded(value, places)) == half_up(Fraction(value), places)


@given(QUANTITIES, st.decimals("0.01", 9_999_999, places=2))
def test_a_price_with_iva_included_comes_back_as_base_and_tax(quantity, price):
    line = Line(quantity=quantity, price=price, rates=(Rate(kind="IVA", percentage=Decimal(19)),), taxed=True)
    # The price that is told has six decimals: for each of so many it is off by less than one of the last.
    tolerance = Fraction(quantity) / 10**6 + Fraction(1, 50)
    assert abs(Fraction(document_total([line]).total) - Fraction(quantity) * Fraction(price)) <= tolerance


@given(MONEY, st.decimals("0.01", "99.99", places=2))
def test_a_global_discount_knows_its_value_and_its_percentage(base, percentage):
    line = Line(quantity=Decimal(1), price=base)
    total = document_total([line], discounts=[Discount(percentage=percentage)])
    assert Fraction(total.total) == Fraction(base) - half_up(Fraction(base) * Fraction(percentage) / 100, 2)


@pytest.mark.parametrize(
    ("item", "total"),
    [
        # The vendor's sample of `taxed_price`.
        ({"quantity": 1, "price": None, "taxed_price": 10_000}, 10_000),
        ({"quantity": 1, "price": Decimal("1069.77")}, Decimal("1273.03")),
        ({"quantity": Decimal("0.5"), "price": Decimal("0.01"), "taxes": None}, Decimal("0.01")),
        ({"discount": 10}, 2142),
        ({"discount": Decimal("12.5")}, Decimal("2082.5")),
        ({"taxes": [{"id": IVA}, {"id": IMPOCONSUMO}]}, 2540),
        ({"taxes": [{"id": IVA}, {"id": RETEFUENTE}]}, 2380),
        ({"price": 0, "tax_base": 1000, "taxpayer": "Customer"}, 380),
    ],
)
async def test_an_invoice_says_what_it_comes_to(books, bodies, item, total):
    async with books() as api:
        assert await api.total("invoices", bodies.invoice(items=[bodies.item(**item)])) == total


async def test_the_tax_of_a_gift_is_not_in_the_total_if_the_company_pays_it(books, bodies):
    async with books() as api:
        gift = bodies.item(price=0, tax_base=1000, taxpayer="Company")
        made = await api.paid("invoices", bodies.invoice(items=[bodies.item(), gift]))
        assert (made["total"], made["items"][1]["total"], made["items"][1]["taxes"][0]["value"]) == (2380, 0, 380)


async def test_a_document_type_decides_whether_a_discount_is_a_percentage(books, bodies):
    async with books() as api:
        by_value = bodies.invoice(document={"id": 5102}, date="2099-01-01", items=[bodies.item(discount=10)])
        assert await api.total("invoices", by_value) == Decimal("2368.1")
        made = await api.paid("invoices", by_value)
        assert made["items"][0]["discount"] == {"percentage": Decimal("0.5"), "value": 10}


async def test_a_document_type_without_decimals_rounds_to_whole_numbers(books, bodies):
    async with books() as api:
        body = bodies.invoice(document={"id": 5104}, items=[bodies.item(quantity=1, price=Decimal("1069.77"))])
        made = await api.paid("invoices", body)
        assert (made["total"], made["items"][0]["taxes"][0]["value"]) == (1273, 203)


async def test_global_discounts_leave_the_total_and_are_told(books, bodies):
    async with books() as api:
        discounts = [{"id": 8101, "percentage": 10}, {"id": 8102, "value": 50}]
        made = await api.paid("invoices", bodies.invoice(global_discounts=discounts))
        assert made["total"] == 2380 - 200 - 50
        assert made["global_discounts"] == [
            {"id": 8101, "name": "Descuento comercial", "percentage": 10, "value": 200},
            {"id": 8102, "name": "Descuento por volumen", "percentage": Decimal("2.5"), "value": 50},
        ]
        again = bodies.invoice(globaldiscounts=discounts)
        assert await api.total("invoices", again) == made["total"]


async def test_withholdings_are_told_and_change_no_total(books, bodies):
    async with books() as api:
        made = await api.paid("invoices", bodies.invoice(retentions=[{"id": RETEIVA}, {"id": RETEICA}, {"id": SELF}]))
        assert made["total"] == 2380
        told = [(tax["type"], tax["value"]) for tax in made["retentions"]]
        assert told == [("ReteIVA", 57), ("ReteICA", Decimal("19.32")), ("Autorretencion", 11)]


async def test_payments_must_be_the_total_and_the_vendors_message_says_it(books, bodies):
    async with books() as api:
        body = bodies.invoice(payments=[{"id": 6101, "value": 2379}, {"id": 6103, "value": Decimal("0.99")}])
        _, answer = await api.ask("POST", "invoices", body)
        (error,) = answer["Errors"]
        assert error["Message"] == (
            "The total payments must be equal to the total invoice. The total invoice calculated is 2380"
        )
        assert (error["Code"], error["Params"]) == ("invalid_total_payments", ["payments"])


@pytest.mark.parametrize(
    ("item", "code"),
    [
        ({"taxes": [{"id": IVA}, {"id": IVA_5}]}, "invalid_array"),
        ({"taxes": [{"id": IVA}, {"id": AD_VALOREM}]}, "invalid_array"),
        ({"taxes": [{"id": RETEIVA}]}, "invalid_array"),
        ({"taxes": [{"id": IVA}] * 4}, "invalid_array"),
        ({"taxes": [{"id": 1}]}, "invalid_reference"),
        ({"taxes": [{"id": 7109}]}, "parameter_inactive"),
        ({"discount": 101}, "invalid_amount"),
        ({"price": None}, "parameter_required"),
        ({"price": 0}, "parameter_required"),
        ({"price": Decimal("1.1234567")}, "invalid_amount"),
        ({"quantity": Decimal("1.123")}, "invalid_amount"),
        ({"quantity": 0}, "invalid_amount"),
    ],
)
async def test_an_item_that_cannot_be_is_refused(books, bodies, item, code):
    async with books() as api:
        status, codes = await api.refused("POST", "invoices", bodies.invoice(items=[bodies.item(**item)]))
        assert (status, codes[0]) == (400, code)
        assert api.vendor.rows("invoices") == []
