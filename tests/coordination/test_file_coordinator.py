"""Coordination through files: real files, real pipes, and processes that are really killed and stopped."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import random
import signal
import stat
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path

import pytest

from sagicc_async.errors import ConfigError
from sagicc_async.tokens.admission import Ending
from sagicc_async.tokens.coordination import Scope
from sagicc_async.tokens.coordination.document_file import Document
from sagicc_async.tokens.coordination.file import FileCoordinator, FileStore
from sagicc_async.tokens.coordination.state import ScopeState
from sagicc_async.tokens.coordination.store import Decision, StoreError, decode, encode

SCOPE = Scope(key="5c09e", max_in_flight=1, settle=0.5)


@pytest.fixture
def folder(tmp_path) -> Path:
    return tmp_path / "state" / "coordination"


@contextlib.asynccontextmanager
async def opened(folder, **settings):
    coordinator = FileCoordinator(folder, **settings)
    await coordinator.open()
    try:
        yield coordinator
    finally:
        await coordinator.close()


@contextlib.contextmanager
def process(folder: Path, body: str) -> Iterator[subprocess.Popen[str]]:
    """Another process, which says on its stdout how far it is."""
    program = f"""
        import asyncio, os, signal, sys, time
        from sagicc_async.tokens.admission import Ending
        from sagicc_async.tokens.coordination import Scope
        from sagicc_async.tokens.coordination.file import FileCoordinator

        SCOPE = Scope(key="5c09e", max_in_flight=1, settle=0.5)

        async def main():
            coordinator = FileCoordinator({os.fspath(folder)!r})
            await coordinator.open()
{textwrap.indent(textwrap.dedent(body), " " * 12)}
            await coordinator.close()

        asyncio.run(main())
    """
    child = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(program)], stdout=subprocess.PIPE, stdin=subprocess.PIPE, text=True
    )
    try:
        yield child
    finally:
        with contextlib.suppress(ProcessLookupError):
            child.send_signal(signal.SIGCONT)
            child.kill()
        child.wait()
        child.stdout.close()
        child.stdin.close()


def admit(coordinator, scope=SCOPE, *, rank=1, hold=60.0):
    return coordinator.admit(scope, lane="token", rank=rank, hold=hold)


async def said(child, line: str) -> None:
    assert (await asyncio.to_thread(child.stdout.readline)).strip() == line


HOLDER = """
    lease = await coordinator.admit(SCOPE, lane="token", rank=1, hold=60)
    print("held", flush=True)
    await asyncio.sleep(60)
"""


async def test_another_process_is_waited_for_and_wakes_who_waits(folder):
    async with opened(folder) as coordinator:
        waits_for_a_line = """
            lease = await coordinator.admit(SCOPE, lane="token", rank=1, hold=60)
            print("held", flush=True)
            await asyncio.to_thread(sys.stdin.readline)
            lease.release(Ending.COMPLETE)
        """
        with process(folder, waits_for_a_line) as child:
            await said(child, "held")
            waiting = asyncio.create_task(admit(coordinator))
            await asyncio.sleep(0.1)
            assert not waiting.done()

            child.stdin.write("\n")
            child.stdin.flush()

            (await waiting).release(Ending.COMPLETE)
            assert child.wait() == 0


async def test_the_token_of_a_killed_process_is_free_settle_seconds_later(folder):
    async with opened(folder) as coordinator:
        with process(folder, HOLDER) as child:
            await said(child, "held")
            waiting = asyncio.create_task(admit(coordinator))
            child.kill()
            child.wait()
            loop = asyncio.get_running_loop()
            killed = loop.time()

            lease = await waiting

        assert 0.4 < loop.time() - killed < 10  # and not after the 60 seconds of its lease
        lease.release(Ending.COMPLETE)


async def test_a_stopped_process_keeps_its_token_for_longer_than_its_lease(folder):
    holder = HOLDER.replace("hold=60", "hold=0.1")
    async with opened(folder) as coordinator:
        with process(folder, holder) as child:
            await said(child, "held")
            child.send_signal(signal.SIGSTOP)
            waiting = asyncio.create_task(admit(coordinator))

            await asyncio.sleep(2)  # its lease and its settle were over after 0.6
            assert not waiting.done()
            child.kill()

            (await waiting).release(Ending.COMPLETE)


async def test_a_process_that_is_killed_at_any_moment_leaves_whole_documents(folder):
    works = """
        print("begun", flush=True)
        while True:
            lease = await coordinator.admit(SCOPE, lane="token", rank=1, hold=60)
            lease.release(Ending.COMPLETE)
    """
    moments = random.Random(6)
    async with opened(folder) as coordinator:
        for _ in range(12):
            with process(folder, works) as child:
                await said(child, "begun")
                await asyncio.sleep(moments.random() / 20)
                child.kill()
            async with asyncio.timeout(20):
                (await admit(coordinator)).release(Ending.COMPLETE)


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


async def test_a_full_disk_keeps_the_old_document_and_is_told_until_there_is_room(folder, monkeypatch):
    async with opened(folder) as coordinator:
        (await admit(coordinator)).release(Ending.COMPLETE)

        def full(fd, data, at):
            raise OSError(28, "No space left on device")

        with monkeypatch.context() as patch:
            patch.setattr("sagicc_async.tokens.coordination.document_file.os.pwrite", full)
            waiting = asyncio.create_task(admit(coordinator))
            await asyncio.sleep(0.2)
            assert not waiting.done()
            assert coordinator.trouble.endswith("No space left on device")

        (await waiting).release(Ending.COMPLETE)
        assert coordinator.trouble is None


@pytest.mark.parametrize("rubbish", [b"{}", b"\x00" * 200 + b"x", b"something else altogether\n" * 10, b"x"])
async def test_what_is_no_document_is_not_believed_to_be_empty(folder, rubbish):
    async with opened(folder) as coordinator:
        (folder / "scopes" / SCOPE.key).write_bytes(rubbish)
        waiting = asyncio.create_task(admit(coordinator))
        await asyncio.sleep(0.1)
        assert "no document of ours" in (coordinator.trouble or "") or rubbish.startswith(b"\x00")
        (folder / "scopes" / SCOPE.key).unlink()

        (await waiting).release(Ending.COMPLETE)


async def test_a_document_of_a_newer_release_is_refused_with_a_line_that_says_what_to_do(folder):
    async with opened(folder) as coordinator:
        state = ScopeState(layout=2)
        with Document.locked(folder / "scopes" / SCOPE.key, 0o600) as document:
            document.write(encode(state))

        with pytest.raises(
            ConfigError, match=r"has layout 2, this release of sagicc-async knows 1.*update this process"
        ):
            await admit(coordinator)


async def test_only_the_user_can_look_at_what_is_kept(folder):
    async with opened(folder) as coordinator:
        lease = await admit(coordinator)

        modes = {path: stat.S_IMODE(path.stat().st_mode) for path in [folder, *folder.rglob("*")]}
        assert {mode for path, mode in modes.items() if path.is_dir()} == {0o700}
        assert {mode for path, mode in modes.items() if not path.is_dir()} == {0o600}
        assert stat.S_ISFIFO(next((folder / "owners").iterdir()).stat().st_mode)
        lease.release(Ending.COMPLETE)


async def test_a_folder_of_a_groups_lets_the_group_take_part_whatever_the_umask_says(folder):
    folder.mkdir(parents=True)
    folder.chmod(0o2770)
    before = os.umask(0o077)
    try:
        async with opened(folder) as coordinator:
            (await admit(coordinator)).release(Ending.COMPLETE)
            modes = {stat.S_IMODE(path.stat().st_mode) & 0o777 for path in folder.rglob("*") if not path.is_dir()}
    finally:
        os.umask(before)

    assert modes == {0o660}


@pytest.mark.parametrize("mode", [0o777, 0o701, 0o707])
async def test_a_folder_that_is_open_to_everybody_is_refused(folder, mode):
    folder.mkdir(parents=True)
    folder.chmod(mode)

    with pytest.raises(ConfigError, match="open to everybody; chmod o-rwx"):
        await FileCoordinator(folder).open()


async def test_a_folder_that_cannot_be_made_is_told_with_what_to_do_instead(tmp_path):
    (tmp_path / "file").write_text("no folder")

    with pytest.raises(ConfigError, match=r"cannot be used: .*; give another one .*memory:"):
        await FileCoordinator(tmp_path / "file" / "inner").open()


async def test_a_folder_that_is_removed_in_the_middle_is_made_anew_and_nothing_starts_before_what_is_lost_must_be_over(
    folder, manual_clock
):
    import shutil

    async with opened(folder, clock=manual_clock) as ana, opened(folder, clock=manual_clock) as ben:
        await admit(ana, hold=10.0)
        shutil.rmtree(folder)

        waiting = asyncio.create_task(admit(ben, hold=10.0))
        await manual_clock.advance(10.4)
        assert not waiting.done()
        await manual_clock.advance(0.2)

        waiting.result().release(Ending.COMPLETE)


async def test_what_dead_processes_left_is_swept_away(folder):
    with process(folder, HOLDER) as child:
        await said(child, "held")
        child.kill()
        child.wait()
        [left] = (folder / "owners").iterdir()

    async with opened(folder):
        assert left not in list((folder / "owners").iterdir())
        assert len(list((folder / "owners").iterdir())) == 1


async def test_old_documents_that_matter_to_nobody_are_swept_away_and_others_are_not(folder, manual_clock):
    async with opened(folder, clock=manual_clock) as coordinator:
        (await admit(coordinator)).release(Ending.COMPLETE)
        held = await admit(coordinator, Scope(key="4e1d", max_in_flight=1))
        recent = await admit(coordinator, Scope(key="0e11", max_in_flight=1))
        recent.release(Ending.COMPLETE)
        long_ago = manual_clock.wall() - 90_000
        for key in (SCOPE.key, "4e1d"):
            os.utime(folder / "scopes" / key, (long_ago, long_ago))

        async with opened(folder, clock=manual_clock):
            assert {file.name for file in (folder / "scopes").iterdir()} == {"4e1d", "0e11"}
        held.release(Ending.COMPLETE)


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
    with Document.locked(folder / "scopes" / "ab", 0o600):
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


@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
async def test_the_child_of_a_fork_closes_its_parents_pipe_and_cannot_use_its_coordinator(folder):
    """Else the parent would seem to live for as long as the child does."""
    async with opened(folder) as coordinator:
        store = coordinator._store
        pipe = store._pipe
        child = os.fork()
        if child == 0:
            status = 1
            try:
                os.fstat(pipe)
            except OSError:
                try:
                    store.change_at_once("ab", lambda state, now: Decision(1))
                except ConfigError:
                    status = 0
            os._exit(status)

        assert await asyncio.to_thread(os.waitpid, child, 0) == (child, 0)
        (await admit(coordinator)).release(Ending.COMPLETE)


async def test_a_coordinator_that_was_inherited_by_a_fork_says_so(folder):
    async with opened(folder) as coordinator:
        coordinator._store.forget()  # what a fork does in the child

        with pytest.raises(ConfigError, match="after a fork, make a new SessionManager"):
            await admit(coordinator)


async def test_no_poll_is_needed_where_many_hand_a_token_to_each_other(folder):
    """Each hand-over would cost a second if nobody were woken."""
    async with contextlib.AsyncExitStack() as stack:
        coordinators = [await stack.enter_async_context(opened(folder)) for _ in range(4)]

        async def work(coordinator):
            for _ in range(25):
                lease = await admit(coordinator)
                await asyncio.sleep(0)
                lease.release(Ending.COMPLETE)

        async with asyncio.timeout(20):
            await asyncio.gather(*map(work, coordinators))


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

        with Document.locked(folder / "scopes" / SCOPE.key, 0o600) as document:
            kept = decode(document.read())
        assert (kept.leases, kept.queue) == ({}, [])


async def test_what_is_kept_is_json_without_anything_secret(folder):
    async with opened(folder) as coordinator:
        lease = await admit(coordinator)
        with Document.locked(folder / "scopes" / SCOPE.key, 0o600) as document:
            kept = json.loads(document.read())
        lease.release(Ending.COMPLETE)

    assert set(kept) == {"layout", "time", "known_since", "paused_until", "arrivals", "leases", "queue", "windows"}
    assert [set(lease) for lease in kept["leases"].values()] == [{"lane", "owner", "until", "settle"}]


async def test_where_the_processes_meet_is_said(folder):
    assert FileCoordinator(folder).describe() == os.fspath(folder)
    assert repr(FileCoordinator(folder)) == f"<FileCoordinator {folder}>"
    assert FileCoordinator().describe().endswith("sagicc-async/coordination-1")
