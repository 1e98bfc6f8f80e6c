"""Where the records stand in an answer: the declared pointers in order, then the one list that can be meant."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import tzinfo
from typing import Any, Final, Generic, TypeVar

import attrs
import msgspec

from ..errors import ProtocolError
from ..records.convert import PageData
from ..records.model import Record
from ..records.plan import Reader
from ..records.readers import DeclaredReaders
from .pointers import members, raw_at

T = TypeVar("T")

#: A key that may be shown: a longer one, or a stranger one, may be a value.
_SHOWN: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_-]{0,29}")
_MOST_SHOWN: Final = 12
#: The name by which a page without records tells the keys around them; no pointer is called so.
KEYS: Final = "keys"
#: Values of the envelope that are numbers.
_NUMBERS: Final = frozenset({"total", "last"})
_NOTHING: Final = b"null"


def find_records(body: bytes, pointers: Sequence[str]) -> tuple[str, bytes]:
    """
    Find the list of records in an answer.

    Args:
        body: The answer.
        pointers: Where it may stand, in order.

    Returns:
        Where it stands, and its JSON.

    Raises:
        ProtocolError: It is nowhere, or could be several; the message names keys, never values.
    """
    there = {pointer: found for pointer in pointers if (found := raw_at(body, pointer)) is not None}
    for pointer, found in there.items():
        if found[:1] == b"[":
            return pointer, found
    for pointer, found in there.items():
        inside = {key: raw for key, raw in members(found).items() if _holds_records(raw)}
        if len(inside) == 1:
            key, raw = next(iter(inside.items()))
            return f"{pointer}/{key.replace('~', '~0').replace('/', '~1')}", raw
        if inside:
            raise ProtocolError(
                f"several lists could be the records: {_named(inside)} at {_place(pointer)}; name one in `records`"
            )
    for pointer, found in there.items():
        if found == _NOTHING and pointer:
            return pointer, b"[]"
    raise ProtocolError(_nowhere(body, pointers))


def _holds_records(raw: bytes) -> bool:
    return raw[:1] == b"[" and raw[1:].lstrip()[:1] in (b"{", b"]")


def _nowhere(body: bytes, pointers: Sequence[str]) -> str:
    wanted = f"no list of records at {', '.join(map(_place, pointers))}"
    start = body[:512].lstrip().lower()
    if start.startswith(b"<"):
        return f"{wanted}: the answer is {'HTML' if b'<html' in start or b'<!doctype html' in start else 'HTML or XML'}"
    try:
        found = msgspec.json.decode(body, type=msgspec.Raw)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return f"{wanted}: the answer is not JSON"
    keys = members(bytes(found))
    return f"{wanted}: the answer has the keys {_named(keys)}" if keys else f"{wanted}: the answer is no object"


def _named(keys: Mapping[str, Any]) -> str:
    names = [key if _SHOWN.fullmatch(key) else "(another)" for key in list(keys)[:_MOST_SHOWN]]
    return ", ".join(names) + (" and others" if len(keys) > _MOST_SHOWN else "")


def _place(pointer: str) -> str:
    return f'"{pointer}"'


@attrs.frozen
class _Finder(Generic[T]):
    """
    Finds the records in a page, and leaves reading them to another.

    Args:
        pointers: Where they may stand.
        meta: Pointers to further values.
        array: Reads a bare array.
    """

    pointers: tuple[str, ...]
    meta: Mapping[str, str]
    array: Reader[T]

    def read(self, body: bytes) -> PageData[T]:
        """
        Read a page.

        Raises:
            ProtocolError: There are no records in it. Neither the error nor its traceback keeps the body.
        """
        try:
            pointer, records = find_records(body, self.pointers)
            page = self.array.read(records)
            page.meta = {name: _value(name, raw_at(body, at)) for name, at in self.meta.items()}
            if records[1:].lstrip()[:1] == b"]":
                page.meta[KEYS] = _named(members(body))
        finally:
            del body
            records = b""
        if page.problem is not None:
            path = page.problem.path.replace("$", "$" + pointer.replace("/", "."), 1)
            page.problem = attrs.evolve(page.problem, path=path)
        return page


def _value(name: str, raw: bytes | None) -> Any:
    """What paging needs; totals that come as digits are numbers all the same, while a cursor of digits is a text."""
    if raw is None:
        return None
    try:
        value = msgspec.json.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    return _whole(value) if name in _NUMBERS else value


def _whole(value: Any) -> Any:
    return int(value) if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 16 else value


@attrs.frozen
class DeclaredEnvelope:
    """
    Readers of the lists of a declaration.

    Args:
        pointers: Where records may stand.
        meta: Pointers to further values, by name.
    """

    pointers: tuple[str, ...]
    meta: Mapping[str, str] = attrs.field(factory=dict)
    _array: DeclaredReaders = attrs.field(factory=lambda: DeclaredReaders(None), init=False)

    def records(self, model: type[Record], zone: tzinfo) -> Reader[Any]:
        """Read into records."""
        return _Finder(self.pointers, self.meta, self._array.records(model, zone))

    def mappings(self) -> Reader[dict[str, Any]]:
        """Read into exact mappings."""
        return _Finder(self.pointers, self.meta, self._array.mappings())

    def encoded(self, check: type[Record] | None, zone: tzinfo) -> Reader[msgspec.Raw]:
        """Leave each record as its own JSON."""
        return _Finder(self.pointers, self.meta, self._array.encoded(check, zone))


def find_record(body: bytes, pointers: Sequence[str]) -> bytes:
    """
    The JSON of a single record in an answer.

    Raises:
        ProtocolError: There is none at the pointers.
    """
    for pointer in pointers:
        found = raw_at(body, pointer)
        if found is not None and found[:1] == b"{":
            return found
    raise ProtocolError(f"no record at {', '.join(map(_place, pointers))}")
