"""What a caller of the backend is told: invoices, refusals, notifications, and what is wrong at its start."""

from __future__ import annotations

import asyncio
import logging
import time
from decimal import Decimal

import pytest

from sagicc_async import (
    ConfigError,
    FieldError,
    MemoryCoordinator,
    NotSent,
    OutcomeUnknown,
    RateLimited,
    SessionManager,
    TokenBusy,
)
from sagicc_async_siigo import Siigo

from .town import CASH, SECRET, an_invoice


async def test_a_customer_that_siigo_does_not_have_is_not_found(town):
    with town() as here:
        async with here.backend() as backend:
            assert (await backend.get("/customers/1"))[0] == 404


async def test_a_look_up_gives_up_after_two_and_a_half_seconds(town):
    with town() as here:
        async with here.backend() as backend:
            here.vendor.fault("hold", path="v1/customers")
            began = time.monotonic()
            assert await backend.get("/customers/1") == (504, {"detail": "Siigo did not answer in time"})
            assert 2.4 < time.monotonic() - began < 10
            here.vendor.clear_faults()


@pytest.mark.parametrize(
    ("status", "code", "told", "header"),
    [
        (404, "not_found", 404, None),
        (400, "invalid_date", 422, None),
        (409, "duplicated_document", 409, None),
        (429, "requests_limit", 503, "17"),
        (403, "disabled_functionality", 502, None),
    ],
)
async def test_an_error_of_siigos_is_told_and_its_fields_where_the_caller_can_mend_them(
    town, status, code, told, header
):
    message = "The words of Siigo. Try again in 17 seconds."
    errors = [{"Code": code, "Message": message, "Params": ["created_start"], "Detail": None}]
    with town() as here:
        async with here.backend() as backend:
            here.vendor.fault("status", path="v1/customers", status=status, body={"Status": status, "Errors": errors})
            answered, body, headers = await backend.ask("GET", "/customers/1")

    assert (answered, headers.get("Retry-After")) == (told, header)
    assert body["detail"]
    if told < 500:
        assert body["errors"] == [{"code": code, "path": "created_start", "message": message}]
    else:
        assert "errors" not in body


@pytest.mark.parametrize(
    ("error", "told", "header"),
    [
        (RateLimited("slow down"), 503, "10"),
        (RateLimited("slow down", retry_after=0.2), 503, "1"),
        (TokenBusy("in use"), 503, "5"),
        (OutcomeUnknown("lost", errors=[FieldError("x", "y", "z")]), 502, None),
        (NotSent("not sent"), 502, None),
    ],
    ids=["RateLimited", "RateLimited for a moment", "TokenBusy", "OutcomeUnknown", "any other"],
)
async def test_the_other_errors_of_the_sdk_have_an_answer_too(town, error, told, header):
    with town() as here:

        @here.module.app.get("/raise")
        async def fail():
            raise error

        async with here.backend() as backend:
            answered, body, headers = await backend.ask("GET", "/raise")

    assert (answered, headers.get("Retry-After")) == (told, header)
    assert set(body) == {"detail"}


async def test_of_refused_credentials_the_log_tells_and_not_the_answer(town, caplog):
    with town() as here:
        access_key = here.vendor.credentials["access_key"]
        async with here.backend() as backend:
            here.vendor.rotate()
            answer = await backend.get("/customers/1")

    assert answer == (503, {"detail": "this service cannot reach Siigo at the moment"})
    assert "Alianzas > Mi credencial API" in caplog.text
    assert access_key not in caplog.text


async def test_an_order_becomes_one_invoice_however_often_it_is_sent(town):
    with town() as here:
        order = an_invoice(here.vendor)
        before = len(here.vendor.rows("invoices"))
        async with here.backend() as backend:
            first = await backend.post("/invoices", order, Idempotency_Key="order-991")
            again = await backend.post("/invoices", order, Idempotency_Key="order-991")
            other = await backend.post("/invoices", order, Idempotency_Key="order-992")

        assert first[0] == 201
        assert Decimal(first[1]["total"]) == Decimal("1190.50")
        assert again == first
        assert other[1]["id"] != first[1]["id"]
        assert len(here.vendor.rows("invoices")) == before + 2
        sent = next(entry for entry in here.of("invoices") if entry.method == "POST")
        assert b'"price":1190.5' in sent.body
        assert b'"value":1190.50' in sent.body  # text here, the vendor's number there, to the digit


async def test_the_key_of_another_order_is_a_conflict(town):
    with town() as here:
        async with here.backend() as backend:
            one, other = (an_invoice(here.vendor, observations=order) for order in ("991", "992"))
            await backend.post("/invoices", one, Idempotency_Key="order-991")
            status, body = await backend.post("/invoices", other, Idempotency_Key="order-991")

    assert status == 409
    assert [(error["code"], error["path"]) for error in body["errors"]] == [("key_taken", "observations")]


async def test_broken_rules_are_listed_and_nothing_is_sent(town):
    with town() as here:
        async with here.backend() as backend:
            status, body = await backend.post(
                "/invoices", an_invoice(here.vendor, seller=None, payments=None), Idempotency_Key="order-991"
            )

        assert status == 422
        assert {(error["code"], error["path"]) for error in body["errors"]} == {
            ("parameter_required", "seller"),
            ("parameter_required", "payments"),
        }
        assert all(error["message"] for error in body["errors"])
        assert here.vendor.requests == []


@pytest.mark.parametrize(
    ("price", "headers", "where"),
    [
        (0.1 + 0.2, {"Idempotency_Key": "order-991"}, ["body"]),
        ("1190.50", {}, ["header", "idempotency-key"]),
        ("1190.50", {"Idempotency_Key": ""}, ["header", "idempotency-key"]),
    ],
    ids=["a number with more digits than a float keeps", "no key", "an empty key"],
)
async def test_what_is_no_order_is_refused_at_the_door(town, price, headers, where):
    with town() as here:
        order = an_invoice(here.vendor)
        order["items"][0]["price"] = price
        async with here.backend() as backend:
            status, body = await backend.post("/invoices", order, **headers)

        assert (status, body["detail"][0]["loc"]) == (422, where)
        assert here.vendor.requests == []


async def test_a_batch_is_heard_of_at_the_secret_address(town, caplog):
    caplog.set_level(logging.INFO)
    with town() as here:
        good, bad = an_invoice(here.vendor), an_invoice(here.vendor, payments=[{"id": CASH, "value": "1.00"}])
        async with here.backend() as backend, SessionManager(coordinator=MemoryCoordinator()) as sessions:
            siigo = sessions.open(Siigo, here.vendor.credentials, base_url=here.vendor.base_url, **here.vendor.settings)
            batch = await siigo.invoices.create_batch(
                {"good": good, "bad": bad}, notification_url=f"{backend.url}/siigo/batches/{SECRET}", check=False
            )
            async with asyncio.timeout(10):
                while batch.id not in caplog.text:
                    await asyncio.sleep(0)
            keys = [await siigo.invoices.vendor_key(key) for key in ("good", "bad")]

        made = here.vendor.rows("invoices")
    told = [record.getMessage() for record in caplog.records if record.name == "web_backend"]
    names = {row["name"] for row in made}
    assert told[0].startswith(f"batch {batch.id}, {keys[0]}: ")
    assert told[0].rpartition(": ")[2] in names
    assert told[1] == f"batch {batch.id}, {keys[1]}: invalid_total_payments"


async def test_a_notification_at_another_address_or_of_another_kind_is_refused(town, caplog):
    caplog.set_level(logging.INFO)
    with town() as here:
        async with here.backend() as backend:
            assert (await backend.post("/siigo/batches/guessed", {"id": "b-1"}))[0] == 404
            status, body = await backend.post(f"/siigo/batches/{SECRET}", ["nothing of the kind"])

    assert status == 400
    assert "this is not what Siigo documents to post" in body["detail"]
    assert SECRET not in caplog.text


async def test_the_api_is_described_without_the_secret_address(town):
    with town() as here:
        async with here.backend() as backend:
            status, document = await backend.get("/openapi.json")

    assert status == 200
    assert set(document["paths"]) == {"/customers/{identification}", "/invoices", "/exports/invoices"}
    shown = document["paths"]["/customers/{identification}"]["get"]["responses"]["200"]
    assert shown["content"]["application/json"]["schema"]["type"] == "object"
    taken = document["paths"]["/invoices"]["post"]
    assert taken["requestBody"]["content"]["application/json"]["schema"]["type"] == "object"
    assert [(header["name"], header["required"]) for header in taken["parameters"]] == [("idempotency-key", True)]


@pytest.mark.parametrize("variable", ["SIIGO_USERNAME", "SIIGO_ACCESS_KEY", "SIIGO_PARTNER_ID"])
async def test_what_is_missing_from_the_environment_is_named_at_the_start(town, monkeypatch, variable):
    with town() as here:
        monkeypatch.delenv(variable)
        with pytest.raises(ConfigError, match=variable):
            async with here.module.lifespan(here.module.app):
                pass
