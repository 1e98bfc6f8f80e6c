"""A transport of one's own, and what it is asked to send."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

import attrs
import pytest

from sagicc_async import Response
from sagicc_async.wire.request import origin_of
from sagicc_async.wire.settings import TransportSettings
from sagicc_async.wire.transport import Outgoing, Progress, Transport

SECRETS = {"Authorization": "Bearer canary-token", "secretkey": "canary-key"}


@attrs.frozen
class Sender:
    """Sends through a transport, each request in a task of its own as the gate does."""

    transport: Transport
    origin: str

    async def __call__(
        self, method: str = "GET", path: str = "/", *, progress: Progress | None = None, **options: Any
    ) -> Response:
        outgoing = Outgoing(
            method=method,
            url=path if "://" in path else self.origin + path,
            origin=origin_of(self.origin),
            headers=SECRETS,
            body=b'{"a":1}' if method in ("POST", "PUT") else None,
            request_id="1",
            **options,
        )
        return await asyncio.create_task(self.transport.exchange(outgoing, progress or Progress()))


@pytest.fixture
def sender() -> Callable[..., AbstractAsyncContextManager[Sender]]:
    @asynccontextmanager
    async def make(origin: str, **settings: Any) -> AsyncIterator[Sender]:
        transport = Transport(TransportSettings(**settings))
        try:
            yield Sender(transport, origin)
        finally:
            await transport.close()

    return make
