"""All tenants on one screen: what is drawn on a terminal while a sync runs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from rich.cells import cell_len
from rich.console import Group
from rich.text import Text

from .console import counted, duration, one_line
from .sync_board import Board, Standing, Tenant

#: The shares of the height that the map of all tenants may take, and the lines of failing tenants.
_MAP_SHARE: Final = 1 / 3
_FAILING_SHARE: Final = 1 / 2
#: Columns of a tenant's name, at most.
_NAME: Final = 28

#: In the order in which they are counted.
_MARKS: Final[Mapping[Standing, tuple[str, str]]] = {
    Standing.DONE: ("✓", "green"),
    Standing.WORKING: ("▸", "cyan"),
    Standing.WAITING: ("◦", "yellow"),
    Standing.BEHIND: ("·", "dim"),
    Standing.FAILING: ("✗", "bold red"),
}


def picture(board: Board, title: str, width: int, height: int) -> Group:
    """
    The board as it stands.

    Args:
        board: What to show.
        title: What is going on.
        width: Columns that there are.
        height: Lines that there are; the picture takes no more.
    """
    standings = {tenant.name: board.standing(tenant) for tenant in board}
    head = _head(board, title, width, standings)
    head += _map(standings, width, int(height * _MAP_SHARE))
    # The terminal's last line stays free: to write into it would scroll the picture away.
    lines = _tenants(board, standings, height - len(head) - 2)
    for line in (*head, *lines):
        line.no_wrap, line.overflow = True, "ellipsis"
    return Group(*head, *([Text()] if lines else []), *lines)


def _head(board: Board, title: str, width: int, standings: Mapping[str, Standing]) -> list[Text]:
    elapsed = duration(board.seconds)
    first = Text(one_line(title), "bold")
    first.truncate(max(1, width - len(elapsed) - 2), overflow="ellipsis")
    first.append(elapsed.rjust(width - first.cell_len), "dim")
    rows, requests = board.rates()
    amounts = (
        f"{board.rows:,} rows read, {board.changes:,} {board.written}, {rows:,.0f} rows/s - "
        f"{counted(board.requests, 'request')}, {requests:,.0f}/s"
    )
    lines = [first]
    if standings:
        lines += [_progress(board, standings, width), _counts(standings), Text(amounts)]
    if board.away:
        lines.append(Text(one_line(f"waiting for the mirror's store: {board.away}"), "bold red"))
    return lines


def _progress(board: Board, standings: Mapping[str, Standing], width: int) -> Text:
    """How many tenants are through, whether up to date or failing."""
    done, total = _number(standings, Standing.DONE), len(standings)
    through = done + sum(tenant.over for tenant in board if standings[tenant.name] is Standing.FAILING)
    told = f" {through:,} of {counted(total, 'tenant')}"
    cells = max(0, width - len(told))
    green = cells * done // total
    red = cells * through // total - green
    rest = cells - green - red
    return Text.assemble(("━" * green, "green"), ("━" * red, "red"), ("━" * rest, "grey23"), told)


def _counts(standings: Mapping[str, Standing]) -> Text:
    text = Text()
    for standing, (mark, style) in _MARKS.items():
        number = _number(standings, standing)
        if number or standing is Standing.DONE:
            text.append("   " if text else "").append(f"{mark} {number:,} {standing.value}", style)
    return text


def _map(standings: Mapping[str, Standing], width: int, most: int) -> list[Text]:
    """A mark for each tenant, in as many lines as that takes; nothing where these would be too many."""
    marks = [_MARKS[standing] for standing in standings.values()]
    lines = [Text.assemble(*marks[start : start + width]) for start in range(0, len(marks), width)]
    return [Text(), *lines] if 0 < len(lines) < most else []


def _number(standings: Mapping[str, Standing], wanted: Standing) -> int:
    return sum(standing is wanted for standing in standings.values())


def _tenants(board: Board, standings: Mapping[str, Standing], room: int) -> list[Text]:
    """The tenants that matter most, as many as there is room for: failing ones, then those that work, the oldest first."""
    failing = [tenant for tenant in board if standings[tenant.name] is Standing.FAILING]
    working = [tenant for tenant in board if standings[tenant.name] in (Standing.WORKING, Standing.WAITING)]
    working.sort(key=lambda tenant: tenant.turn_at)
    for_failing = max(int(room * _FAILING_SHARE), room - len(working))
    shown = _fitting(failing, for_failing)
    shown_working = _fitting(working, room - len(shown) - (len(shown) < len(failing)))
    name = min(_NAME, max((cell_len(one_line(tenant.name)) for tenant in (*shown, *shown_working)), default=0))
    vendor = max((len(tenant.vendor) for tenant in (*shown, *shown_working)), default=0)
    lines = [_line(board, tenant, standings[tenant.name], name, vendor) for tenant in shown]
    lines += _more(len(failing) - len(shown), "failing")
    lines += [_line(board, tenant, standings[tenant.name], name, vendor) for tenant in shown_working]
    lines += _more(len(working) - len(shown_working), "working")
    return lines[: max(0, room)]


def _fitting(tenants: Sequence[Tenant], room: int) -> Sequence[Tenant]:
    """Those for whom there is room; where not for all, a line is left to say so."""
    return tenants if len(tenants) <= room else tenants[: max(0, room - 1)]


def _more(number: int, what: str) -> Iterator[Text]:
    if number > 0:
        yield Text(f"  and {number:,} more {what}", "dim")


def _line(board: Board, tenant: Tenant, standing: Standing, name: int, vendor: int) -> Text:
    mark, style = _MARKS[standing]
    label = Text(one_line(tenant.name))
    label.truncate(name, overflow="ellipsis", pad=True)
    line = Text.assemble((mark, style), " ", label, "  ", (f"{tenant.vendor:{vendor}}  ", "dim"))
    if standing is Standing.FAILING:
        return line.append(one_line(tenant.failure), "red")
    return line.append(_doing(board, tenant))


def _doing(board: Board, tenant: Tenant) -> str:
    waits = "waits for its token" if tenant.waiting else ""
    if not tenant.resource:
        return waits or "begins"
    underway = tenant.underway
    if underway is None:
        done = counted(tenant.requests, "request")
    elif underway.total:
        done = f"{underway.records:,} of {underway.total:,} rows, {board.rate(tenant):,.0f}/s"
    else:
        done = f"{underway.records:,} rows, {board.rate(tenant):,.0f}/s"
    return f"{tenant.resource}  {done}{waits and f', {waits}'}"
