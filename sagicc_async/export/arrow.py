"""
Columns of Arrow's: the type of each declared field, and its values.

A number that would lose a digit is refused. A moment is kept as the instant that it is, to the microsecond, and a date
as its day: the text that the vendor wrote for it (an offset, a seventh digit of the second, a time beside the day) is in
JSON lines and CSV. Refusing those would refuse whole lists, since there are vendors who write all moments so.
"""

from __future__ import annotations

import enum
import typing
from collections.abc import Callable, Sequence
from datetime import date, time
from decimal import Decimal
from typing import Any, Literal
from uuid import UUID

from ..errors import ConfigError
from ..records.shape import WireField, split_optional
from ..records.timestamps import Timestamp
from .columns import as_json

try:
    import pyarrow
except ImportError as _missing:
    raise ConfigError("parquet needs pyarrow: pip install 'sagicc-async[parquet]'") from _missing


def type_of(field: WireField) -> Any:
    """Arrow's type of a field."""
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


def conversion_of(field: WireField) -> Callable[[Any], Any] | None:
    """What makes a column's values out of a record's; `None` where they are the same."""
    inner, _ = split_optional(field.type)
    if inner in (str, int, bool, float, Decimal, Timestamp, date):
        return None
    if inner in (time, UUID):
        return str
    listed = typing.get_origin(inner) is Literal or (isinstance(inner, type) and issubclass(inner, enum.Enum))
    return _listed_text if listed else as_json


def extra_text(extra: Any) -> str | None:
    """The unknown fields of a record as JSON; `None` if it has none."""
    return as_json(extra) if extra else None


def converted(values: Sequence[Any], convert: Callable[[Any], Any] | None) -> Sequence[Any]:
    """A column's values out of the records' own."""
    if convert is None:
        return values
    return [None if value is None else convert(value) for value in values]


def array_of(field: Any, values: Sequence[Any], way_out: str) -> Any:
    """
    A column.

    Args:
        field: Its name and type, a field of a schema.
        values: Its values.
        way_out: What to do where one does not fit.

    Raises:
        ConfigError: A number does not fit without loss, or a value not at all.
    """
    try:
        return pyarrow.array(values, field.type)
    except (pyarrow.ArrowException, OverflowError, ValueError, TypeError):
        pass
    # Raised outside of the handler: Arrow's own error may quote the value.
    raise ConfigError(
        f"a value of the column {field.name} does not fit into Parquet's {field.type} without loss; {way_out}"
    )


def _listed_text(value: Any) -> str:
    plain = value.value if isinstance(value, enum.Enum) else value
    return plain if isinstance(plain, str) else as_json(plain)
