"""Writes: the same rows are there afterwards, whatever the answers tell of them."""

from __future__ import annotations

import pytest

from sagicc_async import NotFound, ValidationFailed
from sagicc_async_sagicc import model

NEW = {"nro_documento": "900123", "primer_nombre": "Ana", "tipo_documento_id": "1"}


@model("cliente_dato_contacto")
class Dato:
    id: int
    cliente_id: int
    valor: str


@model("cliente")
class Cliente:
    id: int
    nro_documento: str
    dato_contactos: list[Dato]


def row(here, name, identifier):
    return next((one for one in here.vendor.rows(name) if one["id"] == identifier), None)


async def test_a_record_is_created_with_what_is_related_to_it_changed_and_deleted(contract, switches):
    def ids(written):
        return [int(one) for one in written.ids]

    async with contract(records=20) as here:
        clients = here.crm.cliente
        told = [] if switches["envelope"] == "bare" else [6]  # whose answers have no body
        before = len(here.vendor.rows("cliente_dato_contacto"))
        contacts = [{"tipo_dato_contacto_id": "1", "valor": "300"}, {"tipo_dato_contacto_id": 3, "valor": "a@b"}]

        assert ids(await clients.create(NEW, relation={"datoContactos": contacts})) == told
        assert (row(here, "cliente", 6)["nro_documento"], row(here, "cliente", 6)["tipo_documento_id"]) == ("900123", 1)
        made = here.vendor.rows("cliente_dato_contacto")[before:]
        assert [(one["cliente_id"], one["valor"]) for one in made] == [(6, "300"), (6, "a@b")]
        assert [one.valor for one in (await clients.get(6, model=Cliente)).dato_contactos] == ["300", "a@b"]

        assert ids(await clients.update(6, {"primer_nombre": "Eva", "segundo_nombre": None})) == told
        assert (row(here, "cliente", 6)["primer_nombre"], row(here, "cliente", 6)["nro_documento"]) == ("Eva", "900123")

        await clients.delete(6)
        assert row(here, "cliente", 6) is None
        with pytest.raises(NotFound):
            await clients.get(6)
        done = [entry for entry in here.asked("cliente") if entry.status in (200, 201, 204)]
        assert [entry.method for entry in done] == ["POST", "GET", "PUT", "DELETE"]


async def test_many_records_are_created_and_changed_and_a_throttle_repeats_none(contract, switches):
    async with contract(records=20) as here:
        for batch, first in ((1, 6), (2, 9)):
            numbers = range(first, first + 3)
            new = [{**NEW, "nro_documento": str(number)} for number in numbers]
            made = [written async for written in here.crm.cliente.create_many(new, batch=batch)]
            changes = [{"id": number, "primer_nombre": f"N{number}"} for number in numbers]
            changed = [written async for written in here.crm.cliente.update_many(changes, batch=batch)]
            assert len(made) == len(changed) == (3 if batch == 1 else 2)

        rows = [one for one in here.vendor.rows("cliente") if one["id"] > 5]
        assert [(one["nro_documento"], one["primer_nombre"]) for one in rows] == [
            (str(number), f"N{number}") for number in range(6, 12)
        ]
        assert (len(here.writes) > 10) is (switches["throttle"] != "off")


async def test_many_records_are_deleted_one_by_one_or_at_once_where_the_body_arrives(contract, switches):
    async with contract(records=20) as here:

        def left():
            return [one["id"] for one in here.vendor.rows("caso")]

        def deletions():
            return [entry.path for entry in here.asked() if entry.method == "DELETE" and entry.status != 429]

        await here.crm.caso.delete_many([3, 4])
        assert left() == [1, 2, *range(5, 21)]
        assert deletions() == ["/api/caso/3", "/api/caso/4"]

        if switches["delete_body"] == "kept":
            await here.crm.caso.delete_many([5, 6], bulk=True)
            assert left() == [1, 2, *range(7, 21)]
        else:
            with pytest.raises(ValidationFailed) as caught:
                await here.crm.caso.delete_many([5, 6], bulk=True)
            assert [(error.path, error.code) for error in caught.value.errors] == [("ids", "invalid")]
            assert left() == [1, 2, *range(5, 21)]
        assert deletions() == ["/api/caso/3", "/api/caso/4", "/api/caso"]
