"""
The attrs class that is the query.

    @model("gestion")
    class Gestion:
        id: int
        caso_id: int
        descripcion: str | None = None

    @model("caso")
    class Caso:
        id: int
        cliente_id: int
        gestiones: list[Gestion]

Columns, relations and their nesting follow from the class, and what comes back is the class. What Sagicc would answer
with nothing, or not at all, is refused when the class is made, with the line to write instead.
"""

from __future__ import annotations

import inspect
import sys
import typing
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Final, TypeVar, dataclass_transform

import attrs

from sagicc_async import ConfigError, Record, field, quirks, record, wire_name

from .catalogue import camel_case, snake_case
from .notices import warn
from .query import doubt_way_back, has_both_ids

T = TypeVar("T")

_INFO: Final = "__sagicc__"
_REQUIRED: Final[Any] = attrs.NOTHING
_GIVEN: Final = type(attrs.field())

#: Sagicc's ids and numbers may come as text, and MySQL's booleans as 0 and 1.
_TOLERANT: Final[Mapping[Any, quirks.Quirk]] = {
    int: quirks.integer,
    str: quirks.text,
    bool: quirks.flag,
    float: quirks.Quirk(int | float | str, float, float),
}


@attrs.frozen
class Relation:
    """
    A relation that a class declares.

    Args:
        attribute: The attribute that holds it.
        name: Sagicc's name for it.
        kind: The class of the related records.
        many: Whether they come as a list.
        keys: Columns to ask for besides those that `kind` declares.
        both_ids: Whether its rows hold a key that leads back.
    """

    attribute: str
    name: str
    kind: type
    many: bool
    keys: tuple[str, ...]
    both_ids: bool


@attrs.frozen
class _Declared:
    """What `relation()` was told."""

    default: Any
    name: str | None = None
    keys: tuple[str, ...] = ()
    both_ids: bool = True


@attrs.define
class _Info:
    """What a class stands for."""

    model: str
    declared: Mapping[str, _Declared]
    checked: bool = False


def relation(
    name: str | None = None, *, keys: Sequence[str] = (), both_ids: bool = True, default: Any = _REQUIRED
) -> Any:
    """
    Say more of a relation than its annotation does.

    Args:
        name: Sagicc's name for it, where it is not the attribute's own in camelCase (`dato_contactos` stands for
            `datoContactos`).
        keys: Columns to ask for besides those that its class declares, such as the ids without which Sagicc shows
            nothing; they are found in `extra`.
        both_ids: False for a relation of many to many (`skill.usuarios`), whose records hold no key that leads back:
            the rule for relations to many speaks of one to many.
        default: The value where the answer lacks the relation; without one that is an error.

    Returns:
        What the decorator `model` understands.
    """
    return _Declared(default, name, tuple(keys), both_ids)


@dataclass_transform(kw_only_default=True, field_specifiers=(relation, field, attrs.field))
def model(name: str, /) -> Callable[[type[T]], type[T]]:
    """
    Make a class of records of a model, which is also the query for them.

    An annotation that is another such class, or a list of it, is a relation; every other one is a column. A class
    that does not derive from `Record` is made to: derive it yourself for your editor to know `extra` and `to_dict`.

    Args:
        name: The model's name at Sagicc.

    Raises:
        ConfigError: A to-many relation without both ids, a type that cannot be read, a class inside itself. Where an
            annotation names a class that comes later, it is raised at the first use.
        SagiccWarning: (A warning.) The ids of a relation are there, and may not be those that lead from one to the other.
    """

    def decorate(cls: type[T]) -> type[T]:
        frame = sys._getframe(1)  # a class that is defined in a function names others that only the function knows
        made = _make(cls, name, {**frame.f_globals, **frame.f_locals})
        _check_if_known(made)
        return made

    return decorate


def is_model(candidate: Any) -> bool:
    """Whether this is a class that `model` made."""
    return isinstance(candidate, type) and _INFO in vars(candidate)


def model_name(kind: type) -> str:
    """The model whose records a class holds."""
    return _info(kind).model


def columns_of_class(kind: type) -> tuple[str, ...]:
    """The columns that a class asks for, in the order of its fields."""
    taken = {found.attribute for found in relations_of_class(kind)}
    names = (found.name for found in attrs.fields(kind) if found.name != "_extra" and found.name not in taken)
    return tuple(wire_name(kind, name) for name in names)


def relations_of_class(kind: type) -> tuple[Relation, ...]:
    """
    The relations that a class declares.

    Raises:
        ConfigError: The class is no `model`, or an annotation names a class that does not exist.
    """
    info = _info(kind)
    try:
        attrs.resolve_types(kind)
    except NameError as error:
        raise ConfigError(f"{kind.__name__} names a class that does not exist: {error.name}") from None
    found = []
    for attribute in attrs.fields(kind):
        target, many = _target(attribute.type)
        if target is not None:
            declared = info.declared.get(attribute.name, _Declared(_REQUIRED))
            name = declared.name or camel_case(attribute.name)
            found.append(Relation(attribute.name, name, target, many, declared.keys, declared.both_ids))
    return tuple(found)


def query_of_class(kind: type) -> tuple[tuple[str, ...], dict[str, tuple[str, ...]]]:
    """
    What a class asks for.

    Returns:
        Its columns, and path -> columns of its relations, parents first.

    Raises:
        ConfigError: See `model`.
    """
    info = _info(kind)
    if not info.checked:
        _check(kind, ())
        info.checked = True
    return columns_of_class(kind), dict(_paths(kind, ""))


def _paths(kind: type, above: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    for found in relations_of_class(kind):
        path = f"{above}{found.name}"
        yield path, _asked(found)
        yield from _paths(found.kind, f"{path}.")


def _asked(found: Relation) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*columns_of_class(found.kind), *found.keys)))


# Making the class.


def _make(cls: type[T], name: str, names: Mapping[str, Any]) -> type[T]:
    annotations = {key: _resolved(value, names) for key, value in inspect.get_annotations(cls).items()}
    namespace = {key: value for key, value in vars(cls).items() if key not in ("__dict__", "__weakref__")}
    namespace["__annotations__"] = annotations
    inherited = {
        key: found for base in cls.__mro__[1:] if is_model(base) for key, found in _info(base).declared.items()
    }
    declared = {key: value for key, value in namespace.items() if isinstance(value, _Declared)}
    for key, kind in annotations.items():
        if typing.get_origin(kind) is not typing.ClassVar:
            namespace[key] = _as_field(key, kind, namespace.get(key, _REQUIRED))
    bases = (
        cls.__bases__ if issubclass(cls, Record) else (*(base for base in cls.__bases__ if base is not object), Record)
    )
    metaclass: Any = type(cls)
    plain = metaclass(cls.__name__, bases, namespace)
    try:
        made: Any = record(plain)
    except ConfigError as error:
        _blame(cls.__name__, annotations, error)
        raise
    setattr(made, _INFO, _Info(name, {**inherited, **declared}))
    return made  # type: ignore[no-any-return]


def _resolved(annotation: Any, names: Mapping[str, Any]) -> Any:
    """The annotation's type; the text itself while it names a class that comes later."""
    if not isinstance(annotation, str):
        return annotation
    try:
        return eval(annotation, dict(names))  # noqa: S307 - the user's own annotation, as `typing` would read it
    except NameError:
        return annotation


def _as_field(name: str, kind: Any, given: Any) -> Any:
    """What attrs takes for an annotation: a tolerant column, or a relation under either spelling of its name."""
    if isinstance(given, _GIVEN):  # by `field()` or `attrs.field()`: the user knows better
        return given
    stranger = _stranger(kind)
    if stranger is not None:
        raise ConfigError(
            f'{name} holds {stranger.__name__}, which is no model of Sagicc; write\n    @model("...")    # above {stranger.__name__}'
        )
    if _is_relation(kind) or isinstance(given, _Declared):
        declared = given if isinstance(given, _Declared) else _Declared(given)
        relation_name = declared.name or camel_case(name)
        spellings = dict.fromkeys((relation_name, snake_case(relation_name)))
        wire, *also = spellings
        one = not _is_list(kind)
        return field(wire=wire, also=also, default=declared.default, blank_list=one and _may_be_none(kind))
    return field(default=given, read=_TOLERANT.get(_inner(kind)))


def _is_relation(kind: Any) -> bool:
    """Whether an annotation is one: a class of this kind is in it, or, as text, one that comes later."""
    return isinstance(kind, str) or _target(kind)[0] is not None


def _target(kind: Any) -> tuple[type | None, bool]:
    """The class of the related records, and whether they are many."""
    inner = _inner(kind)
    if typing.get_origin(inner) is list:
        inner = typing.get_args(inner)[0]
        return (inner, True) if is_model(inner) else (None, True)
    return (inner, False) if is_model(inner) else (None, False)


def _stranger(kind: Any) -> type | None:
    """A class of records in an annotation that `model` did not make."""
    inner = _inner(kind)
    item = typing.get_args(inner)[0] if typing.get_origin(inner) is list else inner
    return item if isinstance(item, type) and attrs.has(item) and not is_model(item) else None


def _inner(kind: Any) -> Any:
    """An annotation without its `| None`."""
    options = [option for option in typing.get_args(kind) if option is not type(None)]
    return options[0] if len(options) == 1 and type(None) in typing.get_args(kind) else kind


def _may_be_none(kind: Any) -> bool:
    return "None" in kind or "Optional" in kind if isinstance(kind, str) else type(None) in typing.get_args(kind)


def _is_list(kind: Any) -> bool:
    return "list[" in kind.lower() if isinstance(kind, str) else typing.get_origin(_inner(kind)) is list


def _blame(owner: str, annotations: Mapping[str, Any], error: ConfigError) -> None:
    """Find the field that cannot be read, and raise with the line to write instead."""
    for name, kind in annotations.items():
        try:
            record(type(owner, (Record,), {"__annotations__": {name: kind}, name: field(default=None)}))
        except ConfigError as mine:
            raise ConfigError(f"{mine}; write\n    {name}: {_readable(kind)}") from error


def _readable(kind: Any) -> str:
    inner, optional = _inner(kind), " | None" if _may_be_none(kind) else ""
    if inner is datetime:
        return f"Timestamp{optional}"
    inside = typing.get_args(inner)
    if typing.get_origin(inner) in (tuple, set, frozenset) or (
        inside and issubclass(typing.get_origin(inner), Sequence)
    ):
        return f"list[{getattr(inside[0], '__name__', 'Any')}]{optional}"
    return "Any"


# Checking what Sagicc would answer with nothing.


def _check_if_known(kind: type) -> None:
    """Check at once, unless a class that it names comes later."""
    try:
        attrs.resolve_types(kind)
    except NameError:
        return
    query_of_class(kind)


def _check(kind: type, above: tuple[type, ...]) -> None:
    if kind in above:
        path = " -> ".join(one.__name__ for one in (*above, kind))
        raise ConfigError(f"{path}: relations are asked for to a depth; use another class for the inner one")
    columns, model_of = columns_of_class(kind), model_name(kind)
    for found in relations_of_class(kind):
        where = f"{kind.__name__}.{found.attribute}"
        if found.many:
            _check_both_ids(where, kind, columns, found, model_of)
        else:
            _doubt_keys(where, columns, found)
        _check(found.kind, (*above, kind))


def _check_both_ids(where: str, kind: type, columns: Sequence[str], found: Relation, model_of: str) -> None:
    asked, inside = _asked(found), found.kind.__name__
    lines = []
    if "id" not in columns:
        lines.append((kind.__name__, "id: int"))
    if "id" not in asked:
        lines.append((inside, "id: int"))
    if found.both_ids and not has_both_ids(("id", *asked)):
        lines.append((inside, f"{model_of}_id: int"))
    if lines:
        missing = "".join(f"\n    {line}    # in {owner}" for owner, line in lines)
        raise ConfigError(
            f"{where}: Sagicc shows nothing of a relation to many records unless the ids on both of its sides are asked for; "
            f"write{missing}\nor, if it is one of many to many\n    {found.attribute}: ... = relation(both_ids=False)"
        )
    doubt = doubt_way_back(where, model_of, asked) if found.both_ids else None
    if doubt is not None:
        warn(doubt)


def _doubt_keys(where: str, columns: Sequence[str], found: Relation) -> None:
    key = f"{snake_case(found.name)}_id"
    lines = [f"{key}: int"] if key not in columns else []
    lines += [f"id: int    # in {found.kind.__name__}"] if "id" not in _asked(found) else []
    if lines:
        missing = "".join(f"\n    {line}" for line in lines)
        warn(
            f"{where}: where Sagicc is built as its kind usually is, a relation to one record comes back empty unless the "
            f"ids that lead to it are asked for; write{missing}"
        )


def _info(kind: type) -> _Info:
    info: _Info | None = vars(kind).get(_INFO)
    if info is None:
        raise ConfigError(f'{kind.__name__} is no model of Sagicc: write @model("...") above it')
    return info
