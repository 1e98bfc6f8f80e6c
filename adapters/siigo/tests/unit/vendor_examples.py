"""
The vendor's own examples, and one of every type that it declares.

`../vendor` holds what the vendor's blueprint prints: `actions.json` the 70 actions, `types.json` the members of the 194
types with their samples, `examples.json` bodies that were put together from those samples or stand in the text. The
credentials, addresses and names in them are invented.
"""

from __future__ import annotations

import json
import re
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

_FOLDER: Final = Path(__file__).parents[1] / "vendor"


def exact(text: str | bytes) -> Any:
    """Read JSON with every digit of its numbers."""
    return json.loads(text, parse_float=Decimal)


def _load(name: str) -> Any:
    return exact((_FOLDER / name).read_text(encoding="utf-8"))


ACTIONS: Final[list[dict[str, Any]]] = _load("actions.json")
EXAMPLES: Final[list[dict[str, Any]]] = _load("examples.json")
TYPES: Final[dict[str, dict[str, Any]]] = _load("types.json")


def example(type_name: str) -> Any:
    """An example of a type: `ProductIn`, `array[Tax]`, or a word of an enumeration."""
    if inner := re.fullmatch(r"array\[(\w+)\]", type_name):
        return [example(inner[1])]
    declared = TYPES[type_name]
    return declared["words"][0] if "words" in declared else _object(declared["members"])


def _object(members: list[dict[str, Any]]) -> dict[str, Any]:
    return {member["name"]: _value(member) for member in members}


def _value(member: dict[str, Any]) -> Any:
    kind, sample, members = member.get("type"), member.get("sample"), member.get("members", [])
    if kind == "array":
        return [_object(element["members"]) for element in members]
    if members:
        return _object(members)
    if kind == "array[string]":
        return sample.split(",")
    if sample is None and kind is not None:
        return example(kind)
    return _scalar(kind, sample)


def _scalar(kind: str | None, sample: str | None) -> Any:
    if sample is None or sample == "null":
        return None
    if kind == "boolean":
        return sample == "true"
    if kind in {"number", "enum"}:
        return exact(sample)
    # Some samples are printed with the quotes and the comma of the JSON that they were copied from.
    return sample.removesuffix(",").strip('"')
