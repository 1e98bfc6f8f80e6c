"""What each vendor was seen to send for each model: the order of its keys, those that no field declares, odd types."""

from __future__ import annotations

import re
from datetime import date
from typing import Any, Final

import attrs

from .shape import Way, WireField, wire_fields
from .structuring import plain_date

#: A vendor that uses data as keys would have us learn for ever: past this many, the model is read as open.
MAX_LEARNED: Final = 64

_NO_FIELD_NAME: Final = re.compile(r'[\x00-\x1f"\\]')


@attrs.define(eq=False)
class Layout:
    """
    The keys of one model, process-wide: all streams of all accounts learn together.

    Attributes:
        seen: Keys in the order of the wire, declared or not.
        learned: How many of them no field declares.
        odd: Keys that were seen with another type than the one that their quirk lets pass unread.
        nulls: Keys that were seen with a null, of fields that keep it.
        open: Whether the keys cannot be learned, so that records are read from dicts, slower.
        version: Grows with each thing learned; 0 until a record was looked at.
    """

    seen: dict[str, None] = attrs.field(factory=dict)
    learned: int = 0
    odd: set[str] = attrs.field(factory=set)
    nulls: set[str] = attrs.field(factory=set)
    open: bool = False
    version: int = 0


_LAYOUTS: Final[dict[type, Layout]] = {}


def layout_of(model: type) -> Layout:
    """The layout of a model, empty until a page was looked at."""
    return _LAYOUTS.setdefault(model, Layout())


def look(model: type, value: Any) -> None:
    """
    Learn the keys of one record and of those inside it; the caller holds the lock.

    Args:
        model: What the record is read as.
        value: The record, decoded into plain values. What is no object is passed over: it will fail on its own.
    """
    if type(value) is not dict:
        return
    layout = layout_of(model)
    if layout.version == 0 or not (layout.open or layout.seen.keys() >= value.keys()):
        _learn(model, layout, value)
    for field in wire_fields(model):
        if field.passes_on_the_wire:
            _look_for_odd(field, layout, value)
        if field.keeps_null:
            _look_for_null(field, layout, value)
        if field.model is None:
            continue
        for name in field.names:
            for nested in _nested(field.way, value.get(name)):
                look(field.model, nested)


def _learn(model: type, layout: Layout, value: dict[str, Any]) -> None:
    declared = {name for field in wire_fields(model) for name in field.names}
    fresh = [key for key in value if key not in layout.seen and key not in declared]
    layout.learned += len(fresh)
    layout.open = layout.learned > MAX_LEARNED or any(_NO_FIELD_NAME.search(key) for key in fresh)
    layout.seen.update(dict.fromkeys(value))
    layout.version += 1


def _look_for_odd(field: WireField, layout: Layout, value: dict[str, Any]) -> None:
    for name in field.names:
        if name not in layout.odd and value.get(name) is not None and not _passes(field.passes, value[name]):
            layout.odd.add(name)
            layout.version += 1


def _look_for_null(field: WireField, layout: Layout, value: dict[str, Any]) -> None:
    for name in field.names:
        if name not in layout.nulls and name in value and value[name] is None:
            layout.nulls.add(name)
            layout.version += 1


def _passes(kind: type | None, value: Any) -> bool:
    """Whether the decoder takes the value as it is."""
    if kind is date:
        return type(value) is str and plain_date(value) is not None
    return type(value) is kind


def _nested(way: Way, inside: Any) -> list[Any]:
    if way is Way.MODELS and type(inside) is list:
        return inside
    if way is Way.MODEL_MAP and type(inside) is dict:
        return list(inside.values())
    return [inside] if way is Way.MODEL else []
