"""Siigo on this machine, and somebody who asks it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

import aiohttp
import attrs
import pytest

from sagicc_async.sandbox import LocalVendor, Sandbox, from_json, to_json
from sagicc_async_siigo.sandbox import SiigoSandbox


@attrs.frozen
class Answer:
    status: int
    headers: Any
    body: Any

    @property
    def codes(self) -> list[str]:
        return [error["Code"] for error in self.body["Errors"]]

    @property
    def params(self) -> list[list[str]]:
        return [error["Params"] for error in self.body["Errors"]]


@attrs.define
class Siigo:
    vendor: LocalVendor
    http: aiohttp.ClientSession
    access: str = ""

    async def login(self, **fields: Any) -> Answer:
        """Ask for a token with the vendor's credentials, but for these fields; `None` leaves one out."""
        sent = {**self.vendor.credentials, **fields}
        body = {name: value for name, value in sent.items() if value is not None}
        answer = await self.send("POST", "/auth", body, headers={"Authorization": None, "Partner-Id": None})
        if answer.status in (200, 201):
            self.access = answer.body["access_token"]
        return answer

    async def send(
        self, method: str, path: str, body: Any = None, *, headers: dict[str, Any] | None = None, **options: Any
    ) -> Answer:
        """Send a request; a body that is no bytes travels as JSON, decimals exact."""
        usual = {"Authorization": f"Bearer {self.access}", "Partner-Id": "SagiccAsyncTests"}
        if body is not None:
            usual["Content-Type"] = "application/json"
        sent = {name: value for name, value in {**usual, **(headers or {})}.items() if value is not None}
        data = body if isinstance(body, bytes) or body is None else to_json(body)
        url = self.vendor.base_url + path
        async with self.http.request(method, url, data=data, headers=sent, **options) as answer:
            return Answer(answer.status, answer.headers, from_json(await answer.read()))

    async def get(self, path: str, **query: Any) -> Answer:
        return await self.send("GET", f"/v1/{path}", params=query)

    async def post(self, path: str, body: Any = None, **options: Any) -> Answer:
        return await self.send("POST", f"/v1/{path}", body, **options)

    async def put(self, path: str, body: Any = None) -> Answer:
        return await self.send("PUT", f"/v1/{path}", body)

    async def delete(self, path: str) -> Answer:
        return await self.send("DELETE", f"/v1/{path}")

    async def rows(self, path: str, **query: Any) -> list[dict[str, Any]]:
        answer = await self.get(path, **{"page_size": "100", **query})
        assert answer.status == 200, answer.body
        return answer.body["results"]


@pytest.fixture
def siigo() -> Callable[..., AbstractAsyncContextManager[Siigo]]:
    """Open a sandbox of Siigo whose work takes no time, with a client that has a token."""

    @asynccontextmanager
    async def opened(*, records: int = 0, clock: Any = None, **settings: Any) -> AsyncIterator[Siigo]:
        options = {"siigo": {"work": 0, **settings}}
        async with (
            Sandbox([SiigoSandbox], records=records, seed=7, clock=clock, settings=options) as sandbox,
            aiohttp.ClientSession() as http,
        ):
            api = Siigo(sandbox["siigo"], http)
            await api.login()
            yield api

    return opened


@pytest.fixture
def product() -> Callable[..., dict[str, Any]]:
    """Return a body that a product can be created with."""
    return lambda **fields: {"code": "A-1", "name": "Ruana azul", "account_group": 4101, **fields}


@pytest.fixture
def customer() -> Callable[..., dict[str, Any]]:
    """Return a body that a third party can be created with."""
    body = {
        "person_type": "Company",
        "id_type": "31",
        "identification": "900123456",
        "name": ["Maderas El Samán S.A.S."],
        "address": {
            "address": "CRA 41 # 12-87",
            "city": {"country_code": "Co", "state_code": "05", "city_code": "05001"},
        },
        "phones": [{"indicative": "57", "number": "3001112233"}],
        "contacts": [{"first_name": "Paola", "last_name": "Ospina", "email": "paola@acme.example"}],
    }
    return lambda **fields: {**body, **fields}
