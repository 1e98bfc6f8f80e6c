"""A Redis server that cannot be used says so at the start, with what to do about it and without a password."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import ssl
import subprocess
from pathlib import Path

import pytest
import redis.asyncio

from sagicc_async.errors import ConfigError
from sagicc_async.tokens.coordination.redis import RedisCoordinator
from sagicc_async.tokens.coordination.store import StoreError
from sagicc_async.tokens.redis_cache import RedisTokenCache
from sagicc_async.tokens.redis_client import RedisServer

from ..servers.valkey import ValkeyServer

CANARY = "canary-71e"


async def refused(url: str, **settings) -> str:
    """Why a coordinator does not open; it may not leave anything open either, which the leak check sees."""
    with pytest.raises(ConfigError) as error:
        await RedisCoordinator(url, **settings).open()
    assert CANARY not in str(error.value)
    assert CANARY not in repr(error.value.__context__)
    return str(error.value)


def login(url: str, user: str, password: str) -> str:
    return url.replace("://", f"://{user}:{password}@")


@pytest.mark.parametrize(
    ("rules", "missing"),
    [
        ("~* +@all resetchannels", "channels"),
        ("resetkeys +@all &*", "keys"),
        ("~* &* +@all -info", "INFO"),
        ("~* &* +@all -hset", "HSET"),
        ("~* &* +@all -subscribe", "SUBSCRIBE"),
    ],
)
async def test_a_user_who_may_not_do_what_is_needed(valkey, rules, missing):
    async with redis.asyncio.Redis.from_url(valkey.url) as client:
        await client.execute_command("ACL", "SETUSER", "ana", "reset", "on", f">{CANARY}", *rules.split())
    try:
        why = await refused(login(valkey.url, "ana", CANARY), new=True)
    finally:
        async with redis.asyncio.Redis.from_url(valkey.url) as client:
            await client.execute_command("ACL", "DELUSER", "ana")

    assert "its user may not do what is needed" in why
    assert missing in why


async def test_a_user_who_may_not_ask_which_server_it_is_need_not_where_that_is_said(valkey):
    async with redis.asyncio.Redis.from_url(valkey.url) as client:
        await client.execute_command("ACL", "SETUSER", "ana", "reset", "on", ">pw", "~*", "&*", "+@all", "-info")
        try:
            coordinator = RedisCoordinator(login(valkey.url, "ana", "pw"), new=True, recognise=False)
            await coordinator.open()
            await coordinator.close()
        finally:
            await client.execute_command("ACL", "DELUSER", "ana")


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (  # Redis 5, processCommand in src/server.c
            "unknown command `HELLO`, with args beginning with: `3`, `AUTH`, `anabel`, `{password}`, ",
            "it does not know a command that is needed: name a Redis of version 6 or later, or a Valkey",
        ),
        ("no such user: anabel {password}", "no such user: [redacted] [redacted]"),
    ],
    ids=["an old server", "any other"],
)
async def test_a_server_that_quotes_the_login_is_not_quoted(answer, reason, caplog):
    async def refuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readline()
        writer.write(f"-ERR {answer.format(password=CANARY)}\r\n".encode())
        await reader.read()
        writer.close()

    async with await asyncio.start_server(refuse, "127.0.0.1") as server:
        url = f"redis://anabel:{CANARY}@127.0.0.1:{server.sockets[0].getsockname()[1]}/0?protocol=3"
        why = await refused(url)
        assert await RedisTokenCache(url).load("ab") is None

    assert f"cannot be reached: {reason}; start it" in why
    assert reason in caplog.text
    assert CANARY not in caplog.text


@pytest.mark.parametrize("protocol", ["2", "3"])
async def test_a_password_that_is_missing_or_wrong(servers, protocol):
    server = servers(ValkeyServer, "--requirepass", "secret")
    url = f"{server.url}?protocol={protocol}"

    assert "it asks for a password; give it in the address" in await refused(url)
    assert "it refuses the password; check the address" in await refused(login(url, "", CANARY))


async def test_a_read_only_copy(valkey, servers):
    async with redis.asyncio.Redis.from_url(valkey.url) as client:
        await client.config_set("repl-diskless-sync-delay", "0")  # it would wait for more copies to come
    copy = servers(ValkeyServer, "--replicaof", "127.0.0.1", str(valkey.port))
    async with redis.asyncio.Redis.from_url(copy.url) as client, asyncio.timeout(20):
        while (await client.info("replication"))["master_link_status"] != "up":
            await asyncio.sleep(0.05)

    assert "it is a read-only copy; name the primary server" in await refused(copy.url, recognise=False)


async def test_a_server_whose_memory_is_full(valkey):
    opening = RedisCoordinator(valkey.url, new=True)
    await opening.open()  # there is an epoch already, so that it is no new key that does not fit
    await opening.close()
    async with redis.asyncio.Redis.from_url(valkey.url) as client:
        await client.config_set("maxmemory", "1")
        try:
            why = await refused(valkey.url)
        finally:
            await client.config_set("maxmemory", "0")

    assert "its memory is full; raise maxmemory" in why


async def test_a_node_of_a_cluster(servers, tmp_path):
    tmp_path.chmod(0o777)
    server = servers(ValkeyServer, "--dir", str(tmp_path), "--cluster-enabled", "yes")

    assert "it is a node of a cluster, which is not supported; name a single server" in await refused(server.url)


def self_signed(folder) -> tuple[ssl.SSLContext, Path]:
    """What a server on localhost needs, and the file of its certificate."""
    certificate, key = folder / "certificate.pem", folder / "key.pem"
    made = "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=localhost"
    names = ["-addext", "subjectAltName=DNS:localhost", "-keyout", key, "-out", certificate]
    subprocess.run(["openssl", *made.split(), *names], check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    return context, certificate


@contextlib.asynccontextmanager
async def behind_tls(port: int, context: ssl.SSLContext):
    """Give a server TLS; its address."""

    async def carry(source, sink) -> None:
        with contextlib.suppress(OSError):
            while data := await source.read(65536):
                sink.write(data)
        sink.close()

    async def accept(reader, writer) -> None:
        behind, ahead = await asyncio.open_connection("127.0.0.1", port)
        await asyncio.gather(carry(reader, ahead), carry(behind, writer))

    listener = await asyncio.start_server(accept, "localhost", 0, ssl=context)
    try:
        yield f"rediss://localhost:{listener.sockets[0].getsockname()[1]}/0"
    finally:
        listener.close()


@pytest.mark.skipif(shutil.which("openssl") is None, reason="no openssl to make a certificate with")
async def test_a_certificate_that_is_not_trusted_until_it_is_named(valkey, tmp_path):
    context, certificate = await asyncio.to_thread(self_signed, tmp_path)
    async with behind_tls(valkey.port, context) as url:
        assert "its certificate is not trusted; name what signed it" in await refused(url)

        coordinator = RedisCoordinator(f"{url}?ssl_ca_certs={certificate}", new=True)
        await coordinator.open()
        assert coordinator.describe() == url
        await coordinator.close()


async def test_a_connection_that_was_just_lost_is_told_as_lost_whatever_python_raises_for_the_write(
    valkey, monkeypatch
):
    server = RedisServer(valkey.url, limit=2)
    try:
        await server.command("PING")

        def write(*_):
            raise AttributeError("'NoneType' object has no attribute '_add_writer'")

        monkeypatch.setattr(asyncio.StreamWriter, "writelines", write)
        with pytest.raises(StoreError) as error:
            await server.command("PING")
        assert error.value.in_doubt
        monkeypatch.undo()
        assert await server.command("PING") == b"PONG"
    finally:
        await server.close()
