"""A creation whose answer is lost is never sent again; what became of it is read from Siigo."""

from __future__ import annotations

import asyncio
import pickle
from datetime import UTC, datetime, timedelta

import pytest

from sagicc_async import (
    Absent,
    ConfigError,
    DeadlineExceeded,
    Found,
    OutcomeUnknown,
    ProtocolError,
    ServerError,
    SessionClosed,
    SessionManager,
    StillOpen,
)
from sagicc_async_siigo import Siigo, models

from .documents import (
    BUYER,
    CASH,
    CODE,
    CREATIONS,
    TRANSFER,
    customer,
    due,
    item,
    payment_receipt,
    product,
    purchase,
    quotation,
    voucher,
)

#: Faults of a POST behind which the document is there, and others behind which it is not.
DONE = [
    ("reset_before", {}, ServerError),
    ("reset_after", {}, ServerError),
    ("truncate", {}, ServerError),
    ("status", {"status": 500, "done": True}, ServerError),
    ("status", {"status": 504, "done": True}, ServerError),
    ("garbage", {"done": True}, ProtocolError),
    ("garbage", {"status": 502, "done": True}, ServerError),
    ("status", {"status": 201, "body": '{"id": "cut', "done": True}, ProtocolError),
    ("status", {"status": 201, "body": {"name": "no id"}, "done": True}, ProtocolError),
    ("status", {"status": 201, "body": "", "done": True}, ProtocolError),
]
NOT_DONE = [
    ("reset_before", {"done": False}, ServerError),
    ("reset_after", {"done": False}, ServerError),
    ("status", {"status": 503}, ServerError),
    ("garbage", {}, ProtocolError),
    ("redirect", {"location": "/siigo/v1/purchases", "status": 307}, ProtocolError),
    ("redirect", {"location": "https://otra.example/v1/purchases"}, ProtocolError),
]


async def lost(here, name, document, kind, **options):
    """Lose the answer to a creation, and return the error."""
    fault = here.vendor.fault(kind, method="POST", path="/v1/", **options)
    with pytest.raises(OutcomeUnknown, match=rf"{name}\.create") as caught:
        await here.siigo[name].create(document)
    here.vendor.clear_faults(fault)
    return caught.value


@pytest.mark.parametrize("name", CREATIONS)
async def test_a_document_that_was_made_is_found_whatever_its_resource(books, name):
    async with books() as here:
        before = len(here.rows(name))
        error = await lost(here, name, CREATIONS[name](), "reset_after")
        outcome = await error.reconcile()
        assert isinstance(outcome, Found)
        assert outcome.record.id == here.rows(name)[-1]["id"]
        assert len(here.rows(name)) == before + 1
        assert here.writes == ["POST"]


async def test_a_payment_that_siigo_shows_without_what_it_paid_is_found(books):
    """Else it would be made twice."""
    async with books(payment_receipts="bare") as here:
        bought = await here.siigo.purchases.create(purchase())
        paid = payment_receipt(
            type="DebtPayment", items=[due(bought.name, 1, 380)], payment={"id": TRANSFER, "value": 380}
        )
        error = await lost(here, "payment_receipts", paid, "reset_after")
        (row,) = here.rows("payment_receipts")
        assert (row["items"], "payment" in row) == ([], False)
        for outcome in (
            await error.reconcile(),
            await here.siigo.payment_receipts.reconcile(record=paid, since=datetime.now(UTC)),
        ):
            assert isinstance(outcome, Found)
            assert outcome.record.id == row["id"]


@pytest.mark.parametrize("name", CREATIONS)
async def test_a_document_that_was_not_made_is_absent_once_siigo_must_be_done(books, name):
    async with books(account={"settle": 120}) as here:
        before = here.rows(name)
        error = await lost(here, name, CREATIONS[name](), "reset_after", done=False)
        assert isinstance(await error.reconcile(), StillOpen)  # it may come yet

        patient = here.open(settle=0)
        assert await patient[name].reconcile(record=CREATIONS[name](), since=datetime.now(UTC)) == Absent()
        assert (here.rows(name), here.writes) == (before, ["POST"])


@pytest.mark.parametrize(("kind", "options", "cause"), DONE)
async def test_however_the_answer_is_lost_the_document_is_found(books, kind, options, cause):
    async with books() as here:
        error = await lost(here, "purchases", purchase(), kind, **options)
        assert isinstance(error.__cause__, cause)
        outcome = await error.reconcile()
        assert isinstance(outcome, Found)
        assert [outcome.record.id] == [row["id"] for row in here.rows("purchases")]
        assert here.writes == ["POST"]


@pytest.mark.parametrize(("kind", "options", "cause"), NOT_DONE)
async def test_however_the_request_is_lost_nothing_is_there(books, kind, options, cause):
    async with books() as here:
        error = await lost(here, "purchases", purchase(), kind, **options)
        assert isinstance(error.__cause__, cause)
        assert await error.reconcile() == Absent()
        assert (here.rows("purchases"), here.writes) == ([], ["POST"])


async def test_a_document_is_looked_for_as_absent_only_when_the_time_to_settle_has_passed(books, hurried_clock):
    async with books(clock=hurried_clock, account={"settle": 120}) as here:
        error = await lost(here, "invoices", CREATIONS["invoices"](), "reset_after", done=False)
        hurried_clock.pass_by(100)
        open_still = await error.reconcile()
        assert isinstance(open_still, StillOpen)
        assert "look again in" in open_still.reason
        hurried_clock.pass_by(21)
        assert await error.reconcile() == Absent()


async def test_the_time_to_settle_counts_from_the_loss_however_long_the_request_had_queued(books, hurried_clock):
    async with books(clock=hurried_clock, account={"settle": 120, "requests": 3}) as here:
        for _ in range(2):  # with the login they fill the window
            await here.siigo.taxes.list().first()
        begun = hurried_clock.wall()
        error = await lost(here, "purchases", CREATIONS["purchases"](), "reset_after", done=False)
        assert hurried_clock.wall() - begun > 30
        hurried_clock.pass_by(100)
        assert isinstance(await error.reconcile(), StillOpen)


async def test_two_documents_that_fit_are_not_guessed_from(books):
    async with books() as here:
        await here.siigo.quotations.create(quotation())
        error = await lost(here, "quotations", quotation(), "reset_after")
        outcome = await error.reconcile()
        assert isinstance(outcome, StillOpen)
        assert "2 documents" in outcome.reason


async def test_what_was_made_long_before_is_another_document(books):
    async with books() as here:
        other = await here.siigo.quotations.create(quotation())
        long_ago = {
            **here.row("quotations", other.id),
            "id": "alt",
            "metadata": {"created": "2026-01-01T00:00:00.000Z"},
        }
        await here.siigo.quotations.delete(other.id)
        here.vendor.add("quotations", long_ago)
        error = await lost(here, "quotations", quotation(), "reset_after", done=False)
        assert await error.reconcile() == Absent()
        # Without a moment nobody can tell.
        assert isinstance(await here.siigo.quotations.reconcile(record=quotation()), Found)


@pytest.mark.parametrize(
    ("name", "mine", "others", "differs"),
    [
        ("products", product(), {"code": "RUANA-1", "name": "De otro"}, "name"),
        ("customers", customer(), {"identification": "900777888", "name": ["De Otro"]}, "name"),
        ("customers", customer(), {"identification": "900777888", "name": ["De Otro"], "active": False}, "name"),
    ],
)
async def test_another_record_with_the_unique_key_is_not_taken_for_ours(books, name, mine, others, differs):
    async with books() as here:
        here.vendor.add(name, others)
        error = await lost(here, name, mine, "status", status=500)
        outcome = await error.reconcile()
        assert isinstance(outcome, StillOpen)
        assert outcome.reason == f"a record with this key exists, and differs at {differs}"


@pytest.mark.parametrize("name", ["products", "customers"])
async def test_the_same_record_of_long_before_is_not_taken_for_ours_and_not_for_nothing(books, name):
    """To create it once more would be refused."""
    async with books(customer_delete="enabled") as here:
        made = await here.siigo[name].create(CREATIONS[name]())
        old = {**here.row(name, made.id), "metadata": {"created": "2026-01-01T00:00:00.000Z"}}
        await here.siigo[name].delete(made.id)
        here.vendor.add(name, old)
        error = await lost(here, name, CREATIONS[name](), "status", status=500)
        outcome = await error.reconcile()
        assert isinstance(outcome, StillOpen)
        assert outcome.reason == "a record with this key exists, and was there before"


async def test_a_third_party_that_was_made_out_of_use_is_found(books):
    async with books() as here:
        error = await lost(here, "customers", customer(active=False), "reset_after")
        assert isinstance(await error.reconcile(), Found)


@pytest.mark.parametrize("name", CREATIONS)
async def test_after_a_crash_the_resource_is_asked_with_what_was_sent(books, name):
    document, since = CREATIONS[name](), datetime.now(UTC)
    async with books() as here:
        await lost(here, name, document, "reset_after")
        later = here.open()
        outcome = await later[name].reconcile(record=document, key="991", since=since)
        assert isinstance(outcome, Found)
        kinds = later[name].requests
        as_class = next(kind for kind in kinds).from_dict(document)
        assert await later[name].reconcile(record=as_class, since=since) == outcome
        assert here.writes == ["POST"]


@pytest.mark.parametrize("name", ["products", "purchases", "invoices"])
async def test_a_moment_without_a_time_zone_is_refused_before_anything_is_asked(books, name):
    async with books() as here:
        with pytest.raises(ConfigError, match="time zone"):
            await here.siigo[name].reconcile(record=CREATIONS[name](), since=datetime(2026, 1, 31))  # noqa: DTZ001
        assert here.vendor.requests == []


async def test_what_is_looked_up_is_what_was_sent_whatever_became_of_the_callers_record(books):
    mine = models.ProductIn.from_dict(product())
    async with books() as here:
        error = await lost(here, "products", mine, "reset_after")
        mine.code, mine.name = "OTRO", "Otra"
        outcome = await error.reconcile()
        assert isinstance(outcome, Found)
        assert outcome.record.code == "RUANA-1"


async def test_the_outcome_can_be_asked_for_again_where_the_look_up_failed(books):
    async with books() as here:
        error = await lost(here, "purchases", purchase(), "reset_after")
        broken = here.vendor.fault("status", method="GET", status=503)
        with pytest.raises(ServerError):
            await error.reconcile()
        here.vendor.clear_faults(broken)
        assert isinstance(await error.reconcile(), Found)


async def test_an_error_out_of_a_pickle_has_lost_its_session_and_the_resource_has_not(books):
    async with books() as here:
        error = await lost(here, "purchases", purchase(), "reset_after")
        copy = pickle.loads(pickle.dumps(error))
        assert (str(copy), copy.operation) == (str(error), "purchases.create")
        assert isinstance(await copy.reconcile(), StillOpen)
        since = datetime.now(UTC) - timedelta(seconds=60)
        assert isinstance(await here.siigo.purchases.reconcile(record=purchase(), since=since), Found)


async def test_a_deadline_that_passes_while_siigo_works_leaves_the_outcome_open_until_it_is_done(books):
    async with books() as here:
        await here.siigo.taxes.list().collect()  # a token
        here.vendor.fault("hold", method="POST", path="quotations")
        with pytest.raises(OutcomeUnknown) as caught:
            await here.siigo.quotations.create(quotation(), deadline=0.3)
        assert isinstance(caught.value.__cause__, DeadlineExceeded)
        assert await caught.value.reconcile() == Absent()  # `settle` is 0 here: nobody waits for it
        since = datetime.now(UTC)
        assert isinstance(await here.open(settle=120).quotations.reconcile(record=quotation(), since=since), StillOpen)
        here.vendor.clear_faults()
        await here.vendor.until(lambda stats: stats.in_flight == 0)
        assert isinstance(await caught.value.reconcile(), Found)
        assert here.writes == ["POST"]


async def test_a_manager_that_is_closed_leaves_the_outcome_to_another(books):
    async with books() as here, SessionManager() as others:
        await here.siigo.taxes.list().collect()
        here.vendor.fault("hold", method="POST", path="quotations")
        call = asyncio.create_task(here.siigo.quotations.create(quotation()))
        await here.vendor.until(lambda stats: stats.in_flight == 1)
        await here.sessions.close(grace=0)
        with pytest.raises(OutcomeUnknown) as caught:
            await call
        here.vendor.clear_faults()
        await here.vendor.until(lambda stats: stats.in_flight == 0)
        with pytest.raises(SessionClosed):
            await caught.value.reconcile()
        told = {**here.vendor.settings, "base_url": here.vendor.base_url}
        later = others.open(Siigo, here.vendor.credentials, **told)
        assert isinstance(await later.quotations.reconcile(record=quotation(), since=datetime.now(UTC)), Found)
        assert here.writes == ["POST"]


async def test_what_was_refused_before_anything_was_done_is_sent_again(books):
    """A token that ended, and too many requests: neither is a lost answer."""
    async with books() as here:
        await here.siigo.taxes.list().collect()
        here.vendor.fault("revoke", method="POST", path="purchases", times=1)
        here.vendor.fault("status", method="POST", path="purchases", nth=2, status=429, headers={"Retry-After": "0"})
        made = await here.siigo.purchases.create(purchase())
        assert [row["id"] for row in here.rows("purchases")] == [made.id]
        assert [entry.status for entry in here.sent] == [401, 429, 201]


async def test_a_refusal_is_no_lost_answer(books):
    async with books() as here:
        with pytest.raises(Exception, match="already") as caught:
            await here.siigo.customers.create(customer(identification=BUYER))
        assert not isinstance(caught.value, OutcomeUnknown)
        assert here.writes == ["POST"]


async def test_a_supplier_whose_number_begins_with_zeros_is_another_one(books):
    """007 and 7 are two numbers of two suppliers' invoices."""
    async with books() as here:
        await here.siigo.purchases.create(purchase(provider_invoice={"prefix": "A", "number": "7"}))
        error = await lost(
            here, "purchases", purchase(provider_invoice={"prefix": "A", "number": "007"}), "status", status=500
        )
        assert await error.reconcile() == Absent()


async def test_items_that_siigo_rounded_are_still_the_same_document(books):
    priced = purchase(
        items=[item(type="Product", price="1000.123456", quantity="3", taxes=None, code=CODE)],
        payments=[{"id": 6103, "value": 3000.37}],
    )
    async with books() as here:
        error = await lost(here, "purchases", priced, "reset_after")
        assert isinstance(await error.reconcile(), Found)


async def test_vouchers_that_differ_in_what_they_are_for_alone_are_two(books):
    """Two incomes of the same customer, day and value."""

    def income(identifier):
        return voucher(type="MiscIncome", income={"id": identifier}, payment={"id": CASH, "value": 5000})

    async with books() as here:
        await here.siigo.vouchers.create(income(7701))
        error = await lost(here, "vouchers", income(7702), "status", status=500)
        assert await error.reconcile() == Absent()
