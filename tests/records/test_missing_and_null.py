"""Records of vendors that tell a missing key from a null: what came is written back, whichever it was."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from typing import Any, ClassVar

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sagicc_async import PageReader, Record, Timestamp, field, quirks, read_record, record, to_wire


@record
class Part(Record):
    omit_none: ClassVar[bool] = True

    name: str | None = field(default=None)
    amount: Decimal | None = field(default=None)


@record
class Whole(Record):
    omit_none: ClassVar[bool] = True

    id: int
    code: str | None = field(default=None)
    day: date | None = field(default=None, read=quirks.day)
    price: Decimal | None = field(default=None)
    created: Timestamp | None = field(default=None)
    part: Part | None = field(default=None)
    parts: list[Part] | None = field(default=None)
    named: dict[str, Part] | None = field(default=None)
    number: int | str | None = field(default=None)
    flag: bool | None = field(default=None, read=quirks.flag)
    anything: Any = field(default=None)
    prices: list[Decimal] | None = field(default=None)
    blank: str | None = field(default=None, read=quirks.blank_is_none)
    spelt: list[Part] | None = field(also=("spelled", "Spelt"), default=None)


@attrs.frozen(kw_only=True)
class Checked(Whole):
    """Made by its constructor."""

    note: str | None = attrs.field(default=None, validator=attrs.validators.optional(attrs.validators.max_len(9)))


@record
class Renamed(Record):
    omit_none: ClassVar[bool] = True

    kind: str = field(also=("Kind", "tipo"))
    size: int = field(also=("Size",), read=quirks.integer)
    price: Decimal | None = field(also=("Price", "PRICE"), default=None, read=quirks.decimal_or_blank)


@attrs.frozen(kw_only=True)
class CheckedRenamed(Renamed):
    """Made by its constructor."""

    note: str | None = attrs.field(default=None, validator=attrs.validators.optional(attrs.validators.max_len(9)))


def parsed(text: str | bytes) -> Any:
    return json.loads(text, parse_float=Decimal)


_PARTS = st.fixed_dictionaries(
    {}, optional={"name": st.none() | st.text(), "amount": st.none() | st.just(Decimal("1.50")), "odd": st.none()}
)
_SPELT = [{name: value} for name in ("spelt", "spelled", "Spelt") for value in (None, [], [{"name": "x"}])]
_RECORDS = st.fixed_dictionaries(
    {"id": st.integers(0, 9)},
    optional={
        "code": st.none() | st.text(),
        "day": st.none() | st.sampled_from(["2026-11-25", "2023-09-05T12:00:00.0000000+00:00"]),
        "price": st.none() | st.sampled_from([1, Decimal("0.10"), Decimal("12000.00")]),
        "created": st.none() | st.sampled_from(["2020-06-15T03:33:17.208Z", "2022-12-29T22:38:08.6"]),
        "part": st.none() | _PARTS,
        "parts": st.none() | st.lists(_PARTS, max_size=3),
        "named": st.none() | st.dictionaries(st.text(max_size=2), _PARTS, max_size=2),
        "number": st.none() | st.sampled_from([7, "7"]),
        "flag": st.none() | st.booleans(),
        "anything": st.none() | st.sampled_from([1, "x", {"a": None}]),
        "prices": st.none() | st.lists(st.just(Decimal("2.5")), max_size=2),
        "blank": st.none() | st.sampled_from(["", "x"]),
        "unknown": st.none() | st.integers(0, 9),
    },
).flatmap(lambda made: st.sampled_from([{}, *_SPELT]).map(lambda spelt: made | spelt))


def under(*names: str, values: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    """A field that comes under one of its names."""
    return st.builds(lambda name, value: {name: value}, st.sampled_from(names), values)


_RENAMED = st.tuples(
    under("kind", "Kind", "tipo", values=st.text(max_size=2)),
    under("size", "Size", values=st.integers(0, 9)),
    st.just({}) | under("price", "Price", "PRICE", values=st.sampled_from([None, "", " ", 1, Decimal("1.50")])),
    st.just({}) | st.fixed_dictionaries({"unknown": st.none() | st.integers(0, 9)}),
).map(lambda parts: {name: value for part in parts for name, value in part.items()})


@pytest.mark.parametrize("model", [Whole, Checked])
@given(pages=st.lists(st.lists(_RECORDS, max_size=4), max_size=4))
def test_a_page_is_written_back_as_it_came_however_it_was_read(
    model: type[Whole], pages: list[list[dict[str, Any]]]
) -> None:
    reader = PageReader(model, items=None)
    for page in pages:
        body = b"[" + b",".join(to_wire(item) for item in page) + b"]"
        read = reader.read(body)
        assert read.problem is None
        assert [parsed(made.to_json()) for made in read.items] == page
        assert [str(made.price) for made in read.items] == [str(item.get("price")) for item in page]
        assert [model.from_dict(item) for item in page] == read.items
        assert [read_record(model, to_wire(item)) for item in page] == read.items


@pytest.mark.parametrize("model", [Renamed, CheckedRenamed])
@given(pages=st.lists(st.lists(_RENAMED, max_size=4), max_size=4))
def test_a_field_is_written_back_under_the_name_that_it_came_under_however_it_was_read(
    model: type[Renamed], pages: list[list[dict[str, Any]]]
) -> None:
    reader = PageReader(model, items=None)
    for page in pages:
        read = reader.read(to_wire(page))
        assert read.problem is None
        assert [parsed(made.to_json()) for made in read.items] == page
        assert [model.from_dict(item) for item in page] == read.items


def test_a_blank_is_kept_under_the_name_that_it_came_under_until_there_is_a_value() -> None:
    made = Renamed.from_dict({"kind": "a", "size": 1, "Price": ""})
    assert (made.price, made.extra) == (None, {"Price": ""})
    made.price = Decimal("2.50")
    assert made.to_dict() == {"kind": "a", "size": 1, "Price": Decimal("2.50")}


def test_a_null_of_a_declared_field_stands_in_extra_and_the_attribute_is_none() -> None:
    made = Whole.from_dict({"id": 1, "code": None})
    assert (made.code, made.extra) == (None, {"code": None})


def test_a_value_set_later_is_written_in_place_of_the_null() -> None:
    made = Whole.from_dict({"id": 1, "code": None})
    made.code = "A"
    assert made.to_dict() == {"id": 1, "code": "A"}


def test_a_null_put_into_extra_is_written() -> None:
    assert Whole(id=1, extra={"code": None}).to_dict() == {"id": 1, "code": None}


def test_a_field_goes_back_under_the_name_that_it_came_under_also_when_it_was_changed() -> None:
    made = Whole.from_dict({"id": 1, "spelled": [{"name": "x"}]})
    made.spelt = [Part(name="y")]
    assert made.to_dict() == {"id": 1, "spelled": [{"name": "y"}]}


def test_python_names_show_every_attribute() -> None:
    assert Part(name="x").to_dict(names="python") == {"name": "x", "amount": None}


def test_a_record_of_another_vendor_still_writes_its_nulls() -> None:
    @record
    class Plain(Record):
        code: str | None = field(default=None)

    assert Plain().to_dict() == {"code": None}
