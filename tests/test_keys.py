"""Requests with an idempotency key: sent again without a second effect, and refused where no vendor would know it."""

from __future__ import annotations

import asyncio
import hashlib

import pytest

from sagicc_async import (
    ConfigError,
    CredentialsRejected,
    DeadlineExceeded,
    Login,
    OutcomeUnknown,
    ServerError,
    SessionClosed,
    Token,
    Unsupported,
)
from sagicc_async.testing import ManualClock
from sagicc_async_serpi import Serpi, SerpiCredentials
from sagicc_async_serpi.adapter import SerpiAuth

PAGE = b'{"success":true,"code":200,"message":"","result":[]}'


class Keyed(Serpi):
    """SERPI, if it knew keys of any text."""

    idempotency_header = "Idempotency-Key"


class Hashed(Keyed):
    """The same, if it counted by who logs in, and took nothing but letters and digits."""

    class Auth(SerpiAuth):
        def company(self, credentials):
            return (credentials.secretkey,)

    auth = Auth()

    async def idempotency_key(self, operation, key):
        text = f"{await self.account.company_id()} {operation} {key}"
        return hashlib.blake2b(text.encode(), digest_size=15).hexdigest()


@pytest.fixture
def server(http_server, answer_bytes):
    """Fails its first requests, and hears them all."""

    def start(*, failures=1):
        left = failures

        async def answer(heard, writer):
            nonlocal left
            left -= 1
            writer.write(answer_bytes(status=503) if left >= 0 else answer_bytes(PAGE))

        return http_server(answer)

    return start


def keys(server):
    return [heard.headers.get("idempotency-key") for heard in server.heard]


async def test_a_write_with_a_key_is_sent_again_with_the_same_one(rig, server):
    async with rig() as r, server(failures=2) as there:
        account = r.open(kind=Keyed, base_url=there.url, account="keyed")
        assert (await account.request("POST", "/v1/x", json={}, key="order 991")).status == 200
        assert keys(there) == ["order 991"] * 3


async def test_without_a_key_or_when_told_so_a_write_is_sent_once(rig, server):
    for options in ({}, {"key": "a", "repeatable": False}):
        async with rig() as r, server() as there:
            account = r.open(kind=Keyed, base_url=there.url, account="keyed")
            with pytest.raises(OutcomeUnknown):
                await account.request("POST", "/v1/x", json={}, **options)
            assert keys(there) == [options.get("key")]


async def test_a_keyed_write_that_never_succeeds_is_an_ordinary_failure(rig, server):
    async with rig() as r, server(failures=99) as there:
        account = r.open(kind=Keyed, base_url=there.url, account="keyed")
        with pytest.raises(ServerError) as raised:
            await account.request("POST", "/v1/x", json={}, key="a")
        assert raised.value.in_doubt


async def test_a_vendor_that_knows_no_keys_says_what_to_do_instead(rig):
    async with rig() as r:
        with pytest.raises(Unsupported, match=r"serpi knows no idempotency keys.*reconcile"):
            await r.serpi.request("POST", "CentroCosto", json={}, key="a")
        assert r.vendor.stats.requests == 0


@pytest.mark.parametrize("wrong", ["", "año", "a\r\nX-Evil: 1", " a", "a "])
async def test_a_key_that_no_header_can_carry_is_an_error_before_sending(rig, wrong):
    async with rig() as r:
        account = r.open(kind=Keyed)
        with pytest.raises(ConfigError, match="key"):
            await account.request("POST", "CentroCosto", json={}, key=wrong)
        assert r.vendor.stats.requests == 0


async def test_a_key_is_the_companys_own_the_same_in_every_process_and_at_every_address(rig, server):
    async with rig() as r, server(failures=0) as there, server(failures=0) as elsewhere:
        mine, theirs = dict(r.vendor.credentials), {**r.vendor.credentials, "secretkey": "another"}
        for place, given in (
            (there, mine),
            (there, {**mine, "token": "rotated"}),
            (there, lambda: mine),
            (elsewhere, mine),
            (there, theirs),
        ):
            sessions = await r.manager()
            account = r.open(sessions, Hashed, credentials=given, base_url=place.url)
            await account.request("POST", "/v1/x", json={}, key="order-991")
            await sessions.close()
        first, rotated, asked, other = keys(there)
        assert first == rotated == asked == keys(elsewhere)[0] != other


async def test_the_name_of_a_company_does_not_change_between_releases(rig):
    async with rig() as r:
        account = r.open(kind=Hashed, credentials={"token": "t", "secretkey": "frozen"}, account="frozen")
        assert await account.account.company_id() == "40f5dfd8dadd5e1e66d49ea37a6be21c"


async def test_where_every_customer_has_an_address_of_its_own_the_address_tells_companies_apart(rig):
    class Hosted(Hashed):
        base_url = None

    async with rig() as r:
        companies = [
            await r.open(
                kind=kind, base_url=url, account=url, credentials={"token": "t", "secretkey": "s"}
            ).account.company_id()
            for kind in (Hosted, Hashed)
            for url in ("https://a.example/api", "https://a.example", "https://b.example/api")
        ]
        assert companies[0] == companies[1] != companies[2]
        assert companies[3] == companies[4] == companies[5]


async def test_credentials_that_cannot_be_had_are_the_calls_own_error(rig):
    class Refused(Hashed):
        class Auth(type(Hashed.auth)):
            async def issue(self, credentials: SerpiCredentials, login: Login, spent: Token | None) -> Token:
                raise CredentialsRejected("no")

        auth = Auth()

    async with rig() as r:
        account = r.open(kind=Refused, account="refused", credentials={"token": "t", "secretkey": "s"})
        with pytest.raises(CredentialsRejected) as raised:
            await account.request("POST", "/v1/x", json={}, key="a")
        assert (raised.value.vendor, raised.value.account) == ("serpi", "refused")


async def test_waiting_for_the_company_has_the_same_deadline_as_the_call(rig):
    async with rig() as r:
        slow = asyncio.Event()

        async def vault():
            await slow.wait()
            return r.vendor.credentials

        account = r.open(kind=Hashed, credentials=vault, account="vault")
        for call in (
            account.request("POST", "/v1/x", json={}, key="a", deadline=0.05),
            r.open(kind=Hashed, credentials=vault, account="vault", deadline=0.05).request("GET", "x", key="a"),
        ):
            async with asyncio.timeout(2):
                with pytest.raises(DeadlineExceeded, match="waited for a token"):
                    await call
        slow.set()
        await account.account.company_id()


async def test_after_the_company_only_the_rest_of_the_deadline_is_left(rig, monkeypatch):
    clock = ManualClock()
    monkeypatch.setattr("sagicc_async.wire.request._ambient_clock", clock)
    async with rig() as r:

        async def vault():
            clock.set(now=clock.now() + 40)  # seconds that the vault takes
            return r.vendor.credentials

        account = r.open(kind=Hashed, credentials=vault, account="vault")
        left = []
        real = account.account.send

        def send(request, **options):
            left.append(options["seconds"])
            return real(request, **options)

        monkeypatch.setattr(account.account, "send", send)
        await account.request("GET", "Impuesto", key="a", deadline=60)
        assert left == [pytest.approx(20)]


async def test_a_company_is_not_asked_for_after_the_manager_was_closed(rig):
    async with rig() as r:
        account = r.open(kind=Hashed)
        await r.sessions.close()
        with pytest.raises(SessionClosed):
            await account.account.company_id()
