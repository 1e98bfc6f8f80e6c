"""
How processes of one machine see and wake each other: each owner reads a pipe that has its name.

A pipe that nobody reads any more tells, on every system and at once, that its owner is dead; a process that is only
stopped still holds it open. A line in it makes the owner look at a scope again.
"""

from __future__ import annotations

import contextlib
import errno
import os
import re
from pathlib import Path
from typing import Final

from .meeting_folder import STALE

#: An owner's name comes out of a document that others write: it must not lead to another folder.
_NAME: Final = re.compile(r"[0-9a-f]+")

#: Bytes of lines after which some may not have found room, whatever the size of the pipe: a page is the least.
_MANY: Final = 2048


class OwnerPipes:
    """
    The pipes in a folder.

    Args:
        folder: The folder.
        mode: Permissions of a new pipe.
    """

    def __init__(self, folder: Path, mode: int) -> None:
        self._folder = folder
        self._mode = mode

    def make(self, owner: str) -> int:
        """
        Make an owner's pipe.

        Returns:
            Its descriptor, to read from without blocking.

        Raises:
            OSError: It cannot be made; nothing is left of it.
        """
        # Under its name it is there with its reader, or not at all: else it could be swept away in between.
        spare = self._folder / f"{owner}.new"
        os.mkfifo(spare, self._mode)
        try:
            spare.chmod(self._mode)  # whatever the umask says
            # Also open for writing, so that it does not end when a writer leaves.
            pipe = os.open(spare, os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)
            try:
                spare.rename(self._folder / owner)
            except BaseException:
                os.close(pipe)
                raise
        except BaseException:
            spare.unlink(missing_ok=True)
            raise
        return pipe

    def remove(self, owner: str) -> None:
        """Remove an owner's pipe, if that is still possible."""
        with contextlib.suppress(OSError):
            (self._folder / owner).unlink()

    def lives(self, owner: str) -> bool:
        """
        Whether anybody reads an owner's pipe.

        Raises:
            OSError: It cannot be told.
        """
        pipe = self._open(owner)
        if pipe is not None:
            os.close(pipe)
        return pipe is not None

    def wake(self, owner: str, key: str) -> None:
        """Make an owner look at a scope again; at the latest it looks by itself, when it renews its place in the queue."""
        with contextlib.suppress(OSError):
            pipe = self._open(owner)
            if pipe is not None:
                try:
                    os.write(pipe, f"{key}\n".encode())  # if it is full, its owner will look at everything
                finally:
                    os.close(pipe)

    def sweep(self, wall: float) -> None:
        """
        Remove the pipes that nobody reads.

        Args:
            wall: Seconds since the epoch.
        """
        for pipe in self._folder.iterdir():
            with contextlib.suppress(OSError):  # another one sweeps too, or it is another user's
                half_made = pipe.suffix == ".new"
                if wall - pipe.stat().st_mtime > STALE if half_made else not self.lives(pipe.name):
                    pipe.unlink()

    def _open(self, owner: str) -> int | None:
        """Open an owner's pipe to write into it; `None` if nobody reads it any more."""
        if not _NAME.fullmatch(owner):
            return None
        try:
            return os.open(f"{self._folder}/{owner}", os.O_WRONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC)
        except OSError as error:
            if error.errno in (errno.ENXIO, errno.ENOENT):
                return None
            raise


def heard(pipe: int) -> set[str]:
    """
    Read the own pipe.

    Returns:
        The scopes to look at again; an empty key for all of them.
    """
    try:
        lines = os.read(pipe, 65_536)
    except BlockingIOError:
        return set()
    return {""} if len(lines) >= _MANY else set(lines.decode("ascii", "replace").split())
