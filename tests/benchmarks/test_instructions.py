"""Counting instructions, as far as it needs no valgrind: what its logs say, and what becomes of two counts."""

from __future__ import annotations

import pytest


@pytest.fixture
def instructions(benchmark_module):
    return benchmark_module("instructions")


@pytest.mark.parametrize(
    "log",
    [
        "==12== \n==12== I   refs:      3,457,426,913\n",  # as valgrind 3.19 writes it
        "==12== \n==12== I refs:        3,457,426,913\n",  # as newer ones do
    ],
)
def test_the_count_is_read_from_the_log(instructions, log):
    assert instructions._logged(log) == 3_457_426_913


def test_a_log_without_a_count_is_shown(instructions):
    with pytest.raises(AssertionError, match="Killed"):
        instructions._logged("==12== Killed")


def test_ours_is_told_in_terms_of_the_loop_by_hand_without_a_spread(instructions):
    ratio = instructions.Counted(ours=300.0, by_hand=200.0).ratio
    assert (ratio.low, ratio.median, ratio.high) == (1.5, 1.5, 1.5)
