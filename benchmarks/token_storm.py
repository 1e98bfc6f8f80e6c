"""
Two managers fight over one token that must never be used twice at once; the vendor itself counts.

    python -m benchmarks.token_storm --seconds 60 --tasks 200

Many tasks read and write through two managers of one process, while a third of the calls is cancelled at random
moments and the vendor resets, truncates and stalls. The table shows what the vendor counted: with work that ends within
`settle` after we lost sight of it, `at once` is 1 and `overlaps` is 0. In the last row the vendor works for longer than
`settle`, which breaks the assumption that the promise is made under: it shows what then happens.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import itertools
import logging
import random
import time
import warnings
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final

import attrs

from sagicc_async import MemoryCoordinator, RequestError, RetryPolicy, SessionManager, Timeouts
from sagicc_async.sandbox import LocalVendor, Sandbox
from sagicc_async_serpi import Serpi

_CODE: Final = "abcdefghijklmnopqrstuvwxyz"  # the invented codes are written in capitals


@attrs.frozen(kw_only=True)
class Storm:
    """
    What happens in one row of the table.

    Args:
        name: Of the row.
        seconds: How long calls are made.
        tasks: How many make them at once.
        settle: The assumption: seconds within which the vendor is done with a request that we lost sight of.
        limit: Seconds that one attempt may take.
        stall: Seconds for which the vendor works where it stalls; longer than `limit`, so the attempt times out.
        cancelled: Share of the calls that are cancelled.
        seed: Decides everything that is left to chance here.
    """

    name: str
    seconds: float
    tasks: int
    settle: float = 0.3
    limit: float = 0.15
    stall: float = 0.25
    cancelled: float = 1 / 3
    seed: int = 1


@attrs.define(kw_only=True)
class Report:
    """What came of it: what the callers saw, what the vendor counted, and what was left behind."""

    storm: Storm
    outcomes: Counter[str] = attrs.field(factory=Counter)
    requests: int = 0
    overlaps: int = 0
    max_in_flight: int = 0
    doubled: int = 0
    still_taken: int = 0
    tasks_left: int = 0
    complaints: list[str] = attrs.field(factory=list)


def storms(*, seconds: float, tasks: int) -> list[Storm]:
    """The rows of the table."""
    return [
        Storm(name="work shorter than settle", seconds=seconds, tasks=tasks),
        Storm(name="nobody is cancelled", seconds=seconds / 4, tasks=tasks, cancelled=0, seed=2),
        Storm(name="work longer than settle", seconds=seconds / 4, tasks=tasks, settle=0.02, stall=0.6, seed=3),
    ]


async def run(storm: Storm) -> Report:
    """Let one storm rage, and look at what it leaves behind."""
    report = Report(storm=storm)
    before = asyncio.all_tasks()
    with _complaints(report.complaints), Sandbox.in_thread(["serpi"], records=200, seed=storm.seed) as sandbox:
        vendor = sandbox["serpi"]
        _script(vendor, storm)
        coordinator = MemoryCoordinator()
        async with _manager(storm, coordinator) as one, _manager(storm, coordinator) as other:
            accounts = [
                manager.open(Serpi, vendor.credentials, base_url=vendor.base_url, settle=storm.settle)
                for manager in (one, other)
            ]
            await _rage(storm, accounts, report.outcomes)
            await vendor.until(lambda stats: stats.in_flight == 0)
            await asyncio.sleep(storm.settle)
            report.still_taken = sum(entry["queue"]["in_flight"] for entry in one.status().values())
        report.requests, report.overlaps = vendor.stats.requests, vendor.stats.overlaps
        report.max_in_flight = vendor.stats.max_in_flight
        codes = Counter(entry.body for entry in vendor.requests if entry.method == "POST")
        report.doubled = sum(count - 1 for count in codes.values())
        for _ in range(10):
            await asyncio.sleep(0)
        report.tasks_left = len(asyncio.all_tasks() - before)
    return report


def _manager(storm: Storm, coordinator: MemoryCoordinator) -> SessionManager:
    return SessionManager(
        coordinator=coordinator,
        timeouts=Timeouts(connect=storm.limit, read=storm.limit, total=storm.limit),
        retry=RetryPolicy(attempts=3, base=0.01),
    )


def _script(vendor: LocalVendor, storm: Storm) -> None:
    for kind in ("reset_before", "reset_after", "truncate"):
        vendor.fault(kind, probability=0.01)
    vendor.fault("status", status=503, probability=0.02)
    vendor.fault("latency", seconds=storm.stall, probability=0.01)


async def _rage(storm: Storm, accounts: list[Serpi], outcomes: Counter[str]) -> None:
    chance = random.Random(storm.seed)
    codes = ("".join(letters) for letters in itertools.product(_CODE, repeat=5))
    ends = time.monotonic() + storm.seconds

    async def work(number: int) -> None:
        account = accounts[number % len(accounts)]
        while time.monotonic() < ends:
            call = asyncio.ensure_future(_call(account, chance, codes))
            if chance.random() < storm.cancelled:
                # Mostly while it waits for its turn, often while its exchange is under way.
                asyncio.get_running_loop().call_later(chance.expovariate(10), call.cancel)
            outcomes[await _outcome(call)] += 1

    await asyncio.gather(*(work(number) for number in range(storm.tasks)))


def _call(account: Serpi, chance: random.Random, codes: Iterator[str]) -> Awaitable[Any]:
    kind = chance.random()
    if kind < 0.3:
        code = next(codes)
        return account.centro_costo.create({"codigo": code, "abreviatura": code, "descripcion": "x"})
    resource = account.centro_costo if kind < 0.7 else account.impuesto
    return resource.list(limite=5).page(1 + chance.randrange(20))


async def _outcome(call: asyncio.Future[Any]) -> str:
    try:
        await call
    except asyncio.CancelledError:
        return "cancelled"
    except RequestError as error:
        return type(error).__name__
    return "ok"


@contextmanager
def _complaints(found: list[str]) -> Iterator[None]:
    """Collect warnings, and what the loop would complain about."""
    loop = asyncio.get_running_loop()
    before = loop.get_exception_handler()
    loop.set_exception_handler(lambda _, context: found.append(str(context)))
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            yield
        finally:
            gc.collect()
            loop.set_exception_handler(before)
    found += [str(warning.message) for warning in caught]


_COLUMNS: Final[dict[str, Callable[[Report], object]]] = {
    "row": lambda report: report.storm.name,
    "calls": lambda report: report.outcomes.total(),
    "ok": lambda report: report.outcomes["ok"],
    "cancelled": lambda report: report.outcomes["cancelled"],
    "failed": lambda report: report.outcomes.total() - report.outcomes["ok"] - report.outcomes["cancelled"],
    "requests": lambda report: report.requests,
    "overlaps": lambda report: report.overlaps,
    "at once": lambda report: report.max_in_flight,
    "sent twice": lambda report: report.doubled,
    "left": lambda report: report.tasks_left + report.still_taken + len(report.complaints),
}


def table(reports: list[Report]) -> str:
    """Render the reports; `left` counts tasks, leases and warnings."""
    rows = [list(_COLUMNS), *([str(read(report)) for read in _COLUMNS.values()] for report in reports)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join("  ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True)) for row in rows)


def main() -> None:
    """Run all rows and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--tasks", type=int, default=200)
    chosen = parser.parse_args()
    logging.basicConfig(level=logging.ERROR)  # late outcomes are warnings, and there will be many
    reports = [asyncio.run(run(storm)) for storm in storms(seconds=chosen.seconds, tasks=chosen.tasks)]
    print(table(reports))
    for report in reports:
        print(report.storm.name, dict(report.outcomes), *report.complaints, sep="\n  ")


if __name__ == "__main__":
    main()
