"""Request windows are strict wherever the vendor counts, and bulk work spreads over them."""

from __future__ import annotations

import heapq
import itertools
from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sagicc_async.tokens.window import Window, WindowState

HOLD = 8.0  # an attempt's limit
SETTLE = 4.0


class Step(NamedTuple):
    """A request as fate has it; times in seconds, all of them exact in binary."""

    gap: float
    lasts: float
    ending: str
    counted: float  # where between start and end of its work the vendor counts it, from 0 to 1
    paced: bool


quarters = st.integers(0, 32).map(lambda number: number / 4)
steps = st.builds(
    Step,
    gap=quarters,
    lasts=quarters,
    ending=st.sampled_from(["answered", "answered", "lost", "unsent", "silent"]),
    counted=st.sampled_from([0.0, 0.25, 0.5, 1.0]),
    paced=st.booleans(),
)


def drive(window: Window, plan: list[Step]) -> list[float]:
    """Start each request as soon as the window lets it, and say when the vendor counted those that it saw."""
    state = WindowState(window)
    ends: list[tuple[float, int, str]] = []
    counted = []
    now = 0.0
    for number, step in enumerate(plan):
        now += step.gap
        while True:
            while ends and ends[0][0] <= now:
                at, ended, ending = heapq.heappop(ends)
                if ending == "unsent":
                    state.give_back(ended)
                else:
                    state.answered(ended, at + (SETTLE if ending == "lost" else 0))
            opens = state.opens_at(now, paced=step.paced)
            if opens <= now:
                break
            now = min([opens, *(end[0] for end in ends[:1])])
        state.take(number, now, until=now + HOLD + SETTLE)
        if step.ending != "silent":
            heapq.heappush(ends, (now + step.lasts, number, step.ending))
        done = now + {"answered": step.lasts, "lost": step.lasts + SETTLE, "silent": HOLD + SETTLE}.get(step.ending, 0)
        if step.ending != "unsent":
            counted.append(now + step.counted * (done - now))
    return sorted(counted)


def most_in_one_window(counted: list[float], per: float) -> int:
    return max((sum(start <= at < start + per for at in counted) for start in counted), default=0)


@given(limit=st.integers(1, 5), per=st.sampled_from([1.0, 10.0, 60.0]), plan=st.lists(steps, max_size=40))
def test_no_window_of_the_vendors_exceeds_the_limit_wherever_it_counts(limit, per, plan):
    counted = drive(Window(limit, per=per), plan)

    assert most_in_one_window(counted, per) <= limit


def leaky_bucket(limit: int, per: float, demand: int) -> list[float]:
    """What peers do: a bucket that leaks `limit` in `per` seconds, and is empty at first."""
    level, last, now, starts = 0.0, 0.0, 0.0, []
    for _ in range(demand):
        while True:
            level, last = max(0.0, level - (now - last) * limit / per), now
            if level + 1 <= limit + 1e-9:
                break
            now += (level + 1 - limit) * per / limit
        level += 1
        starts.append(now)
    return starts


def test_a_greedy_caller_gets_the_limit_where_a_leaky_bucket_gives_nearly_twice_as_much():
    greedy = [Step(gap=0, lasts=0, ending="answered", counted=0.0, paced=False)] * 50

    assert most_in_one_window(leaky_bucket(10, 1.0, 50), 1.0) >= 19
    assert most_in_one_window(drive(Window(10, per=1.0), greedy), 1.0) == 10


def test_a_slot_is_freed_after_the_answer_and_not_after_the_send():
    state = WindowState(Window(1, per=60))
    state.take(1, 0, until=90)
    state.answered(1, 5)

    assert state.opens_at(60, paced=False) == 65
    assert state.opens_at(65, paced=False) == 65


@given(limit=st.integers(1, 20), per=st.integers(1, 120))
def test_bulk_starts_are_spread_evenly(limit, per):
    window = Window(limit, per=per)
    plan = [Step(gap=0, lasts=0, ending="answered", counted=0.0, paced=True)] * (3 * limit)

    starts = drive(window, plan)

    gaps = [later - earlier for earlier, later in itertools.pairwise(starts)]
    assert gaps == pytest.approx([window.pace] * len(gaps))


@given(limit=st.integers(1, 20), bulk=st.integers(0, 60), later=st.floats(0, 0.999))
def test_an_interactive_request_waits_a_slot_at_most_beside_bulk_work(limit, bulk, later):
    window = Window(limit, per=60)
    state = WindowState(window)
    now = 0.0
    for number in range(bulk):
        now = state.opens_at(now, paced=True)
        state.take(number, now, until=now)

    now += later * window.pace

    assert state.opens_at(now, paced=False) - now <= window.pace + 1e-9


def test_a_request_that_was_never_sent_spends_no_slot():
    state = WindowState(Window(1, per=60))
    state.take(1, 0, until=90)
    state.give_back(1)

    assert state.opens_at(0, paced=False) == 0


def test_a_slot_that_never_comes_back_is_free_when_the_vendor_must_be_done():
    state = WindowState(Window(1, per=60))
    state.take(1, 0, until=90)

    assert state.opens_at(10, paced=False) == 150
    assert state.used(150) == 0


def test_an_answer_to_a_request_that_holds_no_slot_changes_nothing():
    state = WindowState(Window(1, per=60))
    state.take(1, 0, until=90)
    state.give_back(1)

    state.answered(1, 10)
    state.answered(7, 10)
    state.give_back(7)

    assert state.used(10) == 0


def test_answers_may_come_in_any_order():
    state = WindowState(Window(3, per=10))
    for number in range(3):
        state.take(number, 0, until=90)
    for number, at in [(2, 9), (0, 5), (1, 7)]:
        state.answered(number, at)

    assert [state.used(at) for at in (14, 15, 17, 19)] == [3, 2, 1, 0]


def test_a_limit_that_shrinks_holds_from_the_next_request_on():
    state = WindowState(Window(10, per=60))
    for number in range(10):
        state.take(number, number, until=number)

    state.window = Window(3, per=60)

    assert state.opens_at(10, paced=False) == 67  # when 8 of the 10 are forgotten


@given(st.lists(st.integers(0, 63).map(lambda number: number / 64), min_size=2, max_size=80))
def test_starts_that_are_late_by_less_than_a_slot_do_not_slow_an_even_pace_down(lateness):
    state, now = WindowState(Window(60, per=60)), 0.0
    for number, late in enumerate(lateness):
        now = state.opens_at(now, paced=True) + late
        state.take(number, now, until=now)

    assert now <= len(lateness) + lateness[0]  # seconds: one slot each, whatever the timers did


def test_after_a_pause_an_even_pace_begins_anew_and_does_not_catch_up():
    state = WindowState(Window(60, per=60))
    state.take(1, 0, until=0)
    state.take(2, 30, until=30)

    assert state.opens_at(30, paced=True) == 31


@pytest.mark.parametrize(("limit", "per"), [(0, 60), (-1, 60), (1, 0), (1, -5)])
def test_a_window_without_requests_or_without_time_is_refused(limit, per):
    with pytest.raises(ValueError, match="must be"):
        Window(limit, per=per)
