"""Coordination through files: real pipes, and processes that are really killed, stopped and forked."""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import os
import random
import signal
from pathlib import Path

import pytest

from sagicc_async.errors import ConfigError
from sagicc_async.tokens.admission import Ending
from sagicc_async.tokens.coordination import Scope
from sagicc_async.tokens.coordination.document_file import Document
from sagicc_async.tokens.coordination.file import FileCoordinator
from sagicc_async.tokens.coordination.owner_pipes import OwnerPipes, heard
from sagicc_async.tokens.coordination.store import Decision, decode

from .file_rig import HOLDER, admit, here, opened, process, said


@pytest.fixture
def folder(tmp_path) -> Path:
    return tmp_path / "state" / "coordination"


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


async def test_a_dead_holder_is_found_dead_once_however_often_others_look(folder, manual_clock):
    """What it held settles from then on, and not anew with each look that changes nothing else."""
    scope = Scope(key="5c09e", max_in_flight=1, settle=30.0)
    dead = FileCoordinator(folder, clock=manual_clock)
    await dead.open()
    async with opened(folder, clock=manual_clock) as coordinator:
        await admit(dead, scope, hold=600.0)
        waiting = asyncio.create_task(admit(coordinator, scope))
        await manual_clock.advance(0.5)
        dead._store._leave()

        await manual_clock.advance(31.0)

        assert waiting.done()
        waiting.result().release(Ending.COMPLETE)
    await dead.close()


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


@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
async def test_the_child_of_a_fork_closes_its_parents_pipe_and_cannot_use_its_coordinator(folder):
    """Else the parent would seem to live for as long as the child does."""
    async with opened(folder) as coordinator:
        store = coordinator._store
        pipe = store._stay.pipe
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


async def test_a_process_that_is_killed_at_any_moment_of_a_change_leaves_a_whole_document(folder):
    changes = """
        store = coordinator._store
        sizes = [3, 500, 40, 2000]

        def grow(state, now):
            state.arrivals += 1
            state.windows = [Slots(1.0, {str(n): now.latest + 1e6 for n in range(sizes[state.arrivals % 4])})]
            return Decision(1)

        print("begun", flush=True)
        while True:
            store.change_at_once("ab", grow)
    """
    moments = random.Random(6)
    arrivals = 0
    for _ in range(8):
        with process(folder, changes) as child:
            await said(child, "begun")
            await asyncio.sleep(moments.random() / 20)
            child.kill()
            child.wait()
        with Document.locked(here(folder) / "scopes" / "ab", 0o600) as document:
            kept = document.read()
        if kept is None:
            continue  # it was killed before its first change
        state = decode(kept)
        assert state.arrivals >= arrivals
        assert len(state.windows[0].taken) == [3, 500, 40, 2000][state.arrivals % 4]
        arrivals = state.arrivals
    assert arrivals > 100


async def test_who_cannot_be_woken_looks_again_by_itself(folder, monkeypatch):
    """It may close its pipe, or this process run out of descriptors, between the change and the waking."""

    def broken(fd, data):
        raise BrokenPipeError(32, "Broken pipe")

    async with opened(folder) as ana, opened(folder) as ben:
        held = await admit(ana)
        waiting = asyncio.create_task(admit(ben))
        await asyncio.sleep(0.05)
        with monkeypatch.context() as patch:
            patch.setattr("sagicc_async.tokens.coordination.owner_pipes.os.write", broken)
            held.release(Ending.COMPLETE)
        assert ana.trouble is None

        async with asyncio.timeout(3):
            (await waiting).release(Ending.COMPLETE)


async def test_who_missed_a_line_because_its_pipe_was_full_looks_at_everything(tmp_path):
    pipes = OwnerPipes(tmp_path, 0o600)
    pipe = pipes.make("aa")
    try:
        with contextlib.suppress(AttributeError):  # only Linux lets it be made as small as it may be anywhere
            fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, 4096)
        for _ in range(2000):
            pipes.wake("aa", "5c09e" * 12)
        assert heard(pipe) == {""}

        os.set_blocking(pipe, False)
        while heard(pipe):
            pass
        pipes.wake("aa", "ab")
        pipes.wake("aa", "cd")
        pipes.wake("aa", "ab")
        assert heard(pipe) == {"ab", "cd"}
        assert heard(pipe) == set()
    finally:
        os.close(pipe)


def test_the_name_of_an_owner_leads_nowhere_else(tmp_path):
    """It comes out of a document that another member of a group may have written."""
    (tmp_path / "owners").mkdir()
    (tmp_path / "mine").write_text("untouched")
    (tmp_path / "owners" / "ab").symlink_to(tmp_path / "mine")
    pipes = OwnerPipes(tmp_path / "owners", 0o600)

    for name in ("../mine", "ab", ""):
        pipes.wake(name, "5c09e")
    assert not pipes.lives("../mine")
    assert (tmp_path / "mine").read_text() == "untouched"
