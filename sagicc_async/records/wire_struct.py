"""
The fast path: a private `msgspec.Struct` for each model, and a generated function that lifts it into the record.

The Struct has the wire's names and forbids unknown keys, so a page that decodes has nothing for `extra` to lose. The
keys that a vendor adds become fields of it, once they were seen. The lift allocates the record without its
constructor and fills its slots one by one, which CPython turns into direct reads and writes.
"""

from __future__ import annotations

import enum
import functools
import threading
import types
from collections.abc import Callable, Sequence
from collections.abc import Set as AbstractSet
from datetime import date, time, tzinfo
from decimal import Decimal
from typing import Any, Final, NoReturn
from uuid import UUID

import attrs
import msgspec

from .layout import Layout, layout_of, look
from .shape import Way, WireField, split_optional, wire_fields
from .structuring import UNREADABLE, exact_decimal, structurer, to_decimal
from .timestamps import Timestamp

_LOCK: Final = threading.RLock()
_READERS: Final[dict[type, WireReader]] = {}
_IMMUTABLE: Final = (str, int, float, type(None), enum.Enum, date, time, UUID)


def _absent() -> NoReturn:
    raise LookupError("a required field is missing")  # never shown: the record is read again, which explains it


_NAMES: Final = {
    "UNSET": msgspec.UNSET,
    "Decimal": Decimal,
    "exact_decimal": exact_decimal,
    "timestamp": Timestamp.parse,
    "set_slot": object.__setattr__,
    "absent": _absent,
}

#: Decodes one record into plain values: numbers that are not whole become exact decimals.
plain_values: Final = msgspec.json.Decoder(float_hook=to_decimal).decode


@attrs.frozen(eq=False)
class WireReader:
    """
    The fast way to read a model, as far as its vendor is known.

    Args:
        wire: What msgspec decodes a record into.
        lift: Turns a list of those into records, in place; takes the account's zone.
        decode: Decodes a single record.
        versions: What was known when this was made, the model's own layout first.
    """

    wire: Any
    lift: Callable[[list[Any], tzinfo], list[Any]]
    decode: Callable[[Any], Any]
    versions: tuple[tuple[Layout, int], ...]

    @property
    def informed(self) -> bool:
        """Whether a record of the vendor's was looked at before this was made."""
        return self.versions[0][1] > 0

    @property
    def stale(self) -> bool:
        """Whether more was learned since."""
        return any(layout.version != version for layout, version in self.versions)


def wire_reader(model: type) -> WireReader:
    """
    The fast reader of a model: made at first use, and again when more was learned; safe under threads.

    Raises:
        ConfigError: The model has a field that cannot be read.
    """
    with _LOCK:
        reader = _READERS.get(model)
        if reader is None or reader.stale:
            reader = _READERS[model] = _Compiler().compile(model)
        return reader


def learn(model: type, page: Sequence[msgspec.Raw]) -> None:
    """
    Learn the keys of a whole page at once, since each time costs a compilation.

    Args:
        model: What its records are read as.
        page: The records' JSON. One that does not decode is passed over: it will fail on its own.
    """
    with _LOCK:
        for raw in page:
            try:
                value = plain_values(raw)
            except UNREADABLE:
                continue
            look(model, value)


class _Compiler:
    """Makes the Structs of a model and of those inside it, and writes the source of their lifts."""

    def __init__(self) -> None:
        self._source: list[str] = []
        self._names: dict[str, Any] = dict(_NAMES)
        self._built: dict[type, tuple[str, Any] | None] = {}
        self._versions: list[tuple[Layout, int]] = []

    def compile(self, model: type) -> WireReader:
        built = self._build(model)
        if built is None:
            wire, lift = Any, functools.partial(_structure_all, model)
        else:
            suffix, wire = built
            exec(compile("\n".join(self._source), f"<lift of {model.__name__}>", "exec"), self._names)  # noqa: S102
            lift = self._names[f"many{suffix}"]
        decode = msgspec.json.Decoder(wire, float_hook=to_decimal).decode
        return WireReader(wire, lift, decode, tuple(self._versions))

    def _build(self, model: type) -> tuple[str, Any] | None:
        """Give the suffix of a model's functions and its Struct; None where cattrs reads it: open, or inside itself."""
        if model in self._built:
            return self._built[model]
        layout = layout_of(model)
        self._versions.append((layout, layout.version))
        self._built[model] = None
        if layout.open:
            return None
        suffix, constructed = str(len(self._built)), _needs_constructor(model)
        declared = {name for field in wire_fields(model) for name in field.names}
        learned = [key for key in layout.seen if key not in declared]
        members = [(f"u{i}", Any, msgspec.field(name=key, default=msgspec.UNSET)) for i, key in enumerate(learned)]
        body = []
        for index, field in enumerate(wire_fields(model)):
            if field.passes_on_the_wire and layout.odd.isdisjoint(field.names):
                # As long as nothing else was seen the decoder checks the type, in C; a page that has something else is
                # learned from, as one with an unknown key is.
                field = attrs.evolve(field, way=Way.PLAIN, accept=field.passed, keeps_blank=False)  # noqa: PLW2901
            if field.keeps_null or field.keeps_name:
                read, lines = self._field_with_extra(field, f"f{index}", layout.nulls, constructed=constructed)
            else:
                read, lines = self._field(field, f"f{index}", constructed=constructed)
            members += read
            body += lines
        # msgspec looks a key up from where the last one matched: the vendor's own order is the fastest.
        order = {key: index for index, key in enumerate(layout.seen)}
        members.sort(key=lambda member: order.get(member[2].name, len(order)))
        wire = msgspec.defstruct(f"Wire{suffix}", members, kw_only=True, forbid_unknown_fields=True, gc=False)
        if any(" e[" in line for line in body):
            body.insert(0, "e = {}")
        self._write(suffix, self._record(model, body, learned, constructed=constructed))
        self._built[model] = suffix, wire
        return self._built[model]

    def _field(self, field: WireField, slot: str, *, constructed: bool) -> tuple[list[Any], list[str]]:
        """Give the Struct's fields for it, and the lines that read it from `s` into the record."""
        if field.also:
            return self._field_of_many_names(field, slot, constructed=constructed)
        kind, value = self._value(field)
        default: Any
        if field.default is attrs.NOTHING:
            default, missing = msgspec.NODEFAULT, ""
        elif not constructed and _passes(field):
            default, missing = field.default, ""
        else:
            default, missing = msgspec.UNSET, self._missing(field.default)
            kind = kind | msgspec.UnsetType if kind is not Any else Any
        member = (slot, kind, msgspec.field(name=field.wire, default=default))
        read = f"v = s.{slot}"
        if constructed:
            return [member], [read, f"if v is not UNSET: k[{field.alias!r}] = {value}"]
        if missing:
            return [member], [read, f"o.{field.name} = {missing} if v is UNSET else {value}"]
        return [member], [f"o.{field.name} = s.{slot}"] if value == "v" else [read, f"o.{field.name} = {value}"]

    def _field_of_many_names(self, field: WireField, slot: str, *, constructed: bool) -> tuple[list[Any], list[str]]:
        """The same for a field that may come under several names: each has a place in the Struct."""
        kind, value = self._value(field)
        kind = kind | msgspec.UnsetType if kind is not Any else Any
        members, lines = [], []
        for index, name in enumerate(field.names):
            member = f"{slot}_{index}"
            members.append((member, kind, msgspec.field(name=name, default=msgspec.UNSET)))
            lines.append(f"v = s.{member}" if index == 0 else f"if v is UNSET: v = s.{member}")
        if constructed:
            return members, [*lines, f"if v is not UNSET: k[{field.alias!r}] = {value}"]
        missing = "absent()" if field.default is attrs.NOTHING else self._missing(field.default)
        return members, [*lines, f"o.{field.name} = {missing} if v is UNSET else {value}"]

    def _field_with_extra(
        self, field: WireField, slot: str, nulls: AbstractSet[str], *, constructed: bool
    ) -> tuple[list[Any], list[str]]:
        """
        The same for a field of which `extra` keeps something; `WireField` says what.

        As long as no null was seen under a name the decoder refuses one, so that fields without any cost nothing; a
        page that has one is learned from.
        """
        seen = [name for name in field.names if name in nulls]
        kind, value = self._value(attrs.evolve(field, nullable=False, accept=split_optional(field.accept)[0]))
        kept = constructed or seen or field.keeps_name or field.keeps_blank
        if field.default is None and not (kept or kind is Any):
            only = [(slot, kind, msgspec.field(name=field.wire, default=None))]
            if value == "v":
                return only, [f"o.{field.name} = s.{slot}"]
            return only, [f"v = s.{slot}", f"o.{field.name} = None if v is None else {value}"]
        members: list[Any] = []
        lines: list[str] = []
        for index, name in enumerate(field.names):
            place, null = f"{slot}_{index}", type(None) if name in nulls else msgspec.UnsetType
            accepted = kind if kind is Any else kind | null | msgspec.UnsetType
            members.append((place, accepted, msgspec.field(name=name, default=msgspec.UNSET)))
            came = f"v = s.{place}"
            if field.keeps_blank and field.also:
                came += f"; n = {name!r}"
            # Of any kind is a null, too: once one is let through under a name, it may come under the others.
            looked_for = name in nulls or (seen and kind is Any)
            null_came = [f"if s.{place} is None: e[{name!r}] = None"] if looked_for else []
            if index == 0:
                lines += [came, *null_came]
            else:
                lines += [*null_came, "if v is UNSET:", f" {came}", f" if v is not UNSET: e[{name!r}] = None"]
        value = f"({value} if v is not None else {'None' if seen else 'absent()'})"
        if constructed:
            got = f"k.get({field.alias!r})"
            lines.append(f"if v is not UNSET: k[{field.alias!r}] = {value}")
        else:
            got = f"o.{field.name}"
            missing = "absent()" if field.default is attrs.NOTHING else self._missing(field.default)
            lines.append(f"o.{field.name} = {missing} if v is UNSET else {value}")
        if field.keeps_blank:
            key = "n" if field.also else repr(field.wire)
            lines.append(f"if v is not UNSET and v is not None and {got} is None: e[{key}] = v")
        return members, lines

    def _missing(self, default: Any) -> str:
        if isinstance(default, attrs.Factory):  # type: ignore[arg-type]
            return f"{self._constant(default.factory)}()"
        return self._constant(default)

    def _value(self, field: WireField) -> tuple[Any, str]:
        """Give what the wire may hold, and the expression that makes the field's value of it, called `v`."""
        if field.way is Way.PLAIN:
            return field.accept, "v"
        if field.way is Way.DECIMAL:
            # Untyped, so that the decoder's hook makes the decimal, and checks it, in C.
            null = " or v is None" if field.nullable else ""
            whole = "Decimal(v) if type(v) is int else exact_decimal(v)"
            return Any, f"v if type(v) is Decimal{null} else {whole}"
        kind, value = self._reading(field)
        if field.passes is not None:
            null = " or v is None" if field.nullable else ""
            return kind, f"v if type(v) is {self._constant(field.passes)}{null} else {value}"
        if not field.nullable:
            return kind, value
        null = "v is None or v == []" if field.blank_list else "v is None"
        kind = kind | list if field.blank_list and kind is not Any else kind
        return kind if kind is Any else kind | None, f"None if {null} else {value}"

    def _reading(self, field: WireField) -> tuple[Any, str]:
        if field.way is Way.TIMESTAMP:
            return str, "timestamp(v, zone)"
        if field.way is Way.READ:
            return field.accept, f"{self._constant(field.read)}(v)"
        built = self._build(field.model) if field.model is not None else None
        if built is None:
            return Any, f"{self._constant(functools.partial(_structure, field.type))}(v, zone)"
        suffix, wire = built
        if field.way is Way.MODEL:
            return wire, f"one{suffix}(v, zone)"
        if field.way is Way.MODELS:
            return types.GenericAlias(list, wire), f"many{suffix}(v, zone)"
        return types.GenericAlias(dict, (str, wire)), f"{{key: one{suffix}(item, zone) for key, item in v.items()}}"

    def _record(self, model: Any, body: list[str], learned: list[str], *, constructed: bool) -> list[str]:
        """Lines that make the record `o` of `s`: slot by slot, or by its constructor where that does more than assign."""
        keep = [f"if s.u{index} is not UNSET: e[{key!r}] = s.u{index}" for index, key in enumerate(learned)]
        begun = body[:1] == ["e = {}"]  # nulls are kept there already
        before = keep if begun or not keep else ["e = {}", *keep]
        extra = "e or None" if begun or keep else "None"
        if constructed:
            make = f"o = {self._constant(model)}(**k)"
            return ["k = {}", *body, make, *before, f"set_slot(o, '_extra', {extra})"]
        # A partial allocates at three quarters of the cost of `object.__new__(model)`.
        new: Any = functools.partial(object.__new__, model)
        close = []
        if model.__setattr__ is not object.__setattr__:
            # Frozen: fill an open twin, which takes stores as directly as any class, then give it its class.
            new, close = _open_twin(model), [f"o.__class__ = {self._constant(model)}"]
        return [f"o = {self._constant(new)}()", *body, *before, f"o._extra = {extra}", *close]

    def _write(self, suffix: str, record: list[str]) -> None:
        self._source += [f"def one{suffix}(s, zone):", *(f" {line}" for line in record), " return o"]
        # In place: each wire object is freed as soon as its record stands.
        self._source += [f"def many{suffix}(out, zone):", " i = 0", " for s in out:", *(f"  {line}" for line in record)]
        self._source += ["  out[i] = o", "  i += 1", " return out"]

    def _constant(self, value: Any) -> str:
        name = f"c{len(self._names)}"
        self._names[name] = value
        return name


def _passes(field: WireField) -> bool:
    """Whether a default can stand in the Struct: immutable, and left as it is by the field's expression."""
    if field.way is Way.PLAIN:
        return isinstance(field.default, _IMMUTABLE)
    if field.way is Way.DECIMAL and isinstance(field.default, Decimal):
        return True
    return field.default is None and field.nullable


def _needs_constructor(model: Any) -> bool:
    """Whether making a record does more than to assign its fields."""
    return (
        any(_does_more(attribute) for attribute in attrs.fields(model))
        or any(hasattr(model, name) for name in ("__attrs_pre_init__", "__attrs_post_init__", "_attrs_cached_hash"))
        or model.__new__ is not object.__new__
        or not model.__init__.__code__.co_filename.startswith("<attrs generated")
    )


def _does_more(attribute: attrs.Attribute[Any]) -> bool:
    takes_self = getattr(attribute.default, "takes_self", False)
    return not attribute.init or takes_self or attribute.converter is not None or attribute.validator is not None


def _open_twin(model: type) -> Any:
    # `__setattr__` and `__delattr__` share one slot in C: both are restored, or neither is.
    plain = {name: getattr(object, name) for name in ("__init__", "__setattr__", "__delattr__")}
    return type(model.__name__, (model,), {"__slots__": (), **plain})


def _structure(kind: Any, value: Any, zone: tzinfo) -> Any:
    return structurer(zone).structure(value, kind)


def _structure_all(model: type, out: list[Any], zone: tzinfo) -> list[Any]:
    hook = structurer(zone).get_structure_hook(model)
    return [hook(value, model) for value in out]
