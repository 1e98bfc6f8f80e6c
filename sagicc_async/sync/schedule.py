"""When which account's round begins: `Schedule`, whose feed never ends."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, Callable, Sequence
from random import Random
from typing import Final

import attrs

from ..clock import Clock
from ..errors import AdapterNotFound, SagiccAsyncError
from ..registry import find_adapter
from .accounts import AccountSource, Look, SyncAccount
from .settings import SyncSettings

_log: Final = logging.getLogger("sagicc_async.sync")

#: Seconds after which the source is looked at again, at the latest: tenants come and go.
_LOOK: Final = 30.0


def every(account: SyncAccount, settings: SyncSettings) -> float:
    """Seconds between the beginnings of two rounds: the account's own, else its vendor's advice, else the setting."""
    if account.pace is not None:
        return account.pace
    kind = account.vendor
    if isinstance(kind, str):
        try:
            kind = find_adapter(kind)
        except AdapterNotFound:  # opening it will say so
            return settings.every
    return kind.poll_every or settings.every


@attrs.define
class _Round:
    """The latest round of an account: when it began, and when the next one is due."""

    began: float
    jitter: float
    due: float


class Schedule:
    """
    Feeds accounts as their rounds are due; no round of an account begins before the one before it is over.

    Args:
        source: The accounts, looked at again and again.
        settings: How often.
        clock: Time.
        forget: Called with the name of an account that is gone and has no round any more.
        random: Decides the jitter.
        only: Names of the accounts that are asked for; empty for all.
    """

    def __init__(
        self,
        source: AccountSource,
        settings: SyncSettings,
        clock: Clock,
        forget: Callable[[str], object],
        random: Random | None = None,
        *,
        only: Sequence[str] = (),
    ) -> None:
        self._source = source
        self._settings = settings
        self._clock = clock
        self._forget = forget
        self._random = random or Random()  # noqa: S311 - no secret depends on it
        self._only = only
        self._rounds: dict[str, _Round] = {}
        self._busy: set[str] = set()
        self._gone: set[str] = set()
        self._changed = asyncio.Event()
        self._stopped = False

    async def feed(self) -> AsyncGenerator[SyncAccount, None]:
        """
        The accounts, each whenever its round is due, until `stop`.

        A source that fails is logged, and asked again later; rounds that are under way go on.
        """
        while not self._stopped:
            self._changed.clear()
            present: set[str] = set()
            look = Look(self._only)
            try:
                async for account in self._source:
                    if look.takes(account) and self._begins(account, present):
                        yield account
            except SagiccAsyncError as error:
                _log.error("the accounts could not be read: %s; they are asked for again", error)
            except Exception as error:  # noqa: BLE001 - the source is its user's code: whatever it raises, the others' rounds go on
                _log.error("the accounts could not be read (%s); they are asked for again", type(error).__name__)
                _log.debug("the accounts could not be read", exc_info=True)
            else:
                look.log()
                self._let_go({*self._rounds} - present)
            await self._wait()

    def ended(self, account: str) -> None:
        """A round of an account is over."""
        self._busy.discard(account)
        if account in self._gone:
            self._gone.discard(account)
            self._forget(account)
        self._changed.set()

    def stop(self) -> None:
        """Begin no more rounds."""
        self._stopped = True
        self._changed.set()

    def _begins(self, account: SyncAccount, present: set[str]) -> bool:
        """Whether its round begins now; then the next one is planned."""
        now, name = self._clock.now(), account.name
        present.add(name)
        pace, latest = every(account, self._settings), self._rounds.get(name)
        if latest is not None:  # the pace may be another one than when that round began
            latest.due = latest.began + pace * latest.jitter
        if self._stopped or name in self._busy or (latest is not None and latest.due > now):
            return False
        jitter = 1 + self._random.uniform(-1, 1) * self._settings.jitter
        self._rounds[name] = _Round(began=now, jitter=jitter, due=now + pace * jitter)
        self._busy.add(name)
        return True

    def _let_go(self, gone: set[str]) -> None:
        for name in gone:
            del self._rounds[name]
            if name in self._busy:
                self._gone.add(name)
            else:
                self._forget(name)

    async def _wait(self) -> None:
        """Until something may be due."""
        now = self._clock.now()
        idle = [max(0.0, round_.due - now) for name, round_ in self._rounds.items() if name not in self._busy]
        seconds = min([_LOOK, *idle])
        timer = self._clock.call_later(seconds, self._changed.set)
        try:
            await self._changed.wait()
        finally:
            timer.cancel()
