"""`FolderSink`: the mirror as files of changes in a folder."""

from __future__ import annotations

import asyncio
import contextlib
import datetime
import logging
import os
from collections.abc import Set as AbstractSet
from pathlib import Path
from types import TracebackType
from typing import Final, Self

import attrs
from sqlalchemy.engine import URL
from sqlalchemy.ext.asyncio import AsyncConnection

from ...clock import Clock, SystemClock
from ...errors import ConfigError, SagiccAsyncError
from ...export.blocking import in_thread
from ...records.checkpoint import Checkpoint
from ..outcome import Changes, Outcome
from ..sink import Batch
from ..sql import DatabaseSink, TargetPage
from ..state import SyncState
from ..unit import Unit
from .files import Files
from .formats import Format, FormatName, format_of
from .registry import count_file

_log: Final = logging.getLogger("sagicc_async.sync")


class FolderSink:
    """
    Keeps the mirror as files of changes: `FOLDER/vendor/resource/account/000000001.jsonl`, and so on.

    Each commit that changes something adds one file, complete and for good. What is known of the rows, and how far each
    resource was read, is in a hidden folder beside them. One process at a time writes into a folder.

    Args:
        folder: The folder; made when it is needed.
        format: What the files are.
        clock: Tells when rows change.

    Raises:
        ConfigError: It is no folder, or a package is not installed.
    """

    def __init__(
        self,
        folder: str | os.PathLike[str],
        *,
        format: FormatName = "jsonl",  # noqa: A002 - what everybody calls it
        clock: Clock | None = None,
    ) -> None:
        self._folder = Path(folder)
        if self._folder.exists() and not self._folder.is_dir():
            raise ConfigError(f"{self._folder} is no folder")
        self._files = Files(self._folder, format)
        clock = clock or SystemClock()
        feed = _Feed(self._files, format_of(format), clock)
        # Rendered, since a path may hold what means something in an address.
        address = URL.create("sqlite", database=str(self._files.database)).render_as_string()
        #: Ids, digests and states; the rows themselves are in the files alone.
        self._known = DatabaseSink(address, targets=lambda unit: feed, clock=clock)
        self._turn = asyncio.Lock()
        self._entered = 0
        self._stack = contextlib.AsyncExitStack()

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.describe()!r})"

    async def __aenter__(self) -> Self:
        if not self._entered:
            self._turn = asyncio.Lock()  # of the running loop
            self._stack.callback(self._files.close)
            await self._stack.enter_async_context(self._known)
        self._entered += 1
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._entered -= 1
        if not self._entered:
            await self._stack.aclose()

    def describe(self) -> str:
        """The folder."""
        return str(self._folder)

    async def state(self, unit: Unit) -> SyncState:
        """
        What is remembered of a unit; an empty state if nothing is.

        Raises:
            SinkUnavailable: Another process writes into the folder, or the disk fails.
            ConfigError: A newer release uses it, or its database is damaged.
        """
        await self._ready()
        return await self._known.state(unit)

    async def peek(self, unit: Unit) -> SyncState:
        """
        The same, also while another process writes; nothing is made.

        Raises:
            SinkUnavailable: The database cannot be read now.
            ConfigError: A newer release uses it, or it is damaged.
        """
        return await self._known.state(unit) if await self._is_there() else SyncState()

    async def commit(self, batch: Batch) -> Changes:
        """
        Write a file of what changes, and the state, so that both count or neither; see `Sink.commit`.

        Raises:
            StaleWorker: Another version is stored than `batch.before` has.
            SinkUnavailable: Another process writes into the folder, or the disk is full or fails.
            ConfigError: A row cannot be written.

        When cancelled, what has begun is brought to its end first.
        """
        async with self._turn:
            await self._settle()
            try:
                return await self._known.commit(batch)
            finally:
                await self._tidy()

    async def preview(self, batch: Batch, seen: AbstractSet[str]) -> Changes:
        """
        What `commit` would change, if the pass has read the rows with the ids `seen`; nothing is written.

        Raises:
            SinkUnavailable: The database cannot be read now.
            ConfigError: The unit cannot be kept.
        """
        if not await self._is_there():
            return Changes(new=len({row.id for row in batch.rows}))
        return await self._known.preview(batch, seen)

    async def note(self, outcome: Outcome) -> None:
        """
        Remember how it last went with a unit.

        Raises:
            SinkUnavailable: Another process writes into the folder, or the disk fails.
            ConfigError: The database is damaged.
        """
        await self._ready()
        await self._known.note(outcome)

    async def outcomes(self) -> list[tuple[Outcome, SyncState]]:
        """
        How it last went with every unit, and what is remembered of it; also while another process writes.

        Raises:
            SinkUnavailable: The database cannot be read now.
            ConfigError: A newer release uses it, or it is damaged.
        """
        return await self._known.outcomes() if await self._is_there() else []

    async def _is_there(self) -> bool:
        """Whether anything was ever kept here."""
        return await in_thread(self._files.database.exists)

    async def _ready(self) -> None:
        if self._files.settled:
            return
        async with self._turn:
            await self._settle()

    async def _settle(self) -> None:
        if not self._files.settled:
            await in_thread(self._files.settle)

    async def _tidy(self) -> None:
        """Name what was committed, and remove what was not; what fails here is done before the next commit."""
        try:
            await self._settle()
        except SagiccAsyncError as error:
            _log.warning("files of %s get their names later: %s", self._folder, error)


@attrs.frozen
class _Feed:
    """What writes the rows of a commit, in its transaction: one more file."""

    files: Files
    format: Format
    clock: Clock

    async def write(self, page: TargetPage, checkpoint: Checkpoint | None, transaction: AsyncConnection) -> None:
        """Write a file; see `Target`."""
        place = await count_file(transaction, page.unit)
        now = datetime.datetime.fromtimestamp(self.clock.wall(), datetime.UTC)
        await in_thread(lambda: self.files.stage(page.unit, place, self.format.encode(page, now)))
