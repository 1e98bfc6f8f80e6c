"""Counts in files: nobody else reads them, processes add up, and what is broken is left alone and said."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sqlite3
import sys
from pathlib import Path

import platformdirs
import pytest

from sagicc_async import ConfigError, FileErrorCounts, OutcomeCount
from sagicc_async.error_share import files

KEY = "0123456789abcdef0123456789abcdef"


@pytest.fixture
def folder(tmp_path) -> Path:
    return tmp_path / "state" / "errors"


@pytest.fixture
def counts(folder) -> FileErrorCounts:
    return FileErrorCounts(folder)


@pytest.fixture
def file(folder) -> Path:
    return folder / f"{KEY}.sqlite"


async def test_what_is_added_adds_up_and_outlives_its_writer(counts, folder):
    assert await counts.add(KEY, {1: OutcomeCount(5, 1)}, since=0) == {1: OutcomeCount(5, 1)}
    both = {1: OutcomeCount(7, 2), 2: OutcomeCount(1, 1)}
    assert await counts.add(KEY, {1: OutcomeCount(2, 1), 2: OutcomeCount(1, 1)}, since=0) == both
    assert await FileErrorCounts(str(folder)).add(KEY, {}, since=0) == both
    assert await counts.add("ffff", {}, since=0) == {}


async def test_days_that_count_no_more_leave_the_file(counts):
    await counts.add(KEY, {1: OutcomeCount(5, 1), 2: OutcomeCount(3, 0)}, since=1)

    assert await counts.add(KEY, {}, since=2) == {2: OutcomeCount(3, 0)}
    assert await counts.add(KEY, {}, since=0) == {2: OutcomeCount(3, 0)}


async def test_looking_makes_nothing(counts, folder):
    assert await counts.add(KEY, {}, since=0) == {}
    assert not folder.parent.exists()


@pytest.mark.parametrize("umask", [0o000, 0o022, 0o077])
async def test_only_their_user_can_read_folder_and_files(counts, folder, file, umask):
    before = os.umask(umask)
    try:
        await counts.add(KEY, {1: OutcomeCount(1, 0)}, since=0)
    finally:
        os.umask(before)

    assert [path.stat().st_mode & 0o777 for path in (folder, file)] == [0o700, 0o600]
    assert list(folder.iterdir()) == [file]


async def test_by_default_the_folder_is_in_the_users_state(tmp_path, monkeypatch):
    monkeypatch.setattr(platformdirs, "user_state_path", lambda name: tmp_path / name)

    counts = FileErrorCounts()
    await counts.add(KEY, {1: OutcomeCount(1, 0)}, since=0)

    assert (tmp_path / "sagicc-async" / "errors" / f"{KEY}.sqlite").is_file()
    assert repr(counts) == f"FileErrorCounts({str(tmp_path / 'sagicc-async' / 'errors')!r})"


@pytest.mark.parametrize("key", ["", ".", "..", "../x", "a/b", "/etc/passwd", "a\0", "ñ"])
async def test_a_key_that_is_no_digest_names_no_file(counts, folder, key):
    with pytest.raises(ConfigError, match="digest"):
        await counts.add(key, {1: OutcomeCount(1, 0)}, since=0)
    assert not folder.exists()


ADDER = """
import asyncio, sys
from sagicc_async import FileErrorCounts, OutcomeCount

async def add(folder, key, turns):
    counts = FileErrorCounts(folder)
    for turn in range(turns):
        await counts.add(key, {turn % 3: OutcomeCount(2, 1)}, since=0)

asyncio.run(add(*sys.argv[1:3], int(sys.argv[3])))
"""


async def test_nothing_is_lost_whoever_adds_at_once(counts, folder):
    adders = [
        await asyncio.create_subprocess_exec(sys.executable, "-c", ADDER, str(folder), KEY, "30") for _ in range(3)
    ]
    assert [await adder.wait() for adder in adders] == [0, 0, 0]

    assert await counts.add(KEY, {}, since=0) == {day: OutcomeCount(60, 30) for day in range(3)}


async def test_an_addition_that_is_cancelled_is_whole_or_absent(counts):
    for turns in (0, 1, 5, 50):
        task = asyncio.create_task(counts.add(KEY, {turns: OutcomeCount(1, 0), 99: OutcomeCount(1, 0)}, since=0))
        for _ in range(turns):
            await asyncio.sleep(0)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    await asyncio.get_running_loop().shutdown_default_executor()
    kept = counts._add(counts._folder / f"{KEY}.sqlite", {}, 0)  # here, since the threads are no more

    assert kept.get(99, OutcomeCount()).requests == len([day for day in kept if day != 99])


async def test_what_is_no_database_is_left_alone_and_named(counts, folder, file):
    folder.mkdir(parents=True)
    file.write_bytes(b"something else " * 100)

    with pytest.raises(OSError, match=rf"{KEY}\.sqlite: file is not a database"):
        await counts.add(KEY, {1: OutcomeCount(1, 0)}, since=0)
    assert file.read_bytes() == b"something else " * 100


async def test_a_file_of_a_newer_release_is_left_alone_and_named(counts, file):
    await counts.add(KEY, {1: OutcomeCount(1, 0)}, since=0)
    with contextlib.closing(sqlite3.connect(file)) as database:
        database.execute("PRAGMA user_version = 7")

    with pytest.raises(OSError, match="it has layout 7, this release knows 1"):
        await counts.add(KEY, {1: OutcomeCount(1, 0)}, since=0)


async def test_a_process_that_stopped_in_the_middle_does_not_stop_the_others(counts, file, monkeypatch):
    monkeypatch.setattr(files, "_LOCK_PATIENCE", 0.05)
    await counts.add(KEY, {1: OutcomeCount(1, 0)}, since=0)
    with contextlib.closing(sqlite3.connect(file, isolation_level=None)) as stopped:
        stopped.execute("BEGIN IMMEDIATE")
        with pytest.raises(OSError, match="locked"):
            await counts.add(KEY, {1: OutcomeCount(1, 0)}, since=0)

    assert await counts.add(KEY, {1: OutcomeCount(1, 0)}, since=0) == {1: OutcomeCount(2, 0)}


async def test_a_full_disk_keeps_what_was_there(counts, files_of_at_most):
    days = {day: OutcomeCount(1, 0) for day in range(100)}
    await counts.add(KEY, days, since=0)
    with files_of_at_most(4096), pytest.raises(OSError, match=r"\.sqlite: "):
        await counts.add(KEY, {day: OutcomeCount(1, 0) for day in range(100, 3_000)}, since=0)

    assert await counts.add(KEY, {}, since=0) == days
