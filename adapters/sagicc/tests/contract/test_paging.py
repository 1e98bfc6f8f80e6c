"""Pages: of any size, capped or not, counted or not; and lists that go on where they stopped."""

from __future__ import annotations

import pytest

from sagicc_async import ProtocolError
from sagicc_async_sagicc import F, model


@model("caso")
class Caso:
    id: int
    asunto: str


async def test_pages_of_every_size_hold_the_whole_list_once(contract, switches):
    async with contract() as here:
        ids = [row["id"] for row in here.vendor.rows("caso")]
        for size in (5, 7, 20, 59, 100):
            stream = here.crm.caso.list(model=Caso, size_per_page=size)
            pages = [page async for page in stream.pages()]

            most = min(size, switches["page_cap"] or size)
            assert [record.id for page in pages for record in page.items] == ids
            assert [len(page.items) for page in pages] == [most] * (59 // most) + [59 % most] * (59 % most > 0)
            assert stream.stats.duplicates == 0
            assert not stream.stats.drifted


async def test_a_list_goes_on_behind_every_page_of_it(contract):
    async with contract(records=30) as here:
        ids = [row["id"] for row in here.vendor.rows("caso")]
        done = 0
        async for page in here.crm.caso.list(size_per_page=7).pages():
            done += len(page.items)
            rest = await here.crm.caso.resume(page.checkpoint).collect()
            assert [int(row["id"]) for row in rest] == ids[done:]
        assert done == 30


async def test_a_list_goes_on_in_the_middle_of_a_page_with_its_query_and_its_class(contract):
    async with contract() as here:
        stream = here.crm.caso.list(model=Caso, where=F.prioridad == "Media", sort_order="desc")
        first = await stream.collect(4)
        rest = await here.crm.caso.resume(stream.checkpoint, model=Caso).collect()

        wanted = [row["id"] for row in here.vendor.rows("caso") if row["prioridad"] == "Media"][::-1]
        assert [record.id for record in first + rest] == wanted
        assert len(rest) > 7


async def test_records_are_counted_where_the_answer_has_a_total_and_one_page_is_read_by_itself(contract, switches):
    async with contract() as here:
        if switches["envelope"] in ("bare", "simple"):
            with pytest.raises(ProtocolError, match="the total is missing"):
                await here.crm.caso.list().count()
        else:
            assert await here.crm.caso.list().count() == 59
            media = sum(row["prioridad"] == "Media" for row in here.vendor.rows("caso"))
            assert await here.crm.caso.list(where=F.prioridad == "Media").count() == media
        assert len(here.asked("caso")) <= 2

        page = await here.crm.caso.list(model=Caso).page(3, size=5)
        assert [record.id for record in page.items] == [11, 12, 13, 14, 15]
        assert (page.number, page.size) == (3, 5)
        assert (await here.crm.caso.list().page(30, size=5)).items == []
        begun = await here.crm.caso.list(model=Caso, page=12, size_per_page=5).collect()
        assert [record.id for record in begun] == [57, 58, 59, 60]


async def test_a_cap_is_noticed_once_and_not_asked_beyond_again(contract, switches, caplog):
    async with contract() as here:
        for _ in range(2):
            assert len(await here.crm.caso.list().collect()) == 59

        sizes = [entry.query["sizePerPage"] for entry in here.asked("caso") if entry.status == 200]
        if switches["page_cap"] is None:
            assert len(sizes) == (4 if switches["envelope"] in ("bare", "simple") else 2)
            assert set(sizes) == {"500"}
        else:
            assert sizes == ["500"] * (len(sizes) // 2) + ["7"] * (len(sizes) // 2)
        notices = [record for record in caplog.records if record.name == "sagicc_async.sagicc"]
        assert len(notices) == (switches["page_cap"] is not None)


async def test_a_join_is_read_whole_although_page_after_page_holds_one_record_again_and_again(contract):
    async with contract(records=3) as here:
        for number in range(220):
            here.vendor.add("gestion", {"caso_id": 1, "observacion": f"nota {number}"})
        joined = {"type": "normal", "columns": ["caso.id"], "relations": {"gestion": ["observacion"]}}
        rows = sum(
            max(1, sum(row["caso_id"] == caso["id"] for row in here.vendor.rows("gestion")))
            for caso in here.vendor.rows("caso")
        )

        for size in (50, 500):
            assert len(await here.crm.caso.list(**joined, size_per_page=size).collect()) == rows
