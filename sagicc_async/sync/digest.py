"""Digests of all that a record says: they change when, and only when, the record does."""

from __future__ import annotations

import datetime
import functools
import hashlib
import operator
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import msgspec

from ..records.as_written import AsWritten
from ..records.model import Record
from ..records.shape import Way, through, wire_fields
from ..records.timestamps import Timestamp
from ..records.writing import plain_scalar


def digest_of(record: Record | Mapping[str, Any]) -> str:
    """
    The digest of a record, or of a mapping where nothing is declared: of what the vendor wrote, and of what it was read as.

    It goes by the model too: a release that declares other fields gives every record another digest.
    """
    return _digest(_read_json, record)


def name_of(record: Record | Mapping[str, Any]) -> str:
    """
    What a record is known by that has no id: a digest of what the vendor wrote.

    It stays the same where a date or an amount was read wrongly, and is read rightly now: the row is mended, not another one.
    """
    return _digest(_written_json, record)


def _digest(encode: Callable[[Any], bytes], record: Record | Mapping[str, Any]) -> str:
    model: Any = type(record)
    plain = _spelled(model)(record) if isinstance(record, Record) else record
    return hashlib.blake2b(encode(plain), digest_size=16).hexdigest()


_EPOCH: Final = Timestamp(1970, 1, 1, tzinfo=datetime.UTC)


def _read(value: Any) -> Any:
    """A value that keeps the text it came as is both: the same text may be read as another day, or in another time zone."""
    if isinstance(value, Timestamp):
        return value.raw, value - _EPOCH
    if isinstance(value, AsWritten):
        return value.raw, *value._plain()
    return plain_scalar(value)


# In which order a vendor sends its keys is no part of what a record says; each digit of a number is.
_read_json: Final = msgspec.json.Encoder(enc_hook=_read, decimal_format="number", order="sorted").encode
_written_json: Final = msgspec.json.Encoder(enc_hook=plain_scalar, decimal_format="number", order="sorted").encode


@functools.cache
def _spelled(model: Any) -> Callable[[Record], Sequence[Any]]:
    """
    What makes of a record the list of its values, its unknown fields as the last.

    `to_dict` would say the same, and take more than three times as long.
    """
    fields = wire_fields(model)
    if not fields:
        return lambda record: (record._extra,)
    values_of = operator.attrgetter(*(field.name for field in fields), "_extra")
    nested = [
        (place, _inside(field.way, field.model))
        for place, field in enumerate(fields)
        if field.model is not None and issubclass(field.model, Record)
    ]
    if not nested:
        return values_of

    def spell(record: Record) -> Sequence[Any]:
        values = [*values_of(record)]
        for place, inside in nested:
            if values[place] is not None:
                values[place] = inside(values[place])
        return values

    return spell


def _inside(way: Way, model: Any) -> Callable[[Any], Any]:
    # Asked for when a record is read, not now: a model may hold itself.
    return through(way, lambda record: _spelled(model)(record))  # noqa: PLW0108
