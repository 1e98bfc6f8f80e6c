"""Answers that are none, and answers that never come: one error each, nothing handed out that is not there, no write twice."""

from __future__ import annotations

import pytest

from sagicc_async import (
    PagingLoop,
    ProtocolError,
    RetryPolicy,
    ServerError,
    ValidationFailed,
)
from sagicc_async_sagicc import model

QUICK = {"retry": RetryPolicy(attempts=3, base=0)}


@model("caso")
class Caso:
    id: int
    cliente_id: int
    asunto: str


def ids(rows):
    return [row["id"] for row in rows]


def asunto_of(here, number):
    return here.vendor.rows("caso")[number - 1]["asunto"]


# What is no data.


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_a_redirect_of_a_read_to_a_login_page_is_not_followed_and_says_so(local, status):
    async with local(manager=QUICK) as here:
        login = here.vendor.base_url.removesuffix("/api") + "/login"
        here.vendor.fault("redirect", path="caso", location=login, status=status)
        for call in (here.crm.caso.list().collect, lambda: here.crm.caso.get(1)):
            with pytest.raises(ProtocolError, match="login page means that the credentials were not understood"):
                await call()

        assert [entry.path for entry in here.asked()] == ["/api/caso", "/api/caso/1"]
        assert here.logins == [200]


async def test_a_page_of_html_is_never_data_and_asking_again_is_no_help(local):
    async with local(manager=QUICK) as here:
        here.vendor.fault("garbage", path="caso")
        for call in (
            here.crm.caso.list().collect,
            here.crm.caso.list(model=Caso).collect,
            lambda: here.crm.caso.get(1),
        ):
            with pytest.raises(ProtocolError, match="the answer is HTML") as caught:
                await call()
            assert caught.value.status == 200
            assert "check instance and base_url" in str(caught.value)
        assert len(here.asked()) == 3


@pytest.mark.parametrize("status", [500, 502, 503, 504])
async def test_a_proxys_page_of_failure_is_asked_again(local, status):
    async with local(manager=QUICK) as here:
        here.vendor.fault("garbage", path="caso", status=status, times=1)
        assert ids(await here.crm.caso.list().collect()) == ids(here.vendor.rows("caso"))
        assert [entry.status for entry in here.asked()] == [status, 200]

        here.vendor.fault("garbage", path="caso", status=status)
        with pytest.raises(ServerError) as caught:
            await here.crm.caso.list().collect()
        assert caught.value.attempts == (2 if status == 500 else 3)


@pytest.mark.parametrize(
    "body",
    [
        '{"data": [{"id": 1, "asunto": "k4n4r10"}, {"id"',
        '{"data": [{"id": 1, "asunto": "k4n4r10}]}',
        '{"data": null, "otro": "k4n4r10"}',
        '{"data": "k4n4r10"}',
        '{"uno": [{"k4n4r10": 1}], "dos": [{"k4n4r10": 1}]}',
        '"k4n4r10"',
        "k4n4r10",
    ],
)
@pytest.mark.parametrize("known", [False, True], ids=["anew", "known"])
async def test_what_is_not_a_list_of_records_is_one_error_without_a_word_of_it(local, body, known):
    async with local(manager=QUICK) as here:
        if known:
            await here.crm.caso.list().first()
        before = len(here.asked())
        here.vendor.fault("status", path="caso", status=200, body=body)
        for stream in (here.crm.caso.list(), here.crm.caso.list(model=Caso), here.crm.caso.list().raw(encoded=True)):
            with pytest.raises(ProtocolError) as caught:
                await stream.collect()
            assert "k4n4r10" not in str(caught.value)
            assert (caught.value.operation, caught.value.vendor) == ("caso.list", "sagicc")
            assert caught.value.checkpoint is not None
        assert len(here.asked()) - before == 3  # none of them twice


@pytest.mark.parametrize("form", ["mappings", "records", "bytes"])
async def test_a_list_of_something_else_than_records_is_an_error(local, form):
    async with local(manager=QUICK) as here:
        here.vendor.fault("status", path="caso", status=200, body="[1, 2, 3]")
        cases = here.crm.caso
        stream = {
            "mappings": cases.list(),
            "records": cases.list(model=Caso),
            "bytes": cases.list().raw(encoded=True),
        }[form]
        with pytest.raises(ProtocolError):
            await stream.collect()


async def test_an_answer_that_breaks_off_is_asked_for_again(local):
    async with local(manager=QUICK) as here:
        here.vendor.fault("truncate", path="caso", times=1)
        here.vendor.fault("reset_after", path="caso", nth=2)
        assert ids(await here.crm.caso.list().collect()) == ids(here.vendor.rows("caso"))
        assert len(here.asked()) == 3


async def test_a_page_that_is_too_large_says_to_stream_the_child_model(local):
    async with local(manager={"max_body": 4_000, **QUICK}) as here:
        with pytest.raises(ProtocolError, match=r'crm\["gestion"\]\.list') as caught:
            await here.crm.caso.list(relations=["gestiones"], size_per_page=50).collect()
        assert "max_body" in str(caught.value)
        with pytest.raises(ProtocolError, match="smaller pages") as caught:
            await here.crm.caso.list(size_per_page=50).collect()
        assert "gestion" not in str(caught.value)
        assert len(here.asked()) == 2
        assert len(await here.crm.caso.list(size_per_page=5).collect()) == 59


@pytest.mark.parametrize("rows", [0, 3, 400], ids=["empty", "small", "large"])
@pytest.mark.parametrize(
    "flags",
    [
        {"success": False, "message": "sin permiso"},
        {"error": "sin permiso"},
        {"errors": {"columns": ["sin permiso"]}},
        {"success": False, "errors": ["sin permiso"]},
    ],
    ids=["success", "error", "errors", "both"],
)
@pytest.mark.parametrize("known", [False, True], ids=["anew", "known"])
async def test_a_status_of_success_whose_body_says_that_it_failed_hands_nothing_out(local, rows, flags, known):
    async with local(manager=QUICK) as here:
        if known:
            await here.crm.caso.list().first()
        body = {"data": here.vendor.rows("caso")[:1] * rows, **flags}
        here.vendor.fault("status", path="caso$", status=200, body=body)
        for stream in (here.crm.caso.list(), here.crm.caso.list(model=Caso)):
            found = []
            with pytest.raises(ValidationFailed, match="says in the body that it failed") as caught:
                async for row in stream:
                    found.append(row)  # noqa: PERF401 - what comes before the error counts
            assert found == []
            assert [error.message for error in caught.value.errors] == ["sin permiso"]
            assert "sin permiso" not in str(caught.value)
            assert (caught.value.operation, caught.value.status) == ("caso.list", 200)
        with pytest.raises(ValidationFailed) as caught:
            await here.crm.caso.create({"asunto": "x"})
        assert [error.message for error in caught.value.errors] == ["sin permiso"]


@pytest.mark.parametrize("size", [10, 10_000], ids=["small", "large"])
@pytest.mark.parametrize("flags", [{"success": False, "message": "sin permiso"}, {"errors": ["sin permiso"]}])
async def test_a_single_answer_whose_body_says_that_it_failed_is_no_record_of_any_size(local, size, flags):
    async with local(manager=QUICK) as here:
        here.vendor.fault("status", path="caso", status=200, body={**flags, "trace": "x" * size})
        calls = {
            "caso.get": lambda: here.crm.caso.get(1),
            "GET caso/1": lambda: here.crm.request("GET", "caso/1"),
            "caso.probe": here.crm.probe,
        }
        for operation, call in calls.items():
            with pytest.raises(ValidationFailed, match="says in the body that it failed") as caught:
                await call()
            assert [error.message for error in caught.value.errors] == ["sin permiso"]
            assert (caught.value.vendor, caught.value.account) == ("sagicc", "default")
            assert (caught.value.operation, caught.value.status) == (operation, 200)
        assert len(here.asked()) == 3  # none of them twice


async def test_an_answer_without_a_record_is_none_and_says_what_it_has(local):
    async with local() as here:
        here.vendor.fault("status", path="caso", status=200, body={"success": True, "message": "k4n4r10", "data": None})
        with pytest.raises(ProtocolError, match=r"holds no record: it has success \(true\)") as caught:
            await here.crm.caso.get(1)
        assert "k4n4r10" not in str(caught.value)
        assert (caught.value.operation, caught.value.status) == ("caso.get", 200)


@pytest.mark.parametrize(
    ("body", "ids"),
    [
        ({"success": True, "message": "Creado", "data": None}, ()),
        ({"success": True, "message": "Creado", "data": "Registro creado"}, ()),
        ({"data": ["61", 62]}, ("61", 62)),
    ],
)
async def test_the_words_of_an_answer_to_a_write_are_no_id(local, body, ids):
    async with local() as here:
        here.vendor.fault("status", path="caso", status=200, body=body)
        for written in (await here.crm.caso.create({"asunto": "x"}), await here.crm.caso.update(1, {"asunto": "x"})):
            assert (written.ids, written.records, written.message) == (ids, (), body.get("message"))


@pytest.mark.parametrize(
    ("envelope", "path"), [("paginator", "$.data[2]"), ("wrapper", "$.data.data[2]"), ("bare", "$[2]")]
)
@pytest.mark.parametrize("page", [1, 3])
async def test_a_record_of_a_wrong_type_ends_a_typed_list_behind_those_before_it(local, envelope, path, page):
    async with local(envelope=envelope, manager=QUICK) as here:
        here.vendor.fault("wrong_type", query={"page": page}, row=3, field="cliente_id", value="k4n4r10")
        stream, found = here.crm.caso.list(model=Caso, size_per_page=10), []
        with pytest.raises(ProtocolError, match="a record cannot be read") as caught:
            async for record in stream:
                found.append(record.id)  # noqa: PERF401 - what comes before the error counts

        assert f"{path}.cliente_id should be int" in str(caught.value)
        assert "k4n4r10" not in str(caught.value)
        assert found == ids(here.vendor.rows("caso"))[: 10 * (page - 1) + 2]

        here.vendor.clear_faults()
        rest = await here.crm.caso.resume(caught.value.checkpoint, model=Caso).collect()
        assert found + [record.id for record in rest] == ids(here.vendor.rows("caso"))


async def test_a_record_of_a_wrong_type_is_no_matter_where_no_class_declares_it(local):
    async with local() as here:
        here.vendor.fault("wrong_type", path="caso", row=3, field="cliente_id", value="k4n4r10")
        rows = await here.crm.caso.list().collect()
        assert (rows[2]["cliente_id"], len(rows)) == ("k4n4r10", 59)


async def test_one_record_of_a_wrong_type_says_where(local):
    async with local() as here:
        here.vendor.add("caso", {"id": 900, "cliente_id": "x", "asunto": "k4n4r10"})
        with pytest.raises(ProtocolError, match=r"expected int at \$\.cliente_id") as caught:
            await here.crm.caso.get(900, model=Caso)
        assert (caught.value.operation, caught.value.status) == ("caso.get", 200)


async def test_a_field_that_nobody_declared_is_kept_beside_the_record(local):
    async with local() as here:
        here.vendor.fault("unknown_field", path="caso")
        (record, *_) = await here.crm.caso.list(model=Caso).collect()
        assert record.extra == {"campo_nuevo": "valor nuevo"}


async def test_a_server_that_sends_the_same_page_again_is_found_out(local):
    async with local() as here:
        body = {"data": here.vendor.rows("caso")[:10]}
        here.vendor.fault("status", path="caso", status=200, body=body)
        with pytest.raises(PagingLoop) as caught:
            await here.crm.caso.list(size_per_page=10).collect()
        assert caught.value.checkpoint is not None
        assert len(here.asked()) == 2


async def test_a_record_path_that_is_not_there_names_the_keys_that_are(local):
    async with local(account={"record_path": "datos.filas"}) as here:
        with pytest.raises(ProtocolError, match=r"no datos\.filas: it has current_page") as caught:
            await here.crm.caso.list().collect()
        assert asunto_of(here, 1) not in str(caught.value)
