"""The shared cattrs converter: strict hooks for JSON's values, and where and why a value did not fit."""

from __future__ import annotations

import decimal
import enum
import functools
import math
import re
from collections.abc import Callable
from datetime import UTC, date, datetime, time, tzinfo
from decimal import Decimal
from typing import Any, Final, Literal, get_args, get_origin
from uuid import UUID

import attrs
import cattrs
import msgspec
from cattrs.cols import list_structure_factory, mapping_structure_factory
from cattrs.dispatch import StructureHook
from cattrs.errors import AttributeValidationNote, IterableValidationNote

from .as_written import Amount, AsWritten, Minutes
from .shape import describe, is_union, split_optional, wire_name
from .timestamps import Timestamp

#: Longest number that is read, in digits: Python's own limit for the text of an integer.
MAX_DIGITS: Final = 4300

#: Makes decimals of the wire's digits, in C: every digit as it came, or an `ArithmeticError` for a number that is too
#: long, too large (1E+999999999, whose plain form would eat the memory) or not finite. Used to construct only, so
#: sharing it between threads is harmless.
_CONTEXT: Final = decimal.Context(
    prec=MAX_DIGITS,
    Emax=MAX_DIGITS,
    Emin=-MAX_DIGITS,
    traps=[decimal.Rounded, decimal.Overflow, decimal.Subnormal, decimal.Clamped, decimal.InvalidOperation],
)
to_decimal: Final[Callable[[str], Decimal]] = _CONTEXT.create_decimal

#: What decoding raises for JSON that is not what was declared: msgspec's errors, and those that it lets through.
UNREADABLE: Final = (msgspec.DecodeError, UnicodeDecodeError, ArithmeticError, RecursionError)

_NUMBER: Final = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?", re.ASCII)
_INTEGER: Final = re.compile(r"[+-]?\d+", re.ASCII)


class Unfit(ValueError):
    """A value is not what its field declares. It says what would be, and never holds the value."""

    def __init__(self, expected: str) -> None:
        super().__init__(f"expected {expected}")
        self.expected = expected


@attrs.frozen
class Fault:
    """Where a record does not fit its model, counted from the record, and what was expected there."""

    path: str
    expected: str


def exact_decimal(value: object) -> Decimal:
    """
    Read an exact decimal from what the wire holds.

    Args:
        value: An integer, a decimal, or text such as `12.50` or `-1e3`; never a float, which has lost digits already.

    Returns:
        The number with all its digits, trailing zeros included; an amount that remembers its text as itself.

    Raises:
        Unfit: It is something else, not finite, or has more than `MAX_DIGITS` digits or places.
    """
    number = None
    if _NUMBER.fullmatch(value) if type(value) is str else _is_exact(value):
        try:
            number = _CONTEXT.create_decimal(value)  # type: ignore[arg-type]
        except ArithmeticError:
            number = None
    if number is None or not number.is_finite():
        raise Unfit("Decimal")
    return value if isinstance(value, Amount) else number


def exact_int(value: object) -> int:
    """
    Read an integer, or the digits of one.

    Args:
        value: An integer or text such as `12`; neither `1.0` nor `True`.

    Returns:
        The integer; a duration that remembers its text as itself.

    Raises:
        Unfit: It is something else, or has more than `MAX_DIGITS` digits.
    """
    if type(value) is int:
        return value
    if type(value) is str and len(value) <= MAX_DIGITS and _INTEGER.fullmatch(value):
        return int(value)
    if isinstance(value, int) and type(value) is not bool:
        return value if isinstance(value, Minutes) else int(value)
    raise Unfit("int")


def _is_exact(value: object) -> bool:
    """Whether it is a number that has all its digits; `True` is none."""
    return type(value) is int or (isinstance(value, int | Decimal) and type(value) is not bool)


def plain_date(text: str) -> date | None:
    """Read `2026-11-25`, as the decoder reads it; `None` for any other text."""
    try:
        return msgspec.convert(text, date)
    except msgspec.ValidationError:
        return None


def first_fault(error: Exception, expected: str = "object") -> Fault:
    """
    Say where structuring failed first, and what was expected there; the error is emptied.

    Args:
        error: What a converter with detailed validation raised.
        expected: What the root is.

    Returns:
        The fault, in the wire's names. Values and the keys of dicts, which are values too, are left out.
    """
    path, root = "", error
    while isinstance(error, cattrs.ClassValidationError | cattrs.IterableValidationError):
        inside, beside = error.group_exceptions()
        if not inside:
            # The constructor itself refused: a validator, or the model's own check.
            error = beside[0]
            continue
        cause, note = inside[0]
        path += _step(error.cl, note)
        error, expected = cause, describe(note.type)
    if isinstance(error, Unfit):
        expected = error.expected
    elif isinstance(error, KeyError):
        expected += " (the field is missing)"
    _empty(root)
    return Fault(path, expected)


def _empty(error: BaseException) -> None:
    """Let go of the frames: an error and the frame that collects it hold each other, and with them the whole page."""
    error.__traceback__ = None
    context, error.__context__ = error.__context__, None
    inside = error.exceptions if isinstance(error, BaseExceptionGroup) else ()
    for other in (*inside, *([context] if context else [])):
        _empty(other)


def _step(kind: type, note: AttributeValidationNote | IterableValidationNote) -> str:
    if isinstance(note, AttributeValidationNote):
        return f".{wire_name(kind, note.name)}"
    return f"[{note.index}]" if isinstance(note.index, int) else "[...]"


@functools.lru_cache(maxsize=64)
def structurer(zone: tzinfo = UTC) -> cattrs.Converter:
    """The shared converter for an account's time zone: the one that explains failures."""
    local = converter.copy()
    local.register_structure_hook(Timestamp, functools.partial(_timestamp, zone))
    return local


def _strict(expected: str, *kinds: type) -> StructureHook:
    def hook(value: Any, _: Any) -> Any:
        if type(value) not in kinds:
            raise Unfit(expected)
        return value

    return hook


def _float(value: Any, _: Any) -> float:
    if type(value) not in {int, float, Decimal}:
        raise Unfit("float")
    try:
        number = float(value)
    except OverflowError:
        number = math.inf
    if not math.isfinite(number):
        raise Unfit("float")
    return number


def _timestamp(zone: tzinfo, value: Any, _: Any) -> Timestamp:
    if type(value) is not str:
        raise Unfit("timestamp")
    return Timestamp.parse(value, zone)


def _by_msgspec(value: Any, kind: Any) -> Any:
    # The same parser as on the fast path, so that both read the same texts.
    if type(value) is not str:
        raise Unfit(describe(kind))
    return msgspec.convert(value, kind)


def _enum(value: Any, kind: Any) -> Any:
    if type(value) not in {type(member.value) for member in kind}:
        raise Unfit("a listed value")
    return kind(value)


def _or_enum(scalar: type, hook: StructureHook) -> StructureHook:
    # cattrs looks hooks up by class, so that of `int` is asked for every IntEnum as well.
    return lambda value, kind: hook(value, kind) if kind is scalar else _enum(value, kind)


def _literal(value: Any, kind: Any) -> Any:
    if not any(type(value) is type(option) and value == option for option in get_args(kind)):
        raise Unfit("a listed value")
    return value


def _list(kind: Any, converter: cattrs.Converter) -> StructureHook:
    return _guarded(list, "list", list_structure_factory(kind, converter))


def _dict(kind: Any, converter: cattrs.Converter) -> StructureHook:
    if kind is dict:
        return _strict("object", dict)
    return _guarded(dict, "object", mapping_structure_factory(kind, converter))


def _guarded(container: type, expected: str, structure: StructureHook) -> StructureHook:
    # cattrs takes any iterable for a list: a text, too.
    def hook(value: Any, kind: Any) -> Any:
        if type(value) is not container:
            raise Unfit(expected)
        return structure(value, kind)

    return hook


def _union(kind: Any, converter: cattrs.Converter) -> StructureHook:
    """Read a union of JSON's own types: the value's type decides, so text that looks like a number stays text."""
    hooks = {_origin(option): (option, converter.get_structure_hook(option)) for option in get_args(kind)}

    def hook(value: Any, _: Any) -> Any:
        found = hooks.get(float if type(value) is Decimal else type(value))
        if found is None and type(value) is int:
            found = hooks.get(float)
        if found is None:
            raise Unfit(describe(kind))
        return found[1](value, found[0])

    return hook


def _is_enum(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, enum.Enum)


def _is_literal(kind: Any) -> bool:
    return _origin(kind) is Literal


def _is_list(kind: Any) -> bool:
    return _origin(kind) is list


def _is_dict(kind: Any) -> bool:
    return _origin(kind) is dict


def _origin(kind: Any) -> Any:
    return get_origin(kind) or kind


def _is_proper_union(kind: Any) -> bool:
    return is_union(kind) and is_union(split_optional(kind)[0])


def _text(value: Any) -> str:
    if isinstance(value, str):  # somebody put the wire's form in
        return value
    return value.raw if isinstance(value, Timestamp | AsWritten) else str(value.isoformat())


def _shared_converter() -> cattrs.Converter:
    shared = cattrs.Converter(detailed_validation=True)
    scalars: dict[type, StructureHook] = {
        type(None): _strict("null", type(None)),
        bool: _strict("bool", bool),
        str: _or_enum(str, _strict("str", str)),
        int: _or_enum(int, lambda value, _: exact_int(value)),
        float: _float,
        Decimal: lambda value, _: exact_decimal(value),
        date: _by_msgspec,
        time: _by_msgspec,
        UUID: _by_msgspec,
    }
    for scalar, hook in scalars.items():
        shared.register_structure_hook(scalar, hook)
    shared.register_structure_hook(Timestamp, functools.partial(_timestamp, UTC))
    shared.register_structure_hook_func(_is_enum, _enum)
    shared.register_structure_hook_func(_is_literal, _literal)
    shared.register_structure_hook_factory(_is_list, _list)
    shared.register_structure_hook_factory(_is_dict, _dict)
    shared.register_structure_hook_factory(_is_proper_union, _union)
    for moment in (datetime, date, time):
        shared.register_unstructure_hook(moment, _text)
    shared.register_unstructure_hook(UUID, str)
    return shared


#: The converter of the whole package. Take a `.copy()` to register hooks of your own; readers use this one.
converter: Final = _shared_converter()
