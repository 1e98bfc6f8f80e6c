"""Why tenants are not up to date, told once where many have the same reason."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import attrs

from ..sync.outcome import Outcome
from ..sync.report import AccountReport, Report
from .console import counted, one_line


@attrs.frozen(kw_only=True)
class Trouble:
    """
    A reason, and whose it is.

    Args:
        vendor: Whose accounts they are.
        resources: What is not up to date; empty if it is the account as a whole.
        why: What happened, and what to do.
        accounts: Names of the accounts.
    """

    vendor: str
    resources: tuple[str, ...]
    why: str
    accounts: tuple[str, ...]

    def __str__(self) -> str:
        resources = f" {', '.join(self.resources)}" if self.resources else ""
        if len(self.accounts) == 1:
            return one_line(f"{self.accounts[0]} ({self.vendor}){resources}: {self.why}")
        names = ", ".join(self.accounts)
        return one_line(f"{counted(len(self.accounts), 'tenant')} of {self.vendor}{resources}: {self.why} - {names}")


def reason(outcome: Outcome) -> str:
    """Why a unit failed, without the names that stand beside it anyway."""
    return outcome.error.removeprefix(f"{outcome.unit.vendor} {outcome.unit.account} ")


def troubles_of(report: Report) -> list[Trouble]:
    """All reasons why something is not up to date: the most common first."""
    return together(
        (account.vendor, account.account, resources, why)
        for account in sorted(report, key=lambda account: account.account)
        for resources, why in _reasons(account)
    )


def together(reasons: Iterable[tuple[str, str, tuple[str, ...], str]]) -> list[Trouble]:
    """
    Put accounts together that have the same reason.

    Args:
        reasons: Vendor, account, resources, and why.
    """
    accounts: dict[tuple[str, tuple[str, ...], str], list[str]] = {}
    for vendor, account, resources, why in reasons:
        accounts.setdefault((vendor, resources, why), []).append(account)
    troubles = [
        Trouble(vendor=vendor, resources=resources, why=why, accounts=tuple(names))
        for (vendor, resources, why), names in accounts.items()
    ]
    return sorted(troubles, key=lambda trouble: -len(trouble.accounts))


def some(names: Iterable[str]) -> str:
    """The first names, and how many more there are."""
    listed = list(names)
    more = f" and {len(listed) - 10:,} more" if len(listed) > 10 else ""
    return one_line(f"{', '.join(listed[:10])}{more}")


def _reasons(account: AccountReport) -> Iterator[tuple[tuple[str, ...], str]]:
    """An account's own; what was left alone after its failures says nothing new."""
    failures = [trouble for trouble in account.troubles if trouble.error and trouble.kind]
    if account.error and all(trouble.error != account.error for trouble in failures):
        yield (), account.error
    yield from by_reason(failures)


def by_reason(failures: Iterable[Outcome]) -> Iterator[tuple[tuple[str, ...], str]]:
    """The resources of one account that failed, those together that have the same reason."""
    resources: dict[str, list[str]] = {}
    for outcome in failures:
        # An error that begins with its operation would be another one for each resource.
        why = reason(outcome).removeprefix(f"{outcome.unit.resource}.list: ")
        resources.setdefault(why, []).append(outcome.unit.resource)
    for why, names in resources.items():
        yield tuple(names), why
