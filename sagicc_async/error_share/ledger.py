"""The counts of one company as a manager keeps them: at hand in memory, and handed to a store now and then."""

from __future__ import annotations

import asyncio
import contextvars
import logging
from collections.abc import Mapping
from typing import Final

from ..clock import Clock, Timer
from .store import ErrorCounts
from .tally import OutcomeCount, Tally

log: logging.Logger = logging.getLogger("sagicc_async.requests")

#: Seconds between two visits to the store: what a process that is killed takes along at most.
_EVERY: Final = 5.0
#: Seconds that a visit may take. A store that hangs must stop no request, and no manager from closing.
_PATIENCE: Final = 10.0
_DAY: Final = 86_400


class Ledger:
    """
    Counts what becomes of one company's requests.

    Args:
        key: Digest of the company.
        days: Days that count.
        store: Where counts outlive the process; `None` keeps them in memory.
        clock: Time.
    """

    def __init__(self, key: str, days: int, store: ErrorCounts | None, clock: Clock) -> None:
        self.key: str = key
        self._store = store
        self._clock = clock
        self._tally = Tally(days)
        self._known = store is None
        self._failing = False
        self._timer: Timer | None = None
        self._visit: asyncio.Task[None] | None = None
        self._adding: asyncio.Task[Mapping[int, OutcomeCount]] | None = None  # may outlast the visit that began it
        self._cut = False

    async def ready(self) -> None:
        """Wait until the store has said what it holds, or that it cannot. Cancelling it leaves that to the others."""
        if not self._known:
            await asyncio.wait([self._begin()])

    def count(self, *, error: bool) -> None:
        """One request was sent; `error` says whether the vendor answered it with one."""
        self._tally.count(self._today(), error=error)
        if self._store is not None and self._timer is None:
            self._timer = self._clock.call_later(_EVERY, self._due)

    def total(self) -> OutcomeCount:
        """What counts today."""
        return self._tally.total(self._today())

    async def close(self) -> None:
        """Store what is not stored yet. Cancelling it does not wait for the disk."""
        if self._timer is not None:
            self._timer.cancel()
        try:
            if self._visit is not None:
                await asyncio.wait([self._visit])
            if self._adding is not None or (self._store is not None and self._tally.unstored):
                await asyncio.wait([self._begin()])
        finally:
            self.cut()

    def cut(self) -> None:
        """Visit the store no more, not even to the end of a visit that is under way."""
        if self._timer is not None:
            self._timer.cancel()
        self._cut = True
        for task in (self._visit, self._adding):
            if task is not None:
                task.cancel()

    def _today(self) -> int:
        return int(self._clock.wall() // _DAY)

    def _due(self) -> None:
        self._timer = None
        self._begin()

    def _begin(self) -> asyncio.Task[None]:
        """Visit the store, unless that is under way: then what came since is for the next time."""
        if self._visit is None:
            assert self._store is not None
            visiting = self._exchange(self._store)
            # In an empty context: it is nobody's call, so no deadline or priority holds for it.
            self._visit = asyncio.get_running_loop().create_task(visiting, context=contextvars.Context())
            self._visit.add_done_callback(self._over)
        return self._visit

    def _over(self, _: asyncio.Task[None]) -> None:
        self._visit = None

    async def _exchange(self, store: ErrorCounts) -> None:
        """Hand over what there is, after what an earlier visit did not see the end of."""
        try:
            async with asyncio.timeout(_PATIENCE):
                if self._adding is not None:
                    await asyncio.wait([self._adding])
                if self._tally.unstored or not self._known:
                    await asyncio.wait([self._add(store)])
        except TimeoutError as error:
            self._complain(error)
        self._known = True

    def _add(self, store: ErrorCounts) -> asyncio.Task[Mapping[int, OutcomeCount]]:
        """
        Begin to add, in a task of its own.

        However late it is, it comes to its end: of what is broken off nobody knows whether it was added (a thread that
        writes goes on), and to add it again would count it twice.
        """
        adding = self._adding = asyncio.get_running_loop().create_task(self._hand_over(store))
        adding.add_done_callback(self._added)
        return adding

    async def _hand_over(self, store: ErrorCounts) -> Mapping[int, OutcomeCount]:
        return await store.add(self.key, self._tally.take(), since=self._tally.since(self._today()))

    def _added(self, adding: asyncio.Task[Mapping[int, OutcomeCount]]) -> None:
        self._adding = None
        if self._cut and adding.cancelled():
            return  # its counts stay what they are: on their way
        error = asyncio.CancelledError() if adding.cancelled() else adding.exception()
        if error is None:
            self._tally.stored(adding.result())
            self._failing = False
        else:  # whatever a store raises must not fail a request
            self._tally.put_back()
            self._complain(error)

    def _complain(self, error: BaseException) -> None:
        """Once an outage. Other errors than the disk's may quote an address with its password."""
        if not self._failing:
            reason = (str(error) if isinstance(error, OSError) else "") or type(error).__name__
            log.warning("errors are counted without being kept: %s", reason)
        self._failing = True
