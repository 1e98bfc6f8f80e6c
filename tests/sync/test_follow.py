"""Round after round: when each account's begins, who comes and who goes."""

from __future__ import annotations

import asyncio
import logging
from random import Random

import pytest

from sagicc_async import ConfigError
from sagicc_async.sync.events import AccountEnded, AccountStarted
from sagicc_async.sync.run import follow
from sagicc_async.sync.schedule import Schedule, every
from sagicc_async.sync.settings import SyncSettings

from .fake_vendor import things


class Following:
    """A sync that follows, on a clock that stands still."""

    def __init__(self, rig, only=(), source=None, **settings):
        self.rig = rig
        self.only = only
        self.source = rig.vendor if source is None else source
        self.stop = asyncio.Event()
        self.settings = SyncSettings(**{"every": 100, "jitter": 0, **settings})

    async def __aenter__(self):
        rig = self.rig
        self.task = asyncio.create_task(
            follow(
                self.source,
                rig.sink,
                stop=self.stop,
                sessions=rig.vendor,
                settings=self.settings,
                only=self.only,
                tell=lambda event: rig.events.append((rig.clock.now(), event)),
                clock=rig.clock,
            )
        )
        await rig.clock.settle()
        return self

    async def __aexit__(self, *_):
        self.task.cancel()
        await asyncio.gather(self.task, return_exceptions=True)

    def began(self, account="a"):
        heard = [(at - 1000, event) for at, event in self.rig.events if isinstance(event, AccountStarted)]
        return [at for at, event in heard if event.account == account]


async def test_rounds_begin_as_often_as_asked_for_and_changes_arrive(rig):
    listed = rig.vendor.put("a", "things", things(1, 2))
    async with Following(rig) as following:
        await rig.clock.advance(50)
        listed.records[0]["name"] = "another"
        await rig.clock.advance(260)
        assert following.began() == [0, 100, 200, 300]
        assert rig.sink.rows()["1"]["name"] == "another"


async def test_no_round_begins_before_the_one_before_it_is_over(rig):
    rig.vendor.put("slow", "things", things(1, 2))
    rig.vendor.put("quick", "things", things(1))

    async def page(account, resource, request):
        if account == "slow":
            await rig.clock.sleep(250)

    rig.vendor.before = page
    async with Following(rig) as following:
        await rig.clock.advance(700)
        assert following.began("quick") == [0, 100, 200, 300, 400, 500, 600, 700]
        began = following.began("slow")
        ended = [at - 1000 for at, event in rig.events if isinstance(event, AccountEnded) and event.account == "slow"]
        assert len(ended) >= 2
        assert all(before <= after for before, after in zip(ended, began[1:], strict=False))


async def test_accounts_come_and_go_without_a_restart(rig):
    rig.vendor.put("a", "things", things(1))
    async with Following(rig) as following:
        rig.vendor.put("b", "things", things(1))
        await rig.clock.advance(31)  # the source is looked at every thirty seconds
        assert following.began("b")
        del rig.vendor.lists["a", "things"]
        await rig.clock.advance(200)
        assert rig.vendor.forgotten == ["a"]
        assert following.began("a") == [0]


async def test_an_account_that_goes_while_its_round_is_under_way_is_let_finish(rig):
    rig.vendor.put("a", "things", things(1, 2))
    rig.vendor.put("b", "things", things(1))
    gone = []

    async def page(account, resource, request):
        if account == "a":
            await rig.clock.sleep(100)

    rig.vendor.before = page
    source = rig.vendor.source

    async def without():
        async for account in source():
            if account.name not in gone:
                yield account

    rig.vendor.source = without
    async with Following(rig):
        gone.append("a")
        await rig.clock.advance(60)
        assert rig.vendor.forgotten == []
        await rig.clock.advance(60)
        assert rig.vendor.forgotten == ["a"]
    assert {unit.account for unit in rig.sink.shelves} == {"a", "b"}


async def test_a_source_that_breaks_is_asked_again_and_nobody_is_taken_for_gone(rig, caplog):
    rig.vendor.put("a", "things", things(1))
    broken = []
    source = rig.vendor.source

    async def moody():
        if broken:
            raise OSError("c4n4ry")
        async for account in source():
            yield account

    rig.vendor.source = moody
    with caplog.at_level(logging.ERROR, "sagicc_async.sync"):
        async with Following(rig) as following:
            broken.append(True)
            await rig.clock.advance(90)
            broken.clear()
            await rig.clock.advance(60)
            assert len(following.began()) == 2
    assert rig.vendor.forgotten == []
    assert "could not be read (OSError)" in caplog.text
    assert "c4n4ry" not in caplog.text


async def test_what_we_say_of_a_source_is_in_the_log(rig, caplog):
    rig.vendor.put("a", "things", things(1))

    async def wrong():
        raise ConfigError("accounts.toml is not TOML")
        yield

    rig.vendor.source = wrong
    async with Following(rig):
        await rig.clock.settle()
    assert "the accounts could not be read: accounts.toml is not TOML; they are asked for again" in caplog.text


async def test_an_account_that_is_asked_for_and_is_not_there_is_told_at_once(rig):
    rig.vendor.put("a", "things", things(1))
    with pytest.raises(ConfigError, match="there is no account b; there are a"):
        await follow(rig.vendor, rig.sink, sessions=rig.vendor, only=["b"], clock=rig.clock)
    assert rig.sink.entered == 0


async def test_who_is_asked_for_may_be_in_a_source_that_cannot_be_read_yet(rig):
    rig.vendor.put("a", "things", things(1))
    rig.vendor.put("b", "things", things(1))
    source, broken = rig.vendor.source, [True]

    async def moody():
        if broken:
            raise OSError
        async for account in source():
            yield account

    rig.vendor.source = moody
    async with Following(rig, only=["b"]) as following:
        broken.clear()
        await rig.clock.advance(31)
        assert (following.began("a"), following.began("b")) == ([], [30])


async def test_asked_to_stop_it_finishes_what_is_under_way_and_reports(rig):
    rig.vendor.put("a", "things", things(*range(1, 9)))

    async def page(account, resource, request):
        await rig.clock.sleep(10)

    rig.vendor.before = page
    async with Following(rig) as following:
        await rig.clock.advance(5)
        following.stop.set()
        await rig.clock.advance(50)
        report = await following.task
    assert report["a"].changes.new == 8
    assert len(following.began()) == 1


async def test_stopped_while_nothing_is_under_way_it_ends_at_once(rig):
    rig.vendor.put("a", "things", things(1))
    async with Following(rig) as following:
        await rig.clock.advance(5)
        following.stop.set()
        await rig.clock.settle()
        assert following.task.done()


async def test_a_round_that_waits_for_its_place_when_the_stop_comes_does_not_begin(rig):
    for account in "ab":
        rig.vendor.put(account, "things", things(1, 2))

    async def page(account, resource, request):
        await rig.clock.sleep(10)

    rig.vendor.before = page
    async with Following(rig, at_once=1) as following:
        await rig.clock.advance(5)
        following.stop.set()
        await rig.clock.advance(50)
        await following.task
    assert (following.began("a"), following.began("b")) == ([0], [])


async def test_a_pace_that_is_changed_counts_from_the_latest_round_on(rig):
    rig.vendor.put("a", "things", things(1))
    pace = 10_000

    class Changing:
        async def __aiter__(self):
            yield rig.vendor.account("a", every=pace)

    async with Following(rig, source=Changing()) as following:
        await rig.clock.advance(40)
        pace = 50
        await rig.clock.advance(65)
        assert following.began() == [0, 60]  # at the next look, since it was due by then


def test_an_accounts_own_pace_goes_before_its_vendors_advice_and_that_before_the_setting(rig):
    settings = SyncSettings(every=77)
    assert every(rig.vendor.account("a", every=5), settings) == 5
    assert every(rig.vendor.account("a"), settings) == 77  # no such adapter: opening it says so
    assert every(rig.vendor.account("a", every=0), settings) == 77  # the same


async def test_jitter_spreads_the_rounds_and_keeps_their_pace(rig):
    settings = SyncSettings(every=100, jitter=0.2)
    for number in range(50):
        rig.vendor.put(f"a{number}", "things", things(1))
    schedule = Schedule(rig.vendor, settings, rig.clock, rig.vendor.forget, Random(1))
    feed = schedule.feed()
    for _ in range(50):
        await anext(feed)
    due = [round_.due - rig.clock.now() for round_ in schedule._rounds.values()]
    assert all(80 <= seconds <= 120 for seconds in due)
    assert max(due) - min(due) > 20
    await feed.aclose()


@pytest.mark.parametrize("turn", range(0, 40, 3))
async def test_cancelled_at_any_turn_it_leaves_nothing_running(rig, turn):
    rig.vendor.put("a", "things", things(1, 2))
    async with Following(rig) as following:
        for _ in range(turn):
            await asyncio.sleep(0)
        following.task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await following.task
    assert len(asyncio.all_tasks()) == 1
    assert rig.sink.entered == 0
    assert rig.clock.timers == []
