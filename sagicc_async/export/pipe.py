"""Records to something that is open already: standard output, a pipe, a device. Nothing there can be resumed."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Any, BinaryIO, Final

from .columns import Columns
from .jsonl import encode_lines
from .table import head_line, row_encoder

#: A pipe that is ready takes this much without blocking, which is what POSIX promises.
_PIPE_BUF: Final = 4096


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
