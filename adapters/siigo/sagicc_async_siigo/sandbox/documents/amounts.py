"""Numbers of a request, which may be text, and numbers of an answer."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from ..checks import number


def decimal(value: Any) -> Decimal:
    """Read an amount that was checked; one that is left out is nothing."""
    return Decimal(number(value, or_text=True) or 0)


def whole(value: Any) -> int:
    """Read a whole number that was checked; one that is left out is 0."""
    return int(number(value, or_text=True) or 0)


def plain(amount: Decimal) -> int | Decimal:
    """Return an amount as the vendor's samples write it: `125000`, `2546.05`."""
    return int(amount) if amount == amount.to_integral_value() else amount.normalize()
