"""What a commit writes, counts, and marks as deleted, in SQLite and PostgreSQL alike."""

from __future__ import annotations

import tempfile

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sagicc_async.sync.outcome import Changes, Ending, Outcome
from sagicc_async.sync.rows import rows_of
from sagicc_async.sync.sink import Batch, StaleWorker
from sagicc_async.sync.sql import DatabaseSink
from sagicc_async.sync.state import Kind, SyncState
from sagicc_async.sync.unit import Unit

from ..memory_sink import MemorySink
from .worker import TABLE, UNIT, Thing, Worker, first_batch, living, query, stored, things


async def test_rows_and_state_are_stored_together_and_found_again(open_sink):
    sink = await open_sink()
    assert await sink.state(UNIT) == SyncState()
    batch = first_batch(things("a", "b", name="n"))
    assert await sink.commit(batch) == Changes(new=2)
    assert await sink.state(UNIT) == batch.after
    assert (await stored(sink))["b"]["name"] == "n"
    assert await (await open_sink()).state(UNIT) == batch.after


async def test_only_rows_that_differ_are_written(open_sink):
    worker = Worker(await open_sink())
    await worker.whole(things("a", "b"))
    before = await stored(worker.sink)
    assert await worker.whole([*things("a"), *things("b", name="new")]) == Changes(changed=1, unchanged=1)
    after = await stored(worker.sink)
    assert after["a"] == before["a"]
    assert after["b"]["name"] == "new"
    assert after["b"]["_changed_at"] > before["b"]["_changed_at"]


async def test_of_a_row_that_comes_twice_in_a_batch_the_later_one_holds(open_sink):
    worker = Worker(await open_sink())
    assert await worker.whole([*things("a", name="old"), *things("a", name="new")]) == Changes(new=1)
    assert (await stored(worker.sink))["a"]["name"] == "new"


async def test_accounts_share_a_table_and_never_touch_each_others_rows(open_sink):
    sink = await open_sink()
    one, two = (Worker(sink, Unit("a-vendor", name, "things", Thing)) for name in ("one", "two"))
    await one.whole(things("a", "b"))
    await two.whole(things("a"))
    for _ in range(2):
        await two.whole([])
    assert await living(sink, one.unit) == {"a", "b"}
    assert await living(sink, two.unit) == set()
    assert {row["_account"] for row in await query(sink, f"SELECT _account FROM {TABLE}")} == {"one", "two"}


async def test_what_two_passes_in_a_row_did_not_meet_is_marked_and_is_back_when_it_returns(open_sink):
    worker = Worker(await open_sink())
    await worker.whole(things("a", "b", "c"), cuts=2)
    await worker.whole(things("a", "c"), cuts=2)
    assert await worker.whole(things("a", "c"), cuts=2) == Changes(unchanged=2, deleted=1)
    assert (await stored(worker.sink))["b"]["_deleted_at"] is not None
    assert await worker.whole(things("a", "b", "c")) == Changes(unchanged=2, changed=1)
    assert await living(worker.sink) == {"a", "b", "c"}


async def test_what_one_pass_did_not_meet_is_suspected_first(open_sink):
    worker = Worker(await open_sink())
    await worker.whole(things("a", "b", "c"))
    assert await worker.whole(things("a")) == Changes(unchanged=1, suspects=2)
    assert (await worker.sink.state(UNIT)).suspects == 2
    assert await worker.whole(things("a", "b")) == Changes(unchanged=2, deleted=1)
    assert (await worker.sink.state(UNIT)).suspects == 0
    assert await living(worker.sink) == {"a", "b"}


async def test_a_pass_that_drifted_marks_nothing_and_clears_the_suspects(open_sink):
    worker = Worker(await open_sink())
    await worker.whole(things("a", "b"))
    await worker.whole(things("a"))
    assert await worker.whole(things("a"), drifted=True) == Changes(unchanged=1)
    assert await worker.whole(things("a")) == Changes(unchanged=1, suspects=1)


async def test_a_pass_over_changes_marks_nothing(open_sink):
    worker = Worker(await open_sink())
    await worker.whole(things("a", "b"))
    assert await worker.changed(things("c")) == Changes(new=1)
    assert await living(worker.sink) == {"a", "b", "c"}


async def test_what_passes_met_is_forgotten_at_their_end(open_sink):
    worker = Worker(await open_sink())
    await worker.whole(things("a", "b"))
    for _ in range(3):
        await worker.whole(things("a", "b"), cuts=2)
    assert await query(worker.sink, "SELECT * FROM sagicc_async_sync_met_1") == []


async def test_a_worker_with_an_old_state_writes_nothing(open_sink):
    worker = Worker(await open_sink())
    await worker.whole(things("a"))
    with pytest.raises(StaleWorker, match="acme things"):
        await worker.sink.commit(first_batch(things("b")))
    stale = Worker(worker.sink, state=attrs.evolve(worker.state, version=worker.state.version + 1))
    with pytest.raises(StaleWorker):
        await stale.whole(things("b"))
    assert await living(worker.sink) == {"a"}


async def test_records_of_which_nothing_is_declared_are_kept_whole(open_sink):
    unit = Unit("open", "acme", "stuff")
    worker = Worker(await open_sink(), unit)
    rows = rows_of([{"id": 1, "deep": {"a": [1, None]}}, {"no": "id"}], None)
    assert await worker.whole(rows) == Changes(new=2)
    found = await query(worker.sink, "SELECT _id, CAST(_extra AS TEXT) AS e FROM open_stuff ORDER BY length(_id)")
    assert [row["e"] for row in found] == ['{"id":1,"deep":{"a":[1,null]}}', '{"no":"id"}']
    assert await worker.whole(rows) == Changes(unchanged=2)


async def test_outcomes_are_noted_beside_the_states(open_sink):
    sink = await open_sink()
    assert await sink.outcomes() == []
    worker = Worker(sink)
    await worker.whole(things("a"))
    failed = Outcome(unit=UNIT, ending=Ending.FAILED, error="no", kind="ServerError", at=12.5, round="r", requests=3)
    done = Outcome(
        unit=Unit("x", "y", "z"), ending=Ending.DONE, changes=Changes(new=1, suspects=2), drifted=True, passes=2
    )
    await sink.note(failed)
    await sink.note(done)
    assert await sink.outcomes() == [(failed, worker.state), (done, SyncState())]
    await sink.note(attrs.evolve(failed, ending=Ending.DONE, error="", kind=""))
    assert [outcome.ending for outcome, _ in await sink.outcomes()] == [Ending.DONE] * 2
    assert await worker.whole(things("a")) == Changes(unchanged=1)


async def test_a_unit_whose_first_turn_was_cut_off_is_told_as_parked(open_sink):
    sink = await open_sink()
    batch = first_batch(things("a"))
    await sink.commit(batch)
    ((outcome, state),) = await sink.outcomes()
    assert (outcome.unit, outcome.ending, state) == (UNIT, Ending.PARKED, batch.after)
    assert outcome.at > 0


async def test_a_note_does_not_get_in_the_way_of_the_first_commit(open_sink):
    sink = await open_sink()
    await sink.note(Outcome(unit=UNIT, ending=Ending.FAILED))
    assert await sink.commit(first_batch(things("a"))) == Changes(new=1)


async def test_preview_tells_what_a_commit_would_change_and_writes_nothing(open_sink):
    worker = Worker(await open_sink())
    batch = first_batch(things("a", "b"))
    assert await worker.sink.preview(batch, set()) == Changes(new=2)
    assert await query(worker.sink, _TABLES[worker.sink._database.dialect.name]) == []
    await worker.whole(things("a", "b", "c", "d"))
    await worker.whole(things("a", "b", "c"))
    begun = worker.state.begun(Kind.WHOLE)
    after = begun.completed(begun.underway, now=1.0, overlap=0)
    last = Batch(unit=UNIT, rows=things("a"), before=worker.state, after=after, ended=begun.underway)
    assert await worker.sink.preview(last, {"a", "b"}) == Changes(unchanged=1, deleted=1, suspects=1)
    assert await living(worker.sink) == {"a", "b", "c", "d"}


_TABLES = {
    "sqlite": "SELECT name FROM sqlite_master",
    "postgresql": "SELECT tablename FROM pg_tables WHERE schemaname = 'public'",
}

passes = st.lists(
    st.tuples(
        st.sampled_from(["whole", "drifted", "changed"]),
        st.lists(st.tuples(st.sampled_from("abcd"), st.sampled_from("xy")), max_size=5, unique_by=lambda row: row[0]),
        st.integers(1, 3),
    ),
    max_size=6,
)


@settings(deadline=None, max_examples=60)
@given(passes)
async def test_passes_change_what_they_change_in_memory(plan):
    with tempfile.TemporaryDirectory() as folder:
        async with DatabaseSink(f"sqlite:///{folder}/m.db") as sink:
            here, there = Worker(sink), Worker(MemorySink())
            for kind, content, cuts in plan:
                rows = [row for key, name in content for row in things(key, name=name)]
                heard = []
                for worker in (here, there):
                    if kind == "changed" and worker.state.number:
                        heard.append(await worker.changed(rows))
                    else:
                        heard.append(await worker.whole(rows, drifted=kind == "drifted", cuts=cuts))
                assert heard[0] == heard[1]
                assert here.state == there.state == await sink.state(UNIT)
            if plan:
                assert await living(sink) == set(there.sink.rows(UNIT))
