"""
Question 4: one process for many accounts, from 1 to 10,000.

    python -m benchmarks.tenants VARIANT ACCOUNTS    # what memory one variant takes, in a process of its own
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import importlib
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from typing import Any, Final

import aiohttp
import attrs
import msgspec

from sagicc_async import SessionManager, Stream

from . import footprint
from .compare import Comparison, Ratio, Slice, compare, ratio_of
from .counting import SIZE, Counted, serving
from .report import Effort, Figure, Goal, Question
from .wide import WideOneAtATime, WideStruct

OURS: Final = "sagicc-async"
LOOP: Final = "aiohttp + msgspec.Struct, unguarded"
HTTPX: Final = "httpx + msgspec.Struct, unguarded"

#: Connections of each variant. Ours keeps ten of them for interactive calls, as it does by default.
CONNECTIONS: Final = 200
PAGES: Final = 10
LATENCY: Final = 0.02

#: Accounts -> most rounds: a round of the last takes minutes, and what is asked of it is that it comes to its end.
_ROUNDS: Final[Mapping[int, int]] = {1: 31, 10: 31, 100: 21, 1_000: 15, 10_000: 1}
_QUICK: Final[Mapping[int, int]] = {1: 7, 10: 7, 100: 7, 1_000: 5}
_HTTPX_ACCOUNTS: Final = 100
#: Accounts that rest, most of which are counted.
_IDLE: Final = 5_000

_EXPECTED: Final = (PAGES * SIZE, PAGES * SIZE * (PAGES * SIZE + 1) // 2)

TEXT: Final = f"""
One process reads the lists of many accounts at once, each with a token of its own that must not be used twice at the
same time (SERPI's rule): {PAGES} pages of {SIZE} records of 25 fields, each answered after {1000 * LATENCY:.0f} ms. Every account is a
task; all share {CONNECTIONS} connections and one core.

* **{OURS}**: one `SessionManager`, one adapter an account, typed streams. Opening manager, accounts and connections is
  part of each slice.
* **{LOOP}**: what one writes by hand: one `aiohttp.ClientSession` with the same limit, a cached decoder, an async
  generator an account, and nothing that keeps a token from being used twice.

The server is another process and counts *overlaps*: requests that come while another one is under way on the same
token. With one stream an account nobody overlaps; as soon as a program reads three lists of one account at once, the
loop does nearly always, and ours never. Up to about {CONNECTIONS} accounts the time is the vendor's; beyond that it is the
processor's, so that wall and CPU say the same.

Memory is measured in a process of its own each: the peak of the same run, and what an account takes that was used and
rests (the growth from a tenth of {_IDLE:,} to all of them, connections open in both).
"""


@attrs.frozen(kw_only=True)
class Load:
    """
    What is read.

    Args:
        accounts: How many, each with its token.
        streams: Lists that are read at once on each token.
    """

    accounts: int
    streams: int = 1

    @property
    def requests(self) -> int:
        """Requests of all, the empty pages behind the lists included."""
        return self.accounts * self.streams * (PAGES + 1)

    def __str__(self) -> str:
        streams = "" if self.streams == 1 else f" x {self.streams} streams"
        return f"{self.accounts:,} account{'' if self.accounts == 1 else 's'}{streams} x {PAGES} pages, {1000 * LATENCY:.0f} ms"


async def ours(base_url: str, load: Load) -> None:
    """Read all with the SDK; the tokens begin with `ours`."""
    async with SessionManager(coordinator="memory:", max_connections=CONNECTIONS) as sessions:
        accounts = [
            sessions.open(WideOneAtATime, {"token": f"ours-{number}"}, account=f"tenant {number}", base_url=base_url)
            for number in range(load.accounts)
        ]
        await read(account.wide.list(size=SIZE) for account in accounts for _ in range(load.streams))


async def read(streams: Iterable[Stream[Any]]) -> None:
    """Read whole lists of ours at once, each in a task."""
    await asyncio.gather(*(_read(aiter(stream)) for stream in streams))


async def unguarded(base_url: str, load: Load) -> None:
    """Read all with the loop by hand; the tokens begin with `loop`."""
    decode = _decoder()
    connector = aiohttp.TCPConnector(limit=CONNECTIONS)
    async with aiohttp.ClientSession(connector=connector) as session:

        async def get(params: Mapping[str, str], headers: Mapping[str, str]) -> bytes:
            async with session.get(f"{base_url}/Wide", params=params, headers=headers) as response:
                response.raise_for_status()
                return await response.read()

        await asyncio.gather(*(_read(_records(get, token, decode)) for token in _tokens("loop", load)))


async def by_httpx(base_url: str, load: Load) -> None:
    """The same loop with httpx; the tokens begin with `httpx`."""
    httpx: Any = importlib.import_module("httpx")  # a peer, not one of our dependencies
    decode = _decoder()
    limits = httpx.Limits(max_connections=CONNECTIONS, max_keepalive_connections=CONNECTIONS)
    async with httpx.AsyncClient(limits=limits, timeout=None) as client:

        async def get(params: Mapping[str, str], headers: Mapping[str, str]) -> bytes:
            response = await client.get(f"{base_url}/Wide", params=params, headers=headers)
            response.raise_for_status()
            body: bytes = response.content
            return body

        await asyncio.gather(*(_read(_records(get, token, decode)) for token in _tokens("httpx", load)))


def _tokens(who: str, load: Load) -> list[str]:
    return [f"{who}-{number}" for number in range(load.accounts) for _ in range(load.streams)]


def _decoder() -> Callable[[bytes], list[Any]]:
    page: Any = msgspec.defstruct("Page", [("result", list[WideStruct])])
    decode = msgspec.json.Decoder(page).decode
    return lambda body: decode(body).result


async def _records(
    get: Callable[[Mapping[str, str], Mapping[str, str]], Awaitable[bytes]],
    token: str,
    decode: Callable[[bytes], list[Any]],
) -> AsyncIterator[Any]:
    headers = {"Authorization": f"Bearer {token}"}
    number = 1
    while page := decode(await get({"limite": str(SIZE), "pagina": str(number)}, headers)):
        for item in page:
            yield item
        number += 1


async def _read(records: AsyncIterator[Any]) -> None:
    count = total = 0
    async for item in records:
        count += 1
        total += item.id
    assert (count, total) == _EXPECTED, (count, total)


async def _measure(
    load: Load, variants: Mapping[str, Callable[[str, Load], Awaitable[None]]], rounds: int
) -> tuple[Comparison, Mapping[str, Counted]]:
    """What each variant costs, and what the vendor counted of it."""
    with serving(PAGES, LATENCY, kind="wide") as vendor:

        def slice_of(read: Callable[[str, Load], Awaitable[None]]) -> Slice:
            return lambda: read(vendor.base_url, load)

        slices = {name: slice_of(read) for name, read in variants.items()}
        compared = await compare(slices, rounds, warm_up=0 if rounds < 5 else 1)
    return compared, vendor.counted


async def _growing(effort: Effort) -> AsyncIterator[Figure]:
    for accounts, most in (_QUICK if effort.quick else _ROUNDS).items():
        load = Load(accounts=accounts)
        compared, counted = await _measure(load, {LOOP: unguarded, OURS: ours}, min(effort.rounds, most))
        assert counted["ours"].requests == counted["loop"].requests, counted
        promised = accounts == 1_000
        note = f"{load.requests:,} requests a slice; overlaps: {counted['ours'].overlaps} against {counted['loop'].overlaps}"
        for what, ratio, limit in (
            ("wall", compared.wall_of(OURS, LOOP), 1.10),
            ("CPU", compared.cpu_of(OURS, LOOP), 1.15),
        ):
            goal = Goal(limit) if promised else None
            yield Figure(case=str(load), what=what, variant=OURS, against=LOOP, ratio=ratio, goal=goal, note=note)


async def _overlapping(effort: Effort) -> AsyncIterator[Figure]:
    load = Load(accounts=100 if effort.quick else 300, streams=3)
    rounds = min(effort.rounds, 3)
    compared, counted = await _measure(load, {LOOP: unguarded, OURS: ours}, rounds)
    mine, theirs = counted["ours"], counted["loop"]
    note = f"{mine.overlaps:,} of {mine.requests:,} requests overlapped, {theirs.overlaps:,} of the loop's {theirs.requests:,}"
    share = mine.overlaps / theirs.overlaps
    yield Figure(
        case=str(load),
        what="overlaps",
        variant=OURS,
        against=LOOP,
        ratio=Ratio(share, share, share, 1),
        goal=Goal(0.0),
        note=note,
    )
    for what, ratio in (("wall", compared.wall_of(OURS, LOOP)), ("CPU", compared.cpu_of(OURS, LOOP))):
        yield Figure(case=str(load), what=what, variant=OURS, against=LOOP, ratio=ratio)


async def _against_httpx(effort: Effort) -> AsyncIterator[Figure]:
    load = Load(accounts=_HTTPX_ACCOUNTS)
    compared, _ = await _measure(load, {HTTPX: by_httpx, OURS: ours}, min(effort.rounds, 3))
    for what, ratio in (("wall", compared.wall_of(HTTPX, OURS)), ("CPU", compared.cpu_of(HTTPX, OURS))):
        yield Figure(case=str(load), what=what, variant=HTTPX, against=OURS, ratio=ratio)


async def _memory(effort: Effort) -> AsyncIterator[Figure]:
    for accounts in (100, 1_000):
        mine, theirs = await _in_a_process("ours", accounts), await _in_a_process("loop", accounts)
        note = f"{mine:.0f} MiB against {theirs:.0f}, everything that is imported included"
        yield Figure(
            case=str(Load(accounts=accounts)),
            what="peak memory",
            variant=OURS,
            against=LOOP,
            ratio=ratio_of([mine], [theirs]),
            note=note,
        )
    idle = await _in_a_process("idle", 1_000 if effort.quick else _IDLE) / 4096
    yield Figure(
        case="an account that rests",
        what="memory an account",
        variant=OURS,
        against="4 KiB",
        ratio=ratio_of([idle], [1.0]),
        note=f"{4 * idle:.1f} KiB: credentials, token, queue, adapter",
    )


async def _in_a_process(variant: str, accounts: int) -> float:
    command = [sys.executable, "-m", "benchmarks.tenants", variant, str(accounts)]
    done = await asyncio.to_thread(subprocess.run, command, check=True, stdout=subprocess.PIPE, text=True)
    return float(done.stdout)


async def _peak(read: Callable[[str, Load], Awaitable[None]], accounts: int) -> float:
    """The peak of this process, in MiB, after it has read all."""
    with serving(PAGES, LATENCY, kind="wide") as vendor:
        await read(vendor.base_url, Load(accounts=accounts))
    return footprint.peak()


async def _idle(accounts: int) -> float:
    """Bytes that one more account takes which was used once and rests."""
    with serving(PAGES, 0.0, kind="wide") as vendor:
        async with SessionManager(coordinator="memory:", max_connections=CONNECTIONS) as sessions:
            opened: list[WideOneAtATime] = []

            async def grow(to: int) -> float:
                while len(opened) < to:
                    number = len(opened)
                    token = {"token": f"ours-{number}"}
                    opened.append(
                        sessions.open(WideOneAtATime, token, account=f"tenant {number}", base_url=vendor.base_url)
                    )
                    assert await opened[-1].wide.list(size=SIZE).first() is not None
                gc.collect()
                return footprint.resident()

            before = await grow(accounts // 10)
            return (await grow(accounts) - before) * 2**20 / (accounts - accounts // 10)


async def _figures(effort: Effort) -> AsyncIterator[Figure]:
    for part in (_growing, _overlapping, _against_httpx, _memory):
        async for figure in part(effort):
            yield figure


QUESTION: Final = Question(name="tenants", title="Many accounts", text=TEXT, figures=_figures)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("variant", choices=("ours", "loop", "idle"))
    parser.add_argument("accounts", type=int)
    given = parser.parse_args()
    measured = {
        "ours": lambda: _peak(ours, given.accounts),
        "loop": lambda: _peak(unguarded, given.accounts),
        "idle": lambda: _idle(given.accounts),
    }
    print(asyncio.run(measured[given.variant]()))
