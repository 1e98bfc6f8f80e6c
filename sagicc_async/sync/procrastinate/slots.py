"""When a round of an account is due, so that all workers agree on it: moments that follow from the account's name alone."""

from __future__ import annotations

import hashlib
import math
from typing import Final

_SHARES: Final = 2**64


def latest(name: str, every: float, jitter: float, now: float) -> int:
    """
    The latest moment at which a round was due.

    Rounds are due every so many seconds, at a place in that time that is the account's own, so that a thousand accounts are
    spread over it; each of them is moved on by a part of the jitter.

    Args:
        name: The account's.
        every: Seconds from one to the next.
        jitter: Share of them by which each may be moved.
        now: Seconds since the epoch.

    Returns:
        What the round is known by: the moment before it was moved, in seconds since the epoch.
    """
    first = _share(name) * every
    number = math.floor((now - first) / every)
    moved = _share(f"{name} {number}") * jitter * every
    if first + number * every + moved > now:
        number -= 1
    return math.floor(first + number * every)


def _share(text: str) -> float:
    """A number from 0 to 1 that every machine makes of the same text."""
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest()) / _SHARES
