"""Purchases, receipts, journals and reports: one test a documented rule, and the lenient readings."""

from __future__ import annotations

from decimal import Decimal

import pytest

from sagicc_async_siigo.checks import (
    check_journal,
    check_payment_receipt,
    check_purchase,
    check_test_balance_report,
    check_voucher,
)

from .test_checks_support import GONE, MOVES, VALID, changed, found, short

RECEIPTS = [(check_voucher, "customer"), (check_payment_receipt, "supplier")]
RECEIPT = pytest.mark.parametrize(("check", "party"), RECEIPTS, ids=["voucher", "payment receipt"])


@pytest.mark.parametrize(
    ("path", "value", "code"),
    [
        ("document", GONE, "parameter_required"),
        ("date", GONE, "parameter_required"),
        ("date", "2026/11/25", "invalid_date"),
        ("number", "x", "invalid_type"),
        ("supplier", GONE, "parameter_required"),
        ("supplier.identification", GONE, "parameter_required"),
        ("supplier.branch_office", 1000, "invalid_range"),
        ("provider_invoice.prefix", GONE, "parameter_required"),
        ("provider_invoice.prefix", "a" * 7, "length_max"),
        ("provider_invoice.number", GONE, "parameter_required"),
        ("provider_invoice.number", "1" * 12, "length_max"),
        ("provider_invoice.number", "FV1", "invalid_value"),
        ("observations", "a" * 4001, "length_max"),
        ("discount_type", "Amount", "invalid_value"),
        ("supplier_by_item", "x", "invalid_type"),
        ("tax_included", 1, "invalid_type"),
        ("cost_center", "x", "invalid_type"),
        ("currency", {"exchange_rate": "x"}, "invalid_type"),
        ("retentions", 1, "invalid_type"),
        ("items", GONE, "parameter_required"),
        ("items", [], "parameter_empty"),
        ("items[0].type", GONE, "parameter_required"),
        ("items[0].type", "Service", "invalid_value"),
        ("items[0].code", "", "parameter_empty"),
        ("items[0].quantity", 0.001, "invalid_amount"),
        ("items[0].price", GONE, "parameter_required"),
        ("items[0].price", "1.1234567", "invalid_amount"),
        ("items[0].supplier", 1, "parameter_not_allowed"),
        ("items[0].warehouse", "x", "invalid_type"),
        ("payments", GONE, "parameter_required"),
        ("payments[0].id", GONE, "parameter_required"),
        ("payments[0].value", -1, "invalid_amount"),
    ],
    ids=short,
)
def test_a_rule_of_purchases(path, value, code):
    inside = f".{next(iter(value))}" if isinstance(value, dict) else ""

    assert found(check_purchase, {path: value}) == [(code, path + inside)]


@pytest.mark.parametrize(
    "changes",
    [
        {"supplier_by_item": True, "items[0].supplier": 1},
        {"supplier_by_item": "true", "items[0].supplier": {"identification": "1"}},
        {"items[0].supplier": None},
        {"provider_invoice": {"prefix": "FV-1", "number": 12345678901}},
        {"provider_invoice": GONE, "discount_type": "percentage"},
        {"items[0].price": 0},
        {"payments": [{"id": 1, "value": 1, "due_date": "2026-12-01"}, {"id": 2, "value": 1}]},
    ],
    ids=short,
)
def test_what_siigo_may_accept_of_a_purchase_passes(changes):
    assert found(check_purchase, changes) == []


def test_payments_of_a_purchase_add_up_to_its_total():
    assert found(check_purchase, {}, total=Decimal("1273.02")) == [("invalid_total_payments", "payments")]
    assert found(check_purchase, {}, total=Decimal("1273.03")) == []


@RECEIPT
@pytest.mark.parametrize(
    ("path", "value", "code"),
    [
        ("document", GONE, "parameter_required"),
        ("date", GONE, "parameter_required"),
        ("date", "22-04-2026", "invalid_date"),
        ("currency", {"code": "XXX"}, "invalid_currency"),
        ("cost_center", "x", "invalid_type"),
        ("observations", 1, "invalid_type"),
        ("items", GONE, "parameter_required"),
        ("items", [], "parameter_empty"),
        ("items[0].value", GONE, "parameter_required"),
        ("items[0].value", -1, "invalid_amount"),
        ("items[0].due.prefix", GONE, "parameter_required"),
        ("items[0].due.consecutive", GONE, "parameter_required"),
        ("items[0].due.consecutive", 1.5, "invalid_type"),
        ("items[0].due.quote", GONE, "parameter_required"),
        ("items[0].due.date", "22/04/2026", "invalid_date"),
        ("payment", [], "invalid_type"),
        ("payment.id", GONE, "parameter_required"),
        ("payment.value", GONE, "parameter_required"),
        ("payment.value", 0.001, "invalid_amount"),
    ],
    ids=short,
)
def test_a_rule_of_receipts(check, party, path, value, code):
    inside = ".code" if path == "currency" else ""

    assert found(check, {path: value}) == [(code, path + inside)]


@RECEIPT
def test_a_receipt_names_its_third_party(check, party):
    assert found(check, {party: GONE}) == [("parameter_required", party)]
    assert found(check, {f"{party}.identification": GONE}) == [("parameter_required", f"{party}.identification")]


@RECEIPT
def test_a_receipt_says_what_it_is(check, party):
    assert found(check, {"type": GONE}) == [("parameter_required", "type")]
    assert found(check, {"type": "Advanced"}) == [("invalid_value", "type")]


@RECEIPT
def test_a_due_is_paid_once(check, party):
    first = VALID[check]["items"][0]
    again = changed(first, {"due.consecutive": "68"})
    other = changed(first, {"due.quote": 2})

    assert found(check, {"items": [first, other, again]}) == [("invalid_array", "items[2].due")]
    assert found(check, {"items": [first, other]}) == []


@RECEIPT
def test_an_advance_has_no_items(check, party):
    assert found(check, {"type": "AdvancePayment"}) == [("invalid_array", "items")]
    assert found(check, {"type": "AdvancePayment", "items": []}) == []
    assert found(check, {"type": "AdvancePayment", "items": GONE}) == []


@RECEIPT
def test_a_detailed_receipt_is_balanced(check, party):
    detailed = {"type": "Detailed", "payment": GONE, "items": MOVES}

    assert found(check, detailed) == []
    assert found(check, detailed | {"items": MOVES[:1]}) == [("invalid_balance", "items")]
    assert found(check, detailed | {"items": GONE}) == []


@RECEIPT
@pytest.mark.parametrize(
    ("item", "complaint"),
    [
        ({"value": 1, "account": {"movement": "Debit"}}, ("parameter_required", "account.code")),
        ({"value": 1, "account": {"code": "1", "movement": "Up"}}, ("invalid_value", "account.movement")),
        ({"account": {"code": "1", "movement": "Debit"}}, ("parameter_required", "value")),
        ({"value": 1, "tax": {"id": "IVA"}}, ("invalid_type", "tax.id")),
        ({"value": 1, "description": 1}, ("invalid_type", "description")),
        ({"value": 1, "due": {"prefix": "FV-1", "consecutive": 1}}, ("parameter_required", "due.quote")),
    ],
    ids=short,
)
def test_a_rule_of_detailed_items(check, party, item, complaint):
    code, at = complaint
    balance = [("invalid_balance", "items")] if "account.code" in at else []
    items = {"type": "Detailed", "items": [item]}

    assert found(check, items) == [(code, f"items[0].{at}"), *balance]


def test_an_income_of_another_kind_is_a_voucher_alone():
    income = {"type": "MiscIncome", "items": GONE, "income": {"id": 7}}

    assert found(check_voucher, income) == []
    assert found(check_voucher, income | {"income": {"id": "x"}}) == [("invalid_type", "income.id")]
    assert found(check_payment_receipt, income) == [("invalid_value", "type")]


@pytest.mark.parametrize(
    ("path", "value", "code"),
    [
        ("document", GONE, "parameter_required"),
        ("date", GONE, "parameter_required"),
        ("number", "x", "invalid_type"),
        ("observations", "a" * 4001, "length_max"),
        ("items", GONE, "parameter_required"),
        ("items", [], "parameter_empty"),
        ("items[0].account", GONE, "parameter_required"),
        ("items[0].account.code", GONE, "parameter_required"),
        ("items[0].account.code", "1105-05", "invalid_value"),
        ("items[0].account.code", 11050501, "invalid_type"),
        ("items[0].account.movement", GONE, "parameter_required"),
        ("items[0].account.movement", "Up", "invalid_value"),
        ("items[0].customer", GONE, "parameter_required"),
        ("items[0].customer.identification", GONE, "parameter_required"),
        ("items[0].value", GONE, "parameter_required"),
        ("items[0].value", -1, "invalid_amount"),
        ("items[0].cost_center", 1.5, "invalid_type"),
        ("items[0].due", {"date": "today"}, "invalid_date"),
        ("items[0].due", {"consecutive": 1.5}, "invalid_type"),
        ("items[0].due", {"prefix": 1}, "invalid_type"),
        ("items[0].due", {"quote": "x"}, "invalid_type"),
        ("items[0].tax", {"name": 1}, "invalid_type"),
        ("items[0].tax", {"type": 1}, "invalid_type"),
        ("items[0].description", 1, "invalid_type"),
        ("currency", {"exchange_rate": "x"}, "invalid_type"),
        ("items[0].tax", {"id": 1.5}, "invalid_type"),
        ("items[0].tax", {"percentage": "x"}, "invalid_type"),
        ("items[0].tax", {"base_value": 0.001}, "invalid_amount"),
        ("items[0].fixed_assets", "x", "invalid_type"),
    ],
    ids=short,
)
def test_a_rule_of_journals(path, value, code):
    inside = f".{next(iter(value))}" if isinstance(value, dict) else ""

    assert found(check_journal, {path: value}) == [(code, path + inside)]


@pytest.mark.parametrize(
    ("product", "complaint"),
    [
        ({"quantity": 1}, ("parameter_required", "items[0].product.code")),
        ({"code": "a"}, ("parameter_required", "items[0].product.quantity")),
        ({"code": "a", "quantity": 0.001}, ("invalid_amount", "items[0].product.quantity")),
        ({"code": "a", "quantity": 1, "warehouse": "x"}, ("invalid_type", "items[0].product.warehouse")),
    ],
    ids=short,
)
def test_a_rule_of_products_in_journals(product, complaint):
    assert found(check_journal, {"items[0].product": product}) == [complaint]


def test_a_journal_is_balanced_to_the_cent():
    assert found(check_journal, {"items[0].value": 119000.01}) == [("invalid_balance", "items")]
    assert found(check_journal, {"items[0].value": "119000.00"}) == []

    (error,) = check_journal(changed(VALID[check_journal], {"items[1].value": 119000.5}))
    assert "the credits are 0.5 more" in error.message


@pytest.mark.parametrize(
    ("path", "value", "code"),
    [
        ("year", GONE, "parameter_required"),
        ("year", 26, "invalid_range"),
        ("year", 10000, "invalid_range"),
        ("year", 2026.5, "invalid_type"),
        ("month_start", GONE, "parameter_required"),
        ("month_start", 0, "invalid_range"),
        ("month_end", GONE, "parameter_required"),
        ("month_end", 14, "invalid_range"),
        ("includes_tax_difference", GONE, "parameter_required"),
        ("includes_tax_difference", "no", "invalid_type"),
        ("account_start", 11050501, "invalid_type"),
        ("account_end", 11050501, "invalid_type"),
        ("customer", {"identification": []}, "invalid_type"),
        ("account_start", "51050501", "invalid_range"),
        ("customer", "209048401", "invalid_type"),
    ],
    ids=short,
)
def test_a_rule_of_reports(path, value, code):
    inside = f".{next(iter(value))}" if isinstance(value, dict) else ""

    assert found(check_test_balance_report, {path: value}) == [(code, path + inside)]


def test_the_first_month_is_not_after_the_last():
    backwards = {"month_start": 12, "month_end": 1}

    assert found(check_test_balance_report, backwards) == [("invalid_range", "month_start")]
    assert found(check_test_balance_report, {"month_start": 13}) == []


@pytest.mark.parametrize(
    "changes",
    [
        {"account_start": "", "account_end": GONE},
        # In order as texts, not as numbers; and the other way round.
        {"account_start": "11050501", "account_end": "4135"},
        {"account_start": "4135", "account_end": "11050501"},
        {"customer": {"identification": 209048401, "branch_office": 0}},
        {"customer": {"identification": "209048401"}},
    ],
    ids=short,
)
def test_what_siigo_may_accept_of_a_report_passes(changes):
    assert found(check_test_balance_report, changes) == []


def test_a_branch_of_a_report_has_three_digits():
    assert found(check_test_balance_report, {"customer": {"branch_office": 1000}}) == [
        ("invalid_range", "customer.branch_office")
    ]
