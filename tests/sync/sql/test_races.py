"""Several workers, tasks and processes at the same tables."""

from __future__ import annotations

import asyncio
import subprocess
import sys

import attrs
import pytest

from sagicc_async.sync.outcome import Changes
from sagicc_async.sync.sink import SinkUnavailable, StaleWorker
from sagicc_async.sync.unit import Unit

from .worker import UNIT, Thing, Worker, first_batch, living, query, things


@pytest.mark.parametrize("known", [False, True])
async def test_of_two_workers_with_one_state_only_one_writes(open_sink, known):
    sinks = [await open_sink(), await open_sink()]
    first = Worker(sinks[0])
    if known:
        await first.whole(things("seed"))
    for turn in range(10):
        workers = [Worker(sink, state=first.state) for sink in sinks]
        calls = [worker.whole(things("seed", f"{turn}-{name}")) for worker, name in zip(workers, "ab", strict=True)]
        done = await asyncio.gather(*calls, return_exceptions=True)
        (lost,) = (index for index, result in enumerate(done) if isinstance(result, StaleWorker))
        first.state = workers[1 - lost].state
        assert f"{turn}-{'ab'[lost]}" not in await living(sinks[0])
        if not known:
            break


async def test_many_units_are_written_at_once(open_sink):
    sink = await open_sink(connections=3)
    workers = [Worker(sink, Unit("a-vendor", f"account-{number}", "things", Thing)) for number in range(20)]
    await asyncio.gather(*(worker.whole(things("a", "b", "c"), cuts=3) for worker in workers))
    assert await query(sink, "SELECT count(*) AS n FROM a_vendor_things") == [{"n": 60}]
    if sink._database.dialect.name == "postgresql":
        assert sink._database._engine.pool.checkedin() <= 3


PROCESS = """
import asyncio, sys
from sagicc_async.sync.sql import DatabaseSink
from sagicc_async.sync.unit import Unit
from tests.sync.sql.worker import Thing, Worker, things

async def main(url, account):
    async with DatabaseSink(url) as sink:
        print("ready", flush=True)
        sys.stdin.readline()
        for resource in ("one", "two", "three"):
            worker = Worker(sink, Unit("v", account, resource, Thing))
            for _ in range(5):
                await worker.whole(things("a", "b"))

asyncio.run(main(*sys.argv[1:]))
"""


async def test_processes_that_begin_at_once_make_each_table_once(open_sink, url, request):
    arguments = [sys.executable, "-c", PROCESS, url]
    processes = [
        subprocess.Popen(  # noqa: ASYNC220 - they wait for a word of ours
            [*arguments, f"account-{number}"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=request.config.rootpath,
        )
        for number in range(3)
    ]
    for process in processes:
        process.stdout.readline()
    for process in processes:
        process.stdin.write("go\n")
        process.stdin.flush()
    said = [(await asyncio.to_thread(process.communicate))[1] for process in processes]
    assert [process.returncode for process in processes] == [0, 0, 0], said
    sink = await open_sink()
    for resource in ("one", "two", "three"):
        assert await query(sink, f"SELECT count(*) AS n FROM v_{resource}") == [{"n": 6}]


async def test_a_commit_whose_answer_was_lost_is_recognised_when_it_comes_again(open_sink, monkeypatch):
    sink = await open_sink()
    await Worker(sink).whole(things("seed"))
    transact = sink._database.transact

    async def lose(*arguments, **options):
        await transact(*arguments, **options)
        raise SinkUnavailable("the line broke")

    worker = Worker(sink, state=await sink.state(UNIT))
    monkeypatch.setattr(sink._database, "transact", lose)
    with pytest.raises(SinkUnavailable):
        await worker.whole(things("seed", "new"))
    monkeypatch.undo()
    again = attrs.evolve(worker.latest, rows=list(worker.latest.rows))
    assert await sink.commit(again) == Changes(new=1, unchanged=1)
    assert await sink.state(UNIT) == worker.latest.after
    # Somebody else with the same state and the same page is not mistaken for it.
    with pytest.raises(StaleWorker):
        await (await open_sink()).commit(worker.latest)


@pytest.mark.parametrize("url", ["postgresql"], indirect=True)
async def test_a_line_that_breaks_anywhere_leaves_a_commit_whole_or_undone(open_sink, url, proxy, postgres):
    network = await proxy(postgres)
    near = await open_sink()
    await Worker(near).whole(things("seed"))
    sink = await open_sink(url=network.url(url), connections=1)
    broken = 0
    for size in range(0, 1_500, 40):
        await sink.state(UNIT)
        worker = Worker(sink, state=await near.state(UNIT))
        network.cut_after(size, "back")
        batch = first_batch(things(f"k{size}"))
        state = attrs.evolve(batch.after, version=worker.state.version + 1, number=9)
        batch = attrs.evolve(batch, before=worker.state, after=state)
        for _ in range(5):
            try:
                assert await sink.commit(batch) == Changes(new=1)
                break
            except SinkUnavailable:
                broken += 1
                there = (await near.state(UNIT)) == batch.after
                assert (f"k{size}" in await living(near)) is there
        assert await near.state(UNIT) == batch.after
        network._cut_after.clear()
    assert broken > 10
