"""
Sagicc's class that is the query: 50,000 cases with two levels of relations, against a hand-written loop.

The hand-written loop is aiohttp with its defaults and one cached msgspec decoder into `msgspec.Struct`, for the one
envelope that it knows. Ours finds the envelope, takes ids as text too, keeps unknown columns, and all that `records`
says of the way of a request.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import msgspec

from sagicc_async import SessionManager
from sagicc_async_sagicc import Sagicc, model

from .compare import Comparison, Slice, compare
from .report import Effort, Figure
from .server import serving

CASES = 50_000
TOKEN = {"access_token": "benchmark-token"}
HEADERS = {"Authorization": "Bearer benchmark-token", "Accept": "application/json"}


@model("caso")
class CasoDeGestion:
    """The second level."""

    id: int
    prioridad: str | None


@model("gestion")
class Gestion:
    """The first level."""

    id: int
    caso_id: int
    observacion: str | None
    created_at: str | None
    caso: CasoDeGestion


@model("caso")
class Caso:
    """The case."""

    id: int
    cliente_id: int
    asunto: str | None
    prioridad: str | None
    fecha_cierre: str | None
    gestiones: list[Gestion]


class CasoDeGestionStruct(msgspec.Struct):
    """The same, as a hand-written loop declares it."""

    id: int
    prioridad: str | None


class GestionStruct(msgspec.Struct):
    """The first level by hand."""

    id: int
    caso_id: int
    observacion: str | None
    created_at: str | None
    caso: CasoDeGestionStruct


class CasoStruct(msgspec.Struct):
    """The case by hand."""

    id: int
    cliente_id: int
    asunto: str | None
    prioridad: str | None
    fecha_cierre: str | None
    gestiones: list[GestionStruct]


class PageStruct(msgspec.Struct):
    """The envelope by hand."""

    data: list[CasoStruct]
    last_page: int


async def by_hand(session: aiohttp.ClientSession, url: str, params: dict[str, str]) -> AsyncIterator[Any]:
    """One async generator over pages that are read whole."""
    decode = msgspec.json.Decoder(PageStruct).decode
    number, last = 1, 1
    while number <= last:
        async with session.get(url, params={**params, "page": str(number)}, headers=HEADERS) as response:
            response.raise_for_status()
            page = decode(await response.read())
        last = page.last_page
        for item in page.data:
            yield item
        number += 1


async def _count(stream: AsyncIterator[Any]) -> None:
    cases = total = inside = 0
    async for case in stream:
        cases += 1
        total += case.id
        inside += len(case.gestiones)
    assert (cases, total, inside) == (CASES, CASES * (CASES + 1) // 2, CASES * 6 // 4), (cases, total, inside)


async def measure(size: int, rounds: int) -> Comparison:
    """
    Compare the two on pages of one size.

    Args:
        size: Cases a page.
        rounds: Paired rounds.
    """
    with serving("case", size, CASES // size) as base_url:
        async with aiohttp.ClientSession() as session, SessionManager(coordinator="memory:") as sessions:
            crm = sessions.open(Sagicc, TOKEN, base_url=base_url, requests_per_minute=None)
            stream = crm.caso.list(model=Caso, size_per_page=size)
            query = {name: str(value) for name, value in stream._plan.query["params"].items()}
            url, params = f"{base_url}/api/caso", {**query, "sizePerPage": str(size)}
            variants: dict[str, Slice] = {
                "by hand": lambda: _count(by_hand(session, url, params)),
                "sagicc-async": lambda: _count(aiter(stream)),
            }
            return await compare(variants, rounds)


async def figures(effort: Effort) -> AsyncIterator[Figure]:
    """One figure a page size."""
    for size in (100, 500, 1000):
        compared = await measure(size, effort.rounds)
        yield Figure(
            case=f"Sagicc's cases with two levels of relations, 480 B, {size} a page",
            what="CPU a record",
            variant="sagicc-async",
            against="aiohttp + msgspec.Struct",
            ratio=compared.cpu["sagicc-async"],
        )
