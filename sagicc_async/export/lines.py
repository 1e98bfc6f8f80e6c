"""Formats that grow by appending bytes: one file, cut back to a byte on resuming."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from typing import Any, Final

from ..errors import CheckpointMismatch
from .disk import named, write_all
from .part import Part

_COMMIT_EVERY: Final = 1.0


class LinesSink:
    """
    Appends pages to the part file.

    A page is written at once, by one call and without a buffer of our own: after a failed write nothing of it is left
    in memory to be written later, behind its back.

    Args:
        part: Where to.
        encode: Turns the records of a page into bytes.
        head: What stands in front of all records.
    """

    def __init__(self, part: Part, encode: Callable[[Sequence[Any]], bytes], head: bytes = b"") -> None:
        self._part = part
        self._encode = encode
        self._head = head
        self._size = 0

    def due(self, seconds: float) -> bool:
        """A sync a second costs little, and a power cut then takes little."""
        return seconds >= _COMMIT_EVERY

    def begin(self, position: int | None) -> None:
        """Go on at a byte, or begin the file."""
        fd = self._part.fd
        with named(self._part.path):
            if position is not None and os.fstat(fd).st_size < position:
                raise CheckpointMismatch(
                    f"{self._part.path} is shorter than its checkpoint says; begin anew with restart=True (--restart)"
                )
            os.ftruncate(fd, position or 0)
            os.lseek(fd, position or 0, os.SEEK_SET)
            if position is None:
                write_all(fd, self._head)
        self._size = len(self._head) if position is None else position

    def write(self, records: Sequence[Any]) -> None:
        """Write a page; where it fails, the bytes that got through stand behind the position and do not count."""
        data = self._encode(records)
        with named(self._part.path):
            write_all(self._part.fd, data)
        self._size += len(data)

    def commit(self) -> int:
        """Make durable what was written, and return where it ends."""
        with named(self._part.path):
            os.fsync(self._part.fd)
        return self._size

    def finish(self) -> None:
        """The part is the file."""
        self._part.finish(self._part.path)

    def stop(self) -> None:
        """Nothing here takes long."""
