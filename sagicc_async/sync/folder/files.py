"""
The files of a folder: written hidden, before the transaction that counts them ends, and given their names after it.

The order is the whole promise: data, sync, commit, name. A file that has a name is therefore counted, for good; one that
is hidden is either counted, and gets its name, or it is not, and is removed.
"""

from __future__ import annotations

import contextlib
import os
import re
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from ...errors import ConfigError
from ...export.disk import named, open_locked, write_all
from ...private_folder import sync_folder
from ..sink import SinkUnavailable
from ..sql.failures import failure, refusal_of
from ..unit import Unit
from .names import file_name, folder_of
from .registry import Registry

#: The name of a hidden file: the unit's number in the registry, and the file's own.
_STAGED: Final = re.compile(r"(\d+)\.(\d+)")
_CLOSED: Final = -1


class Files:
    """
    The files of one format in a folder. Its methods block, and are called one at a time.

    Args:
        folder: The folder.
        suffix: What the files' names end with.

    Attributes:
        database: Where their number is kept, and what their rows are.
        settled: Whether the folder is locked for us, and no file is hidden.
    """

    def __init__(self, folder: Path, suffix: str) -> None:
        self._folder = folder
        self._suffix = suffix
        # Of the format: files of both may stand in one folder, and know nothing of each other.
        self._own = folder / f".sagicc-async-{suffix}"
        self._staging = self._own / "new"
        self.database: Path = self._own / "known.db"
        self.settled: bool = False
        self._lock = _CLOSED

    def settle(self) -> None:
        """
        Lock the folder, name the hidden files that count, and remove the others.

        Raises:
            SinkUnavailable: Another process has it, or the disk fails.
            ConfigError: The database is damaged.
        """
        with self._failures():
            if self._lock == _CLOSED:
                self._open()
            self._settle()
        self.settled = True

    def stage(self, unit: Unit, place: tuple[int, int], data: bytes) -> None:
        """
        Write a file, durable and hidden.

        Args:
            unit: Whose.
            place: What `count_file` said.
            data: All that it holds.

        Raises:
            SinkUnavailable: The disk is full, or fails.
            ConfigError: The file is there already.
        """
        self.settled = False
        target = self._target(unit, place[1])
        if target.exists():
            raise ConfigError(
                f"{target} is there, and {self.database} does not know it: put back the one that belongs to it, or begin "
                "anew in an empty folder"
            )
        staged = self._staging / f"{place[0]}.{place[1]}"
        with self._failures(), named(staged):
            # Now, while it can still be undone: on a full disk there is no room for a folder.
            _make_folder(target.parent)
            fd = os.open(staged, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o666)
            try:
                write_all(fd, data)
                os.fsync(fd)
            finally:
                os.close(fd)
            sync_folder(self._staging)

    def close(self) -> None:
        """Let others have the folder."""
        self.settled = False
        lock, self._lock = self._lock, _CLOSED
        if lock != _CLOSED:
            os.close(lock)

    def _open(self) -> None:
        _make_folder(self._staging)
        try:
            self._lock = open_locked(self._own, folder=True)
        except ConfigError:
            raise SinkUnavailable(f"another sync is writing into {self._folder}: it has to end first") from None

    def _settle(self) -> None:
        with Registry.opened(self.database) as registry:
            registry.make()
            hidden = [(file, _STAGED.fullmatch(file.name)) for file in self._staging.iterdir()]
            if hidden:
                self._make_commits_durable()
            for file, place in hidden:
                if place is not None:
                    self._name_or_remove(registry, file, int(place[1]), int(place[2]))

    def _name_or_remove(self, registry: Registry, file: Path, number: int, own: int) -> None:
        unit = registry.unit(number, own)
        if unit is None:
            file.unlink()
            return
        target = self._target(unit, own)
        _make_folder(target.parent)
        # Not synced: if a power cut takes the new name back, the old one is there, and this is done again.
        file.replace(target)

    def _make_commits_durable(self) -> None:
        """
        See to it that what is committed stays so after a power cut, before a reader sees what a cut would take back.

        The sink leaves that to SQLite's checkpoints: until then commits are in the log beside the database.
        """
        with contextlib.suppress(FileNotFoundError):
            fd = os.open(f"{self.database}-wal", os.O_RDONLY | os.O_CLOEXEC)
            try:
                os.fsync(fd)
            finally:
                os.close(fd)

    def _target(self, unit: Unit, number: int) -> Path:
        return folder_of(self._folder, unit) / file_name(number, self._suffix)

    @contextlib.contextmanager
    def _failures(self) -> Iterator[None]:
        """Errors of the disk become the sink's, and say which file they are about."""
        try:
            yield
        except OSError as error:
            raise SinkUnavailable(f"{error.filename or self._own}: {error.strerror or 'the disk fails'}") from error
        except sqlite3.Error as error:
            refusal = refusal_of(error)
            assert refusal is not None
            raise failure(refusal, str(self.database), "the number of files") from error


def _make_folder(folder: Path) -> None:
    """Make a folder that is there after a power cut too, and what is above it."""
    if folder.is_dir():
        return
    _make_folder(folder.parent)
    folder.mkdir(exist_ok=True)
    sync_folder(folder.parent)
