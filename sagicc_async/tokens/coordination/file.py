"""
Coordination through files: every process of one user on one machine, or those who share a folder.

In the folder, by names that are digests or random:

    scopes/<digest>    a document; whoever changes it holds its lock (flock)
    owners/<owner>     a pipe that its owner reads: a line in it makes the owner look at that scope again

A pipe that nobody reads any more tells, on every system and at once, that its owner is dead; a process that is only
stopped still holds it open, and keeps what it has. What has to be survived here is another process, not the machine:
nothing is synced to the disk, and the clock is that of the machine since it was started (see `ScopeState.begin` for what
a restart of it means). All system calls are made on the loop: together they take some 20 microseconds.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import os
import re
import secrets
import stat
import weakref
from collections.abc import Callable
from pathlib import Path
from typing import Final, TypeVar

import platformdirs

from ...clock import Clock, SystemClock
from ...errors import ConfigError
from .document_file import Document
from .shared import SharedCoordinator
from .state import ScopeState
from .store import Decision, StoreError, decode, encode

R = TypeVar("R")

_KEY: Final = re.compile(r"[0-9a-f]+")

#: Seconds for which a change waits for other processes' changes, which take microseconds each.
_PATIENCE: Final = 2.0
#: Seconds between two tries to get a lock: at first, and at most.
_PAUSES: Final = (0.0002, 0.02)

#: Seconds after which what nobody has touched, and nobody needs, is swept away.
_STALE: Final = 86_400.0

#: Bytes of lines after which a reader may have missed one: then it looks at everything.
_MANY: Final = 4096


class FileCoordinator(SharedCoordinator):
    """
    A coordinator for the processes that share a folder on one machine: by default all of this user's.

    Args:
        folder: Where they meet; by default `sagicc-async/coordination-1` in the user's state folder, which nobody else
            can enter. A folder of a group's makes its members one. It must not lie on a network file system.
        clock: Time; the machine's own if not given.
    """

    def __init__(self, folder: str | os.PathLike[str] | None = None, *, clock: Clock | None = None) -> None:
        super().__init__(FileStore(folder, clock), clock)


class FileStore:
    """
    A `Store` in a folder.

    Args:
        folder: The folder; see `FileCoordinator`.
        clock: Time, which must be the same for all who share the folder.
    """

    uncertainty: float = 0.0
    polling: float = float("inf")

    def __init__(self, folder: str | os.PathLike[str] | None = None, clock: Clock | None = None) -> None:
        default = platformdirs.user_state_path("sagicc-async") / "coordination-1"
        self._folder = default if folder is None else Path(folder)
        self._clock = clock or SystemClock()
        self._known_since = 0.0
        self._files_mode = 0o600
        self._pipe: int | None = None
        self._woken: Callable[[str], None] = lambda key: None
        self._loop: asyncio.AbstractEventLoop | None = None
        self.owner: str = secrets.token_hex(8)

    def describe(self) -> str:
        """The folder."""
        return os.fspath(self._folder)

    async def open(self, woken: Callable[[str], None]) -> None:
        """
        Make the folder, if need be, and the pipe; sweep away what dead processes have left.

        Raises:
            ConfigError: The folder cannot be made or used, or others can get at it.
        """
        self._loop, self._woken = asyncio.get_running_loop(), woken
        self.owner = secrets.token_hex(8)
        try:
            self._enter()
            self._sweep()
        except OSError as error:
            self._leave()
            raise ConfigError(
                f"the folder where processes agree on tokens cannot be used: {self._folder}: {error.strerror}; give "
                "another one (coordinator='file:/path'), or, if no other process uses these tokens, coordinator='memory:' "
                "or SAGICC_ASYNC_COORDINATOR=memory:"
            ) from None
        except BaseException:
            self._leave()
            raise

    async def close(self) -> None:
        """Remove the pipe: what this owner holds is not its own any more."""
        self._leave()

    async def change(self, key: str, decide: Callable[[ScopeState, float], Decision[R]]) -> R:
        """
        Change a document; see `Store.change`.

        Raises:
            StoreError: Another process has held the document for long; the disk is full; or it is no document.
            ConfigError: A newer release keeps its documents here, or this process was forked from the one that opened it.
        """
        until, pause = self._clock.now() + _PATIENCE, _PAUSES[0]
        while (result := self.change_at_once(key, decide)) is None:
            if self._clock.now() >= until:
                raise StoreError(f"another process has been changing a document for {_PATIENCE:.0f} s: is it stopped?")
            await self._clock.sleep(pause)
            pause = min(pause * 2, _PAUSES[1])
        return result

    def change_at_once(self, key: str, decide: Callable[[ScopeState, float], Decision[R]]) -> R | None:
        """
        Change a document unless another process is just doing so.

        Raises:
            StoreError: The disk is full; or it is no document.
            ConfigError: A newer release keeps its documents here, or this process was forked from the one that opened it.
        """
        if not _KEY.fullmatch(key):
            raise ConfigError("the key of a scope is a digest: hex digits")
        try:
            self._stay()
            with Document.locked(self._folder / "scopes" / key, self._files_mode) as document:
                if document is None:
                    return None
                decision = self._decided(document, decide)
        except OSError as error:
            raise StoreError(error.strerror or type(error).__name__) from None
        for owner in decision.wake:
            self._wake(owner, key)
        return decision.result

    def _decided(self, document: Document, decide: Callable[[ScopeState, float], Decision[R]]) -> Decision[R]:
        kept = document.read()
        state = ScopeState(known_since=self._known_since) if kept is None else decode(kept)
        now = self._clock.now()
        state.begin(now, self._lives)
        decision = decide(state, now)
        if decision.changed:
            document.write(encode(state))
        return decision

    def _enter(self) -> None:
        """Make what is not there: the folders, and this owner's pipe in them."""
        self._folder.parent.mkdir(parents=True, exist_ok=True)
        self._folder.mkdir(mode=0o700, exist_ok=True)
        mode = stat.S_IMODE(_trusted(self._folder).st_mode)
        self._files_mode = 0o600 | (mode & 0o060)
        for part in ("scopes", "owners"):
            inner = self._folder / part
            with contextlib.suppress(FileExistsError):
                inner.mkdir()
                inner.chmod(mode)
        pipe = self._pipe_of(self.owner)
        # Under its name it is there with its reader, or not at all: else it could be swept away in between.
        spare = pipe.with_suffix(".new")
        os.mkfifo(spare, self._files_mode)
        spare.chmod(self._files_mode)
        # Also open for writing, so that it does not end when a writer leaves.
        self._pipe = os.open(spare, os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)
        spare.rename(pipe)
        assert self._loop is not None
        self._loop.add_reader(self._pipe, self._listen)
        _opened.add(self)

    def _leave(self) -> None:
        if self._pipe is not None:
            assert self._loop is not None
            self._loop.remove_reader(self._pipe)
            os.close(self._pipe)
            self._pipe = None
            for name in (self._pipe_of(self.owner), self._pipe_of(self.owner).with_suffix(".new")):
                name.unlink(missing_ok=True)
        _opened.discard(self)

    def _stay(self) -> None:
        """Make sure that this owner is still seen: somebody may have removed the folder."""
        if self._pipe is None:
            raise ConfigError("this coordinator is not open in this process: after a fork, make a new SessionManager")
        if os.fstat(self._pipe).st_nlink == 0:
            self._leave()
            self._known_since = self._clock.now()  # what was agreed on before is gone
            self._enter()

    def forget(self) -> None:
        """In the child of a fork: the pipe is its parent's, who would seem to live for as long as the child holds it."""
        if self._pipe is not None:
            os.close(self._pipe)
            self._pipe = None

    def _pipe_of(self, owner: str) -> Path:
        return self._folder / "owners" / owner

    def _lives(self, owner: str) -> bool:
        return owner == self.owner or self._write(owner, b"")

    def _wake(self, owner: str, key: str) -> None:
        self._write(owner, f"{key}\n".encode())

    def _write(self, owner: str, line: bytes) -> bool:
        """Write into an owner's pipe; false if nobody reads it any more."""
        try:
            pipe = os.open(self._pipe_of(owner), os.O_WRONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        except OSError as error:
            if error.errno in (errno.ENXIO, errno.ENOENT):
                return False
            raise
        try:
            if line:
                os.write(pipe, line)
        except BlockingIOError:
            pass  # it is full: its owner has enough to wake up for, and will look at everything
        finally:
            os.close(pipe)
        return True

    def _listen(self) -> None:
        assert self._pipe is not None
        lines = os.read(self._pipe, 65_536)
        for key in {""} if len(lines) >= _MANY else set(lines.decode().split()):
            self._woken(key)

    def _sweep(self) -> None:
        for pipe in (self._folder / "owners").iterdir():
            if pipe.suffix != ".new" and not self._lives(pipe.name):
                pipe.unlink(missing_ok=True)
        for file in (self._folder / "scopes").iterdir():
            with contextlib.suppress(OSError, StoreError, ConfigError):  # it is somebody else's matter then
                if self._clock.wall() - file.stat().st_mtime > _STALE:
                    self._sweep_scope(file)

    def _sweep_scope(self, file: Path) -> None:
        with Document.locked(file, self._files_mode) as document:
            kept = None if document is None else document.read()
            if document is None or kept is None:
                return
            state, now = decode(kept), self._clock.now()
            state.begin(now, self._lives)
            if state.idle(now):
                document.remove()


def _trusted(folder: Path) -> os.stat_result:
    """Make sure that nobody can get at what is in a folder who should not."""
    found = folder.stat()
    if stat.S_IMODE(found.st_mode) & 0o007:
        raise ConfigError(f"the folder {folder} is open to everybody; chmod o-rwx {folder}")
    if found.st_uid != os.geteuid() and found.st_gid not in {os.getegid(), *os.getgroups()}:
        raise ConfigError(f"the folder {folder} is neither yours nor your group's; choose another one")
    return found


#: What is to be let go of in the child of a fork.
_opened: weakref.WeakSet[FileStore] = weakref.WeakSet()


def _forget_after_a_fork() -> None:
    for store in list(_opened):
        store.forget()
    _opened.clear()


os.register_at_fork(after_in_child=_forget_after_a_fork)
