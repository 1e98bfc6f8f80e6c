"""Where processes agree, for the length of a run: a folder, or a server that is started for it."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Final
from urllib.parse import urlsplit

import attrs

from tests.servers import PostgresServer, Proxy, ValkeyServer

from .addresses import coordinator

KINDS: Final = ("file", "redis", "postgres")

_SERVERS: Final = {"redis": ValkeyServer, "postgres": PostgresServer}


@attrs.frozen
class Place:
    """
    Where it is agreed.

    Args:
        kind: One of `KINDS`.
        address: Of the coordinator.
    """

    kind: str
    address: str

    @property
    def port(self) -> int | None:
        """Where the server is; `None` where there is none."""
        return urlsplit(self.address).port

    @asynccontextmanager
    async def proxied(self, count: int, latency: float = 0.0) -> AsyncIterator[list[Proxy]]:
        """Proxies before the server, one for each of so many processes; none where there is no server."""
        async with AsyncExitStack() as stack:
            proxies = [Proxy(self.port, latency=latency) for _ in range(count)] if self.port else []
            for proxy in proxies:
                await stack.enter_async_context(proxy.serving())
            yield proxies


@asynccontextmanager
async def place(kind: str, address: str | None = None) -> AsyncIterator[Place]:
    """
    A place that nobody has used before.

    Args:
        kind: One of `KINDS`.
        address: An empty one that is there already.
    """
    if address is not None:
        await _begin(address)
        yield Place(kind, address)
    elif kind in _SERVERS:
        server = await asyncio.to_thread(_SERVERS[kind])
        try:
            await asyncio.to_thread(server.start)
            await _begin(server.url)
            yield Place(kind, server.url)
        finally:
            await asyncio.to_thread(server.close)
    else:
        with tempfile.TemporaryDirectory(prefix="sagicc-async-chaos-") as folder:
            yield Place(kind, f"{kind}:{folder}")


async def _begin(address: str) -> None:
    """Use it once, as whoever sets it up: what is lost from now on is noticed."""
    first = coordinator(address, new=True)
    await first.open()
    await first.close()
