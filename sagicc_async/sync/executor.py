"""`Executor`: who works off accounts; one process, or many."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Protocol

from .accounts import SyncAccount
from .work import Work


class Executor(Protocol):
    """Works off accounts."""

    async def execute(self, feed: AsyncIterator[SyncAccount], work: Work) -> None:
        """
        Work off the accounts of the feed, each as soon as there is room for it.

        The feed may be endless, and is read no faster than accounts are begun. Of every account `AccountEnded` is told. A
        failure is told, and ends nothing but what failed.

        Returns when the feed is over and all its accounts are. When cancelled, what is under way stops at once or at its
        next commit; nothing that was committed is lost.
        """
