"""How the state of a unit moves on."""

from __future__ import annotations

import datetime

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sagicc_async import Checkpoint
from sagicc_async.records.walk import StreamStats
from sagicc_async.sync.state import Kind, SyncState, Underway

NOON = datetime.datetime(2026, 11, 22, 12, tzinfo=datetime.UTC)

PLACE = Checkpoint(adapter="fake", resource="things", query={}, cursor=2, index=3)


@pytest.mark.parametrize(
    ("before", "told", "drifted"),
    [(None, [], False), (None, [9], False), (9, [], False), (9, [9], False), (9, [8], True), (9, [9, 8], True)],
)
def test_a_list_whose_total_is_another_one_than_before_has_moved_also_where_it_was_resumed(before, told, drifted):
    underway = Underway(kind=Kind.WHOLE, records=3, total=before).after(PLACE, 3, StreamStats(totals=told))
    assert (underway.records, underway.drifted, underway.checkpoint) == (6, drifted, PLACE)
    assert underway.after(PLACE, 3, StreamStats()).drifted is drifted


@pytest.mark.parametrize(
    ("records", "total", "missing", "drifted"),
    [(9, 9, 0, False), (9, None, 0, False), (8, 9, 0, True), (9, 9, 1, True), (10, 9, 0, False)],
)
def test_a_list_that_ended_before_its_total_has_drifted_and_the_next_one_is_counted_by_itself(
    records, total, missing, drifted
):
    underway = Underway(kind=Kind.WHOLE, checkpoint=PLACE, records=records, total=total)
    next_one = underway.behind_list(StreamStats(missing=missing))
    assert next_one == Underway(kind=Kind.WHOLE, part=1, drifted=drifted)
    assert next_one.after(PLACE, 3, StreamStats(totals=[4])).drifted is drifted


@given(st.sampled_from(["", "a"]), st.floats(0, 100))
def test_another_shape_of_the_records_gives_a_pass_up_and_makes_a_whole_one_due(shape, now):
    state = SyncState(watermark=NOON, whole_at=now, shape="b").begun(Kind.CHANGES)
    assert state.shaped("b") is state
    other = state.shaped(shape)
    assert (other.underway, other.shape, other.watermark) == (None, shape, NOON)
    assert other.due(incremental=True, now=now, whole_every=50) is Kind.WHOLE
    # A whole pass that drifted may have missed a record, which has the new fields no more than before.
    whole = other.begun(Kind.WHOLE)
    drifted = whole.completed(attrs.evolve(whole.underway, drifted=True), now=now, overlap=0)
    assert drifted.shaped(shape).due(incremental=True, now=now, whole_every=50) is Kind.WHOLE


def test_another_company_gives_all_up_that_was_known_of_the_list_and_nobody_knows_is_none():
    state = SyncState(watermark=NOON, whole_at=1.0, company="b").begun(Kind.CHANGES)
    assert state.owned("b") is state
    other = state.owned("a")
    assert (other.underway, other.watermark, other.whole_at, other.company) == (None, None, None, "a")
    assert attrs.evolve(state, company="").owned("a") == attrs.evolve(state, company="a")


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
