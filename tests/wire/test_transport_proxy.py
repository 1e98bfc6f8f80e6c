"""Proxies, and sessions and connectors that belong to somebody else."""

from __future__ import annotations

import asyncio
import ssl
from contextlib import asynccontextmanager

import aiohttp
import pytest

from sagicc_async import ConfigError, DeadlineExceeded, LateOutcome, MemoryCoordinator, OutcomeUnknown, SessionManager
from sagicc_async.wire.failure import ExchangeError
from sagicc_async.wire.transport import Progress


@pytest.fixture
async def proxy(http_server, answer_bytes):
    async with http_server(answer_bytes(b'"by proxy"')) as server:
        yield server


async def test_a_proxy_that_is_set_is_used(sender, proxy):
    async with sender("http://localhost:1", proxy=proxy.url) as send:
        assert (await send("POST", "/x?a=b")).json() == "by proxy"
        (heard,) = proxy.heard
        assert (heard.method, heard.target) == ("POST", "http://localhost:1/x?a=b")


async def test_proxies_of_the_environment_are_used_on_request_only(sender, proxy, monkeypatch, unused_tcp_port):
    monkeypatch.setenv("http_proxy", proxy.url)
    monkeypatch.delenv("no_proxy", raising=False)
    async with sender("http://vendor.localhost:1", trust_env=True) as send:
        assert (await send()).json() == "by proxy"
    async with sender(f"http://127.0.0.1:{unused_tcp_port}") as send:
        with pytest.raises(ExchangeError, match="cannot connect"):
            await send()
    assert len(proxy.heard) == 1


@pytest.mark.parametrize(
    ("named", "passed_by"), [("127.0.0.1", True), ("127.0.0.1:{port}", True), ("127.0.0.1:1", False)]
)
async def test_a_host_that_the_environment_excepts_is_reached_without_a_proxy(
    sender, proxy, monkeypatch, http_server, answer_bytes, *, named, passed_by
):
    monkeypatch.setenv("http_proxy", proxy.url)
    async with http_server(answer_bytes(b'"vendor"')) as vendor:
        monkeypatch.setenv("no_proxy", named.format(port=vendor.url.rpartition(":")[2]))
        async with sender(vendor.url, trust_env=True) as send:
            assert (await send()).json() == ("vendor" if passed_by else "by proxy")


NO_PROXIES = [
    "socks5://u:hidden@host:1",
    "host:3128",
    "hidden",
    "http://",
    "http://host:99999",
    "http://[::1",
    "http://a b",
    "",
]


@pytest.mark.parametrize("url", NO_PROXIES)
def test_what_is_no_http_proxy_is_refused_before_anything_is_sent_and_not_quoted(url):
    with pytest.raises(ConfigError, match=r"proxy= is no URL of an HTTP proxy, .*connector") as raised:
        SessionManager(proxy=url)
    assert "hidden" not in str(raised.value)


async def test_a_proxy_of_the_environment_may_lack_its_scheme_and_a_wrong_one_is_told_of_at_once(
    sender, proxy, monkeypatch
):
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.setenv("http_proxy", proxy.url.removeprefix("http://"))
    async with sender("http://vendor.localhost:1", trust_env=True) as send:
        assert (await send()).json() == "by proxy"
    monkeypatch.setenv("https_proxy", "socks5://u:hidden@host:1")
    async with sender("", trust_env=True) as send:
        with pytest.raises(ConfigError, match="https_proxy in the environment is no URL of an HTTP proxy") as raised:
            send.transport.check_base_url("https://vendor.example")
        assert "hidden" not in str(raised.value)


async def test_a_netrc_file_does_not_replace_the_accounts_credentials(sender, proxy, monkeypatch, tmp_path):
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login somebody password else\n")
    monkeypatch.setenv("NETRC", str(netrc))
    async with sender(proxy.url, trust_env=True) as send:
        assert (await send()).ok
        assert proxy.heard[0].headers["authorization"] == "Bearer canary-token"


@pytest.mark.parametrize("status", [403, 407, 502])
async def test_a_proxy_sees_no_credentials_of_a_secure_request_and_its_refusal_is_clear(
    sender, http_server, answer_bytes, status
):
    async with http_server(answer_bytes(status=status)) as proxy:
        async with sender("https://vendor.example", proxy=proxy.url) as send:
            progress = Progress()
            with pytest.raises(ExchangeError, match="proxy cannot be reached or refuses") as raised:
                await send("POST", progress=progress)
            assert raised.value.hint == "check the proxy setting"
            assert not progress.sent
        assert proxy.heard[0].method == "CONNECT"
        assert all(heard.headers.keys().isdisjoint({"authorization", "secretkey"}) for heard in proxy.heard)


async def test_a_proxy_that_is_not_there(sender, unused_tcp_port):
    async with sender("https://vendor.example", proxy=f"http://user:hidden@127.0.0.1:{unused_tcp_port}") as send:
        progress = Progress()
        with pytest.raises(ExchangeError, match="proxy cannot be reached") as raised:
            await send("POST", progress=progress)
        assert not progress.sent
        assert "hidden" not in repr(raised.value)


async def test_a_session_of_the_users_own_is_used_and_stays_open(rig):
    async with rig() as r, aiohttp.ClientSession(headers={"X-Mine": "1"}, raise_for_status=True) as http:
        async with SessionManager(http=http, coordinator=MemoryCoordinator()) as sessions:
            account = r.open(sessions)
            assert await account.impuesto.list().first()
            await account.centro_costo.create({"codigo": "a", "abreviatura": "a", "descripcion": "x"})
        assert not http.closed
        assert {entry.headers["X-Mine"] for entry in r.vendor.requests} == {"1"}


async def test_a_connector_of_the_users_own_is_used_and_stays_open(rig):
    connector = aiohttp.TCPConnector(limit=1)
    try:
        async with rig() as r, SessionManager(connector=connector, coordinator=MemoryCoordinator()) as sessions:
            assert await r.open(sessions).impuesto.list().first()
            assert connector._conns
        assert not connector.closed
    finally:
        await connector.close()


async def test_what_would_be_ignored_beside_a_session_or_connector_of_the_users_own_is_refused():
    context = ssl.create_default_context()
    async with aiohttp.TCPConnector() as connector, aiohttp.ClientSession() as http:
        for given in ({"connector": connector}, {"http": http}):
            with pytest.raises(ConfigError, match=r"aiohttp\.TCPConnector\(ssl="):
                SessionManager(ssl=context, **given)
        with pytest.raises(ConfigError, match="http= or connector="):
            SessionManager(connector=connector, http=http)


@pytest.mark.parametrize(("limit", "places"), [(20, 10), (500, 190), (0, 190), (5, 1)])
async def test_bulk_work_leaves_room_for_people_on_a_connector_of_the_users_own(sender, limit, places):
    async with aiohttp.TCPConnector(limit=limit) as connector, aiohttp.ClientSession(connector=connector) as http:
        assert SessionManager(connector=connector).bulk_connections == places
        assert SessionManager(http=http).bulk_connections == places
        async with sender("", connector=connector) as send:
            assert send.transport.room._places._value == places


async def test_a_middleware_of_the_users_own_session_is_kept(rig):
    seen = []

    async def middleware(request, handler):
        seen.append(request.method)
        return await handler(request)

    async with (
        rig() as r,
        aiohttp.ClientSession(middlewares=(middleware,)) as http,
        SessionManager(http=http, coordinator=MemoryCoordinator()) as sessions,
    ):
        await r.open(sessions).impuesto.list().first()
    assert seen == ["GET"]


def test_a_manager_of_a_users_own_session_shows_no_secret_of_it():
    manager = SessionManager(proxy="http://user:hidden@proxy:1")
    assert "hidden" not in repr(manager)
    assert "hidden" not in repr(manager._wire)


@asynccontextmanager
async def at_work(r, call, **options):
    """A call through a session of the user's own, while the vendor works on it; it is let go at the end."""
    async with (
        aiohttp.ClientSession() as http,
        SessionManager(http=http, coordinator=r.coordinator) as sessions,
    ):
        late = []
        sessions.on(late.append)
        r.vendor.fault("hold")
        task = asyncio.create_task(call(r.open(sessions, **options)))
        await r.vendor.until(lambda stats: stats.in_flight == 1)
        yield task, late
        r.vendor.clear_faults()


async def test_a_cancelled_caller_of_a_users_own_session_leaves_its_token_taken(rig):
    async with rig() as r, at_work(r, lambda serpi: serpi.impuesto.list().first()) as (task, late):
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        second = asyncio.create_task(r.serpi.bodega.list().first())
        for _ in range(20):
            await asyncio.sleep(0)
        assert r.arrived("GET") == 1  # the vendor is at work: nobody else may start
        r.vendor.clear_faults()
        assert await second
        assert (r.vendor.stats.overlaps, r.vendor.stats.max_in_flight) == (0, 1)
        assert [event.outcome for event in late if isinstance(event, LateOutcome)] == ["ok"]


async def test_a_write_through_a_users_own_session_is_of_unknown_outcome_past_its_deadline(rig, new_record):
    async with rig() as r, at_work(r, lambda serpi: serpi.centro_costo.create(new_record(), deadline=0.2)) as (task, _):
        with pytest.raises(OutcomeUnknown) as raised:
            await task
        assert isinstance(raised.value.__cause__, DeadlineExceeded)


async def test_a_users_own_session_that_cannot_connect_has_sent_nothing(sender, unused_tcp_port):
    async with aiohttp.ClientSession() as http, sender(f"http://127.0.0.1:{unused_tcp_port}", http=http) as send:
        progress = Progress()
        with pytest.raises(ExchangeError, match="cannot connect"):
            await send("POST", progress=progress)
        assert not progress.sent
