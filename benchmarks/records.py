"""
Question 1: what a record costs, from the socket to the hands of the caller, in processor time.

All variants read the same pages from the same server in one process, in slices that take turns.
"""

from __future__ import annotations

import contextlib
import importlib
import tempfile
from collections.abc import AsyncIterator, Callable, Mapping
from decimal import Decimal
from pathlib import Path
from types import GenericAlias
from typing import Any, Final

import aiohttp
import cattrs.preconf.msgspec
import msgspec

from sagicc_async import SessionManager, Stream
from sagicc_async.export import export

from . import sagicc_model, siigo_invoices
from .compare import Slice, compare
from .report import Effort, Figure, Goal, Question
from .server import serving
from .wide import (
    HEADERS,
    LEFT_OUT,
    TOKEN,
    NarrowStruct,
    Wide,
    WideAttrs,
    WideOneAtATime,
    WideStruct,
    wide_pydantic,
)

Decode = Callable[[bytes], list[Any]]

OURS: Final = "sagicc-async"
FLOOR: Final = "aiohttp + msgspec.Struct"
BYTES: Final = "aiohttp, bytes only"
ATTRS: Final = "aiohttp + msgspec -> attrs"
NARROW_FLOOR: Final = f"{FLOOR}, 22 fields"

#: Records of a slice, which then takes some tens of milliseconds: opening and closing hardly count in it.
_RECORDS: Final = {50: 4_000, 100: 6_000, 1000: 15_000}
_SIZES: Final = (50, 100, 1000)

TEXT: Final = f"""
What a record costs this process in processor time (user and system, the receiving of bytes included), from the socket to
the caller's `async for`, in terms of the loop that a good engineer writes by hand for one vendor: aiohttp with its
defaults, one cached `msgspec.json.Decoder` into `msgspec.Struct`, one async generator (**{FLOOR}**). That loop has no
queue, no retry, no limits of time, no events, and drops what it does not know.

The record has 25 fields and 680 bytes: texts, whole numbers, decimals, flags, a third of them null in some records, and
0 to 2 contacts inside. Every library declares the same fields with the same types (`benchmarks/wide.py`). A local server
renders its answers beforehand and runs on another core, and count and sum of the ids are asserted in every slice.

* **{OURS}** is a vendor with one list, declared as an adapter declares it, `SessionManager` as it comes but for
  `coordinator="memory:"`: the loop by hand agrees with no other process either. *One use at a time* is SERPI's rule for a
  token (`max_in_flight=1, settle=30`), *through files* the default coordinator, with every process of this user.
* *Unknown fields*: three of the 25 are not declared. Ours keeps them in `extra`; the Struct beside it drops them.
* *Look-ahead* reads a page while the one before is worked on; the task that does so is paid for in processor time.
* **Raw export** writes each record's own bytes as lines of a file that survives a crash, against reading the bodies and
  writing them as they come, and against a loop that splits them into the same lines.
"""


def decoder(kind: Any) -> Decode:
    """The envelope as a hand-written loop declares it: the records, and no more."""
    page: Any = msgspec.defstruct("Page", [("result", list[kind])])
    decode = msgspec.json.Decoder(page).decode
    return lambda body: decode(body).result


def _by_cattrs() -> Decode:
    converter = cattrs.preconf.msgspec.make_converter(detailed_validation=False)
    converter.register_structure_hook(Decimal, lambda value, _: value)
    structure, decode = converter.get_structure_hook(list[WideAttrs]), msgspec.json.Decoder(float_hook=Decimal).decode
    return lambda body: structure(decode(body)["result"], list[WideAttrs])


def _by_pydantic() -> Decode:
    page = importlib.import_module("pydantic").create_model("Page", result=(GenericAlias(list, wide_pydantic()), ...))
    return lambda body: page.model_validate_json(body).result


async def by_hand(session: aiohttp.ClientSession, url: str, size: int, decode: Decode) -> AsyncIterator[Any]:
    """One async generator over pages that are read whole."""
    number = 1
    while True:
        params = {"limite": str(size), "pagina": str(number)}
        async with session.get(url, params=params, headers=HEADERS) as response:
            response.raise_for_status()
            page = decode(await response.read())
        if not page:
            return
        for item in page:
            yield item
        number += 1


async def by_httpx(client: Any, url: str, size: int, decode: Decode) -> AsyncIterator[Any]:
    """The same with httpx."""
    number = 1
    while True:
        response = await client.get(url, params={"limite": str(size), "pagina": str(number)}, headers=HEADERS)
        response.raise_for_status()
        page = decode(response.content)
        if not page:
            return
        for item in page:
            yield item
        number += 1


async def bytes_by_hand(session: aiohttp.ClientSession, url: str, size: int, pages: int) -> AsyncIterator[bytes]:
    """The bodies, one by one, and the empty page behind them."""
    for number in range(1, pages + 2):
        params = {"limite": str(size), "pagina": str(number)}
        async with session.get(url, params=params, headers=HEADERS) as response:
            response.raise_for_status()
            yield await response.read()


async def drain(bodies: AsyncIterator[bytes], target: Path | None = None) -> None:
    """Read to the end, into a file if there is one, a call a body."""
    with contextlib.nullcontext() if target is None else target.open("wb", buffering=0) as file:
        async for body in bodies:
            if file is not None:
                file.write(body)


async def lines_by_hand(bodies: AsyncIterator[bytes], target: Path, split: Decode) -> None:
    """Write each record's own bytes as a line, a call a page."""
    with target.open("wb", buffering=0) as file:
        async for body in bodies:
            if rows := split(body):
                file.write(b"\n".join([*rows, b""]))


async def count_records(stream: AsyncIterator[Any], expected: int) -> None:
    """Read to the end, and make sure that everything came."""
    total = count = 0
    async for item in stream:
        count += 1
        total += item.id
    assert (count, total) == (expected, expected * (expected + 1) // 2), (count, total)


async def _count_ahead(stream: Stream[Any], expected: int) -> None:
    total = count = 0
    async with stream.prefetch() as pages:
        async for page in pages:
            for item in page.items:
                count += 1
                total += item.id
    assert (count, total) == (expected, expected * (expected + 1) // 2), (count, total)


async def typed(size: int, effort: Effort) -> AsyncIterator[Figure]:
    """Records of one page size, one by one, as each library gives them."""
    httpx: Any = importlib.import_module("httpx")  # a peer, not one of our dependencies
    count = _RECORDS[size]
    pages = count // size
    async with contextlib.AsyncExitStack() as stack:
        base_url = stack.enter_context(serving("wide", size, pages))
        session = await stack.enter_async_context(aiohttp.ClientSession())
        client = await stack.enter_async_context(httpx.AsyncClient())
        here = await stack.enter_async_context(SessionManager(coordinator="memory:"))
        folder = stack.enter_context(tempfile.TemporaryDirectory())
        agreeing = await stack.enter_async_context(SessionManager(coordinator=f"file:{folder}"))
        many, one = (here.open(kind, TOKEN, base_url=base_url) for kind in (Wide, WideOneAtATime))
        filed = agreeing.open(WideOneAtATime, TOKEN, base_url=base_url)
        url = f"{base_url}/Wide"

        def loop(decode: Decode) -> Slice:
            return lambda: count_records(by_hand(session, url, size, decode), count)

        def ours(stream: Stream[Any]) -> Slice:
            return lambda: count_records(aiter(stream), count)

        kept: Any = await many.narrow.list().first()
        assert set(kept.extra) == LEFT_OUT, kept
        parse = _by_pydantic()
        variants: dict[str, Slice] = {
            FLOOR: loop(decoder(WideStruct)),
            OURS: ours(many.wide.list(size=size)),
            f"{OURS}, one use at a time": ours(one.wide.list(size=size)),
            ATTRS: loop(decoder(WideAttrs)),
            BYTES: lambda: drain(bytes_by_hand(session, url, size, pages)),
            NARROW_FLOOR: loop(decoder(NarrowStruct)),
            f"{OURS}, unknown fields": ours(many.narrow.list(size=size)),
            f"{OURS}, look-ahead": lambda: _count_ahead(many.wide.list(size=size), count),
            f"{OURS}, through files": ours(filed.wide.list(size=size)),
            "aiohttp + cattrs": loop(_by_cattrs()),
            "aiohttp + pydantic": loop(parse),
            "httpx + pydantic": lambda: count_records(by_httpx(client, url, size, parse), count),
        }
        compared = await compare(variants, effort.rounds)
    limit = Goal(1.35 if size == 1000 else 1.15)
    goals: Mapping[tuple[str, str], Goal] = {
        (OURS, FLOOR): limit,
        (f"{OURS}, one use at a time", FLOOR): limit,
        (OURS, ATTRS): Goal(1.05),
        (f"{OURS}, one use at a time", ATTRS): Goal(1.05),
        (f"{OURS}, unknown fields", NARROW_FLOOR): limit,
    }
    others = [(name, FLOOR) for name in variants if name not in (FLOOR, NARROW_FLOOR, f"{OURS}, unknown fields")]
    for variant, against in dict.fromkeys([*goals, *others]):
        yield Figure(
            case=f"typed, 25 fields, {size} a page",
            what="CPU a record",
            variant=variant,
            against=against,
            ratio=compared.cpu_of(variant, against),
            goal=goals.get((variant, against)),
        )


async def raw(size: int, effort: Effort) -> AsyncIterator[Figure]:
    """Records of one page size as lines of a file."""
    count = _RECORDS[size]
    pages = count // size
    async with contextlib.AsyncExitStack() as stack:
        base_url = stack.enter_context(serving("wide", size, pages))
        session = await stack.enter_async_context(aiohttp.ClientSession())
        sessions = await stack.enter_async_context(SessionManager(coordinator="memory:"))
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        stream = sessions.open(Wide, TOKEN, base_url=base_url).wide.list(size=size)
        split = decoder(msgspec.Raw)

        def bodies() -> AsyncIterator[bytes]:
            return bytes_by_hand(session, f"{base_url}/Wide", size, pages)

        written, lines, mine = "aiohttp, bytes + write", "aiohttp, split into lines + write", folder / "mine.jsonl"
        variants: dict[str, Slice] = {
            written: lambda: drain(bodies(), folder / "bodies"),
            lines: lambda: lines_by_hand(bodies(), folder / "theirs.jsonl", split),
            f"{OURS}, raw export": lambda: export(stream, mine, check=False),
            f"{OURS}, checked export": lambda: export(stream, mine),
        }
        compared = await compare(variants, effort.rounds)
        assert mine.read_bytes() == (folder / "theirs.jsonl").read_bytes()
    exports = [f"{OURS}, raw export", f"{OURS}, checked export"]
    for variant, against in [(exports[0], written), (exports[0], lines), (exports[1], lines), (lines, written)]:
        yield Figure(
            case=f"lines of a file, 25 fields, {size} a page",
            what="CPU a record",
            variant=variant,
            against=against,
            ratio=compared.cpu_of(variant, against),
            goal=Goal(1.10) if (variant, against) == (exports[0], written) else None,
        )


async def _figures(effort: Effort) -> AsyncIterator[Figure]:
    for size in _SIZES:
        async for figure in typed(size, effort):
            yield figure
    for size in _SIZES:
        async for figure in raw(size, effort):
            yield figure
    for vendor in (sagicc_model, siigo_invoices):
        async for figure in vendor.figures(effort):
            yield figure


QUESTION: Final = Question(name="records", title="CPU a record", text=TEXT, figures=_figures)
