"""Logins: as few as can be, whoever asks and whoever leaves."""

from __future__ import annotations

import asyncio
import json
from contextlib import asynccontextmanager

import pytest

from sagicc_async import (
    CredentialsRejected,
    FileTokenCache,
    MemoryCoordinator,
    ProtocolError,
    RateLimited,
    RetryPolicy,
    ServerError,
    SessionManager,
)

TOKEN = "^/auth$"
DAY = 86_400
#: A look that every account can take: the path of a read and what it answers with.
TAX = 7101


@asynccontextmanager
async def another(here, credentials=None, *, manager=None, **settings):
    """An account in a manager of its own: nothing is known of it yet."""
    async with SessionManager(**{"coordinator": MemoryCoordinator(), **(manager or {})}) as sessions:
        yield here.open(credentials, sessions, **settings)


async def look(siigo):
    """One request that has no page to be paced by."""
    return await siigo.request("GET", "v1/taxes")


def held(siigo):
    return siigo.account._authoriser.slot.latest.token


async def until(condition):
    """Wait, by turns of the loop."""
    async with asyncio.timeout(5):
        while not condition():
            await asyncio.sleep(0)


# As few as can be.


async def test_a_hundred_cold_callers_cause_one_login(local):
    async with local() as here:
        found = await asyncio.gather(*(look(here.siigo) for _ in range(100)))

        assert {answer.json()[0]["id"] for answer in found} == {TAX}
        assert (here.logins, here.vendor.stats.logins) == ([200], 1)
        assert here.vendor.stats.by_status == {200: 101}


async def test_a_hundred_cold_callers_who_leave_one_after_the_other_cause_one_login(local):
    async with local() as here:
        hold = here.vendor.fault("hold", path=TOKEN)
        calls = [asyncio.ensure_future(look(here.siigo)) for _ in range(100)]
        await here.vendor.until(lambda stats: stats.requests == 1)
        for call in calls[:-1]:
            call.cancel()
            await asyncio.sleep(0)
            await asyncio.sleep(0)
            assert call.cancelled()
            assert here.vendor.stats.requests == 1
        here.vendor.clear_faults(hold)

        assert (await calls[-1]).json()[0]["id"] == TAX
        assert here.logins == [200]
        assert len(here.asked()) == 1


async def test_whichever_cold_caller_is_cancelled_it_stays_one_login(local):
    async with local() as here:
        for gone in range(100):
            async with another(here) as siigo:
                hold = here.vendor.fault("hold", path=TOKEN)
                before = here.vendor.stats.requests
                calls = [asyncio.ensure_future(siigo.account.company_id()) for _ in range(100)]
                await here.vendor.until(lambda stats, before=before: stats.requests > before)
                calls[gone].cancel()
                await asyncio.sleep(0)
                here.vendor.clear_faults(hold)
                done = await asyncio.gather(*calls, return_exceptions=True)

                assert [isinstance(one, asyncio.CancelledError) for one in done] == [n == gone for n in range(100)]
                assert len(set(done[:gone] + done[gone + 1 :])) == 1
                assert here.vendor.stats.logins == here.vendor.stats.requests == gone + 1


async def test_if_every_caller_leaves_the_login_lands_for_the_next_one(local):
    async with local() as here:
        hold = here.vendor.fault("hold", path=TOKEN)
        calls = [asyncio.ensure_future(look(here.siigo)) for _ in range(100)]
        await here.vendor.until(lambda stats: stats.requests == 1)
        for call in calls:
            call.cancel()
        await asyncio.gather(*calls, return_exceptions=True)
        here.vendor.clear_faults(hold)
        await until(lambda: here.siigo.account._authoriser.slot.latest is not None)

        await look(here.siigo)
        assert here.logins == [200]


async def test_accounts_of_one_user_share_the_login_under_any_label(local):
    async with local() as here:
        accounts = [here.siigo, here.open(), here.open(account="b", page_size=10)]
        await asyncio.gather(*(look(siigo) for siigo in accounts * 10))
        assert here.logins == [200]


async def test_a_login_is_written_as_siigo_prints_it(local):
    async with local() as here:
        await look(here.siigo)
        login, read = here.vendor.requests

        assert (login.method, login.path) == ("POST", "/auth")
        fields = json.loads(login.body)
        assert (set(fields), fields["username"]) == ({"username", "access_key"}, here.vendor.credentials["username"])
        told = {name.lower(): value for name, value in login.headers.items()}
        assert told["content-type"].startswith("application/json")
        assert "authorization" not in told
        assert {name.lower(): value for name, value in read.headers.items()}["partner-id"] == "SagiccAsyncSandbox"


@pytest.mark.parametrize("status", [200, 201])
async def test_both_statuses_of_a_login_are_taken(local, status):
    async with local(login_status=status) as here:
        await look(here.siigo)
        assert here.logins == [status]


# How long a token lives.


async def test_the_life_of_a_token_is_in_seconds_and_ends_in_a_login_anew(local, manual_clock):
    async with local(clock=manual_clock) as here:
        await look(here.siigo)
        assert (held(here.siigo).lives, held(here.siigo).refresh) == (DAY, None)

        manual_clock.set(now=manual_clock.now() + DAY / 2)
        await look(here.siigo)
        assert here.logins == [200]

        manual_clock.set(now=manual_clock.now() + DAY / 2)
        await asyncio.gather(*(look(here.siigo) for _ in range(20)))
        assert here.logins == [200, 200]
        assert here.vendor.stats.by_status == {200: 24}  # no request was ever refused


async def test_a_token_is_renewed_in_the_background_before_it_ends(local, manual_clock):
    async with local(clock=manual_clock) as here:
        await look(here.siigo)
        first = held(here.siigo).value
        manual_clock.set(now=manual_clock.now() + 0.9 * DAY)
        await asyncio.gather(*(look(here.siigo) for _ in range(20)))
        await until(lambda: held(here.siigo).value != first)
        assert here.logins == [200, 200]
        assert here.vendor.stats.by_status == {200: 23}


async def test_a_token_that_siigo_ends_early_costs_one_login(local):
    async with local() as here:
        for number in range(1, 4):
            await asyncio.gather(*(look(here.siigo) for _ in range(50)))
            assert here.logins == [200] * number
            here.vendor.fault("revoke", path="taxes", nth=1)


async def test_a_late_refusal_of_an_old_token_costs_no_second_login(local):
    async with local(credentials=lambda: here.vendor.credentials) as here:
        await look(here.siigo)
        hold = here.vendor.fault("hold", path="warehouses", times=1)
        late = asyncio.ensure_future(here.siigo.request("GET", "v1/warehouses"))
        await here.vendor.until(lambda stats: stats.in_flight == 1)
        here.vendor.act("regenerar")
        await look(here.siigo)
        assert here.logins == [200, 401, 200]

        here.vendor.clear_faults(hold)
        assert (await late).status == 200
        assert [entry.status for entry in here.asked("warehouses")] == [401, 200]
        assert here.logins == [200, 401, 200]


async def test_a_token_is_kept_for_the_next_process(local, tmp_path):
    async with local() as here:
        for _ in range(3):
            async with another(here, manager={"token_cache": FileTokenCache(tmp_path / "tokens")}) as siigo:
                await look(siigo)
        assert here.logins == [200]


async def test_a_blocked_user_costs_one_more_login_and_then_one_error(local):
    async with local() as here:
        await look(here.siigo)
        refusal = {"Status": 401, "Errors": [{"Code": "unauthorized", "Message": "x", "Params": [], "Detail": None}]}
        here.vendor.fault("status", path="taxes", status=401, body=refusal)
        with pytest.raises(CredentialsRejected, match="blocked") as caught:
            await look(here.siigo)

        assert caught.value.status == 401
        assert here.logins == [200, 200]
        assert [entry.status for entry in here.asked()] == [200, 401, 401]


# Logins that fail.


@pytest.mark.parametrize("casing", ["pascal", "lower"])
async def test_a_wrong_access_key_is_one_error_that_names_both_routes_and_is_not_tried_again(local, casing):
    async with local(error_casing=casing, credentials={"username": "a@acme.example", "access_key": "wrong"}) as here:
        with pytest.raises(CredentialsRejected) as caught:
            await asyncio.gather(*(look(here.siigo) for _ in range(100)))
        for _ in range(10):
            with pytest.raises(CredentialsRejected):
                await look(here.siigo)

        text = str(caught.value)
        assert "Configuración > Más configuraciones > API / Integraciones > Autenticación" in text
        assert "Credenciales usuario API" in text
        assert "Alianzas > Mi credencial API" in text
        assert (caught.value.code, caught.value.status) == ("unauthorized", 401)
        assert here.logins == [401]
        assert here.asked() == []


async def test_a_login_that_siigo_fails_at_is_tried_again(local):
    async with local(manager={"retry": RetryPolicy(attempts=3, base=0)}) as here:
        here.vendor.fault("status", path=TOKEN, status=503, times=1)
        here.vendor.fault("reset_after", path=TOKEN, nth=2)
        await look(here.siigo)
        assert here.logins == [503, None, 200]


async def test_a_login_that_fails_for_good_is_shared_by_all_who_wait_for_it(local):
    async with local(manager={"retry": RetryPolicy(attempts=2, base=0)}) as here:
        here.vendor.fault("status", path=TOKEN, status=500)
        errors = await asyncio.gather(*(look(here.siigo) for _ in range(50)), return_exceptions=True)
        assert {type(error) for error in errors} == {ServerError}
        assert here.logins == [500, 500]


async def test_a_login_is_waited_for_where_the_minute_is_full(local, hurried_clock):
    async with local(clock=hurried_clock, requests=2) as here:
        async with another(here, manager={"clock": hurried_clock}) as siigo:  # somebody else's program
            await look(siigo)
        await look(here.siigo)
        assert (here.logins, here.vendor.stats.rejected) == ([200, 429, 200], 1)


@pytest.mark.parametrize(
    ("kind", "options"),
    [
        ("garbage", {}),
        ("status", {"status": 200, "body": {"token_type": "Bearer"}}),
        ("status", {"status": 200, "body": "access"}),
        ("status", {"status": 200, "body": ""}),
        ("status", {"status": 201, "body": {"access_token": ""}}),
        ("status", {"status": 200, "body": {"access_token": ["a"]}}),
        ("status", {"status": 200, "body": ["a"]}),
        ("redirect", {"location": "/login"}),
        ("redirect", {"location": "https://otro.example/auth", "status": 307}),
    ],
)
async def test_an_answer_to_the_login_that_holds_no_token_is_one_protocol_error(local, kind, options):
    async with local(manager={"retry": RetryPolicy(attempts=3, base=0)}) as here:
        here.vendor.fault(kind, path=TOKEN, **options)
        with pytest.raises(ProtocolError, match="check base_url") as caught:
            await asyncio.gather(*(here.siigo.products.get("x") for _ in range(20)))

        assert caught.value.operation == "products.get"
        assert len(here.logins) <= 2  # what a proxy may have answered is asked for twice
        assert here.asked() == []


@pytest.mark.parametrize("lives", [None, 0, -1, "86400", True, [], 1e300])
async def test_a_life_that_says_nothing_leaves_the_token_in_use_until_it_is_refused(local, lives, manual_clock):
    async with local(clock=manual_clock) as here:
        await look(here.siigo)
        body = json.dumps({"access_token": held(here.siigo).value.reveal(), "expires_in": lives})
        async with another(here, manager={"clock": manual_clock}) as siigo:
            here.vendor.fault("status", path=TOKEN, status=200, body=body, times=1)
            await look(siigo)
            manual_clock.set(now=manual_clock.now() + DAY - 1)
            await look(siigo)
            assert here.logins == [200, 200]


async def test_a_limit_that_lasts_at_the_login_is_the_limit_and_no_wrong_key(local, hurried_clock):
    retry = RetryPolicy(attempts=2, base=0)
    async with local(clock=hurried_clock, manager={"retry": retry}) as here:
        error = {"Code": "requests_limit", "Message": "Try again in 3 seconds.", "Params": [], "Detail": None}
        here.vendor.fault("status", path=TOKEN, status=429, body={"Status": 429, "Errors": [error]})
        with pytest.raises(RateLimited) as caught:
            await look(here.siigo)
        assert caught.value.retry_after == 3
