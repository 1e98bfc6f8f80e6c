"""Invented data: deterministic, and with check digits that are right."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sagicc_async.sandbox import invent


# Published by these organisations themselves, as every Colombian invoice shows them.
@pytest.mark.parametrize(("nit", "digit"), [("800197268", 4), ("899999068", 1), ("890903938", 8), ("860002964", 4)])
def test_check_digits_are_those_of_well_known_companies(nit, digit):
    assert invent.nit_check_digit(nit) == digit


@given(st.integers(0, 36**5 - 1), st.integers(0, 36**5 - 1))
def test_base36_orders_and_tells_apart(one, other):
    short, long = invent.base36(one, 5), invent.base36(other, 5)
    assert len(short) == len(long) == 5
    assert int(short, 36) == one
    assert (short < long) == (one < other)


@pytest.mark.parametrize("make", [invent.company_name, invent.person_name, invent.address, invent.mobile, invent.nit, invent.token, invent.city])  # fmt: skip
def test_the_same_seed_invents_the_same(make):
    assert [make(Random(3)) for _ in range(2)] == [make(Random(3))] * 2
    assert len({make(Random(seed)) for seed in range(50)}) > 10


def test_city_codes_are_danes_with_five_digits():
    assert all(len(city.code) == 5 and city.code.startswith(city.department_code) for city in invent.CITIES)
    assert len({city.code for city in invent.CITIES}) == len(invent.CITIES)
