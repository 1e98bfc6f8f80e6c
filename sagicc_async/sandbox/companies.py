"""Many companies of one vendor: what tells them apart."""

from __future__ import annotations

from collections.abc import Collection
from random import Random
from typing import Final

#: A message that lists hundreds of names says nothing.
_MANY: Final = 12
_FIRST: Final = 3


def company_name(vendor: str, number: int) -> str:
    """Return the name of a vendor's company, counted from 1; the first one has the vendor's own."""
    return vendor if number == 1 else f"{vendor}-{number}"


def company_seed(seed: int, number: int) -> int:
    """Return what decides a company's data; the first one's is the sandbox's own."""
    # Seeding with text goes through SHA-512: the same numbers on every machine and in every process.
    return seed if number == 1 else Random(f"{seed}/{number}").getrandbits(32)  # noqa: S311


def listed(names: Collection[str]) -> str:
    """Return names for a message; of many the first ones and the last."""
    if len(names) <= _MANY:
        return ", ".join(names)
    known = list(names)
    return f"{', '.join(known[:_FIRST])}, ... {known[-1]} ({len(known)} in all)"
