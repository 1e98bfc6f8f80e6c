"""`Roster`: the accounts of a source, as a worker finds them by their names, again and again."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final

from ...clock import Clock
from ..accounts import AccountSource, Look, SyncAccount

#: Seconds for which a list of accounts is good.
_FRESH: Final = 60.0


class Roster:
    """
    Finds accounts by name.

    Args:
        source: Where they come from.
        clock: Time.
        forget: Called with the name of an account that is gone.
    """

    def __init__(self, source: AccountSource, clock: Clock, forget: Callable[[str], object]) -> None:
        self._source = source
        self._clock = clock
        self._forget = forget
        self._accounts: dict[str, SyncAccount] = {}
        self._read_at: float | None = None
        self._looks = 0
        self._reading = asyncio.Lock()

    async def find(self, name: str) -> SyncAccount | None:
        """
        The account of a name; the source is looked at for a name that is not known, and once a minute.

        Returns:
            The account; `None` if there is none.

        Raises:
            Exception: Whatever the source raises.
        """
        before = self._looks
        async with self._reading:
            # Who waited for another one's look has what that one saw.
            if not self._fresh or (name not in self._accounts and self._looks == before):
                await self._read()
        return self._accounts.get(name)

    async def all(self) -> list[SyncAccount]:
        """
        All accounts.

        Raises:
            Exception: Whatever the source raises.
        """
        async with self._reading:
            if not self._fresh:
                await self._read()
        return list(self._accounts.values())

    @property
    def _fresh(self) -> bool:
        return self._read_at is not None and self._clock.now() - self._read_at < _FRESH

    async def _read(self) -> None:
        look = Look()
        read = {account.name: account async for account in self._source if look.takes(account)}
        look.log()
        for name in self._accounts.keys() - read:
            self._forget(name)
        self._accounts, self._read_at = read, self._clock.now()
        self._looks += 1
