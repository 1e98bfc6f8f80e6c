"""Invoices in a batch: the answer at once, and the call-back to a server of the test's own."""

from __future__ import annotations

import asyncio
import json
from contextlib import asynccontextmanager

import pytest
from aiohttp import web


@asynccontextmanager
async def receiver(status=200):
    """Yield an address, and a queue of what is posted to it."""
    posted = asyncio.Queue()

    async def take(request):
        posted.put_nowait((request.headers["Content-Type"], await request.read()))
        return web.Response(status=status)

    application = web.Application()
    application.add_routes([web.post("/lote", take)])
    runner = web.AppRunner(application, access_log=None)
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        yield f"http://127.0.0.1:{runner.addresses[0][1]}/lote", posted
    finally:
        await runner.cleanup()


async def test_the_call_back_tells_of_each_invoice_in_the_vendors_form(books, bodies):
    async with receiver() as (url, posted), books() as api:
        good = {**bodies.invoice(), "idempotency_key": "1032492954"}
        bad = {**bodies.invoice(payments=[{"id": 6101, "value": 1}]), "idempotency_key": "1032492955"}
        answer = await api.created("invoices/batch", {"notification_url": url, "invoices": [good, bad]})
        assert set(answer) == {"id", "status", "received_at"}
        assert answer["status"] == "Received"
        content_type, body = await posted.get()
        told = json.loads(body)
        made, refused = told.pop("invoices")
        status_at = told.pop("status_at")
        assert status_at.endswith("Z")
        assert told == {"id": answer["id"], "status": "Processed", "notification_url": url}
        assert content_type.startswith("application/json")
        kept = await api.get(f"invoices/{made['id']}")
        assert made == {"status_code": "201", "idempotency_key": "1032492954", **kept}
        assert refused == {
            "status_code": "400",
            "idempotency_key": "1032492955",
            "error": {
                "status": 400,
                "errors": [
                    {
                        "code": "invalid_total_payments",
                        "message": "The total payments must be equal to the total invoice. "
                        "The total invoice calculated is 2380",
                        "params": ["payments"],
                        "detail": "Check the API documentation: "
                        "https://developer.siigo.com/introduction/codigos-de-error/invalid_total_payments",
                    }
                ],
            },
        }


async def test_a_key_creates_one_invoice_in_batches_and_alone(books, bodies):
    async with receiver() as (url, posted), books() as api:
        alone = await api.created("invoices", bodies.invoice(), Idempotency_Key="k1")
        keyed = [{**bodies.invoice(), "idempotency_key": key} for key in ("k1", "k2", "k2")]
        await api.created("invoices/batch", {"notification_url": url, "invoices": keyed})
        _, body = await posted.get()
        first, second, third = json.loads(body)["invoices"]
        assert first["id"] == alone["id"]
        assert second["id"] == third["id"] != first["id"]
        assert len(api.vendor.rows("invoices")) == 2


async def test_a_receiver_that_fails_changes_nothing_of_the_invoices(books, bodies):
    async with receiver(status=500) as (url, posted), books() as api:
        keyed = {**bodies.invoice(), "idempotency_key": "k1"}
        await api.created("invoices/batch", {"notification_url": url, "invoices": [keyed]})
        await posted.get()
        assert len(api.vendor.rows("invoices")) == 1


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"notification_url": None}, "parameter_required"),
        ({"notification_url": "ftp://x"}, "invalid_url"),
        ({"notification_url": "https://x/" + "y" * 2048}, "length_max"),
        ({"invoices": []}, "parameter_empty"),
        ({"invoices": [{}]}, "parameter_required"),
        ({"invoices": [{"idempotency_key": "a-b"}]}, "invalid_idempotency_key"),
        ({"invoices": [{"idempotency_key": "k" * 31}]}, "invalid_idempotency_key"),
        ({"invoices": [{"idempotency_key": "k1", "observations": "x" * 1024 * 1024}]}, "values_limit"),
    ],
)
async def test_a_batch_that_cannot_be_is_refused_whole(books, change, code):
    async with books() as api:
        body = {"notification_url": "https://acme.example/lote", "invoices": [{"idempotency_key": "k1"}], **change}
        assert await api.refused("POST", "invoices/batch", body) == (400, [code])
