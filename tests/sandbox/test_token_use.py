"""When a token counts as in use: from the arrival of a request until its work is done."""

from __future__ import annotations

import asyncio

import aiohttp
import pytest
from aiohttp import web


async def test_requests_one_after_another_never_overlap(opened):
    async with opened() as (_, vendor, client):
        for _ in range(100):
            await client.get()
        assert (vendor.stats.requests, vendor.stats.overlaps, vendor.stats.max_in_flight) == (100, 0, 1)
        assert vendor.stats.in_flight == 0


async def test_a_second_request_on_a_token_in_use_is_an_overlap(opened):
    async with opened() as (_, vendor, client):
        vendor.fault("hold")
        requests = [asyncio.create_task(client.get()) for _ in range(3)]
        await vendor.until(lambda stats: stats.in_flight == 3)
        vendor.clear_faults()
        assert [status for status, _ in await asyncio.gather(*requests)] == [200, 200, 200]
        assert (vendor.stats.overlaps, vendor.stats.max_in_flight) == (2, 3)
        assert [entry.overlap for entry in vendor.requests] == [False, True, True]


async def test_requests_that_arrive_at_the_same_moment_overlap_although_work_takes_no_time(opened, raw):
    async with opened() as (_, vendor, _):
        # Two open connections; both requests are written before the server gets a turn.
        async with raw(vendor) as (one, _), raw(vendor) as (other, _):
            await asyncio.gather(one.readuntil(b"}]}"), other.readuntil(b"}]}"))
        assert vendor.stats.requests == 2
        async with raw(vendor) as (one, writer), raw(vendor) as (other, second):
            await asyncio.gather(one.readuntil(b"}]}"), other.readuntil(b"}]}"))
            before = vendor.stats.overlaps
            for again in (writer, second):
                token = vendor.credentials["token"]
                again.write(f"GET /notes/v1/notes HTTP/1.1\r\nHost: localhost\r\nX-Token: {token}\r\n\r\n".encode())
            await asyncio.gather(one.readuntil(b"}]}"), other.readuntil(b"}]}"))
            assert vendor.stats.overlaps == before + 1


async def test_two_tokens_never_overlap_and_neither_do_requests_without_one(opened):
    async with opened() as (_, vendor, client):
        other = vendor.issue()["token"]
        vendor.fault("hold")
        requests = [asyncio.create_task(client.get(token=token)) for token in ("", other, None, None)]
        await vendor.until(lambda stats: stats.in_flight == 4)
        vendor.clear_faults()
        assert [status for status, _ in await asyncio.gather(*requests)] == [200, 200, 401, 401]
        assert (vendor.stats.overlaps, vendor.stats.max_in_flight) == (0, 1)


async def test_an_overlap_is_refused_on_request_and_does_no_work(opened):
    async with opened(overlap="reject") as (_, vendor, client):
        vendor.fault("hold", method="GET")
        first = asyncio.create_task(client.get())
        await vendor.until(lambda stats: stats.in_flight == 1)
        status, body = await client.post({"id": 99, "title": "zu früh"})
        assert (status, body) == (409, b'{"reason":"overlap"}')
        vendor.clear_faults()
        assert (await first)[0] == 200
        assert (vendor.stats.overlaps, vendor.stats.rejected) == (1, 1)
        assert len(vendor.rows("note")) == 25


async def test_overlaps_can_be_left_unwatched(opened):
    async with opened(overlap="off") as (_, vendor, client):
        vendor.fault("hold")
        requests = [asyncio.create_task(client.get()) for _ in range(2)]
        await vendor.until(lambda stats: stats.in_flight == 2)
        vendor.clear_faults()
        await asyncio.gather(*requests)
        assert (vendor.stats.overlaps, vendor.stats.max_in_flight) == (0, 2)


@pytest.mark.parametrize("leave", ["close", "abort"])
async def test_work_goes_on_after_the_client_hung_up_and_keeps_the_token_in_use(opened, raw, leave):
    async with opened() as (_, vendor, client):
        held = vendor.fault("hold", method="POST")
        async with raw(vendor, "POST", body=b'{"id":99,"title":"kept"}') as (_, writer):
            await vendor.until(lambda stats: stats.in_flight == 1)
            getattr(writer.transport, leave)()
            await client.get(token=None)  # by now the server has seen the end of the other connection
            assert vendor.stats.in_flight == 1
            assert (await client.get())[0] == 200
        assert [(entry.method, entry.overlap) for entry in vendor.requests] == [
            ("POST", False), ("GET", False), ("GET", True),
        ]  # fmt: skip
        vendor.clear_faults(held)
        await vendor.until(lambda stats: stats.in_flight == 0)
        assert vendor.rows("note")[-1]["title"] == "kept"
        assert vendor.requests[0].hung_up
        assert vendor.requests[0].status == 201


async def test_a_cancelled_handler_does_not_end_the_work(opened):
    """Ours are not cancelled when a client leaves; the promise does not hang on that setting."""
    async with opened() as (_, vendor, _):
        application = web.Application()
        application.router.add_route("*", "/{path:.*}", vendor.handle)
        runner = web.AppRunner(application, handler_cancellation=True)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        vendor.fault("hold")
        port = runner.addresses[0][1]
        _, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(f"GET /v1/notes HTTP/1.1\r\nHost: x\r\nX-Token: {vendor.credentials['token']}\r\n\r\n".encode())
        await vendor.until(lambda stats: stats.in_flight == 1)
        writer.close()
        await writer.wait_closed()
        await runner.cleanup()
        assert vendor.stats.in_flight == 1
        vendor.clear_faults()
        await vendor.until(lambda stats: stats.in_flight == 0)
        assert vendor.requests[0].status == 200


async def test_a_request_that_never_arrives_whole_does_no_work(opened, raw):
    async with opened() as (_, vendor, _):
        async with raw(vendor, "POST", body=b'{"id":99,', missing=10):
            await vendor.until(lambda stats: stats.in_flight == 1)
        await vendor.until(lambda stats: stats.in_flight == 0)
        assert (vendor.requests[0].body, vendor.requests[0].hung_up) == (None, True)
        assert len(vendor.rows("note")) == 25


async def test_work_takes_its_time_on_the_clock(opened, manual_clock):
    async with opened(clock=manual_clock, work=3) as (_, vendor, client):
        request = asyncio.create_task(client.get())
        await vendor.until(lambda stats: stats.in_flight == 1)
        while not manual_clock.timers:  # the body is read, then the work starts
            await asyncio.sleep(0)
        await manual_clock.advance(2.9)
        assert vendor.stats.in_flight == 1
        await manual_clock.advance(0.1)
        assert (await request)[0] == 200
        entry = vendor.requests[0]
        assert entry.finished - entry.started == pytest.approx(3)


async def test_closing_ends_the_work_that_is_held(opened):
    async with opened() as (_, vendor, client):
        vendor.fault("hold")
        request = asyncio.create_task(client.get())
        await vendor.until(lambda stats: stats.in_flight == 1)
    with pytest.raises((aiohttp.ClientError, RuntimeError)):
        await request
    assert vendor.stats.in_flight == 0


async def test_logins_are_counted(opened):
    async with opened() as (_, vendor, client):
        await client.post({"user": "ana", "password": "s3cr3t"}, "/login")
        assert vendor.stats.logins == 1
