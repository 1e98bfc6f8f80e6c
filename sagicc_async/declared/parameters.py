"""Values of calls as the vendor writes them: query parameters, and names in paths."""

from __future__ import annotations

import datetime
import urllib.parse
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

import attrs

from ..errors import ConfigError
from ..wire.request import Parameter
from .checks import placeholders
from .declaration import Declaration, FieldEntry, ParamEntry
from .moments import on_the_vendors_clock
from .names import python_name
from .values import formatted

#: Keywords that every operation has.
COMMON: Final = frozenset({"self", "id", "record", "key", "params", "page_size", "deadline", "priority"})

#: The keyword that asks for changes, whatever the vendor calls the parameter.
UPDATED_SINCE: Final = "updated_since"

#: What a keyword of each type takes.
TYPES: Final[Mapping[str, Any]] = {
    "text": str,
    "int": int,
    "decimal": Decimal,
    "money": Decimal,
    "date": datetime.date,
    "datetime": datetime.datetime,
    "duration": int,
    "flag": bool,
}


@attrs.frozen(kw_only=True)
class Address:
    """
    Where a request goes.

    Args:
        path: Its path, with nothing left to fill in.
        params: Its query.
    """

    path: str
    params: Mapping[str, Parameter]


def keywords_of(params: Mapping[str, ParamEntry], updated_filter: str | None = None) -> dict[str, str]:
    """
    The keywords of an operation's parameters: keyword -> the vendor's name.

    Args:
        params: What is declared of them.
        updated_filter: The one that `updated_since` stands for, if the file names one: no other can be called so.
    """
    found: dict[str, str] = {}
    for wire in params:
        taken = COMMON if updated_filter in (None, wire) else COMMON | {UPDATED_SINCE}
        name = python_name(wire, taken)
        while name in found:
            name += "_"
        found[name] = wire
    return found


def address_of(
    declaration: Declaration,
    operation: str,
    entry: Any,
    given: Mapping[str, Any],
    id: str | int | None = None,  # noqa: A002
    *,
    updated_filter: str | None = None,
) -> Address:
    """
    Where a call goes.

    Args:
        declaration: It says how values are written.
        operation: `resource.operation`, for messages.
        entry: The operation's entry.
        given: The keywords of the call.
        id: The record's, for operations on one.
        updated_filter: As for `keywords_of`.

    Raises:
        ConfigError: There is no such keyword, one is missing, or its value is of another type.
    """
    names = keywords_of(entry.params, updated_filter)
    unknown = sorted(set(given) - set(names))
    if unknown:
        raise ConfigError(f"{operation} has no parameter {', '.join(unknown)}; it has {', '.join(names) or 'none'}")
    written: dict[str, Parameter] = {}
    for name, wire in names.items():
        parameter = entry.params[wire]
        value = given.get(name)
        if value is None:
            if parameter.required and parameter.default is None:
                raise ConfigError(f"{operation} needs {name}=")
            written[wire] = _default(parameter.default)
        else:
            written[wire] = _written(f"{operation}: {name}", declaration, parameter, value)
    path = entry.path
    if id is not None:
        path = path.replace("{id}", _segment(operation, id))
    for place in dict.fromkeys(placeholders(path)):  # a path may have one twice
        path = path.replace(f"{{{place}}}", _segment(operation, written.pop(place)))
    return Address(path=path, params=_query(declaration, entry.params, written))


def _query(
    declaration: Declaration, entries: Mapping[str, ParamEntry], written: Mapping[str, Parameter]
) -> dict[str, Parameter]:
    """Several values as the vendor takes them."""
    found: dict[str, Parameter] = {}
    for wire, value in written.items():
        if isinstance(value, list) and declaration.arrays == "comma":
            found[wire] = ",".join(value)
        elif entries[wire].array and declaration.arrays == "brackets" and value is not None:
            found[wire if wire.endswith("[]") else f"{wire}[]"] = value
        elif value is not None:
            found[wire] = value
    return found


def _default(value: str | int | bool | None) -> str | int | None:  # noqa: FBT001 - what the file says
    return ("true" if value else "false") if isinstance(value, bool) else value


def _segment(operation: str, value: Any) -> str:
    text = str(value)
    if not text.strip() or text in (".", ".."):
        raise ConfigError(f"{operation} needs an id that is not empty")
    return urllib.parse.quote(text, safe="")


def _written(where: str, declaration: Declaration, entry: ParamEntry, value: Any) -> Parameter:
    if not entry.array:
        return word(where, declaration, entry, value)
    several = [value] if isinstance(value, str) or not isinstance(value, list | tuple | set | frozenset) else value
    return [str(word(where, declaration, entry, item)) for item in several]


def word(where: str, declaration: Declaration, entry: ParamEntry | FieldEntry, value: Any) -> str | int:
    """
    One value as the vendor writes it; a text is sent as it is, since it may be the vendor's own word for it.

    Args:
        where: What it is a value of, for messages.
        declaration: It says how values are written.
        entry: What is declared of it.
        value: What was given.

    Raises:
        ConfigError: It is of another type, or no value that anybody could write.
    """
    if isinstance(value, str):
        return value
    kind = TYPES[entry.type]
    fits = isinstance(value, kind | int if kind is Decimal else kind) and (kind is bool or not isinstance(value, bool))
    if not fits or (kind is datetime.date and isinstance(value, datetime.datetime)):
        raise ConfigError(f"{where} takes a value of type {entry.type}, not {type(value).__name__}")
    if isinstance(value, Decimal) and not value.is_finite():
        raise ConfigError(f"{where} takes a finite number")
    form = declaration.format_of(entry)
    if isinstance(value, datetime.datetime):
        value = on_the_vendors_clock(declaration, value, form)
    return formatted(entry.type, form, value)
