"""From records and mappings to JSON bytes: exact decimals, explicit nulls, and nothing that is not JSON."""

from __future__ import annotations

import enum
import math
from collections.abc import Mapping
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

import attrs
import msgspec

from ..errors import ConfigError
from .as_written import AsWritten
from .structuring import converter
from .timestamps import Timestamp

_ENCODER: Final = msgspec.json.Encoder(decimal_format="number")


def to_wire(value: Any) -> bytes:
    """
    Encode a record, or a mapping that a caller wrote, as the JSON body of a request.

    Args:
        value: A record, a mapping with text keys, or a list of them; records, decimals, enums, dates, times and UUIDs
            may stand anywhere inside.

    Returns:
        One line of JSON in UTF-8: decimals as numbers with exactly their digits, `None` as an explicit null.

    Raises:
        ConfigError: Something inside is not JSON (a set, bytes, a number that is not finite). The message says where.
    """
    plain = _plain(value, "$")
    try:
        return _ENCODER.encode(plain)
    except (ValueError, RecursionError):
        # Raised below, outside of the handler: the encoder's own error holds the text that it could not encode.
        problem = "a text that is not Unicode, or an integer that is too long"
    raise ConfigError(f"cannot be written as JSON: it holds {problem}")


def _plain(value: Any, path: str) -> Any:
    """Copy a tree into what JSON has."""
    kind = type(value)
    if kind is str or kind is int or kind is bool or value is None:
        return value
    if kind is Decimal:
        return value if value.is_finite() else _refuse("a number that is not finite", path)
    if isinstance(value, Mapping):
        return {_key(key, path): _plain(item, f"{path}.{key}") for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item, f"{path}[{index}]") for index, item in enumerate(value)]
    if attrs.has(kind) and "_extra" in attrs.fields_dict(kind):
        return _plain(converter.unstructure(value), path)
    return plain_scalar(value, path)


def plain_scalar(value: Any, path: str = "$") -> Any:
    """
    What JSON has for a value that is no container: its own text where it keeps it.

    Raises:
        ConfigError: JSON has nothing for it.
    """
    if isinstance(value, enum.Enum):
        return _plain(value.value, path)
    if isinstance(value, float):
        return float(value) if math.isfinite(value) else _refuse("a number that is not finite", path)
    if isinstance(value, Timestamp | AsWritten):
        return value.raw
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, UUID):
        return str(value)
    for base in (str, int, Decimal):
        if isinstance(value, base):
            return _plain(base(value), path)
    return _refuse(f"a value of type {type(value).__name__}", path)


def _key(key: Any, path: str) -> str:
    return str(key) if isinstance(key, str) else _refuse(f"a key of type {type(key).__name__}", path)


def _refuse(what: str, path: str) -> Any:
    raise ConfigError(f"cannot be written as JSON: {what} at {path}")
