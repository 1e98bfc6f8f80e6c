"""
Parquet, through pyarrow in a thread, in segments that can be merged.

A Parquet file is readable only once its end is written. So the part is a folder of small complete files, each made
durable before the checkpoint that counts it; at the end they are copied into one file, some segments at a time.
"""

from __future__ import annotations

import enum
import os
import threading
import typing
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, time
from decimal import Decimal
from pathlib import Path
from typing import Any, Final, Literal
from uuid import UUID

from ..errors import CheckpointMismatch, ConfigError
from ..private_folder import sync_folder
from ..records.shape import WireField, split_optional
from ..records.timestamps import Timestamp
from .columns import Columns, as_json
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
        self._convert = [*map(_conversion, columns.fields), _extra_text]
        types = [*map(_type, columns.fields), pyarrow.string()]
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
        arrays = [self._array(*column) for column in zip(self._schema, self._convert, columns, strict=True)]
        return pyarrow.Table.from_arrays(arrays, schema=self._schema)

    def _array(self, field: Any, convert: Callable[[Any], Any] | None, values: Sequence[Any]) -> Any:
        if convert is not None:
            values = [None if value is None else convert(value) for value in values]
        try:
            return pyarrow.array(values, field.type)
        except (pyarrow.ArrowException, OverflowError, ValueError, TypeError):
            pass
        # Raised outside of the handler: Arrow's own error may quote the value.
        raise ConfigError(
            f"a value of the column {field.name} does not fit into Parquet's {field.type} without loss; "
            "export as jsonl or csv, which keep every digit"
        )

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


def _type(field: WireField) -> Any:
    inner, _ = split_optional(field.type)
    exact: dict[Any, Any] = {
        str: pyarrow.string(),
        int: pyarrow.int64(),
        bool: pyarrow.bool_(),
        float: pyarrow.float64(),
        Decimal: pyarrow.decimal128(38, 10),
        Timestamp: pyarrow.timestamp("us", tz="UTC"),
        date: pyarrow.date32(),
    }
    # Whatever else JSON can hold is text: a listed value, an id, a time of day; or JSON, where it is nested.
    return exact.get(inner, pyarrow.string())


def _conversion(field: WireField) -> Callable[[Any], Any] | None:
    """What makes a column's values out of a record's; `None` where they are the same."""
    inner, _ = split_optional(field.type)
    if inner in (str, int, bool, float, Decimal, Timestamp, date):
        return None
    if inner in (time, UUID):
        return str
    listed = typing.get_origin(inner) is Literal or (isinstance(inner, type) and issubclass(inner, enum.Enum))
    return _listed_text if listed else as_json


def _listed_text(value: Any) -> str:
    plain = value.value if isinstance(value, enum.Enum) else value
    return plain if isinstance(plain, str) else as_json(plain)


def _extra_text(extra: Any) -> str | None:
    return as_json(extra) if extra else None


def _sync_file(path: Path) -> None:
    fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)
