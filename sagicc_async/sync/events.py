"""What a sync tells while it runs: frozen facts for screens and logs, without a secret or a record."""

from __future__ import annotations

from typing import TypeAlias

import attrs

from .outcome import Changes, Outcome
from .state import Underway
from .unit import Unit


@attrs.frozen(kw_only=True)
class AccountStarted:
    """An account's turn begins: its first one in this round, or another one after it was parked."""

    account: str
    vendor: str


@attrs.frozen(kw_only=True)
class Committed:
    """
    Rows and state are stored.

    Args:
        unit: Whose.
        changes: What changed with this commit.
        underway: The pass as it stands; `None` if it has come to its end.
    """

    unit: Unit
    changes: Changes
    underway: Underway | None


@attrs.frozen(kw_only=True)
class UnitEnded:
    """A unit is done with for this round, or parked."""

    outcome: Outcome


@attrs.frozen(kw_only=True)
class SinkAway:
    """The sink cannot be reached; the unit waits for it, and tries again in `wait` seconds."""

    unit: Unit
    reason: str
    wait: float


@attrs.frozen(kw_only=True)
class AccountEnded:
    """
    An account's round is over.

    Args:
        account: Its name.
        vendor: Whose.
        error: Why it could not be opened at all, or why its circuit opened; empty if neither.
    """

    account: str
    vendor: str
    error: str = ""


SyncEvent: TypeAlias = AccountStarted | Committed | UnitEnded | SinkAway | AccountEnded
