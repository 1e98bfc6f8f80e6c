"""Watches the share of errors of an account: warns, and on request refuses, before the vendor blocks its user."""

from __future__ import annotations

import asyncio
from typing import Any, Final

from ..clock import Clock
from ..observe.events import ErrorShareHigh
from ..observe.reporter import Reporter
from .ledger import Ledger
from .rules import ErrorShare
from .store import ErrorCounts
from .tally import Alarm

#: What helps: a share falls only by requests that succeed, or by days that pass.
HINT: Final = (
    "find out what fails and mend it (the log has every request), then raise refuse_at until the share has fallen"
)


class Guard:
    """
    The marks of one account, on the counts of its company.

    Args:
        share: What the vendor bears, and where the account wants to be warned or stopped.
        ledger: The company's counts, shared by all its accounts.
        reporter: Log lines and events.
        vendor: Entry-point name of the adapter.
        account: The account's label.
    """

    def __init__(self, share: ErrorShare, ledger: Ledger, reporter: Reporter, *, vendor: str, account: str) -> None:
        self._share = share
        self._ledger = ledger
        self._reporter = reporter
        self._vendor = vendor
        self._account = account
        self._alarm = Alarm(share.warn_at)

    @property
    def company(self) -> str:
        """Digest of the company."""
        return self._ledger.key

    @property
    def refuses(self) -> bool:
        """Whether nothing may be sent any more."""
        mark, share = self._share.refuse_at, self._ledger.total().share(self._share.least)
        return mark is not None and share is not None and share >= mark

    async def ready(self) -> None:
        """Wait until earlier counts are known, if they are kept anywhere."""
        await self._ledger.ready()

    def count(self, *, error: bool) -> None:
        """One request was sent; `error` says whether the vendor answered it with one."""
        self._ledger.count(error=error)
        total = self._ledger.total()
        share = total.share(self._share.least)
        if self._alarm.rings(share):
            assert share is not None
            self._reporter.emit(
                ErrorShareHigh(
                    vendor=self._vendor,
                    account=self._account,
                    share=share,
                    requests=total.requests,
                    limit=self._share.limit,
                )
            )

    def reason(self) -> str:
        """Why it refuses, in one line."""
        total, rules = self._ledger.total(), self._share
        return (
            f"nothing is sent: {total.errors:,} of {total.requests:,} requests of the last {rules.days} days failed, "
            f"refuse_at is {rules.refuse_at:.0%}, and the vendor blocks users above {rules.limit:.0%}"
        )

    def status(self) -> dict[str, Any]:
        """The share and what it is made of, as plain values."""
        total, rules = self._ledger.total(), self._share
        return {
            "share": total.share(rules.least),
            "requests": total.requests,
            "errors": total.errors,
            "days": rules.days,
            "warn_at": rules.warn_at,
            "refuse_at": rules.refuse_at,
            "limit": rules.limit,
        }


class Guards:
    """
    The guards of a manager: companies are counted once, whatever accounts they are opened under.

    Args:
        store: Where counts outlive the process; `None` keeps them in memory.
        reporter: Log lines and events.
        clock: Time.
    """

    def __init__(self, store: ErrorCounts | None, reporter: Reporter, clock: Clock) -> None:
        self._store = store
        self._reporter = reporter
        self._clock = clock
        self._ledgers: dict[str, Ledger] = {}

    def guard(self, key: str, share: ErrorShare, *, vendor: str, account: str) -> Guard:
        """A guard of an account; `key` is the digest of its company."""
        ledger = self._ledgers.get(key)
        if ledger is None:
            ledger = self._ledgers[key] = Ledger(key, share.days, self._store, self._clock)
        return Guard(share, ledger, self._reporter, vendor=vendor, account=account)

    async def close(self) -> None:
        """Store what is not stored yet. Cancelling it does not wait for the disk."""
        try:
            await asyncio.gather(*(ledger.close() for ledger in self._ledgers.values()))
        finally:
            # Who is cancelled before the first step of `close` never comes to its end.
            for ledger in self._ledgers.values():
                ledger.cut()
