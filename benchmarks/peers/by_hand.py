"""No library: aiohttp with its defaults, one cached msgspec decoder into Structs, one async generator."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from decimal import Decimal
from typing import Final

import aiohttp
import msgspec


class Contact(msgspec.Struct):
    """A contact of a wide record."""

    nombre: str
    correo: str
    telefono: str | None


class Wide(msgspec.Struct):
    """The wide record."""

    id: int
    campo_0: str
    campo_1: str
    campo_2: str
    campo_3: str
    campo_4: str
    campo_5: str
    campo_6: str
    campo_7: str
    campo_8: str | None
    campo_9: str | None
    campo_10: str | None
    contactos: list[Contact]
    numero_0: int
    numero_1: int
    numero_2: int
    numero_3: int
    numero_4: int | None
    numero_5: int | None
    activo_0: bool
    activo_1: bool
    nulo_0: str | None
    nulo_1: str | None
    valor: Decimal
    saldo: Decimal


class Page(msgspec.Struct):
    """One page of them."""

    result: list[Wide]


_decode: Final = msgspec.json.Decoder(Page).decode


async def wide(base_url: str, size: int) -> AsyncIterator[Wide]:
    """The wide records, one by one."""
    async with aiohttp.ClientSession(headers={"Authorization": "Bearer benchmark-token"}) as session:
        number = 1
        while True:
            params = {"limite": str(size), "pagina": str(number)}
            async with session.get(f"{base_url}/Wide", params=params) as response:
                response.raise_for_status()
                page = _decode(await response.read())
            if not page.result:
                return
            for record in page.result:
                yield record
            number += 1


async def _read(base_url: str, size: int) -> list[int]:
    return [record.id async for record in wide(base_url, size)]


def read(base_url: str, size: int) -> list[int]:
    """Read the list once; gives the ids."""
    return asyncio.run(_read(base_url, size))
