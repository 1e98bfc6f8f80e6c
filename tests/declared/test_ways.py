"""Every way of authentication and of paging, over real sockets."""

from __future__ import annotations

import contextlib
import json
from collections.abc import AsyncIterator

import attrs
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from sagicc_async import ConfigError, CredentialsRejected, PagingLoop, ProtocolError
from sagicc_async.declared import DeclaredAdapter

ROWS = [{"id": number} for number in range(1, 8)]
TOKEN = "static/token+1"


@attrs.define(eq=False)
class Vendor:
    """Answers in every way; what it was asked, it keeps."""

    seen: list[web.Request] = attrs.field(factory=list)
    bodies: list[bytes] = attrs.field(factory=list)
    circle: bool = False
    refuse: bool = False
    hollow: int = 0
    pages: list[list[int]] = attrs.field(factory=list)
    base_url: str = ""

    def app(self) -> web.Application:
        app = web.Application()
        app.router.add_post("/api/token", self.token)
        app.router.add_get("/api/{way}", self.list)
        return app

    async def token(self, request: web.Request) -> web.Response:
        self.seen.append(request)
        self.bodies.append(await request.read())
        if self.refuse:
            return web.json_response({"error": "invalid_grant"}, status=400)
        return web.json_response({"access_token": "granted", "expires_in": "3600"})

    async def list(self, request: web.Request) -> web.Response:
        self.seen.append(request)
        query = request.query
        match request.match_info["way"]:
            case "number":
                start = (int(query["page"]) - 1) * int(query["size"])
                return web.json_response({"rows": ROWS[start : start + int(query["size"])], "meta": {"total": "7"}})
            case "cursor":
                start = int(query.get("after", 0))
                following = None if start + 3 >= 7 else str(0 if self.circle else start + 3)
                return web.json_response({"rows": ROWS[start : start + 3], "next": following})
            case "link":
                start = int(query.get("from", 0))
                more = f"link?token={TOKEN}&from={start + 3}" if start + 3 < 7 else None
                return web.json_response({"rows": ROWS[start : start + 3], "next": more})
            case "hollow":  # empty pages before the records, and behind them as many as anybody asks for
                page = int(query.get("after", 0))
                return web.json_response(
                    {"rows": ROWS if page == self.hollow else [], "next": f"hollow?after={page + 1}"}
                )
            case "gaps":
                page = int(query.get("after", 0))
                return web.json_response({"rows": ROWS if page == self.hollow else [], "next": str(page + 1)})
            case "moving":
                return web.json_response({"rows": [{"id": number} for number in self.pages[len(self.seen) - 1]]})
            case "elsewhere":
                start = int(query.get("from", 0))
                return web.json_response({"rows": [], "Ana 555-1234": 1, "items": ROWS[start:], "total": 0})
            case "header":
                start = int(query.get("from", 0))
                headers = {"Link": f'</api/header?from={start + 3}>; rel="next"'} if start + 3 < 7 else {}
                return web.json_response({"rows": ROWS[start : start + 3]}, headers=headers)
            case _:
                return web.json_response({"rows": ROWS})


@pytest.fixture
async def ways() -> AsyncIterator[Vendor]:
    vendor = Vendor()
    async with TestServer(vendor.app()) as server:
        vendor.base_url = str(server.make_url("/api"))
        yield vendor


def declared(auth=None, paging=None, path="/all", **more):
    return {
        "vendor": "acme",
        "auth": auth or {"kind": "header", "header": "X-Token"},
        "records": ["/rows"],
        "paging": paging or {"kind": "none"},
        "resources": {"things": {"id": "id", "list": path, "fields": {"id": "int"}}},
        **more,
    }


@pytest.fixture
def opened(ways, sessions):
    def open_account(credentials=None, **description):
        return sessions.open(
            DeclaredAdapter,
            credentials or {"token": TOKEN},
            base_url=ways.base_url,
            declaration=declared(**description),
        )["things"]

    return open_account


async def ids(things, **options):
    return [thing.id for thing in await things.list(**options).collect()]


ALL = [row["id"] for row in ROWS]


async def test_a_token_in_a_header(ways, opened):
    assert await ids(opened(auth={"kind": "header", "header": "X-Token", "prefix": "Token "})) == ALL
    assert ways.seen[0].headers["X-Token"] == f"Token {TOKEN}"


async def test_a_token_in_the_query(ways, opened):
    assert await ids(opened(auth={"kind": "query", "parameter": "key"})) == ALL
    assert ways.seen[0].query["key"] == TOKEN


@pytest.mark.parametrize("encoding", ["form", "json"])
async def test_the_password_grant(ways, opened, encoding):
    credentials = {"username": "ana", "password": "pass", "client_id": "c", "client_secret": "s"}
    auth = {"kind": "oauth_password", "token_url": "/token", "encoding": encoding, "scope": "read"}

    assert await ids(opened(credentials, auth=auth)) == ALL
    sent = dict(json.loads(ways.bodies[0])) if encoding == "json" else ways.bodies[0].decode()
    expected = {"grant_type": "password", "client_id": "c", "client_secret": "s", "scope": "read"}
    expected |= {"username": "ana", "password": "pass"}
    assert sent == (expected if encoding == "json" else "&".join(f"{name}={word}" for name, word in expected.items()))
    assert ways.seen[-1].headers["Authorization"] == "Bearer granted"


async def test_the_grant_for_a_client(ways, opened):
    auth = {"kind": "oauth_client_credentials", "token_url": "/token"}

    assert await ids(opened({"client_id": "c", "client_secret": "s"}, auth=auth)) == ALL
    assert ways.bodies == [b"grant_type=client_credentials&client_id=c&client_secret=s"]


async def test_a_grant_that_is_refused_is_a_matter_of_credentials(ways, opened):
    ways.refuse = True
    auth = {"kind": "oauth_client_credentials", "token_url": "/token", "hint": "Acme > Keys"}

    with pytest.raises(CredentialsRejected) as caught:
        await ids(opened({"client_id": "c", "client_secret": "s"}, auth=auth))
    assert caught.value.hint == "Acme > Keys"


def test_credentials_are_those_that_the_file_asks_for(opened):
    with pytest.raises(ConfigError, match="ClientCredentials has no field token; it has client_id, client_secret"):
        opened({"token": "x"}, auth={"kind": "oauth_client_credentials", "token_url": "/token"})


async def test_numbered_pages_end_at_the_total(ways, opened):
    paging = {"kind": "number", "number": "page", "size": "size", "page_size": 3, "total": "/meta/total"}

    assert await ids(opened(paging=paging, path="/number")) == ALL
    assert [request.query["page"] for request in ways.seen] == ["1", "2", "3"]


async def test_a_cursor_is_followed_until_there_is_none(ways, opened):
    paging = {"kind": "cursor", "cursor": "after", "next": "/next", "page_size": 3}

    assert await ids(opened(paging=paging, path="/cursor")) == ALL
    assert [request.query.get("after") for request in ways.seen] == [None, "3", "6"]


async def test_a_cursor_that_leads_in_a_circle_is_an_error(ways, opened):
    ways.circle = True

    with pytest.raises(PagingLoop):
        await ids(opened(paging={"kind": "cursor", "cursor": "after", "next": "/next"}, path="/cursor"))


@pytest.mark.parametrize(
    ("way", "paging"),
    [("gaps", {"kind": "cursor", "cursor": "after", "next": "/next"}), ("hollow", {"kind": "link", "next": "/next"})],
)
@pytest.mark.parametrize("empty", [1, 4])
async def test_a_list_whose_empty_pages_always_name_a_next_one_is_given_up(ways, opened, way, paging, empty):
    ways.hollow = empty - 1
    things = opened(paging={**paging, "max_empty": empty}, path=f"/{way}")
    read: list[int] = []

    with pytest.raises(PagingLoop, match=f"{empty} pages in a row are empty, and the last of them names a next one"):
        async for page in things.list().pages():
            read += [thing.id for thing in page.items]

    assert read == ALL  # behind fewer empty pages than that there may be records
    assert len(ways.seen) == empty - 1 + 1 + empty


async def test_links_are_followed_and_a_token_that_they_repeat_is_not_kept(ways, opened):
    paging = {"kind": "link", "next": "/next"}
    things = opened(auth={"kind": "query", "parameter": "token"}, paging=paging, path="/link")
    pages = [page async for page in things.list().pages()]

    assert [thing.id for page in pages for thing in page.items] == ALL
    assert [request.query.getall("token") for request in ways.seen] == [[TOKEN]] * 3
    assert all("static" not in page.checkpoint.to_json() for page in pages)


async def test_links_in_the_header_are_followed(opened):
    assert await ids(opened(paging={"kind": "link"}, path="/header")) == ALL


OFFSET = {"kind": "offset", "offset": "from", "limit": "size"}


async def test_a_list_without_records_is_told_once_with_the_keys_beside_it(opened, caplog):
    things = opened(paging=OFFSET, path="/elsewhere")

    assert await ids(things) == await ids(things) == []
    assert await things.list().raw().collect() == []
    (told,) = [record.getMessage() for record in caplog.records if record.levelname == "WARNING"]
    assert told.startswith("acme things: 0 records; the answer has the keys rows, (another), items, total, and")


@pytest.mark.parametrize(
    ("path", "paging"),
    [
        ("/elsewhere", {**OFFSET, "total": "/total"}),  # the vendor itself says that there are none
        ("/cursor", {"kind": "cursor", "cursor": "after", "next": "/next"}),
        ("/gaps", {"kind": "cursor", "cursor": "after", "next": "/next", "max_empty": 2}),  # the first page is empty
    ],
)
async def test_an_empty_page_is_not_told_where_the_list_is_not_empty_or_the_vendor_counts(
    ways, opened, caplog, path, paging
):
    ways.hollow = 1
    with contextlib.suppress(PagingLoop):
        await ids(opened(paging=paging, path=path))

    assert ways.seen
    assert "0 records" not in caplog.text


async def test_of_records_that_come_again_those_of_the_page_before_are_dropped_and_counted(ways, opened):
    ways.pages = [[1, 2], [2, 3], [1, 4], []]
    stream = opened(paging=OFFSET, path="/moving").list()

    assert [thing.id for thing in await stream.collect()] == [1, 2, 3, 1, 4]  # as the guide says of the last 1
    assert stream.stats.duplicates == 1
    assert stream.stats.drifted


async def test_records_at_no_declared_place_are_an_error_with_the_keys(opened):
    with pytest.raises(ProtocolError, match='no list of records at "/data": the answer has the keys rows'):
        await ids(opened(records=["/data"]))
