"""Look-ahead: how near a stream comes to waiting for the vendor and working at the same time."""

from __future__ import annotations

import asyncio
import gc
import statistics
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Final

import attrs
from redis.asyncio import Redis

from sagicc_async import Coordinator, FileCoordinator, MemoryCoordinator, RedisCoordinator, SessionManager, Stream
from tests.servers import ValkeyServer

from . import cores
from .compare import ratio_of
from .peers.sagicc_async_stream import Erp, Wide
from .report import Effort, Figure, Goal, Question
from .server import serving

#: Records a page.
_SIZE: Final = 100
#: Seconds that a consumer takes for a page.
_WORK: Final = 0.02
#: Seconds before each answer, how many steps from page to page are counted then, and in what share of the rounds: with
#: long waits they take long, and differ little.
_LATENCIES: Final = ((0.02, 12, 1.0), (0.1, 5, 0.3))

Consumer = Callable[[], Awaitable[None]]


async def _nothing() -> None:
    """Ask for the next page at once."""


async def _sleep() -> None:
    """Wait, as for a database."""
    await asyncio.sleep(_WORK)


async def _burn() -> None:
    """Keep the processor, and with it the loop."""
    until = time.perf_counter() + _WORK
    while time.perf_counter() < until:
        pass


_CONSUMERS: Final[dict[str, Consumer]] = {"sleeps": _sleep, "computes": _burn}


@attrs.frozen
class Spent:
    """Seconds from the moment that the first page is in hand to the moment that the last one is."""

    wall: float
    cpu: float

    @property
    def waited(self) -> float:
        """Seconds without the processor."""
        return self.wall - self.cpu


@attrs.frozen
class Place:
    """
    The same list, agreed on in one of several places.

    Args:
        name: Of the place.
        stream: Begins the list anew.
        ping: Seconds of one round trip to the place, as it is now.
    """

    name: str
    stream: Callable[[], Stream[Wide]]
    ping: Callable[[], Awaitable[float]]


@attrs.frozen
class Round:
    """
    What was measured in one round.

    Args:
        alone: By consumer: as many pages consumed that are all there.
        plain: By place: one page after the other, without a consumer.
        ahead: By place and consumer: with look-ahead.
        pings: By place: the round trips of all steps.
    """

    alone: dict[str, Spent]
    plain: dict[str, Spent]
    ahead: dict[tuple[str, str], Spent]
    pings: dict[str, float]

    def ideal(self, place: str, consumer: str) -> float:
        """Seconds that are left if the vendor and the consumer never wait for each other."""
        wire = self.plain["memory"].waited
        return self.plain[place].cpu + max(wire, self.alone[consumer].wall) + self.pings[place]

    def without(self, place: str, consumer: str) -> float:
        """Seconds without look-ahead."""
        return self.plain[place].wall + self.alone[consumer].wall


async def _steps(pages: AsyncIterator[object], steps: int, consume: Consumer) -> Spent:
    """Read pages to their end, and do something with each."""
    moments: list[tuple[float, float]] = []
    async for _ in pages:
        moments.append((time.perf_counter(), time.process_time()))
        await consume()
    assert len(moments) == steps + 1, len(moments)
    (began, before), (ended, after) = moments[0], moments[-1]
    return Spent(ended - began, after - before)


async def _at_hand(pages: int) -> AsyncIterator[int]:
    for number in range(pages):
        yield number


async def _ahead(stream: Stream[Wide], steps: int, consume: Consumer) -> Spent:
    async with stream.prefetch() as pages:
        return await _steps(pages, steps, consume)


async def _round(places: Sequence[Place], steps: int) -> Round:
    alone, plain, ahead, pings = {}, {}, {}, {}
    for name, consume in _CONSUMERS.items():
        alone[name] = await _steps(_at_hand(steps + 1), steps, consume)
    for place in places:
        gc.collect()
        pings[place.name] = steps * await place.ping()
        plain[place.name] = await _steps(place.stream().pages(), steps, _nothing)
        for name, consume in _CONSUMERS.items():
            gc.collect()
            ahead[place.name, name] = await _ahead(place.stream(), steps, consume)
    return Round(alone, plain, ahead, pings)


async def _no_trip() -> float:
    return 0.0


async def _trip(redis: Redis) -> float:
    times: list[float] = []
    for _ in range(11):
        began = time.perf_counter()
        await redis.ping()
        times.append(time.perf_counter() - began)
    return statistics.median(times)


@asynccontextmanager
async def _places(base_url: str, redis_url: str) -> AsyncIterator[Sequence[Place]]:
    """Three managers, with a token each, so that none waits for another's."""
    async with AsyncExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory())
        redis = await stack.enter_async_context(Redis.from_url(redis_url))
        agreeing: dict[str, tuple[Coordinator, Callable[[], Awaitable[float]]]] = {
            "memory": (MemoryCoordinator(), _no_trip),
            "file": (FileCoordinator(folder), _no_trip),
            "Redis": (RedisCoordinator(redis_url, new=True), lambda: _trip(redis)),
        }
        places = []
        for name, (coordinator, ping) in agreeing.items():
            sessions = await stack.enter_async_context(SessionManager(coordinator=coordinator))
            wide = sessions.open(Erp, {"token": name}, base_url=base_url).wide
            places.append(Place(name, lambda wide=wide: wide.list(size=_SIZE), ping))  # type: ignore[misc]
        yield places


async def figures(effort: Effort) -> AsyncIterator[Figure]:
    """Every row: two latencies, two kinds of connections, three places, two consumers."""
    cores.pin()
    with ValkeyServer() as redis:
        cores.move_away(redis.pid)
        for latency, steps, share in _LATENCIES:
            for connections in ("warm", "cold"):
                with serving("wide", _SIZE, steps + 1, latency=latency, close=connections == "cold") as base_url:
                    async with _places(base_url, redis.url) as places:
                        await _round(places, steps)  # warms up
                        rounds = [await _round(places, steps) for _ in range(max(5, round(share * effort.rounds)))]
                case = f"{1000 * latency:.0f} ms, {connections} connections"
                for place, consumer in rounds[0].ahead:
                    yield _figure(case, place, consumer, rounds)


def _figure(case: str, place: str, consumer: str, rounds: Sequence[Round]) -> Figure:
    ideal = [one.ideal(place, consumer) for one in rounds]
    without = ratio_of([one.without(place, consumer) for one in rounds], ideal)
    return Figure(
        case=f"{case}, agreed in {place}, a consumer that {consumer} for 20 ms",
        what="wall",
        variant="sagicc-async, prefetch()",
        against="CPU + max(wire, consume)" + (" + a PING" if place == "Redis" else ""),
        ratio=ratio_of([one.ahead[place, consumer].wall for one in rounds], ideal),
        goal=Goal(1.05),
        note=f"without look-ahead {without.median:.2f}",
    )


QUESTION: Final = Question(
    name="look_ahead",
    title="Look-ahead",
    text="""
`async with stream.prefetch() as pages` reads page n + 1 while its consumer works on page n. At best a step from page to
page takes the client's own processor time and the longer of the other two: what is waited for on the wire, and what the
consumer takes. The vendor allows one request at a time on a token, so each step also asks the coordinator for the token
and gives it back.

All parts of that sum are measured in the same round as the run itself, so none is taken from theory:

* *CPU*: the processor time of this process for the same pages from the same coordinator, one after the other, without a
  consumer. Building the typed records and the coordinator's own work are in it.
* *wire*: the elapsed time of such a run with the coordinator in memory, less its processor time: the vendor's 20 or 100
  ms, the kernel, and, where connections are cold (the server closes each after its answer), the new connection.
* *consume*: the elapsed time of the same consumer with pages that are all there. One consumer sleeps for 20 ms a page;
  the other one computes for 20 ms, during which the loop stands still and nothing can be sent.
* *a PING*: with Redis, one round trip for each step, measured beside it. No consumer gets its page before the request for
  the next one is written, which takes the token, which takes a round trip.

Counted is from the moment that the consumer has the first page to the moment that it has the last: the first page
cannot be overlapped with anything. The processor time is not taken to overlap with anything either.
""",
    figures=figures,
)
