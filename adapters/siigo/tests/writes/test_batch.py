"""Many invoices at once: received, made, and told of by a POST that really arrives."""

from __future__ import annotations

import asyncio

import pytest

from sagicc_async import ConfigError, DeadlineExceeded, OutcomeUnknown, ProtocolError, ValidationFailed
from sagicc_async_siigo import batch_errors, models, parse_batch_notification

from .documents import CASH, invoice
from .receiver import receiver

HTTPS = "https://acme.example/lote"
WRONG = invoice(payments=[{"id": CASH, "value": 1}])


async def test_what_became_of_each_invoice_is_found_by_the_callers_own_key(books):
    texts = {
        "pedido 991": invoice(),
        "ñandú ☕ / 2": models.InvoiceIn.from_dict(invoice()),
        "malo": WRONG,
        "x" * 500: invoice(),
    }
    async with receiver() as (url, posted), books() as here:
        # The address of a test has no certificate, and a total that is wrong is not sent but unchecked.
        batch = await here.siigo.invoices.create_batch(texts, notification_url=url, check=False)
        assert batch.status == "Received"
        told = parse_batch_notification(await posted.get())
        assert (told.id, told.status, told.notification_url) == (batch.id, "Processed", url)

        by_key = {result.idempotency_key: result for result in told.invoices}
        mine = {text: by_key[await here.siigo.invoices.vendor_key(text)] for text in texts}
        assert {text: result.status_code for text, result in mine.items()} == {
            text: "400" if text == "malo" else "201" for text in texts
        }
        for text, result in mine.items():
            if text != "malo":
                assert batch_errors(result) == ()
                made = await here.siigo.invoices.get(result.id)
                assert (result.name, result.total, result.items) == (made.name, made.total, made.items)
        [error] = batch_errors(mine["malo"])
        assert (error.code, error.path) == ("invalid_total_payments", "payments")
        assert "2380" in error.message


async def test_a_repeated_batch_and_single_invoices_under_the_same_keys_make_nothing_twice(books):
    texts = {f"pedido {number}": invoice(observations=f"pedido {number}") for number in range(5)}
    async with receiver() as (url, posted), books() as here:
        first = await here.siigo.invoices.create(texts["pedido 3"], key="pedido 3")
        told = []
        for _ in range(2):
            await here.siigo.invoices.create_batch(texts, notification_url=url, check=False)
            told.append(parse_batch_notification(await posted.get()))
        again = await here.siigo.invoices.create(texts["pedido 0"], key="pedido 0")

        ids = [[result.id for result in one.invoices] for one in told]
        assert ids[0] == ids[1] == [*dict.fromkeys(ids[0])]
        assert (ids[0][3], ids[0][0]) == (first.id, again.id)
        assert len(here.rows("invoices")) == 5


async def test_a_batch_whose_answer_was_lost_is_sent_again_by_the_caller(books):
    texts = {"991": invoice(), "992": invoice()}
    async with receiver() as (url, posted), books() as here:
        here.vendor.fault("reset_after", method="POST", path="batch", times=1)
        with pytest.raises(OutcomeUnknown):
            await here.siigo.invoices.create_batch(texts, notification_url=url, check=False)
        await here.siigo.invoices.create_batch(texts, notification_url=url, check=False)
        one, other = [parse_batch_notification(await posted.get()) for _ in range(2)]
        assert [result.id for result in one.invoices] == [result.id for result in other.invoices]
        assert len(here.rows("invoices")) == 2


async def test_keys_in_siigos_own_form_may_be_given_with_the_invoices(books):
    async with receiver() as (url, posted), books() as here:
        listed = [models.BatchInvoiceIn.from_dict({**invoice(), "idempotency_key": key}) for key in ("K1", "K2")]
        await here.siigo.invoices.create_batch(listed, notification_url=url, check=False)
        told = parse_batch_notification(await posted.get())
        assert [result.idempotency_key for result in told.invoices] == ["K1", "K2"]


async def test_all_of_a_batch_is_checked_and_paths_say_which_invoice(books):
    async with books() as here:
        wrong = {"a": invoice(), "b": WRONG, "c": invoice(seller=None)}
        with pytest.raises(ValidationFailed, match="nothing was sent") as caught:
            await here.siigo.invoices.create_batch(wrong, notification_url="http://acme.example/lote")
        assert {(error.path, error.code) for error in caught.value.errors} == {
            ("notification_url", "invalid_url"),
            ("invoices[1].payments", "invalid_total_payments"),
            ("invoices[2].seller", "parameter_required"),
        }
        for none in ({}, []):
            with pytest.raises(ValidationFailed):
                await here.siigo.invoices.create_batch(none, notification_url=HTTPS)
        twice = [models.BatchInvoiceIn.from_dict({**invoice(), "idempotency_key": "K1"})] * 2
        with pytest.raises(ValidationFailed, match="idempotency_key"):
            await here.siigo.invoices.create_batch(twice, notification_url=HTTPS)
        assert here.writes == []


async def test_a_mapping_with_a_value_of_another_type_is_not_sent(books):
    async with books() as here:
        with pytest.raises(ValidationFailed, match="nothing was sent") as caught:
            await here.siigo.invoices.create_batch({"a": invoice(seller="Ana")}, notification_url=HTTPS)
        assert [error.path for error in caught.value.errors] == ["invoices[0].seller"]
        assert here.writes == []


@pytest.mark.parametrize("check", [True, False])
async def test_a_batch_of_more_than_a_megabyte_is_not_sent(books, check):
    large = {str(number): invoice(observations="x" * 4000) for number in range(260)}
    async with books() as here:
        with pytest.raises(ConfigError, match="1 MB at most"):
            await here.siigo.invoices.create_batch(large, notification_url=HTTPS, check=check)
        assert here.writes == []


async def test_a_batch_just_below_a_megabyte_is_sent(books):
    async with books() as here:
        # Siigo refuses each, so that its notification is small.
        many = {str(number): invoice(observations="x" * 3500, seller=9999) for number in range(260)}
        await here.siigo.invoices.create_batch(many, notification_url=HTTPS)
        assert 900_000 < len(here.sent[0].body) <= 1_000_000


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>canario</html>",
        b'{"canario": 1}',
        b"[]",
        b'"canario"',
        b'{"id": {"canario": 1}}',
        b"\xff\xfe canario",
    ],
)
def test_what_is_something_else_is_told_without_its_content(body):
    with pytest.raises(ProtocolError) as caught:
        parse_batch_notification(body)
    assert caught.value.vendor == "siigo"
    assert "400" in caught.value.hint
    assert "canario" not in f"{caught.value} {caught.value!r} {caught.value.__cause__!r} {caught.value.__context__!r}"


async def test_the_deadline_of_a_batch_holds_for_the_login_that_its_keys_wait_for(books):
    async with books() as here:
        hold = here.vendor.fault("hold", path="auth")
        async with asyncio.timeout(5):
            with pytest.raises(DeadlineExceeded):
                await here.siigo.invoices.create_batch(
                    {"991": invoice()}, notification_url=HTTPS, check=False, deadline=0.1
                )
        here.vendor.clear_faults(hold)
