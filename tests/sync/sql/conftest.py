"""An empty database of either kind, and sinks into it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest

from sagicc_async.sync.sql import DatabaseSink

from ...servers.fixtures import postgres, postgres_url, proxy, servers

__all__ = ["postgres", "postgres_url", "proxy", "servers"]


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of an empty database."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'mirror.db'}"
    return request.getfixturevalue("postgres").url


@pytest.fixture
async def open_sink(url: str) -> AsyncIterator[Callable[..., Any]]:
    """Open sinks into the database: `sink = await open_sink(ddl=False)`."""
    async with AsyncExitStack() as stack:

        async def open_(**settings: Any) -> DatabaseSink:
            return await stack.enter_async_context(DatabaseSink(settings.pop("url", url), **settings))

        yield open_
