"""Streams on real sockets, against SERPI's sandbox: what is held, what overlaps, what a bad row leaves behind."""

from __future__ import annotations

import asyncio
import json
import time
from contextlib import asynccontextmanager
from decimal import Decimal

import aiohttp
import pytest

from sagicc_async import MemoryCoordinator, ProtocolError, SessionManager
from sagicc_async.sandbox import Sandbox
from sagicc_async_serpi import CentroCosto, Serpi


@asynccontextmanager
async def opened(*, records=120, settings=None, **manager):
    options = {"serpi": {"work": 0, **(settings or {})}}
    async with (
        Sandbox(["serpi"], records=records, seed=7, settings=options) as sandbox,
        SessionManager(coordinator=MemoryCoordinator(), **manager) as sessions,
    ):
        vendor = sandbox["serpi"]
        yield vendor, sessions.open(Serpi, vendor.credentials, base_url=vendor.base_url), sessions


def nothing_held(sessions):
    (report,) = sessions.status().values()
    connector = sessions._transport._session.connector
    return (report["queue"]["in_flight"], report["queue"]["waiting"], len(connector._acquired)) == (0, 0, 0)


@pytest.mark.parametrize("way", ["records", "pages", "raw"])
async def test_leaving_a_loop_holds_neither_token_nor_connection_nor_task(way):
    async with opened() as (vendor, serpi, sessions):
        await serpi.impuesto.list().first()  # opens the connection, whose other end is a task of the sandbox
        before = asyncio.all_tasks()
        stream = serpi.centro_costo.list()
        async for _ in {"records": stream, "pages": stream.pages(), "raw": stream.raw()}[way]:
            # Here too: between two pages a stream holds nothing, so user code may take as long as it likes.
            assert nothing_held(sessions)
            break

        assert nothing_held(sessions)
        assert asyncio.all_tasks() == before
        assert vendor.stats.requests == 2


async def test_two_streams_and_a_single_call_take_turns_on_the_token():
    async with opened() as (vendor, serpi, _):

        async def read():
            return len(await serpi.centro_costo.list().collect())

        assert await asyncio.gather(read(), read(), serpi.impuesto.list().first()) != []
        assert (vendor.stats.overlaps, vendor.stats.max_in_flight) == (0, 1)


async def test_breaking_off_a_look_ahead_leaves_its_request_accounted_for():
    async with opened() as (vendor, serpi, sessions):
        await serpi.impuesto.list().first()
        before = asyncio.all_tasks()
        vendor.fault("hold", query={"pagina": "2"})
        async with serpi.centro_costo.list().prefetch() as pages:
            async for _ in pages:
                await vendor.until(lambda stats: stats.requests == 3)
                break

        (report,) = sessions.status().values()
        assert report["queue"]["in_flight"] == 1  # it is at work at the vendor, and keeps the token until it is done
        after = asyncio.ensure_future(serpi.impuesto.list().first())
        for _ in range(20):
            await asyncio.sleep(0)
        assert vendor.stats.requests == 3

        vendor.clear_faults()
        assert await after is not None
        assert nothing_held(sessions)
        assert asyncio.all_tasks() == before
        assert (vendor.stats.overlaps, vendor.stats.max_in_flight) == (0, 1)


@pytest.mark.parametrize("connection", ["kept alive", "new for each page"])
async def test_the_next_page_travels_while_the_consumer_keeps_the_processor_busy(connection):
    connector = aiohttp.TCPConnector(force_close=connection != "kept alive")
    with Sandbox.in_thread(["serpi"], records=200, seed=7) as sandbox:
        vendor = sandbox["serpi"]
        async with SessionManager(coordinator=MemoryCoordinator(), connector=connector) as sessions:
            serpi = sessions.open(Serpi, vendor.credentials, base_url=vendor.base_url)
            read = 0
            async with serpi.centro_costo.list().prefetch() as pages:
                async for page in pages:
                    busy_until(lambda page=page: vendor.stats.requests > page.number)
                    read += len(page.items)
        await connector.close()

        assert read == 200
        assert vendor.stats.overlaps == 0


def busy_until(condition):
    """Compute without ever going back to the loop: what was not written before never arrives."""
    limit = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < limit, "the request for the next page was not out before the consumer's work began"


async def test_a_cpu_bound_consumer_without_look_ahead_overlaps_nothing():
    with Sandbox.in_thread(["serpi"], records=100, seed=7) as sandbox:
        vendor = sandbox["serpi"]
        async with SessionManager(coordinator=MemoryCoordinator()) as sessions:
            serpi = sessions.open(Serpi, vendor.credentials, base_url=vendor.base_url)
            async for page in serpi.centro_costo.list().pages():
                assert vendor.stats.requests == page.number


async def test_rows_in_front_of_a_bad_one_are_handed_out_and_the_error_leads_on():
    async with opened() as (vendor, serpi, _):
        vendor.fault("wrong_type", row=3, field="codigo", query={"pagina": "2"})
        read = []

        with pytest.raises(
            ProtocolError, match=r"serpi default centro_costo\.list: .*\$\.result\[2\]\.codigo should be"
        ) as caught:
            async for record in serpi.centro_costo.list():
                read.append(record)  # noqa: PERF401 - what was read before the error counts

        assert [record.id for record in read] == [row["id"] for row in vendor.rows("centro_costo")[:52]]
        assert "inesperado" not in str(caught.value)
        vendor.clear_faults()
        read += await serpi.centro_costo.resume(caught.value.checkpoint).collect()
        assert [record.to_dict() for record in read] == vendor.rows("centro_costo")


async def test_an_unknown_field_is_kept_and_stops_nothing():
    async with opened() as (vendor, serpi, _):
        vendor.fault("unknown_field", field="campo_nuevo", value=7)

        records = await serpi.centro_costo.list().collect(60)

        assert all(record.extra == {"campo_nuevo": 7} for record in records)


async def test_raw_records_are_exact_mappings_or_the_vendors_own_bytes():
    async with opened() as (vendor, serpi, _):
        rows = vendor.rows("impuesto")
        mappings = await serpi.impuesto.list().raw().collect()
        texts = [bytes(text) for text in await serpi.impuesto.list().raw(encoded=True).collect()]

        assert mappings == rows
        assert all(type(row["valor"]) is Decimal and row["valor"].as_tuple().exponent == -5 for row in mappings)
        assert [json.loads(text, parse_float=Decimal) for text in texts] == rows
        assert all(
            b"\n" not in text and f'"valor":{row["valor"]}'.encode() in text
            for text, row in zip(texts, rows, strict=True)
        )


@pytest.mark.parametrize("encoded", [False, True])
async def test_raw_streams_have_the_same_places_as_typed_ones(encoded):
    async with opened() as (_, serpi, _sessions):
        typed = serpi.centro_costo.list(limite=40)
        read = await typed.collect(55)
        resumed = serpi.centro_costo.resume(typed.checkpoint)
        raw = resumed.raw(encoded=True) if encoded else resumed.raw()

        rest = [row if isinstance(row, dict) else json.loads(bytes(row)) for row in await raw.collect()]

        everything = await serpi.centro_costo.list().collect()
        assert read + [CentroCosto.from_dict(row) for row in rest] == everything
        assert raw.checkpoint == resumed.checkpoint or raw.checkpoint.ids == tuple(str(row["id"]) for row in rest[-3:])


async def test_a_capped_vendor_is_read_whole():
    async with opened(settings={"max_limite": 7}) as (vendor, serpi, _):
        stream = serpi.centro_costo.list(limite=100)

        records = await stream.collect()

        assert [record.id for record in records] == [row["id"] for row in vendor.rows("centro_costo")]
        assert stream.stats.short_pages == 17


async def test_the_vendors_clock_is_the_next_watermark():
    async with opened() as (_, serpi, _sessions):
        stream = serpi.centro_costo.list()
        await stream.first()
        assert stream.started_at is None  # `first` is a look of its own
        async for _ in stream:
            break
        assert stream.started_at is not None
        assert stream.started_at.tzinfo is not None
