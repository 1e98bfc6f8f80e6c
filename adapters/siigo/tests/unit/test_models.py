"""The models hold whatever the vendor prints: each example is read, in all three ways, and written as it came."""

from __future__ import annotations

import datetime
import pickle
import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import attrs
import pytest

from sagicc_async import ConfigError, PageReader, Timestamp
from sagicc_async_siigo import models as m

from .model_types import CLASSES, NO_RECORD, PAGES, WORDS
from .round_trips import WHOLE, encode, round_trip, unknown
from .vendor_examples import ACTIONS, EXAMPLES, TYPES, exact, example

#: Examples that the vendor prints in its text, by the action they stand at: fragments, and bodies without a type.
PRINTED = {
    ("request", "/v1/products"): m.ProductIn,
    ("request", "/v1/invoices"): m.InvoiceIn,
    ("webhook", "/v1/invoices/batch"): m.BatchNotification,
    ("response", "/v1/invoices/{id}"): m.InvoiceContent,  # fragments, which have no id
    ("response", "/v1/invoices/{id}/annul"): m.Annulled,
    ("response", "/v1/quotations/{id}"): m.Deleted,
    ("response", "/v1/purchases/{id}"): m.Deleted,
    ("response", "/v1/webhooks/{id}"): m.Deleted,
    ("request", "/v1/credit-notes"): m.CreditNoteIn,
    ("request", "/v1/vouchers"): m.VoucherIn,
    ("request", "/v1/payment-receipts"): m.PaymentReceiptIn,
}

#: Printed under a resource, but none of it: the envelope of errors, and the login.
NO_RECORDS = ("*", "/auth")


def typed() -> Iterator[Any]:
    """Each type and each class that stands for it."""
    for name, classes in CLASSES.items():
        yield from (pytest.param(name, model, id=f"{name}-{model.__name__}") for model in classes)


def printed() -> Iterator[Any]:
    """The vendor's examples, each with its class and its bodies."""
    for index, one in enumerate(EXAMPLES):
        if one["path"] in NO_RECORDS:
            continue
        body, name = one["body"], one.get("type")
        if name is None:
            model, bodies = PRINTED[one["kind"], one["path"]], [body]
        elif name in PAGES:
            model, bodies = PAGES[name], body["results"]
        else:
            model = CLASSES[re.sub(r"array\[(\w+)\]", r"\1", name)][0]
            bodies = body if isinstance(body, list) else [body]
        yield pytest.param(model, bodies, id=f"{index}-{one['method']}-{one['path']}-{name or one['kind']}")


def test_every_type_of_the_vendors_is_accounted_for():
    assert sorted([*CLASSES, *PAGES, *WORDS, *NO_RECORD]) == sorted(TYPES)
    assert len(TYPES) == 194


def test_every_action_has_a_class_for_what_it_takes_and_answers():
    named = {kind for action in ACTIONS for kind in (action["request_type"], *(r["type"] for r in action["responses"]))}
    known = {*CLASSES, *PAGES, "TokenIn", "TokenOut"}
    assert {re.sub(r"array\[(\w+)\]", r"\1", kind) for kind in named if kind} <= known
    assert len(ACTIONS) == 70


def test_an_example_that_is_put_together_here_is_the_one_of_the_vendor():
    composed = [one for one in EXAMPLES if one["source"] == "mson"]
    assert [example(one["type"]) for one in composed] == [one["body"] for one in composed]
    assert len(composed) > 50


@pytest.mark.parametrize(("name", "model"), [*typed()])
def test_an_example_of_each_type_comes_back_and_has_no_unknown_key(name, model):
    made = round_trip(model, example(name))
    assert list(unknown(made)) == []


@pytest.mark.parametrize(("name", "model"), [*PAGES.items()])
def test_a_page_of_each_list_is_read(name, model):
    page = PageReader(model, items="results", meta={"total": "pagination.total_results"}).read(encode(example(name)))
    assert page.meta == {"total": 253}
    assert page.items == [model.from_dict(one) for one in example(name)["results"]]


@pytest.mark.parametrize(("model", "bodies"), [*printed()])
def test_each_example_that_the_vendor_prints_comes_back_and_has_no_unknown_key(model, bodies):
    assert bodies
    for body in bodies:
        assert list(unknown(round_trip(model, body))) == []


@pytest.mark.parametrize("name", [*WORDS])
def test_the_words_of_each_enumeration_are_documented_and_a_new_one_is_read(name):
    for model, field in WORDS[name]:
        body = {"id": "0"} if "id" in attrs.fields_dict(model) else {}
        for word in (*TYPES[name]["words"], "Nuevo"):
            assert getattr(model.from_dict({**body, field: word}), field) == word
        assert [word for word in TYPES[name]["words"] if word not in model.__doc__] == []


@pytest.mark.parametrize("model", [*WHOLE.values()], ids=[*WHOLE])
def test_each_class_says_what_it_is_and_where_the_vendor_has_it(model):
    text = vars(model)["__doc__"]
    assert model is m.SiigoRecord or re.search(r'Siigo, "|Siigo, the newer site|SDK', text)
    assert not model.__name__.endswith("In") or "Required: " in text


@pytest.mark.parametrize("model", [*WHOLE.values()], ids=[*WHOLE])
def test_only_the_id_of_a_record_of_its_own_is_required(model):
    required = [field.name for field in attrs.fields(model) if field.default is attrs.NOTHING]
    assert required in ([], ["id"])
    assert not (required and model.__name__.endswith("In"))


@pytest.mark.parametrize("model", [*WHOLE.values()], ids=[*WHOLE])
def test_no_field_loses_digits_or_its_type(model):
    attrs.resolve_types(model)
    kinds = [str(field.type) for field in attrs.fields(model) if field.name != "_extra"]
    assert [kind for kind in kinds if "float" in kind or "Any" in kind] == []


def test_all_classes_are_exported_in_order():
    assert m.__all__ == sorted(m.__all__)
    assert set(m.__all__) == set(WHOLE) - {"Record"}


@pytest.mark.parametrize(
    "text",
    [
        "2020-06-15T03:33:17.208Z",
        "2025-07-10T20:48:59.8634833+00:00",
        "2022-12-29T22:38:08.6",
        "2022-12-29T22:38:08.65",
    ],
)
def test_timestamps_of_all_forms_that_were_seen_keep_their_last_digit(text):
    made = round_trip(m.Customer, {"id": "a", "metadata": {"created": text}})
    assert made.metadata.created.raw == text
    assert made.metadata.created.naive is not text.endswith(("Z", "+00:00"))


@pytest.mark.parametrize(
    ("text", "kind"), [("2021-04-22", datetime.date), ("2023-09-05T12:00:00.0000000+00:00", Timestamp)]
)
def test_a_day_may_come_as_a_timestamp_and_is_written_as_it_came(text, kind):
    made = round_trip(m.AccountPayable, {"due": {"date": text}})
    assert type(made.due.date) is kind


@pytest.mark.parametrize("value", [0, "0", "001", 12])
def test_what_is_a_number_or_a_text_stays_what_it_was(value):
    body = {"customer": {"identification": "1", "branch_office": value}, "reason": value, "payments": [{"id": value}]}
    made = round_trip(m.CreditNoteIn, body)
    assert (made.reason, type(made.reason)) == (value, type(value))


@pytest.mark.parametrize(
    ("value", "read"),
    [("1", "1"), (1, Decimal(1)), (Decimal("1.50"), Decimal("1.50")), (Decimal("0.0"), Decimal("0.0"))],
)
def test_a_quantity_keeps_its_digits_and_stays_text_where_it_was(value, read):
    made = round_trip(m.InvoiceIn, {"items": [{"quantity": value}]})
    assert str(made.items[0].quantity) == str(read)
    assert type(made.items[0].quantity) is type(read)


def test_a_quantity_that_is_no_number_or_lost_digits_already_is_refused():
    for wrong in (1.5, True, [1], {}):
        with pytest.raises(ConfigError, match=r"\.items\[0\]\.quantity"):
            m.InvoiceIn.from_dict({"items": [{"quantity": wrong}]})


def test_an_amount_that_an_answer_has_as_text_is_read_as_a_number():
    payable = m.AccountPayable.from_dict({"currency": {"money_code": "USD", "balance": "38250.50"}})
    assert (payable.currency.code, payable.currency.balance) == ("USD", Decimal("38250.50"))


def test_what_is_empty_in_observed_answers_is_read_and_nothing_is_added():
    bare = {"id": "a", "name": ["Uno"], "address": {"address": ""}, "contacts": [{"first_name": "Uno", "phone": {}}]}
    round_trip(m.Customer, {**bare, "metadata": {"created": "2022-12-29T22:38:08.6"}})
    round_trip(m.PaymentReceipt, {"id": "a", "type": "AdvancePayment", "items": []})


def test_a_null_comes_back_as_a_null_and_what_was_absent_stays_away():
    made = round_trip(m.Product, {"id": "a", "unit": None, "metadata": {"created": None}, "nuevo": None})
    assert made.unit is None
    assert made.reference is None


def test_a_request_names_only_what_it_says_something_about():
    order = m.InvoiceIn(
        document=m.DocumentRef(id=24446),
        date=datetime.date(2026, 11, 25),
        customer=m.InvoiceCustomerIn(identification="13832081"),
        seller=629,
        items=[
            m.InvoiceItemIn(code="Item-1", quantity=Decimal(2), price=Decimal("1069.77"), taxes=[m.TaxIn(id=13156)])
        ],
        payments=[m.PaymentIn(id=5636, value=Decimal("2546.05"), due_date=datetime.date(2026, 12, 25))],
    )
    assert exact(order.to_json()) == {
        "document": {"id": 24446},
        "date": "2026-11-25",
        "customer": {"identification": "13832081"},
        "seller": 629,
        "items": [{"code": "Item-1", "quantity": 2, "price": Decimal("1069.77"), "taxes": [{"id": 13156}]}],
        "payments": [{"id": 5636, "value": Decimal("2546.05"), "due_date": "2026-12-25"}],
    }


def test_the_result_of_a_batch_is_an_invoice_or_an_error():
    (one,) = [one["body"] for one in EXAMPLES if one["kind"] == "webhook"]
    made, failed = m.BatchNotification.from_dict(one).invoices
    assert (made.status_code, made.name, made.error) == ("201", "FV-890-7751", None)
    assert (failed.status_code, failed.id, failed.error.errors[0].code) == ("400", None, "invalid_total_payments")


def test_both_spellings_of_global_discounts_are_read_and_each_is_written_as_it_came():
    discounts = [{"id": 13156, "percentage": Decimal("10.00")}]
    for key in ("globaldiscounts", "global_discounts"):
        made = m.InvoiceIn.from_dict({key: discounts})
        assert made.global_discounts == [m.GlobalDiscount(id=13156, percentage=Decimal("10.00"))]
        assert exact(made.to_json()) == {key: discounts}
    assert exact(m.InvoiceIn(global_discounts=made.global_discounts).to_json()) == {"global_discounts": discounts}


def test_what_the_newer_site_and_the_sdk_add_is_declared():
    additions = [
        (m.Invoice, {"id": "a", "prefix": "FT", "annulled": True, "advance_payment": 132, "retentions": [{"id": 1}]}),
        (m.Invoice, {"id": "a", "global_charges": [{"id": 1}], "items": [{"warehouse": {"id": 1}, "seller": 2}]}),
        (m.Annulled, {"id": "a", "deleted": True}),
        (m.Mail, {"status": "sent", "guid": "a"}),
        (m.Pdf, {"id": "a", "base64": "", "cufe": "b", "cude": "c"}),
        (m.Xml, {"id": "a", "base64": "", "cufe": "b"}),
        (m.CustomerIn, {"custom_fields": [{"key": "webpage", "value": "www.example.com"}]}),
        (m.VoucherIn, {"type": "MiscIncome", "income": {"id": 1}, "items": [{"taxes": [{"id": 1, "base": 2}]}]}),
        (m.VoucherIn, {"items": [{"discounts": [{"id": 1, "value": 2}]}]}),
        (m.DocumentType, {"id": 1, "prefix": "FV", "official_book": "0", "global_discounts": [], "global_charges": []}),
        (m.Expense, {"id": 1, "name": "a"}),
        (m.MiscIncome, {"id": 1, "name": "a"}),
        (m.AvailableDocument, {"type": "FV", "total_purchased": 10, "used": 4, "available": 6}),
        (m.ProductNotification, {"id": "a", "company_key": "b", "username": "c", "topic": "d"}),
        (m.JournalItemIn, {"fixed_assets": 1, "product": {"code": "a", "quantity": 1, "warehouse": 2}}),
    ]
    for model, body in additions:
        assert list(unknown(round_trip(model, body))) == []


def test_records_survive_pickle_and_copies():
    made = m.Invoice.from_dict(example("InvoiceOutDian"))
    assert pickle.loads(pickle.dumps(made)) == made
    assert attrs.evolve(made, seller=1).seller == 1
