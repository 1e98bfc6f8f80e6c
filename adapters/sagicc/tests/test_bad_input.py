"""Answers that are none, and answers that never come: one error each, nothing handed out that is not there, no write twice."""

from __future__ import annotations

import pytest

from sagicc_async import (
    Absent,
    ConfigError,
    Found,
    NotFound,
    OutcomeUnknown,
    PagingLoop,
    ProtocolError,
    RateLimited,
    RetryPolicy,
    ServerError,
    StillOpen,
    ValidationFailed,
)
from sagicc_async_sagicc import model

NEW = {"nro_documento": "900123", "primer_nombre": "Ana"}
MESSAGE = {"ticket_id": 1, "type": "sm", "message": "hola", "contact_info": "300", "channel_id": 2}
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


def made(here):
    return [row for row in here.vendor.rows("cliente") if row["nro_documento"] == NEW["nro_documento"]]


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


# Writes whose answer is lost.

#: Faults of a POST behind which the record is there, and others behind which it is not.
DONE = [
    ("reset_before", {}, ServerError),
    ("reset_after", {}, ServerError),
    ("truncate", {}, ServerError),
    ("status", {"status": 500, "done": True}, ServerError),
    ("status", {"status": 504, "done": True}, ServerError),
    ("garbage", {"done": True}, ProtocolError),
]
NOT_DONE = [
    ("reset_before", {"done": False}, ServerError),
    ("reset_after", {"done": False}, ServerError),
    ("status", {"status": 502}, ServerError),
    ("garbage", {}, ProtocolError),
]


@pytest.mark.parametrize(("kind", "options", "cause"), DONE)
async def test_a_creation_whose_answer_is_lost_is_found_by_what_is_unique_in_it(local, kind, options, cause):
    async with local(manager=QUICK) as here:
        here.vendor.fault(kind, method="POST", path="cliente", **options)
        with pytest.raises(OutcomeUnknown, match=r"cliente\.create") as caught:
            await here.crm.cliente.create(NEW, unique=["nro_documento"])

        assert isinstance(caught.value.__cause__, cause)
        outcome = await caught.value.reconcile()
        assert isinstance(outcome, Found)
        assert outcome.record == made(here)[0]
        assert here.writes == ["POST"]
        assert len(made(here)) == 1


@pytest.mark.parametrize(("kind", "options", "cause"), NOT_DONE)
async def test_a_creation_that_took_no_effect_is_absent(local, kind, options, cause):
    async with local(manager=QUICK) as here:
        here.vendor.fault(kind, method="POST", path="cliente", **options)
        with pytest.raises(OutcomeUnknown) as caught:
            await here.crm.cliente.create(NEW, unique=["nro_documento"])

        assert isinstance(caught.value.__cause__, cause)
        assert await caught.value.reconcile() == Absent()
        assert (here.writes, made(here)) == (["POST"], [])


@pytest.mark.parametrize("unique", [(), ("genero",), ("nro_documento", "empresa")])
async def test_without_anything_unique_nobody_can_tell(local, unique):
    async with local(manager=QUICK) as here:
        here.vendor.fault("reset_after", method="POST", path="cliente")
        with pytest.raises(OutcomeUnknown) as caught:
            await here.crm.cliente.create({**NEW, "empresa": "A (B)"}, unique=unique)
        assert isinstance(await caught.value.reconcile(), StillOpen)
        assert here.writes == ["POST"]


async def test_the_outcome_can_be_asked_for_again_where_the_look_up_failed(local):
    async with local(manager=QUICK) as here:
        here.vendor.fault("reset_after", method="POST", path="cliente")
        with pytest.raises(OutcomeUnknown) as caught:
            await here.crm.cliente.create(NEW, unique=["nro_documento"])
        broken = here.vendor.fault("status", method="GET", status=503)
        with pytest.raises(ServerError):
            await caught.value.reconcile()
        here.vendor.clear_faults(broken)
        assert isinstance(await caught.value.reconcile(), Found)


async def test_of_many_creations_those_before_a_lost_one_are_told_and_none_comes_after_it(local):
    async with local(manager=QUICK) as here:
        here.vendor.fault("reset_after", method="POST", path="cliente", nth=3)
        told = []
        with pytest.raises(OutcomeUnknown):
            async for written in here.crm.cliente.create_many(
                {**NEW, "nro_documento": str(number)} for number in range(5)
            ):
                told += written.ids
        assert len(told) == 2
        assert here.writes == ["POST"] * 3


@pytest.mark.parametrize("kind", ["reset_before", "reset_after", "truncate"])
async def test_a_change_by_id_is_sent_again_where_its_answer_was_lost(local, kind):
    async with local(manager=QUICK) as here:
        here.vendor.fault(kind, method="PUT", times=1)
        await here.crm.caso.update(3, {"asunto": "NUEVO"})
        assert (here.writes, asunto_of(here, 3)) == (["PUT", "PUT"], "NUEVO")


async def test_a_change_of_many_is_not_sent_again(local):
    async with local(manager=QUICK) as here:
        here.vendor.fault("reset_after", method="PUT")
        with pytest.raises(OutcomeUnknown, match="update_many"):
            [
                one
                async for one in here.crm.caso.update_many([{"id": 3, "asunto": "NUEVO"}, {"id": 4, "asunto": "NUEVO"}])
            ]
        assert here.writes == ["PUT"]


@pytest.mark.parametrize("kind", ["reset_before", "reset_after", "truncate"])
async def test_a_deletion_by_id_that_finds_nothing_after_a_lost_answer_is_done(local, kind):
    async with local(manager=QUICK) as here:
        here.vendor.fault(kind, method="DELETE", times=1)
        await here.crm.caso.delete(3)
        await here.crm.caso.delete_many([4, 5])

        assert ids(here.vendor.rows("caso"))[:3] == [1, 2, 6]
        assert [entry.status for entry in here.asked() if entry.method == "DELETE"][1:] == [404, 200, 200]
        with pytest.raises(NotFound):  # whose answer was not lost, and which was not there
            await here.crm.caso.delete(3)


@pytest.mark.parametrize("kind", ["revoke", "status"])
async def test_a_deletion_that_was_refused_before_it_found_nothing_is_not_done(local, kind):
    async with local(manager=QUICK) as here:
        await here.crm.pais.get(1)
        options = {"status": 429, "headers": {"Retry-After": "0"}} if kind == "status" else {}
        here.vendor.fault(kind, method="DELETE", times=1, **options)
        with pytest.raises(NotFound):
            await here.crm.caso.delete(999)


async def test_a_deletion_of_many_at_once_is_not_sent_again(local):
    async with local(manager=QUICK) as here:
        here.vendor.fault("reset_after", method="DELETE")
        with pytest.raises(OutcomeUnknown, match="delete_many"):
            await here.crm.caso.delete_many([3, 4], bulk=True)
        assert here.writes == ["DELETE"]


async def test_a_write_is_never_redirected(local):
    async with local(account={"trailing_slash": True}, manager=QUICK) as here:
        assert len(await here.crm.caso.list().collect()) == 59
        with pytest.raises(OutcomeUnknown) as caught:  # the sandbox answers a slash as some web servers do
            await here.crm.cliente.create(NEW)
        assert "redirects" in str(caught.value.__cause__)
        assert (here.writes, made(here)) == (["POST"], [])


# Messages to people.


async def test_a_message_is_not_sent_unless_services_are_allowed(local):
    async with local() as here:
        with pytest.raises(ConfigError, match="allow_services=True"):
            await here.crm.interaction_send(**MESSAGE)
        with pytest.raises(ConfigError, match="allow_services=True"):
            await here.crm.call("accion/mensaje/nuevo", {"canal_id": 1})
        assert here.vendor.requests == []


async def test_a_message_is_sent_once(local):
    async with local(account={"allow_services": True}) as here:
        answer = await here.crm.interaction_send(**MESSAGE, fields={"extra": 1})
        assert answer["message"] == "Mensaje enviado"
        assert here.vendor.rows("interaction") == [{"id": 1, **MESSAGE, "extra": 1}]
        assert here.writes == ["POST"]


@pytest.mark.parametrize(("kind", "options", "cause"), [*DONE[:5], *NOT_DONE[:3]])
async def test_a_message_whose_answer_is_lost_is_never_sent_again(local, kind, options, cause):
    async with local(account={"allow_services": True}, manager=QUICK) as here:
        here.vendor.fault(kind, method="POST", path="interaction", **options)
        with pytest.raises(OutcomeUnknown, match=r"interaction\.send") as caught:
            await here.crm.interaction_send(**MESSAGE)
        assert isinstance(caught.value.__cause__, cause)
        assert isinstance(await caught.value.reconcile(), StillOpen)
        assert here.writes == ["POST"]
        assert len(here.vendor.rows("interaction")) == options.get("done", kind != "status")


async def test_a_message_is_not_sent_again_where_the_vendor_asks_to_slow_down_and_a_refused_token_is_renewed(local):
    async with local(account={"allow_services": True}, manager=QUICK) as here:
        slow = here.vendor.fault("status", method="POST", path="interaction", status=429, headers={"Retry-After": "0"})
        with pytest.raises(RateLimited):
            await here.crm.interaction_send(**MESSAGE)
        assert here.writes == ["POST"]
        here.vendor.clear_faults(slow)

        here.vendor.fault("revoke", method="POST", path="interaction", times=1)
        await here.crm.interaction_send(**MESSAGE)
        assert here.writes == ["POST"] * 3  # the second was refused with its token, before anything was done
        assert len(here.vendor.rows("interaction")) == 1


async def test_a_message_that_breaks_a_documented_rule_is_not_sent_and_one_that_the_vendor_refuses_says_why(local):
    async with local(account={"allow_services": True}) as here:
        with pytest.raises(ValidationFailed) as caught:
            await here.crm.interaction_send(**{**MESSAGE, "type": "xx", "message": "", "contact_info_id": 3})
        assert {error.path for error in caught.value.errors} == {"type", "message", "contact_info_id"}
        assert here.vendor.requests == []

        with pytest.raises(ValidationFailed) as caught:
            await here.crm.call("interaction/send", {"ticket_id": 1})
        assert {error.path for error in caught.value.errors} == {
            "type",
            "message",
            "contact_info_id",
            "channel_id",
        }
