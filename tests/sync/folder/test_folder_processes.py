"""One process at a time writes into a folder; others wait, and may look at how it goes."""

from __future__ import annotations

import asyncio
import sys

import pytest

from sagicc_async.sync.dry_run import DryRun
from sagicc_async.sync.folder import FolderSink
from sagicc_async.sync.outcome import Changes, Ending, Outcome
from sagicc_async.sync.sink import SinkUnavailable
from sagicc_async.sync.state import SyncState

from .workload import UNITS, step, work

UNIT = UNITS[0]

HOLDER = """
import asyncio, sys
from sagicc_async.sync.folder import FolderSink
from sagicc_async.sync.unit import Unit

async def hold():
    async with FolderSink(sys.argv[1]) as sink:
        await sink.state(Unit("fake", "a", "things"))
        print("held", flush=True)
        await asyncio.Event().wait()

asyncio.run(hold())
"""


@pytest.mark.parametrize("call", ["state", "commit", "note"])
async def test_a_second_sink_is_refused_while_the_first_has_the_folder(tmp_path, call):
    async with FolderSink(tmp_path) as first, FolderSink(tmp_path) as second:
        batch = step(await first.state(UNIT), UNIT)
        calls = {
            "state": lambda: second.state(UNIT),
            "commit": lambda: second.commit(batch),
            "note": lambda: second.note(Outcome(unit=UNIT, ending=Ending.DONE)),
        }

        with pytest.raises(SinkUnavailable, match=r"another sync is writing into .*: it has to end first"):
            await calls[call]()


async def test_whoever_waits_goes_on_once_the_first_has_ended(tmp_path):
    async with FolderSink(tmp_path) as second:
        async with FolderSink(tmp_path) as first:
            await first.commit(step(await first.state(UNIT), UNIT))
            with pytest.raises(SinkUnavailable):
                await second.state(UNIT)

        assert (await second.state(UNIT)).version == 1


async def test_how_it_goes_shows_while_another_one_writes(tmp_path):
    async with FolderSink(tmp_path) as first, FolderSink(tmp_path) as second:
        await first.commit(step(await first.state(UNIT), UNIT))
        await first.note(Outcome(unit=UNIT, ending=Ending.DONE))

        ((outcome, state),) = await second.outcomes()

        assert (outcome.unit, state.version) == (UNIT, 1)


async def test_what_would_change_shows_while_another_one_writes(tmp_path):
    async with FolderSink(tmp_path) as first, DryRun(FolderSink(tmp_path)) as second:
        await first.commit(step(await first.state(UNIT), UNIT))
        state = await second.state(UNIT)
        batch = step(state, UNIT)

        assert state.version == 1
        assert await second.commit(batch) == Changes(new=len(batch.rows))
        assert (await first.state(UNIT)).version == 1


async def test_to_look_at_a_folder_that_is_not_there_makes_none(tmp_path):
    async with FolderSink(tmp_path / "mirror") as sink:
        assert await sink.outcomes() == []
        assert await sink.peek(UNIT) == SyncState()
        batch = step(SyncState(), UNIT)
        assert await sink.preview(batch, set()) == Changes(new=len(batch.rows))

    assert not (tmp_path / "mirror").exists()


async def test_a_process_that_is_killed_gives_the_folder_back(tmp_path):
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", HOLDER, str(tmp_path), stdout=asyncio.subprocess.PIPE
    )
    try:
        assert await process.stdout.readline() == b"held\n"
        async with FolderSink(tmp_path) as sink:
            with pytest.raises(SinkUnavailable):
                await sink.state(UNIT)
            process.kill()
            await process.wait()
            assert (await sink.state(UNIT)).version == 0
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def test_both_formats_may_share_a_folder(tmp_path):
    async with FolderSink(tmp_path) as lines, FolderSink(tmp_path, format="parquet") as columns:
        await asyncio.gather(work(lines, 2), work(columns, 2))

    for unit in ("a", "%41"):
        names = sorted(file.name for file in (tmp_path / "fake" / "things" / unit).iterdir())
        assert names == ["000000001.jsonl", "000000001.parquet", "000000002.jsonl", "000000002.parquet"]


async def test_a_sink_may_be_entered_again_from_within_and_used_by_many_tasks(tmp_path):
    async with FolderSink(tmp_path) as sink:
        async with sink:
            await work(sink, 3)
        async with asyncio.TaskGroup() as group:
            for unit in UNITS * 3:
                group.create_task(sink.state(unit))
        assert (await sink.state(UNIT)).version == 3


def test_a_sink_serves_one_loop_after_the_other(tmp_path):
    sink = FolderSink(tmp_path)
    asyncio.run(work(sink, 1))
    asyncio.run(work(sink, 2))

    assert len(list((tmp_path / "fake" / "things" / "a").iterdir())) == 2
