"""A pooler that hands each transaction to the next of its connections, so that nothing that is set in a session lasts."""

from __future__ import annotations

import asyncio
import itertools
import struct
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import attrs

# Instead of a version a client may ask for encryption first; "N" is no.
_ENCRYPTION = {80877103, 80877104}

_READY = b"Z"
_IDLE = b"I"
_AUTHENTICATED = b"R" + struct.pack("!ii", 8, 0)
_CANCEL_KEY = b"K" + struct.pack("!iii", 12, 1, 1)
_SYNC, _QUERY, _TERMINATE = b"S", b"Q", b"X"


@attrs.define(eq=False)
class TransactionPooler:
    """
    Args:
        target: The port of a PostgreSQL that asks for no password.
        size: How many connections it holds.
    """

    target: int
    size: int = 3
    port: int = 0
    transactions: int = 0
    _idle: deque[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = attrs.field(factory=deque, init=False)
    _free: asyncio.Semaphore = attrs.field(init=False)
    _tasks: set[asyncio.Task[None]] = attrs.field(factory=set, init=False)

    @asynccontextmanager
    async def serving(self) -> AsyncIterator[TransactionPooler]:
        self._free = asyncio.Semaphore(self.size)
        listener = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        self.port = listener.sockets[0].getsockname()[1]
        try:
            yield self
        finally:
            listener.close()
            for task in tuple(self._tasks):
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)
            for _, writer in self._idle:
                writer.close()
            await listener.wait_closed()

    def url(self, url: str) -> str:
        return url.replace(f":{self.target}", f":{self.port}", 1)

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(self._serve(reader, writer))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            startup = await _startup(reader, writer)
            while len(self._idle) < self.size and self.transactions == 0:
                self._idle.append(await _connect(self.target, startup))
            writer.write(_AUTHENTICATED + _parameter("server_version", "18.0") + _parameter("client_encoding", "UTF8"))
            writer.write(_CANCEL_KEY + _message(_READY, _IDLE))
            while True:
                kind, first = await _read(reader)
                if kind == _TERMINATE:
                    return
                await self._transaction(first, kind, reader, writer)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass  # the client has left
        finally:
            writer.close()

    async def _transaction(
        self, first: bytes, kind: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        """One transaction, on the connection that has been idle for longest."""
        async with self._free:
            self.transactions += 1
            server_reader, server = self._idle.popleft()
            try:
                while True:
                    server.write(first)
                    while kind not in (_SYNC, _QUERY):
                        kind, message = await _read(reader)
                        server.write(message)
                    if await _answer(server_reader, writer) == _IDLE:
                        return
                    kind, first = await _read(reader)
            finally:
                self._idle.append((server_reader, server))


async def _answer(server: asyncio.StreamReader, client: asyncio.StreamWriter) -> bytes:
    """Hand on all that the server answers; in what state it is after that."""
    while True:
        kind, message = await _read(server)
        client.write(message)
        if kind == _READY:
            return message[-1:]


async def _connect(port: int, startup: bytes) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(startup)
    kind = b""
    while kind != _READY:
        kind, _ = await _read(reader)
    return reader, writer


async def _startup(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bytes:
    for _ in itertools.count():
        length = await reader.readexactly(4)
        body = await reader.readexactly(int.from_bytes(length) - 4)
        if int.from_bytes(body[:4]) not in _ENCRYPTION:
            break
        writer.write(b"N")
    return length + body


async def _read(reader: asyncio.StreamReader) -> tuple[bytes, bytes]:
    head = await reader.readexactly(5)
    return head[:1], head + await reader.readexactly(int.from_bytes(head[1:]) - 4)


def _message(kind: bytes, body: bytes) -> bytes:
    return kind + struct.pack("!i", len(body) + 4) + body


def _parameter(name: str, value: str) -> bytes:
    return _message(b"S", f"{name}\0{value}\0".encode())
