"""
How long a token lies idle between a release in one process and the grant in another.

    python -m benchmarks.chaos.handover ADDRESS ROUNDS     # one process of it

It is counted in round trips to the store: of a PING or a `select 1` through the same proxy; in microseconds for a folder.
"""

from __future__ import annotations

import asyncio
import json
import statistics
import sys
import time
from asyncio.subprocess import PIPE
from collections.abc import Awaitable, Callable, Sequence
from itertools import pairwise
from typing import Final

import attrs

from sagicc_async import Scope
from sagicc_async.tokens.admission import Ending

from .addresses import coordinator
from .places import Place

#: Round trips that the hand-over may take, in 95 of 100 cases.
MOST: Final = 5.0

#: Milliseconds that it may take where there is no network: what a busy machine may need to let a process run.
MOST_HERE: Final = 20.0

_SCOPE: Final = Scope(key="ab5e", max_in_flight=1, settle=1.0)
_PROCESSES: Final = 3
_WORK: Final = 0.005


@attrs.frozen(kw_only=True)
class HandOver:
    """
    What was measured, in seconds.

    Args:
        place: Where it was agreed.
        round_trip: To the store; 0 where there is no network.
        idle: The token, each time that it went from one process to another.
    """

    place: Place
    round_trip: float
    idle: Sequence[float]

    @property
    def p50(self) -> float:
        """The median."""
        return statistics.median(self.idle)

    @property
    def p95(self) -> float:
        """What 95 of 100 take at most."""
        return statistics.quantiles(self.idle, n=20)[-1]

    @property
    def broken(self) -> list[str]:
        """What was promised and did not hold."""
        if self.round_trip:
            trips = self.p95 / self.round_trip
            return [f"a hand-over takes {trips:.1f} round trips"] if trips > MOST else []
        return [f"a hand-over takes {1e3 * self.p95:.1f} ms"] if 1e3 * self.p95 > MOST_HERE else []


async def measure(place: Place, rounds: int = 100, latency: float = 0.005) -> HandOver:
    """
    Let processes take turns on one token.

    Args:
        place: Where they agree.
        rounds: Turns of each.
        latency: Seconds to the store, each way.
    """
    async with place.proxied(_PROCESSES + 1, latency) as proxies:
        addresses = [proxy.url(place.address) for proxy in proxies] or [place.address] * (_PROCESSES + 1)
        round_trip = await _round_trip(addresses.pop()) if proxies else 0.0
        turns = await asyncio.gather(*(_taken(address, rounds) for address in addresses))
    marked = sorted((granted, released, who) for who, taken in enumerate(turns) for granted, released in taken)
    idle = [later[0] - earlier[1] for earlier, later in pairwise(marked) if earlier[2] != later[2]]
    return HandOver(place=place, round_trip=round_trip, idle=idle)


async def _taken(address: str, rounds: int) -> list[tuple[float, float]]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", __spec__.name, address, str(rounds), stdout=PIPE
    )
    said, _ = await process.communicate()
    return [(granted, released) for granted, released in json.loads(said)]


async def _round_trip(address: str) -> float:
    """The median of the simplest thing that can be asked."""
    if address.startswith("redis"):
        import redis.asyncio  # noqa: PLC0415 - what a store needs is imported where it is asked for

        async with redis.asyncio.Redis.from_url(address) as client:
            return await _median(client.ping)
    import psycopg  # noqa: PLC0415

    async with await psycopg.AsyncConnection.connect(address, autocommit=True) as connection:
        return await _median(lambda: connection.execute("select 1"))


async def _median(ask: Callable[[], Awaitable[object]]) -> float:
    await ask()
    times = [time.monotonic()]
    for _ in range(50):
        await ask()
        times.append(time.monotonic())
    return statistics.median(later - earlier for earlier, later in pairwise(times))


async def take_turns(address: str, rounds: int) -> list[tuple[float, float]]:
    """
    Take the token again and again.

    Returns:
        When it was granted and given back, each time, on the machine's clock.
    """
    agreeing = coordinator(address)
    await agreeing.open()
    turns = []
    for _ in range(rounds):
        lease = await agreeing.admit(_SCOPE, lane="1a", rank=1, hold=5.0)
        granted = time.monotonic()
        await asyncio.sleep(_WORK)
        turns.append((granted, time.monotonic()))
        lease.release(Ending.COMPLETE)
    await agreeing.close()
    return turns


if __name__ == "__main__":
    print(json.dumps(asyncio.run(take_turns(sys.argv[1], int(sys.argv[2])))))
