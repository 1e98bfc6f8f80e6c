"""Nested records as JSON: the same text as the record itself would be, whatever its model says."""

from __future__ import annotations

import datetime
from decimal import Decimal
from typing import ClassVar

import pytest

from sagicc_async import Record, Timestamp, field, quirks, record
from sagicc_async.records.shape import wire_fields
from sagicc_async.sync.sql.nested import as_json, plain_of


@record
class Leaf(Record):
    price: Decimal | None = field(wire="unitPrice", default=None)
    day: datetime.date | None = field(default=None, read=quirks.day)
    at: Timestamp | None = field(default=None)


@record
class Sparse(Record):
    omit_none: ClassVar[bool] = True

    a: int | None = field(default=None)
    leaf: Leaf | None = field(wire="Leaf", default=None)


@record
class Renamed(Record):
    omit_none: ClassVar[bool] = True

    a: int | None = field(also=["A"], default=None)


@record
class Empty(Record):
    pass


@record
class Tree(Record):
    leaf: Leaf | None = field(default=None)
    many: list[Leaf] | None = field(default=None)
    named: dict[str, Leaf] | None = field(default=None)
    sparse: list[Sparse] | None = field(default=None)
    renamed: Renamed | None = field(default=None)
    empty: Empty | None = field(default=None)
    more: list[Tree] | None = field(default=None)


LEAF = {"unitPrice": Decimal("1.10"), "day": "2026-01-31", "at": "2026-01-31T12:00:00", "extra": [Decimal("2.50")]}


@pytest.mark.parametrize(
    "content",
    [
        {"leaf": LEAF},
        {"leaf": {}},
        {"many": [LEAF, {"unitPrice": None}, {}]},
        {"named": {"x": LEAF, "y": {}}},
        {"sparse": [{"a": None, "Leaf": LEAF}, {"a": 1, "more": None}, {}]},
        {"renamed": {"A": 1}},
        {"renamed": {"A": None}},
        {"empty": {"x": 1}},
        {"empty": {}},
        {"more": [{"more": [{"leaf": LEAF}], "unknown": 1}]},
    ],
)
def test_a_nested_record_is_the_json_that_it_would_be_written_as(content):
    tree = Tree.from_dict(content)
    whole = tree.to_dict()
    for column in wire_fields(Tree):
        value = getattr(tree, column.name)
        if value is not None:
            assert as_json(plain_of(column)(value)) == as_json(whole[column.wire])
