"""The header Idempotency-Key: one document a key, whatever else is sent."""

from __future__ import annotations

import asyncio

import pytest

KEYED = [("invoices", "invoice"), ("journals", "journal"), ("credit-notes", "unrelated_note"), ("vouchers", "advance")]
UNKEYED = [("quotations", "quotation"), ("purchases", "purchase"), ("payment-receipts", "payout")]


def body_of(bodies, kind):
    """The bodies that need more than their defaults."""
    advance = {"type": "AdvancePayment", "items": None, "payment": {"id": 6103, "value": 500}}
    if kind == "unrelated_note":
        return bodies.credit_note(None, customer={"identification": "900123456"}, seller=3101)
    if kind == "advance":
        return bodies.voucher(**advance)
    if kind == "payout":
        return bodies.payment_receipt(**advance)
    return getattr(bodies, kind)()


@pytest.mark.parametrize(("path", "kind"), KEYED)
async def test_the_same_key_answers_the_first_document(books, bodies, path, kind):
    async with books() as api:
        first = await api.created(path, body_of(bodies, kind), Idempotency_Key="abc123")
        again = await api.created(path, body_of(bodies, kind), Idempotency_Key="abc123")
        other = await api.created(path, body_of(bodies, kind), Idempotency_Key="ABC123")
        assert again == first
        assert other["id"] != first["id"]
        assert len(api.vendor.rows(path.replace("-", "_"))) == 2


@pytest.mark.parametrize(("path", "kind"), UNKEYED)
async def test_other_routes_know_no_key(books, bodies, path, kind):
    async with books() as api:
        first = await api.created(path, body_of(bodies, kind), Idempotency_Key="abc123")
        again = await api.created(path, body_of(bodies, kind), Idempotency_Key="abc123")
        assert again["id"] != first["id"]


async def test_another_body_under_a_used_key_creates_nothing(books, bodies):
    async with books() as api:
        first = await api.created("invoices", bodies.invoice(), Idempotency_Key="k1")
        assert await api.created("invoices", bodies.invoice(observations="x"), Idempotency_Key="k1") == first
        assert await api.created("invoices", {"not": "an invoice"}, Idempotency_Key="k1") == first
        assert len(api.vendor.rows("invoices")) == 1


async def test_a_key_counts_for_its_route(books, bodies):
    async with books() as api:
        await api.created("invoices", bodies.invoice(), Idempotency_Key="k1")
        made = await api.created("journals", bodies.journal(), Idempotency_Key="k1")
        assert made["name"].startswith("CC-")


async def test_a_refused_document_uses_up_no_key(books, bodies):
    async with books() as api:
        await api.refused("POST", "invoices", bodies.invoice(seller=1), Idempotency_Key="k1")
        await api.created("invoices", bodies.invoice(), Idempotency_Key="k1")
        assert len(api.vendor.rows("invoices")) == 1


async def test_the_first_answer_is_remembered_though_its_document_has_changed(books, bodies):
    async with books() as api:
        first = await api.created("invoices", bodies.invoice(), Idempotency_Key="k1")
        status, _ = await api.ask("DELETE", f"invoices/{first['id']}")
        assert status == 200
        assert await api.created("invoices", bodies.invoice(), Idempotency_Key="k1") == first
        assert api.vendor.rows("invoices") == []


async def test_two_at_once_create_one_document(books, bodies):
    async with books(work=0.01) as api:
        sent = [api.created("invoices", bodies.invoice(), Idempotency_Key="k1") for _ in range(5)]
        answers = await asyncio.gather(*sent)
        assert len({answer["id"] for answer in answers}) == len(api.vendor.rows("invoices")) == 1


async def test_the_status_of_a_replay_can_be_chosen(books, bodies):
    async with books(replay_status=200) as api:
        assert (await api.ask("POST", "journals", bodies.journal(), Idempotency_Key="k1"))[0] == 201
        assert (await api.ask("POST", "journals", bodies.journal(), Idempotency_Key="k1"))[0] == 200


@pytest.mark.parametrize("key", ["with-hyphen", "with space", "x" * 31, "ñ"])
async def test_a_malformed_key_is_refused_before_the_body_is_looked_at(books, key):
    async with books() as api:
        assert await api.refused("POST", "invoices", {}, Idempotency_Key=key) == (400, ["invalid_idempotency_key"])
