"""Logins: as few as can be, whoever asks and whoever leaves; and no secret comes to light on the way."""

from __future__ import annotations

import asyncio
import json
from contextlib import asynccontextmanager
from urllib.parse import parse_qs

import pytest

from sagicc_async import (
    ConfigError,
    CredentialsRejected,
    FileTokenCache,
    MemoryCoordinator,
    ProtocolError,
    RetryPolicy,
    SessionManager,
    ValidationFailed,
)

TOKEN = "oauth/token"
DAY = 86_400


@asynccontextmanager
async def another(here, credentials=None, *, manager=None, **settings):
    """An account in a manager of its own: nothing is known of it yet."""
    async with SessionManager(**{"coordinator": MemoryCoordinator(), **(manager or {})}) as sessions:
        yield here.open(credentials, sessions, **settings)


def held(crm):
    return crm.account._authoriser.slot.latest.token


async def until(condition):
    """Wait, by turns of the loop."""
    async with asyncio.timeout(5):
        while not condition():
            await asyncio.sleep(0)


def form_of(entry):
    return {name: values[0] for name, values in parse_qs(entry.body.decode()).items()}


def login_entries(here):
    return [entry for entry in here.vendor.requests if TOKEN in entry.path]


async def test_a_hundred_cold_callers_cause_one_login(local):
    async with local() as here:
        found = await asyncio.gather(*(here.crm.caso.get(1) for _ in range(100)))

        assert [row["id"] for row in found] == [1] * 100
        assert here.logins == [200]
        assert here.vendor.stats.by_status == {200: 101}


@pytest.mark.parametrize("most", [1, 3])
async def test_whichever_cold_caller_is_cancelled_it_stays_one_login(local, most):
    async with local() as here:
        for gone in range(12):
            async with another(here) as crm:
                hold = here.vendor.fault("hold", path=TOKEN)
                before = here.vendor.stats.requests
                calls = [asyncio.ensure_future(crm.caso.get(1)) for _ in range(12)]
                await here.vendor.until(lambda stats, before=before: stats.requests > before)
                for number in range(most):
                    calls[(gone + number) % 12].cancel()
                await asyncio.sleep(0)
                here.vendor.clear_faults(hold)
                done = await asyncio.gather(*calls, return_exceptions=True)

                assert sum(isinstance(one, asyncio.CancelledError) for one in done) == most
                assert sum(isinstance(one, dict) for one in done) == 12 - most
                assert here.vendor.stats.logins == len(here.logins) == gone + 1


async def test_if_every_caller_leaves_the_login_lands_for_the_next_one(local):
    async with local() as here:
        hold = here.vendor.fault("hold", path=TOKEN)
        calls = [asyncio.ensure_future(here.crm.caso.get(1)) for _ in range(100)]
        await here.vendor.until(lambda stats: stats.requests == 1)
        for call in calls:
            call.cancel()
        await asyncio.gather(*calls, return_exceptions=True)
        here.vendor.clear_faults(hold)
        await until(lambda: here.crm.account._authoriser.slot.latest is not None)

        assert (await here.crm.caso.get(1))["id"] == 1
        assert here.logins == [200]


async def test_credentials_that_an_async_callable_rotates_are_asked_for_once_a_rotation(local):
    asked = []

    async def vault():
        asked.append(1)
        await asyncio.sleep(0)
        return here.vendor.credentials

    async with local(credentials=vault) as here:
        for rotation in range(3):
            found = await asyncio.gather(*(here.crm.caso.get(1) for _ in range(100)))
            assert len(found) == 100
            assert (len(asked), here.vendor.stats.logins) == (rotation + 1, rotation + 1)
            here.vendor.rotate()
        # Each rotation ends what went before it, so the old credentials are refused once.
        assert here.logins == [200, 401, 200, 401, 200]


async def test_tokens_that_die_one_after_the_other_cost_a_login_each_and_no_more(local):
    async with local() as here:
        for number in range(1, 4):
            await asyncio.gather(*(here.crm.caso.get(1) for _ in range(50)))
            assert here.logins == [200] * number
            here.vendor.fault("revoke", path="caso", nth=1)


async def test_a_late_refusal_of_an_old_token_costs_no_second_login(local):
    async with local(credentials=lambda: here.vendor.credentials, issued_tokens="die") as here:
        await here.crm.caso.get(1)
        hold = here.vendor.fault("hold", path="caso/2", times=1)
        late = asyncio.ensure_future(here.crm.caso.get(2))
        await here.vendor.until(lambda stats: stats.in_flight == 1)
        here.vendor.act("refrescar")
        assert (await here.crm.caso.get(3))["id"] == 3
        assert here.logins == [200, 401, 200]

        here.vendor.clear_faults(hold)
        assert (await late)["id"] == 2
        assert [entry.status for entry in here.asked("caso/2")] == [401, 200]
        assert here.logins == [200, 401, 200]


@pytest.mark.parametrize("body", ["form", "json"])
@pytest.mark.parametrize("grant", ["password", "client_credentials"])
async def test_a_login_is_written_as_the_account_says(local, grant, body):
    async with local(account={"grant": grant, "token_body": body, "scope": "*"}) as here:
        await here.crm.caso.get(1)

        (login,) = login_entries(here)
        kind = {name.lower(): value for name, value in login.headers.items()}["content-type"]
        assert kind.startswith({"form": "application/x-www-form-urlencoded", "json": "application/json"}[body])
        fields = form_of(login) if body == "form" else json.loads(login.body)
        named = {"username", "password"} if grant == "password" else set()
        assert set(fields) == {"grant_type", "client_id", "client_secret", "scope"} | named
        assert (fields["grant_type"], fields["scope"]) == (grant, "*")
        assert (held(here.crm).refresh is not None) is (grant == "password")


async def test_each_grant_and_scope_has_a_token_of_its_own(local, tmp_path):
    """In a manager, and in a cache that outlives it."""
    manager = {"token_cache": FileTokenCache(tmp_path / "tokens")}
    ways = ({}, {"scope": "*"}, {"grant": "client_credentials"}, {"grant": "client_credentials", "scope": "*"})
    async with local(manager=manager) as here:
        for number, way in enumerate(ways):
            await here.open(account=f"way {number}", **way).caso.get(1)
        for way in ways:
            async with another(here, manager=manager, **way) as crm:
                await crm.caso.get(1)

        asked = [form_of(entry) for entry in login_entries(here)]
        assert [(form["grant_type"], form.get("scope")) for form in asked] == [
            ("password", None),
            ("password", "*"),
            ("client_credentials", None),
            ("client_credentials", "*"),
        ]


async def test_the_client_alone_logs_in_without_a_user(local):
    async with local() as here:
        keys = {name: here.vendor.credentials[name] for name in ("client_id", "client_secret")}
        async with another(here, keys, grant="client_credentials") as crm:
            assert (await crm.caso.get(1))["id"] == 1
        async with another(here, keys) as crm:
            with pytest.raises(ConfigError, match="grant='client_credentials'"):
                await crm.caso.get(1)
        assert here.logins == [200]


async def test_a_token_made_elsewhere_is_used_as_it_is_and_never_logs_in(local):
    async with local(issued_tokens="die") as here:
        await here.crm.caso.get(1)
        made = held(here.crm).value.reveal()
        async with another(here, {"access_token": made}) as crm:
            assert len(await crm.caso.list(size_per_page=7).collect()) == 59
            here.vendor.act("refrescar")
            with pytest.raises(CredentialsRejected, match="Credenciales de la API") as caught:
                await crm.caso.get(1)

        assert caught.value.status == 401
        assert here.logins == [200]
        assert [entry.status for entry in here.asked()][-1] == 401
        assert here.vendor.stats.by_status[401] == 1


class Watched(FileTokenCache):
    """Notes how many requests had arrived when a token was kept."""

    def __init__(self, folder, here):
        super().__init__(folder)
        self.here = here
        self.kept_after = []

    async def store(self, key, token, replaces):
        kept = await super().store(key, token, replaces)
        self.kept_after.append(len(self.here.vendor.requests))
        return kept


async def test_a_pair_made_elsewhere_is_renewed_and_the_new_pair_is_kept_before_it_is_used(local, tmp_path):
    async with local() as here:
        await here.crm.caso.get(1)
        pair, cache = held(here.crm), Watched(tmp_path / "tokens", here)
        keys = {name: here.vendor.credentials[name] for name in ("client_id", "client_secret")}
        made = {**keys, "access_token": pair.value.reveal(), "refresh_token": pair.refresh.reveal()}

        async with another(here, made, manager={"token_cache": cache}) as crm:
            await crm.caso.get(1)
            assert (here.logins, cache.kept_after) == ([200], [])
            here.vendor.fault("revoke", path="caso", nth=1)
            await crm.caso.get(1)
            refreshed = login_entries(here)[-1]
            assert (here.logins, form_of(refreshed)["grant_type"]) == ([200, 200], "refresh_token")
            assert cache.kept_after == [refreshed.number]
            first = held(crm).value

        async with another(here, made, manager={"token_cache": cache}) as crm:
            await crm.caso.get(1)
            assert held(crm).value == first
            assert here.logins == [200, 200]
            here.vendor.fault("revoke", path="caso", nth=1)  # and the pair out of the cache is renewed in its turn
            await crm.caso.get(1)
            assert held(crm).value != first
        assert here.logins == [200, 200, 200]


@pytest.mark.parametrize("oauth", [7, 8, 9])
async def test_a_spent_refresh_token_is_refused_once_and_the_error_names_it(local, oauth):
    async with local(oauth=oauth) as here:
        await here.crm.caso.get(1)
        keys = {name: here.vendor.credentials[name] for name in ("client_id", "client_secret")}
        made = {**keys, "access_token": held(here.crm).value.reveal(), "refresh_token": "spent"}
        here.vendor.fault("revoke", path="caso", nth=1)
        async with another(here, made) as crm:
            with pytest.raises(CredentialsRejected) as caught:
                await crm.caso.get(1)
        if oauth < 9:  # the newest calls it invalid_grant, as it does a wrong password
            assert "refresh token" in str(caught.value)
        assert "Credenciales de la API" in str(caught.value)
        assert here.logins == [200, caught.value.status]


async def test_a_token_without_a_known_life_is_used_until_it_is_refused(local, manual_clock):
    async with local(expires_in=None, clock=manual_clock) as here:
        await here.crm.caso.get(1)
        manual_clock.set(now=manual_clock.now() + 300 * DAY)
        await here.crm.caso.get(1)
        assert here.logins == [200]

        manual_clock.set(now=manual_clock.now() + 100 * DAY)  # a year is over
        await here.crm.caso.get(1)
        assert here.logins == [200, 200]
        assert here.vendor.stats.by_status[401] == 1


async def test_a_token_with_a_life_is_renewed_in_the_background_and_never_used_beyond_it(local, manual_clock):
    async with local(expires_in=3600, clock=manual_clock) as here:
        await here.crm.caso.get(1)
        manual_clock.set(now=manual_clock.now() + 3000)
        first = held(here.crm).value
        await asyncio.gather(*(here.crm.caso.get(1) for _ in range(20)))
        await until(lambda: held(here.crm).value != first)
        assert here.logins == [200, 200]

        manual_clock.set(now=manual_clock.now() + 3600)
        await asyncio.gather(*(here.crm.caso.get(1) for _ in range(20)))
        assert here.logins == [200, 200, 200]
        assert here.vendor.stats.by_status == {200: 44}


@pytest.mark.parametrize(
    ("kind", "options"),
    [
        ("garbage", {}),
        ("status", {"status": 200, "body": {"token_type": "Bearer"}}),
        ("status", {"status": 200, "body": "access"}),
        ("status", {"status": 200, "body": {"access_token": ""}}),
        ("status", {"status": 200, "body": {"access_token": ["a"]}}),
        ("redirect", {"location": "/login"}),
        ("redirect", {"location": "https://otra.sagicc.co/login", "status": 307}),
    ],
)
async def test_an_answer_to_the_login_that_holds_no_token_is_one_protocol_error(local, kind, options):
    async with local() as here:
        here.vendor.fault(kind, path=TOKEN, **options)
        with pytest.raises(ProtocolError, match=r"check (instance and )?base_url") as caught:
            await asyncio.gather(*(here.crm.caso.get(1) for _ in range(20)))

        assert caught.value.operation == "caso.get"
        assert len(here.logins) == 1
        assert here.asked() == []


async def test_a_login_may_lie_elsewhere_but_never_at_another_origin(local):
    async with local() as here:
        address = here.vendor.base_url.removesuffix("/api") + "/oauth/token"
        async with another(here, token_url=address) as crm:
            assert (await crm.caso.get(1))["id"] == 1
        async with another(here, token_url="http://127.0.0.1:9/oauth/token") as crm:
            with pytest.raises(ConfigError, match="credentials are never sent there"):
                await crm.caso.get(1)
        assert here.logins == [200]


async def test_the_path_of_a_login_lies_beside_the_api_and_not_below_it(local):
    async with local() as here, another(here, token_url="/oauth/token") as crm:
        assert (await crm.caso.get(1))["id"] == 1
        assert here.logins == [200]
        assert [entry.path for entry in here.asked()] == ["/api/caso/1"]


async def test_a_wrong_form_of_the_login_is_told_from_wrong_credentials(local):
    async with local(account={"scope": "leer"}) as here:
        with pytest.raises(ValidationFailed, match="check grant, token_body and scope") as caught:
            await here.crm.caso.get(1)
        assert caught.value.code == "invalid_scope"
        assert here.logins == [400]


async def test_a_login_that_the_vendor_fails_at_is_tried_again(local):
    async with local(manager={"retry": RetryPolicy(attempts=3, base=0)}) as here:
        here.vendor.fault("status", path=TOKEN, status=503, times=1)
        here.vendor.fault("reset_after", path=TOKEN, nth=2)
        assert (await here.crm.caso.get(1))["id"] == 1
        assert here.logins == [503, None, 200]
