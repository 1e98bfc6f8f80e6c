"""The few things that an export asks of a file system, each of them durable when it returns."""

from __future__ import annotations

import contextlib
import fcntl
import os
from collections.abc import Iterator
from pathlib import Path

from ..errors import ConfigError
from ..private_folder import sync_folder


def write_all(fd: int, data: bytes) -> None:
    """Write everything; `write` may take less than it is given."""
    view = memoryview(data)
    while view:
        view = view[os.write(fd, view) :]


def overwrite_durably(spare: Path, target: Path, data: bytes) -> None:
    """
    Replace a small file at once: whoever reads it sees the old or the new content, also after a power cut.

    Args:
        spare: A file beside it whose room is used, so that this works on a full disk.
        target: The file.
        data: Its new content.
    """
    with named(spare):
        fd = os.open(spare, os.O_WRONLY | os.O_CLOEXEC)
        try:
            write_all(fd, data)
            os.ftruncate(fd, len(data))
            os.fsync(fd)
        finally:
            os.close(fd)
        spare.replace(target)


def replace_durably(source: Path, target: Path) -> None:
    """Rename a complete, synced file to its final name."""
    with named(target):
        source.replace(target)
        sync_folder(target.parent)


def open_locked(path: Path, *, folder: bool) -> int:
    """
    Open a file or folder, made if it is not there, that nobody else may open so until it is closed.

    Returns:
        Its descriptor: for reading and writing, or of the folder.

    Raises:
        ConfigError: Another process, or another export of this one, has it.
        OSError: It cannot be made or opened.
    """
    while True:
        with named(path):
            if folder:
                path.mkdir(exist_ok=True)
            flags = os.O_RDONLY | os.O_DIRECTORY if folder else os.O_RDWR | os.O_CREAT
            fd = os.open(path, flags | os.O_CLOEXEC, 0o666)
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
            # Between opening and locking the other one may have finished, and given the file its final name.
            if _is_at(path, fd):
                return fd
        except BlockingIOError:
            os.close(fd)
            raise ConfigError(f"another export is writing {path}; wait for it, or write to another file") from None
        except BaseException:
            os.close(fd)
            raise
        os.close(fd)


@contextlib.contextmanager
def named(path: Path) -> Iterator[None]:
    """Errors of the file system say which file they are about."""
    try:
        yield
    except OSError as error:
        if error.filename is not None or error.errno is None:
            raise
        raise OSError(error.errno, error.strerror, str(path)) from error


def _is_at(path: Path, fd: int) -> bool:
    try:
        return os.path.samestat(path.stat(), os.fstat(fd))
    except FileNotFoundError:
        return False
