"""From an answer to the request that would write it again, and changes laid over it."""

import typing
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sagicc_async import Record
from sagicc_async_siigo import Siigo
from sagicc_async_siigo import models as m
from sagicc_async_siigo.conversion import as_request, fields_of, merged, plain

from .vendor_examples import example


def test_a_product_becomes_its_request():
    request = as_request(m.ProductIn, example("ProductOut"))
    assert (request["account_group"], request["unit"]) == (1253, "94")
    assert request["taxes"] == [{"id": 13156}]
    assert request["prices"] == [{"currency_code": "COP", "price_list": [{"position": 1, "value": Decimal(12000)}]}]
    assert not {"id", "metadata", "available_quantity", "warehouses"} & set(request)


def test_a_customer_becomes_its_request_without_the_names_of_its_codes():
    request = as_request(m.CustomerIn, example("CustomerOut"))
    assert request["id_type"] == "13"
    assert set(request["address"]["city"]) == {"country_code", "state_code", "city_code"}
    assert all(set(item) == {"code"} for item in request["fiscal_responsibilities"])


@pytest.mark.parametrize(
    ("kind", "answer"),
    [
        (m.InvoiceIn, "InvoiceOutDian"),
        (m.QuotationIn, "QuotationOut"),
        (m.PurchaseIn, "PurchasesOut"),
        (m.PaymentReceiptIn, "PayoutsOut"),
        (m.ProductIn, "ProductOut"),
        (m.CustomerIn, "CustomerOut"),
    ],
)
def test_a_request_made_of_an_answer_holds_only_what_requests_declare(kind, answer):
    request = as_request(kind, example(answer))
    assert set(request) <= set(fields_of(kind))
    assert not {"id", "total", "balance", "metadata", "public_url", "name"} & set(request) - {"name"}
    made = kind.from_dict(request)
    assert made.to_dict().keys() == request.keys()
    assert made.extra == {}


#: The vendor's types of what can be edited: for each class of a request those of its answer.
ANSWERS = {
    m.ProductIn: ["ProductOut"],
    m.CustomerIn: ["CustomerOut"],
    m.InvoiceIn: ["InvoiceOut", "InvoiceOutDian"],
    m.QuotationIn: ["QuotationOut"],
    m.PurchaseIn: ["PurchasesOut"],
    m.PaymentReceiptIn: ["PayoutsOut"],
    m.PaymentReceiptDetailedIn: ["PayoutsOutDetailed"],
}
#: What the vendor's newer site or its SDK shows, and the types do not.
SHOWN_ELSEWHERE = {
    m.ProductIn: {"components"},
    m.InvoiceIn: {
        *("retentions", "advance_payment", "items[].seller", "items[].warehouse"),
        *("additional_fields.purchase_order", "additional_fields.delivery_order"),
    },
}
#: Orders, which are over once they were given; a customer to be made; prices that an answer has in another form; what
#: Siigo refuses to be without; and what one class has for several uses, of which this is none.
NOT_LOST = {
    m.ProductIn: {"taxes[].milliliters", "taxes[].rate"},
    m.InvoiceIn: {
        *(
            "stamp.send",
            "mail.send",
            "items[].taxed_price",
            "items[].tax_base",
            "items[].taxpayer",
            "healthcare_company",
        ),
        *(f"customer.{name}" for name in ("person_type", "id_type", "name", "address", "phones", "contacts")),
    },
    m.PaymentReceiptIn: {"payment.due_date"},
    m.PaymentReceiptDetailedIn: {"currency"},
}


def not_answered(request, answers, place=""):
    """The paths of a request's class that no example of its answer has."""
    for name, inner in fields_of(request).items():
        shown = [answer[name] for answer in answers if name in answer]
        if not shown:
            yield place + name
            continue
        element = typing.get_args(inner)
        kind = element[0] if element else inner
        inside = [one for value in shown for one in (value if element else [value]) if isinstance(one, dict)]
        if inside and isinstance(kind, type) and issubclass(kind, Record):
            yield from not_answered(kind, inside, f"{place}{name}{'[]' if element else ''}.")


@pytest.mark.parametrize("request_class", ANSWERS)
def test_whatever_a_request_has_and_no_answer_of_the_vendors_is_guarded_from_being_lost(request_class):
    (kind,) = [kind for kind in Siigo.resource_classes().values() if request_class in getattr(kind, "requests", ())]
    guarded = {field.path for field in kind.unshown} | {"document.number"}  # no request of the vendor's has it
    for declared in (SHOWN_ELSEWHERE, NOT_LOST):
        guarded |= declared.get(request_class, set())
    assert set(not_answered(request_class, [example(answer) for answer in ANSWERS[request_class]])) <= guarded


def test_every_request_that_an_edit_writes_is_compared_with_its_answers():
    edited = {name: kind for name, kind in Siigo.resource_classes().items() if "edit" in kind.operations}
    assert {request for kind in edited.values() for request in kind.requests} == set(ANSWERS)


def test_changes_of_an_object_are_laid_over_it_field_by_field_and_a_list_is_replaced():
    document = {"address": {"address": "Cra. 1", "postal_code": "110911"}, "phones": [{"number": "1"}], "name": ["A"]}
    changed = merged(document, {"address": {"address": "Cll. 2"}, "phones": [{"number": "2"}], "name": None})
    assert changed == {"address": {"address": "Cll. 2", "postal_code": "110911"}, "phones": [{"number": "2"}]}
    assert document["address"]["address"] == "Cra. 1"


def test_a_plain_copy_is_exact_and_shares_nothing():
    document = {"date": date(2026, 11, 25), "price": Decimal("1069.768067"), "items": [m.TaxIn(id=1)], "rate": 0.1}
    copy = plain(document)
    assert copy == {"date": "2026-11-25", "price": Decimal("1069.768067"), "items": [{"id": 1}], "rate": Decimal("0.1")}
    document["items"].append(1)
    assert copy["items"] == [{"id": 1}]


_VALUES = st.recursive(
    st.integers() | st.text(max_size=3), lambda inner: st.dictionaries(st.sampled_from("ab"), inner), max_leaves=5
)
_DOCUMENTS = st.dictionaries(st.sampled_from("abc"), _VALUES)


@given(_DOCUMENTS, _DOCUMENTS)
def test_laying_changes_over_twice_is_as_once_and_what_is_not_named_stays(document, changes):
    once = merged(document, changes)
    assert merged(once, changes) == once
    assert {name: value for name, value in once.items() if name not in changes} == {
        name: value for name, value in document.items() if name not in changes
    }
