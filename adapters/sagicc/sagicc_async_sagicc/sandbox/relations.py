"""
Relations: which are asked for, and their rows, loaded as Eloquent does.

Documented: a path of relation names with dots and the columns of its last one, none for all; of a to-many relation
nothing is shown unless its columns have its `id` and the key of the row that it belongs to. Eloquent explains the rest:
it matches rows by the columns that were selected, so a row without its own `id`, or without the key of its to-one
relation, has no relations to show.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Literal, TypeAlias

import attrs

from sagicc_async.sandbox import Store, from_json, to_json

from .failures import server_error
from .schema import MODELS, Model, Relation, snake

_Row: TypeAlias = dict[str, Any]

RelationKeys: TypeAlias = Literal["snake", "camel"]
EmptyRelations: TypeAlias = Literal["null", "list"]


@attrs.frozen
class Wanted:
    """
    A relation that is to be loaded.

    Args:
        relation: Which.
        columns: Which columns of it; all if none.
        inner: Which relations of its rows.
    """

    relation: Relation
    columns: tuple[str, ...]
    inner: tuple[Wanted, ...] = ()


def eager(model: Model, asked: Any) -> tuple[Wanted, ...]:
    """
    Read the relations of `tree` and `lineal`: `{"gestiones": ["id", "caso_id"], "gestiones.caso": []}`.

    Raises:
        Refused: One is unknown, has unknown columns, or its parent is not asked for.
    """
    if not isinstance(asked, dict):
        raise server_error()
    paths = {tuple(path.split(".")): columns for path, columns in asked.items()}
    if any(len(path) > 1 and path[:-1] not in paths for path in paths):
        raise server_error()
    return _below((), model, paths)


def _below(parent: tuple[str, ...], model: Model, paths: Mapping[tuple[str, ...], Any]) -> tuple[Wanted, ...]:
    found = []
    for path, columns in paths.items():
        if path[:-1] != parent:
            continue
        relation = model.relations.get(path[-1])
        if relation is None:
            raise server_error()
        related = MODELS[relation.table]
        found.append(Wanted(relation, _names(columns, related), _below(path, related, paths)))
    return tuple(found)


def adjacent(model: Model, asked: Mapping[str, Any]) -> list[tuple[Relation, Model, tuple[str, ...]]]:
    """
    Read the relations of `normal`, which go by the name of their table: `{"gestion": ["id"]}`.

    Raises:
        Refused: The model has no relation to such a table, or that has no such columns.
    """
    by_table = {relation.table: relation for relation in model.relations.values()}
    if not asked.keys() <= by_table.keys():
        raise server_error()
    return [(by_table[table], MODELS[table], _names(columns, MODELS[table])) for table, columns in asked.items()]


def _names(columns: Any, model: Model) -> tuple[str, ...]:
    if not isinstance(columns, list) or not all(column in model.columns for column in columns):
        raise server_error()
    return tuple(columns)


@attrs.frozen(kw_only=True)
class Loader:
    """
    Loads relations.

    Args:
        store: Where the rows are.
        keys: How the names of relations are spelt in rows.
        empty: What stands for a to-one relation without a row.
    """

    store: Store
    keys: RelationKeys
    empty: EmptyRelations

    def load(self, rows: list[_Row], wanted: tuple[Wanted, ...]) -> None:
        """Put the relations into rows that have the selected columns, one read for each relation."""
        for one in wanted:
            key = snake(one.relation.name) if self.keys == "snake" else one.relation.name
            related = self._related(one, rows)
            for row in rows:
                row[key] = related(row)

    def _related(self, wanted: Wanted, rows: list[_Row]) -> Callable[[_Row], Any]:
        if wanted.relation.kind == "one":
            return self._one(wanted, rows)
        if wanted.relation.kind == "many":
            return self._many(wanted, rows)
        return self._through(wanted, rows)

    def _one(self, wanted: Wanted, rows: list[_Row]) -> Callable[[_Row], Any]:
        key = wanted.relation.key
        found = self._rows(wanted, "id", [row.get(key) for row in rows])
        by_id = {row["id"]: row for row in found if "id" in row}
        nothing: Any = None if self.empty == "null" else []
        return lambda row: by_id.get(row.get(key), nothing)

    def _many(self, wanted: Wanted, rows: list[_Row]) -> Callable[[_Row], Any]:
        key = wanted.relation.key
        if wanted.columns and not {"id", key} <= set(wanted.columns):
            return lambda _: []
        by_parent: dict[Any, list[_Row]] = {}
        for row in self._rows(wanted, key, [row.get("id") for row in rows]):
            by_parent.setdefault(row[key], []).append(row)
        return lambda row: by_parent.get(row.get("id"), [])

    def _through(self, wanted: Wanted, rows: list[_Row]) -> Callable[[_Row], Any]:
        """Many to many: the rows between are sent as `pivot`, with both keys, as Eloquent sends them."""
        relation = wanted.relation
        if wanted.columns and "id" not in wanted.columns:
            return lambda _: []
        links = self._read(relation.through, relation.key, [row.get("id") for row in rows])
        found = self._rows(wanted, "id", [link[relation.other] for link in links])
        by_id = {row["id"]: row for row in found}
        by_parent: dict[Any, list[_Row]] = {}
        for link in links:
            parent, other = link[relation.key], link[relation.other]
            if other in by_id:
                pivot = {relation.key: parent, relation.other: other}
                by_parent.setdefault(parent, []).append({**by_id[other], "pivot": pivot})
        return lambda row: by_parent.get(row.get("id"), [])

    def _rows(self, wanted: Wanted, key: str, values: list[Any]) -> list[_Row]:
        rows = self._read(wanted.relation.table, key, values)
        if wanted.columns:
            rows = [{column: row.get(column) for column in wanted.columns} for row in rows]
        self.load(rows, wanted.inner)
        return rows

    def _read(self, table: str, key: str, values: list[Any]) -> list[_Row]:
        """Return the rows whose key is among the values. Disabled ones are related as well, deleted ones are not."""
        sought = sorted({value for value in values if isinstance(value, int)})
        if not sought:
            return []
        where = f"{Store.among(Store.value(key))} AND {Store.column(table, 'deleted')} IS NULL"
        return [from_json(body) for body in self.store.select(table, where=where, values=[to_json(sought).decode()])]


def flat(row: _Row) -> _Row:
    """Return a row of `lineal`: one level, the path to each value as its key (`gestiones.0.id`); what is empty stays."""
    made: _Row = {}

    def add(path: str, value: Any) -> None:
        if isinstance(value, dict | list) and value:
            for name, inner in value.items() if isinstance(value, dict) else enumerate(value):
                add(f"{path}.{name}", inner)
        else:
            made[path] = value

    for name, value in row.items():
        add(name, value)
    return made
