"""What stands around rows, in each of the shapes that an instance may have."""

from __future__ import annotations

import itertools

import pytest

ENVELOPES = ("paginator", "paginator_old", "grid", "bare", "resource", "simple", "wrapper")
NEW = {"resources": [{"asunto": "nuevo"}, {"asunto": "otro"}]}


async def test_a_paginator_has_the_keys_of_laravel_in_their_order(tidy):
    async with tidy() as api:
        answer = await api.get("caso", sizePerPage=2, columns="id")
        path = f"{api.vendor.base_url}/caso"
        assert list(answer.body.items()) == [
            ("current_page", 1),
            ("data", [{"id": 1}, {"id": 2}]),
            ("first_page_url", f"{path}?page=1"),
            ("from", 1),
            ("last_page", 2),
            ("last_page_url", f"{path}?page=2"),
            ("links", [
                {"url": None, "label": "&laquo; Previous", "active": False},
                {"url": f"{path}?page=1", "label": "1", "active": True},
                {"url": f"{path}?page=2", "label": "2", "active": False},
                {"url": f"{path}?page=2", "label": "Next &raquo;", "active": False},
            ]),
            ("next_page_url", f"{path}?page=2"),
            ("path", path),
            ("per_page", 2),
            ("prev_page_url", None),
            ("to", 2),
            ("total", 3),
        ]  # fmt: skip


async def test_behind_the_last_page_a_paginator_is_empty(tidy):
    async with tidy() as api:
        body = (await api.get("caso", sizePerPage=2, page=9)).body
        assert (body["data"], body["from"], body["to"], body["last_page"], body["total"]) == ([], None, None, 2, 3)
        assert body["next_page_url"] is None
        assert body["prev_page_url"].endswith("?page=8")


@pytest.mark.parametrize(
    ("page", "labels"),
    [
        (1, "1 2 3 4 5 6 7 8 9 10 ... 48 49"),
        (7, "1 2 3 4 5 6 7 8 9 10 ... 48 49"),
        (20, "1 2 ... 17 18 19 20 21 22 23 ... 48 49"),
        (43, "1 2 ... 40 41 42 43 44 45 46 47 48 49"),
        (49, "1 2 ... 40 41 42 43 44 45 46 47 48 49"),
    ],
)
async def test_a_paginator_links_the_pages_that_are_near(sagicc, page, labels):
    async with sagicc(records=50) as api:
        links = (await api.get("caso", sizePerPage=1, page=page)).body["links"][1:-1]
        assert " ".join(link["label"] for link in links) == labels
        assert [link["label"] for link in links if link["active"]] == [str(page)]


async def test_an_old_paginator_has_the_keys_of_its_time(tidy):
    async with tidy(envelope="paginator_old") as api:
        body = (await api.get("caso", sizePerPage=2, page=2, columns="id")).body
        path = f"{api.vendor.base_url}/caso"
        assert list(body.items()) == [
            ("total", 3), ("per_page", 2), ("current_page", 2), ("last_page", 2), ("next_page_url", None),
            ("prev_page_url", f"{path}?page=1"), ("from", 3), ("to", 3), ("data", [{"id": 3}]),
        ]  # fmt: skip


async def test_a_grid_has_rows_and_their_number(tidy):
    async with tidy(envelope="grid") as api:
        body = (await api.get("caso", sizePerPage=2, columns="id")).body
        assert body == {"data": [{"id": 1}, {"id": 2}], "totalSize": 3}


async def test_bare_rows_have_nothing_around_them(tidy):
    async with tidy(envelope="bare") as api:
        assert (await api.get("caso", sizePerPage=2, columns="id")).body == [{"id": 1}, {"id": 2}]


@pytest.mark.parametrize("name", ["resource", "simple"])
async def test_resources_have_links_and_meta(tidy, name):
    async with tidy(envelope=name) as api:
        path = f"{api.vendor.base_url}/caso"
        known = {"last": f"{path}?page=2"} if name == "resource" else {"last": None}
        counted = {"last_page": 2, "total": 3} if name == "resource" else {}
        assert (await api.get("caso", sizePerPage=2, columns="id")).body == {
            "data": [{"id": 1}, {"id": 2}],
            "links": {"first": f"{path}?page=1", "prev": None, "next": f"{path}?page=2", **known},
            "meta": {"current_page": 1, "from": 1, "path": path, "per_page": 2, "to": 2, **counted},
        }


async def test_a_wrapper_has_the_paginator_inside(tidy):
    async with tidy(envelope="wrapper") as wrapped, tidy() as plain:
        body = (await wrapped.get("caso", columns="id")).body
        assert (body["success"], set(body)) == (True, {"success", "message", "data"})
        assert set(body["data"]) == set((await plain.get("caso")).body)
        assert body["data"]["data"] == [{"id": 1}, {"id": 2}, {"id": 3}]


@pytest.mark.parametrize("name", ENVELOPES)
async def test_one_record(tidy, name):
    async with tidy(envelope=name) as api:
        row = {"id": 2, "asunto": "Cotización"}
        body = (await api.get("caso/2", columns="id,asunto")).body
        expected = {
            "paginator": row, "paginator_old": row, "bare": [row],
            "wrapper": {"success": True, "message": "Consulta exitosa", "data": row},
        }  # fmt: skip
        assert body == expected.get(name, {"data": row})


@pytest.mark.parametrize("name", ENVELOPES)
async def test_what_was_written(tidy, name):
    async with tidy(envelope=name) as api:
        created = await api.ask("POST", "caso", json=NEW)
        changed = await api.ask("PUT", "caso/4", json={"resources": {"asunto": "x"}})
        many = await api.ask("PUT", "caso", json={"resources": [{"id": 4, "asunto": "y"}]})
        rows = api.vendor.rows("caso")
        assert [row["asunto"] for row in rows[3:]] == ["y", "otro"]
        if name == "bare":
            assert [(one.status, one.body) for one in (created, changed, many)] == [(204, b"")] * 3
            return
        assert [one.status for one in (created, changed, many)] == [201, 200, 200]
        before = {**rows[3], "asunto": "nuevo"}
        expected = {
            "paginator": [before, rows[4]], "paginator_old": [before, rows[4]], "grid": {"data": [4, 5]},
            "wrapper": {"success": True, "message": "Registros creados", "data": {"ids": [4, 5]}},
        }  # fmt: skip
        assert created.body == expected.get(name, {"data": [before, rows[4]]})


@pytest.mark.parametrize("name", ENVELOPES)
async def test_what_was_deleted(tidy, name):
    async with tidy(envelope=name) as api:
        one, many = await api.ask("DELETE", "caso/1"), await api.ask("DELETE", "caso", json={"ids": [2, 3]})
        assert await api.ids("caso") == [] if name in ENVELOPES[:3] else True
        assert api.vendor.rows("caso") == []
        if name in ("bare", "resource", "simple"):
            assert [(answer.status, answer.body) for answer in (one, many)] == [(204, b"")] * 2
        else:
            assert [(answer.status, answer.body["message"]) for answer in (one, many)] == [
                (200, "Registro eliminado"),
                (200, "Registros eliminados"),
            ]


@pytest.mark.parametrize("name", ENVELOPES)
async def test_a_fault_spoils_a_row_in_every_envelope(tidy, name):
    async with tidy(envelope=name) as api:
        api.vendor.fault("wrong_type", row=2, field="id", value="dos")
        body = (await api.get("caso", columns="id")).body
        rows = body["data"]["data"] if name == "wrapper" else body if name == "bare" else body["data"]
        assert rows == [{"id": 1}, {"id": "dos"}, {"id": 3}]


async def test_failures_are_the_same_in_every_envelope(tidy):
    seen = []
    for name in ENVELOPES:
        async with tidy(envelope=name) as api:
            answers = [await api.get("caso/99"), await api.get("caso", page=0), await api.get("caso", columns="x")]
            seen.append([(answer.status, answer.body) for answer in answers])
    assert all(one == other for one, other in itertools.pairwise(seen))


async def test_whole_numbers_of_rows_can_leave_as_text(tidy):
    async with tidy(text_ids=True) as api:
        body = (await api.get("caso", columns="id,cliente_id,asunto", relations={"gestiones": ["id", "caso_id"]})).body
        assert body["data"][1] == {
            "id": "2", "cliente_id": "2", "asunto": "Cotización", "gestiones": [{"id": "4", "caso_id": "2"}],
        }  # fmt: skip
        assert (body["total"], body["current_page"]) == (3, 1)
        assert (await api.get("usuario_skill/1", columns="nivel")).body == {"nivel": "3"}
        assert (await api.ask("POST", "caso", json=NEW)).body[0]["id"] == "4"
        assert api.vendor.rows("caso")[3]["id"] == 4
