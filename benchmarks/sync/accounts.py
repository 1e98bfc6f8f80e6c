"""Many accounts of ten pages each: `sync.run` against the hand-written loop, over the same server into the same store."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import Final

import attrs

from sagicc_async import SessionManager, sync

from ..compare import Comparison, compare
from ..counting import SIZE, Counted, serving
from . import by_hand
from .places import PLACES, Place

OURS: Final = "sagicc-async"
#: The most of the hand-written loop's time that ours may take.
MOST: Final = 1.15


@attrs.frozen(kw_only=True)
class Load:
    """
    What is mirrored.

    Args:
        accounts: How many.
        pages: Pages of each one's list.
        latency: Seconds that a page takes at the vendor.
        at_once: Accounts that the hand-written loop reads at once; ours decides it by itself.
    """

    accounts: int = 1000
    pages: int = 10
    latency: float = 0.02
    at_once: int = 100

    @property
    def names(self) -> list[str]:
        """The accounts."""
        return [f"tenant{number}" for number in range(self.accounts)]

    @property
    def rows(self) -> int:
        """Rows of all accounts together."""
        return self.accounts * self.pages * SIZE


@attrs.frozen(kw_only=True)
class Result:
    """
    What was measured.

    Args:
        comparison: Ours against the loop.
        counted: What the vendor counted, by who sent it.
    """

    comparison: Comparison
    counted: dict[str, Counted]


class Source:
    """
    The accounts.

    Args:
        base_url: Where the vendor is.
        names: What they are called.
    """

    def __init__(self, base_url: str, names: Sequence[str]) -> None:
        self._base_url = base_url
        self._names = names

    async def __aiter__(self) -> AsyncIterator[sync.SyncAccount]:
        for name in self._names:
            yield sync.SyncAccount(
                name=name,
                vendor="serpi",
                credentials={"token": f"mine-{name}", "secretkey": "benchmark-secretkey"},
                base_url=self._base_url,
                resources=["centro_costo"],
            )


async def mine(base_url: str, load: Load, place: Place) -> None:
    """Mirror all accounts with `sync.run`."""
    async with SessionManager(coordinator="memory:", max_connections=500) as sessions:
        report = await sync.run(Source(base_url, load.names), place.sink(), sessions=sessions)
    changes = report.changes
    assert not report.failed, report.failed[0]
    assert changes.new + changes.changed + changes.unchanged == load.rows, changes


async def theirs(base_url: str, load: Load, place: Place) -> None:
    """Mirror all accounts with the hand-written loop."""
    async with place.writes() as write:
        count = await by_hand.mirror(base_url, load.names, load.at_once, write)
    assert count == load.rows, count


async def measure(kind: str, load: Load, rounds: int, *, again: bool) -> Result:
    """
    Compare the two.

    Args:
        kind: Of the store.
        load: What is mirrored.
        rounds: Paired rounds.
        again: Whether the rows are there already, as they came.
    """
    with PLACES[kind]() as place, serving(load.pages, load.latency) as vendor:

        def slice_of(work: Callable[[str, Load, Place], Awaitable[None]]) -> Callable[[], Awaitable[None]]:
            async def one() -> None:
                if not again:
                    place.empty()  # some milliseconds of seconds, and of both
                await work(vendor.base_url, load, place)

            return one

        comparison = await compare({"by hand": slice_of(theirs), OURS: slice_of(mine)}, rounds, warm_up=1)
    return Result(comparison=comparison, counted=vendor.counted)
