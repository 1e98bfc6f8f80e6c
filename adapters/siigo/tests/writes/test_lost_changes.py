"""A change whose answer is lost is never sent again; what Siigo has is compared with it. A deletion is sent again."""

from __future__ import annotations

import pytest

from sagicc_async import Absent, Conflict, Found, NotFound, OutcomeUnknown, ProtocolError, StillOpen
from sagicc_async_siigo.models import WebhookUpdateIn

from .documents import (
    BY_VALUE,
    CREATIONS,
    CREDIT,
    account_group,
    customer,
    due,
    invoice,
    item,
    payment_receipt,
    product,
    purchase,
    quotation,
    voucher,
    webhook,
)

#: What replaces a record, by resource: another document than the one that `CREATIONS` made.
REPLACEMENTS = {
    "products": product(name="Ruana verde"),
    "customers": customer(name=["Maderas El Samán y Cía."]),
    "invoices": invoice(observations="pedido 992"),
    "quotations": quotation(date="2026-02-02"),
    "purchases": purchase(date="2026-02-02"),
    "payment_receipts": payment_receipt(observations="egreso 18"),
}
#: A change that fills a field and one that empties it, by resource: neither shows in what both sides have.
FILLED = {
    "products": ("description", product(reference=None)),
    "customers": ("comments", customer()),
    "invoices": ("observations", invoice(observations=None)),
    "purchases": ("observations", purchase()),
    "payment_receipts": ("observations", payment_receipt(observations=None)),
}
#: What no answer shows, so that an edit says it each time.
TOLD = {
    "customers": {"custom_fields": None},
    "purchases": {name: purchase().get(name) for name in ("retentions", "tax_included", "supplier_by_item", "items")},
}
NOT_DONE = {"kind": "reset_after", "done": False}
DONE = {"kind": "reset_after"}


async def lost(here, call, *, kind, method="PUT", **options):
    """Lose the answer to a call that writes, and return the error."""
    fault = here.vendor.fault(kind, method=method, path="/v1/", **options)
    with pytest.raises(OutcomeUnknown) as caught:
        await call
    here.vendor.clear_faults(fault)
    return caught.value


@pytest.mark.parametrize("name", REPLACEMENTS)
async def test_a_replacement_that_took_effect_is_found(books, name):
    async with books() as here:
        made = await here.siigo[name].create(CREATIONS[name]())
        error = await lost(here, here.siigo[name].update(made.id, REPLACEMENTS[name]), **DONE)
        outcome = await error.reconcile()
        assert error.operation == f"{name}.update"
        assert isinstance(outcome, Found)
        assert outcome.record == await here.siigo[name].get(made.id)
        assert here.writes == ["POST", "PUT"]


@pytest.mark.parametrize("name", REPLACEMENTS)
async def test_a_replacement_that_took_none_is_absent_once_siigo_must_be_done(books, name):
    async with books() as here:
        made = await here.siigo[name].create(CREATIONS[name]())
        soon, late = here.open(settle=120), here.siigo
        error = await lost(here, soon[name].update(made.id, REPLACEMENTS[name]), **NOT_DONE)
        assert isinstance(await error.reconcile(), StillOpen)
        error = await lost(here, late[name].update(made.id, REPLACEMENTS[name]), **NOT_DONE)
        assert await error.reconcile() == Absent()
        assert here.row(name, made.id) == here.rows(name)[-1]
        assert here.writes == ["POST", "PUT", "PUT"]


@pytest.mark.parametrize("fault", [DONE, NOT_DONE], ids=["done", "not done"])
@pytest.mark.parametrize("name", FILLED)
async def test_an_edit_that_fills_or_empties_one_field_is_told_from_one_that_did_not_happen(books, name, fault):
    field, bare = FILLED[name]
    async with books() as here:
        made = await here.siigo[name].create(bare)
        for value in ("Prefiere la tarde", None):
            changes = {field: value, **TOLD.get(name, {})}
            error = await lost(here, here.siigo[name].edit(made.id, changes), **fault)
            assert error.operation == f"{name}.edit"
            outcome = await error.reconcile()
            if fault is DONE:
                assert isinstance(outcome, Found)
                assert getattr(outcome.record, field) == value
            else:
                assert outcome == Absent()
                await here.siigo[name].edit(made.id, changes)


async def test_a_replacement_by_what_the_record_said_before_is_told_by_when_it_was_changed(books):
    """Only that it was written again would show it, and here nobody wrote."""
    old = {"id": "viejo", "name": "Ruana azul", "code": "RUANA-1", "reference": "R-1"}
    async with books() as here:
        here.vendor.add("products", {**old, "metadata": {"last_updated": "2026-01-01T00:00:00.000Z"}})
        error = await lost(here, here.siigo.products.update("viejo", product()), **NOT_DONE)
        assert await error.reconcile() == Absent()
        error = await lost(here, here.siigo.products.update("viejo", product()), **DONE)
        assert isinstance(await error.reconcile(), Found)


async def test_a_replacement_that_only_fills_a_field_is_open_where_the_record_was_never_changed(books):
    async with books() as here:
        made = await here.siigo.purchases.create(purchase())
        call = here.siigo.purchases.update(made.id, purchase(observations="llegó incompleta"))
        assert isinstance(await (await lost(here, call, **NOT_DONE)).reconcile(), StillOpen)


@pytest.mark.parametrize("timestamps", ["naive", "offset", "zeros"])
async def test_a_record_that_does_not_say_when_it_was_changed_leaves_a_replacement_open(books, timestamps):
    async with books(timestamps=timestamps) as here:
        made = await here.siigo.products.create(product())
        error = await lost(here, here.siigo.products.update(made.id, product(name="Otra")), **DONE)
        assert isinstance(await error.reconcile(), StillOpen if timestamps == "naive" else Found)
        error = await lost(here, here.siigo.products.edit(made.id, name="Otra más"), **DONE)
        assert isinstance(await error.reconcile(), Found)  # it was read before


async def test_an_account_group_does_not_say_when_it_was_changed(books):
    async with books() as here:
        made = await here.siigo.account_groups.create(account_group())
        error = await lost(here, here.siigo.account_groups.update(made.id, account_group(name="Otro")), **DONE)
        outcome = await error.reconcile()
        assert isinstance(outcome, StillOpen)
        assert "when it was changed" in outcome.reason
        error = await lost(here, here.siigo.account_groups.update(made.id, account_group(name="Más")), **NOT_DONE)
        assert await error.reconcile() == Absent()


@pytest.mark.parametrize("name", REPLACEMENTS)
async def test_a_replacement_of_a_record_that_is_not_there_is_absent(books, name):
    async with books() as here:
        error = await lost(here, here.siigo[name].update("no-hay", REPLACEMENTS[name]), **DONE)
        assert await error.reconcile() == Absent()


@pytest.mark.parametrize("change", [{"active": False}, {"url": "https://acme.example/otro"}])
async def test_a_change_of_a_subscription(books, change):
    changed = WebhookUpdateIn.from_dict({**webhook(), **change})
    async with books() as here:
        await here.siigo.webhooks.create(webhook())
        error = await lost(here, here.siigo.webhooks.update(changed), **NOT_DONE)
        assert await error.reconcile() == Absent()
        error = await lost(here, here.siigo.webhooks.update(changed), **DONE)
        outcome = await error.reconcile()
        assert isinstance(outcome, Found)
        assert outcome.record.to_dict().items() >= change.items()


@pytest.mark.parametrize(
    ("kind", "options"), [("garbage", {"done": True}), ("status", {"status": 200, "body": "[1]", "done": True})]
)
async def test_a_change_that_is_answered_in_words_that_cannot_be_read_is_found(books, kind, options):
    async with books() as here:
        made = await here.siigo.products.create(product())
        error = await lost(here, here.siigo.products.edit(made.id, name="Otra"), kind=kind, **options)
        assert isinstance(error.__cause__, ProtocolError)
        assert isinstance(await error.reconcile(), Found)
        assert here.writes == ["POST", "PUT"]


async def test_a_discount_that_is_shown_in_another_shape_is_no_difference(books):
    discounted = quotation(items=[item(discount=10)])
    async with books() as here:
        made = await here.siigo.quotations.create(discounted)
        error = await lost(here, here.siigo.quotations.edit(made.id, date="2026-02-03"), **DONE)
        assert isinstance(await error.reconcile(), Found)


# Deletions.


@pytest.mark.parametrize("kind", ["reset_before", "reset_after", "truncate", "garbage"])
@pytest.mark.parametrize("name", ["products", "invoices", "quotations", "purchases", "payment_receipts", "webhooks"])
async def test_a_deletion_that_finds_nothing_after_a_lost_answer_is_done(books, name, kind):
    async with books() as here:
        made = await here.siigo[name].create(CREATIONS[name]())
        options = {"done": True} if kind == "garbage" else {}
        here.vendor.fault(kind, method="DELETE", times=1, **options)
        deleted = await here.siigo[name].delete(made.id)
        assert (deleted.id, deleted.deleted) == (made.id, True)
        assert made.id not in [row["id"] for row in here.rows(name)]
        assert here.writes == ["POST", "DELETE", "DELETE"]
        with pytest.raises(NotFound):  # whose answer was not lost, and which was not there
            await here.siigo[name].delete(made.id)


async def test_a_third_party_is_deleted_where_siigo_lets_it(books):
    async with books(customer_delete="enabled") as here:
        made = await here.siigo.customers.create(customer())
        here.vendor.fault("reset_after", method="DELETE", times=1)
        assert (await here.siigo.customers.delete(made.id)).deleted


# What an invoice can have done to it besides.


async def test_an_annulment_is_found_and_never_sent_again(books):
    async with books() as here:
        made = await here.siigo.invoices.create(invoice())
        error = await lost(here, here.siigo.invoices.annul(made.id), method="POST", **DONE)
        outcome = await error.reconcile()
        assert isinstance(outcome, Found)
        assert outcome.record.annulled
        assert here.writes == ["POST", "POST"]


async def test_an_annulment_that_did_not_happen_is_absent_where_the_invoice_says_so(books):
    async with books() as here:
        made = await here.siigo.invoices.create(invoice())
        says_no = {**here.row("invoices", made.id), "id": "abierta", "number": 90, "name": "FV-1-90", "annulled": False}
        here.vendor.add("invoices", says_no)
        for identifier, siigo, expected in (
            ("abierta", here.siigo, Absent),
            ("abierta", here.open(settle=120), StillOpen),
            (made.id, here.siigo, StillOpen),  # Siigo leaves out what is empty
            ("no-hay", here.siigo, Absent),
        ):
            error = await lost(here, siigo.invoices.annul(identifier), method="POST", **NOT_DONE)
            assert isinstance(await error.reconcile(), expected)


@pytest.mark.parametrize("fault", [DONE, NOT_DONE], ids=["done", "not done"])
async def test_a_mail_whose_answer_is_lost_is_out_or_not_and_never_sent_again(books, fault):
    async with books() as here:
        made = await here.siigo.invoices.create(invoice())
        call = here.siigo.invoices.mail(made.id, mail_to="ana@acme.example", copy_to=["uno@acme.example"])
        error = await lost(here, call, method="POST", **fault)
        assert error.operation == "invoices.mail"
        assert isinstance(await error.reconcile(), StillOpen)
        assert here.writes == ["POST", "POST"]


@pytest.mark.parametrize("fault", [DONE, NOT_DONE], ids=["done", "not done"])
async def test_a_batch_whose_answer_is_lost_is_not_sent_again_by_itself(books, fault):
    async with books() as here:
        call = here.siigo.invoices.create_batch({"991": invoice()}, notification_url="https://acme.example/lote")
        error = await lost(here, call, method="POST", **fault)
        assert error.operation == "invoices.create_batch"
        assert isinstance(await error.reconcile(), StillOpen)
        assert here.writes == ["POST"]
        assert len(here.rows("invoices")) == (fault is DONE)


async def test_what_siigo_does_not_allow_is_a_conflict_and_no_doubt(books):
    owed = invoice(
        document={"id": BY_VALUE}, date="2999-01-31", payments=[{"id": CREDIT, "value": 2380, "due_date": "2999-03-01"}]
    )
    async with books() as here:
        made = await here.siigo.invoices.create(owed)
        paid = voucher(type="DebtPayment", items=[due(made.name, 1, 380)], payment={"id": 6101, "value": 380})
        await here.siigo.vouchers.create(paid)
        for call in (
            here.siigo.invoices.annul(made.id),
            here.siigo.invoices.delete(made.id),
            here.siigo.invoices.update(made.id, owed),
        ):
            with pytest.raises(Conflict):
                await call
