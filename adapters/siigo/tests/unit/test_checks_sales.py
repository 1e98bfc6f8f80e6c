"""Invoices, batches, quotations and credit notes: one test a documented rule, and the lenient readings."""

from __future__ import annotations

from decimal import Decimal

import pytest

from sagicc_async_siigo.checks import check_credit_note, check_invoice, check_invoice_batch, check_quotation

from .test_checks_support import CUSTOMER, GONE, ITEM, VALID, changed, found, short

#: What invoices and credit notes have in common.
SALES_RULES = [
    ("document", GONE, "parameter_required"),
    ("document.id", GONE, "parameter_required"),
    ("document.id", "FV-1", "invalid_type"),
    ("date", GONE, "parameter_required"),
    ("date", "2026-02-30", "invalid_date"),
    ("date", "20261125", "invalid_date"),
    ("number", 1.5, "invalid_type"),
    ("cost_center", "CC", "invalid_type"),
    ("seller", "Nombre", "invalid_type"),
    ("items", GONE, "parameter_required"),
    ("items", [], "parameter_empty"),
    ("items", [ITEM] * 501, "invalid_array"),
    ("items", "Item-1", "invalid_type"),
    ("items[0]", "Item-1", "invalid_type"),
    ("items[0].code", GONE, "parameter_required"),
    ("items[0].code", 1, "invalid_type"),
    ("items[0].description", 1, "invalid_type"),
    ("items[0].customer", {"identification": 1}, "invalid_type"),
    ("items[0].quantity", GONE, "parameter_required"),
    ("items[0].quantity", "1.001", "invalid_amount"),
    ("items[0].quantity", -1, "invalid_amount"),
    ("items[0].price", GONE, "parameter_required"),
    ("items[0].price", 0.0000001, "invalid_amount"),
    ("items[0].price", Decimal("99999999999.991"), "invalid_amount"),
    ("items[0].taxed_price", "1.1234567", "invalid_amount"),
    ("items[0].discount", -1, "invalid_amount"),
    ("items[0].discount", 0.125, "invalid_amount"),
    ("items[0].taxes", [{"id": n} for n in range(4)], "invalid_array"),
    ("items[0].seller", "Nombre", "invalid_type"),
    ("items[0].warehouse", [], "invalid_type"),
    ("items[0].tax_base", 0, "invalid_amount"),
    ("items[0].tax_base", 100_000_000_000, "invalid_amount"),
    ("items[0].taxpayer", "Siigo", "invalid_value"),
    ("items[0].customer", {"branch_office": 1000}, "invalid_range"),
    ("items[0].transport", {"file_number": 0}, "invalid_range"),
    ("items[0].transport", {"file_number": 100_000_000_001}, "invalid_range"),
    ("items[0].transport", {"shipment_number": "a" * 16}, "length_max"),
    ("items[0].transport", {"shipment_number": "RM*1"}, "invalid_value"),
    ("items[0].transport", {"transported_quantity": 1.5}, "invalid_type"),
    ("items[0].transport", {"transported_quantity": 100_000_000}, "length_max"),
    ("items[0].transport", {"measurement_unit": "LBR"}, "invalid_value"),
    ("items[0].transport", {"freight_value": 10**12}, "length_max"),
    ("items[0].transport", {"purchase_order": "a" * 51}, "length_max"),
    ("items[0].transport", {"service_type": "Other"}, "invalid_value"),
    ("payments", GONE, "parameter_required"),
    ("payments[0].id", GONE, "parameter_required"),
    ("payments[0].value", GONE, "parameter_required"),
    ("payments[0].value", "1.001", "invalid_amount"),
    ("payments[0].value", Decimal("100000000000.00"), "invalid_amount"),
    ("payments[0].due_date", "19/12/2026", "invalid_date"),
    ("currency", {"code": "XXX"}, "invalid_currency"),
    ("currency", {"exchange_rate": "a lot"}, "invalid_type"),
    ("stamp", {"send": "maybe"}, "invalid_type"),
    ("mail", {"send": 1}, "invalid_type"),
    ("healthcare_company", {"operation_type": "SS-Other"}, "invalid_value"),
]
INVOICE_RULES = [
    ("seller", GONE, "parameter_required"),
    ("customer", GONE, "parameter_required"),
    ("customer.identification", GONE, "parameter_required"),
    ("customer.branch_office", 1000, "invalid_range"),
    ("observations", "a" * 4001, "length_max"),
    ("retentions", {"id": 1}, "invalid_type"),
    ("advance_payment", -1, "invalid_amount"),
    ("advance_payment", 0.001, "invalid_amount"),
    ("global_discounts", {"id": 1}, "invalid_type"),
    ("healthcare_company.operation_type", GONE, "parameter_required"),
    ("healthcare_company.period_start", GONE, "parameter_required"),
    ("healthcare_company.period_end", GONE, "parameter_required"),
    ("healthcare_company.period_end", "2026-13-01", "invalid_date"),
    ("healthcare_company.period_start", "14/02/2026", "invalid_date"),
    ("healthcare_company.payment_method", "06", "invalid_range"),
    ("healthcare_company.service_plan", 16, "invalid_range"),
    ("healthcare_company.policy_number", "a" * 51, "length_max"),
    ("healthcare_company.contract_number", "a" * 51, "length_max"),
    ("healthcare_company.copayment", Decimal("10000000000.00"), "invalid_amount"),
    ("healthcare_company.coinsurance", -1, "invalid_amount"),
    ("healthcare_company.cost_sharing", 0.001, "invalid_amount"),
    ("healthcare_company.recovery_charge", "x", "invalid_type"),
]
NOTE_RULES = [
    ("date", "2026/11/25", "invalid_date"),
    ("invoice_data.date", "2026/03/20", "invalid_date"),
    ("invoice_data.date", GONE, "parameter_required"),
    ("invoice_data.number", GONE, "parameter_required"),
    ("invoice_data.cufe", GONE, "parameter_required"),
    ("invoice_data.cufe", "a" * 201, "length_max"),
    ("customer", GONE, "parameter_required"),
    ("customer.identification", GONE, "parameter_required"),
    ("seller", GONE, "parameter_required"),
    ("reason", 8, "invalid_range"),
    ("reason", "return", "invalid_type"),
    ("observations", 1, "invalid_type"),
    ("invoice_data.prefix", 1, "invalid_type"),
    ("invoice_data.number", [], "invalid_type"),
    ("retentions", [{"id": "x"}], "invalid_type"),
]


def where(path: str, value: object) -> str:
    """A value that is an object, or a list of one, is wrong in its one field."""
    if isinstance(value, dict) and path not in {"retentions", "global_discounts"}:
        return f"{path}.{next(iter(value))}"
    return f"{path}[0].id" if path == "retentions" and isinstance(value, list) else path


@pytest.mark.parametrize("check", [check_invoice, check_credit_note], ids=short)
@pytest.mark.parametrize(("path", "value", "code"), SALES_RULES, ids=short)
def test_a_rule_of_invoices_and_credit_notes(check, path, value, code):
    assert found(check, {path: value}) == [(code, where(path, value))]


@pytest.mark.parametrize(("path", "value", "code"), INVOICE_RULES, ids=short)
def test_a_rule_of_invoices(path, value, code):
    assert found(check_invoice, {path: value}) == [(code, where(path, value))]


@pytest.mark.parametrize(("path", "value", "code"), NOTE_RULES, ids=short)
def test_a_rule_of_credit_notes(path, value, code):
    assert found(check_credit_note, {path: value}) == [(code, where(path, value))]


@pytest.mark.parametrize("price", [0, "0", 0.0, Decimal("0.00")], ids=repr)
def test_who_gives_something_away_says_what_its_vat_is_reckoned_from(price):
    assert found(check_invoice, {"items[0].price": price}) == [
        ("parameter_required", "items[0].tax_base"),
        ("parameter_required", "items[0].taxpayer"),
    ]


def test_the_same_tax_twice_is_one_type_twice():
    taxes = [{"id": 1}, {"id": 2}, {"id": "1"}]

    assert found(check_invoice, {"items[0].taxes": taxes}) == [("invalid_array", "items[0].taxes[2].id")]


def test_a_payment_with_a_due_date_stands_alone():
    cash = {"id": 1, "value": 1}

    assert found(check_invoice, {"payments": [cash, {**cash, "due_date": "2026-12-19"}]}) == [
        ("invalid_array", "payments")
    ]
    assert found(check_invoice, {"payments": [cash, cash]}) == []


@pytest.mark.parametrize("name", ["global_discounts", "globaldiscounts"])
@pytest.mark.parametrize(
    ("discount", "complaint"),
    [
        ({"id": "x"}, ("invalid_type", "id")),
        ({"percentage": 0}, ("invalid_range", "percentage")),
        ({"percentage": 100}, ("invalid_range", "percentage")),
        ({"percentage": 0.125}, ("invalid_amount", "percentage")),
        ({"value": -1}, ("invalid_amount", "value")),
    ],
    ids=short,
)
def test_a_rule_of_global_discounts_in_both_spellings(name, discount, complaint):
    code, at = complaint

    assert found(check_invoice, {name: [discount]}) == [(code, f"{name}[0].{at}")]


@pytest.mark.parametrize("slip", ["purchase_order", "delivery_order"])
@pytest.mark.parametrize("part", ["prefix", "number"])
def test_prefix_and_number_of_an_order_are_short(slip, part):
    assert found(check_invoice, {"additional_fields": {slip: {part: "a" * 21}}}) == [
        ("length_max", f"additional_fields.{slip}.{part}")
    ]


def test_health_care_with_a_charge_names_one():
    assert found(check_invoice, {"healthcare_company.copayment": GONE}) == [
        ("parameter_required", "healthcare_company")
    ]
    assert found(check_invoice, {"healthcare_company": {"operation_type": "SS-Recaudo"}}) == []


def test_a_customer_that_is_to_be_created_is_described_in_full():
    assert found(check_invoice, {"customer": CUSTOMER}) == []
    assert found(check_invoice, {"customer": {"id_type": "13", "identification": "12"}}) == [
        ("parameter_required", "customer.person_type"),
        ("parameter_required", "customer.name"),
        ("parameter_required", "customer.address"),
        ("parameter_required", "customer.phones"),
        ("parameter_required", "customer.contacts"),
        ("length_min", "customer.identification"),
    ]


@pytest.mark.parametrize(
    "changes",
    [
        {"items[0].price": GONE, "items[0].taxed_price": 10000},
        {"items[0].price": 0, "items[0].taxed_price": 10000},
        {"items[0].taxes": [{}, {}]},
        {"items": [ITEM] * 500},
        {"items[0].quantity": "1", "payments[0].id": "5636"},
        {"items[0].price": Decimal("1.12345600")},
        {"retentions": [1, {"id": 2}]},
        {"currency": {}, "stamp": {}, "mail": {"send": "true"}},
        {"healthcare_company.payment_method": "04", "healthcare_company.service_plan": 15},
        {"payments": []},
    ],
    ids=short,
)
def test_what_siigo_may_accept_of_an_invoice_passes(changes):
    assert found(check_invoice, changes) == []


@pytest.mark.parametrize(
    "changes",
    [
        {"reason": GONE, "invoice_data.number": GONE, "invoice_data.cufe": GONE},
        {"reason": 5, "invoice_data.number": 458, "invoice_data.cufe": GONE},
        {"invoice_data": GONE, "seller": GONE, "customer": GONE},
        {"invoice_data": GONE, "invoice": "302580DF-838B-4531-b8bf-dd3c98b34059", "customer": GONE, "seller": GONE},
        {"invoice_data": GONE, "invoice": "{302580df838b4531b8bfdd3c98b34059}"},
        {"observations": "a" * 5000},
    ],
    ids=short,
)
def test_what_siigo_may_accept_of_a_credit_note_passes(changes):
    assert found(check_credit_note, changes) == []


def test_a_credit_note_names_its_invoice_in_one_way():
    guid = "302580df-838b-4531-b8bf-dd3c98b34059"

    assert found(check_credit_note, {"invoice": guid}) == [("parameters_exclusive", "invoice_data")]


def test_the_invoice_of_a_credit_note_is_a_guid():
    assert found(check_credit_note, {"invoice_data": GONE, "invoice": "FV-1-22"}) == [("invalid_value", "invoice")]


@pytest.mark.parametrize("check", [check_invoice, check_credit_note], ids=short)
def test_payments_that_do_not_add_up_are_told_with_the_difference(check):
    body = changed(VALID[check], {"payments": [{"id": 1, "value": 1000}, {"id": 2, "value": "273.00"}]})

    (error,) = check(body, total=Decimal("1273.03"))

    assert (error.code, error.path) == ("invalid_total_payments", "payments")
    assert "0.03 short" in error.message
    assert check(body, total=Decimal("1273.00")) == []


def test_an_advance_is_no_more_than_the_total():
    advance = {"advance_payment": 1273.04}

    assert found(check_invoice, advance, total=Decimal("1273.03")) == [("invalid_amount", "advance_payment")]
    assert found(check_invoice, advance, total=Decimal("1273.04")) == []


@pytest.mark.parametrize(
    ("path", "value", "code"),
    [
        ("notification_url", GONE, "parameter_required"),
        ("notification_url", "http://example.com", "invalid_url"),
        ("notification_url", "https://" + "a" * 2040, "length_max"),
        ("invoices", GONE, "parameter_required"),
        ("invoices", [], "parameter_empty"),
        ("invoices[0].idempotency_key", GONE, "parameter_required"),
        ("invoices[0].idempotency_key", "a-1", "invalid_idempotency_key"),
        ("invoices[0].idempotency_key", "a" * 31, "invalid_idempotency_key"),
        ("invoices[1].items[0].price", "x", "invalid_type"),
    ],
    ids=short,
)
def test_a_rule_of_batches(path, value, code):
    assert found(check_invoice_batch, {path: value}) == [(code, path)]


def test_each_invoice_of_a_batch_has_a_key_of_its_own():
    assert found(check_invoice_batch, {"invoices[1].idempotency_key": "a1"}) == [
        ("invalid_idempotency_key", "invoices[1].idempotency_key")
    ]


def test_the_longest_url_and_key_pass():
    longest = {"notification_url": "https://" + "a" * 2039, "invoices[0].idempotency_key": "Aa0" * 10}

    assert found(check_invoice_batch, longest) == []


@pytest.mark.parametrize(
    ("path", "value", "code"),
    [
        ("document", GONE, "parameter_required"),
        ("date", GONE, "parameter_required"),
        ("date", "25-11-2026", "invalid_date"),
        ("number", "x", "invalid_type"),
        ("customer", GONE, "parameter_required"),
        ("customer.identification", GONE, "parameter_required"),
        ("seller", GONE, "parameter_required"),
        ("cost_center", "x", "invalid_type"),
        ("currency.exchange_rate", GONE, "parameter_required"),
        ("currency.code", "XXX", "invalid_currency"),
        ("items", GONE, "parameter_required"),
        ("items", [], "parameter_empty"),
        ("items[0].code", GONE, "parameter_required"),
        ("items[0].quantity", GONE, "parameter_required"),
        ("items[0].quantity", 10_000_000, "invalid_amount"),
        ("items[0].quantity", 0.001, "invalid_amount"),
        ("items[0].price", GONE, "parameter_required"),
        ("items[0].price", 100_000_000_000, "invalid_amount"),
        ("items[0].price", "1.1234567", "invalid_amount"),
        ("items[0].discount", -1, "invalid_amount"),
        ("items[0].taxes", [{"id": n} for n in range(4)], "invalid_array"),
    ],
    ids=short,
)
def test_a_rule_of_quotations(path, value, code):
    assert found(check_quotation, {path: value}) == [(code, path)]


def test_what_siigo_may_accept_of_a_quotation_passes():
    assert found(check_quotation, {"items": [ITEM] * 501, "currency": GONE}) == []
    assert found(check_quotation, {"items[0].quantity": "9999999.99", "items[0].price": "99999999999.99"}) == []
