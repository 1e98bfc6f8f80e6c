"""How a token is obtained, refused and lost."""

from __future__ import annotations

import asyncio

import pytest


async def test_a_token_is_long_and_lives_a_day(siigo):
    async with siigo() as api:
        answer = await api.login()
        assert answer.status == 200
        assert list(answer.body) == ["access_token", "expires_in", "token_type", "scope"]
        assert answer.body["expires_in"] == 86_400
        assert (answer.body["token_type"], answer.body["scope"]) == ("Bearer", "SiigoAPI")
        assert 1350 <= len(answer.body["access_token"]) <= 1450
        assert answer.body["access_token"].count(".") == 2
        assert api.vendor.stats.logins == 2


async def test_a_login_may_have_the_printed_status(siigo):
    async with siigo(login_status=201, expires_in=60) as api:
        answer = await api.login()
        assert (answer.status, answer.body["expires_in"]) == (201, 60)


@pytest.mark.parametrize(
    ("fields", "status", "code"),
    [
        ({"username": "nobody"}, 401, "unauthorized"),
        ({"access_key": "wrong"}, 401, "unauthorized"),
        ({"username": None}, 400, "parameter_required"),
        ({"access_key": ""}, 400, "parameter_empty"),
        ({"access_key": 5}, 400, "invalid_type"),
    ],
)
async def test_wrong_credentials_give_no_token(siigo, fields, status, code):
    async with siigo() as api:
        answer = await api.login(**fields)
        assert (answer.status, answer.codes) == (status, [code])
        assert api.vendor.stats.logins == 1


async def test_a_login_needs_no_partner_and_does_not_look_at_one(siigo):
    async with siigo() as api:
        answer = await api.send("POST", "/auth", api.vendor.credentials, headers={"Partner-Id": "not valid!"})
        assert answer.status == 200


@pytest.mark.parametrize(("body", "kind", "status"), [(b"{", "application/json", 400), (b"a=1", "text/plain", 415)])
async def test_a_login_is_json(siigo, body, kind, status):
    async with siigo() as api:
        assert (await api.send("POST", "/auth", body, headers={"Content-Type": kind})).status == status


async def test_a_token_ends_on_the_clock(siigo, manual_clock):
    async with siigo(clock=manual_clock, expires_in=3600) as api:
        await manual_clock.advance(3599)
        assert (await api.get("taxes")).status == 200
        await manual_clock.advance(1)
        answer = await api.get("taxes")
        assert (answer.status, answer.codes, answer.params) == (401, ["unauthorized"], [[]])
        assert answer.body["Errors"][0]["Message"].startswith("Verify the authorization header: the token may be")
        await api.login()
        assert (await api.get("taxes")).status == 200


async def test_mostrar_shows_the_credentials(siigo):
    async with siigo() as api:
        live = api.vendor.credentials
        assert api.vendor.act("mostrar") == {"usuario_api": live["username"], "access_key": live["access_key"]}


@pytest.mark.parametrize(("fate", "status"), [("live", 200), ("die", 401)])
async def test_regenerar_ends_the_old_key_at_once_and_tokens_follow_the_setting(siigo, fate, status):
    async with siigo(issued_tokens=fate) as api:
        old = api.vendor.credentials
        shown = api.vendor.act("regenerar")
        new = api.vendor.credentials
        assert shown == {"usuario_api": old["username"], "access_key": new["access_key"]}
        assert new["access_key"] != old["access_key"]
        assert (await api.get("taxes")).status == status
        assert (await api.login(**old)).status == 401
        assert (await api.login()).status == 200


async def test_only_one_pair_lives(siigo):
    async with siigo(issued_tokens="live") as api:
        other = api.vendor.issue()
        api.vendor.act("regenerar")
        assert (await api.login(**other)).status == 401


async def test_a_rotated_pair_shuts_the_old_tokens_out(siigo):
    async with siigo() as api:
        api.vendor.rotate()
        assert (await api.get("taxes")).status == 401
        await api.login()
        assert (await api.get("taxes")).status == 200


async def test_a_revoked_token_is_unauthorized(siigo):
    async with siigo() as api:
        api.vendor.fault("revoke", times=1)
        assert (await api.get("taxes")).codes == ["unauthorized"]


async def test_the_same_seed_gives_the_same_credentials_and_tokens(siigo):
    async with siigo() as one, siigo() as other:
        assert one.vendor.credentials == other.vendor.credentials
        assert one.access == other.access
        assert (await one.login()).body["access_token"] != other.access


async def test_the_log_keeps_no_secret(siigo):
    async with siigo() as api:
        await api.get("taxes")
        await api.send("POST", "/auth", api.vendor.credentials)
        log = repr(api.vendor.requests)
        assert api.vendor.credentials["access_key"] not in log
        assert api.access not in log
        assert len(api.vendor.requests) == 3


@pytest.mark.parametrize("action", ["mostrar", "regenerar", "entregas"])
async def test_an_action_says_which_options_it_has(siigo, action):
    from sagicc_async import ConfigError

    async with siigo() as api:
        with pytest.raises(ConfigError, match="no option usuario; it has: none"):
            api.vendor.act(action, usuario="x")


@pytest.mark.parametrize(("overlap", "statuses"), [("off", {200}), ("reject", {200, 409})])
async def test_requests_on_one_token_may_overlap_unless_told_otherwise(siigo, overlap, statuses):
    async with siigo(overlap=overlap) as api:
        api.vendor.fault("hold")
        requests = [asyncio.create_task(api.get("taxes")) for _ in range(3)]
        await api.vendor.until(lambda stats: stats.in_flight + stats.rejected == 3)
        api.vendor.clear_faults()
        assert {answer.status for answer in await asyncio.gather(*requests)} == statuses
