"""Counts at rest: one small SQLite database a company, which adds up what several processes count."""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Final

import platformdirs

from ..errors import ConfigError
from .tally import OutcomeCount

if TYPE_CHECKING:
    import sqlite3

_KEY: Final = re.compile(r"[A-Za-z0-9_-]+")

#: Files of a newer layout are left alone, not misread.
_LAYOUT: Final = 1

# An addition takes milliseconds. Longer means that a process stopped in the middle of one.
_LOCK_PATIENCE: Final = 5.0

_TABLE: Final = (
    "CREATE TABLE IF NOT EXISTS days (day INTEGER PRIMARY KEY, requests INTEGER NOT NULL, errors INTEGER NOT NULL)"
)
_ADD: Final = (
    "INSERT INTO days VALUES (?, ?, ?) ON CONFLICT (day) DO UPDATE "
    "SET requests = requests + excluded.requests, errors = errors + excluded.errors"
)


class FileErrorCounts:
    """
    `ErrorCounts` for the processes of one user on one machine.

    Each company has a file of its own, `<digest>.sqlite`, that nobody else can read (mode 0600). SQLite does what is
    needed here: an addition is atomic among processes, on the disk when it returns, and undone if a process dies in it.

    Args:
        folder: Where the files are; by default `sagicc-async/errors` in the user's state folder. It is made when the
            first counts are stored.
    """

    def __init__(self, folder: str | os.PathLike[str] | None = None) -> None:
        default = platformdirs.user_state_path("sagicc-async") / "errors"
        self._folder = default if folder is None else Path(folder)

    def __repr__(self) -> str:
        return f"FileErrorCounts({os.fspath(self._folder)!r})"

    async def add(self, key: str, counts: Mapping[int, OutcomeCount], *, since: int) -> Mapping[int, OutcomeCount]:
        """
        Add counts to a company's file, in a thread.

        Raises:
            OSError: The file cannot be written, is no database, or belongs to a newer release.

        Cancelling it adds all of them or none.
        """
        if not _KEY.fullmatch(key):
            raise ConfigError("the key of counts is a digest: letters and digits")
        return await asyncio.to_thread(self._add, self._folder / f"{key}.sqlite", dict(counts), since)

    def _add(self, file: Path, counts: Mapping[int, OutcomeCount], since: int) -> Mapping[int, OutcomeCount]:
        import sqlite3  # noqa: PLC0415 - some builds of Python have none, and most programs do not need it

        if not counts and not file.exists():
            return {}  # looking makes nothing
        self._folder.parent.mkdir(parents=True, exist_ok=True)
        self._folder.mkdir(mode=0o700, exist_ok=True)
        # SQLite would let others read as the umask does; its journal takes over the mode of this.
        os.close(os.open(file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
        try:
            with contextlib.closing(sqlite3.connect(file, timeout=_LOCK_PATIENCE, isolation_level=None)) as database:
                database.execute("BEGIN IMMEDIATE")  # wait for the others before reading, not in between
                with database:
                    return _added(database, counts, since)
        except (sqlite3.Error, _Unreadable) as error:
            reason = str(error)
        raise OSError(f"{file}: {reason}")


class _Unreadable(Exception):
    """A newer release wrote the file."""


def _added(database: sqlite3.Connection, counts: Mapping[int, OutcomeCount], since: int) -> Mapping[int, OutcomeCount]:
    ((layout,),) = database.execute("PRAGMA user_version")
    if layout > _LAYOUT:
        raise _Unreadable(f"it has layout {layout}, this release knows {_LAYOUT}")
    database.execute(f"PRAGMA user_version = {_LAYOUT}")
    database.execute(_TABLE)
    database.execute("DELETE FROM days WHERE day < ?", (since,))
    database.executemany(_ADD, [(day, count.requests, count.errors) for day, count in counts.items()])
    rows = database.execute("SELECT day, requests, errors FROM days")
    return {day: OutcomeCount(requests, errors) for day, requests, errors in rows}
