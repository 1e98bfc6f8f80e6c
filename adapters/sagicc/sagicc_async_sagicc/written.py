"""What goes into a write and what comes back: pure functions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import attrs
import msgspec

from sagicc_async import ConfigError, Record, Response

from .models import is_model, relations_of_class


@attrs.frozen
class Written:
    """
    What the answer to a write tells. Sagicc documents none of it, so each part may be missing.

    Args:
        ids: Ids of the records that were written.
        records: The records as they are now.
        message: The vendor's words.
        response: The answer itself.
    """

    ids: tuple[int | str, ...]
    records: tuple[dict[str, Any], ...] = attrs.field(repr=False)
    message: str | None
    response: Response


def read_written(response: Response) -> Written:
    """Read what there is: created rows, ids, a message, or nothing; an answer of another form is kept as it is."""
    try:
        body = response.json() if response.body.strip() else None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        body = None
    message = body.get("message") if isinstance(body, dict) else None
    content = _content(body)
    records = tuple(item for item in content if isinstance(item, dict) and "id" in item)
    ids = [item for item in content if _is_id(item)]
    ids += [record["id"] for record in records]
    return Written(tuple(ids), records, message if isinstance(message, str) and message else None, response)


def _is_id(item: Any) -> bool:
    """Whether it is a whole number, which may come as text; another text is the vendor's words."""
    if isinstance(item, str):
        return item.isascii() and item.isdecimal()
    return isinstance(item, int) and not isinstance(item, bool)


def _content(body: Any) -> Sequence[Any]:
    """The rows or ids in a body."""
    if isinstance(body, list):
        return body
    if not isinstance(body, dict):
        return ()
    for key in ("data", "ids", "resources"):
        if key in body:
            inner = body[key]
            return _content(inner) if isinstance(inner, dict) else inner if isinstance(inner, list) else [inner]
    return [body] if "id" in body else ()


def columns_to_write(
    resource: Record | Mapping[str, Any], relation: Mapping[str, Sequence[Mapping[str, Any]]] | None = None
) -> dict[str, Any]:
    """
    The columns of a record to create, and under `relation` the records to create with it.

    Args:
        resource: A mapping, or a record of a class that `model` made, whose relations become that key.
        relation: Further related records, by relation.

    Raises:
        ConfigError: There is nothing to write, or records are related to the related ones: the key is documented for
            adjacent relations alone.
    """
    columns = _of_record(resource) if isinstance(resource, Record) else dict(resource)
    if not columns:
        raise ConfigError("there is nothing to create: give at least one column")
    if relation:
        columns["relation"] = {**columns.get("relation", {}), **relation}
    for rows in (columns.get("relation") or {}).values():
        if any("relation" in row for row in rows):
            raise ConfigError("relation takes adjacent relations alone: create what is related to those afterwards")
    return columns


def _of_record(resource: Record) -> dict[str, Any]:
    columns = resource.to_dict()
    related: dict[str, Any] = {}
    if is_model(type(resource)):
        for found in relations_of_class(type(resource)):
            columns.pop(found.name, None)
            inside = getattr(resource, found.attribute)
            rows = inside if found.many else [inside]
            if any(row is not None for row in rows):
                related[found.name] = [columns_to_write(row) for row in rows]
    return {**columns, "relation": related} if related else columns
