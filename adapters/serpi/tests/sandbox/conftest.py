"""SERPI on this machine, and somebody who asks it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

import aiohttp
import attrs
import pytest

from sagicc_async.sandbox import LocalVendor, Sandbox, from_json
from sagicc_async_serpi.sandbox import SerpiSandbox


@attrs.frozen
class Serpi:
    vendor: LocalVendor
    http: aiohttp.ClientSession

    async def ask(self, method: str, path: str, **options: Any) -> tuple[int, Any]:
        credentials = self.vendor.credentials
        headers = {"Authorization": f"Bearer {credentials['token']}", "secretkey": credentials["secretkey"]}
        headers |= options.pop("headers", {})
        sent = {name: value for name, value in headers.items() if value is not None}
        async with self.http.request(method, f"{self.vendor.base_url}/{path}", headers=sent, **options) as answer:
            body = await answer.read()
            return answer.status, from_json(body) if body else None

    async def get(self, path: str, **options: Any) -> tuple[int, Any]:
        return await self.ask("GET", path, **options)

    async def post(self, path: str, record: object) -> tuple[int, Any]:
        return await self.ask("POST", path, json=record)

    async def put(self, path: str, record: object) -> tuple[int, Any]:
        return await self.ask("PUT", path, json=record)

    async def ids(self, path: str) -> list[int]:
        return [row["id"] for row in (await self.get(path))[1].get("result", ())]


@pytest.fixture
def serpi() -> Callable[..., AbstractAsyncContextManager[Serpi]]:
    @asynccontextmanager
    async def opened(*, records: int = 120, **settings: Any) -> AsyncIterator[Serpi]:
        options = {"serpi": {"work": 0, **settings}}
        async with (
            Sandbox([SerpiSandbox], records=records, seed=7, settings=options) as sandbox,
            aiohttp.ClientSession() as http,
        ):
            yield Serpi(sandbox["serpi"], http)

    return opened
