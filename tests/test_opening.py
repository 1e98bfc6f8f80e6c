"""Opening accounts: what is refused, and what two openings share."""

from __future__ import annotations

import asyncio

import pytest

from sagicc_async import AdapterNotFound, ConfigError, NotFound, RequestFinished, SessionManager, TokenRenewed
from sagicc_async_serpi import Serpi

CREDENTIALS = {"token": "t", "secretkey": "s"}


async def test_opening_says_what_is_wrong():
    async with SessionManager() as sessions:
        with pytest.raises(AdapterNotFound, match="nadie"):
            sessions.open("nadie", CREDENTIALS)
        with pytest.raises(ConfigError, match="needs secretkey"):
            sessions.open(Serpi, {"token": "t"})
        with pytest.raises(ConfigError, match="has no field password"):
            sessions.open(Serpi, {**CREDENTIALS, "password": "x"})
        with pytest.raises(ConfigError, match="has no setting colour"):
            sessions.open(Serpi, CREDENTIALS, colour="red")
        with pytest.raises(ConfigError, match="settle"):
            sessions.open(Serpi, CREDENTIALS, settle=-1)
        with pytest.raises(ConfigError, match="plain http"):
            sessions.open(Serpi, CREDENTIALS, base_url="http://erp.example/api")
        with pytest.raises(ConfigError, match="base_url"):
            sessions.open(Serpi, CREDENTIALS, base_url="erp.example/api")
        with pytest.raises(ConfigError, match="user or password"):
            sessions.open(Serpi, CREDENTIALS, base_url="https://u:p@erp.example/api")
        sessions.open(Serpi, CREDENTIALS)
        sessions.open(Serpi, CREDENTIALS)
        with pytest.raises(ConfigError, match="label 'default' is in use"):
            sessions.open(Serpi, {"token": "other", "secretkey": "s"})
        sessions.forget("default")
        sessions.open(Serpi, {"token": "other", "secretkey": "s"})


async def test_two_labels_of_one_token_share_the_queue(rig):
    async with rig() as r:
        other = r.open(account="second")
        await asyncio.gather(
            *(account.impuesto.list(limite=1).page(1) for account in (r.serpi, other) for _ in range(10))
        )
        assert (r.vendor.stats.overlaps, r.vendor.stats.max_in_flight) == (0, 1)
        assert len(r.of(TokenRenewed)) == 1


async def test_each_label_of_one_token_has_its_own_name_in_errors_and_events(rig):
    async with rig() as r:
        await r.serpi.impuesto.list().first()
        other = r.open(account="second")
        with pytest.raises(NotFound) as raised:
            await other.list_path("Nada").collect()
        assert raised.value.account == "second"
        assert [event.account for event in r.of(RequestFinished)] == ["default", "second"]


async def test_opening_again_with_another_setting_keeps_the_token(rig):
    async with rig() as r:
        for busy in (423, 423, 429, None):
            await r.open(busy_status=busy, settle=busy).impuesto.list().first()
        assert len(r.of(TokenRenewed)) == 1


async def test_a_callable_that_is_opened_at_another_address_asks_there(rig, http_server, answer_bytes):
    page = answer_bytes(b'{"success":true,"code":200,"message":"","result":[]}')
    async with rig() as r, http_server(page) as elsewhere:
        ask = dict(r.vendor.credentials).copy
        await r.open(account="vault", credentials=ask).impuesto.list().first()
        again = r.open(account="vault", credentials=ask, base_url=elsewhere.url)
        assert await again.impuesto.list().first() is None
        assert len(elsewhere.heard) == 1


async def test_one_of_two_labels_can_be_forgotten(rig):
    async with rig() as r:
        r.open(account="second")
        r.sessions.forget("second")
        r.open(account="second")
        await r.serpi.impuesto.list().first()
        await r.open(account="second").impuesto.list().first()
        assert len(r.of(TokenRenewed)) == 1


async def test_an_empty_address_is_refused_and_not_taken_for_the_vendors_own():
    async with SessionManager() as sessions:
        with pytest.raises(ConfigError, match="base_url"):
            sessions.open(Serpi, CREDENTIALS, base_url="")
