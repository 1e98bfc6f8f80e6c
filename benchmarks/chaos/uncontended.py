"""What agreeing with others costs where there are none: a stream of requests, one after the other."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from typing import Final

import attrs

from sagicc_async import Coordinator, MemoryCoordinator, SessionManager

from ..compare import Ratio, compare
from . import vendor
from .addresses import coordinator
from .kiosk import Kiosk
from .places import Place, place

#: What a store may cost, against memory.
MOST: Final[Mapping[str, float]] = {"file": 1.02, "redis": 1.10, "postgres": 1.10}

_SLICE: Final = 10


@attrs.frozen(kw_only=True)
class Cost:
    """
    What was measured.

    Args:
        place: Where it was agreed.
        requests: How many were counted.
        ratio: Elapsed time, in terms of memory's.
    """

    place: Place
    requests: int
    ratio: Ratio

    @property
    def most(self) -> float:
        """What it may be."""
        return MOST[self.place.kind]

    @property
    def broken(self) -> list[str]:
        """What was promised and did not hold."""
        return [f"{self.ratio} of the time over memory"] if self.ratio.median > self.most else []


async def measure(kinds: Sequence[str], requests: int = 1000, work: float = 0.02) -> list[Cost]:
    """
    Let streams over each store alternate with one over memory.

    Args:
        kinds: Stores.
        requests: How many requests of each are counted.
        work: Seconds that the vendor takes for each.
    """
    async with AsyncExitStack() as stack:
        there = await stack.enter_async_context(vendor.started(work))
        places = {kind: await stack.enter_async_context(place(kind)) for kind in kinds}
        agreeing: dict[str, Coordinator] = {"memory": MemoryCoordinator()}
        agreeing |= {kind: coordinator(where.address) for kind, where in places.items()}
        slices: dict[str, Callable[[], Awaitable[object]]] = {}
        for name, mine in agreeing.items():
            sessions = await stack.enter_async_context(SessionManager(coordinator=mine))
            account = sessions.open(Kiosk, {"token": name}, account=name, base_url=there.base_url)
            slices[name] = _stream(account)
        comparison = await compare(slices, rounds=requests // _SLICE)
    return [Cost(place=where, requests=requests, ratio=comparison.wall[kind]) for kind, where in places.items()]


def _stream(account: Kiosk) -> Callable[[], Awaitable[object]]:
    async def requests() -> None:
        for _ in range(_SLICE):
            await account.notes.read()

    return requests
