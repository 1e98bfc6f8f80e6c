"""Whatever a vendor or the network does, an exchange ends, in our own words, and says whether a byte may be out."""

from __future__ import annotations

import asyncio
import gzip
import socket
import ssl
import tracemalloc
from importlib.metadata import version
from pathlib import Path

import aiohttp
import pytest

from sagicc_async import MemoryCoordinator, NotSent, OutcomeUnknown, SessionManager
from sagicc_async.testing import mocked_responses
from sagicc_async.wire.failure import ExchangeError
from sagicc_async.wire.limits import Timeouts
from sagicc_async.wire.transport import Progress
from sagicc_async_serpi import Serpi

CERTIFICATE = Path(__file__).with_name("self_signed.pem")  # for `localhost`, until 2126; made for these tests alone
MEGABYTE = 1_000_000
# aiohttp before 3.14 unpacks all that one read of the socket brought; ours is the limit over all of them.
UNPACKED_AT_ONCE = (20 if version("aiohttp") >= "3.14" else 100) * MEGABYTE


async def broken(send, method="GET", *, match, sent=True, **expected):
    """The request must fail, with this reason, and know whether it was sent."""
    progress = Progress()
    with pytest.raises(ExchangeError, match=match) as raised:
        await send(method, progress=progress)
    assert progress.sent is sent
    for name, value in expected.items():
        assert getattr(raised.value, name) == value
    assert raised.value.__cause__ is None
    assert raised.value.__context__ is None
    return raised.value


async def test_a_body_beyond_the_limit_is_refused_by_its_announcement(sender, http_server):
    async def answer(heard, writer):
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 300000000\r\n\r\n")  # not a byte of it follows

    async with http_server(answer) as server, sender(server.url, max_body=MEGABYTE) as send:
        await broken(send, match="larger than 1,000,000 bytes", retry=False, broken=True)


async def test_the_adapter_may_know_what_to_do_about_a_body_beyond_the_limit(sender, http_server, answer_bytes):
    async with http_server(answer_bytes(bytes(3 * MEGABYTE))) as server, sender(server.url, max_body=MEGABYTE) as send:
        with pytest.raises(ExchangeError, match="larger than") as raised:
            await send(if_too_large="ask for less")
        assert raised.value.hint == "ask for less"


async def test_a_body_beyond_the_limit_is_cut_where_nothing_was_announced(sender, http_server):
    async def answer(heard, writer):
        writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        while not writer.is_closing():
            writer.write(b"10000\r\n" + b" " * 65536 + b"\r\n")
            await writer.drain()

    async with http_server(answer) as server, sender(server.url, max_body=MEGABYTE) as send:
        await broken(send, match="larger than", retry=False)


async def test_the_limit_counts_what_is_unpacked_and_a_bomb_costs_little_memory(sender, http_server, answer_bytes):
    bomb = answer_bytes(gzip.compress(bytes(200 * MEGABYTE), 1), content_encoding="gzip")
    async with http_server(bomb) as server, sender(server.url, max_body=MEGABYTE) as send:
        tracemalloc.start()
        try:
            await broken(send, match="larger than", retry=False)
            assert tracemalloc.get_traced_memory()[1] < UNPACKED_AT_ONCE
        finally:
            tracemalloc.stop()


async def test_an_announcement_without_a_body_is_not_too_large(sender, http_server):
    answer = b"HTTP/1.1 200 OK\r\nContent-Length: 300000000\r\n\r\n"
    async with http_server(answer) as server, sender(server.url, max_body=MEGABYTE) as send:
        assert (await send("HEAD")).body == b""


async def test_a_body_of_exactly_the_limit_passes(sender, http_server, answer_bytes):
    async with http_server(answer_bytes(b" " * MEGABYTE)) as server, sender(server.url, max_body=MEGABYTE) as send:
        assert len((await send()).body) == MEGABYTE


async def test_a_body_that_cannot_be_unpacked_is_no_answer(sender, http_server, answer_bytes):
    answer = answer_bytes(b"not gzip at all", content_encoding="gzip")
    async with http_server(answer) as server, sender(server.url) as send:
        await broken(send, match="cut off or cannot be decompressed")


@pytest.mark.parametrize(
    ("answered", "reason"),
    [
        (b"", "connection (broke|was dropped)"),
        (b"HTTP/1.1 200 OK\r\nContent-Le", "connection (broke|was dropped)"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf", "cut off"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n", "cut off"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", "cut off|not HTTP"),
        (b"SSH-2.0-OpenSSH_9.6\r\n\r\n", "not HTTP"),
        (b"HTTP/1.1 200 OK\r\nX: " + b"x" * 20_000 + b"\r\n\r\n", "not HTTP"),
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_half_an_answer_is_no_answer(sender, http_server, method, answered, reason):
    async def answer(heard, writer):
        writer.write(answered)
        writer.close()

    async with http_server(answer) as server, sender(server.url) as send:
        await broken(send, method, match=reason, answered=False)
        assert len(server.heard) == 1


async def test_a_connection_that_is_dropped_at_once_counts_as_sent(sender):
    async with await asyncio.start_server(lambda _, writer: writer.close(), "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        async with sender(f"http://127.0.0.1:{port}") as send:
            await broken(send, "POST", match="connection broke")


@pytest.mark.parametrize(
    ("error", "sent"),
    [
        (TimeoutError(), True),
        (ConnectionResetError(), True),
        (aiohttp.ServerDisconnectedError(), True),
        (aiohttp.SocketTimeoutError(), True),
        (aiohttp.ClientOSError(104, "reset"), True),
        (aiohttp.ClientPayloadError(), True),
        (aiohttp.ClientResponseError(None, ()), True),
        (aiohttp.ConnectionTimeoutError(), False),
        (aiohttp.ClientConnectionError("Connector is closed."), False),
        (aiohttp.InvalidURL("x"), False),
    ],
    ids=lambda value: None if isinstance(value, bool) else type(value).__name__,
)
async def test_a_mocked_failure_counts_as_sent_unless_it_is_one_of_connecting(sender, error, sent):
    with mocked_responses() as mocked:
        mocked.post("https://vendor.example/", exception=error)
        async with sender("https://vendor.example") as send:
            await broken(send, "POST", match=".", sent=sent)


async def test_a_write_whose_answer_is_mocked_to_time_out_is_not_sent_again():
    with mocked_responses() as mocked:
        mocked.post("https://erp.example/api/CentroCosto", timeout=True, repeat=True)
        async with SessionManager(coordinator=MemoryCoordinator()) as sessions:
            serpi = sessions.open(Serpi, {"token": "t", "secretkey": "s"}, base_url="https://erp.example/api")
            with pytest.raises(OutcomeUnknown):
                await serpi.request("POST", "CentroCosto", json={})
        (sent,) = mocked.requests.values()
        assert len(sent) == 1


async def test_a_drip_ends_by_the_total_and_silence_by_the_read_limit(sender, http_server):
    async def drip(heard, writer):
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n")
        while not writer.is_closing():
            writer.write(b"x")  # one a turn of the loop
            await asyncio.sleep(0)

    async def silent(heard, writer):
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nx")
        await asyncio.Event().wait()

    clock = asyncio.get_running_loop().time
    for answer, limits, reason in (
        (drip, Timeouts(total=0.2, read=0.1), "no complete answer within 0.2 s"),
        (silent, Timeouts(total=5, read=0.1), "silent for 0.1 s"),
    ):
        async with http_server(answer) as server, sender(server.url, timeouts=limits) as send:
            began = clock()
            error = await broken(send, match=reason)
            assert 0.1 <= clock() - began < 1
            assert "raise timeouts." in error.hint


async def test_a_total_that_passes_before_there_is_a_connection_was_not_sent(sender, http_server, answer_bytes):
    arrived, go_on = asyncio.Event(), asyncio.Event()

    async def answer(heard, writer):
        arrived.set()
        await go_on.wait()
        writer.write(answer_bytes())

    limits = Timeouts(total=0.3)
    async with http_server(answer) as server, sender(server.url, max_connections=2, timeouts=limits) as send:
        # Without a time of their own: when it was over, a connection would be free a moment before ours is.
        holders = [asyncio.ensure_future(send.transport._session.get(server.url)) for _ in range(2)]
        await arrived.wait()
        await broken(send, match="no complete answer", sent=False)
        go_on.set()
        for holder in holders:
            (await holder).release()


async def test_nobody_listens(sender, unused_tcp_port):
    async with sender(f"http://127.0.0.1:{unused_tcp_port}") as send:
        error = await broken(send, "POST", match="cannot connect to 127.0.0.1: Connection refused", sent=False)
        assert error.hint == "check base_url and the network"


async def test_an_unknown_host(sender, monkeypatch):
    async def nowhere(*_, **__):
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", nowhere)
    async with sender("https://vendor.invalid") as send:
        await broken(send, match="host name vendor.invalid cannot be resolved", sent=False)


@pytest.fixture
def certified():
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTIFICATE)
    return context


async def test_a_certificate_that_nobody_vouches_for_is_refused_with_a_way_out(
    sender, http_server, answer_bytes, certified
):
    async with http_server(answer_bytes(), ssl=certified) as server:
        url = server.url.replace("127.0.0.1", "localhost")
        async with sender(url) as send:
            error = await broken(send, "POST", match="certificate of localhost is not trusted", sent=False, retry=False)
            assert "SessionManager(ssl=" in error.hint
        trusting = ssl.create_default_context(cafile=str(CERTIFICATE))
        async with sender(url, ssl=trusting) as send:
            assert (await send("POST")).ok
        async with sender(server.url, ssl=trusting) as send:  # a good certificate, for another name
            await broken(send, match="certificate of 127.0.0.1 is not trusted", sent=False)
        assert len(server.heard) == 1


async def test_tls_where_none_is_spoken(sender, answer_bytes):
    async def answer_anything(reader, writer):
        await reader.read(100)
        writer.write(answer_bytes(status=400))
        writer.close()

    async with (
        await asyncio.start_server(answer_anything, "127.0.0.1", 0) as server,
        sender(f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}") as send,
    ):
        await broken(send, "POST", match="cannot connect to 127.0.0.1: TLS", sent=False)


async def test_a_manager_makes_one_line_of_it(http_server, answer_bytes, certified):
    async with http_server(answer_bytes(), ssl=certified) as server, SessionManager() as sessions:
        serpi = sessions.open(Serpi, {"token": "t", "secretkey": "s"}, base_url=server.url + "/api")
        with pytest.raises(NotSent) as raised:
            await serpi.impuesto.list().first()
        assert "\n" not in str(raised.value)
        assert raised.value.attempts == 1
