"""
What tests ask for: `valkey` and `postgres`, empty for each test; servers of a test's own; a proxy.

The servers come from `SAGICC_ASYNC_TEST_REDIS` and `SAGICC_ASYNC_TEST_POSTGRES` (addresses of databases that tests may empty), else they are
started, one a process of the test run. Where neither is possible tests are skipped, but fail where `CI` is set.
"""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack, ExitStack
from typing import Any, TypeVar
from urllib.parse import urlsplit

import attrs
import psycopg
import pytest
import redis
from psycopg import sql

from .finding import Unavailable
from .postgres import PostgresServer
from .process import ServerProcess
from .proxy import Proxy
from .valkey import ValkeyServer

S = TypeVar("S", bound=ServerProcess)


@attrs.frozen
class Database:
    """An empty database, this test's alone while it runs."""

    url: str

    @property
    def port(self) -> int:
        """Where its server is."""
        return urlsplit(self.url).port or {"postgresql": 5432}.get(urlsplit(self.url).scheme, 6379)


@pytest.fixture(scope="session")
def valkey_url() -> Iterator[str]:
    """A database of this process's own in a Valkey or Redis."""
    given = os.environ.get("SAGICC_ASYNC_TEST_REDIS")
    if given:
        yield urlsplit(given)._replace(path=f"/{_number()}").geturl()
        return
    with _started(ValkeyServer) as server:
        yield server.url


@pytest.fixture
def valkey(valkey_url: str) -> Database:
    """An empty Valkey or Redis."""
    with redis.Redis.from_url(valkey_url) as client:
        client.flushdb()
    return Database(valkey_url)


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """A database of this process's own in a PostgreSQL."""
    given = os.environ.get("SAGICC_ASYNC_TEST_POSTGRES")
    if given:
        name = f"sagicc_async_test_{_number()}"
        with psycopg.connect(given, autocommit=True) as connection:
            connection.execute(sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(name)))
            connection.execute(sql.SQL("create database {}").format(sql.Identifier(name)))
        yield urlsplit(given)._replace(path=f"/{name}").geturl()
        return
    with _started(PostgresServer) as server:
        yield server.url


@pytest.fixture
def postgres(postgres_url: str) -> Database:
    """An empty PostgreSQL database: to drop what is in it takes a tenth of the time of a new one."""
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()"
        )
        schemas = connection.execute(
            "select nspname from pg_namespace where nspname !~ '^(pg_|information_schema)'"
        ).fetchall()
        for (name,) in schemas:
            connection.execute(sql.SQL("drop schema {} cascade").format(sql.Identifier(name)))
        connection.execute("create schema public")
    return Database(postgres_url)


@pytest.fixture
def servers() -> Iterator[Callable[[type[S]], S]]:
    """
    Servers of the test's own, to be killed and started again.

        server = servers(PostgresServer, max_connections="5")
        server.kill()
        server.start()
    """
    with ExitStack() as stack:

        def start(kind: type[S], *arguments: str, **settings: str) -> S:
            server: S = stack.enter_context(_started(kind, *arguments, **settings))
            return server

        yield start


@pytest.fixture
async def proxy() -> AsyncIterator[Callable[..., Awaitable[Proxy]]]:
    """
    Put a proxy before a server; each call is another one.

        network = await proxy(valkey, latency=0.005)
        network.url(valkey.url)
    """
    async with AsyncExitStack() as stack:

        async def start(server: Any, **settings: Any) -> Proxy:
            return await stack.enter_async_context(Proxy(server.port, **settings).serving())

        yield start


def _started(kind: type[S], *arguments: str, **settings: str) -> S:
    """A server to enter; the test is skipped where there is none, and fails where there has to be one."""
    try:
        return kind(*arguments, **settings)
    except Unavailable as missing:
        if os.environ.get("CI"):
            pytest.fail(str(missing), pytrace=False)
        pytest.skip(str(missing))


def _number() -> int:
    """Of this process of the test run."""
    return int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
