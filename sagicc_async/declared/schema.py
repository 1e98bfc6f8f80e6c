"""
The JSON Schema of a resource file, for editors: made from the classes that the file is read into.

What is published is `schema.json` beside this module; a test holds the two equal. What needs more than one entry to be
told (a paging parameter that is a filter too) no schema says: `reading.read` does.
"""

from __future__ import annotations

import datetime
import inspect
import json
import typing
from collections.abc import Mapping
from typing import Any, Final, Literal

import attrs

from ..records.shape import is_union
from .declaration import Declaration
from .keys import Form, Key, key_of

_DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
_SCALARS: Final[dict[Any, Mapping[str, Any]]] = {
    str: {"type": "string"},
    int: {"type": "integer"},
    float: {"type": "number"},
    bool: {"type": "boolean"},
    datetime.date: {"type": "string", "format": "date"},
}


def schema() -> dict[str, Any]:
    """The schema, as JSON has it."""
    writer = _Writer()
    top = writer.table(Declaration)
    # An editor's own key, where a file is JSON.
    top["properties"]["$schema"] = {"type": "string"}
    return {"$schema": _DIALECT, "title": "Resource file of sagicc-async", **top, "$defs": writer.definitions}


def schema_text() -> str:
    """The content of `schema.json`."""
    return json.dumps(schema(), indent=2, ensure_ascii=False) + "\n"


class _Writer:
    """Describes each class once, and refers to it wherever it stands."""

    def __init__(self) -> None:
        self.definitions: dict[str, Any] = {}

    def table(self, kind: type[Any]) -> dict[str, Any]:
        """Describe a class as a table with its keys, and no others."""
        attrs.resolve_types(kind)
        fields = attrs.fields(kind)
        return {
            "description": _sentence(kind),
            "type": "object",
            "properties": {field.name: self._key(field) for field in fields},
            "required": [field.name for field in fields if field.default is attrs.NOTHING],
            "additionalProperties": False,
        }

    def _key(self, field: attrs.Attribute[Any]) -> dict[str, Any]:
        key = key_of(field)
        described = {"description": key.about, **self._value(field.type, key)}
        default: Any = field.default
        if isinstance(default, tuple):
            default = list(default)
        if default is not None and isinstance(default, str | int | float | list):
            described["default"] = default
        return described

    def _value(self, kind: Any, key: Key) -> dict[str, Any]:
        origin, arguments = typing.get_origin(kind), typing.get_args(kind)
        if origin is Literal:
            return {"enum": list(arguments)}
        if origin is tuple:
            return {"type": "array", "items": self._value(arguments[0], key)}
        if isinstance(origin, type) and issubclass(origin, Mapping):
            return self._named(self._value(arguments[1], key), key)
        if is_union(kind):
            options = [self._value(option, key) for option in arguments if option is not type(None)]
            return options[0] if len(options) == 1 else {"anyOf": options}
        if attrs.has(kind):
            return self._reference(kind)
        return self._scalar(kind, key)

    def _named(self, item: dict[str, Any], key: Key) -> dict[str, Any]:
        assert key.names is not None
        return {"type": "object", "patternProperties": {_whole(key.names): item}, "additionalProperties": False}

    def _reference(self, kind: type[Any]) -> dict[str, Any]:
        if kind.__name__ not in self.definitions:
            self.definitions[kind.__name__] = {}  # before its keys, should one of them lead back to it
            self.definitions[kind.__name__] = self.table(kind)
        reference = {"$ref": f"#/$defs/{kind.__name__}"}
        short = getattr(kind, "short", None)
        if short is None:
            return reference
        field = attrs.fields_dict(kind)[short]
        return {"anyOf": [self._value(field.type, key_of(field)), reference]}

    def _scalar(self, kind: Any, key: Key) -> dict[str, Any]:
        described = dict(_SCALARS[kind])
        if kind is str and key.form is not None:
            described["pattern"] = _whole(key.form)
        if kind in (int, float) and key.least is not None:
            described["minimum"] = key.least
        return described


def _whole(form: Form) -> str:
    """A pattern of the whole text: JSON Schema's are looked for anywhere in it."""
    return f"^(?:{form.pattern})$"


def _sentence(kind: type[Any]) -> str:
    """The first sentence of a class's docstring."""
    return inspect.cleandoc(kind.__doc__ or "").partition("\n\n")[0]
