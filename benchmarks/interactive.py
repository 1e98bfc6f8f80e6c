"""
A person beside an export, on one token: how long does the person wait?

The vendor allows one request at a time, so an interactive call waits for the request that is at work, and for nothing
else. Measured: its wait in the queue, against how long one bulk request takes.
"""

from __future__ import annotations

import asyncio
import random
import statistics
import time
from collections.abc import AsyncIterator, Callable
from typing import Final

import attrs

from sagicc_async import Event, Priority, RequestFinished, SessionManager
from sagicc_async.sandbox import Sandbox
from sagicc_async_serpi import Serpi

from .compare import Ratio
from .report import Effort, Figure, Question


@attrs.frozen
class Start:
    """When a request came, and when it was let go, on this process's clock."""

    enqueued: float
    started: float
    seconds: float


@attrs.frozen
class Result:
    """
    What was measured.

    Args:
        calls: Interactive calls.
        bulk: Bulk requests.
        wait_p95: Milliseconds in the queue, of interactive calls.
        bulk_p95: Milliseconds that a bulk request takes.
        overtaken: Bulk requests that started between an interactive one's arrival and its start.
        overlaps: The sandbox's own count of double use of the token.
    """

    calls: int
    bulk: int
    wait_p95: float
    bulk_p95: float
    overtaken: int
    overlaps: int

    @property
    def ratio(self) -> float:
        """Wait of the person in terms of one bulk request."""
        return self.wait_p95 / self.bulk_p95


async def measure(calls: int = 300, work: float = 0.01) -> Result:
    """
    Run an export without end, and interactive calls at random moments beside it.

    Args:
        calls: How many.
        work: Seconds that the vendor works on a request.
    """
    interactive: list[Start] = []
    bulk: list[Start] = []
    with Sandbox.in_thread(["serpi"], records=20_000, settings={"serpi": {"work": work}}) as sandbox:
        async with SessionManager(coordinator="memory:") as sessions, asyncio.TaskGroup() as group:
            vendor = sandbox["serpi"]
            serpi = sessions.open(Serpi, vendor.credentials, base_url=vendor.base_url)
            sessions.on(_recorder(interactive, bulk))
            exporting = group.create_task(_export_for_ever(serpi))
            chance = random.Random(7)
            for _ in range(calls):
                await asyncio.sleep(chance.uniform(0.5, 4) * work)
                await serpi.impuesto.list(limite=1, priority=Priority.INTERACTIVE).first()
            exporting.cancel()
        overlaps = vendor.stats.overlaps
    return Result(
        calls=len(interactive),
        bulk=len(bulk),
        wait_p95=_p95([start.started - start.enqueued for start in interactive]),
        bulk_p95=_p95([start.seconds for start in bulk]),
        overtaken=sum(one.enqueued < other.started < one.started for one in interactive for other in bulk),
        overlaps=overlaps,
    )


def _recorder(interactive: list[Start], bulk: list[Start]) -> Callable[[Event], None]:
    def record(event: Event) -> None:
        if isinstance(event, RequestFinished):
            started = time.monotonic() - event.seconds
            into = interactive if event.operation == "impuesto.list" else bulk
            into.append(Start(started - event.queued, started, event.seconds))

    return record


async def _export_for_ever(serpi: Serpi) -> None:
    while True:
        async with serpi.centro_costo.list().prefetch() as pages:
            async for _ in pages:
                pass


def _p95(values: list[float]) -> float:
    return 1000 * statistics.quantiles(values, n=20)[-1]


async def _figures(effort: Effort) -> AsyncIterator[Figure]:
    result = await measure(calls=60 if effort.quick else 300)
    yield Figure(
        case="interactive calls beside an export, one token",
        what="p95 of the wait in the queue",
        variant="interactive call",
        against="p95 of one bulk request",
        ratio=Ratio(result.ratio, result.ratio, result.ratio, 1),
        note=(
            f"{result.calls} calls, {result.bulk:,} bulk requests; {result.overtaken} bulk requests slipped in before an "
            f"interactive one, {result.overlaps} overlaps"
        ),
    )


QUESTION: Final = Question(
    name="interactive",
    title="A person beside an export",
    text="""
The vendor allows one request at a time on a token, and an export without end uses it. Interactive calls come at random
moments; each can wait for the request that is at work, and should wait for nothing else. The sandbox counts overlaps.
""",
    figures=_figures,
)
