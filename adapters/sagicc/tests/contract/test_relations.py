"""Relations: nested, flat and joined, the same under both spellings, both styles and both signs of nothing."""

from __future__ import annotations

from sagicc_async_sagicc import F, model, unflatten


@model("caso")
class Resumen:
    id: int
    asunto: str


@model("gestion")
class Gestion:
    id: int
    caso_id: int
    observacion: str
    caso: Resumen


@model("caso")
class Caso:
    id: int
    cliente_id: int
    gestiones: list[Gestion]


@model("gestion")
class Suelta:
    id: int
    caso_id: int
    caso: Resumen | None


@model("cliente_dato_contacto")
class Dato:
    id: int
    cliente_id: int
    valor: str
    indicativo: str | None


@model("cliente")
class Cliente:
    id: int
    nro_documento: str
    dato_contactos: list[Dato]


def of(row, *names):
    return {name: row[name] for name in names}


def children(rows, key, parent):
    return [row for row in rows if row[key] == parent["id"]]


def nested(here):
    """The cases with their actions, each with its case, out of the vendor's own tables."""
    actions = here.kept("gestion")
    return [
        {
            **of(case, "id", "cliente_id"),
            "gestiones": [
                {**of(action, "id", "caso_id", "observacion"), "caso": of(case, "id", "asunto")}
                for action in children(actions, "caso_id", case)
            ],
        }
        for case in here.vendor.rows("caso")
    ]


async def test_a_class_brings_its_relations_and_theirs(contract):
    async with contract() as here:
        records = await here.crm.caso.list(model=Caso).collect()

        assert [record.to_dict() for record in records] == nested(here)
        assert any(len(record.gestiones) > 1 for record in records)
        assert any(not record.gestiones for record in records)
        action = next(action for record in records for action in record.gestiones)
        assert type(action) is Gestion
        assert type(action.caso) is Resumen

        chosen = records[0]
        assert (await here.crm.caso.get(chosen.id, model=Caso)) == chosen


async def test_a_relation_is_read_under_either_spelling_of_its_name_and_with_either_sign_of_nothing(
    contract, switches, as_sent
):
    async with contract() as here:
        data, clients = here.kept("cliente_dato_contacto"), here.vendor.rows("cliente")
        expected = [
            {
                **of(client, "id", "nro_documento"),
                "datoContactos": [
                    of(one, "id", "cliente_id", "valor", "indicativo") for one in children(data, "cliente_id", client)
                ],
            }
            for client in clients
        ]

        assert [record.to_dict() for record in await here.crm.cliente.list(model=Cliente).collect()] == expected
        plain = await here.crm.cliente.list(
            columns=["id"], relations={"datoContactos": ["id", "cliente_id", "valor", "indicativo"]}
        ).collect()
        key = {"snake": "dato_contactos", "camel": "datoContactos"}[switches["relation_keys"]]
        assert plain == as_sent([{"id": one["id"], key: one["datoContactos"]} for one in expected])

        orphan = here.vendor.add("gestion", {"caso_id": 9_999, "observacion": "x"})["id"]

        (record,) = await here.crm.gestion.list(model=Suelta, where=F.caso_id == 9_999).collect()
        assert (record.id, record.caso) == (orphan, None)
        (row,) = await here.crm.gestion.list(
            columns=["id", "caso_id"], relations=["caso"], where=F.caso_id == 9_999
        ).collect()
        assert row["caso"] == {"null": None, "list": []}[switches["empty_relations"]]


async def test_tree_and_lineal_tell_the_same(contract, as_sent):
    async with contract() as here:
        asked = {
            "columns": ["id", "cliente_id"],
            "relations": {
                "gestiones": ["id", "caso_id", "observacion"],
                "gestiones.caso": ["id", "asunto"],
            },
        }
        tree = await here.crm.caso.list(type="tree", **asked).collect()
        lineal = await here.crm.caso.list(type="lineal", **asked).collect()

        assert tree == as_sent(nested(here))
        assert [unflatten(row) for row in lineal] == tree
        assert all(not isinstance(value, dict) for row in lineal for value in row.values())


async def test_normal_joins_every_record_with_each_of_its_related_ones(contract, as_sent):
    async with contract() as here:
        actions = here.kept("gestion")
        expected = [
            {"id": case["id"], "gestion.id": action["id"], "gestion.observacion": action["observacion"]}
            for case in here.vendor.rows("caso")
            for action in children(actions, "caso_id", case) or [{"id": None, "observacion": None}]
        ]
        joined = {"type": "normal", "columns": ["caso.id"], "relations": {"gestion": ["id", "observacion"]}}

        assert await here.crm.caso.list(**joined).collect() == as_sent(expected)

        said = next(row["gestion.observacion"] for row in expected if row["gestion.observacion"])
        found = await here.crm.caso.list(**joined, where=F.gestion.observacion == said).collect()
        assert found == as_sent([row for row in expected if row["gestion.observacion"] == said])
        assert await here.crm.caso.list(type="normal").collect() == as_sent(here.vendor.rows("caso"))
        third = await here.crm.caso.list(**joined, where=F.id == 3).collect()
        assert third == as_sent([row for row in expected if row["id"] == 3])
