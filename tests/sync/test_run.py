"""One round of many accounts: bounded, fair, and nobody's failure is another's."""

from __future__ import annotations

import asyncio

import attrs
import pytest

from sagicc_async import ConfigError, CredentialsRejected, ServerError
from sagicc_async.sync.accounts import SyncAccount
from sagicc_async.sync.events import AccountEnded, AccountStarted, UnitEnded
from sagicc_async.sync.outcome import Changes, Ending, Outcome
from sagicc_async.sync.run import run
from sagicc_async.sync.settings import SyncSettings
from sagicc_async.sync.sink import SinkUnavailable
from sagicc_async.sync.unit import Unit

from .fake_vendor import FakeResource, things


def outcomes_of(rig, account: str, resource: str, *endings: Ending) -> list[Outcome]:
    unit = Unit("fake", account, resource)
    heard = [event.outcome for event in rig.heard(UnitEnded) if event.outcome.unit == unit]
    return [outcome for outcome in heard if not endings or outcome.ending in endings]


async def go(rig, **options):
    return await run(
        options.pop("source", rig.vendor),
        rig.sink,
        sessions=rig.vendor,
        settings=options.pop("settings", rig.settings),
        tell=rig.events.append,
        clock=rig.clock,
        **options,
    )


def refused(account: str) -> CredentialsRejected:
    return CredentialsRejected("the vendor refuses them", vendor="fake", account=account, operation="things.list")


async def test_all_accounts_are_mirrored_and_the_report_adds_up(rig):
    for account in "abc":
        rig.vendor.put(account, "things", things(1, 2, 3, 4))
        rig.vendor.put(account, "others", things(7))
    report = await go(rig)
    assert len(report) == 3
    assert report.changes == Changes(new=15)
    assert report.failed == []
    assert {account.resources for account in report} == {2}
    assert rig.sink.rows(Unit("fake", "b", "others")) == {"7": things(7)[0]}
    assert rig.sink.entered == 0
    assert rig.vendor.hooks == []
    again = await go(rig)
    assert again.changes == Changes(unchanged=15)
    assert again.to_dict()["unchanged"] == 15


async def test_no_more_accounts_are_at_work_than_the_settings_say(rig):
    rig.settings = SyncSettings(at_once=3)
    for number in range(20):
        rig.vendor.put(f"a{number}", "things", things(*range(1, 8)))
    at_work: set[str] = set()
    most = 0

    async def page(account, resource, request):
        nonlocal most
        at_work.add(account)
        most = max(most, len(at_work))
        await asyncio.sleep(0)

    def note(event):
        rig.events.append(event)
        if isinstance(event, AccountEnded):
            at_work.discard(event.account)

    rig.vendor.before = page
    await run(rig.vendor, rig.sink, sessions=rig.vendor, settings=rig.settings, tell=note, clock=rig.clock)
    assert most == 3
    assert len(rig.sink.shelves) == 20


async def test_the_source_is_read_no_faster_than_accounts_are_begun(rig):
    """Ten thousand accounts do not have to be in memory at once."""
    rig.settings = SyncSettings(at_once=2)
    asked, ended, most = 0, 0, 0

    async def source():
        nonlocal asked, most
        for number in range(50):
            rig.vendor.put(f"a{number}", "things", things(1))
            asked += 1
            most = max(most, asked - ended)
            yield rig.vendor.account(f"a{number}")

    def note(event):
        nonlocal ended
        ended += isinstance(event, AccountEnded)

    await run(source(), rig.sink, sessions=rig.vendor, settings=rig.settings, tell=note, clock=rig.clock)
    assert asked == ended == 50
    assert most == 3


async def test_giants_are_parked_for_those_who_wait_and_go_on_afterwards(rig):
    rig.settings = SyncSettings(at_once=1, turn=10, batch=3)
    rig.vendor.put("giant", "things", things(*range(1, 100)))
    for number in range(5):
        rig.vendor.put(f"small{number}", "things", things(1))
    rig.vendor.before = lambda account, resource, request: rig.clock.set(now=rig.clock.now() + 1)
    report = await go(rig)
    order = [event.account for event in rig.heard(AccountStarted)]
    assert order[:6] == ["giant", "small0", "giant", "small1", "giant", "small2"]
    assert report["giant"].changes.new == 99
    assert report["giant"].resources == 1


async def test_a_list_that_always_moves_and_takes_longer_than_a_turn_comes_to_an_end(rig):
    rig.settings = SyncSettings(at_once=1, turn=60, batch=3)
    for account in "ab":
        rig.vendor.put(account, "things", things(*range(1, 31)))
        rig.vendor.put(account, "small", things(1))
    pages = 0

    def before(account, resource, request):
        nonlocal pages
        pages += resource == "things"
        assert pages < 200, "it is read for ever"
        rig.clock.set(now=rig.clock.now() + 7)
        rig.vendor.lists[account, "things"].records[-1] = {"id": 1000 + pages, "name": "new"}
        rig.vendor.lists[account, "things"].total = 30 + pages % 2

    rig.vendor.before = before
    report = await go(rig)
    assert [outcome.passes for outcome in outcomes_of(rig, "a", "things", Ending.DONE)] <= [3]
    assert sum(outcome.passes for outcome in outcomes_of(rig, "a", "things")) == 3
    assert {row["id"] for row in rig.sink.rows(Unit("fake", "a", "small")).values()} == {1}
    assert [trouble.ending for trouble in report["a"].troubles] == [Ending.DONE]


async def test_a_pass_that_moved_before_it_was_parked_is_no_trouble_if_the_next_one_did_not(rig):
    rig.settings = SyncSettings(at_once=1, turn=40)
    for account in "ab":
        rig.vendor.put(account, "things", things(*range(1, 13)))
    asked: list[str] = []

    def before(account, resource, request):
        rig.clock.set(now=rig.clock.now() + 7)
        asked.append(account)
        if account == "a" and asked.count("a") == 2:
            rig.vendor.lists["a", "things"].records.append(things(99)[0])

    rig.vendor.before = before
    report = await go(rig)
    parked = outcomes_of(rig, "a", "things", Ending.PARKED)
    assert any(outcome.drifted for outcome in parked)
    assert report["a"].troubles == []


async def test_what_a_list_raises_that_nobody_foresaw_is_the_trouble_of_its_resource_alone(rig, monkeypatch):
    for account in "ab":
        rig.vendor.put(account, "things", things(1, 2))
    listed = FakeResource.list

    def needs_more(resource):
        if resource._account == "a":
            raise TypeError("list() missing 1 required keyword-only argument: 'sku'")
        return listed(resource)

    monkeypatch.setattr(FakeResource, "list", needs_more)
    report = await go(rig)
    assert [trouble.kind for trouble in report["a"].troubles] == ["TypeError"]
    assert report["b"].changes == Changes(new=2)


async def test_a_tenant_that_fails_stops_at_its_circuit_and_everybody_else_goes_on(rig):
    names = [f"r{number}" for number in range(6)]
    for account in ("good", "garbage", "revoked", "moody"):
        for name in names:
            rig.vendor.put(account, name, things(1))

    def strike(account, resource, request):
        if account == "garbage":
            raise ServerError("it fell over", vendor="fake", account=account, operation="x", status=500)
        if account == "revoked":
            raise refused(account)
        if account == "moody" and resource in ("r1", "r4"):
            raise ServerError("it fell over", vendor="fake", account=account, operation="x", status=500)

    rig.vendor.before = strike
    report = await go(rig)
    assert not report["good"].failed
    assert report["good"].resources == 6
    endings = {name: [trouble.ending for trouble in report[name].troubles] for name in ("garbage", "revoked", "moody")}
    assert endings["garbage"] == [Ending.FAILED] * 3 + [Ending.SKIPPED] * 3
    assert endings["revoked"] == [Ending.FAILED] + [Ending.SKIPPED] * 5
    assert endings["moody"] == [Ending.FAILED] * 2
    assert "refuses" in report["revoked"].error
    assert report["moody"].error == ""
    assert [account.account for account in report.failed] == ["garbage", "revoked", "moody"]


async def test_an_account_that_cannot_be_opened_fails_alone(rig):
    rig.vendor.put("a", "things", things(1))
    rig.vendor.put("b", "things", things(1))

    async def source():
        yield rig.vendor.account("b", base_url="wrong")
        yield rig.vendor.account("c", resources=["thinks"])
        yield rig.vendor.account("a")

    report = await go(rig, source=source())
    assert report["b"].error == "base_url is no URL"
    assert "no resource 'thinks'" in report["c"].error
    assert report["a"].resources == 1


async def test_only_the_accounts_that_are_asked_for(rig):
    for account in "abc":
        rig.vendor.put(account, "things", things(1))
    report = await go(rig, only=["b"])
    assert [account.account for account in report] == ["b"]
    with pytest.raises(ConfigError, match="there is no account d; there are a, b, c"):
        await go(rig, only=["d", "a"])


@pytest.mark.parametrize(
    ("slip", "says"),
    [
        ({"settings": {"account": "x", "page_size": 7}}, "adapter: account cannot be among them"),
        ({"settings": {"base_url": "x", "credentials": {}}}, "base_url, credentials cannot be among them"),
        ({"settings": None}, "the settings of an account are a mapping"),
        ({"settings": {7: "x"}}, "an unexpected TypeError; the log"),
        ({"resources": "things"}, "the resources of an account are a list of names"),
        ({"every": "5m"}, "the `every` of an account is a number of seconds above zero"),
        ({"every": 0}, "the `every` of an account is a number of seconds above zero"),
    ],
)
async def test_a_slip_of_one_account_stops_no_other(rig, slip, says):
    for name in "ab":
        rig.vendor.put(name, "things", things(1))

    async def source():
        yield rig.vendor.account("b", **slip)
        yield rig.vendor.account("a")

    report = await go(rig, source=source())
    assert says in report["b"].error
    assert report["a"].resources == 1


async def test_what_an_adapter_raises_when_it_is_opened_is_the_trouble_of_that_account_and_is_not_quoted(rig, caplog):
    for name in "ab":
        rig.vendor.put(name, "things", things(1))
    opening = rig.vendor.open

    def open_(vendor, credentials, *, account, **settings):
        if account == "b":
            raise KeyError("c4n4ry")
        return opening(vendor, credentials, account=account, **settings)

    rig.vendor.open = open_
    report = await go(rig)
    assert report["b"].error.startswith("it could not be opened: an unexpected KeyError")
    assert report["a"].resources == 1
    assert "c4n4ry" not in report["b"].error + caplog.text


@pytest.mark.parametrize("wrong", [{"name": 7}, {"name": "a\0"}, {"vendor": None}, {"vendor": int}])
def test_an_account_has_a_name_and_a_vendor(wrong):
    with pytest.raises(ConfigError, match=rf"the {next(iter(wrong))} of an account is"):
        SyncAccount(**{"name": "a", "vendor": "serpi", "credentials": {}, **wrong})


async def test_two_accounts_of_one_name_are_refused_and_all_others_and_the_first_are_done(rig):
    for name in "ab":
        rig.vendor.put(name, "things", things(1))

    async def source():
        for name in "aab":
            yield rig.vendor.account(name)

    with pytest.raises(ConfigError, match="two accounts are called 'a'"):
        await go(rig, source=source())
    assert [event.account for event in rig.heard(AccountEnded)] == ["a", "b"]


async def test_a_source_that_breaks_raises_after_those_it_gave_are_done(rig):
    rig.vendor.put("a", "things", things(1, 2))

    async def source():
        yield rig.vendor.account("a")
        raise LookupError("the table of tenants is gone")

    with pytest.raises(LookupError):
        await go(rig, source=source())
    assert len(rig.sink.rows()) == 2


async def test_a_dry_run_tells_what_would_change_and_writes_nothing(rig):
    listed = rig.vendor.put("a", "things", things(*range(1, 9)))
    await go(rig)
    rig.sink.commits.clear()
    listed.records[0]["name"] = "another"
    listed.records.pop()
    listed.records.append({"id": 100, "name": "new"})
    report = await go(rig, dry_run=True)
    assert report.changes == Changes(new=1, changed=1, unchanged=6, deleted=1)
    assert rig.sink.commits == []
    assert await rig.sink.outcomes() == [
        (rig.sink.notes[Unit("fake", "a", "things")], rig.sink.shelves[Unit("fake", "a", "things")].state)
    ]


async def test_a_dry_run_reads_a_list_that_moves_once_and_says_that_it_moved(rig):
    listed = rig.vendor.put("a", "things", things(*range(1, 8)))

    def while_reading(account, resource, request):
        if request.params["page"] == 2:
            listed.records.append({"id": len(listed.records) + 1, "name": "new"})

    rig.vendor.before = while_reading
    report = await go(rig, dry_run=True)
    assert report.changes == Changes(new=8)
    assert [trouble.drifted for trouble in report["a"].troubles] == [True]
    assert report.failed == []


async def test_cancelled_in_the_middle_nothing_is_left_running(rig):
    for number in range(10):
        rig.vendor.put(f"a{number}", "things", things(*range(1, 20)))
    held = asyncio.Event()

    async def page(account, resource, request):
        if request.params["page"] == 3:
            await held.wait()

    rig.vendor.before = page
    task = asyncio.create_task(go(rig))
    await rig.clock.settle()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert len(asyncio.all_tasks()) == 1
    assert rig.sink.entered == 0
    rig.vendor.before = lambda account, resource, request: None
    report = await go(rig)
    assert report.failed == []
    assert all(len(rig.sink.rows(unit)) == 19 for unit in rig.sink.shelves)


def test_an_account_shows_no_credentials():
    account = SyncAccount(name="a", vendor="serpi", credentials={"token": "c4n4ry"})
    assert "c4n4ry" not in repr(account)
    assert attrs.evolve(account, name="b").name == "b"


async def test_a_sink_that_cannot_remember_an_outcome_stops_nobody(rig, caplog):
    for account in "ab":
        rig.vendor.put(account, "things", things(1))

    async def note(outcome):
        raise ConfigError("a newer release uses it")

    rig.sink.note = note
    report = await go(rig)
    assert report.changes.new == 2
    assert "how it went is not remembered: a newer release uses it" in caplog.text


async def test_a_sink_that_stays_away_is_waited_for_once_and_not_by_each_in_turn(rig):
    rig.settings = SyncSettings(at_once=1, patience=60)
    for number in range(20):
        rig.vendor.put(f"a{number}", "things", things(1))

    def unavailable(batch):
        raise SinkUnavailable("the database is away")

    rig.sink.before = unavailable
    task = asyncio.create_task(go(rig))
    await rig.clock.advance(70)
    assert task.done()
    report = await task
    assert len(report.failed) == 20
    assert report.seconds <= 60
    assert {trouble.kind for account in report for trouble in account.troubles} == {"SinkUnavailable"}


async def test_a_sink_that_takes_what_others_give_is_not_asked_the_same_for_ever(rig):
    rig.settings = SyncSettings(patience=60, batch=1)
    rig.vendor.put("good", "things", things(*range(1, 60)))
    rig.vendor.put("bad", "things", things(1))

    def refuse(batch):
        if batch.unit.account == "bad":
            raise SinkUnavailable("somebody else keeps a lock")

    async def page(account, resource, request):
        if account == "good":
            await rig.clock.sleep(10)

    rig.sink.before, rig.vendor.before = refuse, page
    task = asyncio.create_task(go(rig))
    await rig.clock.advance(70)
    (bad,) = [event.outcome for event in rig.heard(UnitEnded)]
    assert (bad.unit.account, bad.ending, bad.kind) == ("bad", Ending.FAILED, "SinkUnavailable")
    await rig.clock.advance(200)
    assert (await task)["good"].changes.new == 59
