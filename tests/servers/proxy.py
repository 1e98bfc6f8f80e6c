"""A proxy between a client and a server that does to their connections what networks do."""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final, Literal

import attrs

#: To the server, or back to the client.
Direction = Literal["there", "back"]

#: Close at once, and send a reset instead of what is still under way.
_RESET: Final = struct.pack("ii", 1, 0)


@attrs.define(eq=False)
class Proxy:
    """
    A TCP proxy on 127.0.0.1 with a port of its own; what is set holds for open connections too.

    Args:
        target: The port of the server, on 127.0.0.1.
        latency: Seconds that each piece of data takes, each way; how much there is makes no difference.
        refuses: Whether new connections are reset at once.
        swallows: Whether what is sent, either way, never arrives, though the connections seem well (half-open).
    """

    target: int
    latency: float = 0.0
    refuses: bool = False
    swallows: bool = False
    port: int = attrs.field(default=0, init=False)
    #: Connections that were accepted, refused ones too.
    accepted: int = attrs.field(default=0, init=False)
    _pairs: set[_Pair] = attrs.field(factory=set, init=False)
    _flowing: asyncio.Event = attrs.field(factory=asyncio.Event, init=False)
    _cut_after: dict[Direction, int] = attrs.field(factory=dict, init=False)
    _tasks: set[asyncio.Task[None]] = attrs.field(factory=set, init=False)

    @property
    def connections(self) -> int:
        """How many are open."""
        return len(self._pairs)

    @asynccontextmanager
    async def serving(self) -> AsyncIterator[Proxy]:
        """Accept connections for the length of the block."""
        self._flowing.set()
        listener = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        self.port = listener.sockets[0].getsockname()[1]
        try:
            yield self
        finally:
            listener.close()
            self.cut()
            self._flowing.set()
            for task in tuple(self._tasks):
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)
            await listener.wait_closed()

    def url(self, url: str) -> str:
        """A server's address as it is through this proxy."""
        return url.replace(f":{self.target}", f":{self.port}", 1)

    def cut(self, *, reset: bool = True) -> None:
        """End all connections: with a reset, or in order (both sides read the end of the stream)."""
        for pair in tuple(self._pairs):
            pair.end(reset=reset)

    def cut_after(self, size: int, direction: Direction) -> None:
        """End the connection over which more than `size` bytes from now on would go this way, after just so many."""
        self._cut_after[direction] = size

    def pause(self) -> None:
        """Hold back everything until `resume`; nothing gets lost."""
        self._flowing.clear()

    def resume(self) -> None:
        """Let everything go on."""
        self._flowing.set()

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.accepted += 1
        task = asyncio.create_task(self._connect(reader, writer))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _connect(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        pair = _Pair([writer])
        try:
            if not self.refuses:
                behind, ahead = await asyncio.open_connection("127.0.0.1", self.target)
                pair.writers.append(ahead)
                self._pairs.add(pair)
                async with asyncio.TaskGroup() as group:
                    self._carry(group, "there", reader, ahead, pair)
                    self._carry(group, "back", behind, writer, pair)
                pair.end(reset=False)  # both have said that they are done; what is under way still arrives
        except* OSError:
            pass  # the server is away, or one side has left
        finally:
            self._pairs.discard(pair)
            pair.end(reset=True)

    def _carry(
        self,
        group: asyncio.TaskGroup,
        direction: Direction,
        source: asyncio.StreamReader,
        sink: asyncio.StreamWriter,
        pair: _Pair,
    ) -> None:
        """Take one direction's data from here to there, each piece as late as the latency says."""
        loop = asyncio.get_running_loop()
        pieces: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue()

        async def collect() -> None:
            data = b"-"
            while data:
                data = await source.read(65536)
                pieces.put_nowait((loop.time() + self.latency, data))

        async def deliver() -> None:
            data = b"-"
            while data:
                due, data = await pieces.get()
                if due > loop.time():
                    await asyncio.sleep(due - loop.time())
                await self._flowing.wait()
                if not self.swallows:
                    self._pass_on(direction, data, sink, pair)
                    await sink.drain()

        group.create_task(collect())
        group.create_task(deliver())

    def _pass_on(self, direction: Direction, data: bytes, sink: asyncio.StreamWriter, pair: _Pair) -> None:
        left = self._cut_after.get(direction, len(data))
        if len(data) > left:
            del self._cut_after[direction]
            sink.write(data[:left])
            pair.end(reset=False)  # what is before the cut still arrives
            return
        if direction in self._cut_after:
            self._cut_after[direction] -= len(data)
        if data:
            sink.write(data)
        elif not sink.is_closing():
            sink.write_eof()


@attrs.frozen(eq=False)
class _Pair:
    """The two connections that are one to client and server."""

    writers: list[asyncio.StreamWriter]

    def end(self, *, reset: bool) -> None:
        for writer in self.writers:
            if reset and not writer.is_closing():
                _socket(writer).setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
            writer.close()


def _socket(writer: asyncio.StreamWriter) -> socket.socket:
    found: socket.socket = writer.get_extra_info("socket")
    return found
