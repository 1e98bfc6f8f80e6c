"""Any record that the models declare, with fields absent, null or unknown, is read in all ways and written as it came."""

from __future__ import annotations

import datetime
import types
import typing
from decimal import Decimal
from typing import Any

import attrs
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sagicc_async import Record, Timestamp, wire_name
from sagicc_async_siigo import models as m

from .round_trips import WHOLE, round_trip

# Few names: a vendor that sends ever new keys is read in another way, which tests of the core look at.
UNKNOWN_KEYS = st.sampled_from(["nuevo", "x-1", "año", "Annul2"])
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
AMOUNTS = st.decimals(-(10**11), 10**11, places=2) | st.integers(-(10**11), 10**11)
FRACTIONS = st.sampled_from(["", ".6", ".65", ".208", ".8634833"])
OFFSETS = st.sampled_from(["", "Z", "+00:00", "-05:00"])
DAYS = st.dates(datetime.date(1990, 1, 1), datetime.date(2100, 1, 1)).map(str)
TIMESTAMPS = st.builds("{}T20:48:59{}{}".format, DAYS, FRACTIONS, OFFSETS)
ANYTHING = st.recursive(st.none() | st.booleans() | AMOUNTS | TEXT, lambda inner: st.lists(inner, max_size=2))
SCALARS: dict[Any, st.SearchStrategy[Any]] = {
    str: TEXT,
    int: st.integers(0, 10**9),
    bool: st.booleans(),
    Decimal: AMOUNTS,
    datetime.date: DAYS | TIMESTAMPS,
    Timestamp: TIMESTAMPS,
}


def values(kind: Any) -> st.SearchStrategy[Any]:
    """What the wire may hold for a field of a type, but no null."""
    if kind in SCALARS:
        return SCALARS[kind]
    if typing.get_origin(kind) is list:
        return st.lists(values(typing.get_args(kind)[0]), max_size=2)
    if typing.get_origin(kind) in {typing.Union, types.UnionType}:
        return st.one_of([values(option) for option in typing.get_args(kind) if option is not type(None)])
    return bodies(kind)


def bodies(model: type[Record]) -> st.SearchStrategy[dict[str, Any]]:
    """Objects of a model: any of its fields, some of them null, and some keys that it does not know."""
    attrs.resolve_types(model)
    required, optional = {}, {}
    for field in attrs.fields(model):
        if field.name == "_extra":
            continue
        filled = st.deferred(lambda kind=field.type: values(kind))
        if field.default is attrs.NOTHING:
            required[wire_name(model, field.name)] = filled
        else:
            optional[wire_name(model, field.name)] = st.none() | filled
    declared = st.fixed_dictionaries(required, optional=optional)
    return st.builds(lambda unknown, known: {**unknown, **known}, st.dictionaries(UNKNOWN_KEYS, ANYTHING), declared)


@pytest.mark.parametrize("model", [WHOLE[name] for name in m.__all__], ids=m.__all__)
def test_any_record_comes_back_as_it_came(model):
    @settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
    @given(bodies(model))
    def comes_back(body: dict[str, Any]) -> None:
        round_trip(model, body)

    comes_back()
