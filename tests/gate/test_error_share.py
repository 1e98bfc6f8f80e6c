"""Errors are counted as the vendor counts them: warned of before it blocks the user, and refused if one wishes."""

from __future__ import annotations

import asyncio
import logging

import pytest

from sagicc_async import (
    ConfigError,
    DeadlineExceeded,
    ErrorShare,
    ErrorShareHigh,
    ErrorShareSettings,
    FileErrorCounts,
    Login,
    NotFound,
    NotSent,
    OutcomeUnknown,
    Priority,
    Request,
    RequestFinished,
    RetryPolicy,
    ServerError,
    SessionClosed,
    Token,
    TokenRules,
    Window,
)
from sagicc_async_serpi import Serpi, SerpiCredentials
from sagicc_async_serpi.adapter import SerpiAuth

DAY = 86_400


class OneCompany(SerpiAuth):
    def company(self, credentials):
        return ("one company",)


class Guarded(Serpi):
    """SERPI, if it blocked users for their errors."""

    error_share = ErrorShare(limit=0.8, days=7, least=4)
    settings_class = ErrorShareSettings
    auth = OneCompany()


class LoggedIn(Guarded):
    """The same, if its token came from a login."""

    class Auth(OneCompany):
        async def issue(self, credentials: SerpiCredentials, login: Login, spent: Token | None) -> Token:
            token = Token(credentials.token)
            await login(Request(method="GET", path="Bodega", headers=self.headers(credentials, token)))
            return token

    auth = Auth()


def share(r, label="default"):
    return r.sessions.status()[f"serpi/{label}"]["error_share"]


def counted(r, label="default"):
    return share(r, label)["requests"], share(r, label)["errors"]


async def good(account, times=1):
    for _ in range(times):
        await account.impuesto.list(limite=1).page(1)


async def bad(account, times=1):
    for _ in range(times):
        with pytest.raises(NotFound):
            await account.request("GET", "Nada")


async def test_every_attempt_that_is_answered_with_an_error_counts(rig):
    async with rig(kind=Guarded) as r:
        await good(r.serpi, 2)
        await bad(r.serpi)
        r.vendor.fault("status", status=503, nth=1)
        await good(r.serpi)  # repeated by the gate
        assert counted(r) == (5, 2)
        assert share(r)["share"] == 0.4
        assert r.vendor.stats.requests == 5


async def test_a_request_without_an_answer_is_a_request_and_no_error(rig, new_record):
    async with rig(kind=Guarded, settle=0.01) as r:
        await good(r.serpi)
        r.vendor.fault("reset_after", method="POST")
        with pytest.raises(OutcomeUnknown):
            await r.serpi.centro_costo.create(new_record())
        assert counted(r) == (2, 0)


async def test_what_was_never_sent_counts_for_nothing(rig):
    async with rig(kind=Guarded, retry=RetryPolicy(attempts=1)) as r:
        dead = r.open(kind=Guarded, account="dead", base_url="http://127.0.0.1:9/")
        with pytest.raises(NotSent):
            await good(dead)
        assert counted(r, "dead") == (0, 0)


async def test_logins_count_and_fail_as_every_request_does(rig):
    async with rig(kind=LoggedIn) as r:
        with pytest.raises(ServerError):
            r.vendor.fault("status", status=500, path="Bodega")
            await good(r.serpi)
        tried = r.vendor.stats.requests
        assert counted(r) == (tried, tried)


async def test_an_adapter_that_declares_nothing_counts_nothing(rig):
    async with rig() as r:
        await good(r.serpi)
        assert "error_share" not in r.sessions.status()["serpi/default"]


async def test_the_warning_comes_once_a_crossing(rig, caplog):
    async with rig(kind=Guarded) as r:
        await good(r.serpi, 3)
        await bad(r.serpi, 2)  # 2 of 5
        await bad(r.serpi, 3)
        (event,) = r.of(ErrorShareHigh)
        assert (event.vendor, event.account, event.share, event.requests, event.limit) == (
            "serpi",
            "default",
            0.4,
            5,
            0.8,
        )
        lines = [entry.getMessage() for entry in caplog.records if entry.levelno == logging.WARNING]
        assert lines == ["serpi default: 40.0 % of 5 requests failed; the vendor blocks users above 80 %"]
        await good(r.serpi, 6)  # 5 of 14
        await bad(r.serpi, 1)
        assert len(r.of(ErrorShareHigh)) == 2


async def test_the_mark_of_the_warning_is_a_setting(rig):
    async with rig(kind=Guarded, account={"warn_at": 0.2}) as r:
        await good(r.serpi, 3)
        await bad(r.serpi)
        assert [event.share for event in r.of(ErrorShareHigh)] == [0.25]
        assert share(r)["warn_at"] == 0.2


@pytest.mark.parametrize("wrong", [{"refuse_at": 50}, {"warn_at": 0}])
async def test_a_mark_that_is_no_share_is_told_at_once(rig, wrong):
    async with rig(kind=Guarded) as r:
        with pytest.raises(ConfigError, match=f"a setting of serpi is wrong: '{next(iter(wrong))}'"):
            r.open(kind=Guarded, account="wrong", **wrong)


async def test_above_the_mark_nothing_is_sent_and_the_error_says_why(rig):
    async with rig(kind=Guarded, account={"refuse_at": 0.5}) as r:
        await good(r.serpi, 2)
        await bad(r.serpi, 2)
        before = r.vendor.stats.requests
        with pytest.raises(NotSent) as raised:
            await good(r.serpi)
        assert str(raised.value) == (
            "serpi default impuesto.list: nothing is sent: 2 of 4 requests of the last 7 days failed, refuse_at is "
            "50%, and the vendor blocks users above 80% - find out what fails and mend it (the log has every request), then "
            "raise refuse_at until the share has fallen"
        )
        assert (r.vendor.stats.requests, r.queue()["in_flight"]) == (before, 0)
        assert counted(r) == (4, 2)  # what is not sent does not count
        more = r.open(kind=Guarded, refuse_at=0.6)
        await good(more)
        assert counted(r) == (5, 2)


async def test_what_waits_in_the_queue_is_refused_too(rig):
    async with rig(kind=Guarded, account={"refuse_at": 0.7}) as r:
        await bad(r.serpi, 3)
        r.vendor.fault("hold", nth=1)
        calls = [asyncio.create_task(r.serpi.request("GET", "Nada")) for _ in range(5)]
        await r.vendor.until(lambda stats: stats.in_flight == 1)
        r.vendor.clear_faults()
        first, *rest = await asyncio.gather(*calls, return_exceptions=True)
        assert isinstance(first, NotFound)
        assert [type(error) for error in rest] == [NotSent] * 4
        assert r.vendor.stats.requests == 4


async def test_a_failure_that_reaches_the_mark_is_not_tried_again_and_stays_itself(rig):
    async with rig(kind=Guarded, account={"refuse_at": 0.7}) as r:
        await bad(r.serpi, 3)
        r.vendor.fault("status", status=503)
        with pytest.raises(ServerError) as raised:
            await good(r.serpi)
        assert (raised.value.attempts, r.vendor.stats.requests) == (1, 4)


async def test_a_login_is_refused_as_well(rig):
    async with rig(kind=LoggedIn, account={"refuse_at": 0.7}, retry=RetryPolicy(attempts=1)) as r:
        await good(r.serpi)
        await bad(r.serpi, 5)  # of 7, a login among them
        before = r.vendor.stats.requests
        r.sessions.forget("default")
        again = r.open(kind=LoggedIn, refuse_at=0.7)
        with pytest.raises(NotSent, match=r"impuesto\.list: nothing is sent"):
            await good(again)
        assert r.vendor.stats.requests == before


class Windowed(Guarded):
    windows = (Window(50, per=60, scope="company"),)


async def test_what_is_refused_gives_its_slot_back(rig):
    async with rig(kind=Windowed, account={"refuse_at": 0.5}) as r:
        await r.serpi.impuesto.list(priority=Priority.INTERACTIVE).page(1)
        await bad(r.serpi, 3)
        for _ in range(60):
            with pytest.raises(NotSent):
                await r.serpi.request("GET", "Nada")
        (window,) = r.queue()["windows"]
        assert window["taken"] == 4


async def test_two_accounts_of_one_company_are_counted_together_and_warned_by_name(rig):
    async with rig(kind=Guarded) as r:
        other = r.open(kind=Guarded, account="other", credentials=r.vendor.issue())
        await bad(r.serpi, 2)
        await bad(other, 2)
        assert counted(r) == counted(r, "other") == (4, 4)
        assert [event.account for event in r.of(ErrorShareHigh)] == ["other"]


async def test_a_rotation_within_the_company_does_not_warn_again(rig):
    async with rig(kind=Guarded) as r:
        account = r.open(kind=Guarded, account="vault", credentials=lambda: dict(r.vendor.credentials))
        await bad(account, 4)
        r.vendor.rotate()
        await bad(account, 2)
        assert len(r.of(ErrorShareHigh)) == 1


async def test_after_days_the_errors_are_forgotten(rig, manual_clock):
    async with rig(kind=Guarded, account={"refuse_at": 0.5}, clock=manual_clock) as r:
        await bad(r.serpi, 4)
        manual_clock.set(now=manual_clock.now() + 6 * DAY)
        with pytest.raises(NotSent):
            await good(r.serpi)
        manual_clock.set(now=manual_clock.now() + DAY)
        await good(r.serpi)
        assert counted(r) == (1, 0)


async def test_waiting_for_a_slow_store_ends_with_the_deadline_or_the_manager(rig):
    class Hanging:
        async def add(self, key, counts, *, since):
            await asyncio.Event().wait()

    async with rig() as r:
        sessions = await r.manager(error_counts=Hanging())
        account = r.open(sessions, Guarded)
        with pytest.raises(DeadlineExceeded, match="waited for the count of earlier errors"):
            await account.request("GET", "Impuesto", deadline=0.05)
        call = asyncio.create_task(account.request("GET", "Impuesto"))
        await asyncio.sleep(0)
        closing = asyncio.create_task(sessions.close(grace=0))
        with pytest.raises(SessionClosed):
            await asyncio.wait_for(call, 2)
        closing.cancel()
        await asyncio.wait([closing], timeout=2)
        assert closing.cancelled()
        assert r.vendor.stats.requests == 0


async def test_another_manager_knows_what_was_kept_before_it_sends_anything(rig, tmp_path):
    async with rig(kind=Guarded, error_counts=FileErrorCounts(tmp_path / "errors")) as r:
        await bad(r.serpi, 4)
        await r.sessions.close()
        later = await r.manager(error_counts=FileErrorCounts(tmp_path / "errors"))
        before = r.vendor.stats.requests
        with pytest.raises(NotSent, match="4 of 4 requests"):
            await good(r.open(later, Guarded, refuse_at=0.5))
        assert r.vendor.stats.requests == before
        memory = await r.manager()
        await good(r.open(memory, Guarded, refuse_at=0.5))


async def test_the_counts_of_two_managers_add_up(rig, tmp_path):
    async with rig(kind=Guarded, error_counts=FileErrorCounts(tmp_path)) as r:
        other = await r.manager(error_counts=FileErrorCounts(tmp_path))
        await asyncio.gather(bad(r.serpi, 3), bad(r.open(other, Guarded), 2))
        await other.close()
        await r.sessions.close()
        last = await r.manager(error_counts=FileErrorCounts(tmp_path))
        await good(r.open(last, Guarded))
        assert last.status()["serpi/default"]["error_share"]["requests"] == 6
        assert last.status()["serpi/default"]["error_share"]["errors"] == 5


class Shared(Guarded):
    """With a token that many requests may use, so that a cancelled read is cut instead of finished."""

    rules = TokenRules()


@pytest.mark.parametrize("kind", [Guarded, Shared])
async def test_calls_that_are_cancelled_at_any_turn_count_once_each_if_they_arrived(rig, tmp_path, kind):
    async with rig(kind=kind, settle=0, error_counts=FileErrorCounts(tmp_path)) as r:
        done = False
        for turn in range(2_000):
            task = asyncio.ensure_future(r.serpi.request("GET", "Nada"))
            for _ in range(turn):
                await asyncio.sleep(0)
            done = task.done()
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            await good(r.serpi)
            if done:
                break
        assert done
        await r.sessions.close()
        sent = r.vendor.stats.requests
        finished = [event for event in r.of(RequestFinished) if event.outcome not in ("cancelled", "NotSent")]
        cut = [event for event in r.of(RequestFinished) if event.outcome == "cancelled"]
        requests, errors = counted(r)
        assert errors == sum(event.outcome == "NotFound" for event in finished)
        # A request that was cut while it was written may have arrived or not; all others are certain.
        assert len(finished) <= requests <= len(finished) + len(cut)
        assert sent <= requests
