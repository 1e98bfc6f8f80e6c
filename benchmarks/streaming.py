"""
Typed streaming and raw export, against hand-written loops over the same bytes.

The hand-written loops are what a good engineer writes for one vendor: aiohttp with its defaults, one cached msgspec
decoder into `msgspec.Struct`, one async generator. No token queue, no retry, no limits, no unknown fields kept, no
exact decimals. Ours does all of that; the ratio is what it costs.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import aiohttp
import attrs
import msgspec

from sagicc_async import Adapter, NumberPaging, Record, Resource, SessionManager, TokenRules, field, mount, record
from sagicc_async.export import export
from sagicc_async_serpi import Serpi
from sagicc_async_serpi.adapter import SerpiAuth, SerpiCredentials

from .compare import Comparison, compare
from .server import serving

TOKEN = {"token": "benchmark-token", "secretkey": "benchmark-secretkey"}
HEADERS = {"Authorization": "Bearer benchmark-token", "secretkey": "benchmark-secretkey"}


class CostCentreStruct(msgspec.Struct):
    """The cost centre as a hand-written loop declares it."""

    id: int
    codigo: str
    abreviatura: str
    descripcion: str


_WIDE = {
    **{f"campo_{i}": str for i in range(12)},
    **{f"numero_{i}": int for i in range(6)},
    **{f"activo_{i}": bool for i in range(2)},
    **{f"nulo_{i}": str | None for i in range(2)},
    "valor": Decimal,
    "saldo": Decimal,
    "id": int,
}

#: The wide record, once as a hand-written loop declares it and once as an adapter does.
WideStruct = msgspec.defstruct("WideStruct", list(_WIDE.items()))
WideRecord: Any = record(
    type(
        "WideRecord",
        (Record,),
        {"__annotations__": {name: kind | None for name, kind in _WIDE.items()}, "__module__": __name__}  # type: ignore[operator]
        | {name: field(default=None) for name in _WIDE},
    )
)


class WideResource(Resource[Any]):
    """The wide records."""

    name, path, model, items = "wide", "Wide", WideRecord, "result"
    paging = NumberPaging(number="pagina", size="limite")


class WideVendor(Adapter):
    """A vendor with wide records and SERPI's rules."""

    vendor, title, credentials, auth = "wide", "Wide", SerpiCredentials, SerpiAuth()
    rules = TokenRules(max_in_flight=1, settle=30)
    wide = mount(WideResource)


def _page_of(struct: Any) -> Any:
    """The envelope as a hand-written loop declares it: the records, and no more."""
    return msgspec.json.Decoder(msgspec.defstruct("Page", [("result", list[struct])])).decode


async def by_hand(session: aiohttp.ClientSession, url: str, size: int, decode: Any) -> AsyncIterator[Any]:
    """One async generator over pages that are read whole."""
    number = 1
    while True:
        async with session.get(url, params={"limite": str(size), "pagina": str(number)}, headers=HEADERS) as response:
            response.raise_for_status()
            page = decode(await response.read())
        if not page.result:
            return
        for item in page.result:
            yield item
        number += 1


async def raw_by_hand(session: aiohttp.ClientSession, url: str, size: int, target: Path) -> int:
    """Writes the same lines: every record's own bytes."""
    number, count = 1, 0
    split = _page_of(msgspec.Raw)
    with target.open("wb") as file:
        while True:
            params = {"limite": str(size), "pagina": str(number)}
            async with session.get(url, params=params, headers=HEADERS) as response:
                response.raise_for_status()
                rows = split(await response.read()).result
            if not rows:
                return count
            file.write(b"\n".join(rows) + b"\n")
            count += len(rows)
            number += 1


async def _count(stream: AsyncIterator[Any], expected: int) -> None:
    total = count = 0
    async for item in stream:
        count += 1
        total += item.id
    assert (count, total) == (expected, expected * (expected + 1) // 2), (count, total)


def _pages(size: int) -> int:
    """Pages of one slice: some tens of milliseconds of work, so that opening and closing a file hardly counts."""
    return {50: 320, 100: 240, 1000: 60}[size]


async def typed(kind: str, size: int, rounds: int) -> Comparison:
    """Records, typed, one by one."""
    pages = _pages(size)
    struct, vendor, path = (
        (CostCentreStruct, Serpi, "CentroCosto") if kind == "cost_centre" else (WideStruct, WideVendor, "Wide")
    )
    with serving(kind, size, pages) as base_url:
        async with aiohttp.ClientSession() as session, SessionManager(coordinator="memory:") as sessions:
            adapter = sessions.open(vendor, TOKEN, base_url=base_url)
            resource: Any = adapter["centro_costo" if kind == "cost_centre" else "wide"]
            decode = _page_of(struct)
            variants: dict[str, Callable[[], Awaitable[object]]] = {
                "by hand": lambda: _count(by_hand(session, f"{base_url}/{path}", size, decode), pages * size),
                "sagicc-async": lambda: _count(aiter(resource._stream({}, size=size)), pages * size),
            }
            return await compare(variants, rounds)


async def raw(kind: str, size: int, rounds: int) -> Comparison:
    """Records as lines of a file, unchecked as the hand-written loop's, and with each record's types checked."""
    pages = _pages(size)
    with serving(kind, size, pages) as base_url, tempfile.TemporaryDirectory() as folder:
        async with aiohttp.ClientSession() as session, SessionManager(coordinator="memory:") as sessions:
            vendor = sessions.open(Serpi if kind == "cost_centre" else WideVendor, TOKEN, base_url=base_url)
            resource: Any = vendor["centro_costo" if kind == "cost_centre" else "wide"]
            mine, theirs = Path(folder) / "mine.jsonl", Path(folder) / "theirs.jsonl"
            variants: dict[str, Callable[[], Awaitable[object]]] = {
                "by hand": lambda: raw_by_hand(session, f"{base_url}/{resource.path}", size, theirs),
                "sagicc-async": lambda: export(resource._stream({}, size=size), mine, check=False),
                "checked": lambda: export(resource._stream({}, size=size), mine),
            }
            result = await compare(variants, rounds)
            assert mine.read_bytes() == theirs.read_bytes()
            return result


@attrs.frozen
class Row:
    """One line of the table; `records_a_slice` tells what one slice of work was."""

    work: str
    record: str
    page: int
    records_a_slice: int
    comparison: Comparison

    @property
    def variants(self) -> list[str]:
        """All but the hand-written loop."""
        return [name for name in self.comparison.cpu if name != "by hand"]


async def rows(rounds: int) -> AsyncIterator[Row]:
    """All rows, one after the other."""
    for kind in ("cost_centre", "wide"):
        for size in (50, 100, 1000):
            yield Row("typed records", kind, size, _pages(size) * size, await typed(kind, size, rounds))
    for kind in ("cost_centre", "wide"):
        for size in (50, 100, 1000):
            yield Row("raw jsonl export", kind, size, _pages(size) * size, await raw(kind, size, rounds))


def pin() -> None:
    """Keep this process on one core and its servers on the others, where the system lets us."""
    cores = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else []
    if len(cores) > 1:
        os.sched_setaffinity(0, {cores[0]})
