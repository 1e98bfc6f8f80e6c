"""Relations, as Eloquent loads them, and as SQL joins them."""

from __future__ import annotations

import pytest

from sagicc_async_sagicc.sandbox.schema import MODELS

DOCUMENTED = {
    "agente_campana_canal": ["agente"], "agente_estado_agente": ["agente"], "campana": ["estadoCasos"],
    "campana_canal": ["usuarios"], "campana_estado_caso": ["campana"], "campana_supervisor": ["supervisor"],
    "campo": ["conexion"], "canal": ["registros"], "caso": ["gestiones"], "ciudad": ["pais"],
    "cliente": ["datoContactos"], "cliente_dato_contacto": ["cliente"], "cola_campana_canal": ["agente"],
    "conexion": ["campo"], "cuenta": ["cliente"], "cuenta_campana": ["cuenta"], "cuenta_caso": ["cuenta"],
    "encuesta_pregunta": ["encuesta"], "encuesta_resultado": ["encuesta", "caso"], "formulario": ["campos"],
    "gestion": ["caso"], "pais": ["ciudades"], "registro_canal": ["caso"], "skill": ["usuarios"],
    "tipo_campo": ["campos"], "tipo_canal": ["canales"], "tipo_canal_tipo_dato_contacto": ["tipoCanal"],
    "tipo_caso": ["casos"], "tipo_dato_contacto": ["datoContactos"], "tipo_documento": ["clientes"],
    "usuario": ["estados"], "usuario_skill": ["usuario"],
}  # fmt: skip
SERVER_ERROR = (500, {"message": "Server Error"})


def test_the_documented_relations_are_there_and_no_others():
    assert {name: list(model.relations) for name, model in MODELS.items() if model.relations} == DOCUMENTED
    assert len(DOCUMENTED) == 32


@pytest.mark.parametrize(
    ("name", "relation"), [(name, relation) for name in DOCUMENTED for relation in DOCUMENTED[name]]
)
async def test_every_relation_has_rows_in_every_type(sagicc, name, relation):
    async with sagicc(relation_keys="camel") as api:
        rows = await api.rows(name, relations={relation: []}, sizePerPage=1000)
        many = MODELS[name].relations[relation].kind != "one"
        assert all(isinstance(row[relation], list if many else dict | None) for row in rows)
        assert any(row[relation] for row in rows)
        flat = await api.rows(name, type="lineal", relations={relation: []}, sizePerPage=1000)
        assert any(f"{relation}.0.id" in row if many else f"{relation}.id" in row for row in flat)
        table = MODELS[name].relations[relation].table
        joined = await api.rows(name, type="normal", relations={table: ["id"]}, sizePerPage=1000)
        assert any(row[f"{table}.id"] for row in joined)


async def test_tree_nests_the_rows_of_a_relation(tidy):
    async with tidy() as api:
        rows = await api.rows("caso", columns="id,asunto", relations={"gestiones": ["id", "caso_id", "observacion"]})
        assert rows == [
            {"id": 1, "asunto": "Garantía", "gestiones": [
                {"id": 1, "caso_id": 1, "observacion": "primera"}, {"id": 2, "caso_id": 1, "observacion": "segunda"},
            ]},
            {"id": 2, "asunto": "Cotización", "gestiones": [{"id": 4, "caso_id": 2, "observacion": "cuarta"}]},
            {"id": 3, "asunto": "Instalación", "gestiones": [{"id": 3, "caso_id": 3, "observacion": "tercera"}]},
        ]  # fmt: skip
        assert (await api.get("caso/1", columns="id", relations={"gestiones": ["id", "caso_id"]})).body == {
            "id": 1, "gestiones": [{"id": 1, "caso_id": 1}, {"id": 2, "caso_id": 1}],
        }  # fmt: skip


async def test_lineal_flattens_them(tidy):
    async with tidy() as api:
        api.vendor.add("caso", {})
        query = {"type": "lineal", "columns": "id", "relations": {"gestiones": ["id", "caso_id"]}}
        rows = await api.rows("caso", **query)
        assert rows[0] == {
            "id": 1, "gestiones.0.id": 1, "gestiones.0.caso_id": 1, "gestiones.1.id": 2, "gestiones.1.caso_id": 1,
        }  # fmt: skip
        assert rows[3] == {"id": 4, "gestiones": []}


@pytest.mark.parametrize("columns", [["id"], ["caso_id"], ["observacion"], ["id", "observacion"]])
async def test_a_to_many_relation_without_both_keys_shows_nothing(tidy, columns):
    async with tidy() as api:
        for row in await api.rows("caso", relations={"gestiones": columns}):
            assert row["gestiones"] == []


async def test_a_row_without_its_own_id_has_no_to_many_relations(tidy):
    async with tidy() as api:
        assert (await api.rows("caso", columns="asunto", relations={"gestiones": []}))[0]["gestiones"] == []


async def test_a_to_one_relation_needs_both_keys_too(tidy):
    async with tidy() as api:
        full = await api.rows("gestion", columns="caso_id", relations={"caso": ["id", "asunto"]})
        assert full[0] == {"caso_id": 1, "caso": {"id": 1, "asunto": "Garantía"}}
        for query in ({"columns": "id", "relations": {"caso": []}}, {"relations": {"caso": ["asunto"]}}):
            assert [row["caso"] for row in await api.rows("gestion", **query)] == [None] * 4


@pytest.mark.parametrize(("setting", "nothing"), [("null", None), ("list", [])])
async def test_a_to_one_relation_without_a_row_follows_the_setting(tidy, setting, nothing):
    async with tidy(empty_relations=setting) as api:
        api.vendor.add("gestion", {"caso_id": None})
        api.vendor.add("gestion", {"caso_id": 999})
        rows = await api.rows("gestion", relations={"caso": ["id"]})
        assert [row["caso"] for row in rows][3:] == [{"id": 2}, nothing, nothing]


async def test_many_to_many_rows_come_with_their_pivot(tidy):
    async with tidy() as api:
        rows = await api.rows("skill", columns="id", relations={"usuarios": ["id", "nombre"]})
        assert rows == [
            {"id": 1, "usuarios": [
                {"id": 2, "nombre": "Berta", "pivot": {"skill_id": 1, "usuario_id": 2}},
                {"id": 1, "nombre": "Ana", "pivot": {"skill_id": 1, "usuario_id": 1}},
            ]},
            {"id": 2, "usuarios": []},
        ]  # fmt: skip
        assert (await api.rows("skill", relations={"usuarios": ["nombre"]}))[0]["usuarios"] == []


async def test_relations_of_relations_need_their_parent(tidy):
    async with tidy() as api:
        deep = {"caso": ["id"], "caso.gestiones": ["id", "caso_id"], "caso.gestiones.caso": ["id"]}
        row = (await api.rows("gestion", columns="caso_id", relations=deep))[0]
        assert row["caso"] == {
            "id": 1, "gestiones": [{"id": 1, "caso_id": 1, "caso": {"id": 1}}, {"id": 2, "caso_id": 1, "caso": {"id": 1}}],
        }  # fmt: skip
        flat = (await api.rows("gestion", type="lineal", columns="caso_id", relations=deep))[0]
        assert flat["caso.gestiones.1.caso.id"] == 1
        answer = await api.get("gestion", relations={"caso.gestiones": []})
        assert (answer.status, answer.body) == SERVER_ERROR


@pytest.mark.parametrize(
    "relations",
    [{"cliente": []}, {"gestion": []}, {"Gestiones": []}, {"gestiones": ["colour"]}, {"gestiones": "id"}, {"gestiones": [1]},
     {"gestiones": None}, {"gestiones.caso.cliente": [], "gestiones": [], "gestiones.caso": []}, ["gestiones"], "{"],
)  # fmt: skip
async def test_a_relation_that_cannot_be_is_a_server_error(tidy, relations):
    async with tidy() as api:
        for path in ("caso", "caso/1"):
            answer = await api.get(path, relations=relations)
            assert (answer.status, answer.body) == SERVER_ERROR


@pytest.mark.parametrize("relations", ["", "null", "{}", "[]"])
async def test_no_relations_are_none(tidy, relations):
    async with tidy() as api:
        assert await api.rows("caso", relations=relations) == api.vendor.rows("caso")


@pytest.mark.parametrize(("setting", "key"), [("snake", "dato_contactos"), ("camel", "datoContactos")])
async def test_names_of_relations_are_spelt_as_the_setting_says(tidy, setting, key):
    async with tidy(relation_keys=setting) as api:
        row = (await api.rows("cliente", relations={"datoContactos": ["id", "cliente_id"]}))[0]
        assert row[key] == [{"id": 1, "cliente_id": 1}]
        assert (await api.get("cliente", relations={"dato_contactos": []})).status == 500


async def test_flat_relations_do_not_know_the_wrapper(tidy):
    async with tidy(relations_style="flat") as api:
        answer = await api.get("caso", relations={"complexRelations": {"gestiones": []}})
        assert (answer.status, answer.body) == SERVER_ERROR


async def test_wrapped_relations_do_not_see_flat_ones(tidy):
    async with tidy(relations_style="wrapped") as api:
        row = (await api.rows("caso", relations={"complexRelations": {"gestiones": ["id", "caso_id"]}}))[0]
        assert row["gestiones"] == [{"id": 1, "caso_id": 1}, {"id": 2, "caso_id": 1}]
        assert await api.rows("caso", relations={"gestiones": []}) == api.vendor.rows("caso")
        assert (await api.get("caso", type="normal", relations={"gestion": ["id"]})).status == 200


async def test_deleted_rows_are_not_related_and_disabled_ones_are(tidy):
    async with tidy() as api:
        api.vendor.add("gestion", {"caso_id": 1, "deleted": True})
        disabled = api.vendor.add("gestion", {"caso_id": 1, "disabled": True})
        row = (await api.rows("caso", relations={"gestiones": ["id", "caso_id"]}))[0]
        assert [one["id"] for one in row["gestiones"]] == [1, 2, disabled["id"]]
        joined = await api.rows("caso", type="normal", relations={"gestion": ["id"]}, conditions="caso.id=1")
        assert [one["gestion.id"] for one in joined] == [1, 2, disabled["id"]]


# Type `normal`.


async def test_normal_joins_by_the_name_of_the_table(tidy):
    async with tidy() as api:
        api.vendor.add("caso", {"asunto": "solo"})
        query = {"type": "normal", "columns": "caso.id,asunto", "relations": {"gestion": ["id", "observacion"]}}
        answer = await api.get("caso", **query)
        assert [list(row.values()) for row in answer.body["data"]] == [
            [1, "Garantía", 1, "primera"],
            [1, "Garantía", 2, "segunda"],
            [2, "Cotización", 4, "cuarta"],
            [3, "Instalación", 3, "tercera"],
            [4, "solo", None, None],
        ]
        assert list(answer.body["data"][0]) == ["id", "asunto", "gestion.id", "gestion.observacion"]
        assert answer.body["total"] == 5
        assert (await api.get("caso/3", **query)).body["gestion.observacion"] == "tercera"


async def test_normal_joins_through_a_third_table(tidy):
    async with tidy() as api:
        query = {"type": "normal", "columns": "nombre,usuario.nombre", "relations": {"usuario": []}}
        rows = await api.rows("skill", **query)
        assert [(row["nombre"], row["usuario.nombre"]) for row in rows] == [
            ("Chat", None),
            ("Voz", "Berta"),
            ("Voz", "Ana"),
        ]
        assert await api.rows("skill", **{**query, "columns": "skill.nombre,usuario.nombre"}) == rows


async def test_the_columns_that_the_page_prints_are_the_models_own_where_they_have_no_prefix(tidy):
    async with tidy() as api:
        api.vendor.add("cuenta", {"cliente_id": 1, "descripcion": "Ahorros"})
        query = {"type": "normal", "columns": "id,descripcion,cliente.nro_documento", "relations": {"cliente": ["id"]}}
        assert await api.rows("cuenta", **query) == [
            {"id": 1, "descripcion": "Ahorros", "cliente.nro_documento": "1234567", "cliente.id": 1}
        ]


async def test_a_bare_name_that_two_joined_tables_have_and_the_model_has_not_is_a_server_error(tidy):
    async with tidy() as api:
        relations = {"encuesta": [], "caso": []}
        answer = await api.get("encuesta_resultado", type="normal", columns="descripcion", relations=relations)
        assert (answer.status, answer.body) == SERVER_ERROR


async def test_normal_sorts_by_a_joined_column_and_by_number(tidy):
    async with tidy() as api:
        query = {"type": "normal", "columns": "caso.id", "relations": {"gestion": ["observacion"]}}
        for name in ("gestion.observacion", "observacion", "1"):
            rows = await api.rows("caso", sortName=name, **query)
            assert [row["gestion.observacion"] for row in rows] == ["cuarta", "primera", "segunda", "tercera"]
        assert (await api.get("caso", sortName="created_at", **query)).status == 500


@pytest.mark.parametrize(
    "relations", [{"gestiones": []}, {"cliente": []}, {"gestion": ["colour"]}, {"complexRelations": {}}]
)
async def test_normal_does_not_know_names_of_relations(tidy, relations):
    async with tidy() as api:
        answer = await api.get("caso", type="normal", relations=relations)
        assert (answer.status, answer.body) == SERVER_ERROR
