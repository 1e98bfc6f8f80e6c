"""What many ask for at the same time is done in one transaction, and nobody waits for somebody who left."""

from __future__ import annotations

import asyncio
import contextvars

import sqlalchemy

from sagicc_async.errors import ConfigError
from sagicc_async.sync.outcome import Ending, Outcome
from sagicc_async.sync.sql import DatabaseSink
from sagicc_async.sync.sql.together import Together
from sagicc_async.sync.unit import Unit

from .worker import UNIT, Worker, things

_who = contextvars.ContextVar("who", default="nobody")


class Asked:
    """Answers with the question doubled, once it may; remembers what came together."""

    def __init__(self):
        self.batches = []
        self.may = asyncio.Event()
        self.error = None
        self.seen = []

    async def __call__(self, questions):
        self.batches.append(list(questions))
        self.seen.append(_who.get())
        await self.may.wait()
        if self.error is not None:
            raise self.error
        return [2 * question for question in questions]


def asking(together, *questions):
    return [asyncio.ensure_future(together.ask(question)) for question in questions]


async def turns(count=5):
    for _ in range(count):
        await asyncio.sleep(0)


async def test_what_is_asked_meanwhile_is_answered_by_the_next_one():
    asked = Asked()
    together = Together(asked)
    first = asking(together, 1)
    await turns()
    later = asking(together, 2, 3, 4)
    await turns()
    asked.may.set()
    assert await asyncio.gather(*first, *later) == [2, 4, 6, 8]
    assert asked.batches == [[1], [2, 3, 4]]
    assert await together.ask(5) == 10


async def test_very_many_are_cut_into_pieces():
    asked = Asked()
    asked.may.set()
    together = Together(asked)
    assert await asyncio.gather(*asking(together, *range(600))) == [2 * number for number in range(600)]
    assert max(map(len, asked.batches)) == 250


async def test_who_leaves_is_not_asked_for_and_takes_nobody_along():
    asked = Asked()
    together = Together(asked)
    first = asking(together, 1)
    await turns()
    gone, stays = asking(together, 2, 3)
    await turns()
    gone.cancel()
    first[0].cancel()
    await turns()
    assert gone.cancelled()
    assert first[0].cancelled()
    asked.may.set()
    assert await stays == 6
    assert asked.batches == [[1], [3]]


async def test_an_error_is_raised_by_each_as_its_own_and_the_next_ones_are_asked_for_all_the_same():
    asked = Asked()
    asked.error = ConfigError("no")
    together = Together(asked)
    both = asking(together, 1, 2)
    asked.may.set()
    first, second = await asyncio.gather(*both, return_exceptions=True)
    assert isinstance(first, ConfigError)
    assert isinstance(second, ConfigError)
    assert first is not second
    asked.error = None
    assert await together.ask(4) == 8


async def test_nobody_waits_for_ever_where_answering_is_cut_off():
    asked = Asked()
    together = Together(asked)
    first = asking(together, 1)
    await turns()
    later = asking(together, 2)
    await turns()
    together._task.cancel()
    results = await asyncio.gather(*first, *later, return_exceptions=True)
    assert all(isinstance(result, asyncio.CancelledError) for result in results)
    asked.may.set()
    assert await together.ask(3) == 6


async def test_closing_waits_for_what_is_under_way_also_when_cancelled():
    asked = Asked()
    together = Together(asked)
    (first,) = asking(together, 1)
    await turns()
    first.cancel()
    closing = asyncio.ensure_future(together.close())
    await turns()
    assert not closing.done()
    closing.cancel()
    await asyncio.wait([closing])
    assert closing.cancelled()
    assert together._task is None


async def test_it_works_in_a_context_of_its_own():
    asked = Asked()
    asked.may.set()
    together = Together(asked)
    _who.set("the first who asked")
    await together.ask(1)
    assert asked.seen == ["nobody"]


async def test_a_hundred_outcomes_are_noted_in_a_few_transactions(open_sink):
    sink = await open_sink()
    await Worker(sink).whole(things("a"))
    begun = []
    sqlalchemy.event.listen(sink._database._engine.sync_engine, "begin", lambda _: begun.append(1))
    units = [Unit("acme", f"account{number:03}", "things") for number in range(100)]
    outcomes = [Outcome(unit=unit, ending=Ending.FAILED, error=f"of {unit}\0") for unit in units]
    await asyncio.gather(*(sink.note(outcome) for outcome in reversed(outcomes)))
    states = await asyncio.gather(*(sink.state(unit) for unit in [UNIT, *units]))
    assert len(begun) <= 4
    assert [state.version for state in states[1:]] == [0] * 100
    assert states[0].version > 0
    noted = {outcome.unit: outcome.error for outcome, _ in await sink.outcomes()}
    assert noted[units[7]] == "of account007 things\N{REPLACEMENT CHARACTER}"


async def test_a_sink_that_is_left_has_noted_what_its_users_did_not_wait_for(open_sink):
    sink = await open_sink()
    await Worker(sink).whole(things("a"))
    noting = asyncio.ensure_future(sink.note(Outcome(unit=UNIT, ending=Ending.FAILED, error="noted")))
    await turns()
    noting.cancel()
    await asyncio.wait([noting])
    await sink.__aexit__(None, None, None)
    async with sink:
        ((outcome, _),) = await sink.outcomes()
    await sink.__aenter__()
    assert outcome.error == "noted"


async def test_leaving_a_sink_that_is_cancelled_waits_for_reads_and_notes_alike(url):
    sink = DatabaseSink(url)
    await sink.__aenter__()
    await Worker(sink).whole(things("a"))
    held = [asyncio.Event(), asyncio.Event()]

    async def hold(event):
        try:
            await event.wait()
        finally:
            event.set()

    sink._asking._task, sink._noting._task = tasks = [asyncio.ensure_future(hold(event)) for event in held]
    for together, task in zip((sink._asking, sink._noting), tasks, strict=True):
        task.add_done_callback(lambda _, together=together: setattr(together, "_task", None))
    leaving = asyncio.ensure_future(sink.__aexit__(None, None, None))
    await turns()
    leaving.cancel()
    await turns()
    assert tasks[0].done()
    assert not leaving.done()  # a note is still under way
    leaving.cancel()
    await asyncio.wait([leaving])
    assert leaving.cancelled()
    assert tasks[1].done()
    assert sink._database._engine is None
