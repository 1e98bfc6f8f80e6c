"""One process's side of coordination when something goes wrong: callers leave, leases end, the store is away."""

from __future__ import annotations

import asyncio

import attrs
import pytest

from sagicc_async.errors import ConfigError, LeaseLost, SessionClosed
from sagicc_async.tokens.admission import Ending
from sagicc_async.tokens.coordination import Scope
from sagicc_async.tokens.coordination.state import ENTRY_LIFE, ScopeState
from sagicc_async.tokens.window import Window

from .shelf import HOLD, SCOPE, asking


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
    assert lease.age == 2.5

    await manual_clock.advance(HOLD - 0.5 - 2.1)  # decided two seconds before we heard of it
    lease.check()
    manual_clock.set(now=manual_clock.now() + 0.2)

    with pytest.raises(LeaseLost):
        lease.check()
    lease.release(Ending.UNSENT)
    await manual_clock.advance(4)


async def granted_after(seconds, waiting, clock, *, within=0.1):
    """What was asked for is granted when so many seconds are over, and no earlier."""
    await clock.advance(seconds - 0.1)
    assert not waiting.done()
    await clock.advance(within)

    waiting.result().release(Ending.UNSENT)
    await clock.settle()


@pytest.mark.parametrize("ending", [Ending.LOST, Ending.COMPLETE])
async def test_who_sees_the_clock_late_gives_back_no_earlier_than_it_does(ana, ben, shelf, manual_clock, ending):
    """A lost request settles, and an answered one counts in its window, from when it ended by the store's own clock."""
    scope = Scope(key="c3", settle=30.0, windows=(Window(1, per=60, scope="company"),))
    shelf.stores["ana"].uncertainty = 0.5
    asked = asking(ana, scope)
    await manual_clock.settle()
    asked.result().release(ending)
    waiting = asking(ben, scope)
    seconds = 90 if ending is Ending.LOST else 60

    await granted_after(seconds, waiting, manual_clock)


async def test_who_sees_the_clock_late_leaves_a_lost_token_to_others_no_earlier(ana, ben, shelf, manual_clock):
    shelf.stores["ana"].uncertainty = 0.5
    (await asking(ana)).release(Ending.LOST)
    waiting = asking(ben)

    await granted_after(SCOPE.settle, waiting, manual_clock)


async def test_who_sees_the_clock_late_shortens_no_pause(ana, ben, shelf, manual_clock):
    shelf.stores["ana"].uncertainty = 0.5
    ana.pause(SCOPE, 10)
    await manual_clock.settle()
    waiting = asking(ben)

    await granted_after(10, waiting, manual_clock, within=0.2)


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


@pytest.mark.parametrize("change", [{"scope": attrs.evolve(SCOPE, max_in_flight=2)}, {"hold": HOLD / 4}])
async def test_what_was_granted_on_other_terms_does_not_go_to_whoever_is_first_by_then(
    change, ana, ben, shelf, manual_clock
):
    """Neither on a looser limit than its own, nor for a shorter time than it needs."""
    shelf.stores["ana"].seconds = 1.0
    first = await asking(ben) if "scope" in change else None
    waiting = asyncio.create_task(ana.admit(**{"scope": SCOPE, "lane": "token", "rank": 1, "hold": HOLD, **change}))
    await manual_clock.advance(0.25)
    interactive = asking(ana, rank=0)
    await manual_clock.advance(0.75)  # granted to the other, and handed out by rank

    assert not interactive.done()

    if first is not None:
        first.release(Ending.COMPLETE)
    for task in (interactive, waiting):
        await manual_clock.advance(5)
        assert task.done()
        task.result().release(Ending.COMPLETE)
    await manual_clock.advance(2)
    assert shelf.documents[SCOPE.key].leases == {}


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
