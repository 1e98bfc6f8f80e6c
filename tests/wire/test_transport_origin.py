"""Credentials go to the account's own origin, whatever an address or a redirect says."""

from __future__ import annotations

import pytest

from sagicc_async import ConfigError
from sagicc_async.wire.failure import ExchangeError
from sagicc_async.wire.request import origin_of
from sagicc_async.wire.transport import Progress


@pytest.fixture
async def elsewhere(http_server, answer_bytes):
    async with http_server(answer_bytes(b'"elsewhere"')) as server:
        yield server


@pytest.fixture
async def home(http_server, answer_bytes):
    async with http_server(answer_bytes(b'"home"', set_cookie="session=abc; Path=/")) as server:
        yield server


async def test_a_whole_url_of_another_origin_is_refused_before_anything_is_sent(sender, home, elsewhere):
    async with sender(home.url) as send:
        port = elsewhere.url.rpartition(":")[2]
        for url in (
            elsewhere.url,
            f"{elsewhere.url}/{home.url}",
            home.url.replace("http:", "https:"),
            home.url.replace("127.0.0.1", "localhost"),
            home.url.replace("http://", "http://user@"),
            f"http://127.0.0.1:{port}",
            home.url + f"@127.0.0.1:{port}/",
            home.url + f"\\@127.0.0.1:{port}/",
            f"http://127.0.0.1:{port}\\@{home.url.removeprefix('http://')}/",
        ):
            with pytest.raises(ConfigError):
                await send(path=url)
        assert (home.heard, elsewhere.connections) == ([], 0)
        assert (await send(path=home.url + "/x?a=b")).json() == "home"


async def test_what_is_sent_and_what_is_pinned_read_an_address_the_same_way(sender, home, elsewhere):
    # Blanks and control characters that one parser strips and another keeps.
    other = elsewhere.url.removeprefix("http://")
    async with sender(home.url) as send:
        for trick in (
            f"\t@{other}",
            f"\n@{other}",
            f"#@{other}",
            f"?@{other}",
            f"/@{other}",
            f"%40{other}",
            f";@{other}",
        ):
            try:
                await send(path=home.url + trick)
            except (ConfigError, ExchangeError):
                continue
        assert elsewhere.connections == 0


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("method", ["GET", "POST", "PUT"])
async def test_a_redirect_to_another_origin_is_never_followed(
    sender, http_server, answer_bytes, elsewhere, *, status, method
):
    async with http_server(answer_bytes(status=status, location=elsewhere.url + "/login")) as home:
        async with sender(home.url) as send:
            progress = Progress()
            with pytest.raises(ExchangeError, match="redirects to") as raised:
                await send(method, "/x", progress=progress)
            assert (raised.value.retry, raised.value.answered, progress.sent) == (False, True, True)
        assert elsewhere.connections == 0
        assert len(home.heard) == 1


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_a_read_follows_a_redirect_inside_the_origin_and_a_write_does_not(
    sender, http_server, answer_bytes, status
):
    async def answer(heard, writer):
        moved = answer_bytes(status=status, location="../there/?a=%2B&b=c%20d")
        writer.write(answer_bytes(b'"there"') if heard.target.startswith("/there") else moved)

    async with http_server(answer) as home, sender(home.url) as send:
        assert (await send("GET", "/from/here")).json() == "there"
        assert [heard.target for heard in home.heard] == ["/from/here", "/there/?a=%2B&b=c%20d"]
        assert home.heard[1].headers["authorization"] == "Bearer canary-token"
        for method in ("POST", "PUT"):
            with pytest.raises(ExchangeError, match="this request is not sent"):
                await send(method, "/from/here")
        assert [heard.method for heard in home.heard[2:]] == ["POST", "PUT"]


async def test_a_read_that_is_to_follow_no_redirect_follows_none(sender, http_server, answer_bytes):
    async with http_server(answer_bytes(status=302, location="/login")) as home, sender(home.url) as send:
        with pytest.raises(ExchangeError, match=r"redirects to .*/login") as raised:
            await send("GET", "/api/caso", redirects=False)
        assert "login page" in raised.value.hint
        assert len(home.heard) == 1


async def test_a_circle_of_redirects_ends(sender, http_server, answer_bytes):
    async with http_server(answer_bytes(status=302, location="/again")) as home, sender(home.url) as send:
        with pytest.raises(ExchangeError, match="circle"):
            await send()
        assert len(home.heard) <= 5


@pytest.mark.parametrize(
    "location",
    ["http://[::1", "http://host:abc/", "mailto:somebody", "//login.invalid/", "https://127.0.0.1/", "javascript:x",
     "http://u:p@127.0.0.1/", "http:///path", "\\\\login.invalid\\x", None],
)  # fmt: skip
async def test_a_redirect_to_nowhere_is_an_error_of_ours_and_a_complete_answer(
    sender, http_server, answer_bytes, location
):
    headers = {} if location is None else {"location": location}
    async with http_server(answer_bytes(status=302, **headers)) as home, sender(home.url) as send:
        with pytest.raises(ExchangeError) as raised:
            await send()
        assert raised.value.answered
        assert all(heard.headers["host"] == home.url.removeprefix("http://") for heard in home.heard)


async def test_cookies_are_never_sent_back(sender, home):
    async with sender(home.url) as send:
        assert "session=abc" in (await send()).headers["Set-Cookie"]
        await send()
        assert all("cookie" not in heard.headers for heard in home.heard)


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "127.8.9.1", "[::1]", "vendor.localhost"])
async def test_plain_http_is_for_this_machine(sender, host):
    async with sender("") as send:
        assert send.transport.check_base_url(f"http://{host}:8080/api").scheme == "http"


@pytest.mark.parametrize(
    "host",
    ["erp.example", "10.0.0.7", "192.168.1.2", "localhost.example", "127.0.0.1.example", "[2001:db8::1]", "0.0.0.0"],
)
async def test_plain_http_to_other_machines_is_refused_unless_it_is_allowed(sender, host):
    async with sender("") as send:
        with pytest.raises(ConfigError, match="allow_http=True"):
            send.transport.check_base_url(f"http://{host}/api?x=secret")
        assert send.transport.check_base_url(f"https://{host}/api") == origin_of(f"https://{host}:443/")
    async with sender("", allow_http=True) as send:
        send.transport.check_base_url(f"http://{host}/api")


async def test_an_account_is_not_opened_at_an_address_that_paths_cannot_be_put_behind(sender):
    async with sender("") as send:
        for url in ("https://erp.example/api?x=1", "https://erp.example/api\n", "https://erp..example"):
            with pytest.raises(ConfigError, match=r"check base_url|params="):
                send.transport.check_base_url(url)
