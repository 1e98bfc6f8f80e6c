"""A stock server allows so many requests a minute: kept by our own pace, and waited for where it is met all the same."""

from __future__ import annotations

import time

import pytest

from sagicc_async import RateLimited, RetryPolicy, ScopePaused


async def test_our_own_pace_keeps_a_server_from_refusing(local, hurried_clock):
    limits = {"throttle": "retry_after", "throttle_limit": 10}
    async with local(clock=hurried_clock, account={"requests_per_minute": 10}, **limits) as here:
        for number in range(1, 45):
            await here.crm.caso.get(number)

        assert (here.vendor.stats.rejected, here.vendor.stats.requests) == (0, 45)
        (status,) = here.sessions.status().values()
        assert [(window["limit"], window["per"]) for window in status["queue"]["windows"]] == [(10, 60)]


async def test_the_pace_is_below_the_stock_limit_unless_the_user_says_otherwise(local):
    async with local() as here:
        crm = here.sessions.open("sagicc", here.vendor.credentials, account="paced", base_url=here.vendor.base_url)
        assert [window.limit for window in crm.account.terms.windows] == [55]
        assert here.crm.account.terms.windows == ()


@pytest.mark.parametrize("headers", [{"Retry-After": "40"}, {"X-RateLimit-Reset": "40 from now"}])
async def test_a_refusal_is_waited_for_as_long_as_it_says(local, hurried_clock, headers):
    async with local(clock=hurried_clock, manager={"retry": RetryPolicy(attempts=2, base=0)}) as here:
        paused = []
        here.sessions.on(lambda event: paused.append(event.seconds) if isinstance(event, ScopePaused) else None)
        await here.crm.caso.get(1)
        told = {name: value.replace("40 from now", str(int(time.time()) + 40)) for name, value in headers.items()}
        here.vendor.fault("status", path="caso", status=429, headers=told, times=1)
        begun = hurried_clock.now()

        assert (await here.crm.caso.get(1))["id"] == 1
        assert 38 <= paused[0] <= 40  # the date of an answer has no fractions
        assert hurried_clock.now() - begun >= 38


@pytest.mark.parametrize("body", ["Too Many Attempts.", {"message": "Too Many Attempts."}])
async def test_a_refusal_that_lasts_says_what_to_lower(local, hurried_clock, body):
    async with local(clock=hurried_clock, manager={"retry": RetryPolicy(attempts=3, base=1)}) as here:
        here.vendor.fault("status", path="caso", status=429, body=body)
        with pytest.raises(RateLimited, match="lower requests_per_minute") as caught:
            await here.crm.caso.get(1)
        assert caught.value.attempts == 3


async def test_a_login_that_is_throttled_is_waited_for(local, hurried_clock):
    async with local(clock=hurried_clock, throttle="retry_after", throttle_limit=1) as here:
        await here.crm.caso.get(1)
        here.vendor.fault("revoke", path="caso", nth=1)
        await here.crm.caso.get(1)
        assert here.logins == [200, 429, 200]
