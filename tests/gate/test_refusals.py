"""The vendor refuses: a token, a pace, an overlap."""

from __future__ import annotations

import asyncio
import email.utils
import time

import pytest

from sagicc_async import (
    ConfigError,
    CredentialsRejected,
    RateLimited,
    RetryPlanned,
    RetryPolicy,
    ScopePaused,
    TokenBusy,
    TokenRenewed,
    TokenRules,
)
from sagicc_async_serpi import Serpi


@pytest.mark.parametrize("what", ["read", "write"])
async def test_a_rotated_token_is_read_again_once_and_the_request_goes_on(rig, new_record, what):
    async with rig() as r:
        asked = []

        def vault():
            asked.append(1)
            return r.vendor.credentials

        account = r.open(account="vault", credentials=vault)
        await account.impuesto.list().first()
        r.vendor.rotate()
        if what == "read":
            assert await account.impuesto.list().first()
        else:
            await account.centro_costo.create(new_record())
            assert r.vendor.stats.by_status[201] == 1
        assert len(asked) == 2
        assert r.vendor.stats.by_status[401] == 1
        assert [event.generation for event in r.of(TokenRenewed)] == [1, 2]


async def test_many_callers_of_a_rotated_token_cause_one_reading(rig):
    async with rig() as r:
        asked = []

        async def vault():
            asked.append(1)
            return r.vendor.credentials

        account = r.open(account="vault", credentials=vault)
        await account.impuesto.list().first()
        r.vendor.rotate()
        pages = await asyncio.gather(*(account.impuesto.list(limite=1).page(1) for _ in range(30)))
        assert len(pages) == 30
        assert len(asked) == 2
        assert r.vendor.stats.by_status[401] == 1  # the token is exclusive: nobody else got as far


async def test_an_unchanged_source_is_read_once_and_the_error_names_the_screen(rig):
    async with rig() as r:
        asked = []

        def vault():
            asked.append(1)
            return {**r.vendor.credentials, "token": "old"}

        account = r.open(account="vault", credentials=vault)
        with pytest.raises(CredentialsRejected, match="Token de acceso") as raised:
            await account.impuesto.list().first()
        assert (raised.value.status, raised.value.vendor, raised.value.account) == (401, "serpi", "vault")
        assert raised.value.operation == "impuesto.list"
        assert len(asked) == 2
        with pytest.raises(CredentialsRejected):  # cooled down: neither the vault nor the vendor is asked again
            await account.impuesto.list().first()
        assert (len(asked), r.vendor.stats.requests) == (2, 1)


async def test_credentials_given_as_values_are_rejected_after_one_request(rig):
    async with rig() as r:
        account = r.open(account="typed", credentials={**r.vendor.credentials, "token": "mistyped"})
        with pytest.raises(CredentialsRejected):
            await account.centro_costo.create({"codigo": "a", "abreviatura": "a", "descripcion": "x"})
        assert r.vendor.stats.requests == 1


async def test_a_token_that_is_refused_again_after_rotation_is_not_tried_for_ever(rig):
    async with rig() as r:
        numbers = iter(range(100))
        account = r.open(
            account="vault", credentials=lambda: {**r.vendor.credentials, "token": f"wrong-{next(numbers)}"}
        )
        with pytest.raises(CredentialsRejected):
            await account.impuesto.list().first()
        assert r.vendor.stats.requests == 3


class Impatient(Serpi):
    """SERPI without a cool-down."""

    rules = TokenRules(max_in_flight=1, cool_down=0)


async def test_credentials_that_raise_reach_the_caller_and_leave_the_account_usable(rig):
    async with rig() as r:
        answers = [LookupError("the vault is sealed"), {"token": "x"}, r.vendor.credentials]

        async def vault():
            answer = answers.pop(0)
            if isinstance(answer, Exception):
                raise answer
            return answer

        account = r.open(kind=Impatient, account="vault", credentials=vault)
        with pytest.raises(LookupError, match="sealed"):
            await account.impuesto.list().first()
        with pytest.raises(ConfigError, match="needs secretkey"):
            await account.impuesto.list().first()
        assert await account.impuesto.list().first()


@pytest.mark.parametrize("how", ["directly", "in a task"])
async def test_credentials_that_ask_their_own_account_are_refused_instead_of_waiting_for_themselves(rig, how):
    async with rig() as r:

        async def vault():
            call = account.impuesto.list().first()
            await (call if how == "directly" else asyncio.create_task(call))
            return r.vendor.credentials

        account = r.open(account="vault", credentials=vault)
        async with asyncio.timeout(2):
            with pytest.raises(ConfigError, match="itself"):
                await account.impuesto.list().first()


async def test_credentials_may_come_from_another_account_of_the_same_manager(rig):
    async with rig() as r:

        async def vault():
            await r.serpi.impuesto.list().first()
            return r.vendor.issue()

        async with asyncio.timeout(2):
            assert await r.open(account="vault", credentials=vault).impuesto.list().first()


@pytest.mark.parametrize("form", ["seconds", "date"])
async def test_a_429_pauses_the_whole_scope(rig, form):
    async with rig(retry=RetryPolicy(attempts=2, base=0)) as r:
        await r.serpi.impuesto.list().first()
        asked = "1" if form == "seconds" else email.utils.formatdate(time.time() + 1.9, usegmt=True)
        r.vendor.fault("status", status=429, headers={"Retry-After": asked}, nth=1)
        first = asyncio.create_task(r.serpi.impuesto.list().first())
        await r.vendor.until(lambda stats: stats.by_status[429] == 1)
        other = r.open(await r.manager())
        await asyncio.gather(first, other.impuesto.list().first())
        refused = next(entry for entry in r.vendor.requests if entry.status == 429)
        later = [entry.started - refused.finished for entry in r.vendor.requests if entry.number > refused.number]
        assert len(later) == 2
        assert min(later) >= (1 if form == "seconds" else 0.85)
        (paused,) = r.of(ScopePaused)
        assert 1 <= paused.seconds <= 2  # by the seconds of the vendor's own clock
        (retry,) = r.of(RetryPlanned)
        assert retry.reason == "RateLimited"


async def test_a_429_that_lasts_is_raised_with_what_the_vendor_asked_for(rig):
    async with rig(retry=RetryPolicy(patience=5)) as r:
        r.vendor.fault("status", status=429, headers={"Retry-After": "3600"})
        with pytest.raises(RateLimited) as raised:
            await r.serpi.impuesto.list().first()
        assert (raised.value.retry_after, raised.value.attempts) == (3600, 1)
        assert 4 < r.queue()["paused_for"] <= 5


async def test_a_write_that_was_rate_limited_goes_out_again(rig, new_record):
    async with rig(retry=RetryPolicy(attempts=2, base=0)) as r:
        r.vendor.fault("status", status=429, headers={"Retry-After": "0"}, nth=1)
        await r.serpi.centro_costo.create(new_record())
        assert r.arrived("POST") == 2
        assert r.vendor.stats.by_status[201] == 1


@pytest.mark.parametrize(
    ("busy", "body"), [(409, {"success": False, "code": 409}), (423, ""), (777, {"success": False, "code": 777})]
)
async def test_a_busy_token_pauses_and_is_asked_again_where_the_user_knows_its_status(rig, new_record, busy, body):
    async with rig(account={"busy_status": busy}, retry=RetryPolicy(attempts=2, base=0.01)) as r:
        status = 200 if busy == 777 else busy
        struck = r.vendor.fault("status", status=status, body=body, times=1)
        await r.serpi.centro_costo.create(new_record())
        assert struck.struck == 1
        assert len(r.of(ScopePaused)) == 1
        r.vendor.clear_faults()
        r.vendor.fault("status", status=status, body=body)
        with pytest.raises(TokenBusy):
            await r.serpi.impuesto.list().first()
