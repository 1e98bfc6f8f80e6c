"""What a record is known by, and when it counts as another one."""

from __future__ import annotations

from decimal import Decimal

import pytest

from sagicc_async import Record, Timestamp, field, quirks, record
from sagicc_async.records.as_written import Amount
from sagicc_async.records.ids import Identity
from sagicc_async.sync.rows import rows_of


@record
class Line(Record):
    price: Decimal | None = field(default=None)


@record
class Part(Record):
    name: str | None = field(default=None)
    parts: list[Part] | None = field(default=None)
    by_name: dict[str, Line] | None = field(default=None)


@record
class Thing(Record):
    id: int | None = field(default=None)
    name: str | None = field(default=None, read=quirks.text)
    seen: Timestamp | None = field(default=None)
    lines: list[Line] | None = field(default=None)


def row(**fields):
    (made,) = rows_of([Thing.from_dict(fields)], None)
    return made


def test_a_record_is_known_by_the_vendors_id_and_by_what_it_says_where_it_has_none():
    assert row(id=7).id == "7"
    nameless = row(name="x")
    assert nameless.id == nameless.digest
    (other,) = rows_of([{"code": "A", "id": 7}], Identity("code", "code"))
    assert other.id == "A"


@pytest.mark.parametrize(
    "other",
    [
        {"id": 7, "name": "b"},
        {"id": 7, "name": "a", "lines": [{"price": Decimal("1.00")}]},
        {"id": 7, "name": "a", "lines": [{"price": Decimal("1.0"), "new": 1}]},
        {"id": 7, "name": "a", "lines": [{"price": Decimal("1.0")}], "note": None},
        {"id": 7, "name": "a", "lines": [{"price": Decimal("1.0")}], "seen": "2026-01-01T00:00:00Z"},
    ],
)
def test_each_digit_each_field_and_each_unknown_one_counts(other):
    assert row(id=7, name="a", lines=[{"price": Decimal("1.0")}]).digest != row(**other).digest


def test_the_order_of_keys_does_not():
    one = {"id": 7, "name": "a", "x": {"p": 1, "q": 2}, "y": 3}
    other = {"y": 3, "x": {"q": 2, "p": 1}, "name": "a", "id": 7}
    assert row(**one).digest == row(**other).digest
    assert rows_of([one], None)[0].digest == rows_of([other], None)[0].digest


def test_values_that_keep_how_they_were_written_are_compared_by_that():
    (one,) = rows_of([{"id": 7, "sum": Amount.read("1.234,50", Decimal("1234.50"))}], None)
    (other,) = rows_of([{"id": 7, "sum": Amount.read("1.234,5", Decimal("1234.5"))}], None)
    assert one.digest != other.digest


@pytest.mark.parametrize(
    "other",
    [
        {"name": "a", "parts": [{"name": "b", "parts": [{"name": "d"}]}]},
        {"name": "a", "parts": [{"name": "b", "parts": [{"name": "c", "new": 1}]}]},
        {"name": "a", "parts": [{"name": "b", "parts": [{"name": "c"}]}], "by_name": {"x": {"price": Decimal(1)}}},
    ],
)
def test_what_lies_deep_inside_counts(other):
    deep = {"name": "a", "parts": [{"name": "b", "parts": [{"name": "c"}]}]}
    digests = {rows_of([Part.from_dict(fields)], None)[0].digest for fields in (deep, other, dict(deep))}
    assert len(digests) == 2


def test_a_record_that_declares_nothing_is_its_unknown_fields():
    @record
    class Bare(Record):
        pass

    one, other, same = ({"id": 1, "x": 1}, {"id": 1, "x": 2}, {"x": 1, "id": 1})
    digests = [rows_of([Bare.from_dict(fields)], None)[0].digest for fields in (one, other, same)]
    assert digests[0] == digests[2] != digests[1]
