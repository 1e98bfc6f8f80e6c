"""A commit is cancelled at any turn of the loop that it lives through: it is whole or was not, and no connection leaks."""

from __future__ import annotations

import asyncio
import itertools

import pytest
import sqlalchemy

from sagicc_async.sync.outcome import Changes, Ending, Outcome
from sagicc_async.sync.sql import DatabaseSink
from sagicc_async.sync.state import Kind, SyncState

from .worker import UNIT, Worker, first_batch, living, query, stored, things

EVENTS = {"do_connect", "connect", "begin", "before_cursor_execute", "after_cursor_execute", "commit", "checkin"}


class Canceller:
    """Cancels a task at the n-th thing that the engine does, and so many turns of the loop later."""

    def __init__(self, step: int, turns: int, again: bool):
        self.left, self.turns, self.again = step, turns, again
        self.task: asyncio.Task | None = None
        self.done = False

    def __call__(self, *_: object) -> None:
        self.left -= 1
        if self.left == 0:
            self._soon(self.turns)

    def _soon(self, turns: int) -> None:
        if turns:
            asyncio.get_running_loop().call_soon(self._soon, turns - 1)
            return
        self.done = self.task.cancel()
        if self.again:
            self.again = False
            self._soon(self.turns + 1)

    def listen(self, sink: DatabaseSink) -> None:
        for event in EVENTS - {"do_connect"}:
            sqlalchemy.event.listen(sink._database._engine.sync_engine, event, self)
        sqlalchemy.event.listen(sink._database._engine.sync_engine, "do_connect", lambda *_: self())


@pytest.mark.parametrize("turns", [0, 2])
@pytest.mark.parametrize("again", [False, True])
@pytest.mark.parametrize("use", ["first", "later"])
async def test_a_commit_cancelled_at_any_step_is_whole_or_was_not(open_sink, use, again, turns):
    near = await open_sink()
    worker = Worker(near)
    await worker.whole(things("seed"))
    cut = whole = 0
    for step in itertools.count(1):
        sink = worker.sink = await open_sink(connections=2)
        if use == "later":
            await sink.preview(first_batch(things("seed")), set())
            await sink.note(Outcome(unit=UNIT, ending=Ending.DONE))
        canceller = Canceller(step, turns, again)
        canceller.listen(sink)
        key, before = f"k{step}", worker.state
        state = before.begun(Kind.CHANGES)
        task = canceller.task = asyncio.ensure_future(worker.end(state, state.underway, things(key)))
        await asyncio.wait([task], timeout=20)
        assert canceller.done is task.cancelled()
        canceller.left = 0
        assert sink._database._engine.pool.checkedout() == 0
        now = await sink.state(UNIT)
        assert (key in await living(near)) is (now.version == before.version + 1)
        if not task.cancelled():
            break
        # The same batch again: written now, or recognised as written.
        assert await sink.commit(worker.latest) == Changes(new=1)
        worker.state = await sink.state(UNIT)
        assert worker.state == worker.latest.after
        cut += now == before
        whole += now != before
    assert step > 10
    assert cut > 0 or use == "later"
    assert whole > 0 or again
    if sink._database.dialect.name == "postgresql":
        left = "SELECT count(*) AS n FROM pg_stat_activity WHERE state LIKE 'idle in transaction%'"
        assert await query(near, left) == [{"n": 0}]


async def test_who_waits_for_a_connection_leaves_at_once(open_sink):
    sink = await open_sink(connections=1)
    await Worker(sink).whole(things("seed"))
    entered, leave = asyncio.Event(), asyncio.Event()

    async def hold(_):
        entered.set()
        await leave.wait()

    holding = asyncio.ensure_future(sink._database.transact(hold, doing="a test"))
    await entered.wait()
    waiting = [asyncio.ensure_future(sink.state(UNIT)) for _ in range(3)]
    await asyncio.sleep(0)
    waiting[1].cancel()
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert waiting[1].cancelled()
    leave.set()
    await holding
    assert await waiting[0] == await waiting[2]


async def test_entering_is_counted_and_the_last_to_leave_closes_all(url):
    sink = DatabaseSink(url)
    async with sink:
        async with sink:
            await Worker(sink).whole(things("a"))
        assert set(await stored(sink)) == {"a"}
    assert sink._database._engine is None
    async with sink:  # and it can be used again
        assert (await sink.state(UNIT)).version == 2
    with pytest.raises(Exception, match="inside of `async with`"):
        await sink.state(UNIT)


def test_a_sink_can_be_used_on_one_loop_after_the_other(url):
    sink = DatabaseSink(url)

    async def use() -> SyncState:
        async with sink:
            worker = Worker(sink, state=await sink.state(UNIT))
            await worker.whole(things("a"))
            return worker.state

    assert asyncio.run(use()).number == 1
    assert asyncio.run(use()).number == 2
