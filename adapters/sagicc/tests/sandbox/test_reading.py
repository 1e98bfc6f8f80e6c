"""What a list holds: columns, order, search, groups, pages, and the rows that are hidden."""

from __future__ import annotations

import pytest

from sagicc_async_sagicc.sandbox.schema import MODELS

MODEL_NAMES = [
    "adjunto",
    "agente_campana_canal",
    "agente_estado_agente",
    "bolsa_clientes",
    "calificacion",
    "campana",
    "campana_canal",
    "campana_estado_caso",
    "campana_supervisor",
    "campo",
    "canal",
    "caso",
    "ciudad",
    "cliente",
    "cliente_etiqueta_cliente",
    "cliente_dato_contacto",
    "cola_campana_canal",
    "conexion",
    "cuenta",
    "cuenta_campana",
    "cuenta_caso",
    "encuesta_pregunta",
    "encuesta_resultado",
    "desuscripcion_email",
    "etiqueta_cliente",
    "formulario",
    "gestion",
    "lista_bloqueo",
    "pais",
    "registro_canal",
    "skill",
    "tipo_campo",
    "tipo_canal",
    "tipo_canal_tipo_dato_contacto",
    "tipo_caso",
    "tipo_dato_contacto",
    "tipo_documento",
    "usuario",
    "usuario_skill",
]
SERVER_ERROR = (500, {"message": "Server Error"})


def test_the_documented_models_are_served_and_no_others():
    assert [name for name, model in MODELS.items() if model.served] == MODEL_NAMES
    assert len(MODEL_NAMES) == 39


@pytest.mark.parametrize("name", MODEL_NAMES)
@pytest.mark.parametrize("kind", ["tree", "lineal", "normal"])
async def test_every_model_lists_its_rows_with_all_columns(sagicc, name, kind):
    async with sagicc() as api:
        rows = await api.rows(name, type=kind, sizePerPage=1000)
        assert rows == api.vendor.rows(name) != []
        assert {tuple(row) for row in rows} == {MODELS[name].columns}
        assert rows[0] == (await api.get(f"{name}/1", type=kind)).body


async def test_documented_columns_have_their_names(sagicc):
    async with sagicc() as api:
        contact = (await api.rows("cliente_dato_contacto", sizePerPage=1))[0]
        documented = [
            "cliente_id",
            "tipo_dato_contacto_id",
            "etiqueta",
            "valor",
            "indicativo",
            "extension",
            "barrio",
            "ciudad_id",
        ]
        assert list(contact)[1:9] == documented
        assert {"nro_documento", "primer_nombre"} <= set((await api.rows("cliente"))[0])
        assert {"cliente_id", "descripcion", "prioridad"} <= set((await api.rows("caso"))[0])


async def test_what_is_no_model_is_not_found(sagicc):
    async with sagicc() as api:
        for path in ("encuesta", "Caso", "interaction", "nothing", "", "caso/1/gestiones"):
            answer = await api.get(path)
            assert (answer.status, answer.body) == (404, {"message": ""})


@pytest.mark.parametrize("identifier", ["999999", "0", "x", "-1"])
async def test_an_id_that_nobody_has_is_not_found(sagicc, identifier):
    async with sagicc() as api:
        answer = await api.get(f"cliente_dato_contacto/{identifier}")
        text = f"No query results for model [App\\Models\\ClienteDatoContacto] {identifier}"
        assert (answer.status, answer.body) == (404, {"message": text})


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"type": ""}, "type"),
        ({"type": "linear"}, "type"),
        ({"page": "0"}, "page"),
        ({"page": "1.5"}, "page"),
        ({"sizePerPage": "-3"}, "sizePerPage"),
        ({"sizePerPage": "many"}, "sizePerPage"),
        ({"sortOrder": "ASC"}, "sortOrder"),
        ({"disabled": "maybe"}, "disabled"),
    ],
)
async def test_a_wrong_value_is_named(sagicc, query, field):
    async with sagicc() as api:
        answer = await api.get("caso", **query)
        assert (answer.status, answer.body["message"]) == (422, "The given data was invalid.")
        assert list(answer.body["errors"]) == [field]


async def test_wrong_values_are_named_together(sagicc):
    async with sagicc() as api:
        answer = await api.ask("GET", "caso", params={"page": "0", "sortOrder": "up"})
        assert answer.body["errors"] == {
            "type": ["The type field is required."],
            "page": ["The page must be at least 1."],
            "sortOrder": ["The selected sort order is invalid."],
        }


async def test_names_of_parameters_have_their_documented_case_and_others_are_ignored(sagicc):
    async with sagicc() as api:
        assert await api.rows("caso", SizePerPage="2", searchtext="zzz", colour="red") == await api.rows("caso")


# Columns.


async def test_columns_are_sent_as_they_are_asked_for(tidy):
    async with tidy() as api:
        for kind in ("tree", "lineal", "normal"):
            rows = await api.rows("caso", type=kind, columns="prioridad, caso.id,prioridad", sortName="id")
            assert next(list(row.items()) for row in rows) == [("prioridad", "Alta"), ("id", 1)]
        assert (await api.get("caso/2", columns="asunto")).body == {"asunto": "Cotización"}


@pytest.mark.parametrize("columns", ["colour", "id,colour", "cliente.nro_documento", "id,", "caso.colour"])
async def test_a_column_that_is_not_there_is_a_server_error(tidy, columns):
    async with tidy() as api:
        for path in ("caso", "caso/1"):
            answer = await api.get(path, columns=columns)
            assert (answer.status, answer.body) == SERVER_ERROR


async def test_no_columns_are_all(tidy):
    async with tidy() as api:
        assert await api.rows("caso", columns="") == await api.rows("caso")


# Order.


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({}, [1, 2, 3]),
        ({"sortOrder": "desc"}, [3, 2, 1]),
        ({"sortName": "id", "sortOrder": "desc"}, [3, 2, 1]),
        ({"sortName": "caso.asunto"}, [2, 1, 3]),
        ({"sortName": "descripcion"}, [3, 2, 1]),
        ({"sortName": "prioridad"}, [1, 3, 2]),
        ({"columns": "asunto,id"}, [2, 1, 3]),
        ({"columns": "asunto,id", "sortName": "1", "sortOrder": "desc"}, [3, 2, 1]),
        ({"columns": "id,asunto", "sortName": "0"}, [1, 2, 3]),
    ],
)
async def test_rows_come_in_the_order_that_is_asked_for(tidy, query, found):
    async with tidy() as api:
        assert await api.ids("caso", **query) == found


async def test_numbers_are_sorted_as_numbers(tidy):
    async with tidy() as api:
        assert [row["nivel"] for row in await api.rows("usuario_skill", sortName="nivel")] == [3, 10]


@pytest.mark.parametrize("query", [{"sortName": "colour"}, {"sortName": "99"}, {"sortName": "gestion.id"}])
async def test_an_order_that_cannot_be_is_a_server_error(tidy, query):
    async with tidy() as api:
        answer = await api.get("caso", **query)
        assert (answer.status, answer.body) == SERVER_ERROR


# Search.


@pytest.mark.parametrize(
    ("text", "found"),
    [("garant", [1]), ("GARANTÍA", [1]), ("alta", [1, 3]), ("ció", [2, 3]), ("%", []), ("a_", []), ("zzz", []), ("", [1, 2, 3])],
)  # fmt: skip
async def test_a_search_looks_into_all_columns(tidy, text, found):
    async with tidy() as api:
        assert await api.ids("caso", searchText=text) == found


async def test_with_normal_a_search_looks_into_the_joined_columns_too(tidy):
    async with tidy() as api:
        assert await api.ids("caso", searchText="tercera") == []
        rows = await api.rows("caso", type="normal", relations={"gestion": ["id"]}, searchText="tercera")
        assert [row["id"] for row in rows] == [3]


# Groups.


async def test_rows_are_drawn_together_by_the_values_of_columns(tidy):
    async with tidy() as api:
        answer = await api.get("caso", columns="prioridad", grouping=["prioridad"])
        assert [row["prioridad"].lower() for row in answer.body["data"]] == ["alta", "baja"]
        assert answer.body["total"] == 2
        rows = await api.rows(
            "caso", type="normal", columns="cliente_id", grouping=["caso.cliente_id"], sortOrder="desc"
        )
        assert rows == [{"cliente_id": 2}, {"cliente_id": 1}]


@pytest.mark.parametrize(
    "query",
    [
        {"grouping": ["prioridad"]},
        {"grouping": ["prioridad"], "columns": "prioridad,id"},
        {"grouping": ["prioridad"], "columns": "prioridad", "sortName": "id"},
        {"grouping": ["colour"], "columns": "prioridad"},
        {"grouping": "prioridad"},
        {"grouping": {"prioridad": 1}},
        {"grouping": [1]},
    ],
)
async def test_a_group_that_strict_sql_refuses_is_a_server_error(tidy, query):
    async with tidy() as api:
        answer = await api.get("caso", **query)
        assert (answer.status, answer.body) == SERVER_ERROR


# Pages.


async def test_pages_put_together_are_all_rows_each_once(sagicc):
    async with sagicc() as api:
        pages = [await api.ids("caso", page=page, sizePerPage=50) for page in (1, 2, 3, 4)]
        assert [len(page) for page in pages] == [50, 50, 18, 0]
        assert [identifier for page in pages for identifier in page] == [row["id"] for row in api.vendor.rows("caso")]


async def test_a_page_has_fifty_rows_unless_another_size_is_asked_for(sagicc):
    async with sagicc() as api:
        assert len(await api.rows("caso")) == 50
        assert len(await api.rows("caso", page="", sizePerPage="")) == 50
        assert len(await api.rows("caso", sizePerPage=100)) == 100


async def test_a_larger_page_can_be_cut_without_a_word(sagicc):
    async with sagicc(page_cap=40) as api:
        answer = await api.get("caso", sizePerPage=100, page=2)
        assert (len(answer.body["data"]), answer.body["per_page"], answer.body["last_page"]) == (40, 40, 3)
        assert len(await api.rows("caso", sizePerPage=7)) == 7


async def test_enormous_pages_are_just_empty(sagicc):
    async with sagicc() as api:
        assert await api.rows("caso", page=10**17, sizePerPage=10**17) == []


async def test_what_is_not_for_one_record_is_ignored_there(sagicc):
    async with sagicc() as api:
        query = {"page": "x", "sizePerPage": "0", "sortName": "colour", "conditions": "id=", "searchText": "zzz"}
        answer = await api.get("caso/1", disabled="maybe", grouping="[", **query)
        assert answer.body == api.vendor.rows("caso")[0]
        assert (await api.get("caso/1", type="none")).status == 422


async def test_a_slash_at_the_end_of_an_address_does_no_harm(sagicc):
    async with sagicc() as api:
        assert await api.rows("caso/") == await api.rows("caso")
        assert (await api.get("caso/1/")).body["id"] == 1


# Rows that are hidden.


async def test_one_row_in_fifty_is_disabled_and_shown_on_request(sagicc):
    async with sagicc(records=120) as api:
        enabled = await api.ids("caso")
        assert set(range(1, 121)) - set(enabled) == {50, 100}
        assert await api.ids("caso", disabled="false") == enabled
        for disabled in ("true", "null", ""):
            assert await api.ids("caso", disabled=disabled) == list(range(1, 121))
        assert await api.ids("caso", enabled="null", deleted="null") == enabled
        assert (await api.get("caso/50")).status == 200
        assert (await api.get("caso/121")).status == 404


async def test_the_older_parameters_choose_disabled_and_deleted(sagicc):
    async with sagicc(records=120, generation="legacy") as api:
        enabled = await api.ids("caso")
        assert await api.ids("caso", enabled="true", deleted="false") == enabled
        assert await api.ids("caso", enabled="false") == [50, 100]
        assert await api.ids("caso", enabled="null") == list(range(1, 121))
        assert await api.ids("caso", deleted="true") == [121, 122]
        assert await api.ids("caso", enabled="null", deleted="null") == list(range(1, 123))
        assert await api.ids("caso", disabled="null") == enabled


async def test_a_row_of_ones_own_can_be_hidden(tidy):
    async with tidy() as api:
        api.vendor.add("caso", {"asunto": "oculto", "disabled": True})
        kept = api.vendor.add("caso", {"asunto": "borrado", "deleted": True})
        assert set(kept) == set(MODELS["caso"].columns)
        assert await api.ids("caso") == [1, 2, 3]
        assert await api.ids("caso", disabled="null") == [1, 2, 3, 4]
