"""What is asked for, as SQL, and what is found, as rows."""

from __future__ import annotations

import re
from typing import Any

from sagicc_async.sandbox import Join, Query, Store, from_json

from .conditions import And, Comparison, Node
from .parameters import Parameters, Place, Scope, Shown
from .relations import Loader, flat
from .schema import Relation

_NUMBER = re.compile(r"0|-?[1-9][0-9]{0,17}")


def listing(parameters: Parameters) -> Query:
    """Return the query for a page."""
    model = parameters.scope.model
    joins = _all_joins(parameters)
    values: list[object] = []
    terms = _marks(model.name, parameters.shown)
    if parameters.conditions is not None:
        terms.append(_condition(parameters.conditions, parameters.scope, values))
    if parameters.search:
        places = [(column, found.name) for found in parameters.scope.models for column in found.columns]
        terms.append(f"instr({Store.texts(places)}, ?)")
        values.append(Store.fold(parameters.search))
    return Query(
        table=model.name,
        joins=joins,
        where=" AND ".join(terms),
        values=tuple(values),
        group=", ".join(_comparable(place) for place in parameters.grouping),
        order=_order(parameters, joins),
        limit=parameters.size,
        offset=(parameters.page - 1) * parameters.size,
    )


def single(parameters: Parameters, identifier: int) -> Query:
    """Return the query for a row by its id; a disabled one is found, a deleted one is not (the sandbox's own choice)."""
    model = parameters.scope.model
    where = f"{Store.value('id', model.name)} = ? AND {Store.column(model.name, 'deleted')} IS NULL"
    return Query(table=model.name, joins=_all_joins(parameters), where=where, values=(identifier,))


def visible(table: str) -> str:
    """Return SQL for the rows that a list shows unless it is told otherwise."""
    return " AND ".join(_marks(table, Shown()))


def read(query: Query, parameters: Parameters, store: Store, loader: Loader) -> list[dict[str, Any]]:
    """Return the rows of a query as they are sent."""
    found = store.read(query)
    if parameters.type == "normal":
        tables = (query.table, *(join.table for join in query.joins))
        return [_joined_row(dict(zip(tables, bodies, strict=True)), parameters) for bodies in found]
    rows = [from_json(body) for (body,) in found if body is not None]
    if parameters.columns is not None:
        names = [place.column for place in parameters.columns]
        rows = [{name: row.get(name) for name in names} for row in rows]
    loader.load(rows, parameters.wanted)
    return [flat(row) for row in rows] if parameters.type == "lineal" else rows


def _joined_row(bodies: dict[str, bytes | None], parameters: Parameters) -> dict[str, Any]:
    """
    Make a row of `normal`.

    How the vendor names the columns is not documented; here those of the model have their own names, and those of a
    related one have its name before theirs.
    """
    model = parameters.scope.model
    parts = {table: {} if body is None else from_json(body) for table, body in bodies.items()}
    if parameters.columns is None:
        row: dict[str, Any] = parts[model.name]
        return row
    return {
        place.column if place.model is model else f"{place.model.name}.{place.column}": parts[place.model.name].get(
            place.column
        )
        for place in parameters.columns
    }


def _marks(table: str, shown: Shown) -> list[str]:
    marks = {"disabled": shown.disabled, "deleted": shown.deleted}
    return [
        f"{Store.column(table, mark)} IS {'NOT NULL' if only else 'NULL'}"
        for mark, only in marks.items()
        if only is not None
    ]


def _all_joins(parameters: Parameters) -> tuple[Join, ...]:
    table = parameters.scope.model.name
    return tuple(join for relation in parameters.joined for join in _joins(table, relation))


def _joins(table: str, relation: Relation) -> list[Join]:
    if relation.kind == "one":
        return [_join(relation.table, "id", table, relation.key)]
    if relation.kind == "many":
        return [_join(relation.table, relation.key, table, "id")]
    return [
        _join(relation.through, relation.key, table, "id"),
        _join(relation.table, "id", relation.through, relation.other),
    ]


def _join(table: str, key: str, other: str, other_key: str) -> Join:
    partners = f"{Store.value(key, table)} = {Store.value(other_key, other)}"
    return Join(table, f"{partners} AND {Store.column(table, 'deleted')} IS NULL")


def _condition(node: Node, scope: Scope, values: list[object]) -> str:
    if isinstance(node, Comparison):
        return _comparison(node, scope.find(node.column), values)
    word = " AND " if isinstance(node, And) else " OR "
    return f"({word.join(_condition(term, scope, values) for term in node.terms)})"


def _comparison(node: Comparison, place: Place, values: list[object]) -> str:
    """Compare as MySQL does with text: without regard to case; what is null neither equals nor differs."""
    operator = "=" if node.equal else "<>"
    if place.model.is_whole(place.column) and _NUMBER.fullmatch(node.value):
        values.append(int(node.value))
        return f"{Store.value(place.column, place.model.name)} {operator} ?"
    values.append(Store.fold(node.value))
    return f"{Store.text(place.column, place.model.name)} {operator} ?"


def _comparable(place: Place) -> str:
    by = Store.value if place.model.is_whole(place.column) else Store.text
    return by(place.column, place.model.name)


def _order(parameters: Parameters, joins: tuple[Join, ...]) -> str:
    """Rows that are equal come in the order of insertion, so that pages are stable; no vendor promises that."""
    direction = "DESC" if parameters.descending else "ASC"
    order = f"{_comparable(parameters.sort)} {direction}"
    if parameters.grouping:
        return order
    tables = (parameters.scope.model.name, *(join.table for join in joins))
    return ", ".join((order, *(f"{Store.position(table)} {direction}" for table in tables)))
