"""How a sync goes about it: `SyncSettings`."""

from __future__ import annotations

from typing import Final

import attrs
from attrs.validators import ge, gt, le, optional

from .state import OVERLAP

_MINUTE: Final = 60.0
_DAY: Final = 86_400.0


@attrs.frozen(kw_only=True)
class SyncSettings:
    """
    How a sync goes about it; times in seconds.

    Args:
        at_once: Accounts that are worked on at once; `None` for as many as the measured latency keeps one processor busy with.
        turn: How long an account may go on while others wait; then it is parked behind them, and goes on from its checkpoint.
        batch: Rows after which is committed, at the latest; a page is never cut.
        overlap: How much earlier than it began a pass puts the watermark for the next list of changes.
        whole_every: How often a list is read whole although the vendor can list what changed: deletions show in no other way.
        failures: Failures in a row after which the other resources of an account are left alone until its next round.
        every: From the beginning of an account's round to that of its next one, where neither the account nor its adapter says.
        jitter: Share of `every` by which rounds are moved at random, so that a thousand accounts do not begin at once.
        patience: How long a sink that cannot be reached is waited for, by all accounts together.
    """

    at_once: int | None = attrs.field(default=None, validator=optional(ge(1)))
    turn: float = attrs.field(default=_MINUTE, validator=gt(0))
    batch: int = attrs.field(default=500, validator=ge(1))
    overlap: float = attrs.field(default=OVERLAP, validator=ge(0))
    whole_every: float = attrs.field(default=7 * _DAY, validator=ge(0))
    failures: int = attrs.field(default=3, validator=ge(1))
    every: float = attrs.field(default=15 * _MINUTE, validator=gt(0))
    jitter: float = attrs.field(default=0.1, validator=[ge(0), le(1)])
    patience: float = attrs.field(default=5 * _MINUTE, validator=ge(0))
