"""How the state of a unit moves on."""

from __future__ import annotations

import datetime

import attrs
from hypothesis import given
from hypothesis import strategies as st

from sagicc_async.sync.state import Kind, SyncState, Underway

NOON = datetime.datetime(2026, 11, 22, 12, tzinfo=datetime.UTC)

whole_passes = st.builds(
    Underway,
    kind=st.just(Kind.WHOLE),
    started_at=st.just(NOON),
    drifted=st.booleans(),
    records=st.integers(0, 5),
    total=st.none() | st.integers(0, 5),
)


@given(whole_passes)
def test_a_pass_is_proven_by_the_vendors_own_count_alone(underway):
    assert underway.proven == (not underway.drifted and underway.total == underway.records)
    assert not attrs.evolve(underway, kind=Kind.CHANGES).proven


@given(st.sampled_from(Kind), st.booleans())
def test_only_a_pass_that_did_not_drift_moves_the_watermark_and_only_a_whole_one_counts_as_whole(kind, drifted):
    before = SyncState(version=7, watermark=NOON - datetime.timedelta(days=1), whole_at=5.0).begun(kind)
    underway = attrs.evolve(before.underway, started_at=NOON, drifted=drifted)
    after = before.completed(underway, now=100.0, overlap=60)
    assert after.watermark == (before.watermark if drifted else NOON - datetime.timedelta(seconds=60))
    assert after.whole_at == (100.0 if kind is Kind.WHOLE and not drifted else 5.0)
    assert (after.version, after.completed_at, after.underway) == (8, 100.0, None)


@given(
    st.builds(
        SyncState,
        watermark=st.none() | st.just(NOON),
        whole_at=st.none() | st.floats(0, 100),
        suspects=st.integers(0, 2),
    ),
    st.booleans(),
)
def test_changes_are_enough_only_after_a_whole_pass_that_is_not_old_and_left_no_suspects(state, incremental):
    due = state.due(incremental=incremental, now=100, whole_every=50)
    enough = state.watermark is not None and state.whole_at is not None and state.whole_at > 50 and not state.suspects
    assert (due is Kind.CHANGES) == (incremental and enough)
