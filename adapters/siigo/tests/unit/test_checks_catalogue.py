"""Products, account groups, third parties, webhooks and mails: one test a documented rule, and the lenient readings."""

from __future__ import annotations

import pytest

from sagicc_async_siigo.checks import check_account_group, check_customer, check_mail, check_product, check_webhook

from .test_checks_support import GONE, VALID, found, short

PRODUCT_RULES = [
    ("code", GONE, "parameter_required"),
    ("code", "a" * 31, "length_max"),
    ("code", "a b", "invalid_code"),
    ("code", "a'b", "invalid_code"),
    ("code", "ab\n", "invalid_code"),
    ("code", 1234, "invalid_type"),
    ("name", GONE, "parameter_required"),
    ("name", "a" * 101, "length_max"),
    ("name", "a<b", "invalid_name"),
    ("account_group", GONE, "parameter_required"),
    ("account_group", "1.5", "invalid_type"),
    ("type", "Bundle", "invalid_value"),
    ("stock_control", "maybe", "invalid_type"),
    ("active", 1, "invalid_type"),
    ("tax_classification", "Other", "invalid_value"),
    ("tax_included", "", "invalid_type"),
    ("tax_consumption_value", -1, "invalid_amount"),
    ("tax_consumption_value", "1.001", "invalid_amount"),
    ("tax_consumption_value", 100_000_000_000, "invalid_amount"),
    ("taxes", {"id": 1}, "invalid_type"),
    ("taxes[0].id", "IVA", "invalid_type"),
    ("taxes[0].milliliters", "much", "invalid_type"),
    ("taxes[0].rate", 36, "invalid_value"),
    ("prices", [{}] * 13, "invalid_array"),
    ("prices[0].currency_code", "XXX", "invalid_currency"),
    ("prices[0].price_list", [{}] * 13, "invalid_array"),
    ("prices[0].price_list[0].position", 0, "invalid_range"),
    ("prices[0].price_list[0].position", 13, "invalid_range"),
    ("prices[0].price_list[0].value", 1.005, "invalid_amount"),
    ("unit", 94, "invalid_type"),
    ("unit_label", [], "invalid_type"),
    ("reference", "a" * 81, "length_max"),
    ("description", "a" * 2501, "length_max"),
    ("description", "a=b", "invalid_description"),
    ("additional_fields", "none", "invalid_type"),
    ("additional_fields.barcode", "a" * 51, "length_max"),
    ("additional_fields.brand", "a" * 51, "length_max"),
    ("additional_fields.tariff", "1" * 11, "length_max"),
    ("additional_fields.tariff", "15.16", "invalid_value"),
    ("additional_fields.model", "a" * 51, "length_max"),
    ("components", [{"code": "a", "quantity": 1}], "parameter_not_allowed"),
]
PRODUCT_LENIENT = [
    {"type": GONE},
    {"type": "combo", "components": [{"code": "a", "quantity": "1"}]},
    # An edit may leave the type out.
    {"type": GONE, "components": [{"code": "a", "quantity": 1}]},
    {"components": []},
    {"tax_classification": "taxed", "active": "true"},
    {"taxes": [{}], "prices": [{"price_list": [{}]}]},
    {"name": 'Té & café ¡100% natural, 1/2 kg ("fino")'},
    # The same accent, as two characters.
    {"name": "Cafe\u0301", "description": ""},
    {"additional_fields.tariff": 151612, "account_group": "1253"},
    {"tax_consumption_value": "99999999999.990"},
]


@pytest.mark.parametrize(("path", "value", "code"), PRODUCT_RULES, ids=short)
def test_a_rule_of_products(path, value, code):
    assert found(check_product, {path: value}) == [(code, path)]


def test_a_component_has_an_amount():
    assert found(check_product, {"type": "Combo", "components": [{"code": "a", "quantity": "many"}]}) == [
        ("invalid_type", "components[0].quantity")
    ]


@pytest.mark.parametrize("changes", PRODUCT_LENIENT, ids=short)
def test_what_siigo_may_accept_of_a_product_passes(changes):
    assert found(check_product, changes) == []


@pytest.mark.parametrize(
    ("path", "value", "code"),
    [
        ("code", GONE, "parameter_required"),
        ("code", "a" * 11, "length_max"),
        ("code", "a b", "invalid_code"),
        ("code", "a-b", "invalid_code"),
        ("code", "a_b", "invalid_code"),
        ("name", GONE, "parameter_required"),
        ("name", "a" * 51, "length_max"),
    ],
    ids=short,
)
def test_a_rule_of_account_groups(path, value, code):
    assert found(check_account_group, {path: value}) == [(code, path)]


CUSTOMER_RULES = [
    ("type", "Friend", "invalid_value"),
    ("person_type", GONE, "parameter_required"),
    ("person_type", "Robot", "invalid_value"),
    ("id_type", GONE, "parameter_required"),
    ("id_type", "99", "invalid_value"),
    ("id_type", 13, "invalid_type"),
    ("identification", GONE, "parameter_required"),
    ("identification", 13832081, "invalid_type"),
    ("identification", "12", "length_min"),
    ("identification", "1" * 14, "length_max"),
    ("identification", "1" * 51, "length_max"),
    ("identification", "13832A", "invalid_identification"),
    ("identification", "138 32", "invalid_identification"),
    ("identification", "-13832", "invalid_identification"),
    ("check_digit", "12", "length_max"),
    ("check_digit", "x", "invalid_value"),
    ("name", GONE, "parameter_required"),
    ("name", "Nombre Apellido", "invalid_type"),
    ("name", ["Nombre"], "invalid_array"),
    ("name", ["Nombre", "Otro", "Apellido"], "invalid_array"),
    ("name[1]", "a" * 101, "length_max"),
    ("branch_office", 1000, "invalid_range"),
    ("branch_office", -1, "invalid_range"),
    ("branch_office", 1.5, "invalid_type"),
    ("active", "si", "invalid_type"),
    ("vat_responsible", 0, "invalid_type"),
    ("commercial_name", 1, "invalid_type"),
    ("custom_fields", "none", "invalid_type"),
    ("fiscal_responsibilities[0].code", "R-1", "invalid_value"),
    ("fiscal_responsibilities[0].code", GONE, "parameter_required"),
    ("address", GONE, "parameter_required"),
    ("address.address", GONE, "parameter_required"),
    ("address.address", "a" * 257, "length_max"),
    ("address.city", GONE, "parameter_required"),
    ("address.city.country_code", GONE, "parameter_required"),
    ("address.city.state_code", GONE, "parameter_required"),
    ("address.city.city_code", GONE, "parameter_required"),
    ("address.city.city_code", 19001, "invalid_type"),
    ("address.postal_code", "1" * 11, "length_max"),
    ("address.postal_code", "110 911", "invalid_value"),
    ("phones", GONE, "parameter_required"),
    ("phones[0].indicative", "+57", "invalid_value"),
    ("phones[0].number", "1" * 11, "length_max"),
    ("phones[0].number", "300 600", "invalid_value"),
    ("phones[0].extension", "x1", "invalid_value"),
    ("contacts", GONE, "parameter_required"),
    ("contacts", [{"first_name": "Nombre"}] * 21, "invalid_array"),
    ("contacts[0].first_name", GONE, "parameter_required"),
    ("contacts[0].first_name", "a" * 51, "length_max"),
    ("contacts[0].last_name", "a" * 51, "length_max"),
    ("contacts[0].email", "a" * 90 + "@example.com", "length_max"),
    ("contacts[0].email", "contacto", "invalid_email"),
    ("contacts[0].email", "contacto@example", "invalid_email"),
    ("contacts[0].email", "a b@example.com", "invalid_email"),
    ("contacts[0].phone", {"number": "1-2"}, "invalid_value"),
    ("comments", "a" * 4001, "length_max"),
    ("related_users", {"seller_id": "x"}, "invalid_type"),
    ("related_users", {"collector_id": "x"}, "invalid_type"),
]
CUSTOMER_LENIENT = [
    {"person_type": "company", "name": ["Siigo"]},
    {"contacts": [{"first_name": "Nombre"}] * 20},
    {"phones": [], "contacts": []},
    {"phones": [{}], "contacts": [{"first_name": "Nombre", "email": ""}]},
    {"branch_office": "7", "check_digit": 4},
    {"id_type": "42", "identification": "A-1"},
    {"id_type": "41", "identification": "x"},
    {"id_type": "r-00-pn", "identification": "1"},
    {"contacts[0].email": "o.b+c-d_e@mail.example-1.com.co"},
    {"custom_fields": [{"key": "a", "value": 1}]},
    {"name": ["José", "Muñoz-Gómez"]},
]


@pytest.mark.parametrize(("path", "value", "code"), CUSTOMER_RULES, ids=short)
def test_a_rule_of_third_parties(path, value, code):
    # A value that is an object is wrong in its one field.
    inside = f".{next(iter(value))}" if isinstance(value, dict) else ""

    assert found(check_customer, {path: value}) == [(code, path + inside)]


@pytest.mark.parametrize("changes", CUSTOMER_LENIENT, ids=short)
def test_what_siigo_may_accept_of_a_third_party_passes(changes):
    assert found(check_customer, changes) == []


def test_a_company_has_one_name():
    assert found(check_customer, {"person_type": "Company"}) == [("invalid_array", "name")]


@pytest.mark.parametrize(
    ("kind", "identification", "code"),
    [
        ("31", "900123456-7", "invalid_identification"),
        ("11", "12", "length_min"),
        ("R-00-PN", "1" * 14, "length_max"),
        ("42", "A" * 21, "length_max"),
        ("48", "A#1", "invalid_identification"),
    ],
)
def test_an_identification_has_the_form_of_its_type(kind, identification, code):
    changes = {"id_type": kind, "identification": identification}

    assert found(check_customer, changes) == [(code, "identification")]


@pytest.mark.parametrize(
    ("path", "value", "code"),
    [
        ("application_id", GONE, "parameter_required"),
        ("topic", GONE, "parameter_required"),
        ("url", GONE, "parameter_required"),
        ("url", "example.com/siigo", "invalid_url"),
        ("active", "yes", "invalid_type"),
    ],
    ids=short,
)
def test_a_rule_of_webhooks(path, value, code):
    assert found(check_webhook, {path: value}) == [(code, path)]


def test_a_topic_that_is_new_passes():
    assert found(check_webhook, {"topic": "public.siigoapi.invoices.create", "active": False}) == []


@pytest.mark.parametrize(
    ("path", "value", "code"),
    [
        ("mail_to", "cliente", "invalid_email"),
        ("mail_to", ["cliente@example.com"], "invalid_type"),
        ("copy_to", "a@example.com; b", "invalid_email"),
        ("copy_to", ";".join(f"copia{n}@example.com" for n in range(6)), "values_limit"),
    ],
    ids=short,
)
def test_a_rule_of_mails(path, value, code):
    assert found(check_mail, {path: value}) == [(code, path)]


@pytest.mark.parametrize(
    "mail",
    [
        {},
        {"mail_to": "cliente@example.com,"},
        {"copy_to": "; ".join(f"copia{n}@example.com" for n in range(5)) + ";"},
    ],
    ids=["nobody", "as the vendor prints it", "five copies"],
)
def test_recipients_that_siigo_may_accept_pass(mail):
    assert check_mail(mail) == []
    assert check_mail({**VALID[check_mail], **mail}) == []
