"""JSON Pointers (RFC 6901): `""` is the whole document, `/data/records` a key of a key of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import msgspec

_members = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode
_items = msgspec.json.Decoder(list[msgspec.Raw]).decode
_ABSENT: Final = (msgspec.DecodeError, KeyError, IndexError, UnicodeDecodeError, ValueError, RecursionError)


def steps(pointer: str) -> tuple[str, ...]:
    """The keys of a pointer, in order."""
    return tuple(part.replace("~1", "/").replace("~0", "~") for part in pointer.split("/")[1:])


def value_at(document: Any, pointer: str) -> Any:
    """What a decoded document has at a pointer; `None` if there is nothing."""
    value = document
    for step in steps(pointer):
        if isinstance(value, Mapping):
            value = value.get(step)
        elif isinstance(value, list) and step.isascii() and step.isdigit() and int(step) < len(value):
            value = value[int(step)]
        else:
            return None
    return value


def raw_at(body: bytes, pointer: str) -> bytes | None:
    """The JSON that a body has at a pointer, exactly as it was written; `None` if there is nothing."""
    found = body.strip()
    for step in steps(pointer):
        try:
            found = bytes(_items(found)[_index(step)] if found[:1] == b"[" else _members(found)[step]).strip()
        except _ABSENT:
            return None
    return found


def _index(step: str) -> int:
    if step.isascii() and step.isdigit():
        return int(step)
    raise IndexError  # a place counted from the end is none


def members(body: bytes) -> dict[str, bytes]:
    """The members of a JSON object, not decoded; none if it is something else."""
    try:
        return {key: bytes(raw).strip() for key, raw in _members(body).items()}
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return {}
