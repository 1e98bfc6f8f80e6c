"""Siigo's requests a minute: kept by our own pace, for the company as a whole, and waited for where they are used up."""

from __future__ import annotations

import asyncio
import time
from contextlib import asynccontextmanager
from itertools import pairwise

import attrs
import pytest

from sagicc_async import (
    MemoryCoordinator,
    Priority,
    ProtocolError,
    RateLimited,
    RequestFinished,
    RetryPolicy,
    ScopePaused,
    SessionManager,
)

#: The vendor's limit, on a clock that is ten times as fast.
LIMIT, MINUTE = 100, 6.0
SLOT = MINUTE / LIMIT


@asynccontextmanager
async def manager_of(here, **settings):
    """A manager as another part of the program has one: the same coordinator, nothing else in common."""
    coordinator = here.sessions._coordinator
    async with SessionManager(**{"coordinator": coordinator, "clock": here.sessions._clock, **settings}) as sessions:
        yield sessions


async def look(siigo, **options):
    return await siigo.request("GET", "v1/taxes", **options)


def limit_error(message):
    return {"Status": 429, "Errors": [{"Code": "requests_limit", "Message": message, "Params": [], "Detail": None}]}


def windows_of(siigo):
    return [(window.limit, window.per, window.scope) for window in siigo.account.terms.windows]


# Our own pace.


async def test_the_limit_is_the_documented_one_unless_the_user_is_content_with_less(local):
    async with local() as here:
        siigo = here.sessions.open(
            "siigo", here.vendor.credentials, account="b", base_url=here.vendor.base_url, partner_id="MyProduct"
        )
        assert windows_of(siigo) == [(100, 60, "company")]
        assert windows_of(here.open(account="d", requests=40)) == [(40, 60, "company")]


@pytest.mark.parametrize(
    ("settings", "windows"),
    [
        ({"test_company": True}, [(10, 60), (4, 24)]),
        ({"test_company": True, "requests": 5}, [(5, 60), (4, 48)]),
        ({"test_company": True, "requests": 4}, [(4, 60)]),
        ({"test_company": True, "burst": 0}, [(10, 60)]),
        ({"test_company": True, "burst": 2}, [(10, 60), (2, 12)]),
        ({"burst": 10}, [(100, 60), (10, 6)]),
    ],
)
async def test_the_test_company_has_ten_and_no_quick_burst_unless_told_otherwise(local, settings, windows):
    async with local() as here:
        told = {"requests": None, "burst": None, **settings}
        assert windows_of(here.open(account="c", **told)) == [(*window, "company") for window in windows]


async def test_the_test_company_never_refuses_a_burst_of_ours(local, hurried_clock):
    async with local(clock=hurried_clock, test_company=True, account={"burst": None}) as here:
        begun = hurried_clock.now()
        for _ in range(9):
            await look(here.siigo, priority=Priority.INTERACTIVE)
        assert here.vendor.stats.by_status == {200: 10}
        assert 48 <= hurried_clock.now() - begun < 50  # four, four, and two; the login was the first


@pytest.mark.parametrize(
    "settings", [{"requests": 100}, {"test_company": True, "burst": 0}], ids=["100 a minute", "10 a minute"]
)
async def test_our_own_pace_keeps_siigo_from_refusing(local, hurried_clock, settings):
    async with local(clock=hurried_clock, **settings) as here:
        limit = here.vendor._emulator.limit
        begun = hurried_clock.now()
        for _ in range(3 * limit - 1):
            await look(here.siigo)

        assert here.vendor.stats.by_status == {200: 3 * limit}
        assert 120 <= hurried_clock.now() - begun < 125
        (status,) = here.sessions.status().values()
        assert [(window["limit"], window["per"]) for window in status["queue"]["windows"]] == [(limit, 60)]


async def test_all_accounts_and_managers_of_a_company_share_its_minute(local, hurried_clock):
    async with local(clock=hurried_clock, requests=20) as here, manager_of(here) as others:
        accounts = [here.siigo, here.open(account="b", page_size=10), here.open(sessions=others)]
        for siigo in accounts * 20:
            await look(siigo)

        assert here.vendor.stats.by_status == {200: 62}  # a login for each manager


async def test_another_company_has_a_minute_of_its_own(local, manual_clock):
    async with local(clock=manual_clock, account={"requests": 5}) as here:
        other = here.open(here.vendor.issue(), account="other", requests=5)
        for _ in range(4):  # the login is the fifth
            await look(here.siigo)
        waiting = asyncio.ensure_future(look(here.siigo))
        for _ in range(4):
            await look(other)
        assert not waiting.done()
        assert len(here.asked()) == 8

        await manual_clock.advance(61)
        async with asyncio.timeout(5):
            await waiting


async def test_a_redirect_is_not_followed_so_that_every_request_has_its_own_slot(local):
    async with local(manager={"retry": RetryPolicy(attempts=3, base=0)}) as here:
        here.vendor.fault("redirect", path="products|taxes", location="/siigo/v1/warehouses")
        calls = (
            here.siigo.products.list().collect,
            here.siigo.taxes.list().collect,
            lambda: here.siigo.products.get("x"),
            lambda: look(here.siigo),
            here.siigo.list_path("v1/taxes").collect,
        )
        for call in calls:
            with pytest.raises(ProtocolError, match="redirect"):
                await call()
        assert len(here.asked()) == len(calls)
        assert here.asked("warehouses") == []


# Where the minute is used up all the same.


@pytest.mark.parametrize("casing", ["pascal", "lower"])
async def test_a_minute_that_another_program_used_up_is_waited_for_as_its_refusal_says(local, hurried_clock, casing):
    async with local(clock=hurried_clock, requests=3, error_casing=casing) as here:
        paused = []
        here.sessions.on(lambda event: paused.append(event.seconds) if isinstance(event, ScopePaused) else None)
        async with SessionManager(coordinator=MemoryCoordinator(hurried_clock), clock=hurried_clock) as elsewhere:
            await look(here.open(sessions=elsewhere))  # on another machine, of which we know nothing
        begun = hurried_clock.now()
        await look(here.siigo)

        assert [entry.status for entry in here.vendor.requests] == [200, 200, 200, 429, 200]
        assert paused == [60]
        assert 60 <= hurried_clock.now() - begun < 62


async def test_while_siigo_asks_for_a_rest_nobody_of_the_company_asks(local, manual_clock):
    retry = {"retry": RetryPolicy(attempts=2, base=0)}
    async with local(clock=manual_clock, manager=retry) as here, manager_of(here) as others:
        friend = here.open(sessions=others, account="friend")
        await look(here.siigo)
        await look(friend)
        message = "Too many requests. Try again in 17 seconds."
        here.vendor.fault("status", path="taxes", status=429, body=limit_error(message), times=1)
        first = asyncio.ensure_future(look(here.siigo))
        async with asyncio.timeout(5):
            while not any(entry["queue"]["paused_for"] for entry in here.sessions.status().values()):
                await asyncio.sleep(0)
        calls = [asyncio.ensure_future(look(siigo)) for siigo in (friend, here.siigo) * 5]
        asked = len(here.asked())
        await manual_clock.advance(16.9)
        assert len(here.asked()) == asked
        assert not any(call.done() for call in [first, *calls])

        await manual_clock.advance(1.2)
        async with asyncio.timeout(5):
            await asyncio.gather(first, *calls)
        assert len(here.asked()) == asked + 11
        assert here.vendor.stats.by_status[429] == 1


@pytest.mark.parametrize(
    ("message", "headers", "seconds"),
    [
        ("Too many requests. Try again in 17 seconds.", {}, 17),
        ("try again in 1 second", {}, 1),
        ("Rate limit is exceeded. Try again in 17 seconds.", {"Retry-After": "40"}, 17),
        ("Too many requests", {"Retry-After": "40"}, 40),
    ],
)
async def test_the_message_goes_before_the_header(local, hurried_clock, message, headers, seconds):
    async with local(clock=hurried_clock, manager={"retry": RetryPolicy(attempts=2, base=0)}) as here:
        paused = []
        here.sessions.on(lambda event: paused.append(event.seconds) if isinstance(event, ScopePaused) else None)
        await look(here.siigo)
        here.vendor.fault("status", path="taxes", status=429, body=limit_error(message), headers=headers, times=1)
        begun = hurried_clock.now()
        await look(here.siigo)
        assert paused == [seconds]
        assert hurried_clock.now() - begun >= seconds


@pytest.mark.parametrize("body", ["", "<html>429</html>", {"message": "slow down"}, limit_error("Too many requests")])
async def test_a_limit_without_a_wait_backs_off_and_says_what_to_lower(local, hurried_clock, body):
    async with local(clock=hurried_clock, manager={"retry": RetryPolicy(attempts=3, base=1)}) as here:
        await look(here.siigo)
        here.vendor.fault("status", path="taxes", status=429, body=body)
        with pytest.raises(RateLimited) as caught:
            await look(here.siigo)
        assert caught.value.attempts == 3
        assert caught.value.status == 429


async def test_a_write_that_the_limit_refused_is_sent_again(local, hurried_clock):
    async with local(clock=hurried_clock) as here:
        before = len(here.vendor.rows("products"))
        here.vendor.fault(
            "status", method="POST", path="products", status=429, body=limit_error("Try again in 9 seconds."), times=2
        )
        made = await here.siigo.products.create({"code": "X-1", "name": "Ruana", "account_group": 4101})
        assert made.code == "X-1"
        assert [entry.status for entry in here.asked() if entry.method == "POST"] == [429, 429, 201]
        assert len(here.vendor.rows("products")) == before + 1


# Thirty thousand rows.


@attrs.define
class Walked:
    """What came of reading 30,000 rows through the window."""

    rows: set = attrs.field(factory=set)
    finished: list = attrs.field(factory=list)
    overtaken: list = attrs.field(factory=list)

    @property
    def longest(self):
        """Seconds of the slowest exchange."""
        return max(event.seconds for event in self.finished)


async def walk(here, *, visits=()):
    """Read all products; when so many pages are there, somebody asks in person."""
    walked = Walked()
    here.sessions.on(lambda event: walked.finished.append(event) if isinstance(event, RequestFinished) else None)

    async def visit():
        before = here.vendor.stats.requests
        await look(here.siigo, priority=Priority.INTERACTIVE)
        walked.overtaken.append(here.asked("taxes")[-1].number - before - 1)

    async with asyncio.TaskGroup() as group:
        async for page in here.siigo.products.list().pages():
            walked.rows.update(product.id for product in page.items)
            if page.number in visits:
                group.create_task(visit())
    return walked


def fill(here, rows):
    for _ in range(rows):
        here.vendor.add("products", {})


async def test_three_hundred_pages_take_the_time_that_even_pacing_allows(local, hurried_clock):
    async with local(records=0, clock=hurried_clock, requests=LIMIT, account={"page_size": 10}) as here:
        fill(here, 3_000)
        begun = hurried_clock.now()
        walked = await walk(here)

        assert len(walked.rows) == 3_000
        assert here.vendor.stats.by_status == {200: 301}
        # 301 requests at 100 a minute, of which the first needs no wait.
        assert 300 * 0.6 <= hurried_clock.now() - begun <= 300 * 0.6 / 0.97


async def test_thirty_thousand_rows_never_meet_the_limit_and_a_person_waits_for_one_slot(local):
    """
    In real time, a tenth of it; about 20 s.

    How late a busy machine wakes a sleeper is measured beside it: the pace is compared with that of plain sleeps.
    """
    async with local(records=0, requests=LIMIT, window=MINUTE) as here:
        fill(here, 30_000)
        sleeps = []

        async def sleep_as_long_as_a_slot():
            while True:
                begun = time.perf_counter()
                await asyncio.sleep(SLOT)
                sleeps.append(time.perf_counter() - begun)

        sleeper = asyncio.ensure_future(sleep_as_long_as_a_slot())
        walked = await walk(here, visits=(150, 200, 201, 250, 299))
        sleeper.cancel()

        assert len(walked.rows) == 30_000
        assert here.vendor.stats.by_status == {200: 1 + 300 + 5}
        assert len(here.asked("products")) == 300
        assert here.logins == [200]

        starts = [entry.started for entry in here.vendor.requests]
        slot = sum(sleeps) / len(sleeps)
        share = (len(starts) - 1) * SLOT / (starts[-1] - starts[0])
        queued = [event.queued for event in walked.finished if event.path.endswith("taxes")]
        assert share * slot / SLOT >= 0.97
        assert max(walked.overtaken) <= 1
        assert max(queued) <= max(later - start for start, later in pairwise(starts)) + walked.longest
