"""Records to what is no file: standard output, a pipe, a device. Nothing there can be resumed."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import os
import stat
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, BinaryIO, Final

from ..clock import Clock
from ..errors import ConfigError
from .columns import Columns
from .jsonl import encode_lines
from .table import head_line, row_encoder

#: A pipe that is ready takes this much without blocking, which is what POSIX promises.
_PIPE_BUF: Final = 4096
#: Seconds between two looks for somebody who reads a pipe: nothing tells when one comes.
_LOOK_EVERY: Final = 0.1

#: The pipes and terminals that exports of this process are writing to, by device and inode.
_TAKEN: Final[dict[tuple[int, int], object]] = {}


def is_device(path: Path) -> bool:
    """Whether this is a pipe, a terminal or /dev/null: nothing that a complete file may be renamed to."""
    return path.exists() and not path.is_file() and not path.is_dir()


async def open_device(path: Path, clock: Clock) -> BinaryIO:
    """
    Open a pipe that has a name, a terminal or /dev/null; a pipe as soon as somebody reads it.

    Args:
        path: Which one.
        clock: Time.

    Returns:
        The device, for writing and without a buffer.

    Raises:
        OSError: It cannot be opened.

    Cancelling leaves nothing open.
    """
    while (device := _opened(path)) is None:
        await clock.sleep(_LOOK_EVERY)
    return device


@contextlib.contextmanager
def alone(file: BinaryIO) -> Iterator[None]:
    """
    Keep the other exports of this process away from a pipe or a terminal while this one writes to it.

    A loop wakes one of those who wait for the same descriptor, and their lines would be mixed.

    Raises:
        ConfigError: Another export is writing to it.
    """
    key, mine = _waited_for(file), object()
    if key is not None and _TAKEN.setdefault(key, mine) is not mine:
        raise ConfigError("another export is writing to this pipe or terminal; wait for it, or write to another one")
    try:
        yield
    finally:
        if key is not None:
            del _TAKEN[key]


class PipeSink:
    """
    Writes pages to an open file without blocking the loop: a reader that is slow, or asleep, stops nothing else.

    Args:
        file: Where to; it stays open.
        columns: Those of a table; `None` for JSON lines.
    """

    def __init__(self, file: BinaryIO, columns: Columns | None) -> None:
        self._file = file
        self._encode: Callable[[Sequence[Any]], bytes] = encode_lines if columns is None else row_encoder(columns)
        self._waiting = b"" if columns is None else head_line(columns)

    def write(self, records: Sequence[Any]) -> None:
        """Take a page."""
        self._waiting += self._encode(records)

    async def drain(self) -> None:
        """Write what waits; cancelling leaves the rest of it unwritten."""
        data, self._waiting = self._waiting, b""
        await self._send(data)

    async def _send(self, data: bytes) -> None:
        fd = _descriptor(self._file)
        for start in range(0, len(data), _PIPE_BUF):
            piece = data[start : start + _PIPE_BUF]
            if fd is not None:
                await _until_writable(fd)
            self._file.write(piece)
            self._file.flush()


def _opened(path: Path) -> BinaryIO | None:
    """Open it without waiting, which would stop the whole loop; `None` where nobody reads the pipe."""
    try:
        fd = os.open(path, os.O_WRONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC)
    except OSError as error:
        if error.errno == errno.ENXIO and path.is_fifo():
            return None
        raise
    os.set_blocking(fd, True)  # from here on `_until_writable` says when there is room
    return os.fdopen(fd, "wb", buffering=0)


def _waited_for(file: BinaryIO) -> tuple[int, int] | None:
    """What tells a pipe, a socket or a terminal from others; `None` for what is always ready."""
    fd = _descriptor(file)
    if fd is None:
        return None
    status = os.fstat(fd)
    if stat.S_ISFIFO(status.st_mode) or stat.S_ISSOCK(status.st_mode) or os.isatty(fd):
        return status.st_dev, status.st_ino
    return None


def _descriptor(file: BinaryIO) -> int | None:
    try:
        return file.fileno()
    except OSError:  # a file in memory
        return None


async def _until_writable(fd: int) -> None:
    loop = asyncio.get_running_loop()
    ready = asyncio.Event()
    try:
        loop.add_writer(fd, ready.set)
    except PermissionError:
        return  # a regular file is always ready, and says so by refusing to be watched
    try:
        await ready.wait()
    finally:
        loop.remove_writer(fd)
