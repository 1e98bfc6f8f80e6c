"""
POST, PUT and DELETE.

Documented are the bodies: `resources` (an array, or one object behind an id), `relation` inside a resource of a POST,
and `ids`. Everything about answers, checks and half-done requests is the sandbox's own: unknown columns are refused,
and a request is done whole or not at all.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, TypeAlias

import attrs

from sagicc_async.sandbox import Call, Row, Store, from_json

from .failures import invalid, missing
from .schema import MODELS, Model, Relation

_Record: TypeAlias = dict[str, Any]

_INTEGER = re.compile(r"[0-9]{1,18}")


@attrs.frozen
class _New:
    """A resource of a POST that was checked, with the rows of its relations."""

    record: _Record
    related: tuple[tuple[Relation, _Record], ...]


def create(call: Call, model: Model, store: Store) -> list[_Record]:
    """
    Create the resources of a POST, and what is related to them.

    Returns:
        The new rows of the model.

    Raises:
        Refused: Nothing was created; with the answer.
    """
    errors: dict[str, str] = {}
    checked = [
        _checked_new(resource, model, f"resources.{number}", errors)
        for number, resource in enumerate(_array(_body(call), "resources"))
    ]
    if errors:
        raise invalid(errors)
    return [_create(new, model, store) for new in checked]


def change(call: Call, model: Model, store: Store, identifier: int | None) -> list[_Record]:
    """
    Change the columns that a PUT names, and leave the others as they are.

    Args:
        call: The request.
        model: Whose rows.
        store: Where they are.
        identifier: The id of the path; without one each resource has its own.

    Raises:
        Refused: Nothing was changed; with the answer.
    """
    if identifier is None:
        resources = _array(_body(call), "resources")
        names = [f"resources.{number}" for number in range(len(resources))]
    else:
        resources, names = [_object(_body(call))], ["resources"]
    errors: dict[str, str] = {}
    for name, resource in zip(names, resources, strict=True):
        _check_change(resource, model, name, errors, needs_id=identifier is None)
    if errors:
        raise invalid(errors)
    wanted = [resource["id"] for resource in resources] if identifier is None else [identifier]
    living(model, wanted, store)
    return [_change(one, resource, model, store) for one, resource in zip(wanted, resources, strict=True)]


def delete(call: Call, model: Model, store: Store, identifier: int | None) -> None:
    """
    Mark rows as deleted: the one of the path, whatever the body says, or those of `ids`.

    Raises:
        Refused: Nothing was deleted; with the answer.
    """
    wanted = _ids(call) if identifier is None else [identifier]
    for row in living(model, wanted, store):
        store.replace(model.name, row.position, {**row.record, "deleted": 1})


def living(model: Model, identifiers: list[Any], store: Store) -> list[Row]:
    """
    Return the rows with these ids.

    Raises:
        Refused: One does not exist, or was deleted.
    """
    found = [store.find(model.name, "id", identifier) for identifier in identifiers]
    rows = [row for row in found if row is not None and row.hidden["deleted"] is None]
    if len(rows) < len(identifiers):
        there = {str(row.record["id"]) for row in rows}
        raise missing(model, [identifier for identifier in identifiers if str(identifier) not in there])
    return rows


def insert(store: Store, model: Model, record: Mapping[str, Any], *, marks: Mapping[str, Any] | None = None) -> _Record:
    """Keep a row: its id first (the next one if it has none), then every column of the model, then what else it has."""
    identifier = record.get("id") or _next_id(store, model.name)
    kept = {**dict.fromkeys(model.columns), **_kept(record), "id": identifier}
    store.insert(model.name, {**kept, **(marks or {})})
    return kept


def _next_id(store: Store, table: str) -> int:
    identifier = store.next_position(table)
    while store.find(table, "id", identifier):
        identifier += 1
    return identifier


def _create(new: _New, model: Model, store: Store) -> _Record:
    kept = insert(store, model, new.record)
    for relation, record in new.related:
        related = MODELS[relation.table]
        if relation.kind == "many":
            insert(store, related, {**record, relation.key: kept["id"]})
        else:
            other = insert(store, related, record)["id"]
            insert(store, MODELS[relation.through], {relation.key: kept["id"], relation.other: other})
    return kept


def _change(identifier: Any, resource: _Record, model: Model, store: Store) -> _Record:
    (row,) = living(model, [identifier], store)
    record = {**row.record, **_kept(resource), "id": row.record["id"]}
    store.replace(model.name, row.position, record)
    return record


def _checked_new(resource: Any, model: Model, name: str, errors: dict[str, str]) -> _New:
    if not isinstance(resource, dict):
        errors[name] = f"The {name} must be an array."
        return _New({}, ())
    record = {column: value for column, value in resource.items() if column not in ("relation", "id")}
    _check_columns(record, model, name, errors)
    related = _related(resource.get("relation", {}), model, f"{name}.relation", errors)
    return _New(record, tuple(related))


def _related(relations: Any, model: Model, name: str, errors: dict[str, str]) -> list[tuple[Relation, _Record]]:
    """Read `relation`: rows of adjacent relations; the key of the row that they belong to is filled in."""
    if not isinstance(relations, dict):
        errors[name] = f"The {name} must be an array."
        return []
    found = []
    for key, rows in relations.items():
        relation = model.relations.get(key)
        if relation is None or relation.kind == "one":
            # A row that this one would belong to must exist before it: only rows below it are added.
            errors[f"{name}.{key}"] = f"The selected {name}.{key} is invalid."
        elif not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
            errors[f"{name}.{key}"] = f"The {name}.{key} must be an array."
        else:
            for number, row in enumerate(rows):
                _check_columns(row, MODELS[relation.table], f"{name}.{key}.{number}", errors)
                found.append((relation, {column: value for column, value in row.items() if column != "id"}))
    return found


def _check_change(resource: Any, model: Model, name: str, errors: dict[str, str], *, needs_id: bool) -> None:
    if not isinstance(resource, dict):
        errors[name] = f"The {name} must be an array."
        return
    _check_columns(resource, model, name, errors)
    if needs_id and _whole(resource.get("id")) is None:
        errors[f"{name}.id"] = f"The {name}.id field is required."


def _check_columns(record: Mapping[str, Any], model: Model, name: str, errors: dict[str, str]) -> None:
    for column in record:
        if column not in model.columns:
            errors[f"{name}.{column}"] = f"The selected {name}.{column} is invalid."


def _kept(record: Mapping[str, Any]) -> _Record:
    """Values are kept as they were sent, but numbers in keys become numbers."""
    return {column: _as_key(value) if _is_key(column) else value for column, value in record.items()}


def _is_key(column: str) -> bool:
    return column == "id" or column.endswith("_id")


def _as_key(value: Any) -> Any:
    whole = _whole(value)
    return value if whole is None else whole


def _whole(value: Any) -> int | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return value
    return int(value) if isinstance(value, str) and _INTEGER.fullmatch(value) else None


def _body(call: Call) -> _Record:
    """Read JSON; what is none has no fields, as in Laravel."""
    if "json" not in call.headers.get("Content-Type", "").lower():
        return {}
    try:
        body = from_json(call.body)
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}


def _array(body: _Record, name: str) -> list[Any]:
    values = body.get(name)
    if not values:
        raise invalid({name: f"The {name} field is required."})
    if not isinstance(values, list):
        raise invalid({name: f"The {name} must be an array."})
    return values


def _object(body: _Record) -> Any:
    resource = body.get("resources")
    if not resource:
        raise invalid({"resources": "The resources field is required."})
    if not isinstance(resource, dict):
        raise invalid({"resources": "The resources must be an object."})
    return resource


def _ids(call: Call) -> list[int]:
    """Documented are integers. What a DELETE without ids does is not; here it is refused."""
    identifiers = _array(_body(call), "ids")
    errors = {
        f"ids.{number}": f"The ids.{number} must be an integer."
        for number, identifier in enumerate(identifiers)
        if not isinstance(identifier, int) or isinstance(identifier, bool)
    }
    if errors:
        raise invalid(errors)
    return list(dict.fromkeys(identifiers))
