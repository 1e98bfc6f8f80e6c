"""One queue for loops in several threads, and for loops that are gone."""

from __future__ import annotations

import asyncio
import gc
import threading
from collections.abc import Coroutine
from typing import Any

import attrs
import pytest

from sagicc_async.testing import ManualClock
from sagicc_async.tokens.admission import Ending
from sagicc_async.tokens.coordination import Lease, Scope
from sagicc_async.tokens.coordination.memory import MemoryCoordinator

SCOPE = Scope(key="scope", max_in_flight=1, settle=30.0)
PATIENCE = 20.0  # seconds of real time after which a thread is given up; a green run needs none of them


def admit(coordinator: MemoryCoordinator) -> Coroutine[Any, Any, Lease]:
    return coordinator.admit(SCOPE, lane="token", rank=1, hold=60.0)


def in_threads(*works: Coroutine[Any, Any, Any]) -> None:
    """Run each coroutine on a loop in a thread of its own, and fail if one does not come back."""
    failures: list[BaseException] = []

    def run(work: Coroutine[Any, Any, Any]) -> None:
        try:
            asyncio.run(work)
        except BaseException as error:  # noqa: BLE001 - shown by the assertion below
            failures.append(error)

    threads = [threading.Thread(target=run, args=(work,), daemon=True) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
    assert not failures
    assert not any(thread.is_alive() for thread in threads), "somebody waits for a wake-up that was lost"


def test_loops_in_two_threads_share_one_queue_without_overlap_or_lost_wake_up():
    coordinator = MemoryCoordinator()
    inside, served, overlaps = 0, 0, 0

    async def use() -> None:
        nonlocal inside, served, overlaps
        for _ in range(10):
            lease = await admit(coordinator)
            try:
                inside += 1
                overlaps += inside > 1
                await asyncio.sleep(0)
                overlaps += inside > 1
                served += 1
            finally:
                inside -= 1
                lease.release(Ending.COMPLETE)

    async def crowd() -> None:
        tasks = [asyncio.create_task(use()) for _ in range(20)]
        for task in tasks[::4]:
            await asyncio.sleep(0)
            task.cancel()  # also across threads: perhaps in the moment in which the other thread grants
        await asyncio.gather(*tasks, return_exceptions=True)

    in_threads(crowd(), crowd())

    assert overlaps == 0
    assert served >= 2 * 15 * 10
    assert coordinator.status(SCOPE).waiting == 0


@attrs.define(eq=False)
class ThreadedClock:
    """Stands still; keeps what is planned, with the loop that planned it."""

    time: float = 0.0
    planned: list[tuple[asyncio.AbstractEventLoop, float, Any]] = attrs.field(factory=list)
    armed: threading.Event = attrs.field(factory=threading.Event)

    def now(self) -> float:
        return self.time

    def call_later(self, delay, callback):
        entry = (asyncio.get_running_loop(), self.time + delay, callback)
        self.planned.append(entry)
        self.armed.set()
        return self.Timer(self, entry)

    @attrs.define
    class Timer:
        clock: ThreadedClock
        entry: Any

        def cancel(self):
            if self.entry in self.clock.planned:
                self.clock.planned.remove(self.entry)

    def reach(self, time: float) -> None:
        self.time = time
        for loop, when, callback in list(self.planned):
            if when <= time:
                self.planned.remove((loop, when, callback))
                loop.call_soon_threadsafe(callback)


def test_time_wakes_a_waiter_on_its_own_loop_whoever_released_the_token():
    clock = ThreadedClock()
    coordinator = MemoryCoordinator(clock)
    lease = asyncio.run(admit(coordinator))
    waiting = threading.Event()
    waited = []

    async def wait() -> None:
        task = asyncio.create_task(admit(coordinator))
        await asyncio.sleep(0)
        waiting.set()
        mine = await task
        waited.append(mine.waited)
        mine.release(Ending.COMPLETE)

    def elsewhere() -> None:
        assert waiting.wait(PATIENCE)
        clock.armed.clear()
        lease.release(Ending.LOST)  # in a thread that has no loop
        while clock.armed.wait(PATIENCE) and clock.planned[0][1] != 30:
            clock.armed.clear()
        clock.reach(30)

    helper = threading.Thread(target=elsewhere, daemon=True)
    helper.start()
    in_threads(wait())
    helper.join(PATIENCE)

    assert waited == [30]


async def turns(number: int = 3) -> None:
    for _ in range(number):
        await asyncio.sleep(0)


def abandon_waiters(coordinator: MemoryCoordinator, number: int) -> None:
    """Close a loop under waiters, as a program does that calls neither `asyncio.run` nor cancels."""
    loop = asyncio.new_event_loop()
    for _ in range(number):
        loop.create_task(admit(coordinator))  # noqa: RUF006 - the point is that nobody keeps it
    loop.run_until_complete(turns())
    loop.close()


@pytest.fixture
def no_pending_task_is_logged():
    """The tests below abandon tasks on purpose; collect them here, where asyncio may say so."""
    yield
    gc.collect()


@pytest.mark.usefixtures("no_pending_task_is_logged")
@pytest.mark.parametrize("number", [1, 3, 1500])
def test_waiters_of_a_closed_loop_pass_their_turn_on(number):
    """A long row of them too, which must not end in a `RecursionError`."""
    coordinator = MemoryCoordinator(ManualClock())
    living = asyncio.new_event_loop()
    lease = living.run_until_complete(admit(coordinator))
    abandon_waiters(coordinator, number)
    waiter = living.create_task(admit(coordinator))
    living.run_until_complete(turns())

    lease.release(Ending.COMPLETE)
    living.run_until_complete(turns())

    assert waiter.done()
    waiter.result().release(Ending.COMPLETE)
    living.close()
    assert coordinator.status(SCOPE).waiting == 0


class CollectingClock(ManualClock):
    """The garbage collector runs wherever memory is asked for, also inside the coordinator."""

    def now(self):
        gc.collect()
        return super().now()


@pytest.mark.usefixtures("no_pending_task_is_logged")
def test_collecting_an_abandoned_waiter_while_the_queue_is_locked_does_not_lock_up():
    coordinator = MemoryCoordinator(CollectingClock())
    lease = asyncio.run(admit(coordinator))
    abandon_waiters(coordinator, 3)
    thread = threading.Thread(target=lease.release, args=(Ending.COMPLETE,), daemon=True)
    thread.start()
    thread.join(PATIENCE)

    assert not thread.is_alive()
    assert coordinator.status(SCOPE).waiting == 0


@pytest.mark.usefixtures("no_pending_task_is_logged")
@pytest.mark.parametrize("what", ["admits", "pauses", "looks"])
def test_collecting_an_abandoned_exchange_while_the_queue_is_locked_gives_its_lease_back(what):
    """As the gate's exchange does, which gives it back whatever ends it."""
    coordinator = MemoryCoordinator(CollectingClock())
    other = attrs.evolve(SCOPE, key="other")

    async def exchange() -> None:
        lease = await admit(coordinator)
        try:
            await asyncio.Event().wait()
        finally:
            lease.release(Ending.COMPLETE)

    async def step() -> None:
        if what == "admits":
            (await coordinator.admit(other, lane="token", rank=1, hold=60.0)).release(Ending.COMPLETE)
        elif what == "pauses":
            coordinator.pause(other, 1)
        else:
            coordinator.status(other)
        assert coordinator.status(SCOPE).in_flight == 0

    loop = asyncio.new_event_loop()
    gc.disable()
    try:
        task = loop.create_task(exchange())
        loop.run_until_complete(turns())
        loop.close()
        del task
        in_threads(step())
    finally:
        gc.enable()
