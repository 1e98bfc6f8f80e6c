"""Documents in files: whole whatever happens, and never believed to be empty when they are not."""

from __future__ import annotations

import asyncio
import json
import os
import random
import signal
import time
import warnings
from pathlib import Path

import pytest

from sagicc_async.errors import ConfigError
from sagicc_async.tokens.admission import Ending
from sagicc_async.tokens.coordination.document_file import Document
from sagicc_async.tokens.coordination.file import FileStore
from sagicc_async.tokens.coordination.state import ScopeState
from sagicc_async.tokens.coordination.store import Decision, StoreError, decode, encode

from .file_rig import SCOPE, admit, here, opened


@pytest.fixture
def folder(tmp_path) -> Path:
    return tmp_path / "state" / "coordination"


async def test_who_was_killed_while_it_changed_a_document_left_the_old_one(folder, monkeypatch):
    """The new one stands beside it, and the line that says where is not written yet."""
    folder.mkdir(parents=True)
    with Document.locked(folder / "ab", 0o600) as document:
        document.write(b'{"old":1}')

    def dies(fd, data, at):
        if at == 0:
            raise KeyboardInterrupt
        written(fd, data, at)

    written = os.pwrite
    monkeypatch.setattr("sagicc_async.tokens.coordination.document_file.os.pwrite", lambda *a: dies(*a) or len(a[1]))
    for _ in range(3):
        with pytest.raises(KeyboardInterrupt), Document.locked(folder / "ab", 0o600) as document:
            document.read()
            document.write(b'{"new":' + b"2" * 300 + b"}")
    monkeypatch.undo()

    with Document.locked(folder / "ab", 0o600) as document:
        assert document.read() == b'{"old":1}'


async def test_a_document_does_not_grow_for_ever(folder):
    folder.mkdir(parents=True)
    sizes = random.Random(1)
    for _ in range(500):
        data = bytes(sizes.randrange(1, 4000))
        with Document.locked(folder / "ab", 0o600) as document:
            document.read()
            document.write(data)
            assert document.read() == data

    assert (folder / "ab").stat().st_size < 16_000


async def test_a_document_of_a_newer_release_is_refused_with_a_line_that_says_what_to_do(folder):
    async with opened(folder) as coordinator:
        state = ScopeState(layout=2)
        with Document.locked(here(folder) / "scopes" / SCOPE.key, 0o600) as document:
            document.write(encode(state))

        with pytest.raises(
            ConfigError, match=r"has layout 2, this release of sagicc-async knows 1.*update this process"
        ):
            await admit(coordinator)


async def test_a_document_that_was_swept_away_while_somebody_waited_for_its_lock_is_made_anew(folder):
    folder.mkdir(parents=True)
    file = folder / "ab"
    with Document.locked(file, 0o600) as document:
        document.write(b"old")
        waiting = os.open(file, os.O_RDWR)
        document.remove()
    os.close(waiting)

    with Document.locked(file, 0o600) as document:
        assert document.read() is None


async def test_a_change_waits_for_another_process_that_changes_the_same_document_but_not_for_ever(folder, manual_clock):
    store = FileStore(folder, manual_clock)
    await store.open(lambda key: None)
    with Document.locked(here(folder) / "scopes" / "ab", 0o600):
        assert store.change_at_once("ab", lambda state, now: Decision(1)) is None
        change = asyncio.create_task(store.change("ab", lambda state, now: Decision(1)))
        await manual_clock.advance(2.1)
        with pytest.raises(StoreError, match="is it stopped"):
            await change
        change = asyncio.create_task(store.change("ab", lambda state, now: Decision(1)))
        await manual_clock.advance(1)

    await manual_clock.advance(1)
    assert change.result() == 1
    await store.close()


async def test_two_thousand_acquires_that_are_cancelled_at_any_moment_leave_no_lease(folder):
    moments = random.Random(4)
    async with opened(folder) as ana, opened(folder) as ben:
        for _ in range(2000):
            tasks = [asyncio.create_task(admit(one)) for one in (ana, ben)]
            for _ in range(moments.randrange(4)):
                await asyncio.sleep(0)
            for task in tasks:
                task.cancel()
            for done in await asyncio.gather(*tasks, return_exceptions=True):
                if not isinstance(done, BaseException):
                    done.release(Ending.UNSENT)
        await asyncio.sleep(0.05)

        with Document.locked(here(folder) / "scopes" / SCOPE.key, 0o600) as document:
            kept = decode(document.read())
        assert (kept.leases, kept.queue) == ({}, [])


async def test_what_is_kept_is_json_without_anything_secret(folder):
    async with opened(folder) as coordinator:
        lease = await admit(coordinator)
        with Document.locked(here(folder) / "scopes" / SCOPE.key, 0o600) as document:
            kept = json.loads(document.read())
        lease.release(Ending.COMPLETE)

    assert set(kept) == {"layout", "time", "known_since", "paused_until", "arrivals", "leases", "queue", "windows"}
    assert [set(lease) for lease in kept["leases"].values()] == [{"lane", "owner", "until", "settle"}]


async def test_a_full_disk_keeps_the_old_document_and_is_told_until_there_is_room(folder, files_of_at_most):
    """The limit cuts the new document in two, as a disk does that fills up in the middle of it."""
    async with opened(folder) as coordinator:
        held = await admit(coordinator)
        file = here(folder) / "scopes" / SCOPE.key
        before = kept_in(file)
        with files_of_at_most(file.stat().st_size + 100):
            held.release(Ending.COMPLETE)
            await asyncio.sleep(0.1)
            assert coordinator.trouble == f"{folder}: File too large"
            assert kept_in(file) == before

        (await admit(coordinator)).release(Ending.COMPLETE)
        assert coordinator.trouble is None


@pytest.mark.parametrize("rubbish", [b"{}", b"something else altogether\n" * 10, b"x"])
async def test_what_is_no_document_is_not_believed_to_be_empty_nor_is_its_place_when_it_was_removed(
    folder, manual_clock, rubbish
):
    async with opened(folder, clock=manual_clock) as coordinator:
        file = here(folder) / "scopes" / SCOPE.key
        file.write_bytes(rubbish)
        waiting = asyncio.create_task(admit(coordinator, hold=10.0))
        await manual_clock.advance(5)
        assert not waiting.done()
        assert coordinator.trouble.endswith(f"{file} is no document of ours: something else writes there; remove it")
        assert file.read_bytes() == rubbish

        file.unlink()
        await manual_clock.advance(10.4)
        assert coordinator.trouble is None
        assert not waiting.done()  # whoever had the token when it was lost may use it still
        await manual_clock.advance(3)

        waiting.result().release(Ending.COMPLETE)


async def test_a_whole_document_that_is_no_scope_of_ours_is_not_believed_either(folder, manual_clock):
    async with opened(folder, clock=manual_clock) as coordinator:
        with Document.locked(here(folder) / "scopes" / SCOPE.key, 0o600) as document:
            document.write(b'{"leases": []}')
        waiting = asyncio.create_task(admit(coordinator))
        await manual_clock.advance(100)

        assert "cannot be read" in coordinator.trouble
        waiting.cancel()


async def test_a_file_that_a_newer_release_keeps_in_another_way_is_refused_with_what_to_do(folder):
    async with opened(folder) as coordinator:
        (here(folder) / "scopes" / SCOPE.key).write_bytes(b"sagicc-async 2 whatever comes\n")

        with pytest.raises(ConfigError, match=r"a newer release .* in another way: update this process"):
            await admit(coordinator)


async def test_a_link_to_another_file_is_not_followed(folder, tmp_path):
    other = tmp_path / "other"
    other.write_bytes(b"")
    async with opened(folder) as coordinator:
        (here(folder) / "scopes" / SCOPE.key).symlink_to(other)
        waiting = asyncio.create_task(admit(coordinator))
        await asyncio.sleep(0.05)

        assert coordinator.trouble is not None
        assert other.read_bytes() == b""
        waiting.cancel()


async def test_a_change_that_is_cancelled_while_another_process_is_at_it_changes_nothing(folder, manual_clock):
    store = FileStore(folder, manual_clock)
    await store.open(lambda key: None)
    file = here(folder) / "scopes" / "ab"
    with Document.locked(file, 0o600) as document:
        document.write(encode(ScopeState(arrivals=7)))
        change = asyncio.create_task(store.change("ab", lambda state, now: Decision(1)))
        await manual_clock.advance(0.1)
        change.cancel()
        with pytest.raises(asyncio.CancelledError):
            await change

    assert kept_in(file).arrivals == 7
    assert await store.change("ab", lambda state, now: Decision(state.arrivals)) == 7
    await store.close()


def test_a_child_that_was_forked_in_the_middle_of_a_change_does_not_keep_the_lock(folder):
    """As another thread does: the child has a copy of the descriptor, and lives on."""
    folder.mkdir(parents=True)
    with Document.locked(folder / "ab", 0o600), warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # of forks beside threads
        child = os.fork()
        if child == 0:
            time.sleep(60)
            os._exit(0)
    try:
        with Document.locked(folder / "ab", 0o600) as document:
            assert document is not None
    finally:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)


def kept_in(file: Path) -> ScopeState:
    with Document.locked(file, 0o600) as document:
        return decode(document.read())
