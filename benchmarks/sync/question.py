"""The mirror of many accounts: elapsed and processor time, rows a second, memory."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Final

from ..compare import ratio_of
from ..report import Effort, Figure, Goal, Question
from .accounts import MOST, OURS, Load, measure
from .memory import grown
from .places import PLACES
from .rows import MODELS, against_bare

LOOP: Final = "loop by hand"
BARE: Final = "bare SQLAlchemy loop"

#: Where wall time is promised: with no store, and with one that is a file, the loop by hand does next to nothing.
_PROMISED: Final = "postgresql"
#: Of the bare loop's rows a second, and so much of its time.
_SHARE: Final = 0.8
#: MiB by which the peak may grow as the accounts double.
_GROWTH: Final = 8.0
#: A round of a thousand accounts takes most of a minute.
_ROUNDS: Final = 3
_ACCOUNTS: Final = 1000

TEXT: Final = f"""
`sync.run` mirrors many accounts into one database, {Load().pages} pages each, from a server that takes {1000 * Load().latency:.0f} ms for a page.

* **Accounts**: all of it, against what a competent user writes in an afternoon (`benchmarks/sync/by_hand.py`): aiohttp, msgspec, an
  upsert through SQLAlchemy in batches of the same size. That loop keeps no token's rule, no state and no history: what fails
  begins anew, every row is written every time, and what is deleted at the vendor stays. Ours into nowhere shows what the reading
  alone costs, digests included. Promised is the elapsed time into PostgreSQL.
* **Rows**: what one commit takes, digests, comparison and state included, against a loop that only upserts the same rows, in
  batches of the same size: at least {_SHARE:.0%} of its rows a second, that is at most {1 / _SHARE:.2f} of its time.
* **Memory**: the peak of a process, as the accounts double: at most {_GROWTH:.0f} MiB more.
"""


async def figures(effort: Effort) -> AsyncIterator[Figure]:
    """Accounts, rows, memory."""
    rounds = min(effort.rounds, _ROUNDS)
    load = Load(accounts=_ACCOUNTS // 10 if effort.quick else _ACCOUNTS)
    for kind in PLACES:
        for again in (False, True) if kind == _PROMISED else (False,):
            async for figure in _accounts(kind, load, rounds, again=again):
                yield figure
    for name in MODELS:
        for again in (False, True):
            ratio = await against_bare(name, effort.rounds, again=again)
            told = f"{name} into PostgreSQL, {_told(again=again)}"
            goal = None if again else Goal(1 / _SHARE)
            yield Figure(case=told, what="wall a row", variant=OURS, against=BARE, ratio=ratio, goal=goal)
    yield await _memory(load.accounts)


async def _accounts(kind: str, load: Load, rounds: int, *, again: bool) -> AsyncIterator[Figure]:
    result = await measure(kind, load, rounds, again=again)
    overlaps = result.counted["mine"].overlaps
    assert not overlaps, f"{overlaps} requests overlapped on a token"
    case = f"{load.accounts} accounts into {kind}, {_told(again=again)}"
    goal = Goal(MOST) if kind == _PROMISED else None
    wall, cpu = result.comparison.wall[OURS], result.comparison.cpu[OURS]
    yield Figure(case=case, what="wall", variant=OURS, against=LOOP, ratio=wall, goal=goal, note="0 overlaps")
    yield Figure(case=case, what="CPU", variant=OURS, against=LOOP, ratio=cpu)


async def _memory(accounts: int) -> Figure:
    once, twice = [await asyncio.to_thread(grown, count) for count in (accounts, 2 * accounts)]
    return Figure(
        case=f"{accounts} and {2 * accounts} accounts into sqlite",
        what=f"growth of the peak / {_GROWTH:.0f} MiB",
        variant=OURS,
        against="itself",
        ratio=ratio_of([twice - once], [_GROWTH]),
        goal=Goal(1),
        note=f"peaks {once:.0f} and {twice:.0f} MiB",
    )


def _told(*, again: bool) -> str:
    return "again, nothing changed" if again else "first time"


QUESTION: Final = Question(name="sync", title="Mirroring many accounts", text=TEXT, figures=figures)
