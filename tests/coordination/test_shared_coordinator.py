"""One process's side of coordination: who is served, what goes back, and what happens while the store is away."""

from __future__ import annotations

import asyncio
import copy
import math
from collections.abc import Callable
from typing import Any

import attrs
import pytest

from sagicc_async.errors import ConfigError, LeaseLost, SessionClosed
from sagicc_async.tokens.admission import Ending
from sagicc_async.tokens.coordination import Lease, Scope
from sagicc_async.tokens.coordination.shared import SharedCoordinator
from sagicc_async.tokens.coordination.state import ENTRY_LIFE, ScopeState
from sagicc_async.tokens.coordination.store import Decision, StoreError
from sagicc_async.tokens.window import Window

SCOPE = Scope(key="5c09e", max_in_flight=1, settle=30.0)
HOLD = 60.0


@attrs.define(eq=False)
class Shelf:
    """Where the documents are, for all stores of a test."""

    clock: Any
    at_once: bool
    documents: dict[str, ScopeState] = attrs.field(factory=dict)
    stores: dict[str, ShelfStore] = attrs.field(factory=dict)

    def coordinator(self, owner: str) -> SharedCoordinator:
        store = self.stores[owner] = ShelfStore(owner, self, at_once=self.at_once)
        return SharedCoordinator(store, self.clock)


@attrs.define(eq=False)
class ShelfStore:
    """
    A store in memory.

    Args:
        owner: Name of the process.
        shelf: The documents.
        seconds: How long a change takes, half of it on the way there.
        away: Why it cannot be reached.
        refuses: Why it is of no use.
        loses: How many answers get lost on their way back.
    """

    owner: str
    shelf: Shelf
    uncertainty: float = 0.0
    polling: float = math.inf
    seconds: float = 0.0
    away: str = ""
    refuses: str = ""
    at_once: bool = False
    loses: int = 0
    changes: int = 0
    is_open: bool = False
    woken: Callable[[str], None] = lambda key: None

    def describe(self) -> str:
        return "a shelf"

    async def open(self, woken: Callable[[str], None]) -> None:
        if self.away:
            raise ConfigError(f"a shelf cannot be reached: {self.away}")
        self.is_open, self.woken = True, woken

    async def close(self) -> None:
        self.is_open = False

    async def change(self, key: str, decide: Callable[[ScopeState, float], Decision[Any]]) -> Any:
        assert self.is_open
        self.changes += 1
        if self.away:
            raise StoreError(self.away)
        if self.refuses:
            raise ConfigError(self.refuses)
        await self.way()
        decide(
            copy.deepcopy(self.shelf.documents.get(key, ScopeState())), self.shelf.clock.now()
        )  # a race that is lost
        state = copy.deepcopy(self.shelf.documents.get(key, ScopeState()))
        state.begin(self.shelf.clock.now())
        decision = decide(state, self.shelf.clock.now())
        if decision.changed:
            self.shelf.documents[key] = state
        for owner in decision.wake:
            self.shelf.stores[owner].woken(key)
        await self.way()
        if self.loses:
            self.loses -= 1
            raise StoreError("the answer was lost", in_doubt=True)
        return decision.result

    async def way(self) -> None:
        if self.seconds or not self.at_once:
            await self.shelf.clock.sleep(self.seconds / 2)

    def change_at_once(self, key: str, decide: Callable[[ScopeState, float], Decision[Any]]) -> Any:
        if self.seconds or self.loses or not self.at_once:
            return None
        try:
            self.change(key, decide).send(None)
        except StopIteration as done:
            return done.value
        raise AssertionError("it waited")


@pytest.fixture(params=[False, True], ids=["by a task", "at once"])
def shelf(request, manual_clock) -> Shelf:
    return Shelf(manual_clock, at_once=request.param)


@pytest.fixture
async def ana(shelf):
    coordinator = shelf.coordinator("ana")
    await coordinator.open()
    yield coordinator
    await coordinator.close()


@pytest.fixture
async def ben(shelf):
    coordinator = shelf.coordinator("ben")
    await coordinator.open()
    yield coordinator
    await coordinator.close()


def asking(coordinator, scope: Scope = SCOPE, *, rank: int = 1, lane: str = "token") -> asyncio.Task[Lease]:
    return asyncio.create_task(coordinator.admit(scope, lane=lane, rank=rank, hold=HOLD))


async def test_a_free_token_is_granted_and_given_back_in_one_change_each(ana, shelf, manual_clock):
    lease = await asking(ana)
    lease.release(Ending.COMPLETE)
    await manual_clock.settle()

    assert shelf.stores["ana"].changes == 2
    assert shelf.documents[SCOPE.key].leases == {}


async def test_giving_back_and_asking_again_are_one_change(ana, shelf, manual_clock):
    """What a stream does all day, where the store is far away: a request follows another."""
    shelf.stores["ana"].at_once = False
    lease = await asking(ana)
    waiting = asking(ana)
    await manual_clock.settle()
    before = shelf.stores["ana"].changes
    lease.release(Ending.COMPLETE)

    (await waiting).release(Ending.COMPLETE)

    assert shelf.stores["ana"].changes == before + 1
    await manual_clock.settle()


async def test_a_stream_alone_pays_one_change_a_request_where_the_store_is_far_away(ana, shelf, manual_clock):
    """The next request comes when the answer is there, and so does the lease that is given back."""
    shelf.stores["ana"].at_once = False

    async def exchange(lease: Lease, answered: asyncio.Future[None]) -> None:
        """As the gate's: in a task of its own, which gives back before the caller hears of the answer."""
        lease.release(Ending.COMPLETE)
        answered.set_result(None)

    for _ in range(10):
        lease = await ana.admit(SCOPE, lane="token", rank=1, hold=HOLD)
        answered = asyncio.get_running_loop().create_future()
        sent = asyncio.create_task(exchange(lease, answered))
        await answered
    await sent
    await manual_clock.settle()

    assert shelf.stores["ana"].changes == 11


async def test_two_processes_never_hold_a_token_at_once_and_the_next_is_woken(ana, ben, manual_clock):
    lease = await asking(ana)
    waiting = asking(ben)
    await manual_clock.advance(5)
    assert not waiting.done()

    lease.release(Ending.COMPLETE)
    await manual_clock.settle()  # without time passing

    assert waiting.result().waited == 5
    waiting.result().release(Ending.COMPLETE)
    await manual_clock.settle()


async def test_processes_take_turns_however_many_requests_wait_in_each(ana, ben, manual_clock):
    served = []

    async def work(coordinator, name):
        lease = await coordinator.admit(SCOPE, lane="token", rank=2, hold=HOLD)
        served.append(name)
        await manual_clock.sleep(1)
        lease.release(Ending.COMPLETE)

    tasks = [asyncio.create_task(work(ana, "ana")) for _ in range(6)]
    tasks += [asyncio.create_task(work(ben, "ben")) for _ in range(2)]
    await manual_clock.advance(20)

    await asyncio.gather(*tasks)
    assert served == ["ana", "ana", "ben", "ana", "ben", "ana", "ana", "ana"] or served[:5].count("ben") == 2


async def test_an_interactive_request_of_one_process_goes_before_the_bulk_of_another(ana, ben, manual_clock):
    lease = await asking(ana, rank=2)
    bulk = [asking(ana, rank=2) for _ in range(3)]
    await manual_clock.settle()
    interactive = asking(ben, rank=0)
    await manual_clock.settle()

    lease.release(Ending.COMPLETE)
    await manual_clock.settle()

    assert interactive.done()
    assert not any(task.done() for task in bulk)
    for task in (interactive, *bulk):
        (await task).release(Ending.COMPLETE)
        await manual_clock.settle()


async def test_who_waits_in_bulk_is_passed_by_an_interactive_request_of_the_same_process(ana, ben, manual_clock):
    """The entry in the common queue rises with whoever is first here."""
    lease = await asking(ben)
    bulk, theirs = asking(ana, rank=2), asking(ben, rank=1)
    await manual_clock.settle()
    interactive = asking(ana, rank=0)
    await manual_clock.settle()

    lease.release(Ending.COMPLETE)
    await manual_clock.settle()

    assert (interactive.done(), theirs.done(), bulk.done()) == (True, False, False)
    for task in (interactive, theirs, bulk):
        (await task).release(Ending.COMPLETE)
        await manual_clock.settle()


async def test_a_lost_exchange_keeps_the_token_from_other_processes_for_settle_seconds(ana, ben, manual_clock):
    (await asking(ana)).release(Ending.LOST)
    waiting = asking(ben)

    await manual_clock.advance(29.9)
    assert not waiting.done()
    await manual_clock.advance(0.1)

    waiting.result().release(Ending.UNSENT)
    await manual_clock.settle()


async def test_a_process_that_vanished_keeps_the_token_until_its_lease_and_settle_are_over(shelf, ben, manual_clock):
    dead = shelf.coordinator("dead")
    await dead.open()
    await asking(dead)
    waiting = asking(ben)

    await manual_clock.advance(HOLD + SCOPE.settle - 0.1)
    assert not waiting.done()
    await manual_clock.advance(0.1)

    assert waiting.done()
    waiting.result().release(Ending.COMPLETE)
    await dead.close()


async def test_a_waiter_that_vanished_delays_the_others_no_longer_than_its_entry_lives(ana, ben, shelf, manual_clock):
    lease = await asking(ana)
    dead = shelf.coordinator("dead")
    await dead.open()
    forgotten = asking(dead, rank=0)
    await manual_clock.settle()
    waiting = asking(ben)
    await manual_clock.settle()
    shelf.stores["dead"].away = "it was killed"
    shelf.stores["dead"].woken = lambda key: None

    lease.release(Ending.COMPLETE)
    await manual_clock.advance(ENTRY_LIFE)

    assert waiting.done()
    waiting.result().release(Ending.COMPLETE)
    forgotten.cancel()
    await dead.close()


async def test_a_holder_looks_at_its_time_before_the_write_and_sends_nothing_when_it_is_over(ana, manual_clock):
    lease = await asking(ana)
    lease.check()
    manual_clock.set(now=manual_clock.now() + HOLD + 1)

    with pytest.raises(LeaseLost, match=r"ended 1.0 s before"):
        lease.check()
    lease.release(Ending.UNSENT)
    await manual_clock.settle()


async def test_the_holders_time_counts_from_before_the_store_was_asked(ana, shelf, manual_clock):
    shelf.stores["ana"].seconds, shelf.stores["ana"].uncertainty = 4.0, 0.5
    asked = asking(ana)
    await manual_clock.advance(4)
    lease = asked.result()

    await manual_clock.advance(HOLD - 0.5 - 2.1)  # decided two seconds before we heard of it
    lease.check()
    manual_clock.set(now=manual_clock.now() + 0.2)

    with pytest.raises(LeaseLost):
        lease.check()
    lease.release(Ending.UNSENT)
    await manual_clock.advance(4)


async def test_a_lease_that_came_too_late_to_be_of_use_goes_back_and_another_is_asked_for(ana, shelf, manual_clock):
    shelf.stores["ana"].seconds = HOLD * 1.5
    asked = asking(ana)
    await manual_clock.advance(HOLD)
    assert not asked.done()
    shelf.stores["ana"].seconds = 0.0

    await manual_clock.advance(HOLD)

    asked.result().check()
    asked.result().release(Ending.COMPLETE)
    await manual_clock.settle()
    assert shelf.documents[SCOPE.key].leases == {}


@pytest.mark.parametrize("turns", range(8))
async def test_cancelling_at_any_moment_leaves_neither_a_lease_nor_a_place_in_the_queue(
    turns, ana, ben, shelf, manual_clock
):
    shelf.stores["ana"].seconds = 1.0
    for first in (None, await asking(ben)):
        asked = asking(ana)
        for _ in range(turns):
            await asyncio.sleep(0)
        await manual_clock.advance(turns / 4)
        asked.cancel()
        await asyncio.gather(asked, return_exceptions=True)
        if asked.done() and not asked.cancelled():
            asked.result().release(Ending.UNSENT)
        if first is not None:
            first.release(Ending.COMPLETE)
        await manual_clock.advance(5)

        state = shelf.documents.get(SCOPE.key, ScopeState())
        held = [lease for lease in state.leases.values() if lease.owner == "ana"]
        waiting = [entry for entry in state.queue if entry.owner == "ana" and entry.expires > manual_clock.now()]
        assert (held, waiting) == ([], [])


async def test_a_grant_that_arrives_in_the_moment_of_a_cancellation_goes_back(ana, shelf, manual_clock):
    """The future is cancelled at once, its task hears of it a turn later: in between somebody may be about to be served."""
    shelf.stores["ana"].seconds = 1.0
    asked = asking(ana)
    await manual_clock.advance(0.5)
    manual_clock.call_later(0.5, asked.cancel)  # behind the store's own timer of the same instant

    await manual_clock.advance(2)

    assert asked.cancelled()
    assert shelf.documents[SCOPE.key].leases == {}


async def test_the_next_request_gets_what_was_granted_to_one_that_left_meanwhile(ana, shelf, manual_clock):
    shelf.stores["ana"].seconds = 1.0
    first = asking(ana)
    await manual_clock.settle()
    second = asking(ana)
    await manual_clock.settle()
    first.cancel()

    await manual_clock.advance(1)

    second.result().release(Ending.COMPLETE)
    await manual_clock.advance(1)


async def test_while_the_store_is_away_nobody_is_admitted_and_everything_goes_on_when_it_is_back(
    ana, shelf, manual_clock, caplog
):
    shelf.stores["ana"].away = "connection refused"
    asked = asking(ana)
    await manual_clock.advance(60)
    assert not asked.done()
    assert ana.trouble == "a shelf: connection refused"

    shelf.stores["ana"].away = ""
    await manual_clock.advance(2)

    assert ana.trouble is None
    asked.result().check()
    asked.result().release(Ending.COMPLETE)
    await manual_clock.settle()
    assert [record.getMessage() for record in caplog.records] == [
        "nothing is sent: a shelf: connection refused",
        "requests go on: a shelf is back",
    ]


async def test_what_is_given_back_while_the_store_is_away_is_handed_in_later(ana, ben, shelf, manual_clock):
    lease = await asking(ana)
    waiting = asking(ben)
    shelf.stores["ana"].away = "connection refused"
    lease.release(Ending.COMPLETE)
    await manual_clock.advance(10)
    assert not waiting.done()

    shelf.stores["ana"].away = ""
    await manual_clock.advance(2)

    waiting.result().release(Ending.COMPLETE)
    await manual_clock.settle()


async def test_a_lease_that_may_have_been_granted_in_an_answer_that_was_lost_is_given_back(ana, shelf, manual_clock):
    shelf.stores["ana"].loses = 1
    asked = asking(ana)
    await manual_clock.advance(1)

    asked.result().release(Ending.COMPLETE)
    await manual_clock.settle()

    assert shelf.documents[SCOPE.key].leases == {}


async def test_a_pause_stops_all_processes_and_a_shorter_one_never_shortens_it(ana, ben, manual_clock):
    ana.pause(SCOPE, 10)
    ana.pause(SCOPE, 2)
    await manual_clock.settle()
    asked = [asking(ana), asking(ben)]

    await manual_clock.advance(9.9)
    assert not any(task.done() for task in asked)
    await manual_clock.advance(0.2)

    for task in asked:
        (await task).release(Ending.COMPLETE)
        await manual_clock.settle()


async def test_a_pause_holds_here_at_once_although_a_lease_was_just_granted(ana, shelf, manual_clock):
    shelf.stores["ana"].seconds = 1.0
    asked = asking(ana)
    await manual_clock.advance(0.75)  # granted there, not known here yet
    ana.pause(SCOPE, 10)

    await manual_clock.advance(9)
    assert not asked.done()
    await manual_clock.advance(4)

    asked.result().release(Ending.COMPLETE)
    await manual_clock.advance(1)


async def test_a_window_is_shared_by_processes(ana, ben, manual_clock):
    scope = Scope(key="c0", windows=(Window(2, per=60, scope="company"),))
    (await asking(ana, scope, rank=0)).release(Ending.COMPLETE)
    (await asking(ben, scope, rank=0)).release(Ending.COMPLETE)
    third = asking(ana, scope, rank=0)

    await manual_clock.advance(59.9)
    assert not third.done()
    await manual_clock.advance(0.1)

    third.result().release(Ending.COMPLETE)
    await manual_clock.settle()
    assert ana.status(scope).windows == [(scope.windows[0], 1)]


async def test_processes_that_wait_for_a_window_leave_each_other_alone(ana, ben, shelf, manual_clock):
    """To look in vain is no news: else they would wake each other again and again until it opens."""
    scope = Scope(key="c1", windows=(Window(1, per=60, scope="company"),))
    (await asking(ana, scope)).release(Ending.COMPLETE)
    waiting = [asking(ana, scope), asking(ben, scope)]
    await manual_clock.advance(1)
    before = sum(store.changes for store in shelf.stores.values())

    await manual_clock.advance(30)

    # Each renews its place now and then, and that is all.
    assert sum(store.changes for store in shelf.stores.values()) - before <= 2 * 31
    for task in waiting:
        task.cancel()
    await asyncio.gather(*waiting, return_exceptions=True)
    await manual_clock.settle()


async def test_where_there_is_nothing_to_agree_on_nothing_is_noted(ana, shelf, manual_clock):
    leases = await asyncio.gather(*(asking(ana, Scope(key="f0")) for _ in range(100)))

    for lease in leases:
        lease.release(Ending.COMPLETE)
    await manual_clock.settle()

    assert shelf.documents == {}


async def test_requests_that_may_go_together_are_granted_in_one_change(ana, shelf, manual_clock):
    shelf.stores["ana"].at_once = False
    scope = Scope(key="ab", max_in_flight=5)
    asked = [asking(ana, scope) for _ in range(12)]
    await manual_clock.settle()

    assert sum(task.done() for task in asked) == 5
    assert shelf.stores["ana"].changes == 2  # the second puts the rest into the queue
    for task in asked:
        (await task).release(Ending.COMPLETE)
        await manual_clock.settle()


async def test_a_newer_release_in_the_same_store_is_told_to_everybody_who_waits(ana, shelf, manual_clock):
    shelf.stores["ana"].refuses = "a newer one uses the same store"
    asked = [asking(ana) for _ in range(3)]
    await manual_clock.settle()

    for task in asked:
        with pytest.raises(ConfigError, match="newer"):
            await task


async def test_a_store_that_cannot_be_reached_is_told_at_the_start(shelf):
    coordinator = shelf.coordinator("late")
    shelf.stores["late"].away = "connection refused"

    with pytest.raises(ConfigError, match="connection refused"):
        await coordinator.open()
    with pytest.raises(SessionClosed, match="not open"):
        await coordinator.admit(SCOPE, lane="token", rank=1, hold=HOLD)


async def test_the_last_manager_that_closes_gives_back_what_is_held(shelf, manual_clock):
    coordinator = shelf.coordinator("shared")
    await coordinator.open()
    await coordinator.open()
    lease = await asking(coordinator)
    await coordinator.close()
    assert shelf.stores["shared"].is_open

    lease.release(Ending.COMPLETE)
    await coordinator.close()

    assert not shelf.stores["shared"].is_open
    assert shelf.documents[SCOPE.key].leases == {}


async def test_a_store_that_wakes_nobody_is_asked_again_and_again(ana, ben, shelf, manual_clock):
    for store in shelf.stores.values():
        store.woken, store.polling = (lambda key: None), 0.25
    lease = await asking(ana)
    waiting = asking(ben)
    await manual_clock.settle()
    lease.release(Ending.COMPLETE)

    await manual_clock.advance(0.25)

    waiting.result().release(Ending.COMPLETE)
    await manual_clock.settle()
