"""Lists: the same records come out, whatever stands around them and however few there are on a page."""

from __future__ import annotations

import json

from sagicc_async_sagicc import F, Sagicc, model

MODELS = list(Sagicc.resource_classes())


@model("caso")
class Caso:
    id: int
    cliente_id: int
    asunto: str
    prioridad: str
    fecha_cierre: str | None
    created_at: str


def columns_of(rows, *names):
    return [{name: row[name] for name in names} for row in rows]


async def test_all_records_of_all_models_arrive_as_they_are_kept(contract, switches, as_sent):
    async with contract(records=30) as here:
        assert len(MODELS) == 39
        for name in MODELS:
            assert await here.crm[name].list().collect() == as_sent(here.vendor.rows(name)), name
        assert (here.vendor.stats.rejected > 0) is (switches["throttle"] != "off")


async def test_records_of_a_class_are_the_same_to_the_last_type(contract, as_sent):
    async with contract() as here:
        records = await here.crm.caso.list(model=Caso).collect()

        names = ("id", "cliente_id", "asunto", "prioridad", "fecha_cierre", "created_at")
        assert [record.to_dict() for record in records] == columns_of(here.vendor.rows("caso"), *names)
        assert all(type(record) is Caso and not record.extra for record in records)
        assert len(records) == 59
        lines = await here.crm.caso.list().raw(encoded=True).collect()
        assert [json.loads(line) for line in lines] == as_sent(here.vendor.rows("caso"))

        for wanted in ({}, {"model": Caso}):
            assert await here.crm.caso.list(where=F.id == 999, **wanted).collect() == []
            assert await here.crm.caso.list(where=F.id == 999, **wanted).first() is None

        seventh = here.vendor.rows("caso")[6]
        assert await here.crm.caso.get(7) == as_sent(seventh)
        assert await here.crm.caso.get("7", columns=["id", "asunto"]) == as_sent(
            columns_of([seventh], "id", "asunto")[0]
        )
        typed = await here.crm.caso.get(7, model=Caso)
        assert (typed.id, typed.asunto, typed.fecha_cierre) == (7, seventh["asunto"], seventh["fecha_cierre"])
        assert (await here.crm.caso.get(50, model=Caso)).id == 50  # disabled, and there


async def test_columns_are_chosen_and_rows_come_in_the_order_and_the_groups_that_are_asked_for(contract, as_sent):
    async with contract() as here:
        cases = here.vendor.rows("caso")
        found = await here.crm.caso.list(columns="id, asunto", sort_name="asunto", sort_order="desc").collect()
        assert found == as_sent(
            columns_of(
                sorted(cases, key=lambda row: (row["asunto"].casefold(), row["id"]), reverse=True), "id", "asunto"
            )
        )

        backwards = await here.crm.caso.list(sort_order="desc", size_per_page=25).collect()
        assert backwards == as_sent(cases[::-1])

        groups = await here.crm.caso.list(columns=["prioridad"], grouping=["prioridad"]).collect()
        assert groups == [{"prioridad": one} for one in sorted({row["prioridad"] for row in cases})]


async def test_what_an_instance_speaks_is_found_out_by_asking(contract, switches):
    async with contract(account={"relations_style": "flat", "generation": "current"}) as here:
        probe = await here.crm.probe("caso")

        place = {"bare": None, "wrapper": "data.data"}.get(switches["envelope"], "data")
        assert (probe.path, probe.counted) == (place, switches["envelope"] not in ("bare", "simple"))
        assert (probe.relation, probe.relation_key) == ("gestiones", "gestiones")
        kept = {"relations_style": switches["relations_style"]}
        if probe.page_cap is None or probe.counted:  # else the only disabled case lies beyond what is looked at
            kept["generation"] = switches["generation"]
        assert probe.settings == (kept if switches["page_cap"] is None else {**kept, "page_size": 7})


async def test_what_is_found_out_is_asked_at_the_address_that_lists_are_asked_at(local):
    async with local(account={"trailing_slash": True}) as here:
        await here.crm.probe("caso")
        assert {entry.path for entry in here.asked()} == {"/api/caso/"}
