"""The query as parameters: every one that is documented, in both generations and both styles."""

from __future__ import annotations

import re
from typing import Any

import attrs
import pytest

from sagicc_async import ConfigError, Unsupported
from sagicc_async_sagicc import Catalogue, Dialect, F, Query
from sagicc_async_sagicc.catalogue import camel_case, documented, is_to_many, snake_case
from sagicc_async_sagicc.query import columns_of, relations_of

CURRENT, LEGACY = Dialect(), Dialect(generation="legacy")
WRAPPED = Dialect(relations_style="wrapped")
SORTED = {"sortName": "id", "sortOrder": "asc"}


def sent(query: Query, dialect: Dialect = CURRENT) -> dict[str, Any]:
    return {name: value for name, value in query.list_params(dialect).items() if value is not None}


def asked(**fields: Any) -> dict[str, Any]:
    """What a query of `caso` sends besides its type and order."""
    params = sent(Query(model="caso", **fields))
    return {name: value for name, value in params.items() if (name, value) not in {("type", "tree"), *SORTED.items()}}


def test_type_and_a_stable_order_are_always_sent_and_nothing_else_by_itself():
    assert sent(Query(model="caso")) == {"type": "tree", **SORTED}


@pytest.mark.parametrize(
    ("fields", "params"),
    [
        ({"columns": ("id", "asunto")}, {"columns": "id,asunto"}),
        ({"columns": ()}, {}),
        ({"relations": {"gestiones": ("id", "caso_id")}}, {"relations": '{"gestiones":["id","caso_id"]}'}),
        ({"relations": {"gestiones": ()}}, {"relations": '{"gestiones":[]}'}),
        ({"relations": '{"x": 1}'}, {"relations": '{"x": 1}'}),
        ({"relations": {}}, {}),
        ({"conditions": F.cliente_id == 7}, {"conditions": "cliente_id=7"}),
        ({"raw_conditions": "a > 1"}, {"conditions": "a > 1"}),
        ({"search_text": "juan"}, {"searchText": "juan"}),
        ({"search_text": ""}, {}),
        ({"sort_name": "asunto", "sort_order": "desc"}, {"sortName": "asunto", "sortOrder": "desc"}),
        ({"disabled": False}, {"disabled": "false"}),
        ({"disabled": True}, {"disabled": "true"}),
        ({"disabled": "null"}, {"disabled": "null"}),
        ({"grouping": ("prioridad",)}, {"grouping": '["prioridad"]', "sortName": "prioridad"}),
    ],
)
def test_each_parameter_is_written_as_the_page_spells_it(fields, params):
    assert asked(**fields) == params


def test_the_older_generation_has_filters_of_its_own():
    assert sent(Query(model="caso", enabled="null", deleted=True), LEGACY)["enabled"] == "null"
    assert sent(Query(model="caso", deleted=True), LEGACY)["deleted"] == "true"
    blank = attrs.evolve(LEGACY, null_literal="")
    assert sent(Query(model="caso", enabled="null"), blank)["enabled"] == ""


@pytest.mark.parametrize(
    ("fields", "dialect"), [({"enabled": True}, CURRENT), ({"deleted": False}, CURRENT), ({"disabled": True}, LEGACY)]
)
def test_a_filter_of_the_other_generation_is_never_sent(fields, dialect):
    with pytest.raises(ConfigError, match="generation="):
        sent(Query(model="caso", **fields), dialect)


@pytest.mark.parametrize("name", ["disabled", "enabled", "deleted"])
@pytest.mark.parametrize("wrong", ["false", "true", "", 0, 1])
def test_a_filter_of_state_that_is_not_the_vendors_is_never_sent_as_null(name, wrong):
    with pytest.raises(ConfigError, match=f'{name} is True, False or "null"'):
        sent(Query(model="caso", **{name: wrong}), CURRENT if name == "disabled" else LEGACY)


def test_the_wrapped_style_is_for_trees_and_never_for_joined_tables():
    relations = {"gestiones": ("id", "caso_id"), "gestiones.caso": ("id",)}
    tree = Query(model="caso", relations=relations)
    assert sent(tree, WRAPPED)["relations"] == (
        '{"complexRelations":{"gestiones":["id","caso_id"],"gestiones.caso":["id"]}}'
    )
    normal = Query(model="cliente", type="normal", relations={"caso": ("id", "cliente_id")})
    assert sent(normal, WRAPPED)["relations"] == '{"caso":["id","cliente_id"]}'


def test_joined_tables_get_the_models_prefix_where_none_is_given():
    query = Query(
        model="cliente",
        type="normal",
        relations={"caso": ()},
        conditions=(F.nro_documento == "1") & (F.caso.prioridad != "Alta"),
    )
    assert sent(query)["conditions"] == "cliente.nro_documento=1 AND caso.prioridad!=Alta"
    assert sent(query)["sortName"] == "cliente.id"
    alone = Query(model="cliente", type="normal", conditions=F.nro_documento == "1")
    assert (sent(alone)["conditions"], sent(alone)["sortName"]) == ("nro_documento=1", "id")


@pytest.mark.parametrize("type_", ["tree", "lineal"])
def test_a_condition_on_a_relation_is_two_calls_and_the_error_shows_them(type_):
    with pytest.raises(Unsupported) as raised:
        sent(Query(model="caso", type=type_, conditions=F.cliente.nro_documento == "123secreto"))
    text = str(raised.value)
    assert 'crm["cliente"].list(columns=["id"], where=F.nro_documento == ...)' in text
    assert 'crm["caso"].list(where=F.cliente_id == row["id"])' in text
    assert "secreto" not in text
    with pytest.raises(Unsupported, match=re.escape('crm["gestion"].list(columns=["id", "caso_id"]')):
        sent(Query(model="caso", type=type_, conditions=(F.id == 1) & (F.gestiones.observacion != "x")))


def test_the_models_own_prefix_is_no_relation():
    assert asked(conditions=F.caso.cliente_id == 7) == {"conditions": "cliente_id=7"}


def test_where_and_raw_conditions_exclude_each_other():
    with pytest.raises(ConfigError, match="exclude each other"):
        asked(conditions=F.a == 1, raw_conditions="b=2")


def test_a_type_is_spelt_as_sagicc_spells_it():
    with pytest.raises(ConfigError, match="lineal"):
        asked(type="linear")


def test_one_record_is_asked_for_with_its_three_parameters_alone():
    query = Query(model="caso", columns=("id",), conditions=F.a == 1, disabled=True, grouping=("b",))
    assert {name for name, value in query.record_params(CURRENT).items() if value} == {"type", "columns"}


@pytest.mark.parametrize(
    ("fields", "doubt"),
    [
        ({"relations": {"gestions": ()}}, "did you mean gestiones"),
        ({"relations": {"cliente": ()}}, "lists no relation 'cliente' of caso"),
        ({"relations": {"gestiones.caso": ("id",)}}, "needs 'gestiones' with its own ids"),
        ({"relations": {"gestiones": ("id", "observacion")}}, "unless both ids are asked for"),
        ({"relations": {"gestiones": ("id", "usuario_id")}}, "by the usual name it is caso_id"),
        (
            {"model": "gestion", "relations": {"caso": (), "caso.gestiones": ("id", "usuario_id")}},
            "by the usual name it is caso_id",
        ),
        ({"model": "pais", "relations": {"ciudades": ("id", "zona_id")}}, "by the usual name it is pais_id"),
        ({"type": "normal", "relations": {"gestiones": ()}}, "lists no model 'gestiones'"),
        ({"columns": ("caso.id",)}, "has a prefix"),
        ({"sort_name": 1}, "name the column"),
        ({"conditions": (F.a == 1) & ((F.b == 2) | (F.c == 3))}, "mixes AND and OR"),
    ],
)
def test_what_may_be_wrong_is_a_doubt_and_is_sent(fields, doubt):
    query = Query(**{"model": "caso", **fields})
    assert [text for text in query.doubts(documented()) if doubt in text]
    assert sent(query)


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"relations": {"gestiones": ()}},
        {"relations": {"gestiones": ("id", "caso_id"), "gestiones.caso": ("id",)}},
        {"type": "normal", "relations": {"gestion": ()}, "columns": ("caso.id",)},
    ],
)
def test_what_the_page_lists_raises_no_doubt(fields):
    assert list(Query(model="caso", **fields).doubts(documented())) == []


def test_columns_and_relations_are_taken_in_every_form_that_people_write():
    assert columns_of("id, asunto,") == columns_of(["id", "asunto"]) == ("id", "asunto")
    assert columns_of("") is columns_of([]) is columns_of(None) is None
    assert relations_of(["gestiones"]) == {"gestiones": ()} == relations_of({"gestiones": []})
    assert relations_of({"gestiones": "id, caso_id"}) == {"gestiones": ("id", "caso_id")}
    assert relations_of("{}") == "{}"
    assert relations_of("") is relations_of({}) is relations_of([]) is relations_of(None) is None


@pytest.mark.parametrize("text", ["gestiones", '["gestiones"]', "null", "7", '{"gestiones": [', " "])
def test_relations_as_a_text_are_a_json_object(text):
    with pytest.raises(ConfigError, match="relations as a text are a JSON object"):
        relations_of(text)


def test_the_catalogue_is_the_vendors_page():
    catalogue = documented()
    assert len(catalogue.models) == len(set(catalogue.models)) == 39
    assert len(catalogue.relations) == 32
    assert set(catalogue.relations) <= set(catalogue.models)
    assert catalogue.relations["encuesta_resultado"] == ("encuesta", "caso")
    assert set(catalogue.models) - set(catalogue.relations) == {
        "adjunto",
        "bolsa_clientes",
        "calificacion",
        "cliente_etiqueta_cliente",
        "desuscripcion_email",
        "etiqueta_cliente",
        "lista_bloqueo",
    }


def test_a_file_extends_the_catalogue(tmp_path):
    file = tmp_path / "more.toml"
    file.write_text('models = ["encuesta"]\n[relations]\ncaso = ["cliente"]\n')
    more = documented().extended(file)
    assert more.doubt_model("encuesta") is None
    assert more.doubt_relation("caso", "cliente") is None
    assert more.relations["caso"] == ("gestiones", "cliente")
    assert documented().doubt_model("encuesta") is not None


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("models = 7", "models is a list of names"),
        ('models = ["a b"]', "models is a list of names"),
        ("[relations]\ncaso = [1]", "caso is a list of names"),
        ("modelos = []", "nothing else: modelos"),
        ("relations = 3", "a table `relations`"),
        ("= ", "is not TOML"),
    ],
)
def test_a_file_of_another_form_is_explained(tmp_path, text, complaint):
    file = tmp_path / "more.toml"
    file.write_text(text)
    with pytest.raises(ConfigError, match=complaint):
        Catalogue((), {}).extended(file)
    with pytest.raises(ConfigError, match="cannot be read"):
        Catalogue((), {}).extended(tmp_path / "missing.toml")


@pytest.mark.parametrize(
    ("snake", "camel"), [("gestiones", "gestiones"), ("dato_contactos", "datoContactos"), ("tipo_canal", "tipoCanal")]
)
def test_relations_are_spelt_both_ways(snake, camel):
    assert (camel_case(snake), snake_case(camel)) == (camel, snake)
    assert camel_case(camel) == camel


def test_names_of_many_are_plural():
    listed = {name for names in documented().relations.values() for name in names}
    many = {
        "estadoCasos",
        "usuarios",
        "registros",
        "gestiones",
        "datoContactos",
        "campos",
        "ciudades",
        "canales",
        "casos",
        "clientes",
        "estados",
    }
    assert {name for name in listed if is_to_many(name)} == many
