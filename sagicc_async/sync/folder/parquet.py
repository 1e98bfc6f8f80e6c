"""Files of changes in Parquet: a typed column for each field of the model, and one for all that is not declared."""

from __future__ import annotations

import datetime
import functools
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final

import attrs

from ...errors import ConfigError
from ...export.arrow import array_of, conversion_of, converted, extra_text, type_of
from ...export.columns import as_json, columns_of
from ...records.shape import wire_fields
from ..rows import Row
from ..sql import TargetPage
from .formats import ACCOUNT, CHANGED_AT, DELETED, ID

try:
    import pyarrow
    from pyarrow import parquet
except ImportError as _missing:
    raise ConfigError("a folder of Parquet needs pyarrow: pip install 'sagicc-async[parquet]'") from _missing

EXTRA: Final = "_extra"
_WAY_OUT: Final = "keep a folder of jsonl, which has every digit"

_OURS: Final[Mapping[str, Any]] = {
    ACCOUNT: pyarrow.string(),
    ID: pyarrow.string(),
    CHANGED_AT: pyarrow.timestamp("us", tz="UTC"),
    DELETED: pyarrow.bool_(),
}


@attrs.frozen
class Layout:
    """
    How records become columns.

    Args:
        schema: The types of all columns, ours first.
        values: Makes the values of records, a tuple each.
        conversions: What makes a column's values out of a record's; `None` where they are the same.
    """

    schema: Any
    values: Callable[[Sequence[Any]], Iterable[tuple[Any, ...]]]
    conversions: Sequence[Callable[[Any], Any] | None]


class Parquet:
    """Parquet; a row that says that something is deleted has nothing in the columns of the record."""

    def encode(self, page: TargetPage, now: datetime.datetime) -> bytes:
        """
        A row for each change.

        Args:
            page: What changed.
            now: When, in UTC.

        Raises:
            ConfigError: A value does not fit into its column without loss, or a field is called as one of ours is.
        """
        model: Any = page.unit.model
        layout = layout_of(model)
        columns = [*_our_columns(page, now), *_record_columns(layout, page.changed, len(page.deleted))]
        arrays = [array_of(field, column, _WAY_OUT) for field, column in zip(layout.schema, columns, strict=True)]
        target = pyarrow.BufferOutputStream()
        parquet.write_table(pyarrow.Table.from_arrays(arrays, schema=layout.schema), target)
        data: bytes = target.getvalue().to_pybytes()
        return data

    def decode(self, data: bytes) -> list[dict[str, Any]]:
        """The rows of a file."""
        rows: list[dict[str, Any]] = parquet.read_table(pyarrow.BufferReader(data)).to_pylist()
        return rows


@functools.cache
def layout_of(model: Any) -> Layout:
    """
    The columns of a model's records; where nothing is declared, a record is all in `_extra`.

    Args:
        model: Class of the records; `None` where they are mappings.

    Raises:
        ConfigError: A field is called as one of our own columns is.
    """
    types = dict(_OURS)
    if model is None or not wire_fields(model):
        return Layout(pyarrow.schema([*types.items(), (EXTRA, pyarrow.string())]), _undeclared, [as_json])
    columns = columns_of(model, "parquet")
    for field in columns.fields:
        if field.wire in types or field.wire == EXTRA:
            raise ConfigError(
                f"the field {field.wire} of {model.__name__} cannot be a column: every file has one; keep a folder of jsonl"
            )
        types[field.wire] = type_of(field)
    schema = pyarrow.schema([*types.items(), (EXTRA, pyarrow.string())])
    return Layout(schema, columns.rows, [*map(conversion_of, columns.fields), extra_text])


def _our_columns(page: TargetPage, now: datetime.datetime) -> list[list[Any]]:
    ids = [*(row.id for row in page.changed), *page.deleted]
    deleted = [False] * len(page.changed) + [True] * len(page.deleted)
    return [[page.unit.account] * len(ids), ids, [now] * len(ids), deleted]


def _record_columns(layout: Layout, rows: Sequence[Row], deleted: int) -> list[list[Any]]:
    values = layout.values([row.record for row in rows])
    columns: Iterable[tuple[Any, ...]] = zip(*values, strict=True) if rows else [()] * len(layout.conversions)
    return [
        [*converted(column, convert), *[None] * deleted]
        for column, convert in zip(columns, layout.conversions, strict=True)
    ]


def _undeclared(records: Sequence[Any]) -> list[tuple[Any, ...]]:
    return [(record,) for record in records]
