"""When to try again, and after how long."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sagicc_async.wire.retry import RetryPolicy

policies = st.builds(
    RetryPolicy,
    attempts=st.integers(1, 10_000),
    base=st.floats(0, 60),
    factor=st.floats(1, 100),
    cap=st.floats(0, 600),
    patience=st.floats(0, 600),
)
jitters = st.floats(0, 1)
seconds = st.none() | st.floats(0, 10_000)


@given(policies, st.integers(1, 12_000), jitters, seconds, seconds)
def test_it_never_sleeps_past_the_deadline_nor_longer_than_the_rules_allow(policy, attempt, jitter, asked, remaining):
    wait = policy.delay(attempt, jitter=jitter, retry_after=asked, remaining=remaining)

    if wait is None:
        return
    assert attempt < policy.attempts
    assert remaining is None or wait < remaining
    if asked is None:
        assert 0 <= wait <= policy.cap
    else:
        assert asked <= wait <= asked + 1
        assert asked <= policy.patience


@given(policies, st.integers(1, 12_000), jitters)
def test_without_a_deadline_or_a_word_of_the_vendors_it_gives_up_only_after_the_last_attempt(policy, attempt, jitter):
    wait = policy.delay(attempt, jitter=jitter, retry_after=None, remaining=None)

    assert (wait is None) == (attempt >= policy.attempts)


@pytest.mark.parametrize(("attempt", "bound"), [(1, 0.5), (2, 1), (3, 2), (6, 16), (7, 20), (9, 20)])
def test_the_wait_is_a_random_share_of_a_bound_that_doubles_up_to_the_cap(attempt, bound):
    policy = RetryPolicy(attempts=10)
    waits = [policy.delay(attempt, jitter=jitter, retry_after=None, remaining=None) for jitter in (0, 0.5, 1)]

    assert waits == [0, bound / 2, bound]
    assert policy.ceiling(attempt) == bound


def test_hours_of_attempts_do_not_overflow():
    assert RetryPolicy(attempts=10**9).delay(10**8, jitter=1, retry_after=None, remaining=None) == 20
    assert RetryPolicy(attempts=10**9).ceiling(10**8) == 20


def test_the_vendors_own_figure_may_exceed_the_cap_up_to_the_patience():
    policy = RetryPolicy(cap=1, patience=100)

    assert policy.delay(1, jitter=0, retry_after=100, remaining=None) == 100
    assert policy.delay(1, jitter=0, retry_after=100.5, remaining=None) is None


def test_the_vendors_own_figure_gets_some_jitter_so_that_not_everybody_comes_back_at_once():
    waits = {RetryPolicy().delay(3, jitter=jitter, retry_after=10, remaining=None) for jitter in (0, 0.25, 0.5, 1)}

    assert waits == {10, 10.5, 11}


def test_a_wait_that_ends_with_the_deadline_is_not_begun():
    assert RetryPolicy().delay(1, jitter=1, retry_after=None, remaining=0.5) is None
    assert RetryPolicy().delay(1, jitter=1, retry_after=None, remaining=0.51) == 0.5


@pytest.mark.parametrize("wrong", [{"attempts": 0}, {"base": -1}, {"factor": 0.5}, {"cap": -1}, {"patience": -1}])
def test_a_policy_that_makes_no_sense_is_refused(wrong):
    with pytest.raises(ValueError, match=next(iter(wrong))):
        RetryPolicy(**wrong)
