"""The envelope around a page's records: where the array stands, what else is wanted, and what is wrong with a body."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping
from typing import Any, Final

import attrs
import msgspec

from ..errors import ConfigError
from .structuring import to_decimal

_SHAPE: Final = re.compile(r"got `(\w+)`(?: - at `([^`]*)`)?")
_BYTE: Final = re.compile(r"\(byte (\d+)\)")
_KINDS: Final = {"array": "a list", "object": "an object", "str": "a text", "int": "a number", "float": "a number"}


@attrs.frozen(eq=False)
class Envelope:
    """
    Where a body has its content.

    Args:
        content: Dotted path of the records, `None` where the body itself is them.
        meta: Dotted paths of further values, by the names under which they are given back.
        single: Whether the content is one record, not a list of them.
    """

    content: str | None
    meta: Mapping[str, str] = attrs.field(factory=dict)
    single: bool = False

    def __attrs_post_init__(self) -> None:
        if self.content is None and self.meta:
            raise ConfigError("a body that is the content itself has no further values: leave meta out")
        further = set(self.meta.values())
        paths = further if self.content is None else {self.content, *further}
        # A JSON pointer would be one key that no body has, so that every list would look empty.
        if not all(all(path.split(".")) and path[:1] != "/" for path in paths):
            raise ConfigError("a path into a body is dotted keys, such as 'result' or 'data.rows'")
        inside = any(other.startswith(f"{path}.") for path in paths for other in paths)
        if inside or self.content in further:
            raise ConfigError("two paths into a body overlap: no value can be taken whole and in parts")

    @property
    def path(self) -> str:
        """Where the content stands, as messages write it."""
        return "$" if self.content is None else f"$.{self.content}"

    def opener(self, kind: Any) -> Callable[[bytes], tuple[Any, dict[str, Any]]]:
        """
        Make the function that opens a body.

        Args:
            kind: What msgspec decodes a record into.

        Returns:
            A function from a body to its content (`None` where it is missing or null) and the further values, `None`
            for those that are missing. It raises one of `UNREADABLE`.
        """
        content = kind if self.single else list[kind]
        content = content if content is Any or content is msgspec.Raw else content | None
        if self.content is None:
            decode_bare = msgspec.json.Decoder(content, float_hook=to_decimal).decode
            return lambda body: (decode_bare(body), {})
        paths = dict.fromkeys(self.meta.values(), Any) | {self.content: content}
        decode = msgspec.json.Decoder(_struct(paths), float_hook=to_decimal).decode
        get_content = _getter(self.content)
        getters = [(name, _getter(path)) for name, path in self.meta.items()]

        def open_body(body: bytes) -> tuple[Any, dict[str, Any]]:
            root = decode(body)
            return get_content(root), {name: get(root) for name, get in getters}

        return open_body

    def explain(self, body: bytes, error: Exception) -> str:
        """
        Say what a body should be and what it is, without a word of its content.

        Args:
            body: The body that could not be opened.
            error: One of `UNREADABLE`.
        """
        what = "an object" if self.single else "a list"
        wanted = f"a JSON {what.split()[1]}" if self.content is None else f"a JSON object with {what} at {self.path}"
        return f"expected {wanted}, got {_found(body, error)}"


def _struct(paths: Mapping[str, Any]) -> Any:
    """Make the Struct that has the values at these paths, in further Structs where a path has more than one key."""
    members: dict[str, Any] = {}
    deeper: dict[str, dict[str, Any]] = {}
    for path, kind in paths.items():
        key, _, rest = path.partition(".")
        if rest:
            deeper.setdefault(key, {})[rest] = kind
        else:
            members[key] = kind
    members |= {key: _struct(inside) | None for key, inside in deeper.items()}
    fields = [(_member(key), kind, msgspec.field(name=key, default=None)) for key, kind in members.items()]
    return msgspec.defstruct("Envelope", fields, kw_only=True, gc=False)


def _member(key: str) -> str:
    # A key is any text; an attribute of a Struct is an identifier.
    return f"k{key.encode().hex()}"


def _getter(path: str) -> Callable[[Any], Any]:
    first, *rest = (operator.attrgetter(_member(key)) for key in path.split("."))

    def walk(root: Any) -> Any:
        value = first(root)
        for step in rest:
            value = None if value is None else step(value)
        return value

    return walk if rest else first


def _found(body: bytes, error: Exception) -> str:
    if isinstance(error, UnicodeDecodeError):
        return "text that is not UTF-8"
    if isinstance(error, RecursionError):
        return "JSON that is nested too deeply"
    if isinstance(error, ArithmeticError) or "out of range" in str(error):
        return "a number that is too long or too large"
    if isinstance(error, msgspec.ValidationError):
        return _shape(str(error))
    start = body[:512].lstrip().lower()
    if not start:
        return "an empty body"
    if start.startswith(b"<"):
        return "HTML" if b"<html" in start or start.startswith(b"<!doctype html") else "HTML or XML"
    if start.startswith(b"\xef\xbb\xbf"):
        return "a byte order mark before the JSON"
    if "truncated" in str(error):
        return f"JSON that is cut off at byte {len(body)}"
    byte = _BYTE.search(str(error))
    return f"text that is not JSON{f' (near byte {byte[1]})' if byte else ''}"


def _shape(message: str) -> str:
    found = _SHAPE.search(message)
    if found is None:
        return "JSON of another shape"
    return f"{_KINDS.get(found[1], found[1])} at {found[2] or '$'}"
