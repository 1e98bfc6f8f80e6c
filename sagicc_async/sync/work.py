"""`Work`: what all accounts of a sync share."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Final

import attrs

from ..clock import Clock
from ..manager import SessionManager
from .events import SyncEvent
from .meter import Meter
from .opening import OpenAccounts
from .patience import Patience
from .settings import SyncSettings
from .sink import Sink

#: Passes over a list in one round.
MOST_PASSES: Final = 3


@attrs.frozen(kw_only=True)
class Work:
    """
    What all accounts of a sync share.

    Args:
        sessions: Owns tokens and connections.
        accounts: Those that are open.
        sink: Where the mirror is kept.
        meter: Counts requests by unit.
        settings: How to go about it.
        clock: Time.
        patience: Waits for a sink that is away.
        tell: Hears what happens.
        passes: Over a list in one round, at most: one that moved, or records that may be deleted, ask for another; some lists
            always move.
        round: An id that the outcomes of one sync share.
        stopping: Whether no round is to begin any more.
    """

    sessions: SessionManager
    accounts: OpenAccounts = attrs.field(
        default=attrs.Factory(lambda work: OpenAccounts(work.sessions), takes_self=True), init=False
    )
    sink: Sink
    meter: Meter
    settings: SyncSettings
    clock: Clock
    patience: Patience = attrs.field(
        default=attrs.Factory(lambda work: Patience(work.settings.patience, work.clock), takes_self=True), init=False
    )
    tell: Callable[[SyncEvent], object] = lambda event: None
    passes: int = MOST_PASSES
    round: str = attrs.field(factory=lambda: uuid.uuid4().hex)
    stopping: Callable[[], bool] = lambda: False
