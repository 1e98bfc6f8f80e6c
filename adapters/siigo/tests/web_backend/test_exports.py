"""Look-ups of people beside a running export, and exports from their start to a shutdown in their middle."""

from __future__ import annotations

import asyncio
import json

from sagicc_async.export import unfinished

from .town import an_invoice, somebody


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
