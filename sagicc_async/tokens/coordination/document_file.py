"""
A document in a file that is changed in place: whole at every moment, whoever is killed when.

The first line says where in the file the document stands. A new one is written beside the old one, then the line is
overwritten, in a single write inside one page, which no signal interrupts. To write another file and rename it would do as
well, and takes thirty times as long on a usual file system.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final, Self

from ...errors import ConfigError
from .store import StoreError

#: Bytes of the first line.
_HEAD: Final = 64
_FORM: Final = re.compile(rb"sagicc-async 1 at (\d+) for (\d+) *\n")
_LAYOUT: Final = re.compile(rb"sagicc-async (\d+) ")
_NOTHING: Final = bytes(_HEAD)


class Document:
    """
    A document whose lock is held.

    Args:
        file: Where it is.
        fd: The open file.
    """

    def __init__(self, file: str, fd: int) -> None:
        self._file = file
        self._fd = fd
        self._place: tuple[int, int] = (_HEAD, 0)

    @classmethod
    @contextlib.contextmanager
    def locked(cls, file: str | os.PathLike[str], mode: int) -> Iterator[Self | None]:
        """
        Hold the lock of a document, which is made if it is not there.

        Returns:
            The document; `None` if somebody else holds its lock.

        Raises:
            OSError: It cannot be opened.
        """
        fd = os.open(file, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, mode)
        try:
            try:
                fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                yield None
                return
            found = os.fstat(fd)
            if found.st_nlink == 0:  # it was swept away just before: the next try makes a new one
                yield None
                return
            if found.st_size == 0 and found.st_mode & 0o777 != mode and found.st_uid == os.geteuid():
                os.fchmod(fd, mode)  # whatever the umask says
            yield cls(os.fspath(file), fd)
        finally:
            # Closing is not enough: a child that another thread forked meanwhile has a copy, and with it the lock.
            fcntl.flock(fd, fcntl.LOCK_UN)
            os.close(fd)

    def read(self) -> bytes | None:
        """
        The document; `None` if nothing was written yet.

        Raises:
            StoreError: Something else has written into the file.
            ConfigError: A newer release did, in another way.
            OSError: It cannot be read.
        """
        data = os.pread(self._fd, os.fstat(self._fd).st_size, 0)
        head = data[:_HEAD]
        if head in (b"", _NOTHING):
            return None
        form = _FORM.fullmatch(head)
        if form is None:
            if _LAYOUT.match(head):
                raise ConfigError(
                    f"a newer release of sagicc-async keeps {self._file} in another way: update this process, or give "
                    "one of them a folder of its own while neither uses the other's tokens"
                )
            raise StoreError(f"{self._file} is no document of ours: something else writes there; remove it")
        at, length = int(form[1]), int(form[2])
        self._place = (at, length)
        return data[at : at + length]

    def write(self, data: bytes) -> None:
        """
        Replace the document.

        Raises:
            OSError: The disk is full; the old one still stands.
        """
        at, length = self._place
        beside = _HEAD if _HEAD + len(data) <= at else at + length
        _write(self._fd, data, beside)
        head = b"sagicc-async 1 at %d for %d" % (beside, len(data))
        _write(self._fd, head.ljust(_HEAD - 1) + b"\n", 0)
        self._place = (beside, len(data))

    def remove(self) -> None:
        """Remove the file; who waits for its lock finds that it is gone."""
        Path(self._file).unlink(missing_ok=True)


def _write(fd: int, data: bytes, at: int) -> None:
    """Write all of it: the disk may fill up in the middle."""
    while data:
        written = os.pwrite(fd, data, at)
        data, at = data[written:], at + written
