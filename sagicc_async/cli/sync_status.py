"""`sagicc-async sync status [CONFIG]`: what is how old."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Sequence
from typing import Annotated, Any, Final

import attrs
from cyclopts import Parameter
from rich.table import Column, Table
from rich.text import Text

from ..clock import SystemClock
from ..sync.accounts import SyncAccount, check_names
from ..sync.outcome import Outcome
from ..sync.state import SyncState, Underway
from ..sync.unit import Unit
from .console import counted, duration, one_line, print_json, print_table, say, stdout
from .sync_failures import reason, together
from .sync_options import loaded

_NO_NEGATIVE: Final = Parameter(negative="", show_default=False)
#: So many resources have a line each; where there are more, each tenant has one.
_FEW: Final = 60


@attrs.frozen(kw_only=True)
class Age:
    """
    How old the mirror of a resource is.

    Args:
        vendor: Whose.
        account: Which account.
        resource: Which resource; empty for an account that was never synced.
        completed_at: When its latest pass was completed, in seconds since the epoch; `None` if none was.
        underway: The pass that has more to come.
        ended_at: When its latest turn ended, in seconds since the epoch; `None` before the first.
        failing: Why that turn failed, or was left out; empty if it did not.
        gone: Why it is not synced any more; empty if it is.
    """

    vendor: str
    account: str
    resource: str = ""
    completed_at: float | None = None
    underway: Underway | None = None
    ended_at: float | None = None
    failing: str = ""
    gone: str = ""


async def status(
    config: str | None = None,
    /,
    *,
    accounts: str | None = None,
    only: Annotated[list[str] | None, _NO_NEGATIVE] = None,
    database: str | None = None,
    json: Annotated[bool, _NO_NEGATIVE] = False,
) -> None:
    """
    Say how old the mirror of each resource is, the oldest first; nothing is sent to any vendor.

    Parameters
    ----------
    config
        The accounts file, if not at one of its usual places.
    accounts
        A function that gives the accounts instead; see `sync`.
    only
        An account to tell of, and no other; can be given several times. Where there are many, each resource has a line
        of its own only so.
    database
        Where the mirror is kept; see `sync`.
    json
        For programs.
    """
    found = loaded(config, accounts=accounts, database=database)
    present = [account async for account in found.source]
    async with found.sink() as sink:
        known = await sink.outcomes()
    ages = ages_of(present, known)
    check_names(only or (), (age.account for age in ages))
    ages = [age for age in ages if not only or age.account in only]
    now = SystemClock().wall()
    if json:
        print_json([_facts(age, now) for age in ages])
        return
    if not ages:
        say("There is no account, and nothing was ever synced.")
        return
    print_table(_by_resource(ages, now) if len(ages) <= _FEW else _by_account(ages, now))
    _print_failing(ages)
    say(_summary(ages, now))


def ages_of(present: Sequence[SyncAccount], known: Sequence[tuple[Outcome, SyncState]]) -> list[Age]:
    """
    How old everything is, the oldest first: what was never completed, then by the time of the latest pass.

    Args:
        present: The accounts that there are.
        known: What the sink remembers.
    """
    accounts = {account.name: account for account in present}
    ages = [
        Age(
            vendor=outcome.unit.vendor,
            account=outcome.unit.account,
            resource=outcome.unit.resource,
            completed_at=state.completed_at,
            underway=state.underway,
            ended_at=outcome.at,
            failing=reason(outcome) if outcome.failed else "",
            gone=_gone(outcome.unit, accounts.get(outcome.unit.account)),
        )
        for outcome, state in known
    ]
    synced = {(age.vendor, age.account) for age in ages}
    new = ((_vendor_of(account), account.name) for account in present)
    ages += [Age(vendor=vendor, account=name) for vendor, name in new if (vendor, name) not in synced]
    return sorted(ages, key=lambda age: (age.completed_at or 0.0, age.account, age.resource))


def _gone(unit: Unit, account: SyncAccount | None) -> str:
    """Why a unit is not synced any more; empty if it is, as far as the account says by itself."""
    if account is None:
        return "no such account any more"
    named = account.resources is None or unit.resource in account.resources
    return "" if named and unit.vendor == _vendor_of(account) else "not synced any more"


def _vendor_of(account: SyncAccount) -> str:
    return account.vendor if isinstance(account.vendor, str) else account.vendor.vendor


def _by_resource(ages: Sequence[Age], now: float) -> Table:
    table = _table("resource")
    for age in ages:
        names = (age.account, age.vendor, age.resource or "all")
        table.add_row(_old(age, now), *(Text(one_line(name)) for name in names), Text(", ".join(_remarks(age))))
    return table


def _by_account(ages: Sequence[Age], now: float) -> Table:
    """A line for each tenant, with its oldest resource; in the order of these."""
    table = _table("oldest resource")
    for name, mine in _grouped(ages).items():
        oldest = next((age for age in mine if not age.gone), mine[0])
        failing, underway = sum(bool(age.failing) for age in mine), sum(age.underway is not None for age in mine)
        remarks = [
            *([f"{failing:,} of {counted(len(mine), 'resource')} failing"] if failing else []),
            *([f"{underway:,} under way"] if underway else []),
            *([oldest.gone] if oldest.gone else []),
        ]
        names = (name, oldest.vendor, oldest.resource or "all")
        table.add_row(_old(oldest, now), *(Text(one_line(text)) for text in names), Text(", ".join(remarks)))
    return table


def _table(resource: str) -> Table:
    age = Column("age", justify="right", no_wrap=True)
    names = (Column(heading, overflow="fold") for heading in ("tenant", "vendor", resource, ""))
    return Table(age, *names, box=None, pad_edge=False)


def _grouped(ages: Sequence[Age]) -> dict[str, list[Age]]:
    accounts: dict[str, list[Age]] = {}
    for age in ages:
        accounts.setdefault(age.account, []).append(age)
    return accounts


def _old(age: Age, now: float) -> Text:
    if age.completed_at is None:
        return Text("never", "yellow")
    return Text(duration(max(0.0, now - age.completed_at)))


def _remarks(age: Age) -> Iterator[str]:
    if age.failing:
        yield "failing"
    if age.underway is not None:
        of = f" of {age.underway.total:,}" if age.underway.total is not None else ""
        yield f"under way: {age.underway.records:,}{of} rows"
    if age.gone:
        yield age.gone


def _print_failing(ages: Sequence[Age]) -> None:
    reasons: dict[tuple[str, str, str], list[str]] = {}
    for age in ages:
        if age.failing and not age.gone:
            reasons.setdefault((age.vendor, age.account, age.failing), []).append(age.resource)
    if reasons:
        stdout.print("\nFailing:", style="bold")
    for trouble in together((vendor, account, tuple(names), why) for (vendor, account, why), names in reasons.items()):
        stdout.print(Text(f"  {trouble}"), soft_wrap=True)


def _summary(ages: Sequence[Age], now: float) -> str:
    ages = [age for age in ages if not age.gone]
    failing = sum(bool(age.failing) for age in ages)
    never = sum(age.completed_at is None for age in ages)
    accounts = counted(len(_grouped(ages)), "tenant")
    completed = [age.completed_at for age in ages if age.completed_at is not None]
    oldest = f", the oldest {duration(max(0.0, now - min(completed)))} old" if completed else ""
    return f"{counted(len(ages), 'resource')} of {accounts}{oldest}; {never:,} never completed, {failing:,} failing"


def _facts(age: Age, now: float) -> dict[str, Any]:
    underway = age.underway
    return {
        "account": age.account,
        "vendor": age.vendor,
        "resource": age.resource or None,
        "completed_at": _moment(age.completed_at),
        "age": None if age.completed_at is None else round(max(0.0, now - age.completed_at), 1),
        "ended_at": _moment(age.ended_at),
        "underway": None
        if underway is None
        else {"kind": underway.kind.value, "records": underway.records, "total": underway.total},
        "failing": age.failing,
        "gone": bool(age.gone),
    }


def _moment(seconds: float | None) -> str | None:
    if seconds is None:
        return None
    return datetime.datetime.fromtimestamp(seconds, datetime.UTC).isoformat(timespec="seconds")
