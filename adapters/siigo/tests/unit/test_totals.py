"""The total of a document: the documented rule where it says what the total is, and nothing where it does not."""

from __future__ import annotations

import math
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from sagicc_async import Record, field, record
from sagicc_async_siigo.checks import check_payments, check_purchase, invoice_total, payments_total

TAXES = {13156: Decimal(19), 7: Decimal("8.5"), 8: Decimal(0)}


def one(**item: object) -> dict[str, object]:
    return {"items": [{"code": "Item-1", "quantity": 1, "price": 100, **item}]}


def test_the_invoice_that_the_vendor_prints_has_the_total_that_it_prints():
    assert invoice_total(one(price=1069.77, taxes=[{"id": 13156}]), taxes=TAXES) == Decimal("1273.03")


@pytest.mark.parametrize(
    ("item", "total"),
    [
        ({}, "100.00"),
        ({"quantity": "3", "price": "33.333333"}, "100.00"),
        ({"price": Decimal("0.125")}, "0.13"),
        ({"price": Decimal("0.115"), "taxes": []}, "0.12"),
        ({"price": 1.005}, "1.01"),
        ({"taxes": [{"id": 13156}]}, "119.00"),
        ({"taxes": [{"id": "13156"}, {"id": 7}]}, "127.50"),
        ({"taxes": [{"id": 8}]}, "100.00"),
        ({"discount": None}, "100.00"),
        ({"discount": 0.0, "taxes": None}, "100.00"),
        ({"quantity": "99999999999.99", "price": "99999999999.99"}, "9999999999998000000000.00"),
    ],
    ids=str,
)
def test_a_total_by_the_documented_rule(item, total):
    assert str(invoice_total(one(**item), taxes=TAXES)) == total


def test_each_item_is_rounded_before_the_sum():
    item = {"quantity": 1, "price": "0.005", "taxes": [{"id": 13156}]}

    assert invoice_total({"items": [item] * 3}, taxes=TAXES) == Decimal("0.03")


def test_a_discount_is_of_the_type_of_the_document():
    item = one(quantity=2, discount=10)

    assert invoice_total(item, discount_type="Value") == Decimal("190.00")
    assert invoice_total(item, discount_type="Percentage") == Decimal("180.00")
    assert invoice_total(item) is None


def test_a_purchase_says_itself_what_its_discounts_are():
    assert invoice_total({**one(discount=10), "discount_type": "Percentage"}) == Decimal("90.00")


def test_a_percentage_is_claimed_only_where_its_own_rounding_makes_no_cent():
    # 0.05 less 10 %: 0.045 is 0.05, but less a discount that was rounded to 0.01 it is 0.04.
    assert invoice_total(one(price="0.05", discount=10), discount_type="Percentage") is None


UNCLEAR_DOCUMENTS = [
    {"retentions": [{"id": 1}]},
    {"global_discounts": [{"id": 1, "percentage": 10}]},
    {"globaldiscounts": [{"id": 1, "value": 10}]},
    {"global_charges": [{"id": 1}]},
    {"currency": {"code": "USD", "exchange_rate": 3825.03}},
    {"tax_included": True},
    {"healthcare_company": {"operation_type": "SS-Recaudo"}},
    {"items": []},
    {"items": None},
    {"items": "Item-1"},
    {"items": ["Item-1"]},
]
UNCLEAR_ITEMS = [
    {"taxed_price": 10000},
    {"tax_base": 1000, "taxpayer": "Company"},
    {"taxpayer": "Customer"},
    {"taxes": [{"id": 13156}, {"id": 99}]},
    {"taxes": [{}]},
    {"taxes": [13156]},
    {"taxes": "IVA"},
    {"taxes": [{"id": 13156.5}]},
    {"quantity": None},
    {"quantity": -1},
    {"quantity": "many"},
    {"price": math.nan},
    {"price": "0.0000001"},
    {"price": 100_000_000_000},
    {"discount": 101},
    {"discount": "some"},
]


@pytest.mark.parametrize("unclear", UNCLEAR_DOCUMENTS, ids=str)
def test_nothing_is_claimed_of_a_document_that_the_rule_does_not_cover(unclear):
    assert invoice_total({**one(), **unclear}, taxes=TAXES) is None


@pytest.mark.parametrize("unclear", UNCLEAR_ITEMS, ids=str)
def test_one_item_that_the_rule_does_not_cover_leaves_the_total_open(unclear):
    document = {"items": [*one()["items"], *one(**unclear)["items"]]}

    assert invoice_total(document, taxes=TAXES, discount_type="Value") is None


def test_nothing_is_claimed_where_the_company_says_how_it_rounds():
    assert invoice_total(one(), decimals=False) is None


@pytest.mark.parametrize("nothing", [None, [], "text", 1], ids=str)
def test_what_is_no_document_has_no_total(nothing):
    assert invoice_total(nothing) is None
    assert payments_total(nothing) is None
    assert check_payments(nothing, Decimal(1)) == []


@pytest.mark.parametrize("empty", ["retentions", "global_discounts", "currency", "tax_included"])
def test_an_empty_field_leaves_the_total_as_it_is(empty):
    assert invoice_total({**one(), empty: None}) == Decimal(100)
    assert invoice_total({**one(), empty: []}) == Decimal(100)


@record
class Line(Record):
    quantity: Decimal | None = field(default=None)
    price: Decimal | None = field(default=None)


@record
class Document(Record):
    items: list[Line] | None = field(default=None)
    payments: list[dict[str, Decimal]] | None = field(default=None)


def test_a_record_is_read_like_a_mapping():
    document = Document(items=[Line(quantity=Decimal(2), price=Decimal("1.5"))], payments=[{"value": Decimal(3)}])

    assert invoice_total(document) == payments_total(document) == Decimal(3)


QUANTITIES = st.decimals(0, 1000, places=2)
PRICES = st.decimals(0, 100_000, places=6)
ITEMS = st.lists(
    st.tuples(QUANTITIES, PRICES, st.lists(st.sampled_from(list(TAXES)), max_size=3), QUANTITIES),
    min_size=1,
    max_size=6,
)


def cents(amount: Fraction) -> Fraction:
    """Halves up, in whole numbers alone."""
    return Fraction(math.floor(amount * 100 + Fraction(1, 2)), 100)


def slow_total(items, *, percentage: bool, rounded: bool) -> Fraction:
    total = Fraction(0)
    for quantity, price, taxes, discount in items:
        gross = Fraction(quantity) * Fraction(price)
        off = gross * Fraction(discount) / 100 if percentage else Fraction(discount)
        base = cents(gross - (cents(off) if rounded else off))
        total += cents(base + sum(cents(base * Fraction(TAXES[tax]) / 100) for tax in taxes))
    return total


def written(items) -> dict[str, object]:
    return {
        "items": [
            {"quantity": quantity, "price": price, "taxes": [{"id": tax} for tax in taxes], "discount": discount}
            for quantity, price, taxes, discount in items
        ]
    }


@given(ITEMS)
def test_totals_without_discounts_agree_with_fractions(items):
    plain = [(quantity, price, taxes, Decimal(0)) for quantity, price, taxes, _ in items]

    assert Fraction(invoice_total(written(plain), taxes=TAXES)) == slow_total(plain, percentage=False, rounded=False)


@given(ITEMS)
def test_totals_with_discounts_by_value_agree_with_fractions(items):
    assume(all(quantity * price >= discount for quantity, price, _, discount in items))

    total = invoice_total(written(items), taxes=TAXES, discount_type="Value")

    assert Fraction(total) == slow_total(items, percentage=False, rounded=False)


@given(ITEMS)
def test_totals_with_discounts_by_percentage_agree_with_both_readings_or_are_not_claimed(items):
    fair = [(quantity, price, taxes, discount / 10) for quantity, price, taxes, discount in items]
    fair = [(quantity, price, taxes, discount.quantize(Decimal("0.01"))) for quantity, price, taxes, discount in fair]

    total = invoice_total(written(fair), taxes=TAXES, discount_type="Percentage")

    readings = [slow_total(fair, percentage=True, rounded=rounded) for rounded in (False, True)]
    if total is not None:
        assert [Fraction(total)] * 2 == readings
    else:
        assert any(
            slow_total([item], percentage=True, rounded=False) != slow_total([item], percentage=True, rounded=True)
            for item in fair
        )


@given(st.floats(0, 10_000).map(lambda number: round(number, 2)), st.integers(0, 100))
def test_a_float_counts_for_the_digits_that_it_shows(price, quantity):
    total = invoice_total(one(price=price, quantity=quantity))

    assert total == Decimal(repr(price)) * quantity


@pytest.mark.parametrize(
    ("payments", "total"),
    [
        ([], "0"),
        ([{"value": 0.1}, {"value": 0.2}], "0.3"),
        ([{"value": "10.00"}, {"value": 5}], "15"),
        ([{"value": 1}, {}], None),
        ([{"value": -1}], None),
        ([1], None),
        ("all", None),
    ],
    ids=str,
)
def test_payments_are_added_up_where_each_has_a_value(payments, total):
    assert payments_total({"payments": payments}) == (None if total is None else Decimal(total))


@given(st.lists(st.decimals(0, 10_000, places=2), max_size=5), st.decimals(0, 10_000, places=2))
def test_a_difference_between_payments_and_total_is_told_to_the_cent(values, total):
    document = {"payments": [{"id": 1, "value": value} for value in values]}
    difference = total - sum(values)

    complaints = check_payments(document, total)

    if difference:
        word = "short" if difference > 0 else "over"
        assert [(error.code, error.path) for error in complaints] == [("invalid_total_payments", "payments")]
        assert complaints[0].message.endswith(f"they are {abs(difference)} {word}")
    else:
        assert complaints == []


def test_no_payments_are_compared_without_a_total_or_beside_an_advance():
    document = {"payments": [{"id": 1, "value": 1}]}

    assert check_payments(document, None) == []
    assert check_payments({**document, "advance_payment": 9}, Decimal(10)) == []
    assert len(check_payments({**document, "advance_payment": 0}, Decimal(10))) == 1


def test_an_advance_does_not_change_the_total():
    assert invoice_total({**one(), "advance_payment": 10}) == Decimal(100)


def test_a_total_above_the_most_is_told():
    body = {"items": one(quantity="99999999", price="99999999")["items"], "payments": []}
    total = invoice_total(body)

    complaints = [(error.code, error.path) for error in check_purchase(body, total=total)]
    assert ("invalid_amount", "items") in complaints
    assert ("invalid_amount", "items") not in [(e.code, e.path) for e in check_purchase(body, total=Decimal(1))]
