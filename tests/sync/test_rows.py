"""What a record is known by, and when it counts as another one."""

from __future__ import annotations

import datetime
from decimal import Decimal

import pytest

from sagicc_async import Record, Timestamp, field, quirks, record
from sagicc_async.records.as_written import Amount, Day, Minutes
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
    assert nameless.id == row(name="x").id != row(name="y").id
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


BOGOTA = datetime.timezone(datetime.timedelta(hours=-5))


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        (Timestamp.parse("2026-01-31T12:00:00"), Timestamp.parse("2026-01-31T12:00:00", BOGOTA)),
        (Day.read("03/04/2026", datetime.date(2026, 3, 4)), Day.read("03/04/2026", datetime.date(2026, 4, 3))),
        (Amount.read("1.234", Decimal("1.234")), Amount.read("1.234", Decimal(1234))),
        (Minutes.read("07:30", 730), Minutes.read("07:30", 450)),
    ],
)
@pytest.mark.parametrize("inside", [lambda value: {"x": value}, lambda value: {"x": [{"y": value}]}])
def test_what_is_read_otherwise_than_before_is_a_change_of_the_same_row(wrong, right, inside):
    before, after = (rows_of([inside(value)], None)[0] for value in (wrong, right))
    assert before.digest != after.digest
    assert before.id == after.id  # it has no id of the vendor's: what the vendor wrote is what it is known by


def test_a_moment_of_a_year_that_utc_has_not_is_compared_too():
    edges = [Timestamp.parse(f"9999-12-31T23:59:5{second}", BOGOTA) for second in (8, 9)]
    assert len({rows_of([{"x": edge}], None)[0].digest for edge in edges}) == 2


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
