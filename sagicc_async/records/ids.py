"""A record's id, in each of the forms that a list is read into."""

from __future__ import annotations

import operator
from collections.abc import Hashable, Mapping, Sequence
from typing import Any, Final

import attrs
import msgspec


def record_id(record: Any) -> str | None:
    """The id of a record; `None` if it has none."""
    key = getattr(record, "id", None)
    return None if key is None else str(key)


def no_id(record: object) -> None:
    """The id of a record in a list whose ids do not tell its records apart."""


@attrs.frozen
class Identity:
    """
    Where the id of a record stands, for records that call it otherwise than `id`.

    Args:
        attribute: In a record.
        wire: In its JSON.
    """

    attribute: str = "id"
    wire: str = "id"

    def of_record(self, record: Any) -> str | None:
        """The id of a record; `None` if it has none."""
        return _text(getattr(record, self.attribute, None))

    def of_records(self, records: Sequence[Any]) -> list[Hashable]:
        """The ids of a page's records, to compare pages by."""
        return _hashable([getattr(record, self.attribute, None) for record in records])

    def of_mapping(self, record: Mapping[str, Any]) -> str | None:
        """The id of a record that was read into a mapping."""
        return _text(record.get(self.wire))

    def of_mappings(self, records: Sequence[Mapping[str, Any]]) -> list[Hashable]:
        """The same for a page of them."""
        return _hashable([record.get(self.wire) for record in records])

    def of_bytes(self, record: bytes | msgspec.Raw) -> str | None:
        """The id of a record that stayed bytes."""
        raw = _read_members(record).get(self.wire)
        return None if raw is None else _text(msgspec.json.decode(raw))


def mapping_id(record: Mapping[str, Any]) -> str | None:
    """The id of a record that was read into a mapping."""
    return _text(record.get("id"))


def encoded_id(record: bytes | msgspec.Raw) -> str | None:
    """The id of a record that stayed bytes."""
    return _text(_read_id(record).id)


def record_keys(records: Sequence[Any]) -> list[Hashable]:
    """
    The ids of a whole page's records as they are, `None` for those that have none: to compare pages by.

    All records of a page are of one class, so the loop stays in C.
    """
    try:
        return _hashable(list(map(_id_of, records)))
    except AttributeError:
        return [None] * len(records)


def mapping_keys(records: Sequence[Mapping[str, Any]]) -> list[Hashable]:
    """The same for records that were read into mappings."""
    return _hashable([record.get("id") for record in records])


def content_key(record: Any) -> object:
    """The id of a record, or, if it has none, its whole content: what it is known by from one pass to the next."""
    key = record_id(record)
    return record.to_json() if key is None else ("id", key)


def _hashable(keys: list[Any]) -> list[Hashable]:
    try:
        hash(tuple(keys))
    except TypeError:  # an id that is an object or a list is known by its text
        return [_text(key) for key in keys]
    return keys


_id_of: Final = operator.attrgetter("id")


class _Id(msgspec.Struct):
    id: Any = None


_read_id = msgspec.json.Decoder(_Id).decode
_read_members = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode


def _text(value: Any) -> str | None:
    return None if value is None else str(value)
