"""A call is cancelled at every turn of the loop that it lives through; nothing may leak, and no write happens twice."""

from __future__ import annotations

import asyncio

import pytest

from sagicc_async import LateOutcome, MemoryCoordinator, RequestError, RequestFinished, RetryPolicy, SessionManager

MOST_TURNS = 2_000

INVOICE = {
    "document": {"id": 5101},
    "date": "2026-01-31",
    "seller": 3101,
    "items": [{"code": "CAFE", "quantity": 2, "price": 1000, "taxes": [{"id": 7101}]}],
    "payments": [{"id": 6101, "value": 2380}],
}


def product(turn, number=0):
    return {"code": f"c{turn}-{number}", "name": "Ruana azul", "account_group": 4101}


def one_list(here, turn):
    return here.siigo.products.list(page_size=10).collect(25)


def one_get(here, turn):
    return here.siigo.products.get(here.ids("products")[0])


def one_creation(here, turn):
    return here.siigo.products.create(product(turn))


def one_keyed_creation(here, turn):
    invoice = {**INVOICE, "customer": {"identification": "900123456"}, "observations": f"c{turn}"}
    return here.siigo.invoices.create(invoice, key=f"pedido {turn}")


def one_edit(here, turn):
    return here.siigo.products.edit(here.ids("products")[-1], name=f"n{turn}")


def one_deletion(here, turn):
    return here.siigo.products.delete(here.ids("products")[0])


def one_catalogue(here, turn):
    catalogue = here.siigo.catalogue()
    catalogue.clear()
    return catalogue.users()


async def several_readers_of_a_catalogue(here, turn):
    catalogue = here.siigo.catalogue()
    catalogue.clear()
    await asyncio.gather(*(catalogue.taxes() for _ in range(3)))


def one_report(here, turn):
    return here.siigo.reports.test_balance(
        {"year": 2025, "month_start": 1, "month_end": 12, "includes_tax_difference": False}
    )


CALLS = [
    one_list,
    one_get,
    one_creation,
    one_keyed_creation,
    one_edit,
    one_deletion,
    one_catalogue,
    several_readers_of_a_catalogue,
    one_report,
]
#: Calls that write, the operation that does, and what makes each of their requests another.
WRITES = {
    one_creation: "products.create",
    one_keyed_creation: "invoices.create",
    one_edit: "products.edit",
    one_deletion: "products.delete",
}


async def look(siigo):
    async with asyncio.timeout(5):
        return await siigo.request("GET", "v1/warehouses")


def stock(here):
    """What the documents of these tests refer to."""
    here.vendor.add("products", {"code": "CAFE", "name": "Café molido"})
    contact = {"first_name": "Ana", "email": "ana@acme.example"}
    here.vendor.add("customers", {"identification": "900123456", "name": ["Acme S.A.S."], "contacts": [contact]})


async def cancelled_at(turn, call):
    """Start the call and cancel it after so many turns of the loop; tell whether it was still under way."""
    task = asyncio.ensure_future(call)
    for _ in range(turn):
        await asyncio.sleep(0)
        if task.done():
            await task
            return False
    task.cancel()
    for _ in range(4):
        await asyncio.sleep(0)
    assert task.cancelled(), f"cancelled at turn {turn}, the caller did not leave at once"
    return True


async def rest(here, sessions):
    """Wait, by turns of the loop, until nothing is under way, neither here nor at the vendor."""
    await here.vendor.until(lambda stats: stats.in_flight == 0)
    async with asyncio.timeout(5):
        while sessions._gate._tasks or sessions._gate._trips:
            await asyncio.sleep(0)


def writes_of(here):
    """What was written, or asked to be gone; each of them says which call it was."""
    return [entry.body or entry.path for entry in here.asked() if entry.method in ("POST", "PUT", "DELETE")]


@pytest.mark.parametrize("call", CALLS)
async def test_a_call_cancelled_at_any_turn_leaves_nothing_behind(local, call):
    async with local(records=30) as here:
        stock(here)
        for number in range(MOST_TURNS if call is one_deletion else 0):
            here.vendor.add("products", {"code": f"d{number}"})
        events = []
        here.sessions.on(events.append)
        await look(here.siigo)
        for turn in range(MOST_TURNS):
            under_way = await cancelled_at(turn, call(here, turn))
            await look(here.siigo)
            await rest(here, here.sessions)
            if not under_way:
                break
        assert 5 < turn < MOST_TURNS - 1

        assert here.logins == [200]
        assert not here.siigo._shelves.shelf("taxes").lock.locked()
        if call in WRITES:
            assert writes_of(here)
            assert len(writes_of(here)) == len(set(writes_of(here)))
            # Every write that reached the vendor ended here: its caller heard of it, or an event did, exactly once.
            ended = [
                event.outcome
                for event in events
                if isinstance(event, RequestFinished)
                and event.operation == WRITES[call]
                and event.method != "GET"
                and event.outcome != "cancelled"
            ]
            assert set(ended) == {"ok"}
            late = [event.request_id for event in events if isinstance(event, LateOutcome) and not event.repeatable]
            assert len(late) == len(set(late)) <= len(writes_of(here))


@pytest.mark.parametrize("call", [one_get, one_list, one_creation, one_catalogue])
async def test_a_first_call_cancelled_at_any_turn_costs_one_login_and_leaves_the_account_usable(local, call):
    async with local(records=5) as here:
        for turn in range(MOST_TURNS):
            before = len(here.logins)
            async with SessionManager(coordinator=MemoryCoordinator()) as sessions:
                siigo = here.open(sessions=sessions)
                under_way = await cancelled_at(turn, call(type(here)(here.vendor, siigo, sessions), turn))
                await look(siigo)
                await rest(here, sessions)
            assert here.logins[before:] == [200], f"cancelled at turn {turn}"
            if not under_way:
                break
        assert 5 < turn < MOST_TURNS - 1
        assert len(writes_of(here)) == len(set(writes_of(here)))


@pytest.mark.parametrize("fault", ["reset_before", "reset_after", "truncate", "status", "revoke"])
@pytest.mark.parametrize("call", [one_list, one_creation, one_keyed_creation, one_edit])
async def test_a_call_cancelled_at_any_turn_while_the_exchange_breaks_leaves_nothing_behind(local, call, fault):
    async with local(records=30, manager={"retry": RetryPolicy(attempts=1)}) as here:
        stock(here)
        await look(here.siigo)
        for turn in range(MOST_TURNS):
            options = {"status": 503} if fault == "status" else {"times": 1} if fault == "revoke" else {}
            struck = here.vendor.fault(fault, path="products|invoices", **options)
            try:
                under_way = await cancelled_at(turn, call(here, turn))
            except RequestError:
                under_way = False  # it broke before it could be cancelled
            await here.vendor.until(lambda stats: stats.in_flight == 0)
            here.vendor.clear_faults(struck)
            await look(here.siigo)
            if not under_way:
                break
        assert 2 < turn < MOST_TURNS - 1
        await rest(here, here.sessions)

        taken = [entry.body for entry in here.asked() if entry.method in ("POST", "PUT") and entry.status != 401]
        assert len(taken) == len(set(taken))


async def test_a_manager_that_is_closed_under_a_cancelled_call_leaves_nothing_open(local):
    async with local(records=5) as here:
        for turn in range(0, 60, 3):
            sessions = SessionManager(coordinator=MemoryCoordinator())
            async with sessions:
                siigo = here.open(sessions=sessions)
                await cancelled_at(turn, one_creation(type(here)(here.vendor, siigo, sessions), turn))
            assert not sessions._gate._tasks
            await here.vendor.until(lambda stats: stats.in_flight == 0)
        assert len(writes_of(here)) == len(set(writes_of(here)))
