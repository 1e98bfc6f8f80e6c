"""The example of a web backend: uvicorn serves it on a real socket, beside a Siigo on this machine."""

from __future__ import annotations

import asyncio
import importlib.util
import json
import logging
import sys
import time
from contextlib import asynccontextmanager, contextmanager
from decimal import Decimal
from pathlib import Path

import aiohttp
import attrs
import pytest
import uvicorn

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
from sagicc_async.export import unfinished
from sagicc_async.sandbox import LocalVendor, Sandbox
from sagicc_async_siigo import Siigo
from sagicc_async_siigo.sandbox import SiigoSandbox

EXAMPLE = Path(__file__).parent.parent / "examples" / "web_backend.py"
SECRET = "an-address-that-nobody-guesses"

#: Ids of the sandbox's catalogues, which are the same for every seed.
INVOICE_TYPE, SELLER, CASH = 5101, 3101, 6101


@attrs.frozen
class Backend:
    """The example while it is served, and somebody who asks it."""

    http: aiohttp.ClientSession
    url: str

    async def ask(self, method, path, body=None, **headers):
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        async with self.http.request(method, path, json=body, headers=sent) as answer:
            content = await answer.read()
            return answer.status, json.loads(content) if content else None, answer.headers

    async def get(self, path):
        return (await self.ask("GET", path))[:2]

    async def post(self, path, body=None, **headers):
        return (await self.ask("POST", path, body, **headers))[:2]

    async def export_is(self, condition):
        """Ask for the export's status until it is as wanted, and return it."""
        async with asyncio.timeout(20):
            while not condition(status := (await self.get("/exports/invoices"))[1]):
                pass
        return status


@attrs.frozen
class Town:
    """A Siigo, and the way to start the example beside it, as often as one likes."""

    vendor: LocalVendor
    file: Path
    module: object

    @asynccontextmanager
    async def backend(self):
        """Serve the example, its lifespan included, until the block is left."""
        server = uvicorn.Server(uvicorn.Config(self.module.app, port=0, ws="none", log_config=None, access_log=False))
        serving = asyncio.create_task(server.serve())
        try:
            async with asyncio.timeout(10):
                while not server.started and not serving.done():
                    await asyncio.sleep(0)
            url = f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
            async with aiohttp.ClientSession(url) as http:
                yield Backend(http, url)
        finally:
            server.should_exit = True
            await serving

    def of(self, path):
        """The requests for data in whose path this stands, oldest first."""
        return [entry for entry in self.vendor.requests if path in entry.path]


@pytest.fixture
def town(tmp_path, monkeypatch):
    """Give a function that opens a Siigo with settings of its own, and the example with the environment for it."""
    spec = importlib.util.spec_from_file_location("web_backend", EXAMPLE)
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, "web_backend", module)
    spec.loader.exec_module(module)

    @contextmanager
    def opened(*, records=60, **settings):
        options = {"siigo": {"work": 0, **settings}}
        with Sandbox.in_thread([SiigoSandbox], records=records, seed=7, settings=options) as sandbox:
            vendor = sandbox["siigo"]
            for name, value in {"base_url": vendor.base_url, **vendor.credentials}.items():
                monkeypatch.setenv(f"SIIGO_{name.upper()}", value)
            monkeypatch.setenv("SIIGO_PARTNER_ID", vendor.settings["partner_id"])
            monkeypatch.setenv("SIIGO_WEBHOOK_SECRET", SECRET)
            monkeypatch.setenv("EXPORT_FILE", str(tmp_path / "invoices.jsonl"))
            monkeypatch.setattr(module, "SessionManager", manager_for(vendor))
            yield Town(vendor, tmp_path / "invoices.jsonl", module)

    return opened


def manager_for(vendor):
    """The manager that the example makes, paced for this sandbox, with queues that no other test shares."""

    def made(*, settings):
        pace = {"siigo": {**vendor.settings, **settings["siigo"]}}
        return SessionManager(settings=pace, coordinator=MemoryCoordinator())

    return made


def an_invoice(vendor, **changes):
    """An invoice of 1,190.50, paid at once, as a caller of the backend writes it."""
    return {
        "document": {"id": INVOICE_TYPE},
        "date": "2026-01-31",
        "customer": {"identification": somebody(vendor)["identification"]},
        "seller": SELLER,
        "items": [{"code": "P00001", "quantity": 1, "price": 1190.5}],
        "payments": [{"id": CASH, "value": "1190.50"}],
        **changes,
    }


def somebody(vendor):
    """A customer whom a look-up must find."""
    return vendor.rows("customers")[0]


async def test_look_ups_are_answered_while_the_export_runs_and_share_its_login_and_window(town):
    with town(records=1_000, requests=10, window=1) as here:
        async with here.backend() as backend:
            path = f"/customers/{somebody(here.vendor)['identification']}"
            await backend.post("/exports/invoices")
            look_ups = [await backend.get(path)]
            between = (await backend.get("/exports/invoices"))[1]
            look_ups += [await backend.get(path) for _ in range(11)]
            after = await backend.export_is(lambda status: status["state"] != "running")

        assert [(status, body["id"]) for status, body in look_ups] == [(200, somebody(here.vendor)["id"])] * 12
        assert between["state"] == "running"
        assert after == {"state": "done", "records": 1_000, "total": 1_000, "drifted": False, "error": None}
        assert len(here.file.read_bytes().splitlines()) == 1_000
        assert here.vendor.stats.by_status == {200: 1 + 10 + 12}  # more than two windows take, and no 429
        assert here.vendor.stats.logins == 1
        assert len({entry.token for entry in here.vendor.requests if entry.token}) == 1


async def test_a_look_up_overtakes_the_page_that_waits_for_the_window(town):
    with town(records=300, requests=3, window=1.5) as here:
        async with here.backend() as backend:
            await backend.post("/exports/invoices")
            # The login and two pages have filled the window; the third page waits for it.
            await backend.export_is(lambda status: status["records"] == 200)
            assert (await backend.get("/customers/1"))[0] == 404
            await backend.export_is(lambda status: status["state"] == "done")
        assert [entry.path.rpartition("/")[2] for entry in here.vendor.requests] == [
            "auth",
            "invoices",
            "invoices",
            "customers",
            "invoices",
        ]


async def test_a_look_up_does_not_wait_for_the_page_that_the_export_waits_for(town):
    with town(records=300) as here:
        async with here.backend() as backend:
            here.vendor.fault("hold", path="v1/invoices", nth=2)
            await backend.post("/exports/invoices")
            await backend.export_is(lambda status: status["records"] == 100)
            assert (await backend.get(f"/customers/{somebody(here.vendor)['identification']}"))[0] == 200
            assert (await backend.get("/exports/invoices"))[1]["state"] == "running"
            here.vendor.clear_faults()
            await backend.export_is(lambda status: status["state"] == "done")


async def test_there_is_one_export_at_a_time_and_another_one_after_it(town):
    with town() as here:
        async with here.backend() as backend:
            assert await backend.get("/exports/invoices") == (
                200,
                {"state": "idle", "records": 0, "total": None, "drifted": False, "error": None},
            )
            held = here.vendor.fault("hold", path="v1/invoices")
            assert (await backend.post("/exports/invoices"))[0] == 202
            assert (await backend.post("/exports/invoices"))[0] == 409
            here.vendor.clear_faults(held)
            await backend.export_is(lambda status: status["state"] == "done")
            assert (await backend.post("/exports/invoices"))[0] == 202
            assert (await backend.export_is(lambda status: status["state"] == "done"))["records"] == 60


async def test_an_invoice_that_comes_in_while_the_export_runs_makes_it_say_so(town):
    with town(records=300) as here:
        async with here.backend() as backend:
            here.vendor.fault("hold", method="GET", path="v1/invoices", nth=2)
            await backend.post("/exports/invoices")
            await backend.export_is(lambda status: status["records"] == 100)
            assert (await backend.post("/invoices", an_invoice(here.vendor), Idempotency_Key="order-991"))[0] == 201
            here.vendor.clear_faults()
            status = await backend.export_is(lambda status: status["state"] != "running")

    assert (status["state"], status["drifted"]) == ("done", True)


async def test_a_failed_export_is_told_and_ends_nothing_else(town):
    with town() as here:
        async with here.backend() as backend:
            here.vendor.fault("status", path="v1/invoices", status=403, times=1)
            await backend.post("/exports/invoices")
            status = await backend.export_is(lambda status: status["state"] != "running")
            assert (status["state"], status["error"]) == ("failed", "PermissionDenied")
            assert (await backend.get(f"/customers/{somebody(here.vendor)['identification']}"))[0] == 200
            await backend.post("/exports/invoices")
            await backend.export_is(lambda status: status["state"] == "done")


async def test_a_mistake_of_the_programs_in_the_export_ends_nothing_else_either(town, monkeypatch):
    with town() as here:
        monkeypatch.setattr(here.module, "export", lambda *_, **__: 1 / 0)
        async with here.backend() as backend:
            await backend.post("/exports/invoices")
            status = await backend.export_is(lambda status: status["state"] != "running")
            assert (status["state"], status["error"]) == ("failed", "ZeroDivisionError")
            assert (await backend.get(f"/customers/{somebody(here.vendor)['identification']}"))[0] == 200


async def test_shutting_down_in_the_middle_of_an_export_leaves_no_task_and_a_part_that_is_gone_on_with(town):
    with town(records=500) as here:
        tasks = asyncio.all_tasks()
        async with here.backend() as backend:
            here.vendor.fault("hold", path="v1/invoices", nth=3)
            await backend.post("/exports/invoices")
            await backend.export_is(lambda status: status["records"] == 200)
        assert asyncio.all_tasks() == tasks
        here.vendor.clear_faults()
        assert unfinished(here.file).records == 200
        assert not here.file.exists()

        here.vendor.reset(data=False)
        async with here.backend() as backend:
            await backend.post("/exports/invoices")
            await backend.export_is(lambda status: status["state"] == "done")
        assert here.of("invoices")[0].query["page"] == "2"  # once more, to find its place behind the last record
        exported = [json.loads(line)["id"] for line in here.file.read_bytes().splitlines()]
        assert exported == [row["id"] for row in here.vendor.rows("invoices")]


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
