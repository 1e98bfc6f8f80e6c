"""A made-up vendor over real sockets, with a switch for everything that a client has to survive."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import attrs
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from sagicc_async import MemoryCoordinator, RetryPolicy, SessionManager
from sagicc_async.declared import DeclaredAdapter

ACME = Path(__file__).parent / "acme.toml"


def thing(number: int) -> dict[str, Any]:
    return {
        "thingId": number,
        "title": f"Thing {number}",
        "price": "1.234,56",
        "worked": "07:30",
        "due": "0000-00-00",
        "createdAt": "2026-11-20 08:15:00",
        "isDeleted": False,
        "colour": "red",
    }


@attrs.define(eq=False)
class Acme:
    """What `acme.toml` describes."""

    token: str = "panel-t/ken+1"
    rows: list[dict[str, Any]] = attrs.field(factory=lambda: [thing(number) for number in range(1, 251)])
    cap: int = 100
    ignore_offset: bool = False
    envelope: str = "/records"
    echo: bool = False
    status: int | None = None
    session: int = 0
    seen: list[tuple[str, str, str]] = attrs.field(factory=list)
    base_url: str = ""

    def app(self) -> web.Application:
        app = web.Application()
        app.router.add_get("/v2/login", self.login)
        app.router.add_get("/v2/things", self.things)
        app.router.add_get("/v2/things/{id}", self.one)
        app.router.add_post("/v2/things", self.make)
        return app

    @property
    def current(self) -> str:
        return f"sess/ion+{self.session}-abcdefgh"

    async def login(self, request: web.Request) -> web.Response:
        self.seen.append(("GET", "login", ""))
        if request.query.get("key") != self.token:
            return web.json_response({"error": {"code": "NO", "message": f"bad {request.rel_url}"}}, status=403)
        self.session += 1
        return web.json_response({"data": {"session": self.current}})

    def refused(self, request: web.Request) -> web.Response | None:
        self.seen.append((request.method, request.path, request.query_string))
        if request.query.get("session") != self.current:
            return web.json_response({"message": "who are you"}, status=401)
        if self.echo:
            text = f"{request.raw_path} | {request.query['session']} | {self.token}"
            return web.json_response({"error": {"code": "E7", "message": text}}, status=422)
        if self.status is not None:
            return web.Response(text="<!DOCTYPE html><html>down</html>", content_type="text/html", status=self.status)
        return None

    async def things(self, request: web.Request) -> web.Response:
        if (no := self.refused(request)) is not None:
            return no
        offset = 0 if self.ignore_offset else int(request.query.get("offset", 0))
        rows = self.rows[offset : offset + min(self.cap, int(request.query["limit"]))]
        bodies = {
            "": rows,
            "/records": {"records": rows, "page": 1},
            "/records/things": {"records": {"things": rows, "note": "x"}},
            "/two": {"records": {"things": rows, "others": rows}},
            "/none": {"result": rows},
        }
        return web.json_response(bodies[self.envelope])

    async def one(self, request: web.Request) -> web.Response:
        if (no := self.refused(request)) is not None:
            return no
        found = [row for row in self.rows if str(row["thingId"]) == request.match_info["id"]]
        return web.json_response({"record": found[0]}) if found else web.json_response({}, status=404)

    async def make(self, request: web.Request) -> web.Response:
        if (no := self.refused(request)) is not None:
            return no
        self.rows.append({"thingId": len(self.rows) + 1, **json.loads(await request.read())})
        return web.json_response({"record": self.rows[-1]})


@pytest.fixture
async def vendor() -> AsyncIterator[Acme]:
    acme = Acme()
    async with TestServer(acme.app()) as server:
        acme.base_url = str(server.make_url("/v2"))
        yield acme


@pytest.fixture
async def sessions() -> AsyncIterator[SessionManager]:
    async with SessionManager(coordinator=MemoryCoordinator(), retry=RetryPolicy(attempts=2, base=0.001)) as manager:
        yield manager


@pytest.fixture
def acme(vendor: Acme, sessions: SessionManager) -> Any:
    return sessions.open(DeclaredAdapter, {"token": vendor.token}, base_url=vendor.base_url, declaration=str(ACME))
