"""A resource file is enough for a vendor on this machine, and a client that reads the same file understands it."""

from __future__ import annotations

from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest

from sagicc_async import ConfigError, MemoryCoordinator, PagingLoop, RequestError, RetryPolicy, SessionManager
from sagicc_async.declared import load
from sagicc_async.sandbox import DeclaredSandbox, Sandbox

ACME = str(Path(__file__).parent.parent / "declared" / "acme.toml")
THINGS = {"id": "id", "list": "/things", "get": "/things/{id}", "fields": {"id": "int", "title": "text", "due": "date"}}
TOKEN = {"kind": "header", "header": "X-Token"}
LOGIN = {"path": "/login", "token_at": "/a/token", "expires_in": "/a/lives", "token_name": "key"}
CLIENT = {"kind": "oauth_client_credentials", "token_url": "/oauth/token"}


def vendor(**keys):
    return {
        "vendor": "acme",
        "base_url": "https://acme.example/v1",
        "auth": TOKEN,
        "resources": {"things": THINGS},
        **keys,
    }


@asynccontextmanager
async def opened(declaration, *, records=60, account=None, **switches):
    emulator = DeclaredSandbox(declaration, **switches)
    sandbox = Sandbox([emulator], records=records, seed=7, settings={"acme": {"work": 0}})
    manager = SessionManager(coordinator=MemoryCoordinator(), retry=RetryPolicy(attempts=2, base=0.001))
    async with sandbox, manager as sessions:
        here = sandbox["acme"]
        yield here, sessions.open(load(declaration), here.credentials, base_url=here.base_url, **(account or {}))


AUTHS = {
    "header": TOKEN,
    "query": {"kind": "query", "parameter": "key"},
    "exchange-query": {"kind": "exchange", "header": "X-Session", "login": {**LOGIN, "token_in": "query"}},
    "exchange-body": {"kind": "exchange", "parameter": "session", "login": {**LOGIN, "token_in": "body"}},
    "exchange-header": {"kind": "exchange", "header": "X-Session", "login": {**LOGIN, "token_in": "header"}},
    "password": {"kind": "oauth_password", "token_url": "/oauth/token", "encoding": "json"},
    "client": CLIENT,
}


@pytest.mark.parametrize("auth", AUTHS.values(), ids=AUTHS)
async def test_every_declared_authentication_lets_in_who_has_the_credentials_and_nobody_else(auth):
    async with opened(vendor(auth=auth)) as (here, acme):
        assert [record.id for record in await acme["things"].list().collect()] == list(range(1, 61))
        async with (
            aiohttp.ClientSession() as stranger,
            stranger.get(f"{here.base_url}/things") as answer,
        ):
            assert answer.status == 401


PAGINGS = {
    "none": {"kind": "none"},
    "number": {"kind": "number", "number": "page", "size": "per", "page_size": 7},
    "number-last": {"kind": "number", "number": "page", "first": 0, "last": "/pages", "page_size": 7},
    "offset": {"kind": "offset", "offset": "offset", "limit": "limit", "page_size": 7},
    "offset-total": {"kind": "offset", "offset": "offset", "total": "/meta/total", "page_size": 7},
    "cursor": {"kind": "cursor", "cursor": "after", "next": "/meta/next", "page_size": 7},
    "link": {"kind": "link", "next": "/next", "size": "size", "page_size": 7},
    "link-header": {"kind": "link", "page_size": 7},
}


@pytest.mark.parametrize("paging", PAGINGS.values(), ids=PAGINGS)
async def test_every_declared_paging_gives_each_record_once(paging):
    declaration = vendor(paging=paging, records=["", "/data/rows"])
    async with opened(declaration) as (here, acme):
        assert await acme["things"].list().raw().collect() == here.rows("things")


@pytest.mark.parametrize("name", ["number", "offset", "offset-total", "cursor"])
async def test_a_place_that_is_ignored_is_an_error_and_a_cap_is_none(name):
    declaration = vendor(paging=PAGINGS[name], records=["/rows"])
    async with opened(declaration, paging="ignored") as (_, acme):
        with pytest.raises(PagingLoop):
            await acme["things"].list().collect()
    async with opened(declaration, paging="capped", cap=3) as (_, acme):
        assert len(await acme["things"].list().collect()) == 60


@pytest.mark.parametrize("envelope", ["", "/records", "/data"])
async def test_records_stand_at_the_declared_pointer_that_is_chosen(envelope):
    async with opened(ACME, envelope=envelope) as (here, acme):
        rows = here.rows("things")
        assert await acme["things"].list().raw().collect() == rows
        read = await acme["things"].list().collect()
        assert {row["thingId"] for row in rows if row["due"] == "0000-00-00"} == {
            record.thing_id for record in read if record.due is None
        }


async def test_what_is_written_is_kept_and_found_again():
    operations = {"create": "/things", "update": "/things/{id}", "delete": "/things/{id}"}
    declaration = vendor(resources={"things": {**THINGS, **operations}})
    async with opened(declaration, records=3, account={"allow_write": True}) as (here, acme):
        made = await acme["things"].create({"title": "NEW"})
        await acme["things"].update(made.id, {"title": "OTHER"})
        assert (await acme["things"].get(made.id)).title == "OTHER"
        await acme["things"].delete(made.id)
        assert [row["id"] for row in here.rows("things")] == [1, 2, 3]


async def test_what_the_file_does_not_say_is_refused():
    params = {"since": {"type": "date", "required": True}}
    declaration = vendor(resources={"things": {**THINGS, "list": {"path": "/things", "params": params}}})
    async with opened(declaration) as (here, _), aiohttp.ClientSession() as http:

        async def status(method, path):
            headers = {"X-Token": here.credentials["token"]}
            async with http.request(method, f"{here.base_url}{path}", headers=headers) as answer:
                return answer.status

        assert await status("GET", "/things?since=2026-01-31") == 200
        assert await status("GET", "/things") == 400
        assert await status("GET", "/things?since=yesterday") == 400
        assert await status("GET", "/things?since=2026-01-31&other=1") == 400
        assert await status("GET", "/others") == 404
        assert await status("GET", "/things/99") == 404
        assert await status("POST", "/things") == 405


@pytest.mark.parametrize("echo", ["plain", "encoded"])
async def test_a_token_that_an_error_repeats_is_not_shown(echo):
    declaration = vendor(auth=AUTHS["query"], errors={"message": ["/error/message"]})
    async with opened(declaration, echo=echo) as (here, acme):
        token = here.credentials["token"]
        with pytest.raises(RequestError) as caught:
            await acme["things"].get("99")

        assert caught.value.status == 404
        assert token not in f"{caught.value!r} {caught.value} {caught.value.errors}"


def test_an_envelope_that_is_not_declared_is_refused():
    with pytest.raises(ValueError, match="declared pointers"):
        DeclaredSandbox(ACME, envelope="/elsewhere")


def test_a_file_that_is_not_there_is_told():
    with pytest.raises(ConfigError):
        DeclaredSandbox("nowhere.toml")


async def test_a_sandbox_takes_the_path_of_a_resource_file_and_its_settings():
    settings = {"acme": {"paging": "capped", "cap": 3, "work": 0}}
    async with Sandbox([ACME], records=10, settings=settings) as sandbox, SessionManager() as sessions:
        here = sandbox["acme"]
        acme = sessions.open(load(ACME), here.credentials, base_url=here.base_url)

        assert len(await acme["things"].list().collect()) == 10
        assert len([entry for entry in here.requests if entry.path.endswith("/things")]) == 5


async def test_declared_windows_are_enforced_by_company_or_by_token():
    windows = [{"limit": 2, "per": 60}, {"limit": 5, "per": 3600, "scope": "token"}]
    async with (
        opened(vendor(windows=windows, errors={"limit": [420, 429]})) as (here, _),
        aiohttp.ClientSession(headers={"X-Token": here.credentials["token"]}) as client,
    ):
        answers = []
        for _ in range(3):
            async with client.get(f"{here.base_url}/things") as answer:
                answers.append((answer.status, answer.headers.get("Retry-After")))

        assert answers == [(200, None), (200, None), (420, "60")]
        assert here.stats.rejected == 1


async def test_the_adapter_keeps_within_the_declared_windows_by_itself():
    async with opened(
        vendor(windows=[{"limit": 5, "per": 0.3}], paging={"kind": "number", "number": "page", "size": "per"}),
        records=30,
    ) as (here, acme):
        assert len(await acme["things"].list(page_size=2).collect()) == 30

        assert here.stats.by_status.keys() == {200}
