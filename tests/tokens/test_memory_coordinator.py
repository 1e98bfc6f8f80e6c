"""Admission inside one process: waiting, cancellation, timers, pauses."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any

import attrs
import pytest

from sagicc_async.errors import LeaseLost
from sagicc_async.tokens.admission import Ending
from sagicc_async.tokens.coordination import Lease, Scope
from sagicc_async.tokens.coordination.memory import MemoryCoordinator, process_coordinator
from sagicc_async.tokens.window import Window

SCOPE = Scope(key="scope", max_in_flight=1, settle=30.0)


@pytest.fixture
def coordinator(manual_clock) -> MemoryCoordinator:
    return MemoryCoordinator(manual_clock)


def admit(coordinator: MemoryCoordinator, scope: Scope = SCOPE, *, rank: int = 1) -> Coroutine[Any, Any, Lease]:
    return coordinator.admit(scope, lane="token", rank=rank, hold=60.0)


async def queued(coordinator: MemoryCoordinator, number: int = 1) -> list[asyncio.Task[Lease]]:
    tasks = [asyncio.create_task(admit(coordinator)) for _ in range(number)]
    await asyncio.sleep(0)
    return tasks


async def test_a_free_token_is_granted_without_giving_up_the_loop(coordinator):
    coroutine = admit(coordinator)

    with pytest.raises(StopIteration) as done:  # it ends at its first step: nobody else ran in between
        coroutine.send(None)

    assert done.value.value.waited == 0
    done.value.value.release(Ending.COMPLETE)


async def test_waiters_get_the_token_one_by_one_and_know_how_long_they_waited(coordinator, manual_clock):
    lease = await admit(coordinator)
    waiters = await queued(coordinator, 3)

    waited = []
    for waiter in waiters:
        await manual_clock.advance(2)
        assert not waiter.done()
        lease.release(Ending.COMPLETE)
        lease = await waiter
        waited.append(lease.waited)
    lease.release(Ending.COMPLETE)

    assert waited == [2, 4, 6]


async def test_a_lone_waiter_is_woken_by_time_alone_after_a_lost_exchange(coordinator, manual_clock):
    """Nobody else comes or goes that could ask for it: it needs a timer of its own from the start."""
    (await admit(coordinator)).release(Ending.LOST)
    [waiter] = await queued(coordinator)

    await manual_clock.advance(29.9)
    assert not waiter.done()
    await manual_clock.advance(0.1)

    assert waiter.result().waited == 30
    waiter.result().release(Ending.COMPLETE)
    assert manual_clock.timers == []


async def test_a_waiter_is_woken_when_the_window_opens(coordinator, manual_clock):
    scope = Scope(key="company", windows=(Window(1, per=60),))
    (await admit(coordinator, scope)).release(Ending.COMPLETE)
    waiter = asyncio.create_task(admit(coordinator, scope))

    await manual_clock.advance(59)
    assert not waiter.done()
    await manual_clock.advance(1)
    assert waiter.done()
    waiter.result().release(Ending.UNSENT)


async def test_a_cancelled_waiter_leaves_the_queue_and_its_timer(coordinator, manual_clock):
    lease = await admit(coordinator)
    first, second = await queued(coordinator, 2)
    first.cancel()
    await asyncio.wait([first])
    assert first.cancelled()
    assert coordinator.status(SCOPE).waiting == 1

    lease.release(Ending.COMPLETE)
    (await second).release(Ending.COMPLETE)

    assert manual_clock.timers == []
    assert coordinator.status(SCOPE).in_flight == 0


async def test_a_waiter_that_is_cancelled_in_the_tick_of_its_grant_gives_the_lease_on(coordinator):
    lease = await admit(coordinator)
    first, second = await queued(coordinator, 2)

    lease.release(Ending.COMPLETE)  # granted to the first, which has not run since
    first.cancel()
    (await second).release(Ending.COMPLETE)

    assert first.cancelled()
    assert coordinator.status(SCOPE).in_flight == 0


async def test_a_waiter_that_is_cancelled_before_its_first_step_leaves_nothing(coordinator):
    task = asyncio.create_task(admit(coordinator))
    task.cancel()
    await asyncio.wait([task])

    assert (coordinator.status(SCOPE).waiting, coordinator.status(SCOPE).in_flight) == (0, 0)


@pytest.mark.parametrize("turns", range(6))
async def test_cancelling_one_of_many_at_any_turn_of_the_loop_loses_no_wake_up(coordinator, turns):
    served = 0

    async def use() -> None:
        nonlocal served
        lease = await admit(coordinator)
        try:
            await asyncio.sleep(0)
            served += 1
        finally:
            lease.release(Ending.COMPLETE)

    tasks = [asyncio.create_task(use()) for _ in range(6)]
    for _ in range(turns):
        await asyncio.sleep(0)
    victim = next(task for task in tasks if not task.done())
    victim.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)

    assert served >= 5
    assert (coordinator.status(SCOPE).waiting, coordinator.status(SCOPE).in_flight) == (0, 0)


@pytest.mark.parametrize("ending", list(Ending))
async def test_releasing_twice_is_harmless(coordinator, ending):
    lease = await admit(coordinator)
    lease.release(Ending.COMPLETE)
    other = await admit(coordinator)

    lease.release(ending)

    assert coordinator.status(SCOPE).in_flight == 1
    other.release(Ending.COMPLETE)


async def test_a_lease_says_when_its_time_is_over(coordinator, manual_clock):
    lease = await admit(coordinator)
    manual_clock.set(now=manual_clock.now() + 60)
    lease.check()

    manual_clock.set(now=manual_clock.now() + 1.5)  # a suspended laptop
    with pytest.raises(LeaseLost, match=r"ended 1\.5 s before"):
        lease.check()
    lease.release(Ending.UNSENT)


async def test_a_pause_holds_for_everybody_in_the_scope_and_for_nobody_else(coordinator, manual_clock):
    coordinator.pause(SCOPE, 20)
    coordinator.pause(SCOPE, 5)
    [waiter] = await queued(coordinator)
    await manual_clock.advance(10)

    assert coordinator.status(SCOPE).paused_for == 10
    other = await admit(coordinator, Scope(key="another", max_in_flight=1))
    other.release(Ending.COMPLETE)
    await manual_clock.advance(9.9)
    assert not waiter.done()
    await manual_clock.advance(0.1)
    (await waiter).release(Ending.COMPLETE)


async def test_a_pause_that_comes_while_somebody_waits_moves_the_wake_up(coordinator, manual_clock):
    (await admit(coordinator)).release(Ending.LOST)
    [waiter] = await queued(coordinator)
    coordinator.pause(SCOPE, 100)

    assert manual_clock.timers == [manual_clock.now() + 100]
    await manual_clock.advance(99)
    assert not waiter.done()
    await manual_clock.advance(1)
    (await waiter).release(Ending.COMPLETE)


async def test_status_shows_the_queue(coordinator):
    scope = Scope(key="shown", max_in_flight=1, windows=(Window(5, per=60),))
    lease = await admit(coordinator, scope)
    waiter = asyncio.create_task(admit(coordinator, scope))
    await asyncio.sleep(0)

    status = coordinator.status(scope)
    assert (status.waiting, status.in_flight, status.paused_for) == (1, 1, 0)
    assert list(status.windows) == [(Window(5, per=60), 1)]

    lease.release(Ending.COMPLETE)
    (await waiter).release(Ending.COMPLETE)


async def test_the_stricter_limit_holds_where_two_managers_declare_one_scope_differently(coordinator):
    lease = await admit(coordinator, attrs.evolve(SCOPE, max_in_flight=3))
    [waiter] = await queued(coordinator)  # whose manager allows one

    assert not waiter.done()
    lease.release(Ending.COMPLETE)
    (await waiter).release(Ending.COMPLETE)


def test_all_managers_of_the_process_share_one_coordinator():
    assert process_coordinator() is process_coordinator()
