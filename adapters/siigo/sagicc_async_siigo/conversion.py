"""
From a document that was read to the request that would write it again.

A PUT of Siigo's replaces the whole, and requests differ from answers: `unit` is a code here and an object there, an
answer has totals that no request takes. So what a request may hold is what its class declares.
"""

from __future__ import annotations

import copy
import types
import typing
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any, Final

import attrs
import msgspec

from sagicc_async import Record, to_wire, wire_name

from .comparison import named
from .models import City, FiscalResponsibility, GlobalDiscount

_plain: Final[Callable[[bytes], Any]] = msgspec.json.Decoder(float_hook=Decimal).decode
_NOTHING: Final[tuple[Any, ...]] = (None, {}, [], [{}])

#: What stands in answers alone, of classes that requests have too: names of what a request has the code or id of.
_NAMES: Final[Mapping[type[Record], frozenset[str]]] = {
    City: frozenset({"country_name", "state_name", "city_name"}),
    FiscalResponsibility: frozenset({"name"}),
    GlobalDiscount: frozenset({"name"}),
}


def plain(document: Record | Mapping[str, Any]) -> dict[str, Any]:
    """
    A copy of a document in JSON's own values: decimals exact, dates as text.

    Raises:
        ConfigError: Something inside is not JSON.
    """
    made: dict[str, Any] = _plain(to_wire(document))
    return made


def as_request(kind: type[Record], found: Mapping[str, Any]) -> dict[str, Any]:
    """
    Turn a document that was read into the request of a class: the fields that it declares, in its own shapes.

    Args:
        kind: The class of the request.
        found: The document, as plain values.

    Returns:
        The request. What the answer has no value for is left out, and so is what no request takes.
    """
    made = {}
    names: frozenset[str] = _NAMES.get(kind, frozenset())
    for name, inner in fields_of(kind).items():
        if name in names:
            continue
        value = _converted(inner, found.get(name))
        if value not in _NOTHING:
            made[name] = value
    return made


def merged(document: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """
    Lay changes over a document: fields of an object one by one, a list as a whole.

    Args:
        document: What is there.
        changes: What is to be different; a null leaves its field out, which empties it.
    """
    made = copy.deepcopy(dict(document))
    for name, value in changes.items():
        inside = made.get(name)
        if value is None:
            made.pop(name, None)
        elif isinstance(inside, Mapping) and isinstance(value, Mapping):
            made[name] = merged(inside, value)
        else:
            made[name] = copy.deepcopy(value)
    return made


def _converted(inner: Any, value: Any) -> Any:
    if value is None:
        return None
    if isinstance(inner, type) and issubclass(inner, Record):
        return as_request(inner, value) if isinstance(value, Mapping) else None
    if typing.get_origin(inner) is list:
        (item,) = typing.get_args(inner)
        return [_converted(item, one) for one in value] if isinstance(value, list) else None
    return named(value) if isinstance(value, Mapping) else value


def fields_of(kind: type[Record]) -> dict[str, Any]:
    """What a class declares: the wire's key -> the type inside, without `None`."""
    known: Any = kind  # attrs asks for a class of its own making
    attrs.resolve_types(known)
    return {
        wire_name(kind, attribute.name): _inside(attribute.type)
        for attribute in attrs.fields(known)
        if attribute.name != "_extra"
    }


def _inside(annotation: Any) -> Any:
    if isinstance(annotation, types.UnionType):
        options = [option for option in typing.get_args(annotation) if option is not type(None)]
        return options[0] if len(options) == 1 else Any
    return annotation
