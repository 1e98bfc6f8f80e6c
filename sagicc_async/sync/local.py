"""`LocalExecutor`: this process works off all accounts, so many at once, in turns."""

from __future__ import annotations

import asyncio
import math
from collections.abc import AsyncIterator, Callable
from typing import Final

from .accounts import SyncAccount
from .places import Places
from .tenant import Tenant
from .work import Work

#: Requests a second that one processor can do, about: with more in flight than these times the latency it has no more to do.
_REQUESTS_A_SECOND: Final = 3_500
#: Before the latency is known, and where it is next to nothing.
_FEWEST: Final = 16
_MOST: Final = 500


class LocalExecutor:
    """Works off accounts in this process: each has a place for a turn at a time, and who waits gets it in order."""

    async def execute(self, feed: AsyncIterator[SyncAccount], work: Work) -> None:
        """Work off the accounts of the feed; see `Executor`."""
        places = Places(lambda: accounts_at_once(work))
        async with asyncio.TaskGroup() as group:
            async for account in feed:
                await places.take()
                if work.stopping():  # while it waited for its place
                    break
                group.create_task(_round(Tenant(account, work), places, work))


def accounts_at_once(work: Work) -> int:
    """How many accounts to work on: what the settings say, else what keeps a processor busy at the measured latency."""
    if work.settings.at_once is not None:
        return work.settings.at_once
    latency = work.meter.latency
    wanted = _FEWEST if latency is None else max(_FEWEST, math.ceil(_REQUESTS_A_SECOND * latency))
    return min(wanted, _MOST, work.sessions.bulk_connections)


async def _round(tenant: Tenant, places: Places, work: Work) -> None:
    """An account's round, in the place that was taken for it."""
    while True:
        try:
            over = await tenant.turn(_turn_over(places, work))
        finally:
            places.leave()
        if over:
            return
        await places.take()


def _turn_over(places: Places, work: Work) -> Callable[[], bool]:
    until = work.clock.now() + work.settings.turn
    return lambda: places.wanted and work.clock.now() >= until
