"""The manual clock keeps the promises of a clock, and moves only by hand."""

from __future__ import annotations

import asyncio
import contextvars

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sagicc_async.clock import Clock
from sagicc_async.testing import ManualClock


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(now=100.0, wall=5_000.0)


def test_it_is_a_clock(clock: ManualClock):
    injected: Clock = clock

    assert (injected.now(), injected.wall()) == (100.0, 5_000.0)


async def test_a_sleeper_wakes_when_its_time_has_come_and_not_before(clock):
    task = asyncio.create_task(clock.sleep(10))

    await clock.advance(9.999)
    assert not task.done()

    await clock.advance(0.001)
    assert task.done()


async def test_a_cancelled_timer_on_the_way_does_not_pull_a_later_one_forward(clock):
    seen = []
    clock.call_later(5, lambda: seen.append("cancelled")).cancel()
    clock.call_later(50, lambda: seen.append("later"))

    await clock.advance(10)

    assert (seen, clock.now()) == ([], 110)


async def test_now_and_wall_move_together(clock):
    await clock.advance(2.5)

    assert (clock.now(), clock.wall()) == (102.5, 5_002.5)


async def test_each_timer_sees_its_own_time(clock):
    seen = []
    for delay in (3, 1, 2):
        clock.call_later(delay, lambda: seen.append(clock.now()))

    await clock.advance(10)

    assert seen == [101, 102, 103]
    assert clock.now() == 110


async def test_timers_of_one_instant_fire_in_the_order_of_planning_before_any_task_runs(clock):
    seen = []

    async def note(name: str) -> None:
        seen.append(name)

    def fire(name: str) -> None:
        seen.append(name)
        tasks.append(asyncio.create_task(note(f"task of {name}")))

    tasks = []
    clock.call_later(1, lambda: fire("first"))
    clock.call_later(1, lambda: fire("second"))
    await clock.advance(1)

    assert seen == ["first", "second", "task of first", "task of second"]


async def test_a_timer_that_a_timer_plans_fires_in_the_same_advance(clock):
    seen = []
    clock.call_later(1, lambda: clock.call_later(1, lambda: seen.append(clock.now())))

    await clock.advance(5)

    assert seen == [102]


async def test_a_loop_of_sleeps_runs_as_often_as_it_would(clock):
    rounds = 0

    async def poll() -> None:
        nonlocal rounds
        while True:
            await clock.sleep(300)
            rounds += 1

    task = asyncio.create_task(poll())
    await clock.advance(3_600)
    task.cancel()

    assert rounds == 12


async def test_time_stands_still_between_advances(clock):
    task = asyncio.create_task(clock.sleep(0.000_001))

    await clock.settle()

    assert not task.done()
    assert clock.now() == 100
    task.cancel()


async def test_no_delay_means_the_next_turn_of_the_loop(clock):
    called = asyncio.Event()
    clock.call_later(0, called.set)

    await clock.sleep(0)
    await called.wait()

    assert clock.now() == 100


async def test_a_cancelled_timer_never_fires(clock):
    seen = []
    soon, later = clock.call_later(0, lambda: seen.append("soon")), clock.call_later(1, lambda: seen.append("later"))
    soon.cancel()
    later.cancel()

    await clock.advance(2)

    assert seen == []
    assert clock.timers == []


async def test_a_timer_that_another_of_the_same_instant_cancels_does_not_fire(clock):
    seen = []

    def first() -> None:
        seen.append("first")
        second.cancel()

    clock.call_later(1, first)
    second = clock.call_later(1, lambda: seen.append("second"))
    await clock.advance(1)

    assert seen == ["first"]


async def test_a_cancelled_sleep_leaves_no_timer(clock):
    task = asyncio.create_task(clock.sleep(60))
    await clock.settle()
    assert clock.timers == [160]

    task.cancel()
    await clock.settle()

    assert clock.timers == []


async def test_a_callback_runs_in_the_context_that_planned_it(clock):
    name = contextvars.ContextVar("name")
    seen = []
    name.set("planner")
    clock.call_later(1, lambda: seen.append(name.get()))
    name.set("mover")

    await clock.advance(1)

    assert seen == ["planner"]


async def test_the_exception_of_a_callback_comes_out_of_advance(clock):
    clock.call_later(1, lambda: 1 // 0)

    with pytest.raises(ZeroDivisionError):
        await clock.advance(1)


async def test_advancing_to_the_next_timer_says_how_far_it_was(clock):
    clock.call_later(1, lambda: None).cancel()
    task = asyncio.create_task(clock.sleep(30))

    assert await clock.advance_to_next_timer() == 30
    assert task.done()

    with pytest.raises(RuntimeError, match="Nothing waits"):
        await clock.advance_to_next_timer()


async def test_setting_the_hands_fires_nothing_until_the_next_advance(clock):
    seen = []
    clock.call_later(10, lambda: seen.append(clock.now()))

    clock.set(now=500)
    await clock.settle()
    assert seen == []
    assert clock.wall() == 5_400

    await clock.advance(0)
    assert seen == [500]


def test_the_date_can_be_corrected_without_moving_time(clock):
    clock.set(wall=10.0)

    assert (clock.now(), clock.wall()) == (100.0, 10.0)


async def test_time_does_not_go_back(clock):
    with pytest.raises(ValueError, match="does not go back"):
        clock.set(now=99)
    with pytest.raises(ValueError, match="does not go back"):
        await clock.advance(-1)


async def test_settling_follows_a_long_chain_of_tasks_to_its_end(clock):
    async def pass_on(depth: int) -> int:
        return depth if depth == 0 else await asyncio.create_task(pass_on(depth - 1))

    task = asyncio.create_task(pass_on(400))
    await clock.settle()

    assert task.done()


async def test_a_spinning_task_is_reported(clock):
    async def spin() -> None:
        while not stop:
            await asyncio.sleep(0)

    stop = []
    task = asyncio.create_task(spin())
    with pytest.raises(RuntimeError, match="does one spin"):
        await clock.settle()
    stop.append(True)
    await task


@given(st.lists(st.floats(0.001, 100), min_size=1, max_size=20), st.lists(st.floats(0.001, 100), max_size=20))
async def test_timers_fire_in_order_and_on_time_however_time_is_cut(delays, steps):
    clock = ManualClock(now=0)
    fired = []
    for delay in delays:
        clock.call_later(delay, lambda delay=delay: fired.append((delay, clock.now())))

    for step in steps:
        await clock.advance(step)
    assert sorted(delay for delay, _ in fired) == sorted(d for d in delays if d <= clock.now() + 1e-9)

    await clock.advance(2_000)
    assert [delay for delay, _ in fired] == sorted(delays)
    assert all(now == pytest.approx(delay, abs=1e-6) for delay, now in fired)
