"""A call is cancelled at every turn of the loop that it lives through; nothing may leak, and no write happens twice."""

from __future__ import annotations

import asyncio

import pytest

from sagicc_async import LateOutcome, MemoryCoordinator, RequestError, RequestFinished, RetryPolicy, SessionManager
from sagicc_async_sagicc import model

MOST_TURNS = 2_000


@model("gestion")
class Gestion:
    id: int
    caso_id: int


@model("caso")
class Caso:
    id: int
    asunto: str
    gestiones: list[Gestion]


def one_list(crm, turn):
    return crm.caso.list(model=Caso, size_per_page=3).collect(7)


def one_get(crm, turn):
    return crm.caso.get(1, model=Caso)


def one_creation(crm, turn):
    return crm.cliente.create({"nro_documento": f"c{turn}", "primer_nombre": "Ana"}, unique=["nro_documento"])


async def many_creations(crm, turn):
    async for _ in crm.cliente.create_many([{"nro_documento": f"c{turn}-{number}"} for number in range(3)]):
        pass


def one_change(crm, turn):
    return crm.caso.update(1, {"asunto": f"a{turn}"})


def many_deletions(crm, turn):
    return crm.registro_canal.delete_many([3 * turn + 1, 3 * turn + 2, 3 * turn + 3])


def one_probe(crm, turn):
    return crm.probe("caso")


CALLS = [one_list, one_get, one_creation, many_creations, one_change, many_deletions, one_probe]
WRITES = [one_creation, many_creations]


async def cancelled_at(turn, call):
    """Start the call and cancel it after so many turns of the loop; tell whether it was still under way."""
    task = asyncio.ensure_future(call)
    for _ in range(turn):
        await asyncio.sleep(0)
        if task.done():
            await task
            return False
    task.cancel()
    for _ in range(3):
        await asyncio.sleep(0)
    assert task.cancelled(), f"cancelled at turn {turn}, the caller did not leave at once"
    return True


async def rest(here, sessions):
    """Wait, by turns of the loop, until nothing is under way, neither here nor at the vendor."""
    await here.vendor.until(lambda stats: stats.in_flight == 0)
    async with asyncio.timeout(5):
        while sessions._gate._tasks or sessions._gate._trips:
            await asyncio.sleep(0)


def bodies(here, method):
    """What the vendor was sent by a method; each of them says which call it was."""
    return [entry.body or entry.path for entry in here.asked() if entry.method == method]


@pytest.mark.parametrize("call", CALLS)
async def test_a_call_cancelled_at_any_turn_leaves_nothing_behind(local, call):
    # Rows enough for every turn to delete three of its own.
    async with local(records=200) as here:
        events = []
        here.sessions.on(events.append)
        if call is many_deletions:
            for number in range(201, 2_000):
                here.vendor.add("registro_canal", {"id": number})
        await here.crm.pais.get(1)
        for turn in range(MOST_TURNS):
            under_way = await cancelled_at(turn, call(here.crm, turn))
            async with asyncio.timeout(5):
                assert (await here.crm.pais.get(1))["id"] == 1
            if not under_way:
                break
        assert 5 < turn < MOST_TURNS - 1
        await rest(here, here.sessions)

        for method in ("POST", "DELETE"):
            assert len(bodies(here, method)) == len(set(bodies(here, method)))
        assert here.logins == [200]
        if call in WRITES:
            # Every write that reached the vendor ended here: its caller heard of it, or an event did, exactly once.
            ended = [
                event
                for event in events
                if isinstance(event, RequestFinished)
                and event.operation == "cliente.create"
                and event.outcome != "cancelled"
            ]
            assert [event.outcome for event in ended] == ["ok"] * len(here.writes)
            late = [event.request_id for event in events if isinstance(event, LateOutcome) and not event.repeatable]
            assert len(late) == len(set(late)) <= len(here.writes)
            made = [row for row in here.vendor.rows("cliente") if row["nro_documento"].startswith("c")]
            assert len(made) == len(here.writes)


@pytest.mark.parametrize("call", [one_get, one_creation])
async def test_a_first_call_cancelled_at_any_turn_costs_one_login_and_leaves_the_account_usable(local, call):
    async with local() as here:
        for turn in range(MOST_TURNS):
            before = len(here.logins)
            async with SessionManager(coordinator=MemoryCoordinator()) as sessions:
                crm = here.open(sessions=sessions)
                under_way = await cancelled_at(turn, call(crm, turn))
                async with asyncio.timeout(5):
                    assert (await crm.pais.get(1))["id"] == 1
                await rest(here, sessions)
            assert here.logins[before:] == [200], f"cancelled at turn {turn}"
            if not under_way:
                break
        assert 5 < turn < MOST_TURNS - 1
        assert len(bodies(here, "POST")) == len(set(bodies(here, "POST")))


@pytest.mark.parametrize("fault", ["reset_before", "reset_after", "truncate", "status", "revoke"])
@pytest.mark.parametrize("call", [one_list, one_creation])
async def test_a_call_cancelled_at_any_turn_while_the_exchange_breaks_leaves_nothing_behind(local, call, fault):
    async with local(manager={"retry": RetryPolicy(attempts=1)}) as here:
        await here.crm.pais.get(1)
        for turn in range(MOST_TURNS):
            options = {"status": 503} if fault == "status" else {"times": 1} if fault == "revoke" else {}
            struck = here.vendor.fault(fault, path="caso|cliente", **options)
            try:
                under_way = await cancelled_at(turn, call(here.crm, turn))
            except RequestError:
                under_way = False  # it broke before it could be cancelled
            await here.vendor.until(lambda stats: stats.in_flight == 0)
            here.vendor.clear_faults(struck)
            async with asyncio.timeout(5):
                assert (await here.crm.pais.get(1))["id"] == 1
            if not under_way:
                break
        assert 2 < turn < MOST_TURNS - 1
        await rest(here, here.sessions)

        taken = [entry.body for entry in here.asked() if entry.method == "POST" and entry.status != 401]
        assert len(taken) == len(set(taken))


async def test_a_manager_that_is_closed_under_a_cancelled_call_leaves_nothing_open(local):
    async with local() as here:
        for turn in range(0, 60, 3):
            sessions = SessionManager(coordinator=MemoryCoordinator())
            async with sessions:
                crm = here.open(sessions=sessions)
                await cancelled_at(turn, one_creation(crm, turn))
            assert not sessions._gate._tasks
            await here.vendor.until(lambda stats: stats.in_flight == 0)
        assert len(bodies(here, "POST")) == len(set(bodies(here, "POST")))
