"""The configurations of the contract: few, and none of the pairs is missing."""

from __future__ import annotations

from .pairs import SWITCHES, all_pairs, configurations, pairs_of


def test_every_pair_of_values_of_two_switches_occurs_in_some_configuration():
    occurring = set().union(*(pairs_of(configuration) for configuration in configurations(SWITCHES)))

    assert set(all_pairs(SWITCHES)) == occurring


def test_every_configuration_sets_every_switch_to_one_of_its_values():
    for configuration in configurations(SWITCHES):
        assert list(configuration) == list(SWITCHES)
        assert all(configuration[name] in values for name, values in SWITCHES.items())


def test_there_are_few_and_always_the_same_configurations():
    made = configurations(SWITCHES)

    assert len(made) < 2 * 7 * 3  # twice the product of the two longest switches, which no choice can go below
    assert made == configurations(SWITCHES)


def test_pairs_of_pairs_are_found_by_hand():
    assert configurations({"a": (1, 2), "b": (3, 4)}) == [
        {"a": 1, "b": 3},
        {"a": 1, "b": 4},
        {"a": 2, "b": 3},
        {"a": 2, "b": 4},
    ]


def test_every_switch_of_the_sandbox_is_one_of_the_contracts():
    import attrs

    from sagicc_async_sagicc.sandbox import SagiccSandbox

    own = {field.name for field in attrs.fields(SagiccSandbox)}
    assert own - {"throttle_limit"} == set(SWITCHES) - {"token_body"}
