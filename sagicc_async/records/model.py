"""
`Record`, the base of all records, and what declares one.

    @record
    class CentroCosto(Record):
        id: int | None = field(default=None)
        codigo: str | None = field(default=None, read=quirks.text)
        id_articulo: int | None = field(wire="idArticulo", default=None)

An attribute is the wire's name in snake_case; `wire=` says the name where the two differ.
"""

from __future__ import annotations

import contextlib
import importlib
import inspect
import math
import sys
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, tzinfo
from decimal import Decimal
from typing import Any, ClassVar, Final, Literal, Self, TypeVar, dataclass_transform

import attrs
import cattrs
from cattrs.dispatch import StructureHook, UnstructureHook
from cattrs.gen import make_dict_structure_fn, make_dict_unstructure_fn, override

from ..errors import ConfigError
from .quirks import Quirk
from .shape import OPTIONS, Way, WireField, WireOptions, check_names, describe, wire_fields
from .structuring import Fault, Unfit, converter, first_fault, structurer
from .writing import to_wire

T = TypeVar("T")

_KEPT_BY_FLOATS: Final = sys.float_info.dig


def field(
    *,
    wire: str | None = None,
    also: Sequence[str] = (),
    default: Any = attrs.NOTHING,
    factory: Callable[[], Any] | None = None,
    accept: Any = Any,
    read: Quirk | Callable[[Any], Any] | None = None,
    blank_list: bool = False,
) -> Any:
    """
    Declare a field of a record.

    Args:
        wire: The key on the wire, where it is not the attribute's own name.
        also: Further keys under which the vendor may send it: some servers of one vendor spell a key otherwise. The
            first that a record has counts; `wire` is what is written.
        default: The value of a record that lacks the key; without one the key is required.
        factory: Makes the default, where it is mutable.
        accept: What the wire may hold when `read` is given: `int | str`, or `Any`.
        read: How the wire's value becomes the field's: a quirk of `records.quirks`, or a function. `null` never
            reaches it where the field is declared `| None`.
        blank_list: Read `[]` as none, where the field is declared `Model | None`: PHP writes an empty object so.

    Returns:
        What attrs takes as a field.
    """
    passes = read.passes if isinstance(read, Quirk) else None
    if isinstance(read, Quirk):
        accept, read = read.accept, read.read
    if accept is not Any and read is None:
        raise ConfigError("field(accept=...) says what read= takes: give both, or annotate the field with the type")
    options = WireOptions(name=wire, also=tuple(also), accept=accept, read=read, passes=passes, blank_list=blank_list)
    metadata = {OPTIONS: options}
    if factory is not None:
        return attrs.field(factory=factory, metadata=metadata)
    return attrs.field(default=default, metadata=metadata)


@dataclass_transform(kw_only_default=True, field_specifiers=(field, attrs.field))
def record(cls: type[T]) -> type[T]:
    """
    Make an attrs class of a record: keyword-only, slotted, its fields checked.

    `@attrs.frozen(kw_only=True)` makes one that can neither be changed nor lose its hash; its fields are checked at
    the first read.

    Args:
        cls: A class that derives from `Record`.

    Raises:
        ConfigError: A field cannot be read from JSON without loss; the message says what to declare instead.
            A field whose annotation names a class that comes later is checked at the first read.
    """
    annotated = inspect.get_annotations(cls)
    check_names(cls, (name for name, kind in annotated.items() if "ClassVar" not in str(kind)))
    made: Any = attrs.define(cls, kw_only=True, slots=True)
    # A forward reference is checked when its class is there.
    with contextlib.suppress(NameError):
        wire_fields(made)
    return made  # type: ignore[no-any-return]


@record
class Record:
    """
    A vendor's record: declared fields, and in `extra` all that the vendor sends beside them.

    `extra` counts in comparisons, survives pickle, copy and `attrs.evolve`, and is written back to the wire. A copy
    by `copy.copy` or `attrs.evolve` shares it with the original.
    """

    #: Whether a field that is `None` is left out when the record is written. For vendors that tell a missing key from a
    #: null: what came as null stands in `extra` under the wire's key, and so does the key of a field that came under a
    #: further name of it, or the text that a quirk reads as none, so that the record is written back as it came. Which
    #: fields do so `WireField` says.
    omit_none: ClassVar[bool] = False

    # None while nobody needs it: a dict for each record would cost 64 bytes and the collector's time.
    _extra: dict[str, Any] | None = attrs.field(
        default=None, alias="extra", repr=False, eq=lambda extra: extra or None, hash=False
    )

    @property
    def extra(self) -> dict[str, Any]:
        """Fields that the vendor sends and the model does not declare, exact (numbers as `int` and `Decimal`)."""
        if self._extra is None:
            object.__setattr__(self, "_extra", {})
        return self._extra  # type: ignore[return-value]

    def to_dict(self, names: Literal["wire", "python"] = "wire") -> dict[str, Any]:
        """
        Turn the record, and those inside it, into plain values; decimals stay decimals, timestamps become their text.

        Args:
            names: `wire` gives the vendor's keys, with the unknown fields among them (a declared field wins);
                `python` gives the attributes' names, with the unknown fields under `extra` if there are any.
        """
        plain: dict[str, Any] = (converter if names == "wire" else _python_names).unstructure(self)
        return plain

    def to_json(self) -> str:
        """
        Write the record as one line of JSON with the wire's names, unknown fields, and every digit of its decimals.

        Raises:
            ConfigError: A value that somebody put in is not JSON: NaN, Infinity, a set.
        """
        return to_wire(self).decode()

    @classmethod
    def from_dict(cls, mapping: Mapping[str, Any], *, zone: tzinfo = UTC) -> Self:
        """
        Read a record from a mapping with the wire's names; unknown keys go into `extra`.

        Args:
            mapping: Plain values as JSON has them, with `Decimal` or text for numbers that are not whole: a float has
                lost digits and is refused where a decimal is declared.
            zone: Where the account lives, for timestamps without an offset.

        Raises:
            ConfigError: A value does not fit; the message names its path and what is expected, never the value.
        """
        fault: Fault
        try:
            made: Self = structurer(zone).structure(mapping, cls)
        except (cattrs.BaseValidationError, Unfit) as error:
            fault = first_fault(error)
        else:
            return made
        raise ConfigError(f"{cls.__name__}: expected {fault.expected} at ${fault.path}")

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: Any) -> Any:
        """Let pydantic, and so FastAPI, take and give records; called by pydantic only."""
        core_schema = importlib.import_module("pydantic_core.core_schema")
        return core_schema.no_info_plain_validator_function(
            cls._from_pydantic, serialization=core_schema.plain_serializer_function_ser_schema(cls.to_dict)
        )

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: Any, handler: Any) -> dict[str, Any]:
        """Describe the record in an OpenAPI document: an object that may have further fields."""
        return {"type": "object", "title": cls.__name__, "additionalProperties": True}

    @classmethod
    def _from_pydantic(cls, value: Any) -> Any:
        if isinstance(value, cls):
            return value
        try:
            return cls.from_dict(_without_floats(value))
        except ConfigError as error:
            raise ValueError(str(error)) from None


def _without_floats(value: Any) -> Any:
    """
    Give numbers back the digits that they had in JSON: web frameworks read those with a fraction as floats.

    A float keeps 15 digits of any number; of one that shows more, nobody knows which were there.
    """
    if isinstance(value, dict):
        return {key: _without_floats(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_without_floats(item) for item in value]
    if isinstance(value, float) and math.isfinite(value):
        number = Decimal(repr(value))
        return number if len(number.as_tuple().digits) <= _KEPT_BY_FLOATS else value
    return value


def _is_record(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, Record)


def _structure_record(model: Any, converter: cattrs.Converter) -> StructureHook:
    fields = wire_fields(model)
    known = {name for field in fields for name in field.names}
    nulls = {name for field in fields for name in field.names if field.keeps_null}
    aliased = [field for field in fields if field.also]
    blanks = [field for field in fields if field.keeps_blank]
    overrides: dict[str, Any] = {
        field.name: override(rename=field.wire, struct_hook=_own_hook(field, converter)) for field in fields
    }
    structure = make_dict_structure_fn(model, converter, _extra=override(omit=True), **overrides)

    def hook(value: Any, kind: Any) -> Any:
        if not isinstance(value, Mapping):
            raise Unfit("object")
        further = _further_names(value, aliased) if aliased else {}
        made = structure({**value, **{wire: value[name] for wire, name in further.items()}} if further else value, kind)
        extra = {key: item for key, item in value.items() if key not in known or (item is None and key in nulls)}
        extra |= {further[field.wire]: None for field in aliased if field.keeps_name and field.wire in further}
        for field in blanks:
            name = further.get(field.wire, field.wire)
            if value.get(name) is not None and getattr(made, field.name) is None:
                extra[name] = value[name]
        object.__setattr__(made, "_extra", extra or None)
        return made

    return hook


def _further_names(value: Mapping[str, Any], aliased: Sequence[WireField]) -> dict[str, str]:
    """Under which further names of theirs fields came, by their own: `wire` -> the first that is there."""
    came = ((field.wire, next((name for name in field.names if name in value), field.wire)) for field in aliased)
    return {wire: name for wire, name in came if name != wire}


def _own_hook(field: WireField, converter: cattrs.Converter) -> StructureHook | None:
    if field.blank_list:
        # Asked for when a record is read: a model's hook cannot be made while that of a model inside itself is.
        return lambda value, kind: None if value == [] else converter.structure(value, kind)
    if field.way is not Way.READ or field.read is None:
        return None
    accept, read, expected = converter.get_structure_hook(field.accept), field.read, describe(field.type)

    def hook(value: Any, _: Any) -> Any:
        if value is None and field.nullable:
            return None
        try:
            return read(accept(value, field.accept))
        except Unfit:
            raise
        except Exception:  # noqa: BLE001 a quirk may raise what it likes, and quote the value in it
            raise Unfit(expected) from None

    return hook


def _unstructure_record(model: Any, converter: cattrs.Converter) -> UnstructureHook:
    plain = _plain_fields(model, converter, {field.name: override(rename=field.wire) for field in wire_fields(model)})
    if model.omit_none:
        aliased = [field for field in wire_fields(model) if field.also]
        return lambda made: _as_it_came(made._extra or {}, plain(made), aliased)
    return lambda made: {**made._extra, **plain(made)} if made._extra else plain(made)


def _as_it_came(extra: Mapping[str, Any], plain: Mapping[str, Any], aliased: Sequence[WireField]) -> dict[str, Any]:
    """What there is, without what is not; a field that came under a further name of it goes back under that one."""
    written = {key: value for key, value in plain.items() if value is not None}
    for field in aliased:
        for name in field.also:
            if name in extra and field.wire in written:
                written[name] = written.pop(field.wire)
    return {**extra, **written}


def _unstructure_python(model: Any, converter: cattrs.Converter) -> UnstructureHook:
    plain = _plain_fields(model, converter, {})
    return lambda made: {**plain(made), "extra": made._extra} if made._extra else plain(made)


def _plain_fields(model: Any, converter: cattrs.Converter, overrides: dict[str, Any]) -> UnstructureHook:
    return make_dict_unstructure_fn(model, converter, _extra=override(omit=True), **overrides)


converter.register_structure_hook_factory(_is_record, _structure_record)
converter.register_unstructure_hook_factory(_is_record, _unstructure_record)
_python_names: Final = converter.copy()
_python_names.register_unstructure_hook_factory(_is_record, _unstructure_python)
