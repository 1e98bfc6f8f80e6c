"""Tokens in files: nobody else reads them, two processes never cross, and no mishap costs more than another login."""

from __future__ import annotations

import asyncio
import errno
import fcntl
import json
import logging
import os
import signal
import sys
import time
from pathlib import Path

import platformdirs
import pytest

from sagicc_async.errors import ConfigError
from sagicc_async.secrets import Secret
from sagicc_async.tokens import file_cache
from sagicc_async.tokens.cache import StoredToken
from sagicc_async.tokens.file_cache import FileTokenCache

CANARY = "canary-29b4"
KEY = "0123456789abcdef0123456789abcdef"


def stored(value: str = CANARY, at: float = 1.0) -> StoredToken:
    return StoredToken(value=Secret(value), refresh=Secret(f"{value}-refresh"), expires_at=at + 60, stored_at=at)


@pytest.fixture
def folder(tmp_path) -> Path:
    return tmp_path / "state" / "tokens"


@pytest.fixture
def cache(folder) -> FileTokenCache:
    return FileTokenCache(folder)


@pytest.fixture
def file(folder) -> Path:
    return folder / f"{KEY}.json"


@pytest.fixture
def warnings(caplog):
    """The texts that were logged, which never show a token."""
    caplog.set_level(logging.DEBUG)
    yield lambda: [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING]
    assert CANARY not in caplog.text


def mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


@pytest.mark.parametrize("umask", [0o000, 0o022, 0o077])
async def test_only_their_user_can_read_folder_and_files(cache, folder, umask):
    before = os.umask(umask)
    try:
        await cache.store(KEY, stored(), None)
    finally:
        os.umask(before)

    assert mode(folder) == 0o700
    assert {path.name: mode(path) for path in folder.iterdir()} == {f"{KEY}.json": 0o600, f"{KEY}.lock": 0o600}


async def test_a_file_that_others_could_read_is_theirs_no_more_once_it_was_overwritten(cache, file):
    await cache.store(KEY, stored(), None)
    file.chmod(0o644)

    await cache.store(KEY, stored("b"), stored())

    assert mode(file) == 0o600


@pytest.mark.parametrize("bits", [0o701, 0o710, 0o750, 0o777])
async def test_a_folder_that_is_open_to_others_is_refused(cache, folder, bits):
    await cache.store(KEY, stored(), None)
    folder.chmod(bits)

    for act in (cache.load(KEY), cache.store(KEY, stored("b"), None), cache.drop(KEY, stored())):
        with pytest.raises(ConfigError, match=f"chmod 700 {folder}"):
            await act
    folder.chmod(0o700)
    assert await cache.load(KEY) == stored()


async def test_a_folder_of_somebody_else_is_refused(cache, monkeypatch):
    await cache.store(KEY, stored(), None)
    somebody_else = os.geteuid() + 1
    monkeypatch.setattr(os, "geteuid", lambda: somebody_else)

    with pytest.raises(ConfigError, match=r"belongs to another user.*chmod 700"):
        await cache.load(KEY)


async def test_by_default_the_folder_is_in_the_users_state(tmp_path, monkeypatch):
    monkeypatch.setattr(platformdirs, "user_state_path", lambda name: tmp_path / "state" / name)

    await FileTokenCache().store(KEY, stored(), None)

    assert (tmp_path / "state" / "sagicc-async" / "tokens" / f"{KEY}.json").is_file()


async def test_looking_makes_nothing(cache, folder):
    assert await cache.load(KEY) is None
    await cache.drop(KEY, stored())
    assert not folder.parent.exists()


@pytest.mark.parametrize("key", ["", ".", "..", "../x", "a/b", "/etc/passwd", "a\0", "ñ"])
async def test_a_key_that_is_no_digest_names_no_file(cache, folder, key):
    with pytest.raises(ConfigError, match="digest"):
        await cache.store(key, stored(), None)
    assert not folder.exists()


async def test_what_is_stored_is_loaded_by_another_cache(cache, folder):
    assert await cache.store(KEY, stored(), None) == stored()
    assert await FileTokenCache(str(folder)).load(KEY) == stored()
    assert await cache.load("ffff") is None


async def test_a_token_that_another_cache_stored_meanwhile_stays_and_is_given_back(cache, folder):
    other = FileTokenCache(folder)
    seen = await cache.load(KEY)
    await other.store(KEY, stored("theirs"), await other.load(KEY))

    assert await cache.store(KEY, stored("ours"), seen) == stored("theirs")
    assert await cache.load(KEY) == stored("theirs")
    assert await cache.store(KEY, stored("next"), stored("theirs")) == stored("next")
    assert await other.load(KEY) == stored("next")


async def test_dropping_spares_a_token_that_came_later(cache, file):
    await cache.store(KEY, stored("b"), None)

    await cache.drop(KEY, stored("a"))
    assert await cache.load(KEY) == stored("b")
    await cache.drop(KEY, stored("b"))
    assert await cache.load(KEY) is None
    await cache.drop(KEY, stored("b"))
    assert not file.exists()


SWAPPER = """
import asyncio, sys
from sagicc_async import FileTokenCache, Secret, StoredToken

async def swap(folder, key, name, turns):
    cache = FileTokenCache(folder)
    for turn in range(turns):
        seen = await cache.load(key)
        mine = StoredToken(value=Secret(f"{name}-{turn}"), stored_at=1.0)
        if await cache.store(key, mine, seen) == mine:
            print(seen and seen.value.reveal(), mine.value.reveal())

asyncio.run(swap(*sys.argv[1:4], int(sys.argv[4])))
"""


async def test_no_token_is_ever_replaced_twice_whoever_swaps_at_once(folder, cache):
    swappers = [
        await asyncio.create_subprocess_exec(
            sys.executable, "-c", SWAPPER, str(folder), KEY, name, "60", stdout=asyncio.subprocess.PIPE
        )
        for name in ("a", "b", "c")
    ]
    outputs = [await swapper.communicate() for swapper in swappers]
    swaps = dict(line.split() for out, _ in outputs for line in out.decode().splitlines())
    lines = sum(len(out.decode().splitlines()) for out, _ in outputs)

    assert len(swaps) == lines >= 60
    chain = "None"
    for _ in range(lines):
        chain = swaps[chain]
    assert (await cache.load(KEY)).value.reveal() == chain


BROKEN = {
    "empty": b"",
    "cut": stored().to_json()[:-20],
    "binary": b"\xff\x00" + CANARY.encode(),
    "another shape": json.dumps({"version": 1, "token": CANARY}).encode(),
}


@pytest.mark.parametrize("kind", BROKEN)
async def test_a_broken_file_counts_as_absent_and_is_overwritten(cache, folder, file, warnings, kind):
    folder.mkdir(parents=True, mode=0o700)
    file.write_bytes(BROKEN[kind])

    assert await cache.load(KEY) is None
    assert warnings() == [f"a stored token is passed over: {file}: it is not a stored token"]
    assert await cache.store(KEY, stored(), None) == stored() == await cache.load(KEY)


async def test_a_file_of_a_newer_release_counts_as_absent_and_is_overwritten(cache, folder, file, warnings):
    folder.mkdir(parents=True, mode=0o700)
    file.write_text(json.dumps({"version": 7, "sealed": CANARY}))

    assert await cache.load(KEY) is None
    assert warnings() == [f"a stored token is passed over: {file}: it has version 7, this release reads version 1"]
    assert await cache.store(KEY, stored(), None) == stored() == await cache.load(KEY)


async def test_a_file_that_cannot_be_read_counts_as_absent(cache, file, warnings):
    file.mkdir(parents=True)
    file.parent.chmod(0o700)

    assert await cache.load(KEY) is None
    assert warnings() == [f"a stored token is passed over: {file}: Is a directory"]
    assert await cache.store(KEY, stored(), None) == stored()


@pytest.fixture
def full_disk(monkeypatch) -> None:
    def fsync(fd):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", fsync)


@pytest.mark.usefixtures("full_disk")
async def test_on_a_full_disk_a_token_is_used_without_being_kept(cache, folder, file, warnings):
    assert await cache.store(KEY, stored(), None) == stored()

    assert warnings() == [f"a token is used without being kept: {file}: No space left on device"]
    assert [path.name for path in folder.iterdir()] == [f"{KEY}.lock"]


async def test_on_a_full_disk_the_old_file_stays_whole(cache, file, request):
    await cache.store(KEY, stored("old"), None)
    request.getfixturevalue("full_disk")

    assert await cache.store(KEY, stored("new"), stored("old")) == stored("new")
    assert StoredToken.from_json(file.read_bytes()) == stored("old")


async def test_where_the_folder_cannot_be_made_a_token_is_used_without_being_kept(tmp_path, warnings):
    (tmp_path / "file").touch()
    cache = FileTokenCache(tmp_path / "file" / "tokens")

    assert await cache.load(KEY) is None
    assert await cache.store(KEY, stored(), None) == stored()
    await cache.drop(KEY, stored())
    assert len(warnings()) == 3
    assert all("Not a directory" in text or "File exists" in text for text in warnings())


async def test_what_a_process_left_that_died_while_it_wrote_is_swept_away(cache, folder, file):
    await cache.store(KEY, stored("old"), None)
    file.with_suffix(".new").write_bytes(CANARY.encode())

    await cache.store(KEY, stored("new"), stored("old"))

    assert {path.name for path in folder.iterdir()} == {f"{KEY}.json", f"{KEY}.lock"}


async def test_a_process_that_stopped_in_the_middle_of_a_swap_does_not_stop_the_others(
    cache, file, warnings, monkeypatch
):
    monkeypatch.setattr(file_cache, "_LOCK_PATIENCE", 0.05)
    await cache.store(KEY, stored("old"), None)
    with file.with_suffix(".lock").open("r+b") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert await cache.store(KEY, stored("new"), stored("old")) == stored("new")
        assert await cache.load(KEY) == stored("old")
    assert warnings() == [f"a token is used without being kept: {file}: another process holds its lock"]


@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_a_child_that_was_forked_in_the_middle_of_a_swap_does_not_keep_the_lock(folder, file, monkeypatch):
    """As another thread does: the child has a copy of the descriptor, and lives on."""
    monkeypatch.setattr(file_cache, "_LOCK_PATIENCE", 0)
    folder.mkdir(parents=True)
    with file_cache._locked(file):
        child = os.fork()
        if child == 0:
            time.sleep(60)
            os._exit(0)
    try:
        with file_cache._locked(file):
            pass
    finally:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)


@pytest.mark.parametrize("turns", [0, 1, 2, 10, 100, 1000])
async def test_a_store_that_is_cancelled_leaves_the_old_file_or_the_new_one(cache, folder, file, turns):
    old, new = stored("old"), stored("n" * 100_000)
    await cache.store(KEY, old, None)
    task = asyncio.create_task(cache.store(KEY, new, old))
    for _ in range(turns):
        await asyncio.sleep(0)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)

    assert await cache.load(KEY) in (old, new)
    await asyncio.get_running_loop().shutdown_default_executor()  # the thread may still be writing
    assert StoredToken.from_json(file.read_bytes()) in (old, new)
    assert {path.name for path in folder.iterdir()} == {f"{KEY}.json", f"{KEY}.lock"}


async def test_no_name_and_no_repr_shows_a_token(cache, folder, warnings):
    await cache.store(KEY, stored(), None)

    assert repr(cache) == f"FileTokenCache({str(folder)!r})"
    assert not any(CANARY in path.name for path in folder.iterdir())
    assert CANARY not in repr(await cache.load(KEY))
    assert warnings() == []
