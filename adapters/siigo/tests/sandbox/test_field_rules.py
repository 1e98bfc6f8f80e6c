"""The rules of fields themselves."""

from __future__ import annotations

import re
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sagicc_async_siigo.sandbox.checks import Amount, Day, Fields, Flag, Rows, Text, Whole, check, day, number, places
from sagicc_async_siigo.sandbox.failures import Refused

_RULES = {
    "text": Text(required=True, least=2, most=4, pattern=re.compile("[a-z]+"), code="invalid_name"),
    "word": Text(choices=("One", "Two")),
    "whole": Whole(least=1, most=9),
    "loose": Whole(or_text=True),
    "amount": Amount(above=Decimal(0), most=Decimal(100)),
    "flag": Flag(),
    "day": Day(),
    "inner": Fields({"deep": Text(required=True)}),
    "rows": Rows(Fields({"id": Whole(required=True)}), most=2),
}


def _said(body):
    try:
        check(body, _RULES)
    except Refused as refused:
        return [(failure.code, *failure.params) for failure in refused.failures]
    return []


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({}, []),
        ({"text": None}, [("parameter_required", "text")]),
        ({"text": ""}, [("parameter_empty", "text")]),
        ({"text": "a"}, [("length_min", "text")]),
        ({"text": "abcde"}, [("length_max", "text")]),
        ({"text": "ABC"}, [("invalid_name", "text")]),
        ({"text": 5}, [("invalid_type", "text")]),
        ({"word": "Two"}, []),
        ({"word": "two"}, [("invalid_value", "word")]),
        ({"word": ""}, []),
        ({"whole": 0}, [("invalid_range", "whole")]),
        ({"whole": Decimal("1.0")}, [("invalid_type", "whole")]),
        ({"whole": True}, [("invalid_type", "whole")]),
        ({"whole": "1"}, [("invalid_type", "whole")]),
        ({"loose": "1"}, []),
        ({"loose": "1.5"}, [("invalid_type", "loose")]),
        ({"amount": 0}, [("invalid_amount", "amount")]),
        ({"amount": Decimal("0.01")}, []),
        ({"amount": Decimal("0.001")}, [("invalid_amount", "amount")]),
        ({"amount": Decimal("1.1000")}, []),
        ({"amount": Decimal("100.01")}, [("invalid_amount", "amount")]),
        ({"amount": "1"}, [("invalid_type", "amount")]),
        ({"flag": 0}, [("invalid_type", "flag")]),
        ({"flag": False}, []),
        ({"day": "2025-02-30"}, [("invalid_date", "day")]),
        ({"day": "2025-02-28"}, []),
        ({"inner": {}}, [("parameter_required", "inner.deep")]),
        ({"inner": []}, [("invalid_type", "inner")]),
        ({"rows": []}, []),
        ({"rows": [{"id": 1}, {}]}, [("parameter_required", "rows[1].id")]),
        ({"rows": [{"id": "x"}]}, [("invalid_type", "rows[0].id")]),
        ({"rows": [{"id": 1}] * 3}, [("invalid_array", "rows")]),
        ({"rows": [1]}, [("invalid_type", "rows[0]")]),
        ({"unheard_of": 1, "word": None}, []),
        (
            {"word": 1, "flag": 2, "whole": 99},
            [("invalid_type", "word"), ("invalid_range", "whole"), ("invalid_type", "flag")],
        ),
        (
            {"word": 1, "text": None, "inner": {}},
            [("parameter_required", "text"), ("parameter_required", "inner.deep")],
        ),
    ],
)
def test_what_is_said(fields, said):
    assert _said({"text": "abc", **fields}) == said


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.decimals(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["id", "deep", "x"]), inner, max_size=3)
    ),
    max_leaves=8,
)


@given(body=st.dictionaries(st.sampled_from(list(_RULES)), _JSON))
def test_any_body_is_taken_or_refused_with_a_field_that_it_is_about(body):
    for code, *params in _said(body):
        assert code
        assert all(name.partition(".")[0].partition("[")[0] in _RULES for name in params)


@given(amount=st.decimals(allow_nan=False, allow_infinity=False))
def test_places_are_those_that_a_number_needs(amount):
    needed = places(amount)
    assert (Fraction(amount) * 10**needed).denominator == 1
    assert needed == 0 or (Fraction(amount) * 10 ** (needed - 1)).denominator > 1


@given(value=st.dates())
def test_a_date_is_read_as_it_is_written(value):
    assert day(value.isoformat()) == value


@given(value=st.integers(1 - 10**20, 10**20 - 1) | st.decimals(-(10**15), 10**15, places=4))
def test_a_number_that_is_text_is_the_number_where_that_may_be(value):
    text = f"{value:f}" if isinstance(value, Decimal) else str(value)
    assert number(text) is None
    assert number(text, or_text=True) == value
