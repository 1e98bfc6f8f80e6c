"""POST, PUT, DELETE and the one service that is documented."""

from __future__ import annotations

import pytest

CONTACT = {
    "cliente_id": "154472",
    "tipo_dato_contacto_id": "3",
    "etiqueta": "Personal",
    "valor": "3002255845",
    "indicativo": "57",
    "extension": None,
    "barrio": None,
    "ciudad_id": None,
}


def rows_of(api):
    return {name: api.vendor.rows(name) for name in ("caso", "gestion", "cliente", "cliente_dato_contacto", "usuario")}


async def test_the_documented_example_is_kept_as_it_was_sent_but_for_keys(tidy):
    async with tidy() as api:
        answer = await api.ask("POST", "cliente_dato_contacto", json={"resources": [CONTACT]})
        assert answer.status == 201
        kept = {"id": 2, **CONTACT, "cliente_id": 154472, "tipo_dato_contacto_id": 3}
        assert answer.body == [{**kept, "created_at": None, "updated_at": None}]
        assert api.vendor.rows("cliente_dato_contacto")[1] == answer.body[0]
        assert (await api.get("cliente_dato_contacto", conditions="cliente_id=154472")).body["total"] == 1


async def test_an_id_of_ones_own_is_not_taken(tidy):
    async with tidy() as api:
        answer = await api.ask("POST", "caso", json={"resources": [{"id": 1, "asunto": "x"}, {"id": 77}]})
        assert [row["id"] for row in answer.body] == [4, 5]


async def test_related_rows_are_created_with_their_row(tidy):
    async with tidy() as api:
        resource = {
            "primer_nombre": "Iván",
            "relation": {"datoContactos": [{"valor": "1"}, {"valor": "2", "cliente_id": 1}]},
        }
        answer = await api.ask("POST", "cliente", json={"resources": [resource]})
        assert (answer.body[0]["id"], "relation" in answer.body[0]) == (3, False)
        contacts = api.vendor.rows("cliente_dato_contacto")
        assert [(row["cliente_id"], row["valor"]) for row in contacts[1:]] == [(3, "1"), (3, "2")]


async def test_related_rows_of_many_to_many_are_linked(tidy):
    async with tidy() as api:
        resource = {"nombre": "Inglés", "relation": {"usuarios": [{"nombre": "Carla"}]}}
        await api.ask("POST", "skill", json={"resources": [resource]})
        row = (await api.get("skill/3", relations={"usuarios": ["id", "nombre"]})).body
        assert row["usuarios"] == [{"id": 3, "nombre": "Carla", "pivot": {"skill_id": 3, "usuario_id": 3}}]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "resources"),
        ([], "resources"),
        ({"resources": []}, "resources"),
        ({"resources": {"asunto": "x"}}, "resources"),
        ({"resources": "x"}, "resources"),
        ({"resources": [{"asunto": "x"}, "x"]}, "resources.1"),
        ({"resources": [{"asunto": "x"}, {"colour": "x"}]}, "resources.1.colour"),
        ({"resources": [{"asunto": "x", "relation": []}]}, "resources.0.relation"),
        ({"resources": [{"asunto": "x", "relation": {"cliente": [{}]}}]}, "resources.0.relation.cliente"),
        ({"resources": [{"asunto": "x", "relation": {"gestiones": {}}}]}, "resources.0.relation.gestiones"),
        ({"resources": [{"asunto": "x", "relation": {"gestiones": ["x"]}}]}, "resources.0.relation.gestiones"),
        (
            {"resources": [{"asunto": "x", "relation": {"gestiones": [{}, {"colour": 1}]}}]},
            "resources.0.relation.gestiones.1.colour",
        ),
    ],
)
async def test_a_post_that_breaks_a_rule_creates_nothing(tidy, body, field):
    async with tidy() as api:
        before = rows_of(api)
        answer = await api.ask("POST", "caso", json=body)
        assert (answer.status, list(answer.body["errors"])) == (422, [field])
        assert rows_of(api) == before


async def test_a_row_that_must_exist_before_cannot_be_created_below(tidy):
    async with tidy() as api:
        answer = await api.ask("POST", "gestion", json={"resources": [{"relation": {"caso": [{"asunto": "x"}]}}]})
        assert (answer.status, list(answer.body["errors"])) == (422, ["resources.0.relation.caso"])


@pytest.mark.parametrize(("data", "kind"), [(b"{", "application/json"), (b"resources=1", "text/plain"), (b"", "")])
async def test_what_is_no_json_has_no_resources(tidy, data, kind):
    async with tidy() as api:
        for method, path in (("POST", "caso"), ("PUT", "caso"), ("PUT", "caso/1")):
            answer = await api.ask(method, path, data=data, headers={"Content-Type": kind})
            assert (answer.status, answer.body["errors"]) == (422, {"resources": ["The resources field is required."]})


async def test_a_put_changes_what_it_names_only(tidy):
    async with tidy() as api:
        before = api.vendor.rows("caso")[1]
        answer = await api.ask("PUT", "caso/2", json={"resources": {"asunto": "nuevo", "cliente_id": "1", "id": 9}})
        assert answer.body == [{**before, "asunto": "nuevo", "cliente_id": 1}]
        assert api.vendor.rows("caso")[1] == answer.body[0]
        assert await api.ids("caso", conditions="cliente_id=1") == [1, 2, 3]


async def test_a_put_without_an_id_in_its_path_changes_several(tidy):
    async with tidy() as api:
        body = {"resources": [{"id": "1", "asunto": "x"}, {"id": 3, "prioridad": "y"}, {"id": 1, "prioridad": "z"}]}
        answer = await api.ask("PUT", "caso", json=body)
        assert (answer.status, [row["id"] for row in answer.body]) == (200, [1, 3, 1])
        first, _, third = api.vendor.rows("caso")
        assert (first["asunto"], first["prioridad"], third["prioridad"]) == ("x", "z", "y")


@pytest.mark.parametrize(
    ("path", "resources", "field"),
    [
        ("caso/1", [], "resources"),
        ("caso/1", {}, "resources"),
        ("caso/1", [{"asunto": "x"}], "resources"),
        ("caso/1", {"colour": "x"}, "resources.colour"),
        ("caso/1", {"asunto": "x", "relation": {"gestiones": []}}, "resources.relation"),
        ("caso", {"id": 1}, "resources"),
        ("caso", [{"id": 1, "asunto": "x"}, {"asunto": "x"}], "resources.1.id"),
        ("caso", [{"id": 1, "asunto": "x"}, {"id": True}], "resources.1.id"),
        ("caso", [{"id": 1, "asunto": "x"}, 2], "resources.1"),
    ],
)
async def test_a_put_that_breaks_a_rule_changes_nothing(tidy, path, resources, field):
    async with tidy() as api:
        before = rows_of(api)
        answer = await api.ask("PUT", path, json={"resources": resources})
        assert (answer.status, list(answer.body["errors"])) == (422, [field])
        assert rows_of(api) == before


async def test_a_put_of_a_row_that_is_not_there_changes_nothing(tidy):
    async with tidy() as api:
        before = rows_of(api)
        assert (await api.ask("PUT", "caso/9", json={"resources": {"asunto": "x"}})).status == 404
        answer = await api.ask("PUT", "caso", json={"resources": [{"id": 1, "asunto": "x"}, {"id": 9}, {"id": 8}]})
        assert answer.body == {"message": "No query results for model [App\\Models\\Caso] 9, 8"}
        assert rows_of(api) == before


async def test_a_deleted_row_is_gone_from_everywhere_and_its_id_stays_taken(tidy):
    async with tidy(generation="legacy") as api:
        assert (await api.ask("DELETE", "caso/3", json={"ids": [1]})).status == 200
        assert await api.ids("caso") == [row["id"] for row in api.vendor.rows("caso")] == [1, 2]
        assert await api.ids("caso", deleted="true") == [3]
        for method in ("GET", "PUT", "DELETE"):
            answer = await api.ask(method, "caso/3?type=tree", json={"resources": {"asunto": "x"}})
            assert answer.status == 404
        created = await api.ask("POST", "caso", json={"resources": [{"asunto": "x"}]})
        assert created.body[0]["id"] == 4


async def test_several_rows_are_deleted_together_or_not_at_all(tidy):
    async with tidy() as api:
        assert (await api.ask("DELETE", "caso", json={"ids": [1, 9]})).status == 404
        assert await api.ids("caso") == [1, 2, 3]
        assert (await api.ask("DELETE", "caso", json={"ids": [1, 3, 1]})).status == 200
        assert await api.ids("caso") == [2]
        assert (await api.ask("DELETE", "caso", json={"ids": [1]})).status == 404


@pytest.mark.parametrize(
    "body", [None, {}, {"ids": []}, {"ids": 1}, {"ids": ["x"]}, {"ids": [1, None]}, {"ids": [True]}, {"ids": ["2"]}]
)
async def test_a_delete_without_ids_deletes_nothing(tidy, body):
    async with tidy() as api:
        assert (await api.ask("DELETE", "caso", json=body)).status == 422
        assert await api.ids("caso") == [1, 2, 3]


async def test_the_body_of_a_delete_can_be_lost_on_the_way(tidy):
    async with tidy(delete_body="dropped") as api:
        answer = await api.ask("DELETE", "caso", json={"ids": [1, 2]})
        assert (answer.status, list(answer.body["errors"])) == (422, ["ids"])
        assert await api.ids("caso") == [1, 2, 3]
        assert (await api.ask("DELETE", "caso/1")).status == 200
        assert await api.ids("caso") == [2, 3]


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("PATCH", "caso", "GET, POST, PUT, DELETE"),
        ("PATCH", "caso/1", "GET, PUT, DELETE"),
        ("POST", "caso/1", "GET, PUT, DELETE"),
        ("GET", "interaction/send", "POST"),
    ],
)
async def test_a_method_that_is_not_served_is_refused(tidy, method, path, allowed):
    async with tidy() as api:
        answer = await api.ask(method, path)
        assert (answer.status, answer.headers["Allow"]) == (405, allowed)
        assert answer.body["message"].startswith(f"The {method} method is not supported")


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
async def test_a_write_with_a_slash_at_its_end_is_redirected_and_does_nothing(tidy, method):
    async with tidy() as api:
        before = rows_of(api)
        answer = await api.ask(method, "caso/", json={"resources": [{"id": 1, "asunto": "x"}], "ids": [1]})
        assert (answer.status, answer.headers["Location"]) == (301, f"{api.vendor.base_url}/caso")
        assert rows_of(api) == before


@pytest.mark.parametrize("path", ["nothing", "encuesta", "accion/mensaje/nuevo", "service/name", "interaction"])
async def test_services_that_are_not_documented_are_not_found(tidy, path):
    async with tidy() as api:
        answer = await api.ask("POST", path, json={"resources": [{}]})
        assert (answer.status, answer.body) == (404, {"message": ""})


MESSAGE = {"ticket_id": 1, "type": "sm", "message": "Hola", "contact_info": "3002255845", "channel_type_id": 2}


async def test_a_message_is_sent_and_kept(tidy):
    async with tidy() as api:
        by_id = {"ticket_id": 1, "type": "hsm", "message": "Hola", "contact_info_id": 1, "channel_id": 1, "extra": "x"}
        as_printed_once = {**by_id, "contact_info_id": None, "contacto_info": "3002255845"}
        for body in (MESSAGE, by_id, as_printed_once):
            answer = await api.ask("POST", "interaction/send", json=body)
            assert answer.status == 200
        assert [row["type"] for row in api.vendor.rows("interaction")] == ["sm", "hsm", "hsm"]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"ticket_id": None}, "ticket_id"),
        ({"type": ""}, "type"),
        ({"type": "sms"}, "type"),
        ({"message": ""}, "message"),
        ({"contact_info": None}, "contact_info_id"),
        ({"channel_type_id": None}, "channel_id"),
        ({"contact_info_id": 1}, "contact_info_id"),
        ({"contacto_info": "300"}, "contact_info"),
        ({"channel_id": 1}, "channel_id"),
    ],
)
async def test_a_message_that_breaks_a_documented_rule_is_not_sent(tidy, change, field):
    async with tidy() as api:
        answer = await api.ask("POST", "interaction/send", json={**MESSAGE, **change})
        assert (answer.status, list(answer.body["errors"])) == (422, [field])
        assert (await api.ask("POST", "interaction/send", data=b"[")).status == 422
        assert api.vendor.rows("interaction") == []
