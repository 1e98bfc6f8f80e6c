"""Kept-alive connections: aiohttp sends again by itself what it lost on one; here nothing is sent twice unasked."""

from __future__ import annotations

import asyncio

import aiohttp
import pytest

from sagicc_async import OutcomeUnknown, RequestFinished, RetryPolicy, SessionManager, TokenRules, exchange
from sagicc_async.tokens.coordination.memory import MemoryCoordinator
from sagicc_async.wire.failure import ExchangeError
from sagicc_async.wire.transport import Progress
from sagicc_async_serpi import Serpi

PAGE = b'{"success":true,"code":200,"message":"1 registro(s) encontrados","result":[{"id":1}]}'
DONE = b'{"success":true,"code":201,"errors":[],"message":"Validaciones exitosas. Registro creado exitosamente"}'
RECORD = {"id": 1, "codigo": "a", "abreviatura": "a", "descripcion": "x"}


class Shared(Serpi):
    """SERPI, if its token could be used by many requests at once."""

    rules = TokenRules()


@pytest.fixture
def dropping(http_server, answer_bytes):
    """A server that hangs up when the second request of its first connection arrives."""

    async def answer(heard, writer):
        if heard.connection == 1 and len(server[0].heard) == 2:
            writer.transport.abort()
        else:
            writer.write(answer_bytes(PAGE if heard.method == "GET" else DONE))

    server = []

    async def start():
        context = http_server(answer)
        server.append(await context.__aenter__())
        return context, server[0]

    return start


@pytest.fixture
async def vendor(dropping):
    context, server = await dropping()
    yield server
    await context.__aexit__(None, None, None)


async def test_the_server_provokes_what_aiohttp_does_by_itself(vendor):
    # The proof that the tests below could fail.
    async with aiohttp.ClientSession() as session:
        for method in ("GET", "PUT"):
            async with session.request(method, vendor.url) as answer:
                await answer.read()
        assert [heard.method for heard in vendor.heard] == ["GET", "PUT", "PUT"]


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE", "POST"])
async def test_the_transport_sends_once(sender, vendor, method):
    async with sender(vendor.url) as send:
        await send()
        progress = Progress()
        with pytest.raises(ExchangeError, match=r"connection (was dropped|broke)"):
            await send(method, progress=progress)
        assert progress.sent
        assert [heard.method for heard in vendor.heard] == ["GET", method]


@pytest.mark.parametrize("method", ["GET", "PUT", "POST"])
async def test_a_session_of_the_users_own_sends_once_too(sender, vendor, method):
    async with aiohttp.ClientSession() as http, sender(vendor.url, http=http) as send:
        await send()
        progress = Progress()
        with pytest.raises(ExchangeError):
            await send(method, progress=progress)
        assert progress.sent
        assert [heard.method for heard in vendor.heard] == ["GET", method]


def settings(**more):
    return {"coordinator": MemoryCoordinator(), "retry": RetryPolicy(attempts=2, base=0), **more}


@pytest.mark.parametrize("operation", ["create", "update"])
async def test_a_write_on_a_dropped_connection_is_unknown_and_sent_once(vendor, operation):
    async with SessionManager(**settings()) as sessions:
        serpi = sessions.open(Serpi, {"token": "t", "secretkey": "s"}, base_url=vendor.url, settle=0.05)
        await serpi.impuesto.list().first()
        with pytest.raises(OutcomeUnknown):
            await getattr(serpi.centro_costo, operation)(RECORD)
        assert len(vendor.heard) == 2


async def test_a_read_is_repeated_by_the_gate_which_pays_admission_again(vendor):
    events = []
    async with SessionManager(**settings()) as sessions:
        sessions.on(events.append)
        serpi = sessions.open(Serpi, {"token": "t", "secretkey": "s"}, base_url=vendor.url, settle=0.1)
        await serpi.impuesto.list().first()
        began = asyncio.get_running_loop().time()
        await serpi.impuesto.list().first()
        assert asyncio.get_running_loop().time() - began >= 0.1  # the lost request left the token taken
        assert [heard.method for heard in vendor.heard] == ["GET", "GET", "GET"]
        assert [heard.connection > 1 for heard in vendor.heard] == [False, False, True]
        finished = [event for event in events if isinstance(event, RequestFinished)]
        assert [(event.attempt, event.outcome) for event in finished] == [(1, "ok"), (1, "ServerError"), (2, "ok")]
        assert finished[2].queued > 0  # what is left of that, when it is told that the request was lost


@pytest.fixture
async def keeping(http_server, answer_bytes):
    async def answer(heard, writer):
        writer.write(answer_bytes(PAGE if heard.method == "GET" else DONE))

    async with http_server(answer) as server:
        yield server


@pytest.mark.parametrize(
    ("kind", "method", "fresh"), [(Serpi, "GET", True), (Serpi, "POST", True), (Shared, "GET", False), (Shared, "POST", True)]
)  # fmt: skip
@pytest.mark.parametrize("idle", [True, False])
async def test_what_would_be_costly_to_lose_never_goes_over_a_connection_that_has_been_idle(
    keeping, monkeypatch, *, kind, method, fresh, idle
):
    monkeypatch.setattr(exchange, "_JUST_USED", -1 if idle else 60)
    async with SessionManager(**settings()) as sessions:
        serpi = sessions.open(kind, {"token": "t", "secretkey": "s"}, base_url=keeping.url)
        await serpi.impuesto.list().first()
        if method == "GET":
            await serpi.impuesto.list().first()
        else:
            await serpi.centro_costo.create(RECORD)
        assert keeping.connections == (2 if idle and fresh else 1)
        assert len(keeping.heard) == 2


async def test_a_connection_is_just_used_after_its_answer_however_long_that_took(sender, http_server, answer_bytes):
    turn = asyncio.Event()

    async def answer(heard, writer):
        await turn.wait()
        writer.write(answer_bytes())

    async with http_server(answer) as server, sender(server.url) as send:
        slow = asyncio.create_task(send(progress=Progress(reuse=0.1)))
        asyncio.get_running_loop().call_later(0.3, turn.set)  # the vendor thinks for longer than that
        await slow
        await send("POST", progress=Progress(reuse=0.1))
        assert [heard.connection for heard in server.heard] == [1, 1]


async def test_several_idle_connections_are_passed_over_until_one_is_fresh(sender, keeping):
    async with sender(keeping.url) as send:
        await asyncio.gather(*(send(path=f"/{number}") for number in range(5)))
        opened = keeping.connections
        assert opened > 1
        assert (await send("POST", progress=Progress(reuse=-1))).ok
        assert keeping.connections == opened + 1
        assert len(keeping.heard) == 6
