"""How a token is obtained, refused, refreshed and lost."""

from __future__ import annotations

import pytest

FIELDS = {7: {"error", "message"}, 8: {"error", "error_description", "message"}, 9: {"error", "error_description"}}


async def test_a_token_is_granted_for_a_form_and_for_json(sagicc):
    async with sagicc() as api:
        answer = await api.obtain()
        assert (answer.status, answer.headers["Cache-Control"]) == (200, "no-store")
        assert list(answer.body) == ["token_type", "expires_in", "access_token", "refresh_token"]
        assert (answer.body["token_type"], answer.body["expires_in"]) == ("Bearer", 31_536_000)
        credentials = {"grant_type": "password", **api.vendor.credentials}
        assert (await api.send("POST", api.token_url, json=credentials)).status == 200
        assert api.vendor.stats.logins == 3
        assert set(credentials) == {"grant_type", "client_id", "client_secret", "username", "password"}
        assert credentials["client_id"] == "2"


@pytest.mark.parametrize("version", [7, 8, 9])
@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"grant_type": None}, {7: (400, "unsupported_grant_type")}),
        ({"grant_type": "magic", "client_secret": "wrong"}, {7: (400, "unsupported_grant_type")}),
        ({"client_id": None}, {7: (400, "invalid_request")}),
        ({"client_id": "3"}, {7: (401, "invalid_client")}),
        ({"client_secret": None}, {7: (401, "invalid_client")}),
        ({"client_secret": "wrong", "password": "wrong"}, {7: (401, "invalid_client")}),
        ({"username": None}, {7: (400, "invalid_request")}),
        ({"password": ""}, {7: (400, "invalid_request")}),
        ({"password": "wrong"}, {7: (401, "invalid_credentials"), 8: (400, "invalid_grant")}),
        ({"username": "nobody"}, {7: (401, "invalid_credentials"), 8: (400, "invalid_grant")}),
        ({"scope": "everything"}, {7: (400, "invalid_scope")}),
        ({"grant_type": "refresh_token"}, {7: (400, "invalid_request")}),
        (
            {"grant_type": "refresh_token", "refresh_token": "wrong"},
            {7: (401, "invalid_request"), 9: (400, "invalid_grant")},
        ),
    ],
)
async def test_a_refusal_has_the_words_of_its_version(sagicc, version, fields, expected):
    async with sagicc(oauth=version) as api:
        answer = await api.obtain(**fields)
        assert (answer.status, answer.body["error"]) == expected[max(key for key in expected if key <= version)]
        assert set(answer.body) - {"hint"} == FIELDS[version]
        assert api.vendor.stats.logins == 1


async def test_the_grant_of_the_client_alone_gives_no_refresh_token(sagicc):
    async with sagicc() as api:
        answer = await api.obtain(grant_type="client_credentials", username=None, password=None, scope="*")
        assert set(answer.body) == {"token_type", "expires_in", "access_token"}
        api.access = answer.body["access_token"]
        assert (await api.get("caso")).status == 200


async def test_a_refresh_ends_the_old_pair(sagicc):
    async with sagicc() as api:
        old = (await api.obtain()).body
        renewal = {"grant_type": "refresh_token", "refresh_token": old["refresh_token"]}
        new = await api.obtain(**renewal)
        assert new.status == 200
        api.access = old["access_token"]
        assert (await api.get("caso")).status == 401
        api.access = new.body["access_token"]
        assert (await api.get("caso")).status == 200
        assert (await api.obtain(**renewal)).status == 401


async def test_an_answer_may_lack_the_lifetime_and_the_refresh_token(sagicc):
    async with sagicc(expires_in=None, refresh_tokens=False) as api:
        assert set((await api.obtain()).body) == {"token_type", "access_token"}


async def test_a_token_ends_on_the_clock(sagicc, manual_clock):
    async with sagicc(clock=manual_clock, expires_in=3600) as api:
        await manual_clock.advance(3599)
        assert (await api.get("caso")).status == 200
        await manual_clock.advance(1)
        assert (await api.get("caso")).status == 401
        await api.login()
        assert (await api.get("caso")).status == 200


@pytest.mark.parametrize(
    "authorization", [None, "", "Bearer", "Bearer wrong", "Basic {token}", "{token}", "Bearer {token}x"]
)
async def test_without_a_valid_token_nothing_is_told(sagicc, authorization):
    async with sagicc() as api:
        headers = {"Authorization": authorization and authorization.format(token=api.access)}
        for path in ("caso", "caso/1", "nothing", "interaction/send"):
            answer = await api.ask("GET", path, headers=headers)
            assert (answer.status, answer.body) == (401, {"message": "Unauthenticated."})


async def test_who_does_not_ask_for_json_is_sent_to_a_login_page(sagicc):
    async with sagicc() as api:
        answer = await api.ask("GET", "caso", headers={"Accept": "*/*", "Authorization": None})
        login = api.vendor.base_url.removesuffix("/api") + "/login"
        assert (answer.status, answer.headers["Location"]) == (302, login)
        page = await api.send("GET", login)
        assert (page.status, page.headers["Content-Type"]) == (200, "text/html; charset=utf-8")


async def test_a_revoked_token_is_unauthenticated(sagicc):
    async with sagicc() as api:
        api.vendor.fault("revoke", times=1)
        assert (await api.get("caso")).body == {"message": "Unauthenticated."}
        await api.login()
        assert (await api.get("caso")).status == 200


async def test_the_token_endpoint_takes_a_post_only(sagicc):
    async with sagicc() as api:
        assert (await api.send("GET", api.token_url)).status == 405


async def test_requests_on_one_token_may_overlap_and_are_not_counted(sagicc):
    import asyncio

    async with sagicc() as api:
        api.vendor.fault("hold")
        requests = [asyncio.create_task(api.get("caso")) for _ in range(5)]
        await api.vendor.until(lambda stats: stats.in_flight == 5)
        api.vendor.clear_faults()
        assert {answer.status for answer in await asyncio.gather(*requests)} == {200}
        assert (api.vendor.stats.overlaps, api.vendor.stats.max_in_flight) == (0, 5)


async def test_overlaps_can_be_refused_all_the_same(sagicc):
    import asyncio

    async with sagicc(overlap="reject") as api:
        api.vendor.fault("hold")
        first = asyncio.create_task(api.get("caso"))
        await api.vendor.until(lambda stats: stats.in_flight == 1)
        assert (await api.get("caso")).status == 409
        api.vendor.clear_faults()
        assert (await first).status == 200


async def test_the_log_keeps_no_secret(sagicc):
    async with sagicc() as api:
        granted = (await api.obtain()).body
        await api.send("POST", api.token_url, json={"grant_type": "password", **api.vendor.credentials})
        await api.obtain(grant_type="refresh_token", refresh_token=granted["refresh_token"])
        await api.get("caso")
        credentials = api.vendor.credentials
        log = repr(api.vendor.requests)
        secrets = [credentials["client_secret"], credentials["password"], granted["refresh_token"], api.access]
        assert not [secret for secret in secrets if secret in log]
        assert api.vendor.requests[1].body.startswith(b"grant_type=password&client_id=2&client_secret=[redacted]")


async def test_the_same_seed_and_requests_give_the_same_tokens(sagicc):
    async with sagicc() as one, sagicc() as other:
        assert one.vendor.credentials == other.vendor.credentials
        assert one.access == other.access
        assert (await one.obtain()).body["access_token"] != one.access
