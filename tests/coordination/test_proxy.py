"""The fault proxy: each thing that it does to a connection, seen from both ends."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import time
from types import SimpleNamespace

import pytest

SILENCE = 0.05


@pytest.fixture
async def echo():
    """A server that sends back what it gets; `heard` is what each of its connections got, `ended` counts those that ended."""
    seen = SimpleNamespace(heard=[], ended=0)
    tasks = []

    async def answer(reader, writer):
        heard = bytearray()
        seen.heard.append(heard)
        with contextlib.suppress(OSError), contextlib.closing(writer):
            while data := await reader.read(4096):
                heard.extend(data)
                writer.write(data)
                await writer.drain()
        seen.ended += 1

    def accept(reader, writer):
        tasks.append(asyncio.create_task(answer(reader, writer)))

    server = await asyncio.start_server(accept, "127.0.0.1", 0)
    seen.port = server.sockets[0].getsockname()[1]
    yield seen
    server.close()
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


@contextlib.asynccontextmanager
async def connected(network):
    reader, writer = await asyncio.open_connection("127.0.0.1", network.port)
    try:
        yield reader, writer
    finally:
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()


async def until(condition):
    async with asyncio.timeout(5):
        while not condition():
            await asyncio.sleep(0.001)


async def silent(reader):
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(SILENCE):
            await reader.read(100)
            return False
    return True


async def test_what_is_sent_arrives_either_way_whole_and_in_order(proxy, echo):
    network = await proxy(echo, latency=0.001)
    sent = bytes(range(256)) * 4000
    async with connected(network) as (reader, writer):
        writer.write(sent)
        assert await reader.readexactly(len(sent)) == sent
    assert echo.heard == [sent]


async def test_latency_is_added_each_way_but_not_to_each_piece_in_turn(proxy, echo):
    network = await proxy(echo, latency=0.05)
    async with connected(network) as (reader, writer):
        since = time.monotonic()
        for letter in b"abcdefgh":
            writer.write(bytes([letter]))
            await asyncio.sleep(0.001)
        assert await reader.readexactly(8) == b"abcdefgh"
    assert 0.1 <= time.monotonic() - since < 0.3


async def test_the_end_of_one_side_reaches_the_other(proxy, echo):
    network = await proxy(echo)
    async with connected(network) as (reader, writer):
        writer.write(b"last words")
        writer.write_eof()
        assert await reader.read() == b"last words"
    await until(lambda: echo.ended == 1 and network.connections == 0)


async def test_what_was_sent_before_the_end_arrives_also_at_a_reader_that_takes_its_time(proxy, echo):
    network = await proxy(echo)
    sent = bytes(range(256)) * 4000
    with socket.socket() as narrow:
        narrow.setsockopt(
            socket.SOL_SOCKET, socket.SO_RCVBUF, 4096
        )  # so that much of it is still on its way at the end
        narrow.setblocking(False)
        await asyncio.get_running_loop().sock_connect(narrow, ("127.0.0.1", network.port))
        reader, writer = await asyncio.open_connection(sock=narrow, limit=1024)
        writer.write(sent)
        writer.write_eof()
        with contextlib.closing(writer):
            assert len(await reader.read()) == len(sent)


async def test_a_reset_cut_is_an_error_to_the_client_and_the_end_to_the_server(proxy, echo):
    network = await proxy(echo)
    async with connected(network) as (reader, writer):
        writer.write(b"word")
        await reader.readexactly(4)
        network.cut()
        with pytest.raises(ConnectionResetError):
            await reader.read()
    await until(lambda: echo.ended == 1)


async def test_a_cut_in_order_is_the_end_of_the_stream(proxy, echo):
    network = await proxy(echo)
    async with connected(network) as (reader, writer):
        writer.write(b"word")
        await reader.readexactly(4)
        network.cut(reset=False)
        assert await reader.read() == b""
    await until(lambda: echo.ended == 1)


@pytest.mark.parametrize("size", [0, 3])
async def test_a_cut_on_the_way_there_lets_so_many_bytes_through_and_no_answer(proxy, echo, size):
    network = await proxy(echo)
    async with connected(network) as (reader, writer):
        await until(lambda: network.connections == 1)
        network.cut_after(size, "there")
        writer.write(b"question")
        with contextlib.suppress(ConnectionResetError):
            assert await reader.read() == b""
    await until(lambda: echo.ended == 1)
    assert echo.heard == [b"question"[:size]]


@pytest.mark.parametrize("size", [0, 3])
async def test_a_cut_on_the_way_back_lets_the_server_hear_all(proxy, echo, size):
    network = await proxy(echo)
    async with connected(network) as (reader, writer):
        network.cut_after(size, "back")
        writer.write(b"question")
        assert await reader.read() == b"question"[:size]
    await until(lambda: echo.ended == 1)
    assert echo.heard == [b"question"]


async def test_after_a_cut_a_new_connection_is_as_good_as_any(proxy, echo):
    network = await proxy(echo)
    network.cut_after(2, "back")
    async with connected(network) as (reader, writer):
        writer.write(b"lost")
        await reader.read()
    async with connected(network) as (reader, writer):
        writer.write(b"found")
        assert await reader.readexactly(5) == b"found"
    assert network.accepted == 2


async def test_a_half_open_connection_swallows_all_and_shows_nothing(proxy, echo):
    network = await proxy(echo)
    async with connected(network) as (reader, writer):
        writer.write(b"before")
        await reader.readexactly(6)
        network.swallows = True
        writer.write(b"after")
        assert await silent(reader)
    assert echo.heard == [b"before"]
    assert echo.ended == 0


async def test_a_pause_only_holds_back(proxy, echo):
    network = await proxy(echo)
    async with connected(network) as (reader, writer):
        network.pause()
        writer.write(b"late")
        assert await silent(reader)
        assert echo.heard in ([], [b""])
        network.resume()
        assert await reader.readexactly(4) == b"late"


async def test_a_proxy_that_refuses_resets_new_connections_only(proxy, echo):
    network = await proxy(echo)
    async with connected(network) as (old, writer):
        writer.write(b"old")
        await old.readexactly(3)
        network.refuses = True
        async with connected(network) as (reader, _):
            with contextlib.suppress(ConnectionResetError):
                assert await reader.read() == b""
        writer.write(b"as well as ever")
        assert await old.readexactly(15) == b"as well as ever"
    assert len(echo.heard) == 1


async def test_a_server_that_is_away_ends_the_connection(proxy):
    network = await proxy(SimpleNamespace(port=1))
    async with connected(network) as (reader, _):
        with contextlib.suppress(ConnectionResetError):
            assert await reader.read() == b""


async def test_an_address_is_rewritten_to_go_through_it(proxy, echo):
    network = await proxy(echo)
    assert network.url(f"redis://user:word@127.0.0.1:{echo.port}/3") == f"redis://user:word@127.0.0.1:{network.port}/3"
