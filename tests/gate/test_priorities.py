"""A person who waits comes before a bulk export, between two of its requests."""

from __future__ import annotations

import asyncio

from sagicc_async import Priority


async def test_between_enqueue_and_start_of_an_interactive_call_no_bulk_request_starts(rig):
    async with rig(work=0.003) as r:
        clock, asked = r.coordinator._clock, []

        async def export():
            return [record async for record in r.serpi.centro_costo.list(limite=1)]

        async def person():
            for _ in range(5):
                asked.append(clock.now())
                with Priority.interactive():
                    assert await r.serpi.impuesto.list(limite=1).first()
                await r.vendor.until(lambda stats, after=r.vendor.stats.requests: stats.requests >= after + 3)

        exports = [asyncio.create_task(export()) for _ in range(3)]
        await r.vendor.until(lambda stats: stats.requests >= 5)
        await person()
        assert [len(records) for records in await asyncio.gather(*exports)] == [40, 40, 40]
        starts = {entry.started for entry in r.vendor.requests if entry.path.endswith("Impuesto")}
        bulk = [entry.started for entry in r.vendor.requests if entry.path.endswith("CentroCosto")]
        assert len(starts) == 5
        for enqueued, started in zip(asked, sorted(starts), strict=True):
            # One may have been granted before the person asked, and arrive after.
            assert sum(enqueued < at < started for at in bulk) <= 1
        assert (r.vendor.stats.overlaps, r.vendor.stats.max_in_flight) == (0, 1)


async def test_a_person_overtakes_everything_that_waits(rig):
    async with rig() as r:
        r.vendor.fault("hold", nth=1)
        calls = [asyncio.create_task(r.serpi.impuesto.list(limite=1).page(1))]
        await r.vendor.until(lambda stats: stats.in_flight == 1)
        for priority, limite in (
            (Priority.BULK, 2),
            (Priority.NORMAL, 3),
            (Priority.BULK, 4),
            (Priority.INTERACTIVE, 5),
        ):
            calls.append(asyncio.create_task(r.serpi.impuesto.list(limite=limite, priority=priority).page(1)))
        while r.queue()["waiting"] < 4:
            await asyncio.sleep(0)
        r.vendor.clear_faults()
        await asyncio.gather(*calls)
        assert [entry.query["limite"] for entry in r.vendor.requests] == ["1", "5", "3", "2", "4"]


async def test_a_priority_of_the_account_holds_where_a_call_says_none(rig):
    async with rig() as r:
        r.vendor.fault("hold", nth=1)
        calls = [asyncio.create_task(r.serpi.impuesto.list(limite=1).page(1))]
        await r.vendor.until(lambda stats: stats.in_flight == 1)
        backend = r.open(priority=Priority.INTERACTIVE)
        calls.append(asyncio.create_task(r.serpi.impuesto.list(limite=2).page(1)))
        calls.append(asyncio.create_task(backend.impuesto.list(limite=3).page(1)))
        calls.append(asyncio.create_task(backend.impuesto.list(limite=4, priority=Priority.BULK).page(1)))
        while r.queue()["waiting"] < 3:
            await asyncio.sleep(0)
        r.vendor.clear_faults()
        await asyncio.gather(*calls)
        assert [entry.query["limite"] for entry in r.vendor.requests] == ["1", "3", "2", "4"]
