"""States as they are stored: every one is read as it was written, and a newer release's is refused."""

from __future__ import annotations

import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sagicc_async import Checkpoint, ConfigError, Timestamp
from sagicc_async.sync.sql.stored import state_from_json, state_to_json
from sagicc_async.sync.state import Kind, SyncState, Underway

counts = st.integers(0, 2**53)
offsets = st.integers(-14 * 60, 14 * 60).map(lambda minutes: datetime.timezone(datetime.timedelta(minutes=minutes)))
moments = st.datetimes(timezones=offsets)
checkpoints = st.builds(
    Checkpoint,
    adapter=st.text(max_size=5),
    resource=st.text(max_size=5),
    query=st.builds(lambda size: {"path": "/x", "params": {"a": 1}, "size": size}, st.integers(1, 100)),
    cursor=st.one_of(counts, st.text(max_size=5)),
    index=counts,
    ids=st.lists(st.text(max_size=5), max_size=3).map(tuple),
)
underways = st.builds(
    Underway,
    kind=st.sampled_from(Kind),
    part=counts,
    checkpoint=st.none() | checkpoints,
    started_at=st.none() | moments,
    records=counts,
    total=st.none() | counts,
    drifted=st.booleans(),
)
seconds = st.none() | st.floats(0, 1e10)
states = st.builds(
    SyncState,
    version=counts,
    number=counts,
    underway=st.none() | underways,
    watermark=st.none() | moments,
    whole_at=seconds,
    completed_at=seconds,
    suspects=counts,
    shape=st.text(max_size=5),
    company=st.text(max_size=5),
)


@given(states)
def test_a_state_is_read_as_it_was_written(state):
    assert state_from_json(state_to_json(state)) == state


def test_a_vendors_own_timestamp_is_stored_as_the_moment_it_is():
    stamp = Timestamp.parse("2026-01-31T12:00:00", datetime.timezone(datetime.timedelta(hours=-5)))
    state = SyncState(watermark=stamp)
    assert state_from_json(state_to_json(state)) == state


STATE = (
    '"version":3,"number":2,"underway":{"kind":"whole","part":0,"checkpoint":null,'
    '"started_at":"2026-01-31T12:00:00-05:00","records":5,"total":9,"drifted":false},'
    '"watermark":null,"whole_at":1.5,"completed_at":null,"suspects":0'
)


def test_states_of_this_release_stay_readable():
    text = f'{{"layout":3,{STATE},"shape":"a","company":"b"}}'
    state = state_from_json(text)
    assert (state.version, state.whole_at, state.underway.records) == (3, 1.5, 5)
    assert (state.shape, state.company) == ("a", "b")
    assert state_to_json(state) == text


def test_a_state_that_says_nothing_of_its_company_is_of_whichever_it_is():
    state = state_from_json(f'{{"layout":2,{STATE},"shape":"a"}}')
    assert state.shaped("a").owned("b").underway == state.underway


def test_a_state_that_says_nothing_of_its_shape_is_of_another_one():
    state = state_from_json(f'{{"layout":1,{STATE}}}')
    assert (state.version, state.underway.records) == (3, 5)
    assert state.shaped("a").underway is None


@pytest.mark.parametrize(
    ("text", "why"), [('{"layout":4}', "newer release"), ("[]", "cannot be read"), ("x", "cannot")]
)
def test_what_cannot_be_read_is_refused(text, why):
    with pytest.raises(ConfigError, match=why):
        state_from_json(text)
