"""Records of type `lineal` put back into a tree, for those who want that: how Sagicc flattens is not documented."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def unflatten(record: Mapping[str, Any]) -> dict[str, Any]:
    """
    Nest the keys of a `lineal` record at their dots: `cliente.id`, and `gestiones.0.id` for a list.

    It is an option and never done by itself: a column whose own name held a dot would be torn apart.

    Args:
        record: A record as it came.

    Returns:
        The tree. Steps that count 0, 1, 2... become a list; where a key is both a value and a step, the value stays
        under its flat name.
    """
    root: dict[str, Any] = {}
    for key, value in record.items():
        _put(root, key, value)
    return {key: _lists(value) for key, value in root.items()}


def _put(root: dict[str, Any], key: str, value: Any) -> None:
    here, steps = root, key.split(".")
    for step in steps[:-1]:
        inner = here.setdefault(step, _Inner())
        if not isinstance(inner, _Inner):
            root[key] = value
            return
        here = inner
    if isinstance(here.get(steps[-1]), _Inner):
        root[key] = value
    else:
        here[steps[-1]] = value


class _Inner(dict[str, Any]):
    """A level that came from dots, as opposed to an object that was a value."""


def _lists(value: Any) -> Any:
    if not isinstance(value, _Inner):
        return value
    inside = {key: _lists(item) for key, item in value.items()}
    if list(inside) == [str(number) for number in range(len(inside))]:
        return list(inside.values())
    return inside
