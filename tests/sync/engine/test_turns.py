"""What a worker does with a job, and what becomes of it."""

from __future__ import annotations

import asyncio

import attrs
import pytest

from sagicc_async import CredentialsRejected, NotFound, ServerError
from sagicc_async.sync.events import AccountEnded
from sagicc_async.sync.outcome import Changes, Ending
from sagicc_async.sync.procrastinate.settings import EngineSettings
from sagicc_async.sync.settings import SyncSettings
from sagicc_async.sync.sink import SinkUnavailable
from sagicc_async.sync.unit import Unit

from ..fake_vendor import things


def failing(kind, *resources):
    """Fail the lists of some resources."""

    def before(account, resource, request):
        if resource in resources:
            raise kind("it fails", vendor="fake", account=account, operation=f"{resource}.list")

    return before


async def test_a_round_is_a_job_for_each_resource_and_its_outcomes_share_an_id(bench):
    bench.rig.vendor.put("a", "things", things(1, 2, 3, 4))
    bench.rig.vendor.put("a", "others", things(7))
    await bench.turns.round("a")
    assert await bench.waiting() == ["a things", "a others"]
    (round_,) = {queued.job.round for queued in await bench.queue.unfinished()}
    await bench.do_all()
    things_, others = bench.outcome("a", "things"), bench.outcome("a", "others")
    assert (things_.ending, things_.changes) == (Ending.DONE, Changes(new=4))
    assert (others.ending, others.changes) == (Ending.DONE, Changes(new=1))
    assert {things_.round, others.round} == {round_}


async def test_a_round_does_not_begin_while_a_job_of_the_one_before_is_there(bench):
    bench.rig.vendor.put("a", "things", things(1))
    bench.rig.vendor.put("a", "others", things(7))
    await bench.turns.round("a")
    await bench.do()
    await bench.turns.round("a")
    assert await bench.waiting() == ["a others"]
    await bench.do()
    await bench.turns.round("a")
    assert await bench.waiting() == ["a things", "a others"]


async def test_a_job_that_is_parked_goes_on_behind_the_others_and_counts_all_its_turns(bench):
    bench.rig.vendor.put("a", "things", things(*range(10)))
    bench.rig.vendor.put("a", "others", things(7))
    bench.leaving = True
    await bench.turns.round("a")
    await bench.do()
    assert await bench.waiting() == ["a others", "a things"]
    assert bench.outcome("a", "things").ending is Ending.PARKED
    bench.leaving = False
    await bench.do_all()
    assert bench.outcome("a", "things").ending is Ending.DONE
    assert bench.outcome("a", "things").changes.new == 10


@pytest.mark.parametrize(("concurrency", "ending"), [(1, Ending.PARKED), (2, Ending.DONE)])
async def test_a_turn_ends_where_others_may_wait_and_goes_on_where_nobody_does(bench, concurrency, ending):
    bench.concurrency = concurrency
    bench.rig.settings = SyncSettings(turn=5)
    bench.rig.vendor.put("a", "things", things(*range(10)))
    bench.rig.vendor.before = lambda *_: bench.rig.clock.sleep(3)
    await bench.turns.round("a")
    queued = await bench.begin()
    doing = asyncio.create_task(bench.turns.unit(queued.job))
    await bench.rig.clock.advance(30)
    await doing
    assert bench.outcome("a", "things").ending is ending


async def test_a_failure_that_may_pass_is_tried_again_a_few_times_later_and_later(bench):
    bench.engine = EngineSettings(retries=2, backoff=10)
    bench.rig.settings = SyncSettings(failures=99)
    bench.rig.vendor.put("a", "things", things(1, 2))
    bench.rig.vendor.before = failing(ServerError, "things")
    await bench.turns.round("a")
    delays = []
    while bench.connector.jobs:
        await bench.do()
        delays += [bench.delay()] if bench.connector.jobs else []
    assert [round(delay) for delay in delays] == [10, 40]
    assert (bench.outcome("a", "things").ending, bench.outcome("a", "things").kind) == (Ending.FAILED, "ServerError")


async def test_what_succeeds_at_its_second_attempt_is_done(bench):
    bench.rig.vendor.put("a", "things", things(1, 2))
    bench.rig.vendor.before = failing(ServerError, "things")
    await bench.turns.round("a")
    await bench.do()
    assert await bench.waiting() == ["a things"]
    bench.rig.vendor.before = lambda *_: None
    await bench.do()
    assert await bench.waiting() == []
    assert bench.outcome("a", "things").ending is Ending.DONE


async def test_what_somebody_has_to_mend_is_not_tried_again(bench):
    bench.rig.vendor.put("a", "things", things(1))
    bench.rig.vendor.before = failing(NotFound, "things")
    await bench.turns.round("a")
    await bench.do()
    assert await bench.waiting() == []


async def test_after_failures_in_a_row_the_other_jobs_of_the_account_are_left_alone_and_nobody_elses(bench):
    bench.rig.settings = SyncSettings(failures=2)
    for name in ("one", "two", "three", "four"):
        bench.rig.vendor.put("a", name, things(1))
        bench.rig.vendor.put("b", name, things(1))
    bench.rig.vendor.before = lambda account, resource, request: (
        failing(ServerError, "one", "two")(account, resource, request) if account == "a" else None
    )
    await bench.turns.round("a")
    await bench.turns.round("b")
    await bench.do()
    bench.rig.clock._now += 1
    await bench.do()
    assert {unit for unit in await bench.waiting() if unit.startswith("a ")} == set()  # the retry of `one` neither
    assert len(await bench.waiting()) == 4
    left = [bench.outcome("a", name) for name in ("three", "four")]
    assert {outcome.ending for outcome in left} == {Ending.SKIPPED}
    assert "left alone after failures in a row: " in left[0].error
    assert "it fails" in left[0].error
    assert {bench.outcome("a", name).ending for name in ("one", "two")} == {Ending.FAILED}
    await bench.do_all()
    assert bench.outcome("b", "four").ending is Ending.DONE


async def test_refused_credentials_end_the_round_at_once(bench):
    bench.rig.vendor.put("a", "things", things(1))
    bench.rig.vendor.put("a", "others", things(1))
    bench.rig.vendor.before = failing(CredentialsRejected, "things")
    await bench.turns.round("a")
    await bench.do()
    assert await bench.waiting() == []
    assert bench.outcome("a", "others").ending is Ending.SKIPPED


async def test_failures_of_an_earlier_round_do_not_count(bench):
    bench.rig.settings = SyncSettings(failures=2)
    bench.engine = EngineSettings(retries=0)
    bench.rig.vendor.put("a", "one", things(1))
    bench.rig.vendor.put("a", "two", things(1))
    bench.rig.vendor.before = failing(ServerError, "two")
    for _ in range(2):
        bench.rig.clock._now += 1
        await bench.turns.round("a")
        await bench.do_all()
    assert bench.outcome("a", "one").ending is Ending.DONE
    bench.rig.vendor.before = failing(ServerError, "one")
    await bench.turns.round("a")
    await bench.do()
    assert await bench.waiting() == ["a two"]


async def test_an_account_that_is_gone_is_skipped(bench):
    bench.rig.vendor.put("a", "things", things(1))
    await bench.turns.round("a")
    bench.rig.vendor.lists.clear()
    bench.rig.vendor.put("b", "things", things(1))
    await bench.rig.clock.advance(60)
    await bench.do()
    outcome = bench.outcome("a", "things")
    assert (outcome.ending, outcome.error) == (Ending.SKIPPED, "there is no such account any more")
    assert bench.rig.vendor.forgotten == ["a"]
    await bench.turns.round("a")
    assert await bench.waiting() == []


async def test_a_source_that_fails_fails_the_job_without_its_words(bench):
    bench.rig.vendor.put("a", "things", things(1))
    await bench.turns.round("a")
    await bench.rig.clock.advance(60)
    bench.source_fails = RuntimeError("password=hunter2")
    await bench.do()
    assert bench.outcome("a", "things").error == "the source of accounts raised RuntimeError"
    await bench.turns.round("a")


async def test_an_account_that_cannot_be_opened_is_told_and_puts_nothing_into_the_queue(bench):
    bench.rig.vendor.put("a", "things", things(1))
    bench.rig.vendor.account = lambda name: attrs.evolve(
        type(bench.rig.vendor).account(bench.rig.vendor, name), base_url="wrong"
    )
    await bench.turns.round("a")
    assert await bench.waiting() == []
    assert bench.rig.heard(AccountEnded) == [AccountEnded(account="a", vendor="fake", error="base_url is no URL")]


async def test_a_job_of_a_resource_that_is_gone_fails_alone(bench):
    bench.rig.vendor.put("a", "things", things(1))
    bench.rig.vendor.put("a", "others", things(1))
    await bench.turns.round("a")
    del bench.rig.vendor.lists["a", "things"]
    await bench.do_all()
    assert bench.outcome("a", "things").error == "fake has no resource 'things'"
    assert bench.outcome("a", "others").ending is Ending.DONE


async def test_a_sink_that_is_away_for_too_long_has_the_job_tried_again(bench):
    bench.rig.settings = SyncSettings(patience=0)
    bench.rig.vendor.put("a", "things", things(1))

    async def away(*_):
        raise SinkUnavailable("it is away")

    await bench.turns.round("a")
    sink = bench.rig.sink
    sink.commit, sink.note, sink.outcomes = away, away, away
    await bench.do()
    assert await bench.waiting() == ["a things"]
    assert sink.notes == {}
    del sink.commit, sink.note, sink.outcomes
    await bench.do()
    assert sink.rows(Unit("fake", "a", "things"))
