"""Every fault, seen from the client's end of a real socket."""

from __future__ import annotations

import asyncio
import gzip

import aiohttp
import pytest

from sagicc_async.errors import ConfigError
from sagicc_async.sandbox import EFFECTS, from_json


async def test_latency_is_work(opened, manual_clock):
    async with opened(clock=manual_clock) as (_, vendor, client):
        vendor.fault("latency", seconds=5)
        request = asyncio.create_task(client.get())
        await vendor.until(lambda stats: stats.in_flight == 1)
        while not manual_clock.timers:
            await asyncio.sleep(0)
        await manual_clock.advance(4.9)
        assert vendor.stats.in_flight == 1
        await manual_clock.advance(0.2)
        assert (await request)[0] == 200


async def test_a_status_replaces_the_answer_and_by_default_the_work(opened):
    async with opened() as (_, vendor, client):
        vendor.fault("status", status=503, body={"error": "busy"}, headers={"Retry-After": 3}, method="post")
        headers = {"X-Token": vendor.credentials["token"]}
        async with client.http.post(vendor.base_url + "/notes", json={"id": 99}, headers=headers) as answer:
            assert (answer.status, answer.headers["Retry-After"]) == (503, "3")
            assert answer.content_type == "application/json"
            assert await answer.read() == b'{"error":"busy"}'
        assert len(vendor.rows("note")) == 25
        assert vendor.stats.by_status == {503: 1}


@pytest.mark.parametrize(("kind", "options"), [("garbage", {}), ("redirect", {"location": "/", "status": 303})])
async def test_garbage_and_redirects_come_in_place_of_the_work_unless_it_is_done(opened, raw, kind, options):
    async with opened() as (_, vendor, _):
        for done in ({}, {"done": True}):
            vendor.fault(kind, times=1, **options, **done)
            async with raw(vendor, "POST", body=b'{"id":99,"title":"x"}') as (reader, _):
                await reader.readuntil(b"\r\n\r\n")
            assert len(vendor.rows("note")) == (26 if done else 25)


async def test_a_status_after_the_work_is_done(opened):
    async with opened() as (_, vendor, client):
        vendor.fault("status", status=500, done=True)
        assert await client.post({"id": 99, "title": "x"}) == (500, b"")
        assert len(vendor.rows("note")) == 26


async def test_a_reset_on_arrival_leaves_the_work_going(opened, raw):
    async with opened() as (_, vendor, client):
        vendor.fault("reset_before", method="POST")
        held = vendor.fault("hold", method="POST")
        async with raw(vendor, "POST", body=b'{"id":99,"title":"x"}') as (reader, _):
            with pytest.raises(ConnectionResetError):
                await reader.read()
        assert vendor.stats.in_flight == 1
        await client.get()
        assert vendor.stats.overlaps == 1
        vendor.clear_faults(held)
        await vendor.until(lambda stats: stats.in_flight == 0)
        assert len(vendor.rows("note")) == 26
        assert vendor.requests[0].status is None
        assert vendor.requests[0].faults == ("reset_before", "hold")


async def test_a_reset_after_the_work_finds_the_token_free(opened, raw):
    async with opened() as (_, vendor, _):
        vendor.fault("reset_after")
        async with raw(vendor, "POST", body=b'{"id":99,"title":"x"}') as (reader, _):
            with pytest.raises(ConnectionResetError):
                await reader.read()
        assert vendor.stats.in_flight == 0
        assert len(vendor.rows("note")) == 26
        assert vendor.stats.by_status == {}


async def test_a_reset_can_stand_for_work_that_was_never_done(opened):
    async with opened() as (_, vendor, client):
        vendor.fault("reset_after", done=False)
        with pytest.raises(aiohttp.ClientError):
            await client.post({"id": 99, "title": "x"})
        assert len(vendor.rows("note")) == 25


async def test_a_truncated_body_promises_more_than_it_sends(opened, raw):
    async with opened() as (_, vendor, client):
        whole = (await client.get())[1]
        vendor.fault("truncate", keep=0.5)
        async with raw(vendor) as (reader, _):
            head, _, body = (await reader.read()).partition(b"\r\n\r\n")
        assert f"Content-Length: {len(whole)}".encode() in head
        assert body == whole[: len(whole) // 2]
        with pytest.raises(aiohttp.ClientPayloadError):
            await client.get()
        assert vendor.stats.in_flight == 0


async def test_a_drip_keeps_the_token_in_use_until_the_last_byte(opened, manual_clock):
    async with opened(clock=manual_clock) as (_, vendor, client):
        whole = (await client.get())[1]
        vendor.fault("drip", pause=10, size=len(whole) - 1)
        request = asyncio.create_task(client.get())
        while not manual_clock.timers:
            await asyncio.sleep(0)
        assert vendor.stats.in_flight == 1
        await manual_clock.advance(10)
        assert await request == (200, whole)
        assert vendor.stats.in_flight == 0


async def test_a_drip_ends_when_the_client_leaves(opened, raw, manual_clock):
    async with opened(clock=manual_clock) as (_, vendor, client):
        vendor.fault("drip", pause=10, size=1, times=1)
        async with raw(vendor) as (reader, _):
            await reader.readuntil(b"{")
        await client.get(token=None)  # by now the server has seen the end of the other connection
        assert vendor.stats.in_flight == 1
        await manual_clock.advance(10)
        await vendor.until(lambda stats: stats.in_flight == 0)
        assert vendor.requests[0].hung_up


@pytest.mark.parametrize("chunked", [False, True])
async def test_a_huge_body_is_valid_json(opened, chunked):
    async with opened() as (_, vendor, client):
        small = (await client.get())[1]
        vendor.fault("huge", megabytes=2, chunked=chunked)
        async with client.http.get(
            vendor.base_url + "/notes", headers={"X-Token": vendor.credentials["token"]}
        ) as answer:
            assert ("Content-Length" in answer.headers) is not chunked
            body = await answer.read()
        assert len(body) == 2_000_000 + len(small)
        assert from_json(body) == from_json(small)


async def test_a_huge_body_can_be_small_on_the_wire(opened, raw):
    async with opened() as (_, vendor, _):
        vendor.fault("huge", megabytes=5, gzip=True)
        async with raw(vendor) as (reader, _):
            head, _, _ = (await reader.readuntil(b"\r\n\r\n")).partition(b"\r\n\r\n")
            body = b""
            while size := int(await reader.readuntil(b"\r\n"), 16):
                body += await reader.readexactly(size)
                await reader.readexactly(2)
        assert b"Content-Encoding: gzip" in head
        assert len(body) < 100_000
        assert len(gzip.decompress(body)) > 5_000_000


async def test_the_token_is_free_while_a_huge_body_travels(opened, raw):
    async with opened() as (_, vendor, _):
        vendor.fault("huge", megabytes=50)
        async with raw(vendor) as (reader, writer):
            await reader.readexactly(1000)
            assert (vendor.stats.in_flight, vendor.requests[0].finished is None) == (0, False)
            writer.transport.abort()


async def test_a_client_may_leave_in_the_middle_of_a_huge_body(opened, raw):
    async with opened() as (_, vendor, client):
        vendor.fault("huge", megabytes=50, times=1)
        async with raw(vendor) as (reader, writer):
            await reader.readexactly(1000)
            writer.transport.abort()
        assert (await client.get())[0] == 200


async def test_garbage_is_a_page_with_status_200(opened):
    async with opened() as (_, vendor, client):
        vendor.fault("garbage")
        status, body = await client.get()
        assert status == 200
        assert body.startswith(b"<!DOCTYPE html>")


async def test_a_redirect_names_another_host(opened):
    async with opened() as (_, vendor, client):
        vendor.fault("redirect", location="http://other.example/v1/notes", status=307)
        async with client.http.get(vendor.base_url + "/notes", allow_redirects=False) as answer:
            assert (answer.status, answer.headers["Location"]) == (307, "http://other.example/v1/notes")


async def test_a_revoked_token_stays_revoked_and_others_stay_valid(opened):
    async with opened() as (_, vendor, client):
        other = vendor.issue()["token"]
        vendor.fault("revoke", nth=2)
        assert [(await client.get())[0] for _ in range(4)] == [200, 401, 401, 401]
        assert (await client.get(token=other))[0] == 200


async def test_an_unknown_field_appears_in_every_row(opened):
    async with opened() as (_, vendor, client):
        vendor.fault("unknown_field", field="surprise", value=[1])
        _, body = await client.get()
        rows = from_json(body)["rows"]
        assert len(rows) == 10
        assert all(row["surprise"] == [1] for row in rows)
        assert b'"price":1.50' in body  # decimals keep their digits also here


async def test_a_wrong_type_stands_in_one_row(opened):
    async with opened() as (_, vendor, client):
        vendor.fault("wrong_type", row=3, field="title", value=17)
        rows = from_json((await client.get())[1])["rows"]
        assert [type(row["title"]) for row in rows[:4]] == [str, str, int, str]


async def test_faults_choose_their_requests(opened):
    async with opened() as (_, vendor, client):
        vendor.fault("status", status=500, query={"offset": 10}, times=2)
        vendor.fault("status", status=502, path="/notes$", nth=6)
        statuses = [(await client.get(f"/notes?offset={offset}"))[0] for offset in (0, 10, 10, 10, 0, 0, 0)]
        assert statuses == [200, 500, 500, 200, 200, 502, 200]
        assert [(fault.seen, fault.struck) for fault in vendor.faults] == [(3, 2), (7, 1)]


async def test_a_probability_strikes_the_same_requests_for_the_same_seed(opened):
    outcomes = []
    for _ in range(2):
        async with opened() as (_, vendor, client):
            vendor.fault("status", status=500, probability=0.5)
            outcomes.append([(await client.get())[0] for _ in range(40)])
    assert outcomes[0] == outcomes[1]
    assert set(outcomes[0]) == {200, 500}


async def test_effects_add_up(opened):
    async with opened() as (_, vendor, client):
        vendor.fault("status", status=500, body="whole answer")
        vendor.fault("truncate", keep=0)
        with pytest.raises(aiohttp.ClientPayloadError):
            await client.get()
        assert vendor.requests[0].status == 500


@pytest.mark.parametrize(
    ("kind", "options", "complaint"),
    [
        ("latenci", {}, "there is no fault 'latenci'; there are: drip,"),
        ("latency", {}, "cannot be made"),
        ("latency", {"seconds": -1}, "cannot be made"),
        ("latency", {"seconds": 1, "tymes": 2}, "has no option tymes; it has: "),
        ("status", {"status": "503"}, "cannot be made"),
        ("truncate", {"keep": 1}, "cannot be made"),
        ("garbage", {"probability": 2}, "cannot be made"),
        ("garbage", {"path": "("}, "cannot be made"),
        ("garbage", {"nth": 0}, "cannot be made"),
    ],
)
async def test_a_fault_that_cannot_be_is_said_to_be_so(opened, kind, options, complaint):
    async with opened() as (_, vendor, _):
        with pytest.raises(ConfigError, match=complaint):
            vendor.fault(kind, **options)


def test_every_kind_is_in_the_table():
    from sagicc_async.sandbox import effects

    assert all(f"| `{kind}` |" in effects.__doc__ for kind in EFFECTS)
