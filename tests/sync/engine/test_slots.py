"""When rounds are due: the same on every machine, once every so often, spread over the time."""

from __future__ import annotations

import itertools
import math

from hypothesis import given
from hypothesis import strategies as st

from sagicc_async.sync.procrastinate.slots import latest

NAMES = st.text(min_size=1, max_size=20)
EVERY = st.floats(2, 1e6)
JITTER = st.floats(0, 1)
NOW = st.floats(1.6e9, 2e9)


@given(NAMES, EVERY, JITTER, NOW)
def test_the_latest_moment_is_never_to_come_and_never_older_than_two_rounds(name, every, jitter, now):
    moment = latest(name, every, jitter, now)
    assert moment <= now
    assert now - moment <= every * (1 + jitter) + 1


@given(NAMES, EVERY, JITTER, NOW, st.floats(0, 1e6))
def test_time_never_leads_back_to_an_earlier_moment(name, every, jitter, now, later):
    assert latest(name, every, jitter, now) <= latest(name, every, jitter, now + later)


@given(NAMES, st.floats(10, 1e5), st.floats(0, 0.5), NOW)
def test_a_moment_a_round_and_no_more(name, every, jitter, now):
    moments = {latest(name, every, jitter, now + every * eighth / 8) for eighth in range(81)}
    assert 10 <= len(moments) <= 12
    pairs = itertools.pairwise(sorted(moments))
    assert all(math.isclose(later - earlier, every, abs_tol=1.01) for earlier, later in pairs)


def test_a_thousand_accounts_do_not_begin_at_once():
    begun = [latest(f"account {number}", 900, 0.1, 1.7e9) % 900 for number in range(1000)]
    for tenth in range(10):
        assert 60 < sum(tenth * 90 <= moment < (tenth + 1) * 90 for moment in begun) < 140


def test_without_jitter_rounds_come_at_even_distances():
    assert latest("acme", 60, 0, 1.7e9 + 60) - latest("acme", 60, 0, 1.7e9) == 60
