"""
Nested records, ready for the JSON encoder: what `to_wire` writes.

They are put into structs of msgspec's, which writes them under the wire's names by itself. A mapping of each, such as
`to_dict` makes, takes more than twice the time; and nested records are most of what a row costs.
"""

from __future__ import annotations

import functools
import operator
from collections.abc import Callable, Sequence
from typing import Any, Final

import msgspec

from ...records.shape import Way, WireField, through, wire_fields
from ...records.writing import plain_scalar

#: Values that remember the text they came as are written as it.
encode: Final = msgspec.json.Encoder(enc_hook=plain_scalar, decimal_format="number").encode


def as_json(value: Any) -> str:
    """What the encoder knows, as JSON; its numbers are exact."""
    return encode(value).decode()


def struct_of(title: str, names: Sequence[str], *, omit_none: bool) -> Callable[..., Any]:
    """A struct of values, which the encoder writes as an object with these names for them."""
    fields = {f"field_{place}": name for place, name in enumerate(names)}
    return msgspec.defstruct(
        title, [(field, Any, None) for field in fields], rename=fields, omit_defaults=omit_none, gc=False
    )


def plain_of(field: WireField) -> Callable[[Any], Any] | None:
    """What makes of a field's values, which are never `None`, what the encoder knows; `None` where it knows them."""
    return None if field.model is None else _inside(field.way, field.model)


@functools.cache
def _plain(model: Any) -> Callable[[Any], Any]:
    fields = wire_fields(model)
    if not fields or (model.omit_none and any(field.also for field in fields)):
        return lambda record: record.to_dict()  # which knows under which of its names a field came
    names = [field.wire for field in fields]
    struct = struct_of(model.__name__, names, omit_none=model.omit_none)
    values_of = operator.attrgetter(*(field.name for field in fields), "_extra")
    nested = [(place, _inside(field.way, field.model)) for place, field in enumerate(fields) if field.model is not None]

    def plain(record: Any) -> Any:
        *values, extra = values_of(record)
        for place, inside in nested:
            if values[place] is not None:
                values[place] = inside(values[place])
        if not extra:
            return struct(*values)
        told = zip(names, values, strict=True)
        return {**extra, **{name: value for name, value in told if value is not None or not model.omit_none}}

    return plain


def _inside(way: Way, model: Any) -> Callable[[Any], Any]:
    # Asked for when a record is read, not now: a model may hold itself.
    return through(way, lambda record: _plain(model)(record))  # noqa: PLW0108
