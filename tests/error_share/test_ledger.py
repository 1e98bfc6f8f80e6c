"""A ledger visits its store now and then, loses nothing on the way, and never fails a request."""

from __future__ import annotations

import asyncio
import logging

import attrs
import pytest

from sagicc_async.error_share import ledger as ledgers
from sagicc_async.error_share.guard import Guards
from sagicc_async.error_share.ledger import Ledger
from sagicc_async.error_share.rules import ErrorShare
from sagicc_async.error_share.tally import OutcomeCount
from sagicc_async.observe.reporter import Reporter

DAY = 86_400
KEY = "company"


@attrs.define
class Shelf:
    """A store in memory that can be slow or broken."""

    kept: dict[int, OutcomeCount] = attrs.field(factory=dict)
    visits: list[dict[int, OutcomeCount]] = attrs.field(factory=list)
    fails: list[Exception] = attrs.field(factory=list)
    open: asyncio.Event = attrs.field(factory=asyncio.Event)

    def __attrs_post_init__(self):
        self.open.set()

    async def add(self, key, counts, *, since):
        assert key == KEY
        self.visits.append(dict(counts))
        await self.open.wait()
        if self.fails:
            raise self.fails.pop(0)
        for day, count in counts.items():
            self.kept[day] = self.kept.get(day, OutcomeCount()) + count
        self.kept = {day: count for day, count in self.kept.items() if day >= since}
        return self.kept


@pytest.fixture
async def shelf():
    return Shelf()


@pytest.fixture
async def ledger(shelf, manual_clock):
    ledger = Ledger(KEY, 7, shelf, manual_clock)
    yield ledger
    shelf.open.set()
    await ledger.close()


def count(ledger: Ledger, requests: int, errors: int = 0) -> None:
    for number in range(requests):
        ledger.count(error=number < errors)


async def test_what_the_store_holds_is_known_before_the_first_request(ledger, shelf, manual_clock):
    shelf.kept = {int(manual_clock.wall() // DAY): OutcomeCount(30, 3)}

    await asyncio.gather(*(ledger.ready() for _ in range(5)))

    assert ledger.total() == OutcomeCount(30, 3)
    assert shelf.visits == [{}]


async def test_a_hundred_requests_are_one_visit(ledger, shelf, manual_clock):
    today = int(manual_clock.wall() // DAY)
    count(ledger, 100, 10)
    await manual_clock.advance(4)
    assert shelf.visits == []
    await manual_clock.advance(2)
    assert shelf.visits == [{today: OutcomeCount(100, 10)}]
    await manual_clock.advance(60)
    assert len(shelf.visits) == 1  # with nothing new, nothing is written
    count(ledger, 1)
    await manual_clock.advance(6)
    assert shelf.kept == {today: OutcomeCount(101, 10)}


async def test_what_others_counted_is_known_after_the_next_visit(ledger, shelf, manual_clock):
    today = int(manual_clock.wall() // DAY)
    count(ledger, 10)
    shelf.kept[today] = OutcomeCount(90, 80)
    await manual_clock.advance(6)

    assert ledger.total() == OutcomeCount(100, 80)


async def test_days_that_count_no_more_leave_the_total(ledger, manual_clock):
    count(ledger, 50, 50)
    await manual_clock.advance(6 * DAY)
    assert ledger.total() == OutcomeCount(50, 50)
    await manual_clock.advance(DAY)
    assert ledger.total() == OutcomeCount()


async def test_what_comes_during_a_visit_is_for_the_next_one_and_counts_at_once(ledger, shelf, manual_clock):
    count(ledger, 5)
    shelf.open.clear()
    await manual_clock.advance(6)
    count(ledger, 2, 1)
    assert ledger.total() == OutcomeCount(7, 1)
    shelf.open.set()
    await manual_clock.advance(6)

    assert [sum(visit.values(), OutcomeCount()).requests for visit in shelf.visits] == [5, 2]
    assert ledger.total() == OutcomeCount(7, 1)


async def test_closing_stores_the_rest(ledger, shelf, manual_clock):
    count(ledger, 3, 1)

    await ledger.close()

    assert list(shelf.kept.values()) == [OutcomeCount(3, 1)]
    assert manual_clock.timers == []


async def test_a_store_that_fails_keeps_nobody_waiting_and_is_told_once_an_outage(ledger, shelf, manual_clock, caplog):
    shelf.fails = [OSError("the disk is full"), RuntimeError("redis://user:canary@host")]
    await ledger.ready()
    for _ in range(3):  # the first fails again, the other two arrive
        count(ledger, 1)
        await manual_clock.advance(6)
    shelf.fails = [RuntimeError("redis://user:canary@host")]
    count(ledger, 1)
    await manual_clock.advance(6)
    lines = [entry.getMessage() for entry in caplog.records if entry.levelno == logging.WARNING]

    assert ledger.total() == OutcomeCount(4, 0)
    assert lines == [
        "errors are counted without being kept: the disk is full",
        "errors are counted without being kept: RuntimeError",
    ]
    await ledger.close()
    assert list(shelf.kept.values()) == [OutcomeCount(4, 0)]


async def test_a_store_that_hangs_holds_nobody_up_for_long(ledger, shelf, monkeypatch, caplog):
    monkeypatch.setattr(ledgers, "_PATIENCE", 0.01)
    shelf.open.clear()
    count(ledger, 1)
    async with asyncio.timeout(2):
        await ledger.ready()
        await ledger.close()

    assert ledger.total() == OutcomeCount(1, 0)
    assert [entry.getMessage() for entry in caplog.records] == ["errors are counted without being kept: TimeoutError"]


class Thread(Shelf):
    """A store that goes on, whoever has ceased to wait for it."""

    async def add(self, key, counts, *, since):
        return await asyncio.shield(asyncio.ensure_future(super().add(key, counts, since=since)))


@pytest.mark.parametrize("cancelled", [False, True])
async def test_what_a_store_adds_late_is_added_once(manual_clock, monkeypatch, cancelled):
    monkeypatch.setattr(ledgers, "_PATIENCE", 0.01)
    shelf = Thread()
    shelf.open.clear()
    ledger = Ledger(KEY, 7, shelf, manual_clock)
    count(ledger, 3, 1)
    await ledger.ready()
    count(ledger, 2)
    assert ledger.total() == OutcomeCount(5, 1)
    if cancelled:
        closing = asyncio.create_task(ledger.close())
        await asyncio.sleep(0)
        closing.cancel()
        await asyncio.wait([closing])

    shelf.open.set()
    await manual_clock.advance(6)
    await ledger.close()

    assert sum(shelf.kept.values(), OutcomeCount()) == OutcomeCount(5, 1)
    assert ledger.total() == OutcomeCount(5, 1)


@pytest.mark.parametrize("who", ["waits", "closes"])
async def test_whoever_is_cancelled_leaves_at_once(ledger, shelf, who):
    shelf.open.clear()
    count(ledger, 1)
    task = asyncio.create_task(ledger.ready() if who == "waits" else ledger.close())
    for _ in range(3):
        await asyncio.sleep(0)
    task.cancel()
    await asyncio.wait([task], timeout=1)

    assert task.cancelled()
    if who == "waits":  # the visit goes on for the others
        shelf.open.set()
        await ledger.ready()
        assert list(shelf.kept.values()) == [OutcomeCount(1, 0)]
    assert ledger.total() == OutcomeCount(1, 0)


@pytest.mark.parametrize("turn", range(1, 5))
async def test_whoever_closes_all_guards_and_is_cancelled_leaves_no_visit_behind(shelf, manual_clock, turn):
    shelf.open.clear()
    guards = Guards(shelf, Reporter(), manual_clock)
    guard = guards.guard(KEY, ErrorShare(limit=0.5, days=7), vendor="acme", account="one")
    guard.count(error=False)
    waiting = asyncio.create_task(guard.ready())
    await asyncio.sleep(0)
    closing = asyncio.create_task(guards.close())
    for _ in range(turn):
        await asyncio.sleep(0)
    closing.cancel()
    await asyncio.wait([closing, waiting], timeout=1)

    assert closing.cancelled()
    assert waiting.done()
    assert manual_clock.timers == []
    assert asyncio.all_tasks() == {asyncio.current_task()}


async def test_without_a_store_nothing_waits_for_anything(manual_clock):
    ledger = Ledger(KEY, 7, None, manual_clock)
    await ledger.ready()
    count(ledger, 2, 1)

    assert manual_clock.timers == []
    await ledger.close()
    assert ledger.total() == OutcomeCount(2, 1)
