"""A record's id, in each of the forms that a list is read into."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec


def record_id(record: Any) -> str | None:
    """The id of a record; `None` if it has none."""
    return _text(getattr(record, "id", None))


def mapping_id(record: Mapping[str, Any]) -> str | None:
    """The id of a record that was read into a mapping."""
    return _text(record.get("id"))


def encoded_id(record: bytes) -> str | None:
    """The id of a record that stayed bytes."""
    return _text(_read_id(record).id)


def content_key(record: Any) -> object:
    """The id of a record, or, if it has none, its whole content: what it is known by from one pass to the next."""
    key = record_id(record)
    return record.to_json() if key is None else ("id", key)


class _Id(msgspec.Struct):
    id: Any = None


_read_id = msgspec.json.Decoder(_Id).decode


def _text(value: Any) -> str | None:
    return None if value is None else str(value)
