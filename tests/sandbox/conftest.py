"""A vendor small enough to be read at a glance, and clients that behave badly."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from decimal import Decimal
from random import Random
from typing import Any

import aiohttp
import attrs
import pytest

from sagicc_async.sandbox import Call, Company, LocalVendor, Reply, Sandbox, Store, Table, from_json, invent, to_json


@attrs.frozen(kw_only=True)
class Notes:
    """A vendor of notes; the header `X-Token` names the token."""

    name = "notes"
    base_path = "/v1"
    secret_names = frozenset({"X-Token", "password"})
    rows_at = "rows"

    greeting: str = attrs.field(default="hola", validator=attrs.validators.instance_of(str))

    def tables(self) -> list[Table]:
        return [Table("note", ("id", "title"))]

    def issue(self, random: Random) -> dict[str, str]:
        return {"token": invent.token(random)}

    def populate(self, store: Store, *, records: int, seed: int) -> None:
        random = Random(f"{seed}/notes")
        store.fill(
            "note",
            ({"id": n, "title": invent.company_name(random), "price": Decimal("1.50")} for n in range(1, records + 1)),
        )

    def add(self, company: Company, resource: str, record: dict[str, Any]) -> dict[str, Any]:
        kept = {"id": company.store.next_position(resource), **record}
        company.store.insert(resource, kept)
        return kept

    def token(self, call: Call) -> str | None:
        return call.headers.get("X-Token")

    def answer(self, call: Call, company: Company) -> Reply:
        if call.path == "/v1/login":
            return Reply(body=b"{}", login=True)
        if call.path != "/v1/notes":
            return Reply(status=404)
        if company.credentials_with("token", self.token(call) or "") is None:
            return Reply(status=401)
        if call.method == "POST":
            company.store.insert("note", from_json(call.body))
            return Reply(status=201, body=b"{}")
        offset = int(call.query.get("offset", "0"))
        return Reply(body=b'{"rows":[%b]}' % b",".join(company.store.page("note", limit=10, offset=offset)))

    def refuse(self, call: Call, reason: str) -> Reply:
        status = {"overlap": 409, "revoked": 401}[reason]
        return Reply(status=status, body=to_json({"reason": reason}), rejected=reason == "overlap")


@pytest.fixture
def notes() -> type[Notes]:
    return Notes


@attrs.frozen
class Client:
    """A client with a connection for every request that is under way."""

    vendor: LocalVendor
    http: aiohttp.ClientSession

    async def get(self, path: str = "/notes", *, token: str | None = "") -> tuple[int, bytes]:
        async with self.http.get(
            self.vendor.base_url + path, headers=self._headers(token), allow_redirects=False
        ) as answer:
            return answer.status, await answer.read()

    async def post(self, record: dict[str, Any], path: str = "/notes") -> tuple[int, bytes]:
        async with self.http.post(self.vendor.base_url + path, json=record, headers=self._headers("")) as answer:
            return answer.status, await answer.read()

    def _headers(self, token: str | None) -> dict[str, str]:
        return {} if token is None else {"X-Token": token or self.vendor.credentials["token"]}


@pytest.fixture
def opened() -> Callable[..., AbstractAsyncContextManager[tuple[Sandbox, LocalVendor, Client]]]:
    """Open a sandbox of notes whose work takes no time, with a client."""

    @asynccontextmanager
    async def open_notes(*, clock: Any = None, records: int = 25, **settings: Any) -> AsyncIterator[Any]:
        options = {"notes": {"work": 0, **settings}}
        async with (
            Sandbox([Notes], records=records, seed=7, clock=clock, settings=options) as sandbox,
            aiohttp.ClientSession() as http,
        ):
            yield sandbox, sandbox["notes"], Client(sandbox["notes"], http)

    return open_notes


@pytest.fixture
def raw() -> Callable[..., AbstractAsyncContextManager[tuple[asyncio.StreamReader, asyncio.StreamWriter]]]:
    """Send a request over a socket of one's own, to read or to hang up at will."""

    @asynccontextmanager
    async def connect(
        vendor: LocalVendor, method: str = "GET", path: str = "/notes", body: bytes = b"", missing: int = 0
    ) -> AsyncIterator[Any]:
        _, _, rest = vendor.base_url.partition("://")
        authority, _, prefix = rest.partition("/")
        host, _, port = authority.partition(":")
        reader, writer = await asyncio.open_connection(host, int(port))
        head = f"{method} /{prefix}{path} HTTP/1.1\r\nHost: {authority}\r\nX-Token: {vendor.credentials['token']}\r\n"
        writer.write(f"{head}Content-Length: {len(body) + missing}\r\n\r\n".encode() + body)
        try:
            yield reader, writer
        finally:
            writer.close()
            with suppress(ConnectionError):  # the server was faster, or rude as it was told
                await writer.wait_closed()

    return connect
