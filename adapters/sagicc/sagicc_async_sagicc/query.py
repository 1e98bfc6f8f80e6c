"""
The query of a GET, as data and as parameters: pure, and complete as far as Sagicc documents it.

Source: Sagicc, "Uso de la API", both generations; contract, 3, 4 and 10.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, Literal, TypeAlias

import attrs
import msgspec

from sagicc_async import ConfigError, Unsupported

from .catalogue import Catalogue, is_to_many, snake_case
from .conditions import Comparison, Condition, Joined, is_mixed, render

QueryType: TypeAlias = Literal["tree", "lineal", "normal"]
RelationsStyle: TypeAlias = Literal["flat", "wrapped"]
Generation: TypeAlias = Literal["current", "legacy"]
#: True and False as the vendor reads them, `"null"` for its null; `None` sends nothing.
Flag: TypeAlias = bool | Literal["null"] | None
Params: TypeAlias = dict[str, str | int | None]
#: Relation (or, in `normal`, table) -> columns, none of them for all; or their names alone; or the JSON itself.
Relations: TypeAlias = Mapping[str, Sequence[str]] | Sequence[str] | str

TYPES: Final = ("tree", "lineal", "normal")


@attrs.frozen(kw_only=True)
class Dialect:
    """
    Which of the vendor's two generations, and of its two readings, an instance speaks.

    Args:
        relations_style: How `relations` is written in `tree` and `lineal`: `flat`, `{"gestiones": [...]}`, as the older
            page's grammar has it; or `wrapped`, `{"complexRelations": {"gestiones": [...]}}`, as the current one prints.
        generation: Which filters of state exist: `disabled` (`current`), or `enabled` and `deleted` (`legacy`).
        null_literal: How null travels in a query.
    """

    relations_style: RelationsStyle = "flat"
    generation: Generation = "current"
    null_literal: Literal["null", ""] = "null"


@attrs.frozen(kw_only=True)
class Query:
    """
    What is asked of a model.

    Args:
        model: Its name.
        type: The shape of the records: nested, flat with dots, or joined.
        columns: Which; `None` for all.
        relations: Path -> columns, in the order to be written; or JSON that is sent as it is.
        conditions: A condition of `F`.
        raw_conditions: The same as text, sent as it is.
        search_text: A text to look for in all columns.
        sort_name: Column to sort by; by `id` if not said, so that pages stay what they are while they are read.
        sort_order: `asc` or `desc`.
        disabled: Filter of the current generation.
        enabled: Filter of the older one.
        deleted: Filter of the older one.
        grouping: Columns to group by.
        declared: Whether a class asks, whose relations were looked at when it was made.
    """

    model: str
    type: QueryType = "tree"
    columns: tuple[str, ...] | None = None
    relations: Mapping[str, tuple[str, ...]] | str | None = None
    conditions: Condition | None = None
    raw_conditions: str | None = None
    search_text: str | None = None
    sort_name: str | int | None = None
    sort_order: Literal["asc", "desc"] = "asc"
    disabled: Flag = None
    enabled: Flag = None
    deleted: Flag = None
    grouping: tuple[str, ...] = ()
    declared: bool = False

    @property
    def joined(self) -> bool:
        """Whether a row may hold columns of several tables, whose names then need a prefix."""
        return self.type == "normal" and bool(self.relations)

    def list_params(self, dialect: Dialect) -> Params:
        """
        The parameters of a list, without its page.

        Raises:
            ConfigError: Two things exclude each other, or do not exist in this generation.
            Unsupported: A condition that the documented syntax cannot express; the message says how two calls do it.
        """
        return {
            **self.record_params(dialect),
            "conditions": self._conditions(),
            "searchText": self.search_text or None,
            **self._sorting(),
            **self._state(dialect),
            "grouping": _json(list(self.grouping)) if self.grouping else None,
        }

    def record_params(self, dialect: Dialect) -> Params:
        """The parameters of one record by its id, which are all that is documented there."""
        if self.type not in TYPES:
            raise ConfigError(f"type is {', '.join(TYPES)}, as Sagicc spells them, not {self.type!r}")
        return {
            "type": self.type,
            "columns": ",".join(self.columns) if self.columns else None,
            "relations": self._relations(dialect),
        }

    def doubts(self, catalogue: Catalogue) -> Iterator[str]:
        """What may not mean at Sagicc what it says here; none of it is a reason not to send it."""
        if self.type != "normal":
            for name in self.columns or ():
                if "." in name:
                    yield f"the column {name!r} has a prefix, which is documented for type 'normal' with relations"
        if isinstance(self.sort_name, int):
            yield "sort_name by number counts from 0 or from 1: Sagicc does not say; name the column"
        if isinstance(self.relations, Mapping):
            yield from self._doubts_of_relations(self.relations, catalogue)
        if self.conditions is not None and is_mixed(self.conditions):
            yield (
                "a condition mixes AND and OR: how Sagicc reads parentheses inside parentheses is not documented; "
                "compare the result with two lists"
            )

    def _doubts_of_relations(self, relations: Mapping[str, tuple[str, ...]], catalogue: Catalogue) -> Iterator[str]:
        for path, columns in relations.items():
            if self.type == "normal":
                doubt = catalogue.doubt_model(path)
                if doubt is not None:
                    yield doubt
                continue
            first, dot, _ = path.partition(".")
            doubt = None if dot else catalogue.doubt_relation(self.model, first)
            if doubt is not None:
                yield doubt
            parent = path.rpartition(".")[0]
            if parent and parent not in relations:
                yield f"the relation {path!r} needs {parent!r} with its own ids beside it"
            if columns and is_to_many(path) and not self.declared:
                doubt = self._doubt_of_ids(path, columns, catalogue)
                if doubt is not None:
                    yield doubt

    def _doubt_of_ids(self, path: str, columns: Sequence[str], catalogue: Catalogue) -> str | None:
        if not has_both_ids(columns):
            return f"Sagicc shows nothing of {path!r} unless both ids are asked for: id, and the one that leads back"
        above = snake_case(path.rpartition(".")[0].rpartition(".")[2])
        owner = self.model if not above else singular(above) if is_to_many(above) else above
        # A relation need not have the name of its model, and then nobody knows here what leads back to it.
        return doubt_way_back(path, owner, columns) if owner in (self.model, *catalogue.models) else None

    def _relations(self, dialect: Dialect) -> str | None:
        if not self.relations:
            return None
        if isinstance(self.relations, str):
            return self.relations
        plain: dict[str, Any] = {path: list(columns) for path, columns in self.relations.items()}
        if dialect.relations_style == "wrapped" and self.type != "normal":
            plain = {"complexRelations": plain}
        return _json(plain)

    def _conditions(self) -> str | None:
        if self.conditions is None:
            return self.raw_conditions or None
        if self.raw_conditions:
            raise ConfigError("where= and raw_conditions= exclude each other; write all of it in one of them")
        return render(self._placed(self.conditions))

    def _placed(self, condition: Condition) -> Condition:
        """The condition with the prefixes that this type takes: none, or the model's where tables are joined."""
        if isinstance(condition, Joined):
            return Joined(condition.joint, tuple(self._placed(part) for part in condition.parts))
        assert isinstance(condition, Comparison)
        prefix, dot, column = condition.column.rpartition(".")
        if self.type == "normal":
            if self.joined and not dot:
                return attrs.evolve(condition, column=f"{self.model}.{column}")
            return condition
        if dot and prefix != self.model:
            raise Unsupported(_two_calls(self.model, prefix, condition))
        return attrs.evolve(condition, column=column)

    def _sorting(self) -> Params:
        name = self.sort_name
        if name is None:
            name = self.grouping[0] if self.grouping else f"{self.model}.id" if self.joined else "id"
        return {"sortName": name, "sortOrder": self.sort_order}

    def _state(self, dialect: Dialect) -> Params:
        given: dict[str, Flag] = {"disabled": self.disabled, "enabled": self.enabled, "deleted": self.deleted}
        mine = ("disabled",) if dialect.generation == "current" else ("enabled", "deleted")
        strangers = [name for name, flag in given.items() if flag is not None and name not in mine]
        if strangers:
            raise ConfigError(
                f"{', '.join(strangers)} is not of the {dialect.generation} generation, which filters by "
                f"{' and '.join(mine)}; open the account with generation= if your instance speaks the other"
            )
        return {name: _flag(name, flag, dialect) for name, flag in given.items()}


def columns_of(given: str | Sequence[str] | None) -> tuple[str, ...] | None:
    """Columns as a caller writes them: a list, or names with commas. None and nothing mean all."""
    if given is None:
        return None
    names = given.split(",") if isinstance(given, str) else given
    return tuple(name.strip() for name in names if name.strip()) or None


def relations_of(given: Relations | None) -> Mapping[str, tuple[str, ...]] | str | None:
    """
    Relations as a caller writes them.

    Raises:
        ConfigError: A text is no JSON object.
    """
    if not given:
        return None
    if isinstance(given, str):
        return _checked_json(given)
    if isinstance(given, Mapping):
        return {path: columns_of(columns) or () for path, columns in given.items()}
    return dict.fromkeys(given, ())


def has_both_ids(columns: Sequence[str]) -> bool:
    """Whether the record's own id is among the columns, and one that leads to another record."""
    return "id" in columns and any(name.endswith("_id") for name in columns)


def doubt_way_back(relation: str, model: str, columns: Sequence[str]) -> str | None:
    """
    Why the columns of a relation to many may lead to none of its records; `None` if the id that leads back is one of them.

    Args:
        relation: What the caller calls it.
        model: The model whose relation it is.
        columns: Columns that are asked for, both ids among them as far as can be told.
    """
    key = f"{model}_id"
    if key in columns:
        return None
    return (
        f"Sagicc shows nothing of {relation!r} unless the id that leads back is asked for; by the usual name it is {key}, "
        f"and asked for are {', '.join(columns)}"
    )


def singular(name: str) -> str:
    """The model that a relation to many most likely leads to: `gestion` for `gestiones`."""
    return name.removesuffix("es") if name.endswith(("nes", "les", "des", "res")) else name.removesuffix("s")


def _checked_json(text: str) -> str:
    try:
        fits = isinstance(msgspec.json.decode(text), dict)
    except (msgspec.DecodeError, RecursionError):
        fits = False
    if not fits:
        raise ConfigError(
            'relations as a text are a JSON object, such as {"gestiones": ["id", "caso_id"]}; give names alone as a list'
        )
    return text


def _json(value: Any) -> str:
    return msgspec.json.encode(value).decode()


def _flag(name: str, flag: Flag, dialect: Dialect) -> str | None:
    if flag is None:
        return None
    if isinstance(flag, bool):
        return "true" if flag else "false"
    if flag == "null":
        return dialect.null_literal
    # Such as "false", or 0: sent as null it would bring what was to be left out.
    raise ConfigError(f'{name} is True, False or "null", as Sagicc reads them, or None to send nothing; not {flag!r}')


def _two_calls(model: str, prefix: str, condition: Comparison) -> str:
    """How to ask what the syntax cannot say: first the related records, then the model's own."""
    column = condition.column.rpartition(".")[2]
    asked = f"where=F.{column} {'==' if condition.operator == '=' else '!='} ..."
    if is_to_many(prefix):
        first = f'crm["{singular(prefix)}"].list(columns=["id", "{model}_id"], {asked})'
        second = f'crm["{model}"].list(where=F.id == row["{model}_id"])'
    else:
        first = f'crm["{prefix}"].list(columns=["id"], {asked})'
        second = f'crm["{model}"].list(where=F.{prefix}_id == row["id"])'
    return (
        f"a condition on {condition.column} cannot be written here: in tree and lineal Sagicc documents columns of {model} "
        f"alone. Two calls do it: async for row in {first}: async for {model} in {second}"
    )
