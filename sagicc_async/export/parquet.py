"""
Parquet, through pyarrow in a thread, in segments that can be merged.

A Parquet file is readable only once its end is written. So the part is a folder of small complete files, each made
durable before the checkpoint that counts it; at the end they are copied into one file, some segments at a time.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from ..errors import CheckpointMismatch, ConfigError
from ..private_folder import sync_folder
from .arrow import array_of, conversion_of, converted, extra_text, type_of
from .columns import Columns
from .disk import named
from .part import Part
from .provenance import KEY, as_text

try:
    import pyarrow
    from pyarrow import parquet
except ImportError as _missing:
    raise ConfigError("parquet needs pyarrow: pip install 'sagicc-async[parquet]'") from _missing

#: Rows that are converted at once: conversion holds the interpreter's lock, and the loop must not wait for long.
_BATCH: Final = 5_000
#: Rows of a row group in the merged file: large enough to compress and scan well, small enough for flat memory.
_ROW_GROUP: Final = 50_000
#: Seconds after which a segment is made of fewer rows than a batch.
_COMMIT_EVERY: Final = 10.0
_MERGED: Final = "merged"


class Stopped(Exception):
    """The merge was asked to end early."""


class ParquetSink:
    """
    Collects rows into segments of the part folder.

    Args:
        part: The folder.
        columns: The columns.
        provenance: What to put into the file's metadata.
    """

    def __init__(self, part: Part, columns: Columns, provenance: Mapping[str, Any] | None = None) -> None:
        self._part = part
        self._columns = columns
        self._convert = [*map(conversion_of, columns.fields), extra_text]
        types = [*map(type_of, columns.fields), pyarrow.string()]
        metadata = None if provenance is None else {KEY: as_text(provenance)}
        self._schema = pyarrow.schema(list(zip(columns.names, types, strict=True)), metadata=metadata)
        self._segments = 0
        self._waiting: list[Any] = []
        self._stop = threading.Event()

    def begin(self, position: int | None) -> None:
        """Go on behind so many segments, or begin with an empty folder."""
        self._segments = position or 0
        counted = {self._segment(number) for number in range(self._segments)}
        with named(self._part.path):
            for file in self._part.path.iterdir():
                if file not in counted:
                    file.unlink()
        if not all(file.is_file() for file in counted):
            raise CheckpointMismatch(
                f"segments are missing in {self._part.path}; begin anew with restart=True (--restart)"
            )
        if self._segments:
            self._check_types()

    def write(self, records: Sequence[Any]) -> None:
        """Take a page."""
        self._waiting += records

    def due(self, seconds: float) -> bool:
        """A batch is full; or it took so long that too much would have to be read again."""
        return len(self._waiting) >= _BATCH or seconds >= _COMMIT_EVERY

    def commit(self) -> int:
        """Make a segment of what waits."""
        self._flush()
        return self._segments

    def finish(self) -> None:
        """Merge the segments into the file."""
        merged = self._part.path / _MERGED
        with named(merged):
            self._merge(merged)
            _sync_file(merged)
        self._part.finish(merged)

    def stop(self) -> None:
        """End the merge between two segments."""
        self._stop.set()

    def _check_types(self) -> None:
        """Look at a segment of an earlier run, since one file cannot be made of two types of a column."""
        first = self._segment(0)
        try:
            with named(first):
                types = parquet.read_schema(first)
        except pyarrow.ArrowException:
            types = None
        if types is None or not types.equals(self._schema, check_metadata=False):
            reason = "are damaged" if types is None else "have columns of other types than this export"
            raise CheckpointMismatch(
                f"the segments in {self._part.path} {reason}; begin anew with restart=True (--restart)"
            )

    def _flush(self) -> None:
        if not self._waiting:
            return
        path = self._segment(self._segments)
        with named(path):
            with parquet.ParquetWriter(path, self._schema) as writer:
                for start in range(0, len(self._waiting), _BATCH):
                    writer.write_table(self._table(self._waiting[start : start + _BATCH]))
            _sync_file(path)
            sync_folder(self._part.path)
        self._segments += 1
        self._waiting = []

    def _table(self, records: Sequence[Any]) -> Any:
        columns = zip(*self._columns.rows(records), strict=True)
        arrays = [
            array_of(field, converted(values, convert), "export as jsonl or csv, which keep every digit")
            for field, convert, values in zip(self._schema, self._convert, columns, strict=True)
        ]
        return pyarrow.Table.from_arrays(arrays, schema=self._schema)

    def _merge(self, target: Path) -> None:
        with parquet.ParquetWriter(target, self._schema) as writer:
            for table in self._row_groups():
                writer.write_table(table)

    def _row_groups(self) -> Iterator[Any]:
        tables: list[Any] = []
        for number in range(self._segments):
            if self._stop.is_set():
                raise Stopped
            with parquet.ParquetFile(self._segment(number)) as file:
                tables.append(file.read())
            if sum(table.num_rows for table in tables) >= _ROW_GROUP:
                yield pyarrow.concat_tables(tables)
                tables = []
        if tables:
            yield pyarrow.concat_tables(tables)

    def _segment(self, number: int) -> Path:
        return self._part.path / f"{number:06}.parquet"


def _sync_file(path: Path) -> None:
    fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)
