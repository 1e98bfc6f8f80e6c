"""Tokens that come from a login beside the API: renewed, kept for other managers, and their refusals explained."""

from __future__ import annotations

import asyncio
import json
import logging
import urllib.parse
from collections.abc import Mapping
from contextlib import asynccontextmanager
from typing import Any, ClassVar

import attrs
import pytest

from sagicc_async import (
    Auth,
    ConfigError,
    Credentials,
    CredentialsRejected,
    ErrorMap,
    FileTokenCache,
    Login,
    MemoryCoordinator,
    Request,
    RequestError,
    RetryPolicy,
    Secret,
    SessionClosed,
    SessionManager,
    Settings,
    Token,
    TokenRules,
    Window,
)
from sagicc_async_serpi import Serpi

CANARY = "k4n4r13nv0g3l"
SECRET = f"{CANARY}-password"
CREDENTIALS = {"user": "ana", "password": SECRET}
EMPTY = {"success": True, "code": 200, "message": "", "result": []}


@attrs.frozen(kw_only=True)
class PassportCredentials(Credentials):
    vendor: ClassVar[str] = "passport"
    user: str
    password: Secret = attrs.field(converter=Secret)


@attrs.frozen(kw_only=True)
class PassportSettings(Settings):
    rotates: bool = False
    scope: str | None = None
    limit: int | None = None
    instance: str | None = None


@attrs.frozen
class PassportAuth:
    """A password grant, or the refresh grant where there is something to refresh."""

    rotates: bool = False
    scope: str | None = None
    hint: str = "look at the screen of keys"

    @property
    def variant(self) -> tuple[str, ...]:
        return () if self.scope is None else (self.scope,)

    def identity(self, credentials: PassportCredentials, token: Token) -> tuple[str | Secret, ...]:
        return (credentials.user,)

    def company(self, credentials: PassportCredentials) -> tuple[str | Secret, ...]:
        return (credentials.user,)

    async def issue(self, credentials: PassportCredentials, login: Login, spent: Token | None) -> Token:
        address = urllib.parse.urljoin(login.base_url, "/oauth/token")
        refresh = spent.refresh if spent is not None and self.rotates else None
        wanted = {"user": credentials.user, "password": credentials.password.reveal()}
        if refresh is not None:
            wanted = {"refresh": refresh.reveal()}
        try:
            answer = await login(Request(method="POST", path=address, body=json.dumps(wanted).encode()))
        except CredentialsRejected as error:
            raise CredentialsRejected(
                "the client secret is wrong", status=error.status, code="invalid_client", errors=error.errors
            ) from None
        given = answer.json()
        return Token(Secret(given["token"]), int(given["lives"]), Secret(given["refresh"]))

    def headers(self, credentials: PassportCredentials, token: Token) -> Mapping[str, str]:
        return {"Authorization": f"Bearer {token.value.reveal()}"}


class Passport(Serpi):
    """SERPI's resources behind a login."""

    vendor = "passport"
    base_url = None
    credentials = PassportCredentials
    settings_class = PassportSettings
    auth: ClassVar[Auth[Any]] = PassportAuth()
    errors = ErrorMap()
    rules = TokenRules(max_in_flight=1, cool_down=0)

    @classmethod
    def address(cls, settings: PassportSettings, base_url: str | None) -> str | None:
        return base_url or (settings.instance and f"http://{settings.instance}/api")

    @classmethod
    def auth_for(cls, settings: PassportSettings) -> Auth[Any]:
        return PassportAuth(settings.rotates, settings.scope)

    @classmethod
    def windows_for(cls, settings: PassportSettings) -> tuple[Window, ...]:
        return () if settings.limit is None else (Window(settings.limit, per=60, scope="company"),)


@attrs.define(eq=False)
class Vendor:
    """Gives tokens to whoever knows the password, or has the refresh token of the newest pair."""

    url: str = ""
    password: str = SECRET
    issued: int = 0
    alive: set[str] = attrs.field(factory=set)
    logins: list[dict[str, str]] = attrs.field(factory=list)
    used: list[str] = attrs.field(factory=list)
    hesitates: asyncio.Event | None = None  # what the answer to a refresh waits for
    asked: asyncio.Event = attrs.field(factory=asyncio.Event)
    breaks: int = 0  # how many logins lose their connection

    async def answer(self, heard, writer):
        if heard.target == "/oauth/token":
            if self.breaks:
                self.breaks -= 1
                writer.transport.abort()
                return
            if self.hesitates is not None and b"refresh" in heard.body:
                self.asked.set()
                await self.hesitates.wait()
            status, body = self._login(json.loads(heard.body))
        else:
            token = heard.headers["authorization"].removeprefix("Bearer ")
            self.used.append(token)
            status, body = (200, EMPTY) if token in self.alive else (401, {"message": f"{token} is not good"})
        data = json.dumps(body).encode()
        writer.write(f"HTTP/1.1 {status} x\r\nContent-Length: {len(data)}\r\n\r\n".encode() + data)

    def _login(self, asked):
        self.logins.append(asked)
        if asked.get("password") != self.password and asked.get("refresh") != f"{CANARY}-refresh-{self.issued}":
            return 401, {"error": "invalid_client", "message": f"{asked} is not good"}
        self.issued += 1
        token = f"{CANARY}-token-{self.issued}"
        self.alive.add(token)
        return 200, {"token": token, "refresh": f"{CANARY}-refresh-{self.issued}", "lives": "3600"}


@pytest.fixture
async def vendor(http_server):
    vendor = Vendor()
    async with http_server(vendor.answer) as server:
        vendor.url = f"{server.url}/api"
        yield vendor


@pytest.fixture
def cache(tmp_path) -> FileTokenCache:
    return FileTokenCache(tmp_path / "tokens")


@pytest.fixture
def opened(vendor):
    """An account in a manager of its own: `async with opened(token_cache=cache) as account`."""

    @asynccontextmanager
    async def open_account(
        credentials: Any = CREDENTIALS, *, rotates: bool = False, scope: str | None = None, **manager: Any
    ):
        retry = RetryPolicy(attempts=1, base=0)
        async with SessionManager(coordinator=MemoryCoordinator(), retry=retry, **manager) as sessions:
            yield sessions.open(Passport, credentials, base_url=vendor.url, rotates=rotates, scope=scope)

    return open_account


async def use(account) -> None:
    await account.impuesto.list(limite=1).page(1)


async def test_a_login_knows_where_the_account_is_and_may_lie_beside_the_api(opened, vendor):
    async with opened() as account:
        await use(account)
    assert vendor.logins == [CREDENTIALS]


async def test_a_refused_token_is_renewed_with_what_the_vendor_gave_for_it(opened, vendor):
    async with opened(rotates=True) as account:
        await use(account)
        vendor.alive.clear()
        await use(account)
    assert vendor.logins == [CREDENTIALS, {"refresh": f"{CANARY}-refresh-1"}]


async def test_without_a_cache_every_manager_logs_in(opened, vendor):
    for _ in range(2):
        async with opened() as account:
            await use(account)
    assert len(vendor.logins) == 2


@pytest.mark.parametrize("callable_", [False, True])
async def test_a_second_manager_with_the_same_cache_does_not_log_in(opened, vendor, cache, callable_):
    async with opened(token_cache=cache) as account:
        await use(account)
    async with opened(token_cache=cache, credentials=(lambda: CREDENTIALS) if callable_ else CREDENTIALS) as account:
        await use(account)
    assert len(vendor.logins) == 1
    assert len(set(vendor.used)) == 1


async def test_a_token_that_is_over_is_not_taken_out_of_the_cache(opened, vendor, cache, manual_clock):
    async with opened(token_cache=cache, clock=manual_clock) as account:
        await use(account)
    manual_clock.set(now=manual_clock.now() + 3580)  # twenty seconds are left, which the leeway takes
    async with opened(token_cache=cache, clock=manual_clock) as account:
        await use(account)
    assert len(vendor.logins) == 2


async def test_other_credentials_and_another_address_have_tokens_of_their_own(opened, vendor, cache):
    async with opened(token_cache=cache) as account:
        await use(account)
    async with opened(token_cache=cache, credentials={**CREDENTIALS, "user": "eva"}) as account:
        await use(account)
    vendor.url += "/"
    async with opened(token_cache=cache) as account:
        await use(account)
    assert len(vendor.logins) == 3


async def test_a_token_that_is_asked_for_differently_is_another_one_in_the_cache(opened, vendor, cache):
    for scope in (None, "read", "write", "read", None):
        async with opened(token_cache=cache, scope=scope) as account:
            await use(account)
    assert [used.rpartition("-")[2] for used in vendor.used] == ["1", "2", "3", "2", "1"]


@pytest.mark.parametrize("given", [CREDENTIALS, lambda: CREDENTIALS], ids=["at hand", "from a callable"])
@pytest.mark.parametrize("label", ["one", "two"])
async def test_a_token_that_is_asked_for_differently_is_another_one_in_a_manager(vendor, given, label):
    async with SessionManager(coordinator=MemoryCoordinator()) as sessions:
        for account, scope in (("one", "read"), ("one", "read"), (label, "write"), (label, "write")):
            await use(sessions.open(Passport, given, account=account, base_url=vendor.url, scope=scope))
    assert [used.rpartition("-")[2] for used in vendor.used] == ["1", "1", "2", "2"]


@pytest.mark.parametrize("rotates", [False, True])
async def test_a_kept_token_that_the_vendor_refuses_costs_one_login_and_is_not_handed_out_again(
    opened, vendor, cache, rotates
):
    async with opened(token_cache=cache, rotates=rotates) as account:
        await use(account)
    vendor.alive.clear()
    for _ in range(2):
        async with opened(token_cache=cache, rotates=rotates) as account:
            await use(account)
    assert len(vendor.logins) == 2
    assert ("refresh" in vendor.logins[1]) is rotates
    assert [token[-1] for token in vendor.used] == ["1", "1", "2", "2"]


async def test_two_kept_tokens_that_are_refused_one_after_the_other_still_lead_to_a_login(opened, vendor, cache):
    async with opened(token_cache=cache) as one, opened(token_cache=cache) as two:
        await use(one)
        await use(two)
        vendor.alive.clear()
        await use(one)
        vendor.alive.clear()
        await use(two)
    assert len(vendor.logins) == 3
    assert [token[-1] for token in vendor.used] == ["1", "1", "1", "2", "1", "2", "3"]


async def test_a_pair_that_another_manager_rotated_is_found_in_the_cache(opened, vendor, cache):
    async with opened(token_cache=cache, rotates=True) as one, opened(token_cache=cache, rotates=True) as two:
        await use(one)
        await use(two)
        vendor.alive.clear()
        await use(two)
        await use(one)
    assert len(vendor.logins) == 2


class Crash(Exception):
    """The program's own."""


async def test_an_error_that_leaves_the_block_loses_no_pair_that_is_just_being_rotated(opened, vendor, cache):
    """Nothing is waited for then, but the old pair is worthless once the vendor has answered, and the account locked out."""
    vendor.hesitates = asyncio.Event()
    with pytest.raises(Crash):
        async with opened(token_cache=cache, rotates=True) as account:
            await use(account)
            vendor.alive.clear()
            call = asyncio.create_task(use(account))
            await vendor.asked.wait()
            asyncio.get_running_loop().call_soon(vendor.hesitates.set)  # the manager is closing by then
            raise Crash
    with pytest.raises(SessionClosed):
        await call

    async with opened(token_cache=cache, rotates=True) as account:
        await use(account)
    assert vendor.logins == [CREDENTIALS, {"refresh": f"{CANARY}-refresh-1"}]


async def test_closing_is_cut_short_by_a_cancellation_although_a_pair_is_being_rotated(opened, vendor, cache):
    vendor.hesitates = asyncio.Event()
    async with opened(token_cache=cache, rotates=True) as account:
        await use(account)
        vendor.alive.clear()
        call = asyncio.create_task(use(account))
        await vendor.asked.wait()
        closing = asyncio.create_task(account.account._gate.close(grace=0))
        await asyncio.wait([call])  # who waited for the token is told at once
        assert not closing.done()

        closing.cancel()
        async with asyncio.timeout(5):
            await asyncio.wait([closing])
        assert isinstance(call.exception(), SessionClosed)
        vendor.hesitates.set()


async def test_a_static_token_is_never_written(rig, tmp_path):
    async with rig() as r:
        sessions = await r.manager(token_cache=FileTokenCache(tmp_path / "tokens"))
        await r.open(sessions).impuesto.list().first()
    assert list(tmp_path.iterdir()) == []


async def test_a_folder_that_is_open_to_others_is_one_clear_error(opened, vendor, cache, tmp_path):
    (tmp_path / "tokens").mkdir(mode=0o755)
    async with opened(token_cache=cache) as account:
        with pytest.raises(ConfigError, match="chmod 700"):
            await use(account)
    assert vendor.logins == []


@pytest.mark.parametrize("first", [True, False])
async def test_a_refused_login_says_why_also_after_the_credentials_were_read_again(opened, vendor, first):
    async with opened() as account:
        if not first:
            await use(account)
            vendor.alive.clear()
        vendor.password = "another"
        with pytest.raises(CredentialsRejected, match="the client secret is wrong") as raised:
            await use(account)
    error = raised.value
    assert ("reading the credentials again gave the same ones" in error.message) is not first
    assert (error.status, error.code, error.operation) == (401, "invalid_client", "impuesto.list")
    assert error.hint == (None if first else "look at the screen of keys")
    assert len(vendor.logins) == (1 if first else 2)


async def test_a_login_counts_in_the_windows_that_hold_under_the_settings(vendor):
    async with SessionManager(coordinator=MemoryCoordinator()) as sessions:
        await use(sessions.open(Passport, CREDENTIALS, base_url=vendor.url, limit=600))
        (status,) = sessions.status().values()
    assert status["queue"]["windows"] == [{"limit": 600, "per": 60, "taken": 2}]


async def test_a_login_that_was_lost_counts_until_the_vendor_must_be_done_with_it(vendor, manual_clock):
    def waiting() -> int:
        return sum(queue.admission.waiting() for queue in coordinator._queues.values())

    coordinator, retry = MemoryCoordinator(manual_clock), RetryPolicy(attempts=1, base=0)
    vendor.breaks = 1
    async with SessionManager(coordinator=coordinator, clock=manual_clock, retry=retry) as sessions:
        account = sessions.open(Passport, CREDENTIALS, base_url=vendor.url, limit=1, settle=30)
        with pytest.raises(RequestError):
            await use(account)

        call = asyncio.create_task(use(account))
        await manual_clock.advance(30 + 60 - 0.1)
        assert waiting() == 1
        await manual_clock.advance(0.2)
        assert waiting() == 0

        call.cancel()
        await asyncio.wait([call])


async def test_an_address_may_come_from_a_setting_and_one_given_goes_before_it(vendor):
    host = urllib.parse.urlsplit(vendor.url).netloc
    async with SessionManager(coordinator=MemoryCoordinator()) as sessions:
        await use(sessions.open(Passport, CREDENTIALS, instance=host))
        assert sessions.open(Passport, CREDENTIALS, account="b", instance="x", base_url=vendor.url)
        with pytest.raises(ConfigError, match="passport has no address of its own; give base_url="):
            sessions.open(Passport, CREDENTIALS, account="c")
    assert len(vendor.logins) == 1


async def test_opening_again_with_another_setting_takes_the_authentication_that_holds_under_it(vendor):
    async with SessionManager(coordinator=MemoryCoordinator()) as sessions:
        one = sessions.open(Passport, CREDENTIALS, base_url=vendor.url)
        two = sessions.open(Passport, CREDENTIALS, base_url=vendor.url, rotates=True)
        assert [account.account._authoriser._auth.rotates for account in (one, two)] == [False, True]
        await use(one)
        await use(two)
    assert len(vendor.logins) == 1


async def test_no_token_comes_to_light(opened, vendor, cache, tmp_path, caplog):
    caplog.set_level(logging.DEBUG)
    async with opened(token_cache=cache, rotates=True) as account:
        await use(account)
        vendor.alive.clear()
        vendor.issued += 1  # the refresh token is spent
        vendor.password = "another"
        with pytest.raises(CredentialsRejected) as raised:
            await use(account)
        assert CANARY not in f"{raised.value!r} {raised.value} {vars(raised.value)}"
        assert CANARY not in repr(account.account._authoriser.slot.latest)
    assert CANARY not in caplog.text
    assert not any(CANARY in path.name for path in (tmp_path / "tokens").iterdir())
