"""Managers that share a coordinator come and go: it is open while any of them is inside, and closed when none is."""

from __future__ import annotations

import asyncio
import random
import threading

import pytest

from sagicc_async.errors import ConfigError
from sagicc_async.tokens.admission import Ending

from .shelf import SCOPE, asking


@pytest.fixture
def shared(shelf):
    return shelf.coordinator("shared")


@pytest.fixture
def store(shelf, shared):
    return shelf.stores["shared"]


async def a_lease_that_is_just_given_back(shared, store, manual_clock) -> None:
    """The store takes two seconds to hear of it."""
    await shared.open()
    lease = await asking(shared)
    await manual_clock.settle()
    store.seconds = 2.0
    lease.release(Ending.COMPLETE)


async def test_a_manager_that_enters_while_the_last_one_leaves_goes_on_with_what_is_open(shared, store, manual_clock):
    await a_lease_that_is_just_given_back(shared, store, manual_clock)
    leaving = asyncio.create_task(shared.close())
    await manual_clock.advance(1)

    await shared.open()
    asked = asking(shared)
    await manual_clock.advance(5)

    assert leaving.done()
    assert store.is_open
    asked.result().release(Ending.COMPLETE)
    await manual_clock.advance(5)
    await shared.close()
    assert not store.is_open


async def test_whoever_leaves_does_not_wait_for_what_the_next_manager_waits_for(shared, store, ben, manual_clock):
    await a_lease_that_is_just_given_back(shared, store, manual_clock)
    leaving = asyncio.create_task(shared.close())
    await manual_clock.advance(1.5)
    lease = await asking(ben)
    assert not leaving.done()

    await shared.open()
    asked = asking(shared)
    await manual_clock.settle()
    assert leaving.done()

    lease.release(Ending.COMPLETE)
    await manual_clock.advance(5)
    asked.result().release(Ending.COMPLETE)
    await manual_clock.advance(2)
    await shared.close()


async def test_a_manager_that_comes_and_goes_meanwhile_gives_back_what_it_holds(shared, shelf, store, manual_clock):
    """And is not cut short by the one that had begun to leave before."""
    await a_lease_that_is_just_given_back(shared, store, manual_clock)
    leaving = asyncio.create_task(shared.close())
    await manual_clock.advance(1)
    await shared.open()
    asked = asking(shared)
    await manual_clock.advance(5)
    asked.result().release(Ending.COMPLETE)

    leaving_too = asyncio.create_task(shared.close())
    await manual_clock.advance(5)

    await asyncio.gather(leaving, leaving_too)
    assert not store.is_open
    assert shelf.documents[SCOPE.key].leases == {}


async def test_a_manager_that_enters_while_the_store_is_closed_opens_it_anew(shared, store, manual_clock):
    await shared.open()
    store.greets = 1.0
    leaving = asyncio.create_task(shared.close())
    await manual_clock.advance(0.5)
    entering = asyncio.create_task(shared.open())
    await manual_clock.advance(2)

    await asyncio.gather(leaving, entering)
    assert store.is_open
    (await asking(shared)).release(Ending.COMPLETE)
    store.greets = 0.0
    await manual_clock.settle()
    await shared.close()


async def test_when_the_first_of_three_cannot_open_it_the_others_try_for_themselves(shared, store, manual_clock):
    store.greets = 1.0
    entering = [asyncio.create_task(shared.open()) for _ in range(3)]
    await manual_clock.advance(0.5)
    entering[0].cancel()
    await manual_clock.advance(5)

    assert [task.cancelled() for task in entering] == [True, False, False]
    assert store.is_open
    store.greets = 0.0
    await shared.close()
    await shared.close()
    assert not store.is_open


@pytest.mark.parametrize("seed", range(20))
async def test_managers_that_come_go_and_are_cancelled_at_any_moment(seed, shared, store, manual_clock):
    moments = random.Random(seed)
    store.greets = 0.4

    async def visit() -> None:
        await manual_clock.sleep(moments.random() * 4)
        await shared.open()
        try:
            assert store.is_open
            lease = await shared.admit(SCOPE, lane="token", rank=1, hold=5.0)
            assert store.is_open
            await manual_clock.sleep(moments.random() / 4)
            lease.release(Ending.COMPLETE)
        finally:
            await shared.close()

    managers = [asyncio.create_task(visit()) for _ in range(12)]
    while not all(manager.done() for manager in managers):
        await manual_clock.advance(0.1)
        if moments.random() < 0.15:
            moments.choice(managers).cancel()
    results = await asyncio.gather(*managers, return_exceptions=True)

    assert {type(result) for result in results} <= {type(None), asyncio.CancelledError}
    assert not store.is_open
    assert asyncio.all_tasks() == {asyncio.current_task()}


async def test_on_another_loop_it_cannot_be_entered_before_it_is_left_for_good(shared, store, manual_clock):
    await shared.open()
    store.greets = 1.0
    leaving = asyncio.create_task(shared.close())
    await manual_clock.settle()
    refused: list[BaseException] = []

    def elsewhere() -> None:
        try:
            asyncio.run(shared.open())
        except ConfigError as error:
            refused.append(error)

    thread = threading.Thread(target=elsewhere)
    thread.start()
    thread.join()
    await manual_clock.advance(1)
    await leaving

    assert "belongs to another event loop" in str(refused[0])
