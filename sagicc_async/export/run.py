"""The export of one list to one file."""

from __future__ import annotations

import contextlib
import datetime
import functools
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, BinaryIO, Final, Literal, TypeAlias

import attrs

from ..clock import Clock, SystemClock
from ..errors import ConfigError, SagiccAsyncError
from ..records.checkpoint import Checkpoint
from ..records.stream import Page, Stream
from ..resource import Resource
from .blocking import in_thread
from .columns import Columns, columns_of
from .jsonl import jsonl_sink
from .part import Part, Saved, Sink, check_same_company, check_same_export
from .pipe import PipeSink, alone, is_device, open_device
from .provenance import keep_beside
from .table import csv_sink

Format: TypeAlias = Literal["jsonl", "csv", "parquet"]

FORMATS: Final[tuple[Format, ...]] = ("jsonl", "csv", "parquet")
_SUFFIXES: Final[dict[str, Format]] = {
    ".jsonl": "jsonl", ".ndjson": "jsonl", ".csv": "csv", ".parquet": "parquet", ".pq": "parquet"
}  # fmt: skip


@attrs.frozen(kw_only=True)
class ExportProgress:
    """
    How far an export is.

    Args:
        records: Records written, those of an earlier run included.
        pages: Pages read in this run.
        seconds: Since this run began.
        resumed_from: Records that an earlier run had written.
        total: Records in the whole list, if the vendor says so.
    """

    records: int
    pages: int
    seconds: float
    resumed_from: int
    total: int | None


@attrs.frozen(kw_only=True)
class ExportResult:
    """
    What an export did.

    Args:
        records: Records in the file.
        seconds: How long this run took.
        path: The file; `None` for an open one.
        pages: Pages read in this run.
        resumed_from: Records that an earlier run had written.
        drifted: Whether the list moved while it was read, so that a new export is due.
        started_at: `Stream.started_at`: the vendor's clock when the first page was answered; `None` if it gave none.
    """

    records: int
    seconds: float
    path: Path | None
    pages: int
    resumed_from: int
    drifted: bool
    started_at: datetime.datetime | None


async def export(
    source: Stream[Any] | Resource[Any],
    path: str | os.PathLike[str] | BinaryIO,
    *,
    format: Format | None = None,  # noqa: A002 - the word for it
    resume: bool = False,
    restart: bool = False,
    limit: int | None = None,
    check: bool = True,
    progress: Callable[[ExportProgress], object] | None = None,
    clock: Clock | None = None,
) -> ExportResult:
    """
    Write a list to a file, page by page; the next page travels while this one is written.

    The file grows as `NAME.part` and gets its name when it is complete. Whatever ends the export earlier, cancelling
    and kill -9 included, leaves a part that `resume=True` goes on with.

    What a person said of the vendor (a resource file) is carried along, entry by entry: in the metadata of a Parquet
    file, else in `NAME.provenance.json` beside the file.

    Args:
        source: A stream, with its filters; or a resource, for its `list()`. Where that may leave records out, the streams of
            its `everything()` hold all of them; each has a file of its own.
        path: The file; or a binary file that is open, which cannot be resumed. The name of a pipe is opened as soon as
            somebody reads it.
        format: `jsonl` keeps each record's own JSON, to the digit. `csv` and `parquet` have a column for each declared
            field, under the vendor's name, and `extra` for all others as JSON. By default the file's suffix says it.
            The numbers of a Parquet file are exact. Its moments are in UTC, to the microsecond, and its dates are days:
            the vendor's offset, further digits, and a time that came with a date are in the other formats alone.
        resume: Go on with an unfinished export, if there is one.
        restart: Throw an unfinished export away, if there is one.
        limit: Records in all. The look-ahead is off then, so that no page is asked for in vain.
        check: Stop at a record that is not what its model declares. Without it `jsonl` takes every JSON object;
            the other formats need the types and always check.
        progress: Called on the loop with each page.
        clock: Time.

    Returns:
        What was done.

    Raises:
        RequestError: The vendor, or the way to it, failed.
        ConfigError: The file, the format or the combination cannot be; another export writes to the file or pipe; or a
            number does not fit into its Parquet column.
        UnfinishedExport: There is a part, and neither `resume` nor `restart` says what to do with it.
        CheckpointMismatch: The part belongs to another list, company, format or version, or its columns had other
            types; `restart=True` begins anew.
        OSError: The file cannot be written: no permission, no space. `filename` says which.

    After an error, as after cancelling, what was written stays resumable.
    """
    if limit is not None and limit < 1:
        raise ConfigError("limit is a number of records, at least 1")
    if resume and restart:
        raise ConfigError("resume and restart exclude each other")
    stream = source.list() if isinstance(source, Resource) else source
    file = Path(path) if isinstance(path, str | os.PathLike) else None
    chosen = format or (format_of(file) if file is not None else "jsonl")
    columns = None if chosen == "jsonl" else columns_of(stream.model, chosen)
    if columns is None:
        stream = stream.raw(encoded=True, checked=check and stream.model is not None, copy=False)
    run = _Run(stream, limit, progress, clock or SystemClock())
    if not isinstance(path, str | os.PathLike):
        await run.to_pipe(path, chosen, columns)
    elif is_device(Path(path)):
        await run.to_device(Path(path), chosen, columns)
    else:
        await run.to_file(Path(path), chosen, columns, resume=resume, restart=restart)
    return run.result(file)


def format_of(path: Path) -> Format:
    """The format that a file's suffix names; `jsonl` if it has none."""
    suffix = path.suffix.lower()
    if suffix and suffix not in _SUFFIXES:
        raise ConfigError(f"the suffix {path.suffix} names no format: say which (--format), {', '.join(FORMATS)}")
    return _SUFFIXES.get(suffix, "jsonl")


class _Run:
    """One run of an export: reads pages, hands them to a sink, knows how far it is."""

    def __init__(
        self,
        stream: Stream[Any],
        limit: int | None,
        progress: Callable[[ExportProgress], object] | None,
        clock: Clock,
    ) -> None:
        self._stream = stream
        self._limit = limit
        self._progress = progress
        self._clock = clock
        self._started = clock.now()
        self._resumed_from = 0
        self._records = 0
        self._pages = 0
        self._checkpoint: Checkpoint | None = None

    async def to_file(
        self, file: Path, chosen: Format, columns: Columns | None, *, resume: bool, restart: bool
    ) -> None:
        """Write a file that can be resumed."""
        names = columns.names if columns is not None else ()
        with Part(file, folder=chosen == "parquet") as part:
            sink = _sink(part, chosen, columns, self._stream.provenance)
            saved = part.begin(resume=resume, restart=restart)
            if saved is not None:
                check_same_export(saved, chosen, names)
                self._go_on(saved)
            sink.begin(None if saved is None else saved.position)
            company = await self._stream.company_id()
            if saved is not None:
                check_same_company(saved, company)

            of_this_export = functools.partial(Saved, format=chosen, columns=names, company=company)

            def save(position: int) -> None:
                if self._checkpoint is not None:
                    part.save(of_this_export(position=position, records=self._records, checkpoint=self._checkpoint))

            commit = _Commit(sink, save)
            try:
                await self._copy_with(sink, commit)
            except BaseException:
                # If even this fails, the last checkpoint stands, and the first error is the one to tell.
                with contextlib.suppress(OSError, SagiccAsyncError):
                    await in_thread(commit)
                raise
            await in_thread(commit)
            if chosen != "parquet":  # before the file has its name: whatever ends the export here, it can be resumed
                await in_thread(functools.partial(keep_beside, file, self._stream.provenance))
            await in_thread(sink.finish, stop=sink.stop)

    async def to_device(self, path: Path, chosen: Format, columns: Columns | None) -> None:
        """Write to what has a name and is no file."""
        _refuse_parquet(chosen)  # not only when somebody reads
        with await open_device(path, self._clock) as device:
            await self.to_pipe(device, chosen, columns)

    async def to_pipe(self, file: BinaryIO, chosen: Format, columns: Columns | None) -> None:
        """Write to something that is open."""
        _refuse_parquet(chosen)
        with alone(file):
            sink = PipeSink(file, columns)
            await sink.drain()
            await self._copy(sink.write, sink.drain)

    def result(self, file: Path | None) -> ExportResult:
        """What was done."""
        return ExportResult(
            records=self._records,
            seconds=self._clock.now() - self._started,
            path=file,
            pages=self._pages,
            resumed_from=self._resumed_from,
            drifted=self._stream.stats.drifted,
            started_at=self._stream.started_at,
        )

    def _go_on(self, saved: Saved) -> None:
        """Count from what is there."""
        if self._limit is not None and saved.records > self._limit:
            raise ConfigError(f"the unfinished export has {saved.records:,} records already, more than the limit")
        self._records = self._resumed_from = saved.records
        self._checkpoint = saved.checkpoint
        self._stream = self._stream.resume(saved.checkpoint)

    async def _copy_with(self, sink: Sink, commit: Callable[[], None]) -> None:
        committed = self._clock.now()

        async def commit_when_due() -> None:
            nonlocal committed
            if sink.due(self._clock.now() - committed):
                await in_thread(commit)
                committed = self._clock.now()

        await self._copy(sink.write, commit_when_due)

    async def _copy(self, write: Callable[[Sequence[Any]], None], after_page: Callable[[], Awaitable[None]]) -> None:
        if self._records == self._limit:
            return
        async with _pages(self._stream, ahead=self._limit is None) as pages:
            async for page in pages:
                records, checkpoint = self._cut(page)
                # No await from here to the count: a cancellation finds all of it, or nothing.
                write(records)
                self._records += len(records)
                self._checkpoint = checkpoint
                self._pages += 1
                self._tell(page.total)
                await after_page()
                if self._records == self._limit:
                    return

    def _cut(self, page: Page[Any]) -> tuple[Sequence[Any], Checkpoint]:
        left = len(page.items) if self._limit is None else self._limit - self._records
        if left >= len(page.items):
            return page.items, page.checkpoint
        # Without ids, which are those of the page's end: the index alone then says where.
        index = page.checkpoint.index - (len(page.items) - left)
        return page.items[:left], attrs.evolve(page.checkpoint, index=index, ids=())

    def _tell(self, total: int | None) -> None:
        if self._progress is not None:
            self._progress(
                ExportProgress(
                    records=self._records,
                    pages=self._pages,
                    seconds=self._clock.now() - self._started,
                    resumed_from=self._resumed_from,
                    total=total,
                )
            )


class _Commit:
    """
    Makes durable what a sink has taken, then says so beside it; after a failure nothing is said any more.

    A disk tells once that it could not write: the next sync succeeds although those bytes are lost.
    """

    def __init__(self, sink: Sink, save: Callable[[int], None]) -> None:
        self._sink = sink
        self._save = save
        self._failed = False

    def __call__(self) -> None:
        if self._failed:
            return
        try:
            self._save(self._sink.commit())
        except BaseException:
            self._failed = True
            raise


def _sink(part: Part, chosen: Format, columns: Columns | None, provenance: Mapping[str, Any] | None) -> Sink:
    if columns is None:
        return jsonl_sink(part)
    if chosen == "csv":
        return csv_sink(part, columns)
    from .parquet import ParquetSink  # noqa: PLC0415 - an extra

    return ParquetSink(part, columns, provenance)


def _refuse_parquet(chosen: Format) -> None:
    if chosen == "parquet":
        raise ConfigError("parquet needs a file of its own, since its index is written at the end; name one")


@contextlib.asynccontextmanager
async def _pages(stream: Stream[Any], *, ahead: bool) -> AsyncIterator[AsyncIterator[Page[Any]]]:
    if not ahead:
        yield stream.pages()
        return
    async with stream.prefetch() as pages:
        yield pages
