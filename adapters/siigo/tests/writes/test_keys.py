"""Idempotency keys: any text of the caller's is a document's own for good."""

from __future__ import annotations

import asyncio
import inspect
import os
import subprocess
import sys

import pytest

from sagicc_async import (
    ConfigError,
    Conflict,
    DeadlineExceeded,
    OutcomeUnknown,
    ProtocolError,
    RetryPolicy,
    ServerError,
    ValidationFailed,
)
from sagicc_async_siigo import models

from .documents import CREATIONS, IVA_5, credit_note, invoice, item, journal, movement, voucher

KEYED = ("invoices", "credit_notes", "vouchers", "journals")
UNKEYED = tuple(name for name in CREATIONS if name not in KEYED)

TEXTS = ["991", " ", "\n", "pedido 991 / línea 2", "ñandú ☕ 你好 🧾", "x" * 10_000, "a-b_c", "'; --", "\0", "\ud800"]

#: Another document than the one that `CREATIONS` makes, and where it differs.
OTHERS = {
    "invoices": (
        invoice(observations="pedido 992", items=[item(quantity=3)], payments=[{"id": 6101, "value": 3570}]),
        ["observations", "items[0].quantity", "payments[0].value"],
    ),
    "credit_notes": (
        credit_note(items=[item(quantity=1, price="1000.5")], payments=[{"id": 6101, "value": "1190.60"}]),
        ["items[0].price", "payments[0].value"],
    ),
    "vouchers": (voucher(date="2026-02-03", payment={"id": 6101, "value": 5000}), ["date", "payment.id"]),
    "journals": (journal(items=[movement("Debit"), movement("Credit", code="13050502")]), ["items[1].account.code"]),
}
DUPLICATE = {
    "Status": 409,
    "Errors": [{"Code": "duplicated_document", "Message": "the document already exists", "Params": [], "Detail": None}],
}


def keys_of(here):
    return [entry.headers.get("Idempotency-Key") for entry in here.sent]


@pytest.mark.parametrize("text", TEXTS, ids=range(len(TEXTS)))
async def test_any_text_is_a_key(books, text):
    async with books() as here:
        one = await here.siigo.invoices.create(invoice(), key=text)
        again = await here.siigo.invoices.create(invoice(), key=text)
        assert one == again
        assert len(here.rows("invoices")) == 1
        [key, same] = keys_of(here)
        assert key == same
        assert key.isalnum()
        assert key.isascii()
        assert len(key) == 30


async def test_a_text_that_is_empty_is_no_key_and_nothing_is_sent(books):
    async with books() as here:
        with pytest.raises(ConfigError, match="not empty"):
            await here.siigo.invoices.create(invoice(), key="")
        assert here.writes == []


async def test_texts_that_are_nearly_the_same_are_different_keys(books):
    async with books() as here:
        for text in ("991", "991 ", " 991", "0991", "\uff19\uff19\uff11", "991\0"):
            await here.siigo.vouchers.create(voucher(), key=text)
        assert len(set(keys_of(here))) == len(here.rows("vouchers")) == 6


#: A literal here that changes breaks every job that has crashed and will call again: it is the test that is right.
FROZEN = {
    "v1/invoices": ["AFN74X236GXYGHIXOOCVCFX4I4BVST", "AO5HFONSOTQ4DUN3A5RVLLDYTBOSPT"],
    "v1/vouchers": ["A2HXHMDH3D6XQUJR2O2QSZJJRGFUI6", "AAKX5ME6I3YENGUI6ABAQPBIGTLMXO"],
    "v1/credit-notes": ["A46A3RAZKBWILGIB2YXJIEXROCEZKC", "A3QPF6O33GSF3JTSNSBKBAP62FE65E"],
    "v1/journals": ["AXLDUB3TEN5YFFNUMAQSIKCJHJDJ7C", "AM4S4FOYNFZSTEJ6FXVLZRPLQWTUG3"],
}

_PROGRAM = """
import asyncio, sys
from sagicc_async import SessionManager
from sagicc_async_siigo import Siigo

async def main():
    async with SessionManager() as sessions:
        user = {"username": "nobody@acme.example", "access_key": "x"}
        siigo = sessions.open(Siigo, user, partner_id="Prueba", company="acme")
        for path in sys.argv[1:]:
            for text in ("pedido 991", "\\u00f1and\\u00fa \\u2615"):
                print(await siigo.idempotency_key(f"POST {path}", text))

asyncio.run(main())
"""


def test_another_process_comes_to_the_same_keys():
    program = [sys.executable, "-c", _PROGRAM, *FROZEN]
    ended = subprocess.run(
        program, capture_output=True, text=True, check=True, env={**os.environ, "PYTHONHASHSEED": "5"}
    )
    assert ended.stdout.split() == [key for keys in FROZEN.values() for key in keys]


async def test_what_is_sent_is_the_frozen_key(books):
    async with books(account={"company": "acme"}) as here:
        for name in KEYED:
            await here.siigo[name].create(CREATIONS[name](), key="pedido 991")
        assert keys_of(here) == [FROZEN[here.siigo[name].path][0] for name in KEYED]


async def test_a_key_is_the_companys_and_the_routes(books):
    async with books() as here:
        acme, other = here.open(company="acme"), here.open(company="otra")
        found = {
            await siigo.idempotency_key(f"POST v1/{path}", "991")
            for siigo in (acme, other, here.siigo)
            for path in ("invoices", "vouchers", "credit-notes", "journals")
        }
        assert len(found) == 12
        assert await acme.invoices.vendor_key("991") == await acme.idempotency_key("POST v1/invoices", "991")


async def test_without_a_name_the_company_is_the_api_user_whatever_its_access_key(books):
    async with books() as here:
        made = await here.siigo.invoices.create(invoice(), key="991")
        here.vendor.act("regenerar")
        renewed = here.open(account="otra llave")
        assert await renewed.invoices.create(invoice(), key="991") == made
        assert len(set(keys_of(here))) == 1


@pytest.mark.parametrize("path", ["/v1/invoices", "v1/invoices", "v1/invoices/"])
async def test_a_request_that_is_not_modelled_has_the_same_key(books, path):
    async with books() as here:
        made = await here.siigo.invoices.create(invoice(), key="991")
        response = await here.siigo.request("POST", path, json=invoice(), key="991")
        assert response.json()["id"] == made.id
        assert len(set(keys_of(here))) == 1


@pytest.mark.parametrize("name", KEYED)
async def test_a_key_of_another_document_is_a_conflict_that_says_where_and_which(books, name):
    other, paths = OTHERS[name]
    async with books() as here:
        made = await here.siigo[name].create(CREATIONS[name](), key="991")
        for siigo in (here.siigo, here.open(account="otro proceso")):
            with pytest.raises(Conflict, match=made.id) as caught:
                await siigo[name].create(other, key="991")
            assert [error.path for error in caught.value.errors] == paths
            assert {error.code for error in caught.value.errors} == {"key_taken"}
        assert [row["id"] for row in here.rows(name)] == [made.id]


@pytest.mark.parametrize("name", KEYED)
async def test_a_lost_answer_is_asked_for_again_and_nothing_is_made_twice(books, name):
    async with books() as here:
        faults = [
            here.vendor.fault("reset_after", method="POST", path="/v1/", times=1),
            here.vendor.fault("truncate", method="POST", path="/v1/", nth=2),
        ]
        made = await here.siigo[name].create(CREATIONS[name](), key="991")
        assert [fault.struck for fault in faults] == [1, 1]
        assert [row["id"] for row in here.rows(name)] == [made.id]
        assert here.writes == ["POST"] * 3
        assert len(set(keys_of(here))) == 1


@pytest.mark.parametrize(
    ("kind", "options"),
    [
        ("garbage", {"done": True}),
        ("status", {"status": 201, "body": '{"id": "cut', "done": True}),
        ("status", {"status": 201, "body": {"name": "no id"}, "done": True}),
        ("status", {"status": 201, "body": "", "done": True}),
        ("status", {"status": 500, "done": True}),
        ("status", {"status": 503}),
        ("status", {"status": 408}),
        ("status", {"status": 429, "headers": {"Retry-After": "0"}}),
    ],
)
async def test_a_keyed_answer_that_cannot_be_read_is_asked_for_again(books, kind, options):
    async with books() as here:
        here.vendor.fault(kind, method="POST", path="/v1/", times=1, **options)
        made = await here.siigo.invoices.create(invoice(), key="991")
        assert [row["id"] for row in here.rows("invoices")] == [made.id]
        assert here.writes == ["POST", "POST"]


@pytest.mark.parametrize(
    ("kind", "options", "error", "attempts"),
    [
        ("reset_after", {}, ServerError, 3),
        ("garbage", {"done": True}, ProtocolError, 2),
        ("status", {"status": 201, "body": {"name": "no id"}, "done": True}, ProtocolError, 2),
    ],
)
async def test_a_keyed_document_whose_answer_never_comes_is_no_unknown_outcome(books, kind, options, error, attempts):
    """It may be asked for again, and is there then."""
    async with books() as here:
        fault = here.vendor.fault(kind, method="POST", path="/v1/", **options)
        with pytest.raises(error) as caught:
            await here.siigo.invoices.create(invoice(), key="991")
        assert not isinstance(caught.value, OutcomeUnknown)
        assert here.writes == ["POST"] * attempts
        here.vendor.clear_faults(fault)
        made = await here.siigo.invoices.create(invoice(), key="991")
        assert [row["id"] for row in here.rows("invoices")] == [made.id]


async def test_a_duplicate_that_siigo_is_still_making_is_waited_for(books, hurried_clock):
    async with books(clock=hurried_clock) as here:
        here.vendor.fault("status", method="POST", path="/v1/", times=3, status=409, body=DUPLICATE)
        began = hurried_clock.now()
        made = await here.siigo.invoices.create(invoice(), key="991")
        assert [row["id"] for row in here.rows("invoices")] == [made.id]
        assert here.writes == ["POST"] * 4
        assert hurried_clock.now() - began >= 1 + 2 + 4


async def test_a_duplicate_is_waited_for_no_longer_than_the_deadline_and_not_for_ever(books, hurried_clock):
    async with books(clock=hurried_clock) as here:
        here.vendor.fault("status", method="POST", path="/v1/", status=409, body=DUPLICATE)
        with pytest.raises(Conflict) as caught:
            await here.siigo.invoices.create(invoice(), key="991")
        assert caught.value.code == "duplicated_document"
        assert here.writes == ["POST"] * 5
    async with books() as here:
        here.vendor.fault("status", method="POST", path="/v1/", status=409, body=DUPLICATE)
        with pytest.raises((Conflict, DeadlineExceeded)):
            await here.siigo.invoices.create(invoice(), key="991", deadline=0.9)
        assert here.writes == ["POST"]


async def test_a_duplicate_without_a_key_is_told_at_once(books):
    async with books() as here:
        here.vendor.fault("status", method="POST", path="/v1/", status=409, body=DUPLICATE)
        with pytest.raises(Conflict):
            await here.siigo.invoices.create(invoice())
        assert here.writes == ["POST"]


async def test_fifty_calls_at_once_under_one_key_make_one_document(books):
    async with books() as here:
        made = await asyncio.gather(*(here.siigo.vouchers.create(voucher(), key="991") for _ in range(50)))
        assert {one.id for one in made} == {row["id"] for row in here.rows("vouchers")}
        assert len(here.rows("vouchers")) == 1


@pytest.mark.parametrize("name", UNKEYED)
async def test_a_resource_whose_keys_are_not_documented_takes_none(books, name):
    async with books() as here:
        assert "key" not in inspect.signature(here.siigo[name].create).parameters
        await here.siigo[name].create(CREATIONS[name]())
        assert keys_of(here) == [None]


@pytest.mark.parametrize("name", KEYED)
async def test_a_class_and_a_mapping_are_the_same_document(books, name):
    async with books() as here:
        as_class = here.siigo[name].requests[0].from_dict(CREATIONS[name]())
        assert await here.siigo[name].create(as_class, key="991") == await here.siigo[name].create(
            CREATIONS[name](), key="991"
        )


async def test_a_key_is_refused_for_what_is_refused_and_is_free_again(books):
    """A document that was refused has used up no key."""
    async with books(manager={"retry": RetryPolicy(attempts=1)}) as here:
        wrong = models.InvoiceIn.from_dict(invoice(seller=9999))
        with pytest.raises(ValidationFailed, match="invalid_reference"):
            await here.siigo.invoices.create(wrong, key="991")
        made = await here.siigo.invoices.create(
            invoice(items=[item(taxes=[{"id": IVA_5}])], payments=[{"id": 6101, "value": 2100}]), key="991"
        )
        assert made.total == 2100
