"""How the fields of a model travel: wire names, quirks, and which of four ways reads a type."""

from __future__ import annotations

import enum
import functools
import re
import types
import typing
from collections.abc import Callable, Iterable, Iterator
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any, Final, Literal
from uuid import UUID

import attrs

from ..errors import ConfigError
from .timestamps import Timestamp

#: The key of a field's `WireOptions` in its attrs metadata.
OPTIONS: Final = "sagicc_async.wire"

#: Names that no field can have: what every record has, and what the code that attrs and cattrs generate takes by name
#: beside the fields.
TAKEN: Final = frozenset({"extra", "from_dict", "omit_none", "to_dict", "to_json"}) | frozenset(
    {"attrs", "cl", "converter", "self", "typevar_map"}
)
#: How the further names begin that cattrs keeps for itself.
_OF_CATTRS: Final = "_cattrs_"
_SCALARS: Final = frozenset({Any, str, int, bool, float, type(None), date, time, UUID})
_EXACT: Final = frozenset({Decimal, Timestamp})
# Not float: in JSON it may have no fraction, and is made exact.
_TOLD_APART: Final = frozenset({str, int, bool, date})
_UNWRITABLE_NAME: Final = re.compile(r"""[\x00-\x1f"'\\]""")


class Way(enum.Enum):
    """Which way a field's value takes from the wire into the record."""

    PLAIN = enum.auto()  # msgspec gives the value itself
    DECIMAL = enum.auto()
    TIMESTAMP = enum.auto()
    READ = enum.auto()  # a quirk: the field's own function
    MODEL = enum.auto()
    MODELS = enum.auto()  # list[Model]
    MODEL_MAP = enum.auto()  # dict[str, Model]
    HOOK = enum.auto()  # decimals or timestamps inside a container: cattrs reads them


@attrs.frozen(kw_only=True)
class WireOptions:
    """What `field()` was told about the wire."""

    name: str | None = None
    also: tuple[str, ...] = ()
    accept: Any = None
    read: Callable[[Any], Any] | None = None
    passes: type | None = None
    blank_list: bool = False


@attrs.frozen(kw_only=True)
class WireField:
    """
    One field of a model, as the wire has it.

    The last three say what of it goes into `extra`, beside the keys that no field declares, so that the record is
    written back as it came. The generated lift (`wire_struct`) and the converter's hook (`model`) both follow them.

    Args:
        name: The attribute.
        alias: The constructor's argument.
        wire: The key on the wire.
        also: Further keys under which the vendor may send it; the first that is there counts.
        type: The annotation, resolved.
        nullable: Whether `null` is a value of the field.
        default: What attrs has as default: a value, a `Factory`, or `NOTHING`.
        way: Which way the value takes.
        accept: What the wire may hold, for `Way.PLAIN` and `Way.READ`.
        read: The quirk's function, for `Way.READ`.
        passes: The type whose values need no reading, for `Way.READ`.
        model: The nested model, for the three ways that have one.
        blank_list: Whether `[]` stands for no object, as PHP writes an empty one.
        keeps_null: A `null` goes there, which is no missing key.
        keeps_name: That one of the further names came goes there, as a `null` under it.
        keeps_blank: What the quirk reads as none goes there, under the name that it came under.
    """

    name: str
    alias: str
    wire: str
    type: Any
    nullable: bool
    default: Any
    way: Way
    accept: Any = None
    read: Callable[[Any], Any] | None = None
    passes: type | None = None
    model: type | None = None
    also: tuple[str, ...] = ()
    blank_list: bool = False
    keeps_null: bool = False
    keeps_name: bool = False
    keeps_blank: bool = False

    @property
    def passes_on_the_wire(self) -> bool:
        """Whether the decoder itself can tell the values that need no reading."""
        return self.way is Way.READ and self.passes in _TOLD_APART

    @property
    def passed(self) -> Any:
        """The type of those values, with `None` where the field may hold it."""
        return self.passes | None if self.nullable and self.passes is not None else self.passes

    @property
    def names(self) -> tuple[str, ...]:
        """All keys under which it may come, the one that it is written under first."""
        return (self.wire, *self.also)


@functools.cache
def wire_fields(model: type) -> tuple[WireField, ...]:
    """
    The fields of a model that travel, in the order of their declaration.

    Args:
        model: An attrs class that derives from `Record`.

    Returns:
        All fields that the constructor takes, without the one that holds the unknown keys.

    Raises:
        ConfigError: A field is of a type that cannot be read from JSON without loss, or two share a wire name.
        NameError: An annotation names a class that does not exist yet.
    """
    if not is_model(model) or "_extra" not in attrs.fields_dict(model):
        raise ConfigError(f"{_name(model)} is no record: derive it from Record, so that unknown fields are kept")
    check_names(model, (attribute.name for attribute in attrs.fields(model)))
    attrs.resolve_types(model)
    found = tuple(
        _keeping(model, _wire_field(model, attribute))
        for attribute in attrs.fields(model)
        if attribute.init and attribute.name != "_extra"
    )
    names = [name for field in found for name in field.names]
    if twice := {name for name in names if names.count(name) > 1}:
        raise ConfigError(f"{model.__name__} has two fields for the wire name {min(twice)!r}: give one another")
    return found


def check_names(model: type, names: Iterable[str]) -> None:
    """Refuse, by a `ConfigError`, fields whose names records use for something else."""
    for name in names:
        if name in TAKEN or name.startswith(_OF_CATTRS):
            raise ConfigError(
                f"{model.__name__}.{name} has a name that records use for something else: "
                f"give the attribute another one, such as {name.strip('_')}_, and field(wire={name!r})"
            )


def wire_name(model: type, attribute: str) -> str:
    """The wire's word for an attribute of a model."""
    return next((field.wire for field in wire_fields(model) if field.name == attribute), attribute)


def through(way: Way, one: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """What does to the value of a field what `one` does to each record in it."""
    if way is Way.MODELS:
        return lambda records: [one(record) for record in records]
    if way is Way.MODEL_MAP:
        return lambda records: {key: one(record) for key, record in records.items()}
    return one


def is_model(candidate: Any) -> bool:
    """Whether this is an attrs class, so that it would be read from an object."""
    return isinstance(candidate, type) and attrs.has(candidate)


def split_optional(annotation: Any) -> tuple[Any, bool]:
    """Take `None` out of a union: what is left, and whether `null` is a value of the type."""
    if annotation is Any or annotation is type(None):
        return annotation, True
    if not is_union(annotation):
        return annotation, False
    options = [option for option in typing.get_args(annotation) if option is not type(None)]
    nullable = len(options) < len(typing.get_args(annotation))
    return (options[0] if len(options) == 1 else typing.Union[tuple(options)]), nullable  # noqa: UP007


def is_union(annotation: Any) -> bool:
    """Whether an annotation is `A | B`, in either spelling."""
    return typing.get_origin(annotation) in {typing.Union, types.UnionType}


def describe(annotation: Any) -> str:
    """Say in a word or two what a type expects on the wire."""
    inner, _ = split_optional(annotation)
    if is_union(inner):
        return " or ".join(describe(option) for option in typing.get_args(inner))
    if typing.get_origin(inner) is Literal or (isinstance(inner, type) and issubclass(inner, enum.Enum)):
        return "a listed value"
    origin = typing.get_origin(inner) or inner
    if origin is dict or is_model(origin):
        return "object"
    return {Timestamp: "timestamp", Any: "any value"}.get(origin, _name(origin))


def _wire_field(model: type, attribute: attrs.Attribute[Any]) -> WireField:
    where = f"{model.__name__}.{attribute.name}"
    options = attribute.metadata.get(OPTIONS, WireOptions())
    wire = attribute.name if options.name is None else options.name
    if not all(name and not _UNWRITABLE_NAME.search(name) for name in (wire, *options.also)):
        raise ConfigError(f"{where} has a wire name that is empty or holds a quote, backslash or control character")
    inner, nullable = split_optional(attribute.type)
    field = WireField(
        name=attribute.name,
        alias=attribute.alias or attribute.name,
        wire=wire,
        type=attribute.type,
        nullable=nullable,
        default=attribute.default,
        way=Way.PLAIN,
        accept=attribute.type,
        also=options.also,
    )
    if options.read is not None:
        accept = options.accept | None if nullable and options.accept is not Any else options.accept
        if not _is_plain(accept, exact=False):
            raise ConfigError(f"{where} accepts a type that JSON does not have: accept what the wire holds, or Any")
        return attrs.evolve(field, way=Way.READ, accept=accept, read=options.read, passes=options.passes)
    if inner is Decimal or inner is Timestamp:
        return attrs.evolve(field, way=Way.DECIMAL if inner is Decimal else Way.TIMESTAMP)
    way, child = _nested(inner)
    if child is not None:
        if "_extra" not in attrs.fields_dict(child):
            raise ConfigError(f"{where} nests {child.__name__}, which is no Record: its unknown fields would be lost")
        if options.blank_list and not (nullable and way is Way.MODEL):
            raise ConfigError(f"{where} reads [] as no record: that takes Model | None")
        return attrs.evolve(field, way=way, model=child, blank_list=options.blank_list)
    if any(is_model(part) for part in _parts(inner)):
        raise ConfigError(
            f"{where} holds records in a way that is not read: use Model, list[Model] or dict[str, Model], "
            "each with | None, or field(accept=..., read=...)"
        )
    if not _is_plain(inner, exact=True):
        raise ConfigError(f"{where} is of a type that is not read from JSON: {_hint(inner)}")
    return attrs.evolve(field, way=Way.HOOK) if _EXACT.intersection(_parts(inner)) else field


def _keeping(model: Any, field: WireField) -> WireField:
    """Decide what of a field goes into `extra`: only where a field that is `None` is not written as a null anyway."""
    if not model.omit_none:
        return field
    return attrs.evolve(
        field,
        keeps_null=field.nullable,
        keeps_name=bool(field.also),
        keeps_blank=field.nullable and field.way is Way.READ,
    )


def _nested(inner: Any) -> tuple[Way, type | None]:
    if is_model(inner):
        return Way.MODEL, inner
    arguments = typing.get_args(inner)
    if typing.get_origin(inner) is list and is_model(arguments[0]):
        return Way.MODELS, arguments[0]
    if typing.get_origin(inner) is dict and arguments[0] is str and is_model(arguments[1]):
        return Way.MODEL_MAP, arguments[1]
    return Way.PLAIN, None


def _is_plain(annotation: Any, *, exact: bool) -> bool:
    """Whether msgspec and cattrs both read the type, in the same way; `exact` lets Decimal and Timestamp in."""
    if annotation in _SCALARS or annotation in {list, dict} or (exact and annotation in _EXACT):
        return True
    if isinstance(annotation, type) and issubclass(annotation, enum.Enum):
        return all(type(member.value) in {int, str} for member in annotation)
    origin, arguments = typing.get_origin(annotation), typing.get_args(annotation)
    if origin is Literal:
        return all(type(argument) in {int, str, type(None)} for argument in arguments)
    if origin is list:
        return _is_plain(arguments[0], exact=exact)
    if origin is dict:
        return arguments[0] is str and _is_plain(arguments[1], exact=exact)
    inner, _ = split_optional(annotation)
    if is_union(inner):
        kinds = [typing.get_origin(option) or option for option in typing.get_args(inner)]
        return all(kind in {str, int, bool, float, list, dict} for kind in kinds) and all(
            _is_plain(option, exact=exact) for option in typing.get_args(inner)
        )
    return inner is not annotation and _is_plain(inner, exact=exact)


def _parts(annotation: Any) -> Iterator[Any]:
    yield annotation
    for argument in typing.get_args(annotation):
        yield from _parts(argument)


def _hint(inner: Any) -> str:
    if inner is datetime:
        return "use Timestamp, which keeps the vendor's own text"
    return "use str, int, bool, float, Decimal, Timestamp, lists and dicts of them, or field(accept=..., read=...)"


def _name(thing: Any) -> str:
    return getattr(thing, "__name__", None) or repr(thing)
