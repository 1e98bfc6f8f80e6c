"""One turn of one unit: what is read, what is committed, and where it goes on."""

from __future__ import annotations

import asyncio
import datetime
import random

import attrs
import pytest

from sagicc_async import Record, ServerError, field, record
from sagicc_async.sync.events import Committed, SinkAway
from sagicc_async.sync.outcome import Changes, Ending
from sagicc_async.sync.settings import SyncSettings
from sagicc_async.sync.sink import SinkUnavailable
from sagicc_async.sync.state import Kind

from .fake_vendor import COUNTED, UNCOUNTED, things
from .memory_sink import MemorySink


def always_moving(rig):
    """A list that gets one more record whenever it is read."""
    listed = rig.vendor.put("a", "things", things(*range(1, 8)))

    def while_reading(account, resource, request):
        if request.params["page"] == 2:
            listed.records.append({"id": len(listed.records) + 1, "name": "new"})

    rig.vendor.before = while_reading


async def test_the_first_turn_stores_the_whole_list_and_the_next_one_changes_nothing(rig):
    rig.vendor.put("a", "things", things(*range(1, 8)))
    first = await rig.turn()
    assert (first.ending, first.changes, first.passes) == (Ending.DONE, Changes(new=7), 1)
    assert rig.sink.rows() == {str(thing["id"]): thing for thing in things(*range(1, 8))}
    second = await rig.turn()
    assert second.changes == Changes(unchanged=7)


async def test_exactly_what_differs_is_changed(rig):
    listed = rig.vendor.put("a", "things", things(*range(1, 8)))
    await rig.turn()
    listed.records[4] = {"id": 5, "name": "another"}
    listed.records.append({"id": 8, "name": "thing 8"})
    outcome = await rig.turn()
    assert outcome.changes == Changes(new=1, changed=1, unchanged=6)
    assert rig.sink.rows()["5"]["name"] == "another"


async def test_the_order_of_keys_is_no_change_of_the_content(rig):
    listed = rig.vendor.put("a", "things", [{"id": 1, "a": {"x": 1, "y": 2}}])
    await rig.turn()
    listed.records[0] = {"a": {"y": 2, "x": 1}, "id": 1}
    assert (await rig.turn()).changes == Changes(unchanged=1)


@pytest.mark.parametrize("paging", [COUNTED, UNCOUNTED])
async def test_what_two_passes_in_a_row_do_not_meet_is_marked_as_deleted_and_comes_back(rig, paging):
    rig.vendor.paging = paging
    listed = rig.vendor.put("a", "things", things(*range(1, 8)))
    await rig.turn()
    gone = listed.records.pop(3)
    outcome = await rig.turn()
    assert (outcome.changes, outcome.passes) == (Changes(unchanged=12, deleted=1), 2)
    assert rig.sink.rows(deleted=True) == {"4": gone}
    listed.records.append(gone)
    assert (await rig.turn()).changes == Changes(changed=1, unchanged=6)
    assert rig.sink.rows(deleted=True) == {}


async def test_where_one_record_goes_and_another_comes_the_count_proves_nothing(rig):
    """Between two pages one is deleted and one added: the list has as many as before, and one of them was on no page."""
    listed = rig.vendor.put("a", "things", things(*range(1, 10)))
    await rig.turn()
    marked = []

    def while_reading(account, resource, request):
        if len(listed.requests) == 5:  # the second page of the second turn
            listed.records[:] = things(*range(2, 11))

    rig.vendor.before = while_reading
    rig.sink.after = lambda batch: marked.append(set(rig.sink.rows(deleted=True)))
    outcome = await rig.turn()
    assert marked == [set(), set(), {"1"}]  # the first pass misses 4, the second one 1 alone
    assert (outcome.passes, outcome.drifted) == (3, False)


async def test_a_list_that_moved_between_two_turns_has_moved(rig):
    """Records without ids: how many there are is all that shows that one is gone."""
    listed = rig.vendor.put("a", "things", [{"name": f"bill {number}"} for number in range(1, 10)])
    await rig.turn()
    pages = iter([False, True])
    await rig.turn(park=lambda: next(pages))
    gone = listed.records.pop(0)
    marked = []
    rig.sink.after = lambda batch: marked.append((batch.ended.drifted, [*rig.sink.rows(deleted=True).values()]))
    await rig.turn()
    assert marked == [(True, []), (False, []), (False, [gone])]


async def test_a_list_that_ends_before_its_total_says_nothing_of_what_is_deleted(rig):
    listed = rig.vendor.put("a", "things", things(*range(1, 10)))
    await rig.turn()
    place = listed._place
    listed._place = lambda request: (0, 0) if request.params["page"] == 3 else place(request)
    await rig.turn(park=lambda: True)  # a stream that is resumed does not know how many there were before
    outcome = await rig.turn()
    assert (outcome.passes, outcome.drifted) == (3, True)
    assert rig.sink.rows(deleted=True) == {}


async def test_a_record_that_slipped_past_a_pass_is_not_taken_for_deleted(rig):
    """Somebody deletes a record of a page that was read: those behind move up, one of them over the edge of the page."""
    rig.vendor.paging = UNCOUNTED
    listed = rig.vendor.put("a", "things", things(*range(1, 8)))
    await rig.turn()
    deleted = []

    def while_reading(account, resource, request):
        if request.params["page"] == 2 and not deleted:
            deleted.append(listed.records.pop(0))

    rig.vendor.before = while_reading
    outcome = await rig.turn()
    assert outcome.passes == 3  # the first one misses 4; the second one misses 1 alone; the third one proves it
    assert set(rig.sink.rows(deleted=True)) == {"1"}
    assert set(rig.sink.rows()) == {"2", "3", "4", "5", "6", "7"}


async def test_a_list_that_moved_deletes_nothing_and_is_read_again(rig):
    listed = rig.vendor.put("a", "things", things(*range(1, 8)))
    await rig.turn()

    def while_reading(account, resource, request):
        if request.params["page"] == 2 and len(listed.records) == 7:
            listed.records.pop(0)

    rig.vendor.before = while_reading
    outcome = await rig.turn()
    assert (outcome.passes, outcome.drifted) == (3, False)
    assert set(rig.sink.rows(deleted=True)) == {"1"}


async def test_a_list_that_always_moves_is_read_three_times_and_says_so(rig):
    always_moving(rig)
    outcome = await rig.turn()
    assert (outcome.ending, outcome.passes, outcome.drifted) == (Ending.DONE, 3, True)
    state = await rig.sink.state(outcome.unit)
    assert state.whole_at is None
    assert state.watermark is None


async def test_passes_of_earlier_turns_of_the_round_count(rig):
    always_moving(rig)
    outcome = await rig.turn(passes=2)
    assert (outcome.ending, outcome.passes, outcome.drifted) == (Ending.DONE, 1, True)


async def test_an_account_that_leads_to_another_company_is_read_anew(rig):
    rig.vendor.incremental, rig.vendor.company = True, "one"
    listed = rig.vendor.put("a", "things", things(*range(1, 8)))
    await rig.turn()
    rig.vendor.company, listed.records = "another", things(*range(101, 108))
    outcome = await rig.turn()
    assert (outcome.changes.new, outcome.changes.deleted) == (7, 7)
    assert set(rig.sink.rows()) == {str(number) for number in range(101, 108)}


async def test_a_pass_that_is_under_way_in_another_company_is_given_up(rig):
    rig.vendor.company = "one"
    listed = rig.vendor.put("a", "things", things(*range(1, 8)))
    assert (await rig.turn(park=lambda: True)).ending is Ending.PARKED
    rig.vendor.company, listed.records = "another", things(*range(1, 8), name="of another")
    await rig.turn()
    assert {row["name"] for row in rig.sink.rows().values()} == {"of another"}


async def test_where_the_vendor_can_tell_only_what_changed_is_read(rig):
    rig.vendor.incremental = True
    listed = rig.vendor.put("a", "things", things(*range(1, 8)))
    first = await rig.turn()
    listed.records[2] = {"id": 3, "name": "another", "changed": "2026-11-22T13:00:00+00:00"}
    listed.requests.clear()
    second = await rig.turn()
    assert (second.changes, second.passes) == (Changes(changed=1), 1)
    assert listed.requests == []  # nobody asked for the whole list
    overlap = datetime.timedelta(seconds=rig.settings.overlap)
    assert rig.vendor.asked_since == [datetime.datetime(2026, 11, 22, 12, tzinfo=datetime.UTC) - overlap]
    assert first.unit == second.unit


async def test_changes_are_read_from_the_old_watermark_after_a_pass_that_drifted(rig):
    rig.vendor.incremental = True
    listed = rig.vendor.put("a", "things", things(*range(1, 8), changed="2026-11-22T13:00:00+00:00"))
    await rig.turn()
    before = (await rig.sink.state(rig.sink.commits[0].unit)).watermark

    def while_reading(account, resource, request):
        if request.params["page"] == 2:
            rig.vendor.lists["a", "things"].records.append(dict(listed.records[0], id=100 + len(listed.records)))

    rig.vendor.before = while_reading
    await rig.turn()
    assert (await rig.sink.state(rig.sink.commits[0].unit)).watermark == before


async def test_a_whole_pass_is_due_again_after_a_while_since_deletions_show_in_no_other(rig):
    rig.vendor.incremental = True
    rig.settings = SyncSettings(whole_every=3600)
    listed = rig.vendor.put("a", "things", things(*range(1, 8)))
    await rig.turn()
    listed.records.pop()
    assert (await rig.turn()).changes == Changes()
    await rig.clock.advance(3601)
    assert (await rig.turn()).changes == Changes(unchanged=12, deleted=1)


@record
class Old(Record):
    id: int | None = field(default=None)


@record
class New(Record):
    id: int | None = field(default=None)
    tax: int | None = field(default=None)


async def test_what_a_release_declares_anew_is_read_of_all_records_once(rig):
    rig.vendor.incremental, rig.vendor.model = True, Old
    rig.vendor.put("a", "things", things(*range(1, 8)))
    await rig.turn()
    assert (await rig.turn()).changes == Changes()
    rig.vendor.model = New
    assert (await rig.turn()).changes == Changes(unchanged=7)
    assert (await rig.turn()).changes == Changes()


async def test_a_pass_under_way_that_a_release_declares_more_for_begins_anew(rig):
    rig.vendor.incremental, rig.vendor.model = True, Old
    listed = rig.vendor.put("a", "things", things(*range(1, 8)))
    await rig.turn(park=lambda: True)
    rig.vendor.model = New
    outcome = await rig.turn()
    assert outcome.changes == Changes(new=4, unchanged=3)
    assert [request.params["page"] for request in listed.requests][-3:] == [1, 2, 3]


async def test_of_a_list_that_moved_the_fields_that_are_new_are_still_to_be_read(rig):
    rig.vendor.incremental, rig.vendor.model = True, Old
    listed = rig.vendor.put("a", "things", things(*range(1, 8)))
    await rig.turn()
    rig.vendor.model = New

    def while_reading(account, resource, request):
        if request.params["page"] == 2:
            listed.records.append({"id": len(listed.records) + 1, "name": "new"})

    rig.vendor.before = while_reading
    assert (await rig.turn()).drifted
    rig.vendor.before = lambda account, resource, request: None
    assert (await rig.turn()).changes == Changes(unchanged=10)
    assert (await rig.turn()).changes == Changes()


async def test_a_whole_pass_reads_all_lists_that_hold_the_records_together(rig):
    rig.vendor.apart = True
    listed = rig.vendor.put("a", "things", things(*range(1, 8)) + things(*range(8, 13), inactive=True))
    outcome = await rig.turn()
    assert (outcome.changes, outcome.passes, outcome.drifted) == (Changes(new=12), 1, False)

    listed.records[2] = {**listed.records[2], "inactive": True}  # it changes lists, and is not deleted
    gone = [listed.records.pop(10), listed.records.pop(0)]
    await rig.turn()
    assert rig.sink.rows(deleted=True) == {str(thing["id"]): thing for thing in gone}
    assert rig.sink.rows()["3"]["inactive"] is True


async def test_a_whole_pass_that_gives_way_goes_on_in_the_list_that_it_was_at(rig):
    rig.vendor.apart = True
    rig.vendor.put("a", "things", things(*range(1, 8)) + things(*range(8, 13), inactive=True))
    asked = []
    rig.vendor.before = lambda account, resource, request: asked.append(request.params["q"])
    turns = [await rig.turn(park=lambda: True)]
    while turns[-1].ending is Ending.PARKED:
        turns.append(await rig.turn(park=lambda: True))
    assert set(rig.sink.rows()) == {str(number) for number in range(1, 13)}
    assert sum(outcome.changes.new for outcome in turns) == 12
    assert asked == sorted(asked)  # first all pages of the one, then all of the other
    assert set(asked) == {"all", "inactive"}


async def test_rows_are_committed_in_batches_and_at_least_every_ten_seconds(rig):
    rig.settings = SyncSettings(batch=6)
    rig.vendor.put("a", "things", things(*range(1, 14)))
    await rig.turn()
    assert [len(batch.rows) for batch in rig.sink.commits] == [6, 6, 1]

    rig.sink.commits.clear()
    rig.settings = SyncSettings()
    rig.vendor.before = lambda account, resource, request: rig.clock.set(now=rig.clock.now() + 6)
    await rig.turn()
    # The look-ahead reads the next page while one is stored, so the clock is ahead by one page.
    assert len(rig.sink.commits) > 1
    assert sum(len(batch.rows) for batch in rig.sink.commits) == 13


async def test_others_that_wait_get_their_turn_and_it_goes_on_where_it_was(rig):
    rig.vendor.put("a", "things", things(*range(1, 11)))
    outcome = await rig.turn(park=lambda: True)
    assert (outcome.ending, outcome.changes.new) == (Ending.PARKED, 3)
    turns = 1
    while outcome.ending is Ending.PARKED:
        outcome = await rig.turn(park=lambda: True)
        turns += 1
    assert outcome.ending is Ending.DONE
    assert set(rig.sink.rows()) == {str(number) for number in range(1, 11)}
    assert turns > 3


async def test_an_error_of_the_vendor_is_an_outcome_and_keeps_what_was_read(rig):
    rig.vendor.put("a", "things", things(*range(1, 11)))

    def failing(account, resource, request):
        if request.params["page"] == 3:
            raise ServerError("the vendor fell over", vendor="fake", account="a", operation="things.list", status=500)

    rig.vendor.before = failing
    outcome = await rig.turn()
    assert (outcome.ending, outcome.kind, outcome.changes.new) == (Ending.FAILED, "ServerError", 6)
    assert "fell over" in outcome.error
    assert rig.sink.notes[outcome.unit] == outcome

    rig.vendor.before = lambda account, resource, request: None
    again = await rig.turn()
    assert again.ending is Ending.DONE
    assert again.changes.new == 4
    assert len(rig.sink.rows()) == 10


async def test_a_bug_in_somebodys_target_is_a_failure_whose_text_is_not_shown(rig, caplog):
    def target(batch):
        raise KeyError("c4n4ry")

    rig.sink.before = target
    rig.vendor.put("a", "things", things(1))
    outcome = await rig.turn()
    assert (outcome.ending, outcome.kind) == (Ending.FAILED, "KeyError")
    assert "c4n4ry" not in outcome.error


async def test_a_place_that_is_gone_from_the_list_begins_the_pass_anew(rig):
    listed = rig.vendor.put("a", "things", things(*range(1, 11)))
    await rig.turn(park=lambda: True)
    listed.records[:] = things(*range(20, 30))
    outcome = await rig.turn()
    assert outcome.ending is Ending.DONE
    assert set(rig.sink.rows()) == {str(number) for number in range(20, 30)}
    assert set(rig.sink.rows(deleted=True)) == {"1", "2", "3"}


async def test_a_sink_that_is_away_is_waited_for(rig):
    rig.vendor.put("a", "things", things(1, 2))
    away = [SinkUnavailable("the database is away")] * 3

    def unavailable(batch):
        if away:
            raise away.pop()

    rig.sink.before = unavailable
    task = asyncio.create_task(rig.turn())
    await rig.clock.advance(10)
    assert (await task).ending is Ending.DONE
    assert [event.wait for event in rig.heard(SinkAway)] == [0.25, 0.5, 1.0]


async def test_a_sink_that_stays_away_is_a_failure_in_the_end(rig):
    rig.settings = SyncSettings(patience=30)
    rig.vendor.put("a", "things", things(1, 2))

    def unavailable(batch):
        raise SinkUnavailable("the database is away")

    rig.sink.before = unavailable
    task = asyncio.create_task(rig.turn())
    await rig.clock.advance(60)
    outcome = await task
    assert (outcome.ending, outcome.kind) == (Ending.FAILED, "SinkUnavailable")
    assert outcome.seconds <= 30


async def test_a_worker_whose_unit_somebody_else_went_on_with_writes_nothing_and_leaves_it_to_them(rig):
    rig.settings = SyncSettings(batch=3)
    rig.vendor.put("a", "things", things(*range(1, 10)))
    other = attrs.evolve(rig, events=[])
    meddled = []

    async def meddle(batch):
        if not meddled:
            meddled.append(batch)
            await other.turn(park=lambda: True)

    rig.sink.after = meddle
    outcome = await rig.turn()
    assert (outcome.ending, outcome.failed, outcome.error) == (Ending.TAKEN_OVER, False, "")
    rig.sink.after = None
    await rig.turn()
    assert len(rig.sink.rows()) == 9


async def killed_somewhere(rig, chance: float, dice: random.Random) -> int:
    """Turns until the unit is up to date, each of which may die before or after any commit."""

    class Killed(BaseException):
        pass

    def strike(batch):
        if dice.random() < chance:
            raise Killed

    rig.sink.before = rig.sink.after = strike
    kills = 0
    while True:
        try:
            outcome = await rig.turn()
        except Killed:
            kills += 1
        else:
            assert outcome.ending is Ending.DONE
            rig.sink.before = rig.sink.after = None
            return kills


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("counted", [True, False])
async def test_killed_before_or_after_any_commit_it_ends_as_an_uninterrupted_one(rig, seed, counted):
    dice = random.Random(seed)
    rig.settings = SyncSettings(batch=4)
    if not counted:
        rig.vendor.paging = UNCOUNTED
    listed = rig.vendor.put("a", "things", things(*range(1, 30)))
    steady = attrs.evolve(rig, sink=MemorySink(), events=[])
    kills = 0
    for _ in range(4):
        listed.records[dice.randrange(len(listed.records))]["name"] = f"changed {dice.random()}"
        listed.records.pop(dice.randrange(len(listed.records)))
        listed.records.append({"id": 1000 + dice.randrange(10**6), "name": "new"})
        kills += await killed_somewhere(rig, 0.2, dice)
        await steady.turn()
        assert rig.sink.rows() == steady.sink.rows()
        assert rig.sink.rows(deleted=True) == steady.sink.rows(deleted=True)
    assert kills


async def test_cancelled_at_any_turn_of_the_loop_nothing_is_lost(rig):
    rig.settings = SyncSettings(batch=3)
    listed = rig.vendor.put("a", "things", things(*range(1, 12)))

    async def slowly(batch):
        await asyncio.sleep(0)

    for turn in range(1000):
        rig.sink = MemorySink(before=slowly, after=slowly)
        task = asyncio.create_task(rig.turn())
        for _ in range(turn):
            await asyncio.sleep(0)
        if task.done():
            break
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        listed.records[turn % 11]["name"] = f"changed {turn}"
        for _ in range(2):  # the pass under way may have read the record before it changed
            await rig.turn()
        assert rig.sink.rows() == {str(row["id"]): row for row in listed.records}
    else:
        pytest.fail("it never came to its end")
    assert turn > 5


async def test_commits_are_told_with_the_pass_as_it_stands(rig):
    rig.settings = SyncSettings(batch=3)
    rig.vendor.put("a", "things", things(*range(1, 6)))
    await rig.turn()
    middle, end = rig.heard(Committed)
    assert (middle.underway.records, middle.underway.total, middle.underway.kind) == (3, 5, Kind.WHOLE)
    assert end.underway is None
