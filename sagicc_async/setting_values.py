"""What settings take: a value of a program or a file, or a text of the environment that stands for one."""

from __future__ import annotations

import contextlib
import enum
import functools
import inspect
import math
import os
import types
import typing
from collections.abc import Callable, Mapping
from typing import Any, Final, Literal, TypeVar

import attrs

from .errors import ConfigError

T = TypeVar("T")

_PLAIN: Final[Mapping[Any, str]] = {str: "a text", int: "a whole number", float: "a number", bool: "true or false"}
_FITTING: Final[Mapping[Any, Any]] = {str: str, int: int, float: int | float, bool: bool}
_BOOLEANS: Final[Mapping[str, Any]] = {"true": True, "false": False, "1": True, "0": False}
_NONE: Final = type(None)


def made_of(kind: type[T], given: Mapping[str, Any], whose: str) -> T:
    """
    Make settings of what a program or a file gives.

    Args:
        kind: The class of the settings.
        given: Their values, by the names that the class takes.
        whose: Whose settings they are, for errors.

    Raises:
        ConfigError: A value is not of its setting's type, or the class refuses it.
    """
    hints = _by_argument(kind)
    read = {name: _fitting(f"the setting {name} of {whose}", value, hints.get(name)) for name, value in given.items()}
    try:
        return kind(**read)
    except (TypeError, ValueError) as error:
        # The first part is what a validator says; the others are its insides.
        reason = error.args[0] if error.args else type(error).__name__
    raise ConfigError(f"a setting of {whose} is wrong: {reason}")


def types_of(kind: type[Any]) -> Mapping[str, Any]:
    """The types of a class's fields, by their names; without those whose annotations only a type checker can follow."""
    known: Any = kind  # as a key of the cache: mypy takes the class's __hash__ for the instances'
    found: Mapping[str, Any] = _types_of(known)
    return found


def options_of(hint: Any) -> tuple[Any, ...]:
    """The types of a setting that a text can stand for; none if one cannot be told from it, and it is no text either."""
    options = _alternatives(hint)
    if _are_known(options):
        return options
    # What else it takes can be given in a program only.
    return tuple(option for option in options if option in (str, _NONE)) if str in options else ()


def read_text(where: str, text: str, options: tuple[Any, ...]) -> Any:
    """
    The value that a text of the environment stands for.

    Args:
        where: Its place, for errors.
        text: It.
        options: What it may be; see `options_of`.

    Raises:
        ConfigError: It is none of these.
    """
    if text.lower() in ("", "none") and _NONE in options:
        return None
    return _first(where, text, options, _value_of)


@functools.cache
def _types_of(kind: Any) -> Mapping[str, Any]:
    found: dict[str, Any] = {}
    for base in reversed(kind.__mro__):
        for name, annotation in inspect.get_annotations(base).items():
            alone = type(base.__name__, (), {"__annotations__": {name: annotation}, "__module__": base.__module__})
            with contextlib.suppress(AttributeError, NameError, SyntaxError, TypeError):
                found |= typing.get_type_hints(alone)
    return found


def _fitting(where: str, value: Any, hint: Any) -> Any:
    options = _alternatives(hint)
    if not _are_known(options):
        return value  # only its class can tell
    if isinstance(value, os.PathLike):
        value = os.fspath(value)
    # TOML has no null, so there a word says it.
    none = value is None or (value == "none" and str not in options)
    return None if none and _NONE in options else _first(where, value, options, _fit)


def _first(where: str, value: Any, options: tuple[Any, ...], read: Callable[[Any, Any], Any]) -> Any:
    for option in options:
        if option is not _NONE:
            try:
                return read(option, value)
            except (KeyError, OverflowError, ValueError):
                continue
    takes = " or ".join("none" if option is _NONE else _words(option) for option in options)
    # Who writes "false" in quotes reads past "true or false".
    quoted = read is _fit and isinstance(value, str) and all(option in (*_PLAIN, _NONE) for option in options)
    raise ConfigError(f"{where} takes {takes}{', not a text' if quoted else ''}")


def _value_of(kind: Any, text: str) -> Any:
    if kind in (str, int):
        return kind(text)
    if kind is float:
        return _finite(float(text))
    return _choices(kind)[text.lower() if kind is bool else text]


def _fit(kind: Any, value: Any) -> Any:
    boolean = isinstance(value, bool)  # which is an int to Python, and none to people
    if kind in _FITTING:
        if not isinstance(value, _FITTING[kind]) or boolean is not (kind is bool):
            raise ValueError
        return _finite(value) if kind is float else value
    choices = _choices(kind)
    for choice in choices.values():
        if type(choice) is type(value) and choice == value:
            return choice
    if boolean or not isinstance(value, str | int):
        raise ValueError
    return choices[str(value)]  # an enum's value, or a word of digits, which TOML and JSON read as a number


def _finite(number: float) -> float:
    if not math.isfinite(number):
        raise ValueError
    return number


def _alternatives(hint: Any) -> tuple[Any, ...]:
    return typing.get_args(hint) if typing.get_origin(hint) in (typing.Union, types.UnionType) else (hint,)


def _are_known(options: tuple[Any, ...]) -> bool:
    return all(option is _NONE or _words(option) for option in options)


def _words(kind: Any) -> str:
    """What a setting of a type takes, in words; nothing if no text stands for it."""
    return _PLAIN[kind] if kind in _PLAIN else " or ".join(_choices(kind))


def _choices(kind: Any) -> Mapping[str, Any]:
    if kind is bool:
        return _BOOLEANS
    if typing.get_origin(kind) is Literal:
        return {str(listed): listed for listed in typing.get_args(kind)}
    if isinstance(kind, type) and issubclass(kind, enum.Enum):
        return {str(member.value): member for member in kind}
    return {}


def _by_argument(kind: Any) -> Mapping[str, Any]:
    """The types of what the class takes; a private field is given under a name without its underscore."""
    hints = types_of(kind)
    return {field.alias: hints.get(field.name) for field in attrs.fields(kind)} if attrs.has(kind) else hints
