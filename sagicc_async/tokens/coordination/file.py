"""
Coordination through files: every process of one user on one machine, or those who share a folder.

In the folder of this run of the machine (`meeting_folder.py`), by names that are digests or random:

    scopes/<digest>    a document; whoever changes it holds its lock (`document_file.py`)
    owners/<owner>     a pipe that its owner reads, which tells that it lives, and wakes it (`owner_pipes.py`)

The clock is that of the machine since it was started, the same for all its processes. All system calls are made on the
loop: together they take some tens of microseconds.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import os
import re
import secrets
import weakref
from collections.abc import Callable
from pathlib import Path
from typing import Final, TypeVar

import attrs
import platformdirs

from ...clock import Clock, SystemClock
from ...errors import ConfigError
from .document_file import Document
from .meeting_folder import STALE, MeetingFolder, enter
from .owner_pipes import OwnerPipes, heard
from .shared import SharedCoordinator
from .state import ScopeState
from .store import Decision, Now, StoreError, decode, encode

R = TypeVar("R")

_KEY: Final = re.compile(r"[0-9a-f]+")

#: Seconds for which a change waits for other processes' changes, which take microseconds each.
_PATIENCE: Final = 2.0
#: Seconds between two tries to get a lock: at first, and at most.
_PAUSES: Final = (0.0002, 0.02)


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


@attrs.frozen
class _Stay:
    """
    Where an open store is: only what is in that very folder counts.

    Args:
        meeting: The folder.
        scopes: That of the documents, as text: to join paths takes as long as to open a file.
        pipes: Everybody's pipes in it.
        pipe: The own one.
    """

    meeting: MeetingFolder
    scopes: str
    pipes: OwnerPipes
    pipe: int


class FileStore:
    """
    A `Store` in a folder.

    Args:
        folder: The folder; see `FileCoordinator`.
        clock: Time, which must be the same for all who share the folder.
    """

    polling: float = float("inf")

    def __init__(self, folder: str | os.PathLike[str] | None = None, clock: Clock | None = None) -> None:
        default = platformdirs.user_state_path("sagicc-async") / "coordination-1"
        self._folder = default if folder is None else Path(folder)
        self._clock = clock or SystemClock()
        self._woken: Callable[[str], None] = lambda key: None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._open = False
        self._stay: _Stay | None = None
        self._lost_at = 0.0  # when the folder was found to be gone
        self._unreadable: set[str] = set()  # scopes of which something else than a document was found
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
        self._open = True
        try:
            self._sweep(self._entered())
        except OSError as error:
            self._leave()
            raise ConfigError(
                f"the folder where processes agree on tokens cannot be used: {self._folder}: {_reason(error)}; give "
                "another one (coordinator='file:/path'), or, if no other process uses these tokens, coordinator='memory:' "
                "or SAGICC_ASYNC_COORDINATOR=memory:"
            ) from None
        except BaseException:
            self._leave()
            raise

    async def close(self) -> None:
        """Remove the pipe: what this owner holds is not its own any more."""
        self._leave()

    async def change(self, key: str, decide: Callable[[ScopeState, Now], Decision[R]]) -> R:
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

    def change_at_once(self, key: str, decide: Callable[[ScopeState, Now], Decision[R]]) -> R | None:
        """
        Change a document unless another process is just doing so.

        Raises:
            StoreError: The disk is full; or it is no document.
            ConfigError: A newer release keeps its documents here, or this process was forked from the one that opened it.
        """
        if not _KEY.fullmatch(key):
            raise ConfigError("the key of a scope is a digest: hex digits")
        try:
            stay = self._entered()
            with Document.locked(f"{stay.scopes}/{key}", stay.meeting.files_mode) as document:
                if document is None:
                    return None
                decision = self._decided(stay, key, document, decide)
        except OSError as error:
            raise StoreError(_reason(error)) from None
        for owner in decision.wake:
            stay.pipes.wake(owner, key)
        return decision.result

    def forget(self) -> None:
        """In the child of a fork: the pipe is its parent's, who would seem to live for as long as the child holds it."""
        self._open = False
        if self._stay is not None:
            os.close(self._stay.pipe)
            self._stay = None

    def _decided(
        self, stay: _Stay, key: str, document: Document, decide: Callable[[ScopeState, Now], Decision[R]]
    ) -> Decision[R]:
        now = self._clock.now()
        state = self._read(stay, key, document, now)
        found = state.begin(now, functools.partial(self._lives, stay))
        decision = decide(state, Now(now, now))
        if found or decision.changed:
            document.write(encode(state))
            self._unreadable.discard(key)
        return decision

    def _read(self, stay: _Stay, key: str, document: Document, now: float) -> ScopeState:
        try:
            kept = document.read()
            if kept is not None:
                return decode(kept)
        except StoreError:
            self._unreadable.add(key)
            raise
        # Somebody who mends what cannot be read removes it, and with it what was agreed on before.
        lost_at = now if key in self._unreadable else self._lost_at
        return ScopeState(known_since=max(stay.meeting.known_since, lost_at))

    def _entered(self) -> _Stay:
        """Be seen in the folder: at first, and when somebody has removed it since."""
        if not self._open:
            raise ConfigError("this coordinator is not open in this process: after a fork, make a new SessionManager")
        stay = self._stay
        if stay is not None:
            if os.fstat(stay.pipe).st_nlink:
                return stay
            self._lost_at = self._clock.now()
            self._withdraw(stay)
        meeting = enter(self._folder, self._clock.wall())
        pipes = OwnerPipes(meeting.owners, meeting.files_mode)
        stay = self._stay = _Stay(meeting, os.fspath(meeting.scopes), pipes, pipes.make(self.owner))
        assert self._loop is not None
        self._loop.add_reader(stay.pipe, self._listen)
        _opened.add(self)
        return stay

    def _withdraw(self, stay: _Stay) -> None:
        self._stay = None
        _opened.discard(self)
        assert self._loop is not None
        self._loop.remove_reader(stay.pipe)
        stay.pipes.remove(self.owner)
        os.close(stay.pipe)

    def _leave(self) -> None:
        self._open = False
        if self._stay is not None:
            self._withdraw(self._stay)

    def _lives(self, stay: _Stay, owner: str) -> bool:
        return owner == self.owner or stay.pipes.lives(owner)

    def _listen(self) -> None:
        assert self._stay is not None
        for key in heard(self._stay.pipe):
            self._woken(key)

    def _sweep(self, stay: _Stay) -> None:
        wall = self._clock.wall()
        stay.pipes.sweep(wall)
        for file in stay.meeting.scopes.iterdir():
            with contextlib.suppress(OSError, StoreError, ConfigError):  # it is somebody else's matter then
                if wall - file.stat().st_mtime > STALE:
                    self._sweep_scope(stay, file)

    def _sweep_scope(self, stay: _Stay, file: Path) -> None:
        with Document.locked(file, stay.meeting.files_mode) as document:
            kept = None if document is None else document.read()
            if document is None or kept is None:
                return
            state, now = decode(kept), self._clock.now()
            state.begin(now, functools.partial(self._lives, stay))
            if state.idle(now):
                document.remove()


def _reason(error: OSError) -> str:
    return error.strerror or type(error).__name__


#: What is to be let go of in the child of a fork.
_opened: weakref.WeakSet[FileStore] = weakref.WeakSet()


def _forget_after_a_fork() -> None:
    for store in list(_opened):
        store.forget()
    _opened.clear()


os.register_at_fork(after_in_child=_forget_after_a_fork)
