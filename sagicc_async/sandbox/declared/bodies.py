"""Bodies of answers: values are put where the declaration says that the vendor has them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from ...declared.pointers import steps
from ..store import to_json


def body(values: Iterable[tuple[str | None, Any]]) -> bytes:
    """
    Write a body in which each value stands at its pointer.

    Args:
        values: Pointers and values. What has no pointer is left out; a value at `""` is the whole body.
    """
    root: dict[str, Any] = {}
    for pointer, value in values:
        if pointer == "":
            return to_json(value)
        if pointer is not None:
            _put(root, steps(pointer), value)
    return to_json(root)


def _put(root: dict[str, Any], keys: Sequence[str], value: Any) -> None:
    *above, last = keys
    for key in above:
        inside = root.setdefault(key, {})
        if not isinstance(inside, dict):
            return  # two pointers that exclude each other: the first one has the place
        root = inside
    root.setdefault(last, value)
