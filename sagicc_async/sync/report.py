"""`Report`: how a sync went, account by account."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import attrs

from .events import AccountEnded, SyncEvent, UnitEnded
from .outcome import Changes, Ending, Outcome


@attrs.define(kw_only=True)
class AccountReport:
    """
    How it went with an account.

    Attributes:
        account: Its name.
        vendor: Whose.
        resources: Resources that are up to date.
        changes: What changed in the mirror.
        requests: Requests that were sent, repetitions included.
        queued: Seconds that they waited for token and windows.
        seconds: Seconds of work, those in which it was parked not counted.
        error: Why it could not be opened, or why its circuit opened; empty if neither.
        troubles: The resources that failed, were left alone, moved while they were read, or were taken over by another run.
        ended: Whether its round is over.
    """

    account: str
    vendor: str
    resources: int = 0
    changes: Changes = attrs.field(factory=Changes)
    requests: int = 0
    queued: float = 0.0
    seconds: float = 0.0
    error: str = ""
    troubles: list[Outcome] = attrs.field(factory=list)
    ended: bool = False

    @property
    def failed(self) -> bool:
        """Whether something of it is not up to date because of an error."""
        return bool(self.error) or any(trouble.failed for trouble in self.troubles)

    def take(self, outcome: Outcome) -> None:
        """Count how it went with one of its resources."""
        self.changes += outcome.changes
        self.requests += outcome.requests
        self.queued += outcome.queued
        self.seconds += outcome.seconds
        if outcome.ending is Ending.DONE:
            self.resources += 1
        moved = outcome.drifted and outcome.ending is not Ending.PARKED  # its next turn reads it once more
        if moved or outcome.failed or outcome.ending is Ending.TAKEN_OVER:
            self.troubles.append(outcome)

    def to_dict(self) -> dict[str, Any]:
        """The report as plain values."""
        return {
            "account": self.account,
            "vendor": self.vendor,
            "resources": self.resources,
            **_changes(self.changes),
            "requests": self.requests,
            "queued": round(self.queued, 3),
            "seconds": round(self.seconds, 3),
            "error": self.error,
            "troubles": [
                {
                    "resource": trouble.unit.resource,
                    "ending": trouble.ending.value,
                    "drifted": trouble.drifted,
                    "error": trouble.error,
                    "kind": trouble.kind,
                }
                for trouble in self.troubles
            ],
        }


class Report:
    """How a sync went; it hears of all that happens, and can be looked at meanwhile."""

    def __init__(self) -> None:
        self._accounts: dict[str, AccountReport] = {}
        self.seconds: float = 0.0
        #: Why the list of accounts could not be read to its end; empty if it could.
        self.error: str = ""

    def __iter__(self) -> Iterator[AccountReport]:
        return iter(self._accounts.values())

    def __getitem__(self, account: str) -> AccountReport:
        return self._accounts[account]

    def __len__(self) -> int:
        return len(self._accounts)

    def take(self, event: SyncEvent) -> None:
        """Hear what happened. A new round of an account takes the place of the one before."""
        if isinstance(event, UnitEnded):
            unit = event.outcome.unit
            self._of(unit.account, unit.vendor).take(event.outcome)
        elif isinstance(event, AccountEnded):
            account = self._of(event.account, event.vendor)
            account.error, account.ended = event.error, True

    @property
    def failed(self) -> list[AccountReport]:
        """The accounts that are not up to date because of an error."""
        return [account for account in self if account.failed]

    @property
    def changes(self) -> Changes:
        """What changed in all accounts together."""
        total = Changes()
        for account in self:
            total += attrs.evolve(account.changes, suspects=account.changes.suspects + total.suspects)
        return total

    @property
    def requests(self) -> int:
        """Requests of all accounts together."""
        return sum(account.requests for account in self)

    def to_dict(self) -> dict[str, Any]:
        """The report as plain values, for JSON."""
        return {
            "accounts": [account.to_dict() for account in self],
            "failed": [account.account for account in self.failed],
            **_changes(self.changes),
            "requests": self.requests,
            "seconds": round(self.seconds, 3),
            "error": self.error,
        }

    def _of(self, account: str, vendor: str) -> AccountReport:
        found = self._accounts.get(account)
        if found is None or found.ended:
            found = self._accounts[account] = AccountReport(account=account, vendor=vendor)
        return found


def _changes(changes: Changes) -> dict[str, int]:
    return {"new": changes.new, "changed": changes.changed, "unchanged": changes.unchanged, "deleted": changes.deleted}
