"""Records are what the vendor sent: unknown fields kept, amounts exact, and what does not fit told by its path."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any, Final

import attrs

from ....errors import ProtocolError, SagiccAsyncError
from ....records.model import Record
from ....sandbox import Call, Reply, from_json, to_json
from ..bench import bench
from ..law import Violation, law, require
from ..subject import TYPED, Subject, fields_of

_FIELD: Final = "conformance_field"
_VALUE: Final = "conformance value"
#: More digits than a float has.
_EXACT: Final = Decimal("1234567890123456.123456789")
_ROW: Final = 3

_Row = dict[str, Any]


@law(look="Resource.model, which derives from Record, and the readers of the list")
async def unknown_fields_are_kept(subject: Subject) -> None:
    """A field that nobody documented is kept in `extra`, and stands in the record when it is written back."""
    async with bench(subject) as here:
        here.vendor.fault("unknown_field", field=_FIELD, value=_VALUE)
        for record in await here.stream().collect(5):
            kept = record.extra.get(_FIELD) if isinstance(record, Record) else record.get(_FIELD)
            require(kept == _VALUE, f"the unknown field {_FIELD} of a row is not in the record")
            require(_written(record).get(_FIELD) == _VALUE, f"the unknown field {_FIELD} is lost in to_dict()")


@law(look="Resource.model: field(wire=...) and quirks")
async def records_are_written_as_they_came(subject: Subject) -> None:
    """Every key of a row stands in the record that is written back (`to_dict`), so that a change loses nothing."""
    async with bench(subject) as here:
        rows = await here.stream().raw().collect(20)
        records = await here.stream().collect(20)
        for row, record in zip(rows, records, strict=True):
            lost = sorted(row.keys() - _written(record).keys())
            require(not lost, f"{', '.join(lost)} of a row is lost in to_dict()")


@law(look="Resource.model: amounts are Decimal, never float; and quirks that make another number of them")
async def numbers_are_exact(subject: Subject) -> None:
    """Every digit of a number that is not whole arrives, as `Decimal`: declared or not, and in `raw` as well."""

    def more_digits(row: _Row) -> None:
        for holder, key in list(_decimals(row)):
            holder[key] = _EXACT
        row[_FIELD] = _EXACT

    async with bench(subject) as here:
        here.emulator.after = _in_rows(here.emulator.rows_at, more_digits)
        rows = await here.stream().raw().collect(5)
        records = [_written(record) for record in await here.stream().collect(5)]
        for sent, got in [*zip(rows, rows, strict=True), *zip(rows, records, strict=True)]:
            require(_has_digits(sent.get(_FIELD)), f"{_FIELD}: {_EXACT} of a row is not exact in raw()")
            wrong = [path for path, value in _inexact(sent, got, "$")]
            require(not wrong, f"{', '.join(wrong[:3])}: {_EXACT} of a row is not exact in the record")


@law(look="Resource.model, and the readers of the list", needs=(TYPED,))
async def a_bad_value_is_told_by_its_path(subject: Subject) -> None:
    """A value of another type than declared is a `ProtocolError` that says where it stands; the records before it arrive."""
    facts = await subject.facts()
    strict = facts.strict
    assert strict is not None
    async with bench(subject) as here:
        here.vendor.fault("wrong_type", field=strict.wire, row=_ROW, value={_FIELD: _VALUE})
        read = 0
        try:
            async for _ in here.stream():
                read += 1
        except ProtocolError as error:
            place = f"[{_ROW - 1}].{strict.wire}"
            require(place in str(error), f"the error of a bad value does not name its place, {place}: {error}")
            require(_VALUE not in str(error), "the error of a bad value quotes the value")
        except SagiccAsyncError as error:
            raise Violation(f"a bad value is {type(error).__name__}, not ProtocolError") from error
        else:
            raise Violation(
                f"{strict.wire} is an object in one row, where {strict.type} is declared, and nobody noticed"
            )
        require(read == _ROW - 1, f"{read} records arrived before the bad one, which is number {_ROW}")


@law(look="Resource.model of the resource: its annotations")
async def models_can_be_read(subject: Subject) -> None:
    """The fields of every resource's records are of types that are read from JSON without loss."""
    for name, kind in (await subject.facts()).kinds.items():
        try:
            floats = [field.wire for field in fields_of(kind) if field.type in (float, float | None)]
        except SagiccAsyncError as error:
            raise Violation(f"{name}: {error}") from error
        require(not floats, f"{name}: {', '.join(floats)} is a float, which loses digits: declare Decimal")


def _written(record: Any) -> _Row:
    return record.to_dict() if isinstance(record, Record) else dict(record)


def _in_rows(rows_at: str, change: Callable[[_Row], None]) -> Callable[[Call, Reply], Reply]:
    """Change every row of a list's answer."""

    def after(call: Call, reply: Reply) -> Reply:
        try:
            body = from_json(reply.body)
        except ValueError:
            return reply
        rows = body
        for name in rows_at.split(".") if isinstance(body, dict) else ():
            rows = rows.get(name) if isinstance(rows, dict) else None
        if call.method != "GET" or not isinstance(rows, list):
            return reply
        for row in rows:
            change(row)
        return attrs.evolve(reply, body=to_json(body))

    return after


def _decimals(value: Any) -> Iterator[tuple[Any, Any]]:
    """Where decimals stand: the object or list that holds one, and its key."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        if isinstance(item, Decimal):
            yield value, key
        yield from _decimals(item)


def _inexact(sent: Any, got: Any, path: str) -> Iterator[tuple[str, Any]]:
    """The places at which a decimal arrived as something else. What is missing is another law's."""
    if isinstance(sent, Decimal):
        if not _has_digits(got):
            yield path, got
    elif isinstance(sent, dict) and isinstance(got, dict):
        for key in sent.keys() & got.keys():
            yield from _inexact(sent[key], got[key], f"{path}.{key}")
    elif isinstance(sent, list) and isinstance(got, list):
        for index, (one, other) in enumerate(zip(sent, got, strict=False)):
            yield from _inexact(one, other, f"{path}[{index}]")


def _has_digits(value: Any) -> bool:
    return isinstance(value, Decimal) and value.as_tuple() == _EXACT.as_tuple()
