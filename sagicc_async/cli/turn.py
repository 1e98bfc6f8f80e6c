"""Saying that a command waits for its turn on a token: a silent one looks as if it hung."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from typing import Final

from ..clock import Clock, SystemClock
from ..manager import SessionManager
from ..observe.events import Event
from .beside import beside
from .console import say

#: Seconds between two looks, and how long a wait is nothing to speak of.
_EVERY: Final = 1.0
_PATIENCE: Final = 5.0


@contextlib.asynccontextmanager
async def telling_of_a_wait(sessions: SessionManager, name: str, clock: Clock | None = None) -> AsyncIterator[None]:
    """
    Tell the user, once, if nothing can be sent for some seconds.

    Args:
        sessions: Whose queues.
        name: What waits, for people.
        clock: Time.
    """
    async with beside(_watch(sessions, name, clock or SystemClock()), "telling of a wait"):
        yield


async def _watch(sessions: SessionManager, name: str, clock: Clock) -> None:
    began = clock.now()  # the earliest moment at which the wait can have begun

    def again(_: Event) -> None:
        nonlocal began
        began = clock.now()

    unhook = sessions.on(again)
    try:
        while clock.now() - began < _PATIENCE:
            await clock.sleep(_EVERY)
            queues = [account["queue"] for account in sessions.status().values() if "queue" in account]
            if not any(queue["waiting"] for queue in queues):
                began = clock.now()
    finally:
        unhook()
    say(f"{name} waits for its turn: others are using the token, or its limits are used up.")
