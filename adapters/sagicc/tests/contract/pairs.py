"""Configurations in which every pair of the values of two switches occurs: far fewer than all, which nobody could run."""

from __future__ import annotations

import itertools
from collections.abc import Hashable, Mapping, Sequence
from typing import Any, Final, TypeAlias

#: A switch and its value.
Choice: TypeAlias = tuple[str, Hashable]
Configuration: TypeAlias = dict[str, Any]

#: What Sagicc leaves open, as far as its sandbox can be either way; and what the client may choose.
SWITCHES: Final[Mapping[str, Sequence[Hashable]]] = {
    "envelope": ("paginator", "paginator_old", "grid", "bare", "resource", "simple", "wrapper"),
    "oauth": (8, 7, 9),
    "throttle": ("off", "retry_after", "bare"),
    "relation_keys": ("snake", "camel"),
    "page_cap": (None, 7),
    "relations_style": ("flat", "wrapped"),
    "generation": ("current", "legacy"),
    "delete_body": ("kept", "dropped"),
    "issued_tokens": ("live", "die"),
    "expires_in": (3600, None),
    "text_ids": (False, True),
    "empty_relations": ("null", "list"),
    "refresh_tokens": (True, False),
    "token_body": ("form", "json"),
}


def pairs_of(configuration: Mapping[str, Hashable]) -> set[tuple[Choice, Choice]]:
    """The pairs that occur in a configuration."""
    return set(itertools.combinations(configuration.items(), 2))


def all_pairs(switches: Mapping[str, Sequence[Hashable]]) -> list[tuple[Choice, Choice]]:
    """Every pair that must occur in some configuration."""
    return [
        ((one, left), (other, right))
        for (one, lefts), (other, rights) in itertools.combinations(switches.items(), 2)
        for left, right in itertools.product(lefts, rights)
    ]


def configurations(switches: Mapping[str, Sequence[Hashable]]) -> list[Configuration]:
    """
    Choose few configurations that hold every pair, always the same ones.

    Each begins with the first pair that none has yet; then every other switch takes the value that adds most new ones.
    """
    missing = dict.fromkeys(all_pairs(switches))  # a set that keeps its order
    found = []
    while missing:
        chosen = _widest(switches, missing)
        for pair in pairs_of(chosen):
            missing.pop(pair, None)
        found.append(chosen)
    return found


def _widest(switches: Mapping[str, Sequence[Hashable]], missing: Mapping[tuple[Choice, Choice], None]) -> Configuration:
    chosen: Configuration = dict(next(iter(missing)))
    for name in switches:
        if name in chosen:
            continue

        def gain(value: Hashable, name: str = name) -> int:
            candidate = {one: value if one == name else chosen[one] for one in switches if one in chosen or one == name}
            return len(pairs_of(candidate) & missing.keys())

        chosen[name] = max(switches[name], key=gain)
    return {name: chosen[name] for name in switches}


def label(configuration: Configuration) -> str:
    """A configuration as the name of a test case."""
    return "-".join(str(value) for value in configuration.values())
