"""
The query of a GET, read and checked.

A wrong value is a 422 with Laravel's words. An unknown column or relation, and JSON or conditions that do not parse,
are a 500: a stock application puts them into its SQL and stumbles there. Which of the two Sagicc does is not documented.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final, Literal, TypeAlias

import attrs

from sagicc_async.sandbox import from_json

from .conditions import ConditionsError, Node, parse
from .failures import invalid, server_error
from .relations import Wanted, adjacent, eager
from .schema import Model, Relation

Generation: TypeAlias = Literal["current", "legacy"]
RelationsStyle: TypeAlias = Literal["flat", "wrapped"]

_TYPES: Final = ("tree", "lineal", "normal")
_INTEGER = re.compile(r"[0-9]{1,18}")
_SIZE: Final = 50


@attrs.frozen
class Place:
    """A column of a table."""

    model: Model
    column: str


@attrs.frozen(kw_only=True)
class Scope:
    """
    The tables among whose columns a name is looked for.

    Args:
        model: The one that is asked for.
        related: Those that type `normal` joins to it.
    """

    model: Model
    related: tuple[Model, ...] = ()

    @property
    def models(self) -> tuple[Model, ...]:
        """All of them."""
        return (self.model, *self.related)

    def find(self, name: str) -> Place:
        """
        Return the column that is named, alone or behind its model's name.

        Raises:
            Refused: There is none, or more than one.
        """
        table, dot, column = name.rpartition(".")
        places = [
            Place(model, column)
            for model in self.models
            if column in model.columns and (not dot or model.name == table)
        ]
        if len(places) != 1:
            raise server_error()
        return places[0]

    def chosen(self, name: str) -> Place:
        """
        Return a column of `columns`, where a name without a prefix is the model's own before it is a joined table's.

        The older text wants the prefix wherever tables are joined, and the current one's example leaves it out before the
        model's own columns (`id,descripcion,cliente.nro_documento`): both are taken.

        Raises:
            Refused: There is none, or more than one.
        """
        return Place(self.model, name) if name in self.model.columns else self.find(name)


@attrs.frozen
class Shown:
    """
    Which rows are listed by their marks: only those that have it, only those that have it not, or (`None`) all.

    Args:
        disabled: The mark of the disabled.
        deleted: The mark of the deleted.
    """

    disabled: bool | None = False
    deleted: bool | None = False


@attrs.frozen(kw_only=True)
class Parameters:
    """
    What is asked for.

    Args:
        type: `tree`, `lineal` or `normal`.
        scope: The model, and what is joined to it.
        columns: The columns that are sent; `None` for all of the model's.
        wanted: The relations that are loaded; not with `normal`.
        joined: The relations that are joined; only with `normal`.
        conditions: Which rows.
        search: What must stand in one of the columns; nothing if empty.
        page: From 1.
        size: Rows on a page.
        sort: By which column.
        descending: From the highest to the lowest.
        shown: Which rows by their marks.
        grouping: The columns by whose values rows are drawn together.
    """

    type: str
    scope: Scope
    columns: tuple[Place, ...] | None = None
    wanted: tuple[Wanted, ...] = ()
    joined: tuple[Relation, ...] = ()
    conditions: Node | None = None
    search: str = ""
    page: int = 1
    size: int = _SIZE
    sort: Place
    descending: bool = False
    shown: Shown = attrs.field(factory=Shown)
    grouping: tuple[Place, ...] = ()

    @property
    def chosen(self) -> tuple[Place, ...]:
        """The columns that are sent, all by name."""
        return _all_of(self.scope.model) if self.columns is None else self.columns


@attrs.frozen(kw_only=True)
class Reader:
    """
    Reads queries.

    Args:
        generation: Which parameters choose the disabled and the deleted; those of the other one are ignored.
        relations_style: How the relations of `tree` and `lineal` are written.
        page_cap: The largest page; a larger one is cut to it without a word.
    """

    generation: Generation
    relations_style: RelationsStyle
    page_cap: int | None

    def one(self, query: Mapping[str, str], model: Model) -> Parameters:
        """
        Read the parameters of `GET /{model}/{id}`; the others are ignored, as documented.

        Raises:
            Refused: Something is wrong with them; with the answer.
        """
        asked = _Asked(query)
        kind = asked.literal("type", _TYPES, required=True)
        asked.check()
        return self._common(asked, kind, model)

    def many(self, query: Mapping[str, str], model: Model) -> Parameters:
        """
        Read the parameters of `GET /{model}`.

        Raises:
            Refused: Something is wrong with them; with the answer.
        """
        asked = _Asked(query)
        kind = asked.literal("type", _TYPES, required=True)
        page, size = asked.positive("page", 1), asked.positive("sizePerPage", _SIZE)
        order = asked.literal("sortOrder", ("asc", "desc"))
        shown = self._shown(asked)
        asked.check()
        common = self._common(asked, kind, model)
        sort = _sort(asked.text("sortName"), common.chosen, common.scope)
        return attrs.evolve(
            common,
            conditions=_conditions(asked.text("conditions")),
            search=asked.text("searchText"),
            page=page,
            size=size if self.page_cap is None else min(size, self.page_cap),
            sort=sort,
            descending=order == "desc",
            shown=shown,
            grouping=_grouping(asked.json("grouping"), {*common.chosen, sort}, common.scope),
        )

    def _common(self, asked: _Asked, kind: str, model: Model) -> Parameters:
        relations = asked.json("relations") or {}
        if not isinstance(relations, dict):
            raise server_error()
        if kind == "normal":
            return _joined(model, relations, asked.text("columns"))
        if self.relations_style == "wrapped":
            relations = relations.get("complexRelations") or {}
        scope = Scope(model=model)
        columns = _columns(asked.text("columns"), scope)
        sort = (columns or _all_of(model))[0]
        return Parameters(type=kind, scope=scope, columns=columns, wanted=eager(model, relations), sort=sort)

    def _shown(self, asked: _Asked) -> Shown:
        """`disabled` is documented so: true and null show all, false the enabled; an empty value counts as null."""
        if self.generation == "current":
            return Shown(disabled=False if asked.flag("disabled", default=False) is False else None)
        enabled = asked.flag("enabled", default=True)
        return Shown(disabled=None if enabled is None else not enabled, deleted=asked.flag("deleted", default=False))


@attrs.define
class _Asked:
    """A query; complaints about values are collected, as Laravel makes them all at once."""

    query: Mapping[str, str]
    errors: dict[str, str] = attrs.field(factory=dict, init=False)

    def text(self, name: str) -> str:
        """Laravel trims what it is sent."""
        return self.query.get(name, "").strip()

    def literal(self, name: str, values: tuple[str, ...], *, required: bool = False) -> str:
        text = self.text(name)
        if not text and required:
            self.errors[name] = f"The {name} field is required."
        elif text and text not in values:
            self.errors[name] = f"The selected {_words(name)} is invalid."
        return text

    def positive(self, name: str, default: int) -> int:
        text = self.text(name)
        if not text:
            return default
        if not _INTEGER.fullmatch(text.removeprefix("-")):
            self.errors[name] = f"The {_words(name)} must be an integer."
            return default
        if int(text) < 1:
            self.errors[name] = f"The {_words(name)} must be at least 1."
        return int(text)

    def flag(self, name: str, *, default: bool) -> bool | None:
        if name not in self.query:
            return default
        text = self.text(name)
        if text not in ("true", "false", "null", ""):
            self.errors[name] = f"The {name} field must be true or false."
        return {"true": True, "false": False}.get(text)

    def json(self, name: str) -> Any:
        try:
            return from_json(self.text(name).encode() or b"null")
        except ValueError:
            raise server_error() from None

    def check(self) -> None:
        if self.errors:
            raise invalid(self.errors)


def _joined(model: Model, relations: Mapping[str, Any], columns: str) -> Parameters:
    """Type `normal`: the model's columns, then those of the related ones as they were asked for."""
    found = adjacent(model, relations)
    scope = Scope(model=model, related=tuple(related for _, related, _ in found))
    own = _columns(columns, scope)
    related_columns = tuple(
        Place(related, column) for _, related, names in found for column in (names or related.columns)
    )
    if own is None and not found:
        return Parameters(type="normal", scope=scope, sort=Place(model, model.columns[0]))
    sent = tuple(dict.fromkeys((*(own or _all_of(model)), *related_columns)))
    joined = tuple(relation for relation, _, _ in found)
    return Parameters(type="normal", scope=scope, columns=sent, joined=joined, sort=sent[0])


def _all_of(model: Model) -> tuple[Place, ...]:
    return tuple(Place(model, column) for column in model.columns)


def _columns(text: str, scope: Scope) -> tuple[Place, ...] | None:
    if not text:
        return None
    return tuple(dict.fromkeys(scope.chosen(name.strip()) for name in text.split(",")))


def _conditions(text: str) -> Node | None:
    try:
        return parse(text) if text else None
    except ConditionsError:
        raise server_error() from None


def _sort(name: str, sent: tuple[Place, ...], scope: Scope) -> Place:
    """Return the column to sort by: named, numbered among the columns from 0 (the sandbox's own choice), or the first."""
    if not name:
        return sent[0]
    if not _INTEGER.fullmatch(name):
        return scope.find(name)
    if int(name) >= len(sent):
        raise server_error()
    return sent[int(name)]


def _grouping(names: Any, used: set[Place], scope: Scope) -> tuple[Place, ...]:
    """What grouping gives is not documented: SQL's GROUP BY, as strict as MySQL is unless it is told otherwise."""
    if not names:
        return ()
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise server_error()
    grouping = tuple(scope.find(name) for name in names)
    if not used <= set(grouping):
        raise server_error()
    return grouping


def _words(name: str) -> str:
    """Spell a parameter as Laravel does in its messages: `size per page`."""
    return re.sub(r"(?<!^)([A-Z])", lambda found: f" {found[1].lower()}", name)
