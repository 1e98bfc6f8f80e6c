"""The server's log keeps what tests ask for, and no secret."""

from __future__ import annotations

import pytest

from sagicc_async.sandbox import from_json
from sagicc_async.secrets import Secret, fingerprint


async def test_it_keeps_what_arrived(opened):
    async with opened() as (_, vendor, client):
        await client.get("/notes?offset=5")
        await client.post({"id": 99, "title": "x"})
        first, second = vendor.requests
        assert (first.number, first.method, first.path, first.query) == (1, "GET", "/v1/notes", {"offset": "5"})
        assert (first.body, first.status, first.hung_up, first.faults) == (b"", 200, False, ())
        assert first.started <= first.finished <= second.started <= second.finished
        assert from_json(second.body) == {"id": 99, "title": "x"}
        assert second.headers["Content-Type"] == "application/json"


async def test_a_token_is_known_by_its_fingerprint_only(opened):
    async with opened() as (_, vendor, client):
        await client.get()
        (entry,) = vendor.requests
        token = vendor.credentials["token"]
        assert entry.token == fingerprint(Secret(token))
        assert entry.headers["X-Token"] == "[redacted]"
        assert token not in repr(entry)


async def test_secrets_are_kept_out_of_every_part(opened, caplog):
    async with opened() as (_, vendor, client):
        await client.post({"user": "ana", "password": "canary"}, "/login?Password=canary")
        async with client.http.post(
            vendor.base_url + "/login", data=b"password=canary", headers={"Authorization": "Basic canary"}
        ):
            pass
        assert "canary" not in repr(vendor.requests)
        assert "canary" not in str([entry.to_dict() for entry in vendor.requests])
        assert vendor.requests[0].body == b'{"user":"ana","password":"[redacted]"}'
    assert "canary" not in caplog.text


@pytest.mark.parametrize(
    ("body", "kept"),
    [
        (b"user=ana&password=can%61ry&Password=canary", b"user=ana&password=[redacted]&Password=[redacted]"),
        (b"user=ana&p%61ssword=canary&note=%C3%B1+%26", b"user=ana&password=[redacted]&note=%C3%B1+%26"),
        (b"user=ana&title=x%20y", b"user=ana&title=x%20y"),
        (b'{"password":"canary"}', b'{"password":"[redacted]"}'),
        (b'[{"password":"canary"}]', b"[redacted]"),
    ],
)
async def test_secrets_are_kept_out_of_forms(opened, body, kept):
    async with opened() as (_, vendor, client):
        headers = {"content-type": "Application/X-WWW-Form-Urlencoded; charset=utf-8"}
        async with client.http.post(vendor.base_url + "/login", data=body, headers=headers):
            pass
        assert vendor.requests[0].body == kept


async def test_only_the_last_requests_are_kept(notes):
    import aiohttp

    from sagicc_async.sandbox import Sandbox

    async with Sandbox([notes], log_size=2) as sandbox, aiohttp.ClientSession() as http:
        for _ in range(3):
            async with http.get(sandbox["notes"].base_url + "/notes"):
                pass
        assert [entry.number for entry in sandbox["notes"].requests] == [2, 3]
