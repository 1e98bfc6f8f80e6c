"""The folder where processes meet: who can get at it, and what becomes of what is old."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import stat
import subprocess
import sys
import tempfile
import warnings
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from sagicc_async.errors import ConfigError
from sagicc_async.testing import ManualClock
from sagicc_async.tokens.admission import Ending
from sagicc_async.tokens.coordination import Scope
from sagicc_async.tokens.coordination.boot import boot_name
from sagicc_async.tokens.coordination.file import FileCoordinator
from sagicc_async.tokens.coordination.meeting_folder import enter

from .file_rig import HOLDER, SCOPE, admit, here, opened, process, said


@pytest.fixture
def folder(tmp_path) -> Path:
    return tmp_path / "state" / "coordination"


async def test_only_the_user_can_look_at_what_is_kept(folder):
    async with opened(folder) as coordinator:
        lease = await admit(coordinator)

        modes = {path: stat.S_IMODE(path.stat().st_mode) for path in [folder, *folder.rglob("*")]}
        assert {mode for path, mode in modes.items() if path.is_dir()} == {0o700}
        assert {mode for path, mode in modes.items() if not path.is_dir()} == {0o600}
        assert stat.S_ISFIFO(next((here(folder) / "owners").iterdir()).stat().st_mode)
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
        [left] = (here(folder) / "owners").iterdir()

    async with opened(folder):
        assert left not in list((here(folder) / "owners").iterdir())
        assert len(list((here(folder) / "owners").iterdir())) == 1


async def test_old_documents_that_matter_to_nobody_are_swept_away_and_others_are_not(folder, manual_clock):
    async with opened(folder, clock=manual_clock) as coordinator:
        (await admit(coordinator)).release(Ending.COMPLETE)
        held = await admit(coordinator, Scope(key="4e1d", max_in_flight=1))
        recent = await admit(coordinator, Scope(key="0e11", max_in_flight=1))
        recent.release(Ending.COMPLETE)
        long_ago = manual_clock.wall() - 90_000
        for key in (SCOPE.key, "4e1d"):
            os.utime(here(folder) / "scopes" / key, (long_ago, long_ago))

        async with opened(folder, clock=manual_clock):
            assert {file.name for file in (here(folder) / "scopes").iterdir()} == {"4e1d", "0e11"}
        held.release(Ending.COMPLETE)


async def test_where_the_processes_meet_is_said(folder):
    assert FileCoordinator(folder).describe() == os.fspath(folder)
    assert repr(FileCoordinator(folder)) == f"<FileCoordinator {folder}>"
    assert FileCoordinator().describe().endswith("sagicc-async/coordination-1")


async def test_after_a_restart_nothing_starts_before_what_was_at_work_must_be_over(folder, monkeypatch):
    await first_run(folder, monkeypatch)
    clock = ManualClock(now=3.0)  # since the machine was started
    async with opened(folder, clock=clock) as coordinator:
        waiting = asyncio.create_task(admit(coordinator, hold=10.0))
        await clock.advance(7.4)
        assert not waiting.done()
        await clock.advance(0.2)  # 10 of the lease, 0.5 to settle

        waiting.result().release(Ending.COMPLETE)


async def test_long_after_a_restart_nothing_is_waited_for(folder, monkeypatch):
    await first_run(folder, monkeypatch)

    async with opened(folder, clock=ManualClock(now=300.0)) as coordinator:
        (await admit(coordinator, hold=10.0)).release(Ending.COMPLETE)


async def test_on_a_machine_that_has_just_been_started_the_first_use_of_all_waits_for_nothing(folder):
    folder.mkdir(parents=True)
    folder.chmod(0o700)
    (folder / f"{here(folder).name}.new-made-in-this-moment").mkdir()

    async with opened(folder, clock=ManualClock(now=3.0)) as coordinator:
        (await admit(coordinator, hold=10.0)).release(Ending.COMPLETE)


async def test_what_is_left_of_old_runs_is_swept_away_and_nothing_else(folder, manual_clock):
    names = {"boot-0123456789abcdef", "boot-0123456789abcdef.new-x", "boot-of-mine", "0123456789abcdef", "invoices"}
    for name in names:
        (folder / name / "scopes").mkdir(parents=True)
        (folder / name / "scopes" / "ab").touch()
    (folder / "boot-00000000000000aa").mkdir()
    for path in folder.rglob("*"):
        os.utime(path, times=(0, 0))
    os.utime(folder / "boot-00000000000000aa", (manual_clock.wall(), manual_clock.wall()))
    folder.chmod(0o700)

    async with opened(folder, clock=manual_clock):
        kept = {path.name for path in folder.iterdir()}

    assert kept == {"boot-of-mine", "0123456789abcdef", "invoices", "boot-00000000000000aa", here(folder).name}
    assert (folder / "invoices" / "scopes" / "ab").exists()


async def test_a_pipe_that_was_never_finished_is_swept_away_when_it_is_old(folder):
    async with opened(folder):
        owners = here(folder) / "owners"
        for name in ("aa.new", "bb.new"):
            os.mkfifo(owners / name)
        os.utime(owners / "aa.new", (0, 0))

        async with opened(folder):
            assert {path.name for path in owners.iterdir() if path.suffix} == {"bb.new"}


def test_processes_that_come_at_the_same_time_meet_in_one_folder(folder):
    with ThreadPoolExecutor(8) as pool:
        found = set(pool.map(lambda _: enter(folder, 0.0), range(8)))

    assert len(found) == 1
    assert [path.name for path in folder.iterdir()] == [here(folder).name]


def test_all_processes_of_a_machine_say_the_same_of_its_run():
    program = "from sagicc_async.tokens.coordination.boot import boot_name; print(boot_name())"
    told = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout.strip()

    assert told == boot_name()
    assert re.fullmatch("[0-9a-f]{16}", told)


@pytest.mark.skipif(sys.platform != "linux", reason="where Linux tells it")
async def test_a_process_that_is_not_told_which_run_this_is_does_not_meet_others_elsewhere(folder, monkeypatch):
    monkeypatch.setattr("sagicc_async.tokens.coordination.boot._LINUX", folder / "nothing")

    with pytest.raises(ConfigError, match=r"cannot be used: .*No such file"):
        await FileCoordinator(folder).open()


async def test_a_folder_that_cannot_be_made_anew_is_told_until_it_can(folder, manual_clock):
    async with opened(folder, clock=manual_clock) as coordinator:
        shutil.rmtree(folder)
        folder.write_text("something else")
        folder.chmod(0o600)
        waiting = asyncio.create_task(admit(coordinator, hold=10.0))
        await manual_clock.advance(30)
        assert coordinator.trouble == f"{folder}: File exists"

        folder.unlink()
        await manual_clock.advance(15)
        assert coordinator.trouble is None
        waiting.result().release(Ending.COMPLETE)


async def test_a_folder_that_a_group_may_only_read_is_its_owners_alone(folder):
    folder.mkdir(parents=True)
    folder.chmod(0o750)

    async with opened(folder) as coordinator:
        (await admit(coordinator)).release(Ending.COMPLETE)
        assert {stat.S_IMODE(path.stat().st_mode) for path in folder.rglob("*") if not path.is_dir()} == {0o600}


@pytest.mark.skipif(os.geteuid() != 0, reason="becomes other users")
def test_members_of_a_group_meet_in_its_folder_whatever_their_own_groups_and_umasks():
    with tempfile.TemporaryDirectory() as outside:  # where other users can go
        Path(outside).chmod(0o711)
        folder = Path(outside) / "shared"
        folder.mkdir()
        os.chown(folder, 54_001, 54_000)
        folder.chmod(0o770)

        assert [done_as(user, folder) for user in (54_001, 54_002, 54_001)] == ["", "", ""]
        assert "neither yours nor your group's" in done_as(54_003, folder, groups=[])


def done_as(user: int, folder: Path, groups: Sequence[int] = (54_000,)) -> str:
    """What goes wrong when a user who does not clean up takes part and waits for nobody."""

    async def take_part():
        coordinator = FileCoordinator(folder)
        await coordinator.open()
        async with asyncio.timeout(5):
            (await admit(coordinator)).release(Ending.COMPLETE)

    reader, writer = os.pipe()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # of forks beside threads
        child = os.fork()
    if child == 0:
        try:
            os.setgroups(groups)
            os.setgid(user)
            os.setuid(user)
            os.umask(0o077)
            asyncio.run(take_part())
        except BaseException as error:  # noqa: BLE001 - told to the parent
            os.write(writer, repr(error).encode())
        finally:
            os._exit(0)
    os.close(writer)
    with os.fdopen(reader) as stream:
        told = stream.read()
    os.waitpid(child, 0)
    return told


async def first_run(folder, monkeypatch):
    """The folder was used before the machine was started anew."""
    with monkeypatch.context() as patch:
        patch.setattr("sagicc_async.tokens.coordination.meeting_folder.boot_name", lambda: "0123456789abcdef")
        async with opened(folder):
            pass
