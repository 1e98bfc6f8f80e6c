"""Where more accounts stop being free: each point is held against what it would take if only one thing were scarce."""

from __future__ import annotations

import math
import statistics
from collections.abc import AsyncIterator
from typing import Final

from sagicc_async import SessionManager

from .compare import compare, ratio_of
from .counting import SIZE, serving
from .report import Effort, Figure, Question
from .tenants import OURS, PAGES, read
from .wide import WideOneAtATime

#: Seconds of an answer, connections of the manager, accounts.
_POINTS: Final = (
    *((0.02, 200, accounts) for accounts in (1, 10, 30, 100, 300, 1_000)),
    *((0.1, connections, 1_000) for connections in (50, 200, 500)),
)
_QUICK: Final = ((0.02, 200, 10), (0.02, 200, 100), (0.1, 50, 100), (0.1, 200, 100))
#: Kept for interactive calls, by default.
_RESERVED: Final = 10
#: How much longer than the vendor's own time a run may be and still be called bound by it.
_NEAR: Final = 1.5

TEXT: Final = f"""
The same lists as of the question before, {PAGES} pages of {SIZE} records an account, with more and more accounts. Two things are
scarce: the *vendor's time* (each account's answers come one after the other, and there are so many connections:
answers x seconds x the rounds that the connections need), and the *processor's* (what this process spent in the
same run). No program is faster than the larger of the two; each row says how much longer ours took than that.

* While accounts are few, time does not grow with them: all wait for the vendor side by side.
* Where the note says *processor*, time grows in proportion to requests: one core makes so many a second, and more
  connections would not help.
* Where it says *connections*, `max_connections` is too small for so slow a vendor: connections = requests a second that
  the core can do x seconds of an answer.
* In between both are scarce at times, and the ratio is at its largest: that is where the curve bends.
"""


async def _run(base_url: str, accounts: int, connections: int) -> None:
    async with SessionManager(coordinator="memory:", max_connections=connections) as sessions:
        await read(
            sessions.open(
                WideOneAtATime, {"token": f"ours-{number}"}, account=f"tenant {number}", base_url=base_url
            ).wide.list(size=SIZE)
            for number in range(accounts)
        )


def _bound(vendor: float, processor: float, accounts: int, connections: int) -> str:
    """What was scarce, in a word."""
    if processor * _NEAR > vendor:
        return "processor" if processor > vendor else "processor and vendor"
    return "connections" if accounts > connections else "vendor"


async def _figures(effort: Effort) -> AsyncIterator[Figure]:
    for latency, limit, accounts in _QUICK if effort.quick else _POINTS:
        with serving(PAGES, latency, kind="wide") as vendor:
            compared = await compare(
                {OURS: lambda: _run(vendor.base_url, accounts, limit)},  # noqa: B023 - it runs within this turn
                min(effort.rounds, 3),
                warm_up=0,
            )
        usable = limit - _RESERVED
        waiting = (PAGES + 1) * latency * max(1.0, accounts / usable)
        spent, took = compared.spent[OURS], compared.took[OURS]
        processor = statistics.median(spent)
        rate = accounts * (PAGES + 1) / statistics.median(took)
        yield Figure(
            case=f"{accounts:,} account{'' if accounts == 1 else 's'}, {1000 * latency:.0f} ms, {limit} connections",
            what="wall",
            variant=OURS,
            against="the scarcer of vendor and processor",
            ratio=ratio_of(took, [max(waiting, one) for one in spent]),
            note=f"{_bound(waiting, processor, accounts, usable)}; {_rounded(rate)} requests a second",
        )


def _rounded(rate: float) -> str:
    """Two digits, which is all that a shared machine is good for."""
    digits = 1 - math.floor(math.log10(rate))
    return f"{round(rate, digits):,.0f}"


QUESTION: Final = Question(name="growth", title="Growth", text=TEXT, figures=_figures)
