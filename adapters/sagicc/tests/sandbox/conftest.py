"""Sagicc on this machine, and somebody who asks it."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

import aiohttp
import attrs
import pytest

from sagicc_async.sandbox import LocalVendor, Sandbox, from_json
from sagicc_async_sagicc.sandbox import SagiccSandbox


@attrs.frozen
class Answer:
    status: int
    headers: Any
    body: Any


@attrs.define
class Sagicc:
    vendor: LocalVendor
    http: aiohttp.ClientSession
    access: str = ""

    @property
    def token_url(self) -> str:
        return self.vendor.base_url.removesuffix("/api") + "/oauth/token"

    async def obtain(self, **fields: Any) -> Answer:
        """Ask for a token with the vendor's credentials, but for these fields; `None` leaves one out."""
        form = {"grant_type": "password", **self.vendor.credentials, **fields}
        return await self.send(
            "POST", self.token_url, data={name: value for name, value in form.items() if value is not None}
        )

    async def login(self) -> None:
        self.access = (await self.obtain()).body["access_token"]

    async def ask(self, method: str, path: str, **options: Any) -> Answer:
        return await self.send(method, f"{self.vendor.base_url}/{path}", **options)

    async def send(self, method: str, url: str, *, headers: dict[str, Any] | None = None, **options: Any) -> Answer:
        sent = {"Accept": "application/json", "Authorization": f"Bearer {self.access}", **(headers or {})}
        sent = {name: value for name, value in sent.items() if value is not None}
        async with self.http.request(method, url, headers=sent, allow_redirects=False, **options) as answer:
            body = await answer.read()
            if answer.content_type == "application/json" and body:
                return Answer(answer.status, answer.headers, from_json(body))
            return Answer(answer.status, answer.headers, body)

    async def get(self, path: str, **query: Any) -> Answer:
        """Ask with type `tree` unless another is given; what is not text travels as JSON."""
        asked = {"type": "tree", **query}
        texts = {name: value if isinstance(value, str) else json.dumps(value) for name, value in asked.items()}
        return await self.ask("GET", path, params=texts)

    async def rows(self, path: str, **query: Any) -> list[dict[str, Any]]:
        answer = await self.get(path, **query)
        assert answer.status == 200, answer.body
        return answer.body["data"]

    async def ids(self, path: str, **query: Any) -> list[int]:
        return [row["id"] for row in await self.rows(path, **{"sizePerPage": 1000, **query})]


@pytest.fixture
def sagicc() -> Callable[..., AbstractAsyncContextManager[Sagicc]]:
    """Open a sandbox of Sagicc whose work takes no time, with a client that has a token."""

    @asynccontextmanager
    async def opened(*, records: int = 120, clock: Any = None, **settings: Any) -> AsyncIterator[Sagicc]:
        options = {"sagicc": {"work": 0, **settings}}
        async with (
            Sandbox([SagiccSandbox], records=records, seed=7, clock=clock, settings=options) as sandbox,
            aiohttp.ClientSession() as http,
        ):
            api = Sagicc(sandbox["sagicc"], http)
            await api.login()
            yield api

    return opened


@pytest.fixture
def tidy() -> Callable[..., AbstractAsyncContextManager[Sagicc]]:
    """Open a sandbox with a few rows of one's own: two clients, three cases, four actions."""

    @asynccontextmanager
    async def opened(**settings: Any) -> AsyncIterator[Sagicc]:
        options = {"sagicc": {"work": 0, **settings}}
        async with (
            Sandbox([SagiccSandbox], records=0, seed=7, settings=options) as sandbox,
            aiohttp.ClientSession() as http,
        ):
            api = Sagicc(sandbox["sagicc"], http)
            await api.login()
            _fill(api.vendor)
            yield api

    return opened


def _fill(vendor: LocalVendor) -> None:
    vendor.add("cliente", {"nro_documento": "1234567", "primer_nombre": "Jane", "segundo_nombre": None})
    vendor.add("cliente", {"nro_documento": "7654321", "primer_nombre": "ÓSCAR", "segundo_nombre": "Iván"})
    vendor.add("cliente_dato_contacto", {"cliente_id": 1, "etiqueta": "Personal", "valor": "3002255845"})
    vendor.add("caso", {"cliente_id": 1, "asunto": "Garantía", "descripcion": "b", "prioridad": "Alta"})
    vendor.add("caso", {"cliente_id": 2, "asunto": "Cotización", "descripcion": "a", "prioridad": "Baja"})
    vendor.add("caso", {"cliente_id": 1, "asunto": "Instalación", "descripcion": None, "prioridad": "ALTA"})
    for caso, observacion in ((1, "primera"), (1, "segunda"), (3, "tercera"), (2, "cuarta")):
        vendor.add("gestion", {"caso_id": caso, "observacion": observacion})
    vendor.add("skill", {"nombre": "Voz"})
    vendor.add("skill", {"nombre": "Chat"})
    for name in ("Ana", "Berta"):
        vendor.add("usuario", {"nombre": name})
    vendor.add("usuario_skill", {"usuario_id": 2, "skill_id": 1, "nivel": 3})
    vendor.add("usuario_skill", {"usuario_id": 1, "skill_id": 1, "nivel": 10})
