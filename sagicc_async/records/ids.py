"""A record's id, in each of the forms that a list is read into."""

from __future__ import annotations

import functools
import operator
from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import Any

import attrs
import msgspec


def no_id(record: object) -> None:
    """The id of a record in a list whose ids do not tell its records apart."""


@attrs.frozen
class Identity:
    """
    Where the id of a record stands; where nothing else is said, it is called `id`.

    Args:
        attribute: In a record.
        wire: In its JSON.
    """

    attribute: str = "id"
    wire: str = "id"
    # Both are asked for every record of a page, so they are made once.
    _of: Callable[[Any], Any] = attrs.field(init=False, repr=False, eq=False)
    _decode: Callable[[bytes | msgspec.Raw], Any] = attrs.field(init=False, repr=False, eq=False)

    @_of.default
    def _make_getter(self) -> Callable[[Any], Any]:
        return operator.attrgetter(self.attribute)

    @_decode.default
    def _make_decoder(self) -> Callable[[bytes | msgspec.Raw], Any]:
        return _decoder_of(self.wire)

    def of_record(self, record: Any) -> str | None:
        """The id of a record; `None` if it has none."""
        return _text(getattr(record, self.attribute, None))

    def of_records(self, records: Sequence[Any]) -> list[Hashable]:
        """
        The ids of a page's records as they are, `None` for those that have none: to compare pages by.

        All records of a page are of one class, so the loop stays in C.
        """
        try:
            return _hashable(list(map(self._of, records)))
        except AttributeError:
            return _hashable([getattr(record, self.attribute, None) for record in records])

    def of_mapping(self, record: Mapping[str, Any]) -> str | None:
        """The id of a record that was read into a mapping."""
        return _text(record.get(self.wire))

    def of_mappings(self, records: Sequence[Mapping[str, Any]]) -> list[Hashable]:
        """The same for a page of them."""
        wire = self.wire
        return _hashable([record.get(wire) for record in records])

    def of_bytes(self, record: bytes | msgspec.Raw) -> str | None:
        """The id of a record that stayed bytes."""
        return _text(self._decode(record).id)

    def of_many_bytes(self, records: Sequence[bytes | msgspec.Raw]) -> list[Hashable]:
        """The same for a page of them."""
        return _hashable([only.id for only in map(self._decode, records)])

    def of_content(self, record: Any) -> object:
        """The id of a record, or, if it has none, its whole content: what it is known by from one pass to the next."""
        key = self.of_record(record)
        return record.to_json() if key is None else ("id", key)


@functools.cache
def _decoder_of(wire: str) -> Callable[[bytes | msgspec.Raw], Any]:
    """Reads nothing of a record but its id."""
    only = msgspec.defstruct("Id", [("id", Any, msgspec.field(name=wire, default=None))])
    return msgspec.json.Decoder(only).decode


def _hashable(keys: list[Any]) -> list[Hashable]:
    try:
        hash(tuple(keys))
    except TypeError:  # an id that is an object or a list is known by its text
        return [_text(key) for key in keys]
    return keys


def _text(value: Any) -> str | None:
    return None if value is None else str(value)
