"""Siigo blocks users of whose requests more than 80 % failed in 7 days: a warning in time, and a refusal if one wishes."""

from __future__ import annotations

import logging

import pytest

from sagicc_async import (
    ConfigError,
    CredentialsRejected,
    ErrorShareHigh,
    FileErrorCounts,
    MemoryCoordinator,
    NotFound,
    NotSent,
    SessionManager,
    ValidationFailed,
)
from sagicc_async_siigo import Siigo

DAY = 86_400


async def good(siigo, times):
    for _ in range(times):
        await siigo.request("GET", "v1/taxes")


async def bad(siigo, times):
    for _ in range(times):
        with pytest.raises(NotFound):
            await siigo.products.get("x")


def share(here, label="default"):
    return here.sessions.status()[f"siigo/{label}"]["error_share"]


def warnings_in(caplog):
    return [record.getMessage() for record in caplog.records if "failed" in record.getMessage()]


def test_the_share_is_the_vendors_and_the_warning_comes_at_half_of_it():
    assert (Siigo.error_share.limit, Siigo.error_share.days) == (0.8, 7)
    assert (Siigo.error_share.warn_at, Siigo.error_share.refuse_at) == (0.4, None)


async def test_a_share_that_crosses_the_mark_is_told_once_and_nothing_is_refused(local, caplog):
    caplog.set_level(logging.WARNING)
    async with local() as here:
        events = []
        here.sessions.on(lambda event: events.append(event) if isinstance(event, ErrorShareHigh) else None)
        await good(here.siigo, 11)  # with the login, twelve
        await bad(here.siigo, 7)
        assert events == []  # nineteen requests say nothing yet
        await bad(here.siigo, 60)

        (event,) = events
        assert (event.vendor, event.account, event.limit, event.requests) == ("siigo", "default", 0.8, 20)
        assert event.share == 0.4
        assert len(warnings_in(caplog)) == 1
        assert (share(here)["requests"], share(here)["errors"]) == (79, 67)
        await good(here.siigo, 1)  # far above what Siigo bears, and still sent


@pytest.mark.parametrize("warn_at", [0.1, 0.75])
async def test_the_mark_is_a_setting(local, warn_at):
    async with local(account={"warn_at": warn_at}) as here:
        events = []
        here.sessions.on(lambda event: events.append(event) if isinstance(event, ErrorShareHigh) else None)
        await good(here.siigo, 29)
        await bad(here.siigo, 200)
        (event,) = events
        assert warn_at <= event.share < warn_at + 0.05


async def test_nothing_is_sent_any_more_where_the_account_says_so(local):
    async with local(account={"refuse_at": 0.5}) as here:
        await good(here.siigo, 14)
        await bad(here.siigo, 15)
        assert share(here)["share"] == 0.5
        before = here.vendor.stats.requests
        for call in (
            lambda: here.siigo.products.get("x"),
            here.siigo.invoices.list().collect,
            lambda: here.siigo.products.create({"code": "A", "name": "B", "account_group": 4101}),
            lambda: here.siigo.invoices.create({}, key="a", check=False),
        ):
            with pytest.raises(NotSent, match="15 of 30 requests of the last 7 days failed") as caught:
                await call()
            assert "80%" in str(caught.value)
        assert here.vendor.stats.requests == before

        other = here.open(account="b")  # of the same company, without such a mark
        await good(other, 1)


async def test_the_marks_can_stand_in_the_managers_settings(local):
    async with local() as here:
        given = {"siigo": {"partner_id": "MyProduct", "warn_at": 0.2, "refuse_at": 0.6}}
        async with SessionManager(coordinator=MemoryCoordinator(), settings=given) as sessions:
            siigo = sessions.open(Siigo, here.vendor.credentials, base_url=here.vendor.base_url)
            assert (siigo.account.terms.error_share.warn_at, siigo.account.terms.error_share.refuse_at) == (0.2, 0.6)


@pytest.mark.parametrize("wrong", [0, -0.1, 1.1, "half"])
@pytest.mark.parametrize("name", ["warn_at", "refuse_at"])
async def test_a_mark_that_is_no_share_is_refused_when_the_account_is_opened(local, name, wrong):
    async with local() as here:
        with pytest.raises(ConfigError, match=r"of siigo (is wrong|takes a number or none)"):
            here.open(account="b", **{name: wrong})


async def test_what_was_checked_before_sending_is_no_error_of_siigos(local):
    async with local() as here:
        await good(here.siigo, 1)
        for _ in range(30):
            with pytest.raises(ValidationFailed):
                await here.siigo.products.create({"code": "no name"})
        assert (share(here)["requests"], share(here)["errors"]) == (2, 0)


async def test_logins_count_too_and_a_wrong_key_does_not_use_up_the_share(local):
    async with local(credentials={"username": "a@acme.example", "access_key": "wrong"}) as here:
        for _ in range(30):
            with pytest.raises(CredentialsRejected):
                await good(here.siigo, 1)
        assert (share(here)["requests"], share(here)["errors"]) == (1, 1)


async def test_a_week_later_it_is_forgotten(local, manual_clock):
    async with local(clock=manual_clock, account={"refuse_at": 0.5}) as here:
        await bad(here.siigo, 19)
        with pytest.raises(NotSent):
            await good(here.siigo, 1)
        manual_clock.set(now=manual_clock.now() + 7 * DAY)
        await good(here.siigo, 1)
        assert share(here)["errors"] == 0


async def test_accounts_of_one_company_are_counted_together_and_outlive_the_process(local, tmp_path):
    async with local(manager={"error_counts": FileErrorCounts(tmp_path)}) as here:
        await bad(here.siigo, 10)
        await bad(here.open(account="b"), 10)
        assert share(here, "b")["errors"] == 20
        await here.sessions.close()
        async with SessionManager(coordinator=MemoryCoordinator(), error_counts=FileErrorCounts(tmp_path)) as another:
            siigo = here.open(sessions=another, refuse_at=0.5)
            before = here.vendor.stats.requests
            with pytest.raises(NotSent, match="20 of 21 requests"):
                await good(siigo, 1)
            assert here.vendor.stats.requests == before
    kept = b"".join(file.name.encode() + file.read_bytes() for file in tmp_path.rglob("*") if file.is_file())
    assert kept
    assert not any(value.encode() in kept for value in here.vendor._company.credentials[0].values())
