"""Progress where there is a terminal, and where there is none."""

from __future__ import annotations

import asyncio
import gc
import io

import pytest
from rich.console import Console

from sagicc_async.cli import progress as module
from sagicc_async.cli.console import duration, records
from sagicc_async.cli.progress import Display
from sagicc_async.cli.turn import telling_of_a_wait
from sagicc_async.export import ExportProgress
from sagicc_async.testing import ManualClock


def at(count, seconds, *, resumed_from=0):
    return ExportProgress(records=count, pages=1, seconds=seconds, resumed_from=resumed_from, total=None)


class Clock:
    time = 0.0

    def now(self):
        return self.time


def test_without_a_terminal_there_is_a_line_every_ten_seconds(capsys):
    clock = Clock()
    with Display(clock) as display:
        show = display.track("serpi bodega")
        for second in range(25):
            clock.time = second
            show(at(second * 100, second))
        show.done()

    assert capsys.readouterr().err.splitlines() == [
        "serpi bodega: 1,000 records, 100/s, 10 s",
        "serpi bodega: 2,000 records, 100/s, 20 s",
    ]


def test_the_rate_is_that_of_this_run(capsys):
    clock = Clock()
    with Display(clock) as display:
        show = display.track("a")
        clock.time = 10
        show(at(1500, 10.0, resumed_from=1000))

    assert "50/s" in capsys.readouterr().err


def test_on_a_terminal_there_is_a_bar_for_each_export(monkeypatch):
    screen = Console(file=io.StringIO(), force_terminal=True, width=100)
    monkeypatch.setattr(module, "stderr", screen)
    with Display() as display:
        first, second = display.track("serpi bodega"), display.track("serpi articulo")
        first(at(1234, 1.0))
        first.done()
        second(at(7, 1.0))
        display._bars.refresh()
        shown = screen.file.getvalue()

    assert "serpi bodega" in shown
    assert "1,234 records" in shown
    assert "7 records" in shown
    assert "✓" in shown


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.08, "80 ms"),
        (1.8, "1.8 s"),
        (12.4, "12 s"),
        (59.9, "1 min 0 s"),
        (200, "3 min 20 s"),
        (7500, "2 h 5 min"),
        (31_535_990, "364 days"),
    ],
)
def test_durations_are_for_people(seconds, text):
    assert duration(seconds) == text


def test_one_record_is_one():
    assert (records(1), records(20000)) == ("1 record", "20,000 records")


class Queues:
    """What a session manager tells of its queues, and whom it tells of its requests."""

    waiting = 1

    def status(self):
        return {"serpi/default": {}, "serpi/acme": {"queue": {"waiting": self.waiting}}}

    def on(self, hook):
        self.happens = hook
        return lambda: None


async def test_a_wait_of_some_seconds_for_a_token_is_told_once(capsys):
    clock = ManualClock()
    async with telling_of_a_wait(Queues(), "serpi bodega", clock):
        await clock.advance(4)
        before = capsys.readouterr().err
        await clock.advance(60)

    assert before == ""
    assert capsys.readouterr().err.startswith("serpi bodega waits for its turn: others are using the token")
    assert clock.timers == []


async def test_a_watcher_that_breaks_is_logged_at_once_and_ends_nothing_else(caplog):
    class Broken(Queues):
        def status(self):
            raise KeyError("canary-5e08")

    clock, unseen = ManualClock(), []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: unseen.append(context))
    async with telling_of_a_wait(Broken(), "serpi bodega", clock):
        await clock.advance(2)
        logged = [(record.levelname, record.getMessage()) for record in caplog.records]
    gc.collect()

    assert logged == [("ERROR", "telling of a wait ended: an unexpected KeyError")]
    assert unseen == []
    assert clock.timers == []


async def test_an_export_that_goes_on_waits_for_nothing(capsys):
    clock, queues = ManualClock(), Queues()
    async with telling_of_a_wait(queues, "serpi bodega", clock):
        for _ in range(5):
            await clock.advance(3)
            queues.happens(None)  # a request ended, and the next one waits
        queues.waiting = 0  # one is under way, for long
        await clock.advance(60)

    assert capsys.readouterr().err == ""
