"""What is wrong is said before it is sent, with its path; what is right is taken by Siigo to the cent."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sagicc_async import DeadlineExceeded, OutcomeUnknown, ValidationFailed
from sagicc_async_siigo import invoice_total, models

from .documents import (
    BY_PERCENTAGE,
    BY_VALUE,
    CASH,
    CONSUMPTION,
    CREDIT,
    IVA,
    IVA_5,
    TRANSFER,
    WITHOUT_DECIMALS,
    account_group,
    credit_note,
    customer,
    invoice,
    item,
    journal,
    movement,
    payment_receipt,
    product,
    purchase,
    quotation,
    voucher,
    webhook,
)

#: Documents that break a documented rule, and the path and code of each complaint.
WRONG = [
    ("products", product(name=None, code="con blancos"), [("name", "parameter_required"), ("code", "invalid_code")]),
    ("account_groups", account_group(code="A-1"), [("code", "invalid_code")]),
    ("customers", customer(phones=None, name=[]), [("phones", "parameter_required"), ("name", "invalid_array")]),
    ("invoices", invoice(seller=None), [("seller", "parameter_required")]),
    (
        "invoices",
        invoice(items=[item(code=None, price="1.1234567")]),
        [("items[0].code", "parameter_required"), ("items[0].price", "invalid_amount")],
    ),
    ("invoices", invoice(payments=[{"id": CASH, "value": 2379}]), [("payments", "invalid_total_payments")]),
    ("invoices", invoice(payments=[{"id": CASH, "value": "2380.01"}]), [("payments", "invalid_total_payments")]),
    ("quotations", quotation(items=[item(quantity=None)]), [("items[0].quantity", "parameter_required")]),
    ("credit_notes", credit_note(payments=[{"id": CASH, "value": 1}]), [("payments", "invalid_total_payments")]),
    ("purchases", purchase(payments=[{"id": TRANSFER, "value": 1}]), [("payments", "invalid_total_payments")]),
    ("vouchers", voucher(items=[{"value": 1}]), [("items", "invalid_array")]),
    ("payment_receipts", payment_receipt(supplier=None), [("supplier", "parameter_required")]),
    ("journals", journal(items=[movement("Debit"), movement("Credit", value=1)]), [("items", "invalid_balance")]),
    ("webhooks", webhook(url="acme.example"), [("url", "invalid_url")]),
]
#: Mappings with a value of another type than the class has, and its path.
MISSPELT = [
    ("invoices", invoice(seller="Ana"), "seller"),
    ("invoices", invoice(date="31/01/2026"), "date"),
    ("invoices", invoice(items=[item(price={"value": 1})]), "items[0].price"),
    ("invoices", invoice(items={"code": "CAFE"}), "items"),
    ("products", product(active="sí"), "active"),
    ("customers", customer(name="Maderas"), "name"),
    ("customers", customer(address={"address": "CRA 41", "city": "Medellín"}), "address.city"),
    ("journals", journal(items=[movement("Debit", value=True), movement("Credit")]), "items[0].value"),
]
#: What is read to check a document.
CATALOGUES = ("/v1/taxes", "/v1/document-types")


@pytest.mark.parametrize(("name", "document", "complaints"), WRONG)
async def test_what_breaks_a_documented_rule_does_not_reach_siigo(books, name, document, complaints):
    async with books() as here:
        resource = here.siigo[name]
        for given_as in (document, resource._kind_of(document).from_dict(document)):
            with pytest.raises(ValidationFailed, match="nothing was sent") as caught:
                await resource.create(given_as)
            assert sorted((error.path, error.code) for error in caught.value.errors) == sorted(complaints)
        assert here.writes == []
        assert {entry.path for entry in here.vendor.requests} <= {"/auth", *CATALOGUES}


@pytest.mark.parametrize(("name", "document", "path"), MISSPELT)
async def test_a_mapping_with_a_value_of_another_type_does_not_reach_siigo(books, name, document, path):
    async with books() as here:
        with pytest.raises(ValidationFailed, match="nothing was sent") as caught:
            await here.siigo[name].create(document)
        assert path in [error.path for error in caught.value.errors]
        assert here.vendor.requests == []


@pytest.mark.parametrize(
    ("name", "document"),
    [(name, document) for name, document, _ in WRONG if name not in ("webhooks", "credit_notes", "vouchers")],
)
async def test_unchecked_it_is_sent_and_siigo_refuses(books, name, document):
    async with books() as here:
        before = here.rows(name)
        with pytest.raises(ValidationFailed) as caught:
            await here.siigo[name].create(document, check=False)
        assert caught.value.status == 400
        assert caught.value.errors
        assert (here.writes, here.rows(name)) == (["POST"], before)


@pytest.mark.parametrize(("name", "document", "complaints"), WRONG[3:6])
async def test_a_replacement_is_checked_as_a_creation_is(books, name, document, complaints):
    async with books() as here:
        with pytest.raises(ValidationFailed) as caught:
            await here.siigo[name].update("a", document)
        assert sorted((error.path, error.code) for error in caught.value.errors) == sorted(complaints)
        assert here.writes == []


async def test_an_address_that_is_none_is_not_mailed_to(books):
    async with books() as here:
        for options in ({"mail_to": "ana"}, {"mail_to": "ana@acme.example", "copy_to": ["a@b.example"] * 6}):
            with pytest.raises(ValidationFailed):
                await here.siigo.invoices.mail("a", **options)
        assert here.vendor.requests == []


async def test_a_document_without_taxes_and_discounts_is_checked_without_asking_for_anything(books):
    plain = invoice(items=[item(taxes=None)], payments=[{"id": CASH, "value": 1999}])
    async with books() as here:
        with pytest.raises(ValidationFailed):
            await here.siigo.invoices.create(plain)
        assert [entry.path for entry in here.vendor.requests] == ["/auth", "/v1/document-types"]  # it is one short
    async with books() as here:
        with pytest.raises(ValidationFailed):
            await here.siigo.invoices.create({**plain, "payments": [{"id": CASH, "value": 1}]})
        assert here.vendor.requests == []
        await here.siigo.invoices.create({**plain, "payments": [{"id": CASH, "value": 2000}]})
        assert [entry.path for entry in here.vendor.requests] == ["/auth", "/v1/invoices"]


async def test_the_catalogues_are_read_once_for_many_documents(books):
    async with books() as here:
        for _ in range(5):
            await here.siigo.invoices.create(invoice(items=[item(discount=10)], payments=[{"id": CASH, "value": 2142}]))
        asked = [entry.path for entry in here.vendor.requests if entry.method == "GET"]
        assert sorted(asked) == sorted(CATALOGUES)


@pytest.mark.parametrize("way", ["given", "setting"])
async def test_the_deadline_of_a_creation_is_one_for_what_is_read_to_check_it_and_for_what_is_sent(books, way):
    async with books(account={"deadline": 0.9 if way == "setting" else None}) as here:
        await here.siigo.users.list().collect()  # a token
        for path in ("/v1/taxes", "/v1/invoices"):
            here.vendor.fault("latency", path=path, seconds=0.6)
        with pytest.raises((DeadlineExceeded, OutcomeUnknown)):
            await here.siigo.invoices.create(invoice(), deadline=0.9 if way == "given" else None)


async def test_a_document_type_without_decimals_is_left_to_siigo(books):
    """How it rounds is the company's own setting, so that a difference within rounding is not complained about."""
    whole = {"document": {"id": WITHOUT_DECIMALS}, "items": [item(quantity=1, price="1000.5")]}
    async with books() as here:
        # 1000.5 and 19 % are 1190.60 with decimals; the sandbox rounds the price to 1001 and the tax to 190.
        made = await here.siigo.invoices.create(invoice(**whole, payments=[{"id": CASH, "value": 1191}]))
        assert made.total == 1191
        with pytest.raises(ValidationFailed) as caught:
            await here.siigo.invoices.create(invoice(**whole, payments=[{"id": CASH, "value": 1192}]))
        assert caught.value.status == 400
        assert here.writes == ["POST", "POST"]
        with pytest.raises(ValidationFailed, match="nothing was sent"):
            await here.siigo.invoices.create(invoice(**whole, payments=[{"id": CASH, "value": 1200}]))


@pytest.mark.parametrize(
    ("item_of", "extras"),
    [
        ({"taxed_price": 1190, "price": None, "quantity": 1}, {}),
        ({"taxes": [{"id": 7104}]}, {}),
        ({}, {"retentions": [{"id": 7106}]}),
        ({}, {"global_discounts": [{"id": 8101, "percentage": 10}]}),
        ({}, {"currency": {"code": "USD", "exchange_rate": 4000}}),
    ],
)
async def test_a_total_that_the_documented_rule_does_not_give_is_left_to_siigo(books, item_of, extras):
    async with books() as here:
        with pytest.raises(ValidationFailed) as caught:
            await here.siigo.invoices.create(
                invoice(items=[item(**item_of)], payments=[{"id": CASH, "value": 1}], **extras)
            )
        assert (caught.value.status, caught.value.code) == (400, "invalid_total_payments")
        assert here.writes == ["POST"]


# The client's total is Siigo's.

AMOUNTS = st.decimals(min_value="0.01", max_value="99999.99", places=2)
PRICES = st.integers(0, 6).flatmap(lambda places: st.decimals(min_value="0.01", max_value="9999999", places=places))
TAXES = {IVA: Decimal(19), IVA_5: Decimal(5), CONSUMPTION: Decimal(8)}
SALE_TAXES = st.sampled_from([(), (IVA,), (IVA_5,), (CONSUMPTION,), (IVA, CONSUMPTION)])
ITEMS = st.fixed_dictionaries({"quantity": AMOUNTS, "price": PRICES, "taxes": SALE_TAXES, "off": st.integers(0, 50)})


def as_item(drawn, by_value, **more):
    """An item with a discount that is not more than it."""
    gross = drawn["quantity"] * drawn["price"]
    value = (gross * drawn["off"] / 100).quantize(Decimal("0.01"), "ROUND_DOWN")
    discount = value if by_value else drawn["off"]
    taxes = [{"id": identifier} for identifier in drawn["taxes"]]
    return item(
        quantity=drawn["quantity"], price=drawn["price"], taxes=taxes or None, discount=discount or None, **more
    )


@pytest.mark.parametrize(
    ("name", "make", "kind", "meant"),
    [
        ("invoices", invoice, BY_PERCENTAGE, "Percentage"),
        ("invoices", invoice, BY_VALUE, "Value"),
        ("purchases", purchase, 5301, "Percentage"),
        ("purchases", purchase, 5301, "Value"),
        ("credit_notes", credit_note, 5201, None),
    ],
)
async def test_payments_of_the_clients_total_are_taken_and_of_a_cent_more_are_not_sent(books, name, make, kind, meant):
    more = {"type": "Product"} if name == "purchases" else {}
    head = {"document": {"id": kind}, "date": "2999-01-31"}
    head |= {"discount_type": meant} if name == "purchases" else {}
    drawn = _examples(st.lists(ITEMS, min_size=1, max_size=5), 30)
    async with books() as here:
        for items in drawn:
            off = items if meant else [{**one, "off": 0} for one in items]
            document = make(**head, items=[as_item(one, meant == "Value", **more) for one in off], payments=None)
            total = invoice_total(document, taxes=TAXES, discount_type=meant)
            if total is None:  # a percentage whose cents depend on when it is rounded
                continue
            # All that is paid later, since cheaper ways are not for every kind.
            way = {"id": TRANSFER, "value": total}
            made = await here.siigo[name].create({**document, "payments": [way]})
            assert made.total == total
            with pytest.raises(ValidationFailed, match="nothing was sent"):
                await here.siigo[name].create({**document, "payments": [{**way, "value": total + Decimal("0.01")}]})
        assert len(here.writes) == len(here.rows(name)) >= 20


def _examples(strategy, count):
    """So many values of a strategy, the same at every run."""
    found = []

    @settings(max_examples=count, database=None, derandomize=True, suppress_health_check=list(HealthCheck))
    @given(strategy)
    def collect(value):
        found.append(value)

    collect()
    return found


async def test_a_class_with_decimals_is_written_with_exactly_their_digits(books):
    sale = models.InvoiceIn.from_dict(invoice(items=[item(price="1000.100000", quantity="2.50")], payments=None))
    total = invoice_total(sale, taxes=TAXES)
    sale.payments = [models.PaymentIn(id=CREDIT, value=total, due_date=date(2026, 3, 1))]
    async with books() as here:
        made = await here.siigo.invoices.create(sale)
        assert made.total == total == Decimal("2975.30")
        assert b'"price":1000.100000' in here.sent[0].body
