"""How a sync went, for people: what changed by vendor or tenant, and what is to be done about what failed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final

import attrs
from rich.table import Column, Table
from rich.text import Text

from ..sync.outcome import Changes, Ending, Outcome
from ..sync.report import AccountReport, Report
from .console import counted, duration, fitting, one_line, print_table, stdout
from .sync_failures import some, troubles_of

#: So many tenants have a line each; more are summed up by vendor.
_FEW: Final = 20
_NUMBERS: Final = ("rows", "new", "changed", "deleted", "requests", "waited")


@attrs.frozen(kw_only=True)
class _Line:
    """A line of the table."""

    name: tuple[str, ...]
    failed: str
    changes: Changes
    requests: int
    queued: float


def print_report(report: Report, *, would: bool = False) -> None:
    """
    Print how a sync went: a table, and below it what failed and what to do.

    Args:
        report: How it went.
        would: Whether nothing was written.
    """
    accounts = sorted(report, key=lambda account: (account.vendor, account.account))
    few = len(accounts) <= _FEW
    lines = [_of_one(account) for account in accounts] if few else list(_by_vendor(accounts))
    if would:
        stdout.print("What would change; nothing was written.\n", style="bold")
    names = ("tenant", "vendor") if few else ("vendor", "tenants")
    # Where there is no room numbers are left out, from the right; never a name.
    print_table(fitting(_table(names, lines, numbers) for numbers in range(len(_NUMBERS), -1, -1)))
    troubles = troubles_of(report)
    if troubles:
        stdout.print("\nNot up to date:", style="bold")
    for trouble in troubles:
        _print_whole(f"  {trouble}")
    again = "so that a sync may find something else" if would else "and are read again in the next round"
    _print_names(f"Moved while they were read, {again}", accounts, lambda one: one.drifted and not one.error)
    taken = "Left to another run, which went on with them meanwhile"
    _print_names(taken, accounts, lambda one: one.ending is Ending.TAKEN_OVER)


def _print_names(what: str, accounts: Iterable[AccountReport], which: Callable[[Outcome], bool]) -> None:
    """Print which resources something happened to that is no failure."""
    names = [
        f"{account.account} {trouble.unit.resource}"
        for account in accounts
        for trouble in account.troubles
        if which(trouble)
    ]
    if names:
        _print_whole(f"\n{what}: {some(names)}")


def _print_whole(text: str) -> None:
    """Print a line that is not broken where a program may read it; a terminal breaks it between words."""
    stdout.print(Text(text), soft_wrap=not stdout.is_terminal)


def failed_line(report: Report) -> str:
    """How many tenants failed, and which."""
    names = sorted(account.account for account in report.failed)
    return f"{len(names):,} of {counted(len(report), 'tenant')} failed: {some(names)}"


def _table(names: tuple[str, str], lines: list[_Line], numbers: int) -> Table:
    columns = [
        Column(names[0], overflow="fold"),
        Column(names[1], overflow="fold", justify="left"),
        Column("failed", overflow="fold"),
    ]
    table = Table(*columns, box=None, pad_edge=False)
    for heading in _NUMBERS[:numbers]:
        table.add_column(heading, justify="right", no_wrap=True)
    for line in lines:
        table.add_row(*map(_plain, line.name), Text(line.failed, "bold red"), *_numbers(line)[:numbers])
    if len(lines) > 1:
        total = _sum(("all", ""), lines)
        table.add_section()
        table.add_row("all", "", "", *_numbers(total)[:numbers], style="bold")
    return table


def _numbers(line: _Line) -> list[str]:
    changes = line.changes
    rows = changes.new + changes.changed + changes.unchanged
    counts = (rows, changes.new, changes.changed, changes.deleted, line.requests)
    return [*(f"{count:,}" for count in counts), duration(line.queued) if line.queued >= 1 else ""]


def _of_one(account: AccountReport) -> _Line:
    failed = len([trouble for trouble in account.troubles if trouble.error])
    return _Line(
        name=(account.account, account.vendor),
        failed=(f"{failed} of {failed + account.resources}" if failed else "all") if account.failed else "",
        changes=account.changes,
        requests=account.requests,
        queued=account.queued,
    )


def _by_vendor(accounts: list[AccountReport]) -> Iterator[_Line]:
    for vendor in dict.fromkeys(account.vendor for account in accounts):
        mine = [account for account in accounts if account.vendor == vendor]
        failed = sum(account.failed for account in mine)
        summed = _sum((vendor, f"{len(mine):,}"), [_of_one(account) for account in mine])
        yield attrs.evolve(summed, failed=f"{failed:,}" if failed else "")


def _sum(name: tuple[str, str], lines: Iterable[_Line]) -> _Line:
    changes, requests, queued = Changes(), 0, 0.0
    for line in lines:
        changes += line.changes
        requests += line.requests
        queued += line.queued
    return _Line(name=name, failed="", changes=changes, requests=requests, queued=queued)


def _plain(text: str) -> Text:
    return Text(one_line(text))


def as_json(report: Report, **more: Any) -> dict[str, Any]:
    """The report for programs."""
    return {**more, **report.to_dict()}
