"""A run whose work others do: told as one that is done here, and patient with what is not its own."""

from __future__ import annotations

import asyncio

import attrs
import pytest

from sagicc_async import ConfigError, ServerError
from sagicc_async.sync.events import AccountEnded, AccountStarted, UnitEnded
from sagicc_async.sync.outcome import Changes, Ending, Outcome
from sagicc_async.sync.procrastinate import EngineSettings, ProcrastinateExecutor, QueueUnavailable
from sagicc_async.sync.run import follow, run
from sagicc_async.sync.settings import SyncSettings
from sagicc_async.sync.sink import SinkUnavailable

from ..fake_vendor import things

DSN = "postgresql://user:canary@db.example:5433/jobs"


@pytest.fixture
def executor(bench):
    made = ProcrastinateExecutor(DSN)
    made._open = lambda: bench.queue
    return made


@pytest.fixture
def sync(bench, executor):
    """Begin a run by the queue of the bench."""
    running = []

    def begin(**options):
        call = options.pop("call", run)
        options = {"settings": bench.rig.settings, "executor": executor, **options}
        doing = call(
            bench,
            bench.rig.sink,
            sessions=bench.rig.vendor,
            clock=bench.rig.clock,
            tell=bench.rig.events.append,
            **options,
        )
        running.append(asyncio.create_task(doing))
        return running[-1]

    yield begin
    for task in running:
        task.cancel()


async def looks(bench, times=1):
    await bench.rig.clock.advance(times)


async def test_what_workers_did_is_told_as_if_it_had_been_done_here(bench, sync):
    bench.rig.vendor.put("a", "things", things(1, 2, 3, 4))
    bench.rig.vendor.put("a", "others", things(7))
    running = sync()
    await looks(bench)
    assert bench.rig.events == []  # nobody has begun it
    doing = await bench.begin()
    await looks(bench)
    assert bench.rig.heard(AccountStarted) == [AccountStarted(account="a", vendor="fake")]
    await bench.turns.unit(doing.job)
    del bench.connector.jobs[doing.id]
    bench.rig.events.clear()
    await looks(bench)
    assert [event.outcome.unit.resource for event in bench.rig.heard(UnitEnded)] == ["things"]
    assert not bench.rig.heard(AccountEnded)
    await bench.do_all()
    bench.rig.events.clear()
    await looks(bench)
    report = await running
    assert [type(event) for event in bench.rig.events] == [UnitEnded, AccountEnded]
    assert (report["a"].resources, report.changes) == (2, Changes(new=5))
    assert report.failed == []
    assert bench.connector.states[-1] == "closed_async"


async def test_a_unit_that_fails_and_those_that_are_left_alone_are_named_and_why(bench, sync):
    bench.rig.settings, bench.engine = SyncSettings(failures=1), EngineSettings(retries=0)
    bench.rig.vendor.put("a", "things", things(1))
    bench.rig.vendor.put("a", "others", things(1))
    bench.rig.vendor.put("b", "things", things(1))

    def before(account, resource, request):
        if account == "a":
            raise ServerError("it fails", vendor="fake", account=account, operation="things.list")

    bench.rig.vendor.before = before
    running = sync()
    await looks(bench)
    await bench.do_all()
    await looks(bench)
    report = await running
    assert [account.account for account in report.failed] == ["a"]
    assert {trouble.unit.resource: trouble.ending for trouble in report["a"].troubles} == {
        "things": Ending.FAILED,
        "others": Ending.SKIPPED,
    }
    assert "it fails" in report["a"].error
    assert report["b"].resources == 1


async def test_a_unit_that_is_tried_again_is_not_over(bench, sync):
    bench.rig.vendor.put("a", "things", things(1))
    bench.rig.vendor.before = lambda *_: (_ for _ in ()).throw(
        ServerError("it fails", vendor="fake", account="a", operation="things.list")
    )
    running = sync()
    await looks(bench)
    await bench.do()
    bench.rig.vendor.before = lambda *_: None
    bench.rig.events.clear()
    await looks(bench, 5)
    assert not bench.rig.heard(UnitEnded)
    await bench.do()
    await looks(bench)
    report = await running
    assert report.failed == []
    assert report["a"].resources == 1


async def test_a_run_that_is_cancelled_leaves_its_jobs_and_the_next_one_waits_for_them(bench, sync):
    bench.rig.vendor.put("a", "things", things(1))
    bench.rig.vendor.put("a", "others", things(1))
    first = sync()
    await looks(bench)
    first.cancel()
    with pytest.raises(asyncio.CancelledError):
        await first
    assert await bench.waiting() == ["a things", "a others"]
    await bench.do()
    second = sync()
    await looks(bench)
    assert await bench.waiting() == ["a others"]
    await bench.do()
    await looks(bench)
    report = await second
    assert report["a"].resources == 1


async def test_an_account_that_cannot_be_opened_is_over_at_once_and_one_without_resources_too(bench, sync):
    bench.rig.vendor.put("a", "things", things(1))
    bench.rig.vendor.put("b", "things", things(1))
    make = bench.rig.vendor.account
    bench.rig.vendor.account = lambda name: (
        attrs.evolve(make(name), base_url="wrong") if name == "a" else attrs.evolve(make(name), resources=[])
    )
    running = sync()
    await looks(bench)
    report = await running
    assert report["a"].error == "base_url is no URL"
    assert (report["b"].error, report["b"].ended) == ("", True)
    assert bench.connector.jobs == {}


async def test_a_job_that_somebody_removed_is_reported_and_waited_for_by_nobody(bench, sync):
    bench.rig.vendor.put("a", "things", things(1))
    running = sync()
    await looks(bench)
    bench.connector.jobs.clear()
    await looks(bench)
    (trouble,) = (await running)["a"].troubles
    assert trouble.ending is Ending.FAILED
    assert "left the queue without an outcome" in trouble.error


async def test_an_outcome_of_an_earlier_round_is_not_taken_for_one_of_this(bench, sync):
    bench.rig.vendor.put("a", "things", things(1))
    first = sync()
    await looks(bench)
    await bench.do_all()
    await looks(bench)
    await first
    second = sync()
    await looks(bench)
    bench.connector.jobs.clear()
    await looks(bench)
    assert (await second)["a"].troubles[0].ending is Ending.FAILED


async def test_the_outcome_of_a_later_round_counts_where_only_that_is_left(bench, sync):
    bench.rig.vendor.put("a", "things", things(1))
    running = sync()
    await looks(bench)
    (queued,) = await bench.queue.unfinished()
    bench.connector.jobs.clear()
    at = bench.rig.clock.wall()
    await bench.rig.sink.note(
        Outcome(unit=queued.job.unit, ending=Ending.DONE, changes=Changes(new=1), at=at, round="later")
    )
    await looks(bench)
    assert (await running)["a"].changes == Changes(new=1)


@pytest.mark.parametrize("error", [QueueUnavailable("the queue is away"), SinkUnavailable("the sink is away")])
async def test_what_is_away_is_waited_for(bench, sync, error):
    bench.rig.vendor.put("a", "things", things(1))
    running = sync()
    await looks(bench)
    await bench.do_all()
    outcomes = bench.rig.sink.outcomes

    async def away():
        raise error

    bench.rig.sink.outcomes = away
    await looks(bench, 60)
    assert not running.done()
    bench.rig.sink.outcomes = outcomes
    await looks(bench)
    assert (await running)["a"].resources == 1


async def test_what_stays_away_ends_the_run_with_a_reason(bench, sync):
    bench.rig.vendor.put("a", "things", things(1))
    running = sync()
    await looks(bench)

    async def away(**_):
        raise OSError("connection refused")

    bench.connector.list_jobs_all = away
    await looks(bench, 302)
    with pytest.raises(ConfigError, match=r"the queue at memory cannot be used: OSError"):
        await running


async def test_rounds_follow_each_other_and_never_overlap(bench, sync):
    bench.rig.settings = SyncSettings(every=10, jitter=0)
    bench.rig.vendor.put("a", "things", things(1))
    stop = asyncio.Event()
    running = sync(call=follow, stop=stop)
    for _ in range(3):
        await looks(bench)
        assert await bench.waiting() == ["a things"]
        await looks(bench, 20)  # nobody works, so the round lasts
        assert await bench.waiting() == ["a things"]
        await bench.do_all()
        await looks(bench)
    await bench.do_all()
    stop.set()
    await looks(bench, 11)
    await bench.do_all()
    await looks(bench, 2)
    await running
    assert len(bench.rig.heard(AccountEnded)) >= 3


async def test_a_dry_run_is_refused(bench, sync):
    bench.rig.vendor.put("a", "things", things(1))
    with pytest.raises(ConfigError, match="a dry run is done in one process"):
        await sync(dry_run=True)
    assert bench.connector.jobs == {}


def test_it_shows_where_the_queue_is_without_the_password():
    assert repr(ProcrastinateExecutor(DSN)) == "<ProcrastinateExecutor postgresql://db.example:5433/jobs>"


def test_an_address_that_is_none_is_an_error_at_once_and_is_not_quoted():
    with pytest.raises(ConfigError, match="is none") as caught:
        ProcrastinateExecutor("canary no address")
    assert "canary" not in str(caught.value)
