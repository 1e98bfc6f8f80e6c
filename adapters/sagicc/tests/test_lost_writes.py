"""Writes and messages whose answer is lost, or refused: what is sent again, what never is, and what is known of it."""

from __future__ import annotations

import asyncio

import pytest

from sagicc_async import (
    Absent,
    ConfigError,
    Found,
    NotFound,
    OutcomeUnknown,
    ProtocolError,
    RateLimited,
    RetryPolicy,
    ServerError,
    StillOpen,
    ValidationFailed,
)

NEW = {"nro_documento": "900123", "primer_nombre": "Ana"}
MESSAGE = {"ticket_id": 1, "type": "sm", "message": "hola", "contact_info": "300", "channel_id": 2}
QUICK = {"retry": RetryPolicy(attempts=3, base=0)}


def ids(rows):
    return [row["id"] for row in rows]


def asunto_of(here, number):
    return here.vendor.rows("caso")[number - 1]["asunto"]


def made(here):
    return [row for row in here.vendor.rows("cliente") if row["nro_documento"] == NEW["nro_documento"]]


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
async def test_a_creation_that_took_no_effect_is_absent_once_the_vendor_must_be_done(
    local, hurried_clock, kind, options, cause
):
    async with local(manager=QUICK, clock=hurried_clock) as here:
        here.vendor.fault(kind, method="POST", path="cliente", **options)
        with pytest.raises(OutcomeUnknown) as caught:
            await here.crm.cliente.create(NEW, unique=["nro_documento"])

        assert isinstance(caught.value.__cause__, cause)
        assert await caught.value.reconcile() == StillOpen("Sagicc may still be at work on it; look again in 120 s")
        await hurried_clock.sleep(120)
        assert await caught.value.reconcile() == Absent()
        assert (here.writes, made(here)) == (["POST"], [])


async def test_a_creation_that_is_still_under_way_is_not_absent(local, manual_clock):
    async with local(manager=QUICK, clock=manual_clock) as here:
        await here.crm.pais.get(1)
        held = here.vendor.fault("hold", method="POST", path="cliente")
        creating = asyncio.create_task(here.crm.cliente.create(NEW, unique=["nro_documento"], deadline=5))
        await here.vendor.until(lambda stats: stats.in_flight == 1)
        await manual_clock.advance(5)
        with pytest.raises(OutcomeUnknown) as caught:
            await creating

        assert isinstance(await caught.value.reconcile(), StillOpen)
        here.vendor.clear_faults(held)
        await here.vendor.until(lambda stats: stats.in_flight == 0)
        assert isinstance(await caught.value.reconcile(), Found)
        assert here.writes == ["POST"]


@pytest.mark.parametrize("unique", [(), ("nro_documento", "empresa")])
async def test_without_anything_unique_nobody_can_tell(local, unique):
    async with local(manager=QUICK) as here:
        here.vendor.fault("reset_after", method="POST", path="cliente")
        with pytest.raises(OutcomeUnknown) as caught:
            await here.crm.cliente.create({**NEW, "empresa": "A (B)"}, unique=unique)
        assert isinstance(await caught.value.reconcile(), StillOpen)
        assert here.writes == ["POST"]


@pytest.mark.parametrize("unique", [["genero"], ["nro_documento", "empresa"], ["nro documento"], "genero"])
async def test_a_record_without_a_column_by_which_to_find_it_again_is_not_sent(local, unique):
    async with local() as here:
        with pytest.raises(ConfigError, match="cannot be found again by"):
            await here.crm.cliente.create({**NEW, "empresa": None}, unique=unique)
        assert here.vendor.requests == []
        assert (await here.crm.cliente.create(NEW, unique="nro_documento")).ids == (made(here)[0]["id"],)


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


async def test_what_is_no_id_is_never_a_request_to_the_whole_model(local):
    async with local() as here:
        for call in (here.crm.caso.get, here.crm.caso.delete, lambda id_: here.crm.caso.update(id_, {"asunto": "x"})):
            with pytest.raises(ConfigError, match="an id of caso is a whole number"):
                await call(None)
        assert here.vendor.requests == []


@pytest.mark.parametrize("bulk", [False, True])
@pytest.mark.parametrize("ids", ["12", b"12", [3, 0, 4], [3, "x"], [3, None], [True]])
async def test_nothing_is_deleted_where_what_is_to_be_deleted_is_not_all_ids(local, bulk, ids):
    async with local() as here:
        with pytest.raises(ConfigError, match=r"ids to delete are a list|an id of caso is a whole number"):
            await here.crm.caso.delete_many(ids, bulk=bulk)
        assert here.vendor.requests == []


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
