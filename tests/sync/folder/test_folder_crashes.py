"""Whatever ends a process, and whatever the disk does: what was committed is in the files, once, and nothing else is."""

from __future__ import annotations

import asyncio
import errno
import itertools
import os
import subprocess
import sys
from pathlib import Path

import pytest

from sagicc_async.sync.folder import FolderSink, files, latest
from sagicc_async.sync.sink import SinkUnavailable
from sagicc_async.sync.state import SyncState
from sagicc_async.testing import ManualClock

from . import workload
from .workload import UNITS, before_each_step, check_what_shows, step, work

UNIT = UNITS[0]


def sink_in(folder: Path, format_: str = "jsonl") -> FolderSink:
    return FolderSink(folder, format=format_, clock=ManualClock())


def contents(folder: Path) -> dict[str, bytes]:
    """All that readers see."""
    return {str(file.relative_to(folder)): file.read_bytes() for file in folder.glob("fake/*/*/*")}


def hidden(folder: Path) -> list[str]:
    return [file.name for file in folder.glob(".sagicc-async-*/new/*")]


def killed(mode: str, root: Path, format_: str, commits: int) -> int:
    """How often processes were killed before one came to its end."""
    command = [sys.executable, workload.__file__, mode, str(root), format_, str(commits)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return int(done.stdout)


async def test_a_process_that_is_killed_at_any_step_leaves_exactly_what_it_committed(tmp_path):
    await work(sink_in(tmp_path / "whole"), 2, UNITS[:1])
    (tmp_path / "cut").mkdir()

    steps = killed("every-step", tmp_path / "cut", "jsonl", 2)

    assert steps > 30
    for which in range(steps + 1):
        assert contents(tmp_path / "cut" / str(which)) == contents(tmp_path / "whole")
        assert not hidden(tmp_path / "cut" / str(which))


@pytest.mark.parametrize("format_", ["jsonl", "parquet"])
async def test_processes_that_are_killed_at_random_moments_write_what_one_writes_that_is_left_alone(tmp_path, format_):
    await work(sink_in(tmp_path / "whole", format_), 60)
    (tmp_path / "cut").mkdir()

    kills = killed("at-random", tmp_path / "cut", format_, 60)

    assert kills >= 30
    assert len(contents(tmp_path / "whole")) > 60
    assert contents(tmp_path / "cut" / "0") == contents(tmp_path / "whole")
    assert not hidden(tmp_path / "cut" / "0")


async def persist(sink: FolderSink, commits: int) -> int:
    """Commit until it works; how often it did not."""
    refused = 0
    while True:
        try:
            state = await sink.state(UNIT)
            if state.version >= commits:
                return refused
            await sink.commit(step(state, UNIT))
        except SinkUnavailable:
            refused += 1


async def test_a_disk_that_fails_at_any_step_leaves_nothing_half_written(tmp_path, monkeypatch):
    await work(sink_in(tmp_path / "whole"), 2, UNITS[:1])

    for which in itertools.count():
        folder, steps, failed = tmp_path / str(which), itertools.count(), []

        def hook(name: str, which=which, steps=steps, failed=failed) -> None:
            if name != "commit" and next(steps) == which:
                failed.append(name)
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

        with monkeypatch.context() as patched:
            before_each_step(hook, patched.setattr)
            async with sink_in(folder) as sink:
                refused = await persist(sink, 2)
                check_what_shows(folder, "jsonl")
        if not failed:
            break
        # What fails once a commit stands is done before the next one, and fails nobody.
        assert refused <= 1
        await persist_again(folder)
        assert contents(folder) == contents(tmp_path / "whole"), failed
        assert not hidden(folder)
    assert which > 20


async def persist_again(folder: Path) -> None:
    """Whoever opens the folder next names what is left."""
    async with sink_in(folder) as sink:
        await sink.state(UNIT)


async def test_a_full_disk_is_told_with_the_file_and_what_it_has_no_room_for_does_not_show(tmp_path, monkeypatch):
    def full(fd: int, data: bytes) -> None:
        os.write(fd, data[:100])
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    async with sink_in(tmp_path) as sink:
        first = step(SyncState(), UNIT)
        await sink.commit(first)
        before = contents(tmp_path)
        with monkeypatch.context() as patched:
            patched.setattr(files, "write_all", full)
            with pytest.raises(SinkUnavailable, match=r"\.sagicc-async-jsonl/new/1\.2: No space left on device"):
                await sink.commit(step(first.after, UNIT))
        assert contents(tmp_path) == before
        assert not hidden(tmp_path)
        assert (await sink.state(UNIT)).version == 1

        assert (await sink.commit(step(first.after, UNIT))).new > 0


async def test_a_file_that_may_not_grow_is_told_and_written_once_it_may(tmp_path, files_of_at_most):
    async with sink_in(tmp_path) as sink:
        batch = step(await sink.state(UNIT), UNIT)
        with files_of_at_most(500), pytest.raises(SinkUnavailable):
            await sink.commit(batch)
        assert not contents(tmp_path)

        await sink.commit(batch)
    assert len(latest(tmp_path, "fake", "things")) == len(batch.rows)


@pytest.mark.parametrize("times", [1, 2])
async def test_a_commit_that_is_cancelled_at_any_step_counts_wholly_or_not_at_all(tmp_path, monkeypatch, times):
    loop, counted = asyncio.get_running_loop(), []
    for which in itertools.count():
        folder, steps, tasks = tmp_path / str(which), itertools.count(), []

        def hook(_: str, which=which, steps=steps, tasks=tasks) -> None:
            if tasks and next(steps) == which:
                for _ in range(times):
                    loop.call_soon_threadsafe(tasks[0].cancel)

        async with sink_in(folder) as sink:
            batch = step(await sink.state(UNIT), UNIT)
            with monkeypatch.context() as patched:
                before_each_step(hook, patched.setattr)
                tasks.append(asyncio.create_task(sink.commit(batch)))
                await asyncio.wait(tasks)
            stored = (await sink.state(UNIT)).version
            assert len(contents(folder)) == stored
            assert not hidden(folder)
            counted.append(stored)
            await persist(sink, 1)
            assert len(contents(folder)) == 1
        if not tasks[0].cancelled():
            break
    assert 0 in counted
    assert counted.count(1) > 1  # one was cancelled, and stands all the same
    assert which > 5


async def test_a_name_is_given_only_to_what_is_durable_and_committed(tmp_path, monkeypatch):
    steps, names = [], {}
    real_open, real_sync, real_replace = os.open, os.fsync, Path.replace

    def open_(path, *rest):
        fd = real_open(path, *rest)
        names[fd] = Path(path).name
        return fd

    def sync(fd):
        steps.append(names[fd])
        real_sync(fd)

    def replace(path, target):
        steps.append(f"{path.name} -> {target.name}")
        return real_replace(path, target)

    async with sink_in(tmp_path) as sink:
        first = step(await sink.state(UNIT), UNIT)
        await sink.commit(first)
        monkeypatch.setattr(files.os, "open", open_)
        monkeypatch.setattr(files.os, "fsync", sync)
        monkeypatch.setattr(Path, "replace", replace)
        await sink.commit(step(first.after, UNIT))

    assert steps == ["1.2", "new", "known.db-wal", "1.2 -> 000000002.jsonl"]


async def test_a_commit_that_stands_is_told_even_if_its_file_gets_its_name_later(tmp_path, monkeypatch, caplog):
    def refuse(path, target):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(target))

    async with sink_in(tmp_path) as sink:
        batch = step(await sink.state(UNIT), UNIT)
        with monkeypatch.context() as patched:
            patched.setattr(Path, "replace", refuse)
            changes = await sink.commit(batch)
            assert changes.new == len(batch.rows)
            assert not contents(tmp_path)
            assert "get their names later" in caplog.text
            with pytest.raises(SinkUnavailable, match=r"000000001\.jsonl: No space left"):
                await sink.commit(step(batch.after, UNIT))

        await sink.commit(step(batch.after, UNIT))
    check_what_shows(tmp_path, "jsonl")
    assert len(contents(tmp_path)) == 2


async def test_a_ledger_that_was_removed_overwrites_nothing(tmp_path):
    await work(sink_in(tmp_path), 2)
    before = contents(tmp_path)
    for file in tmp_path.glob(".sagicc-async-jsonl/known.db*"):
        file.unlink()

    async with sink_in(tmp_path) as sink:
        batch = step(await sink.state(UNIT), UNIT)
        with pytest.raises(files.ConfigError, match=r"000000001\.jsonl is there, and .*known\.db does not know it"):
            await sink.commit(batch)
    assert contents(tmp_path) == before
    assert not hidden(tmp_path)


async def test_what_somebody_else_puts_beside_the_hidden_files_is_left_alone(tmp_path):
    await work(sink_in(tmp_path), 1)
    note = tmp_path / ".sagicc-async-jsonl" / "new" / ".DS_Store"
    note.write_bytes(b"x")

    await work(sink_in(tmp_path), 2)

    assert note.exists()


async def test_a_target_that_is_a_file_is_refused(tmp_path):
    (tmp_path / "mirror").write_text("")

    with pytest.raises(files.ConfigError, match="is no folder"):
        FolderSink(tmp_path / "mirror")
