"""httpx and pydantic: typed records, as ours are."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from decimal import Decimal

import httpx
import pydantic


class Contact(pydantic.BaseModel):
    """A contact of a wide record."""

    nombre: str
    correo: str
    telefono: str | None


class Wide(pydantic.BaseModel):
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


class Page(pydantic.BaseModel):
    """One page of them."""

    result: list[Wide]


async def wide(base_url: str, size: int) -> AsyncIterator[Wide]:
    """The wide records, one by one."""
    headers = {"Authorization": "Bearer benchmark-token"}
    async with httpx.AsyncClient(base_url=base_url, headers=headers) as client:
        number = 1
        while True:
            response = await client.get("/Wide", params={"limite": size, "pagina": number})
            response.raise_for_status()
            page = Page.model_validate_json(response.content)
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
