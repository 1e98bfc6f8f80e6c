"""
CSV as in RFC 4180, UTF-8, exact: decimals with all their digits, nested values as JSON.

An empty text is `""` and a missing value is nothing at all, as PostgreSQL's COPY reads them. The standard library's
writer cannot tell the two apart before Python 3.12.
"""

from __future__ import annotations

import enum
import re
from collections.abc import Callable, Iterable, Sequence
from datetime import date, time
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from ..records.timestamps import Timestamp
from .columns import Columns, as_json
from .lines import LinesSink
from .part import Part

_TO_QUOTE: Final = re.compile(r'[",\r\n]')


def csv_sink(part: Part, columns: Columns) -> LinesSink:
    """A sink for records, one a row."""
    return LinesSink(part, row_encoder(columns), head_line(columns))


def head_line(columns: Columns) -> bytes:
    """The names of the columns."""
    return _line(map(_text, columns.names))


def row_encoder(columns: Columns) -> Callable[[Sequence[Any]], bytes]:
    """What turns the records of a page into rows."""

    def encode(records: Sequence[Any]) -> bytes:
        return b"".join(map(_row, columns.rows(records)))

    return encode


def _row(values: Sequence[Any]) -> bytes:
    *declared, extra = values
    cells = [_CELLS.get(type(value), _other)(value) for value in declared]
    return _line([*cells, _text(as_json(extra)) if extra else ""])


def _line(cells: Iterable[str]) -> bytes:
    return (",".join(cells) + "\r\n").encode()


def _text(value: str) -> str:
    if value and not _TO_QUOTE.search(value):
        return value
    return '"' + value.replace('"', '""') + '"'


def _number(value: Decimal) -> str:
    return format(value, "f")


def _other(value: Any) -> str:
    if isinstance(value, enum.Enum):
        value = value.value
    if isinstance(value, Decimal):  # one that remembers its text: in its column it is a number as all others are
        return _number(value)
    return _text(str(value) if isinstance(value, str | int | date | time | UUID) else as_json(value))


_CELLS: Final[dict[type, Callable[[Any], str]]] = {
    type(None): lambda _: "",
    str: _text,
    int: str,
    bool: lambda value: "true" if value else "false",
    float: repr,
    Decimal: _number,
    Timestamp: lambda value: _text(value.raw),
}
