"""Writing: what is sent, what is refused before and after, and finding things."""

from __future__ import annotations

import json

import pytest

from sagicc_async import (
    ConfigError,
    Conflict,
    NotFound,
    OutcomeUnknown,
    Priority,
    StillOpen,
    Unsupported,
    ValidationFailed,
)
from sagicc_async_serpi import Bodega, CentroCosto

NEW = {"codigo": "02", "abreviatura": "VE", "descripcion": "VENTAS"}


def bodies(local):
    return [json.loads(entry.body) for entry in local.vendor.requests if entry.method != "GET"]


async def test_create_sends_the_documented_object_and_gives_it_back_without_an_id(local):
    async with local() as here:
        made = await here.serpi.centro_costo.create(CentroCosto(**NEW))

        assert made == CentroCosto(**NEW)
        assert made.id is None
        (entry,) = here.vendor.requests
        assert (entry.method, entry.path, entry.query) == ("POST", "/api/v1/CentroCosto", {})
        assert json.loads(entry.body) == NEW
        assert entry.headers["Content-Type"] == "application/json; charset=utf-8"
        assert here.vendor.rows("centro_costo")[-1] == {"id": 61, **NEW}


async def test_create_takes_a_mapping_and_leaves_the_callers_record_alone(local):
    async with local() as here:
        mine = CentroCosto(id=5, **NEW)
        made = await here.serpi.centro_costo.create(mine)
        other = await here.serpi.centro_costo.create({**NEW, "id": 9, "codigo": "03", "abreviatura": "V3"})

        assert (made.id, other.id, mine.id) == (None, None, 5)
        assert all("id" not in body for body in bodies(here))


async def test_read_back_finds_the_new_record_by_its_code(local):
    async with local() as here:
        made = await here.serpi.centro_costo.create(NEW, read_back=True)

        assert made == CentroCosto(id=61, **NEW)


async def test_update_replaces_the_whole_record(local):
    async with local() as here:
        first = here.vendor.rows("centro_costo")[0]
        record = CentroCosto.from_dict({**first, "descripcion": "OTRA"})

        assert await here.serpi.centro_costo.update(record) == record
        assert bodies(here) == [{**first, "descripcion": "OTRA"}]
        assert here.vendor.rows("centro_costo")[0] == {**first, "descripcion": "OTRA"}


@pytest.mark.parametrize("switches", [{"no_content": "body"}, {"no_content": "bare"}, {"http_status": "always200"}])
async def test_update_of_an_unknown_id_finds_nothing(local, switches):
    async with local(**switches) as here:
        with pytest.raises(NotFound):
            await here.serpi.centro_costo.update({"id": 999, **NEW})


async def test_edit_changes_what_it_is_told_and_keeps_the_rest(local):
    async with local() as here:
        row = here.vendor.rows("centro_costo")[54]

        edited = await here.serpi.centro_costo.edit(row["id"], descripcion="OTRA", abreviatura="ZZ")

        assert edited.to_dict() == {**row, "descripcion": "OTRA", "abreviatura": "ZZ"}
        assert here.vendor.rows("centro_costo")[54] == edited.to_dict()


async def test_edit_of_an_unknown_id_or_field_writes_nothing(local):
    async with local() as here:
        with pytest.raises(NotFound, match="no cost centre has this id"):
            await here.serpi.centro_costo.edit(999, descripcion="OTRA")
        with pytest.raises(TypeError, match="nombre"):
            await here.serpi.centro_costo.edit(1, nombre="OTRA")
        with pytest.raises(ValidationFailed, match="check codigo"):
            await here.serpi.centro_costo.edit(1, codigo="demasiado largo")
        assert here.writes == []


async def test_find_reads_no_further_than_it_must(local):
    async with local() as here:
        rows = here.vendor.rows("centro_costo")

        assert (await here.serpi.centro_costo.find(id=rows[3]["id"])).to_dict() == rows[3]
        assert here.vendor.stats.requests == 1
        assert (await here.serpi.centro_costo.find(codigo=rows[55]["codigo"])).to_dict() == rows[55]
        assert here.vendor.stats.requests == 3
        assert await here.serpi.centro_costo.find(codigo="no") is None


@pytest.mark.parametrize("key", [{}, {"id": 1, "codigo": "1"}])
async def test_find_wants_one_key(local, key):
    async with local() as here:
        with pytest.raises(Unsupported, match="give either id or codigo"):
            await here.serpi.centro_costo.find(**key)


async def test_a_look_for_one_record_goes_as_a_single_call_unless_told(local, monkeypatch):
    async with local() as here:
        ranks = []
        send = here.serpi.account.send

        async def spy(*arguments, priority, **options):
            ranks.append(priority)
            return await send(*arguments, priority=priority, **options)

        monkeypatch.setattr(here.serpi.account, "send", spy)
        find = here.serpi.centro_costo.find
        await find(id=1)
        await find(id=1, priority=Priority.INTERACTIVE)
        with Priority.interactive():
            await find(id=1)
        await here.serpi.centro_costo.list().first()

        assert ranks == [Priority.NORMAL, Priority.INTERACTIVE, Priority.INTERACTIVE, Priority.BULK]


@pytest.mark.parametrize(
    ("record", "complaints"),
    [
        ({}, {("required", "codigo"), ("required", "abreviatura"), ("required", "descripcion")}),
        ({**NEW, "codigo": "  "}, {("required", "codigo")}),
        ({"codigo": "123456", "abreviatura": "ABCDEF", "descripcion": "x" * 201},
         {("too_long", "codigo"), ("too_long", "abreviatura"), ("too_long", "descripcion")}),
        ({**NEW, "codigo": "123456", "descripcion": None}, {("too_long", "codigo"), ("required", "descripcion")}),
    ],
)  # fmt: skip
@pytest.mark.parametrize("operation", ["create", "update"])
async def test_all_broken_rules_are_told_at_once_and_nothing_is_sent(local, record, complaints, operation):
    async with local() as here:
        with pytest.raises(ValidationFailed, match=r"serpi \w+ centro_costo\.\w+: not sent: check") as caught:
            await getattr(here.serpi.centro_costo, operation)(record)

        expected = complaints | ({("required", "id")} if operation == "update" else set())
        assert {(error.code, error.path) for error in caught.value.errors} == expected
        assert here.vendor.stats.requests == 0


async def test_the_longest_values_that_are_documented_pass(local):
    async with local() as here:
        await here.serpi.centro_costo.create({"codigo": "ñ" * 5, "abreviatura": "Z" * 5, "descripcion": "x" * 200})


async def test_without_the_check_the_vendors_own_complaints_come(local):
    async with local() as here:
        with pytest.raises(ValidationFailed) as caught:
            await here.serpi.centro_costo.create({"abreviatura": "VE"}, check=False)

        assert bodies(here) == [{"codigo": None, "abreviatura": "VE", "descripcion": None}]  # explicit nulls
        assert {error.message for error in caught.value.errors} == {
            "El campo codigo es obligatorio",
            "El campo descripcion es obligatorio",
        }
        assert (caught.value.status, caught.value.code) == (400, "400")


@pytest.mark.parametrize("operation", ["create", "update"])
async def test_a_duplicate_is_a_conflict_with_field_and_value(local, operation):
    async with local() as here:
        first, second = here.vendor.rows("centro_costo")[:2]
        record = {**second, "codigo": first["codigo"]}
        record |= {"abreviatura": "QQQ"} if operation == "create" else {}

        with pytest.raises(Conflict, match="a record with this codigo exists already") as caught:
            await getattr(here.serpi.centro_costo, operation)(record)

        (error,) = caught.value.errors
        assert (error.code, error.path, error.value) == ("duplicate", "codigo", first["codigo"])
        assert first["codigo"] not in str(caught.value).replace("codigo", "")


@pytest.mark.parametrize("wrong", [{**NEW, "id": "uno"}, {**NEW, "codigo": 7}, Bodega(id=1), [NEW], None])
async def test_what_is_no_cost_centre_is_refused_before_sending(local, wrong):
    async with local() as here:
        with pytest.raises(ConfigError, match="CentroCosto: expected"):
            await here.serpi.centro_costo.create(wrong)
        assert here.vendor.stats.requests == 0


async def test_unmodelled_fields_of_a_record_are_sent_along(local):
    async with local() as here:
        await here.serpi.centro_costo.create({**NEW, "campo_nuevo": 1})

        assert bodies(here) == [{**NEW, "campo_nuevo": 1}]


PASSED_THROUGH = ["bodega", "centro_operacion", "sucursal", "forma_pago", "articulo", "articulo_proveedor"]


@pytest.mark.parametrize("name", PASSED_THROUGH)
async def test_where_fields_are_not_documented_a_mapping_goes_out_as_it_is(local, name):
    async with local() as here:
        resource = here.serpi[name]
        sent = {"descripcion": "NUEVO", "nada": None, "cero": 0, "lista": [1, {"a": None}]}

        created = await resource.create(sent)
        (number,) = [row["id"] for row in here.vendor.rows(name) if row.get("descripcion") == "NUEVO"]
        updated = await resource.update({"id": number, "descripcion": "OTRO"})

        assert bodies(here) == [sent, {"id": number, "descripcion": "OTRO"}]
        assert (created["code"], updated["code"]) == (201, 200)
        with pytest.raises(NotFound):
            await resource.update({"id": 99_999})


@pytest.mark.parametrize("name", ["impuesto", "tipo_documento"])
async def test_what_is_read_only_cannot_be_written(local, name):
    async with local() as here:
        for operation in ("create", "update", "edit", "get", "delete"):
            assert not hasattr(here.serpi[name], operation)
            with pytest.raises(Unsupported, match=rf"serpi has no {operation} of {name}; it has list"):
                getattr(here.serpi[name], operation)


async def test_a_lost_write_that_nobody_can_look_up_stays_open(local):
    async with local(account={"settle": 0}) as here:
        here.vendor.fault("reset_after", method="POST")
        with pytest.raises(OutcomeUnknown) as caught:
            await here.serpi.bodega.create({"descripcion": "NUEVA"})

        assert isinstance(await caught.value.reconcile(), StillOpen)
        assert here.writes == ["POST"]
