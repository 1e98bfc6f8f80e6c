"""How many requests are let in, and what is said to the others."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sagicc_async_siigo.sandbox.settings import Settings
from sagicc_async_siigo.sandbox.window import Window


async def _statuses(api, count):
    return [(await api.get("taxes")).status for _ in range(count)]


async def test_a_full_window_says_how_long_to_wait(siigo, manual_clock):
    async with siigo(clock=manual_clock, requests=4) as api:
        await manual_clock.advance(43)
        assert await _statuses(api, 3) == [200, 200, 200]
        answer = await api.get("taxes")
        assert answer.status == 429
        detail = "Check the API documentation: https://developer.siigo.com/introduction/codigos-de-error/requests_limit"
        error = {
            "Code": "requests_limit",
            "Message": "Too many requests. Try again in 17 seconds.",
            "Params": [],
            "Detail": detail,
        }
        assert answer.body == {"Status": 429, "Errors": [error]}
        assert "Retry-After" not in answer.headers
        assert api.vendor.stats.rejected == 1


async def test_the_wait_that_is_said_is_enough(siigo, manual_clock):
    async with siigo(clock=manual_clock, requests=4) as api:
        await manual_clock.advance(43)
        await _statuses(api, 4)
        await manual_clock.advance(17)
        assert await _statuses(api, 2) == [200, 429]


async def test_a_header_may_say_it_as_well(siigo, manual_clock):
    async with siigo(clock=manual_clock, requests=1, retry_after=True) as api:
        assert (await api.get("taxes")).headers["Retry-After"] == "60"


@pytest.mark.parametrize(("counts", "statuses"), [(True, [200, 429]), (False, [200, 200])])
async def test_a_login_takes_a_place_unless_told_otherwise(siigo, counts, statuses):
    async with siigo(requests=2, login_counts=counts) as api:
        assert await _statuses(api, 2) == statuses
        assert (await api.login()).status == (429 if counts else 200)


async def test_the_test_company_has_ten(siigo):
    async with siigo(test_company=True, burst=0) as api:
        assert await _statuses(api, 10) == [200] * 9 + [429]
        assert api.vendor.settings == {
            "partner_id": "SagiccAsyncSandbox",
            "test_company": True,
            "requests": 10,
            "window": 60.0,
            "burst": 0,
        }


async def test_the_test_company_refuses_a_quick_burst_although_its_minute_has_room(siigo, manual_clock):
    async with siigo(clock=manual_clock, test_company=True) as api:
        assert await _statuses(api, 4) == [200, 200, 200, 429]  # the login was the first
        assert api.vendor.settings["burst"] == 4
        await manual_clock.advance(20)
        assert await _statuses(api, 4) == [200, 200, 200, 429]


async def test_a_client_is_told_the_window_that_holds(siigo):
    async with siigo() as api:
        assert api.vendor.settings["requests"] == 6000
    async with siigo(requests=100, window=2.5) as api:
        assert (api.vendor.settings["requests"], api.vendor.settings["window"]) == (100, 2.5)


async def test_requests_that_are_refused_before_it_take_no_place(siigo):
    async with siigo(requests=2) as api:
        for _ in range(3):
            await api.send("GET", "/v1/taxes", headers={"Authorization": "Bearer wrong"})
            await api.send("GET", "/v1/taxes", headers={"Partner-Id": None})
        assert await _statuses(api, 2) == [200, 429]


async def test_a_burst_may_be_smoothed(siigo, manual_clock):
    async with siigo(clock=manual_clock, requests=60, burst=4) as api:
        assert await _statuses(api, 4) == [200, 200, 200, 429]
        await manual_clock.advance(1)
        assert await _statuses(api, 2) == [200, 429]
        await manual_clock.advance(20)
        assert await _statuses(api, 5) == [200, 200, 200, 200, 429]


async def test_beginning_anew_empties_the_window(siigo):
    async with siigo(requests=2) as api:
        assert await _statuses(api, 2) == [200, 429]
        api.vendor.reset()
        await api.login()
        assert await _statuses(api, 1) == [200]


#: Times that are exact in binary, so that a window's edge is where the test says.
_GAPS = st.lists(st.integers(0, 192).map(lambda number: number / 64), min_size=1, max_size=60)
_LENGTHS = st.integers(32, 320).map(lambda number: number / 64)


@given(gaps=_GAPS, limit=st.integers(1, 8), length=_LENGTHS)
def test_no_stretch_of_a_windows_length_has_more_than_its_requests(gaps, limit, length):
    settings = Settings(requests=limit, window=length)
    window, now, let_in = Window(), 0.0, []
    for gap in gaps:
        now += gap
        if window.wait(settings, now) <= 0:
            window.take(settings, now)
            let_in.append(now)
    for first in let_in:
        assert sum(first <= moment < first + length for moment in let_in) <= limit


@given(gaps=_GAPS, limit=st.integers(1, 8), length=_LENGTHS, burst=st.none() | st.integers(0, 4))
def test_who_waits_as_long_as_is_said_is_let_in_and_not_much_sooner(gaps, limit, length, burst):
    settings = Settings(requests=limit, window=length, burst=burst)
    window, now = Window(), 0.0
    for gap in gaps:
        now += gap
        wait = window.wait(settings, now)
        if wait > 0.001:
            assert window.wait(settings, now + wait - 0.001) > 0
            now += wait + 1e-9
        assert window.wait(settings, now) <= 1e-9
        window.take(settings, now)
