"""`UnitJob`: one resource of one account in one round, as it stands in the queue."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self

import attrs

from ...account import account_digest
from ...adapter import Adapter
from ...registry import find_adapter
from ...secrets import digest
from ...tokens.source import CredentialSource
from ..accounts import SyncAccount
from ..outcome import Changes, Ending, Outcome
from ..unit import Unit


@attrs.frozen(kw_only=True)
class UnitJob:
    """
    One resource of one account in one round.

    Args:
        vendor: Entry-point name of the adapter.
        account: The account's name.
        resource: The resource's.
        round: An id of this round of this account, which its jobs share.
        lock: Of the jobs that share it one runs at a time.
        attempt: How many times it has failed in this round.
        before: The numbers of its turns before this one, if it was parked or has failed.
    """

    vendor: str
    account: str
    resource: str
    round: str
    lock: str
    attempt: int = 0
    before: Mapping[str, Any] = attrs.field(factory=dict)

    @property
    def unit(self) -> Unit:
        """What it brings up to date."""
        return Unit(vendor=self.vendor, account=self.account, resource=self.resource)

    @property
    def passes(self) -> int:
        """Passes that its turns before this one have completed."""
        return int(self.before.get("passes", 0))

    @property
    def args(self) -> dict[str, Any]:
        """As it stands in the queue; the lock has a place of its own there."""
        args = attrs.asdict(self, filter=lambda field, _: field.name != "lock")
        return {**args, "before": dict(self.before)}

    @classmethod
    def of(cls, args: Mapping[str, Any], lock: str | None) -> Self:
        """The job that stands in the queue."""
        return cls(lock=lock or "", **args)

    def total(self, outcome: Outcome) -> Outcome:
        """The outcome of this turn together with those before it."""
        if not self.before:
            return outcome
        numbers = dict(self.before)
        changes = Changes(**numbers.pop("changes"))
        return outcome + Outcome(unit=outcome.unit, ending=Ending.PARKED, changes=changes, **numbers)

    def parked(self, total: Outcome) -> UnitJob:
        """The job that goes on where this one stopped."""
        return attrs.evolve(self, before=_numbers(total))

    def failed(self, total: Outcome) -> UnitJob:
        """The job that tries again what this one could not do."""
        return attrs.evolve(self, before=_numbers(total), attempt=self.attempt + 1)


def _numbers(outcome: Outcome) -> dict[str, Any]:
    return {
        "changes": attrs.asdict(outcome.changes),
        "requests": outcome.requests,
        "queued": outcome.queued,
        "seconds": outcome.seconds,
        "passes": outcome.passes,
    }


def vendor_of(account: SyncAccount) -> str:
    """Name of an account's vendor."""
    return account.vendor if isinstance(account.vendor, str) else account.vendor.vendor


def lock_of(account: SyncAccount) -> str:
    """
    What the jobs of an account share, and with those of another label for the same credentials.

    Credentials that a callable gives are not asked for: there it is the label. Tokens are agreed on elsewhere, so two labels
    with two locks only wait for each other.

    Raises:
        AdapterNotFound: No such adapter is installed.
        ConfigError: The credentials do not have the shape that the adapter needs.
    """
    if callable(account.credentials):
        return digest("sync account", vendor_of(account), account.name)
    kind: type[Adapter] = find_adapter(account.vendor) if isinstance(account.vendor, str) else account.vendor
    known = CredentialSource(given=account.credentials, kind=kind.credentials).known()
    return account_digest(kind.vendor, account.base_url or "", known)
