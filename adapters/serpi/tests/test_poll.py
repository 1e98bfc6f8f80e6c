"""Polling as SERPI advises it: the whole list every five minutes, and what changed between two passes."""

from __future__ import annotations

import asyncio

import pytest

from sagicc_async import ConfigError, MemoryCoordinator, RetryPolicy, ServerError, SessionManager
from sagicc_async.testing import ManualClock, mocked_responses

PAGE = "https://www.apis.serpi.com.co/api/v1/CentroCosto?limite=50&pagina={}"
EMPTY = {"success": True, "code": 201, "message": "No se encontraron registros", "result": []}


async def test_a_pass_tells_what_is_new_changed_and_gone(local):
    async with local(records=3) as here:
        one, two, three = here.vendor.rows("centro_costo")
        passes = here.serpi.centro_costo.poll(every=0.001)

        first = await anext(passes)
        await here.serpi.centro_costo.edit(two["id"], descripcion="OTRA")
        await here.serpi.centro_costo.create({"codigo": "Z1", "abreviatura": "Z1", "descripcion": "NUEVA"})
        second = await anext(passes)
        third = await anext(passes)

        assert (first.number, first.error, first.removed) == (1, None, [])
        assert [record.id for record in first.snapshot] == [one["id"], two["id"], three["id"]]
        assert first.changed == first.snapshot
        assert [record.descripcion for record in second.changed] == ["OTRA", "NUEVA"]
        assert len(second.snapshot) == 4
        assert (third.number, third.changed, third.removed) == (3, [], [])
        assert here.vendor.stats.overlaps == 0


async def test_one_failure_does_not_end_it(local):
    async with local(records=3, manager={"retry": RetryPolicy(attempts=1)}) as here:
        passes = here.serpi.centro_costo.poll(every=0.001)
        first = await anext(passes)
        here.vendor.fault("status", status=503, times=1)

        failed = await anext(passes)
        again = await anext(passes)

        assert isinstance(failed.error, ServerError)
        assert failed.snapshot == first.snapshot
        assert (failed.changed, failed.removed) == ([], [])
        assert (again.error, again.changed) == (None, [])


async def test_it_asks_every_five_minutes_and_holds_nothing_between(manual_clock: ManualClock):
    async with SessionManager(coordinator=MemoryCoordinator(manual_clock), clock=manual_clock) as sessions:
        serpi = sessions.open("serpi", {"token": "invented", "secretkey": "invented"})
        with mocked_responses() as mocked:
            mocked.get(PAGE.format(1), payload=EMPTY, repeat=True)
            passes = serpi.centro_costo.poll()
            assert (await anext(passes)).number == 1

            waiting = asyncio.ensure_future(anext(passes))
            await manual_clock.advance(299)
            assert not waiting.done()
            (report,) = sessions.status().values()
            assert (report["queue"]["in_flight"], report["queue"]["waiting"]) == (0, 0)
            await manual_clock.advance(1)
            assert (await waiting).number == 2


@pytest.mark.parametrize("every", [0, -1])
async def test_it_never_asks_without_a_pause(local, every):
    async with local(records=3) as here:
        with pytest.raises(ConfigError, match="more than 0"):
            here.serpi.centro_costo.poll(every=every)


async def test_every_resource_can_be_polled(local):
    async with local(records=3) as here:
        for resource in here.serpi.resources.values():
            assert (await anext(resource.poll())).error is None


async def test_records_without_an_id_are_known_by_their_content(manual_clock: ManualClock):
    def page(*codes):
        return {**EMPTY, "result": [{"codigo": code} for code in codes]}

    async with SessionManager(coordinator=MemoryCoordinator(manual_clock), clock=manual_clock) as sessions:
        serpi = sessions.open("serpi", {"token": "invented", "secretkey": "invented"})
        passes = serpi["centro_costo"].poll()
        with mocked_responses() as mocked:
            mocked.get(PAGE.format(1), payload=page("A", "B"))
            mocked.get(PAGE.format(2), payload=EMPTY)
            mocked.get(PAGE.format(1), payload=page("A", "C"))
            mocked.get(PAGE.format(2), payload=EMPTY)
            first = await anext(passes)
            step = asyncio.ensure_future(anext(passes))
            await manual_clock.advance(300)
            second = await step
    assert [record.codigo for record in first.changed] == ["A", "B"]
    assert [record.codigo for record in second.changed] == ["C"]
    assert [record.codigo for record in second.missed] == ["B"]
