"""From a TOML file, a TOML text or a mapping to a `Declaration`: strict, and with every problem told at once."""

from __future__ import annotations

import datetime
import difflib
import functools
import json
import math
import os
import re
import tomllib
import typing
from collections.abc import Mapping
from pathlib import Path as FilePath
from typing import Any, Final, Literal, TypeAlias

import attrs

from ..records.shape import is_union
from .checks import problems_of
from .declaration import Declaration
from .keys import Key, key_of
from .lines import Path, lines_of
from .problems import DeclarationError, Problem, error_of, unknown

#: What a declaration can be read from: a path, the text itself, or what a TOML or JSON parser makes of it.
DeclarationSource: TypeAlias = "str | os.PathLike[str] | Mapping[str, Any] | Declaration"

_NOTHING: Final = object()
#: How the name of a resource file ends.
_RESOURCE_FILE: Final = ".toml"
_SECRET_NAME: Final = re.compile(
    r"token|secret|passw|senha|clave|contrase|api_?key|access_?key|credential|authori[sz]ation", re.IGNORECASE
)
#: Keys of this file that are called after a token and hold none, so that a slip in one of them is no secret either.
_ABOUT_TOKENS: Final = ("tokens", "token_at", "token_in", "token_name", "token_prefix", "token_url")
#: How alike a slip is to what was meant: `token_inn` and `token_ni` are slips, `token_value` is none.
_SLIP: Final = 0.85
#: Behind "Basic" may stand "configuration" as well. What no person reads has a digit, a capital behind a small letter, or
#: is longer than words are.
_SECRET_VALUE: Final = re.compile(
    r"\beyJ[\w-]{8,}\."
    r"|\b(?:bearer|basic)\s+(?=[\w.~+/-]*(?:\d|(?-i:[a-z][A-Z])|[\w~+-]{20}))[\w.~+/-]{12,}",
    re.IGNORECASE,
)
_NO_SECRETS: Final = "a secret does not belong into this file; give it to open(), the environment or accounts.toml"
_WORDS: Final = {str: "a text", int: "a whole number", float: "a number", bool: "true or false"}


def read(source: DeclarationSource) -> Declaration:
    """
    Read a declaration.

    Args:
        source: A path, as a `Path` or a text; the TOML itself; a mapping; or a declaration, which is given back. A
            text is TOML if it has a line break, or else an equals sign and neither the ending `.toml` nor a file of
            that name; a `Path` is always one. Equal texts are read once.

    Raises:
        DeclarationError: It does not describe an API; the message names every problem and its line.
        ConfigError: The file cannot be read.
    """
    if isinstance(source, Declaration):
        return source
    if isinstance(source, Mapping):
        return _from_mapping(json.dumps(_plain(source), sort_keys=True))
    if isinstance(source, str) and _is_toml(source):
        return _from_text(source, "the declaration")
    return _from_text(_text_of(FilePath(source)), os.fspath(source))


def _is_toml(text: str) -> bool:
    """Whether a text is TOML itself, not the path of a file; folders may have an equals sign in their names."""
    if "\n" in text or "=" not in text:
        return "\n" in text
    # Of os.path, which answers no where a text cannot be a path at all.
    return not text.endswith(_RESOURCE_FILE) and not os.path.isfile(os.path.expanduser(text))  # noqa: PTH111, PTH113


def _text_of(file: FilePath) -> str:
    try:
        return file.expanduser().read_text(encoding="utf-8-sig")
    except OSError as error:
        reason = error.strerror or type(error).__name__
    except UnicodeDecodeError:
        reason = "it is not UTF-8 text"
    raise DeclarationError(f"the resource file {file} cannot be read: {reason}")


def _plain(source: Mapping[str, Any]) -> Any:
    """A mapping as JSON can say it, so that equal ones are known again; days become their text."""

    def plain(value: Any) -> Any:
        if isinstance(value, Mapping):
            return {str(key): plain(item) for key, item in value.items() if item is not None}
        if isinstance(value, list | tuple):
            return [plain(item) for item in value]
        if isinstance(value, datetime.date):
            return value.isoformat()
        return value if isinstance(value, str | int | float | bool) else f"<{type(value).__name__}>"

    return plain(source)


@functools.lru_cache(maxsize=1024)
def _from_mapping(text: str) -> Declaration:
    return _declaration(json.loads(text), "the declaration", {})


@functools.lru_cache(maxsize=1024)
def _from_text(text: str, name: str) -> Declaration:
    try:
        tables = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        wrong = str(error)
    else:
        return _declaration(tables, name, lines_of(text.replace("\r\n", "\n")))
    # Outside of the handler: the parser's error holds the whole text in its frames.
    raise DeclarationError(f"{name} is not TOML: {wrong}", [wrong])


def _declaration(tables: Mapping[str, Any], name: str, lines: Mapping[Path, int]) -> Declaration:
    reader = _Reader()
    # An editor's own key, which tells it where the schema is.
    found = reader.table(Declaration, {key: value for key, value in tables.items() if key != "$schema"}, ())
    problems = reader.problems or problems_of(found)
    if problems:
        raise error_of(name, problems, lines)
    assert isinstance(found, Declaration)
    return found


def _holds_secret(key: str) -> bool:
    """Whether a key that there is not is the name of a secret, and no slip in the name of a key that there is."""
    if _SECRET_NAME.fullmatch(key):
        return True
    return _SECRET_NAME.search(key) is not None and not difflib.get_close_matches(key, _ABOUT_TOKENS, 1, _SLIP)


def _as_float(value: int) -> float:
    try:
        return float(value)
    except OverflowError:
        return math.inf


class _Reader:
    """Reads values by the annotations of the classes of `declaration.py`, and collects what does not fit."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []

    def table(self, kind: type[Any], value: Any, path: Path) -> Any:
        """Read a table into its class."""
        short = getattr(kind, "short", None)
        if short is not None and isinstance(value, str):
            value = {short: value}
        if not isinstance(value, Mapping):
            return self._refuse(path, f"a table, or a text for its {short}" if short else "a table")
        attrs.resolve_types(kind)
        fields = {field.name: field for field in attrs.fields(kind)}
        before = len(self.problems)
        for key in value:
            if key not in fields:
                self._unknown(path, key, fields)
        read = {}
        for name, field in fields.items():
            if name in value:
                read[name] = self._value(field.type, value[name], (*path, name), key_of(field))
            elif field.default is attrs.NOTHING:
                self.problems.append(Problem(path, f"{name} is missing"))
        return kind(**read) if len(self.problems) == before else _NOTHING

    def _unknown(self, path: Path, key: str, fields: Mapping[str, Any]) -> None:
        if _holds_secret(key):
            self.problems.append(Problem((*path, key), _NO_SECRETS))
        else:
            self.problems.append(unknown(path, key, fields))

    def _value(self, kind: Any, value: Any, path: Path, key: Key) -> Any:
        origin, arguments = typing.get_origin(kind), typing.get_args(kind)
        if origin is Literal:
            return self._choice(arguments, value, path)
        if origin is tuple:
            return self._several(arguments[0], value, path, key)
        if origin is not None and isinstance(origin, type) and issubclass(origin, Mapping):
            return self._named(arguments[1], value, path, key)
        if is_union(kind):
            return self._one_of([option for option in arguments if option is not type(None)], value, path, key)
        if attrs.has(kind):
            return self.table(kind, value, path)
        return self._scalar(kind, value, path, key)

    def _choice(self, choices: tuple[Any, ...], value: Any, path: Path) -> Any:
        if isinstance(value, str) and value in choices:
            return value
        return self._refuse(path, "one of " + ", ".join(map(str, choices)))

    def _several(self, kind: Any, value: Any, path: Path, key: Key) -> Any:
        if not isinstance(value, list):
            return self._refuse(path, "a list")
        return tuple(self._value(kind, item, (*path, index), key) for index, item in enumerate(value))

    def _named(self, kind: Any, value: Any, path: Path, key: Key) -> Any:
        if not isinstance(value, Mapping):
            return self._refuse(path, "a table")
        assert key.names is not None
        for name in value:
            if not re.fullmatch(key.names.pattern, name):
                self._refuse((*path, name), f"a name of {key.names.words}")
        return {name: self._value(kind, item, (*path, name), key) for name, item in value.items()}

    def _one_of(self, options: list[Any], value: Any, path: Path, key: Key) -> Any:
        if len(options) == 1:
            return self._value(options[0], value, path, key)
        if attrs.has(options[0]):
            return self._tagged(options, value, path)
        if type(value) in options:
            return self._scalar(type(value), value, path, key)
        return self._refuse(path, " or ".join(_WORDS[option] for option in options))

    def _tagged(self, options: list[Any], value: Any, path: Path) -> Any:
        """A table of which `kind` says which it is."""
        for option in options:
            attrs.resolve_types(option)
        kinds = {typing.get_args(attrs.fields_dict(option)["kind"].type)[0]: option for option in options}
        if not isinstance(value, Mapping):
            return self._refuse(path, "a table with a kind")
        if value.get("kind") not in kinds:
            return self._refuse((*path, "kind"), "one of " + ", ".join(kinds))
        return self.table(kinds[value["kind"]], value, path)

    def _scalar(self, kind: Any, value: Any, path: Path, key: Key) -> Any:
        if kind is datetime.date:
            return self._day(value, path)
        if kind is float and type(value) is int:
            value = _as_float(value)
        if type(value) is not kind:
            return self._refuse(path, _WORDS[kind])
        if kind is str:
            return self._text(value, path, key)
        if kind is float and not math.isfinite(value):
            return self._refuse(path, "a finite number")
        if key.least is not None and not value >= key.least:
            return self._refuse(path, f"at least {key.least:g}")
        return value

    def _text(self, value: str, path: Path, key: Key) -> Any:
        if _SECRET_VALUE.search(value):
            self.problems.append(Problem(path, _NO_SECRETS))
        elif key.form is not None and not re.fullmatch(key.form.pattern, value):
            return self._refuse(path, key.form.words)
        return value

    def _day(self, value: Any, path: Path) -> Any:
        if type(value) is datetime.date:
            return value
        try:
            return datetime.date.fromisoformat(value)
        except (TypeError, ValueError):
            return self._refuse(path, "a day, such as 2026-01-31")

    def _refuse(self, path: Path, expected: str) -> Any:
        self.problems.append(Problem(path, f"expected {expected}"))
        return _NOTHING
