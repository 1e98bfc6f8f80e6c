"""The estimate of a store's clock is never ahead of it, and notices when that is set."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sagicc_async.tokens.coordination.estimate import StoreClock

moments = st.floats(0.0, 0.5)


@given(
    offset=st.floats(-1e6, 1e9),
    trips=st.lists(st.tuples(st.floats(0.001, 1e4), moments, moments), min_size=1, max_size=20),
    drift=st.floats(-9e-5, 9e-5),
)
def test_it_is_never_ahead_and_behind_by_no_more_than_it_says(offset, trips, drift):
    """Each answer: a pause, the way there and the way back. Clocks drift, by more than those of computers do."""
    clock, local = StoreClock(), 1000.0

    def shown(at: float) -> float:
        return offset + at * (1 + drift)

    for pause, there, back in trips:
        local += pause
        asked_at, read_at, heard_at = local, local + there, local + there + back
        local = heard_at
        assert not clock.learn(shown(read_at), asked_at, heard_at)
        for later in (local, local + 30_000.0):
            lost = 1e-6 + abs(drift) * 1.0  # by floats, and in the second that a round trip takes at most
            assert clock.at(later) <= shown(later) + lost
            assert shown(later) - clock.at(later) <= clock.uncertainty(later) + lost


def test_before_any_answer_nothing_is_known():
    assert not StoreClock().known
    assert StoreClock().at(5) == -math.inf


@pytest.mark.parametrize(("step", "shown"), [("forward", 160.0), ("back", 40.0)])
def test_a_clock_that_is_set_is_noticed_and_followed(step, shown):
    clock = StoreClock()
    clock.learn(100.0, 10.0, 10.1)

    assert clock.learn(shown, 11.0, 11.1) == step
    assert clock.at(11.1) == shown


def test_a_clock_that_is_adjusted_a_little_is_followed_without_a_word():
    clock = StoreClock()
    clock.learn(100.0, 10.0, 10.1)

    assert clock.learn(100.2, 11.0, 11.1) is None
    assert clock.at(11.1) == 100.2


def test_the_quickest_answers_make_it_exact():
    clock = StoreClock()
    clock.learn(100.5, 10.0, 11.0)
    assert clock.uncertainty(11.0) == 1.0

    clock.learn(101.501, 11.5, 11.502)

    assert clock.uncertainty(11.502) < 0.0022


def test_a_night_without_an_answer_makes_no_step_of_an_ordinary_drift():
    clock, night = StoreClock(), 12 * 3600.0
    clock.learn(100.0, 10.0, 10.01)

    assert not clock.learn(100.0 + night * 1.00005, 10.0 + night, 10.01 + night)


def test_after_a_night_without_an_answer_it_is_less_certain_until_the_next_one():
    clock, night = StoreClock(), 12 * 3600.0
    clock.learn(100.0, 10.0, 10.0)
    assert clock.uncertainty(10.0 + night) > 1.0

    clock.learn(100.0 + night, 10.0 + night, 10.001 + night)

    assert clock.uncertainty(10.001 + night) < 0.0011
