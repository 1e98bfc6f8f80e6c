"""What holds for every check: the vendor's examples pass, all complaints come at once, and no JSON makes one raise."""

from __future__ import annotations

import enum
import math
from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sagicc_async import Record, Timestamp, field, record
from sagicc_async_siigo import checks
from sagicc_async_siigo.checks import (
    check_credit_note,
    check_invoice,
    check_payment_receipt,
    check_product,
    check_voucher,
)
from sagicc_async_siigo.checks.reading import decimals_of

from .test_checks_support import EXAMPLES, GONE, INVOICE, VALID, Check, changed, found, short

BY_TYPE: dict[str, Check] = {
    "ProductIn": checks.check_product,
    "AccounGroupIn": checks.check_account_group,
    "CustomerIn": checks.check_customer,
    "InvoiceInDian": checks.check_invoice,
    "InvoiceBatchIn": checks.check_invoice_batch,
    "QuotationIn": checks.check_quotation,
    "CreditNoteIn": checks.check_credit_note,
    "PurchasesIn": checks.check_purchase,
    "VoucherIn": checks.check_voucher,
    "PayoutsIn": checks.check_payment_receipt,
    "PayoutsInDetailed": checks.check_payment_receipt,
    "JournalsInDev": checks.check_journal,
    "BalanceIn": checks.check_test_balance_report,
    "WebhooksInPUT": checks.check_webhook,
}
BY_PATH: dict[str, Check] = {
    "/v1/products": check_product,
    "/v1/invoices": check_invoice,
    "/v1/credit-notes": check_credit_note,
    "/v1/vouchers": check_voucher,
    "/v1/payment-receipts": check_payment_receipt,
}
REQUESTS = [example for example in EXAMPLES if example["kind"] == "request" and example["path"] != "/auth"]


def checked_by(example: Mapping[str, Any]) -> Check:
    return BY_TYPE.get(example.get("type", "")) or BY_PATH[example["path"]]


@pytest.mark.parametrize(
    "example", REQUESTS, ids=lambda example: f"{example['action']}: {example.get('type') or example['label']}"
)
def test_every_request_that_the_vendor_prints_passes(example):
    check = checked_by(example)
    # A fragment shows one field of a document, which a valid one is given.
    whole = {**VALID[check], **example["body"]} if example.get("fragment") else example["body"]

    assert check(whole) == []


@pytest.mark.parametrize("check", VALID, ids=short)
def test_the_valid_documents_pass(check):
    assert check(VALID[check]) == []


@pytest.mark.parametrize("check", VALID, ids=short)
def test_a_field_that_is_not_documented_is_no_complaint(check):
    assert check({**VALID[check], "new_at_siigo": [{"a": None}]}) == []


@pytest.mark.parametrize("check", VALID, ids=short)
@pytest.mark.parametrize("body", [None, [], "text", 1, True], ids=short)
def test_a_body_that_is_no_object_is_told(check, body):
    assert ("invalid_type", "") in [(error.code, error.path) for error in check(body)]


def test_all_complaints_come_at_once():
    broken = {
        "document.id": "no number",
        "date": "25/11/2026",
        "seller": GONE,
        "items[0].price": Decimal("1.1234567"),
        "items[0].taxes": [{"id": 1}, {"id": "1"}],
        "payments[0].value": -1,
        "healthcare_company.copayment": GONE,
    }

    assert set(found(check_invoice, broken)) == {
        ("invalid_type", "document.id"),
        ("invalid_date", "date"),
        ("parameter_required", "seller"),
        ("invalid_amount", "items[0].price"),
        ("invalid_array", "items[0].taxes[1].id"),
        ("invalid_amount", "payments[0].value"),
        ("parameter_required", "healthcare_company"),
    }


def test_a_null_is_as_little_as_a_missing_key():
    assert found(check_invoice, {"seller": None}) == [("parameter_required", "seller")]
    assert found(check_invoice, {"healthcare_company": None}) == []


def test_an_empty_text_is_refused_where_it_is_required_and_nowhere_else():
    assert found(check_product, {"name": ""}) == [("parameter_empty", "name")]
    assert found(check_product, {"reference": "", "unit": "", "description": ""}) == []


def test_a_message_says_where_and_what_to_do_and_quotes_no_value():
    (error,) = check_product(changed(VALID[check_product], {"code": "secret code"}))

    assert error.message == "code: send it without spaces and apostrophes"
    assert error.value is None


class Taxation(enum.Enum):
    TAXED = "Taxed"


def test_values_that_are_written_as_the_vendor_wants_them_pass():
    day = date(2026, 11, 25)
    note = {"date": day, "invoice": UUID(int=7), "invoice_data": GONE}

    assert found(check_credit_note, note) == []
    assert found(check_product, {"tax_classification": Taxation.TAXED}) == []
    assert found(check_invoice, {"items": ({**INVOICE["items"][0], "quantity": 0.1},)}) == []


@pytest.mark.parametrize(
    "moment", [datetime(2026, 11, 25, tzinfo=UTC), Timestamp.parse("2026-11-25T00:00:00.0000000+00:00")], ids=repr
)
def test_a_moment_is_no_day(moment):
    assert found(check_invoice, {"date": moment}) == [("invalid_date", "date")]


@record
class Line(Record):
    code: str | None = field(default=None)
    quantity: Decimal | None = field(default=None)
    price: Decimal | None = field(default=None)


def test_records_are_read_wherever_they_stand():
    line = Line(code="Item-1", quantity=Decimal(1), price=Decimal("1.1234567"))

    assert found(check_invoice, {"items": [line]}) == [("invalid_amount", "items[0].price")]


@pytest.mark.parametrize(
    "number", [math.nan, math.inf, Decimal("sNaN"), True, "1e3", "1,5", " 1", "", [], "\u0661"], ids=repr
)
def test_what_is_no_number_is_told(number):
    assert found(check_invoice, {"items[0].quantity": number})[0][0] in {"invalid_type", "parameter_empty"}


@given(st.integers(), st.integers(0, 12), st.integers(0, 5))
def test_zeros_at_the_end_are_no_decimals(digits, decimals, zeros):
    number = Decimal(digits).scaleb(-decimals)
    padded = Decimal(f"{number:f}{'' if decimals else '.'}{'0' * (zeros + 1)}")

    assert decimals_of(padded) == decimals_of(number) <= decimals
    assert Decimal(f"{number:.{decimals_of(number)}f}") == number


def keys_of(value: Any) -> set[str]:
    if isinstance(value, dict):
        return set(value).union(*map(keys_of, value.values()))
    return set().union(*map(keys_of, value)) if isinstance(value, list) else set()


KEYS = sorted(keys_of([*VALID.values(), *(example["body"] for example in REQUESTS)]))
WORDS = ["", "Person", "13", "Combo", "Detailed", "AdvancePayment", "MiscIncome", "Debit", "SS-CUFE", "2026-11-25"]
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.decimals(),
    st.sampled_from([Decimal("1e999999999"), Decimal("-1e9999999"), Decimal("1e-9999999"), 10**4000]),
    st.text(),
    st.sampled_from(WORDS),
)
JSON = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(KEYS) | st.text(), inner, max_size=8),
    max_leaves=30,
)


@given(st.sampled_from(list(VALID)), JSON)
def test_no_json_makes_a_check_raise(check, body):
    assert all(error.code and error.message for error in check(body))


@given(st.data())
def test_no_json_inside_a_valid_document_makes_a_check_raise(data):
    check = data.draw(st.sampled_from(list(VALID)))
    name = data.draw(st.sampled_from(list(VALID[check])))
    inner = VALID[check][name]
    body = data.draw(JSON)
    if isinstance(inner, list) and isinstance(inner[0], dict) and data.draw(st.booleans()):
        body = [{**inner[0], data.draw(st.sampled_from(list(inner[0]))): body}, *inner]

    assert all(error.code and error.message for error in check({**VALID[check], name: body}))


@given(st.sampled_from([check_invoice, check_credit_note, checks.check_purchase]), JSON)
def test_no_json_makes_a_check_against_a_total_raise(check, payments):
    assert isinstance(check({**VALID[check], "payments": payments}, total=Decimal("1.00")), list)
