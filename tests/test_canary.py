"""A secret with a canary in it is used in every way, good and bad; then the canary is hunted everywhere."""

from __future__ import annotations

import asyncio
import gc
import json
import logging
import pickle
import ssl
import traceback
from collections.abc import Iterator
from pathlib import Path

import aiohttp
import pytest

from sagicc_async import (
    ConfigError,
    Deadline,
    FieldError,
    MemoryCoordinator,
    RequestError,
    RetryPolicy,
    SagiccAsyncError,
    Secret,
    SessionManager,
    Timeouts,
)
from sagicc_async.wire.failure import ExchangeError
from sagicc_async_serpi import Serpi, SerpiCredentials

CANARY = "k4n4r13nv0g3l"
TOKEN, KEY = f"{CANARY}-token", f"{CANARY}-key"
CREDENTIALS = {"token": TOKEN, "secretkey": KEY}
CERTIFICATE = Path(__file__).parent / "wire" / "self_signed.pem"
ECHO = {"success": False, "errors": [f"El token {TOKEN} no sirve", f"El codigo {TOKEN} ya existe"], "message": KEY}


def bare(body: object = ECHO, status: int = 200, **headers: str) -> bytes:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return f"HTTP/1.1 {status} {TOKEN}\r\nContent-Length: {len(raw)}\r\nX-Echo: {TOKEN}\r\n{lines}\r\n".encode() + raw


#: Answers that give the secrets back in every place that a vendor has.
ANSWERS = {
    "400": bare(status=400),
    "401": bare(status=401),
    "403": bare(status=403),
    "404": bare(status=404),
    "409": bare({**ECHO, "code": 409}, status=409),
    "429": bare(status=429, **{"Retry-After": TOKEN}),
    "500": bare(status=500),
    "HTML": bare(f"<html>{TOKEN}</html>".encode()),
    "not JSON": bare(f'{{"success": true, "code": 200, "message": "{TOKEN}'.encode()),
    "another shape": bare({"success": True, "code": TOKEN, "message": TOKEN, "result": {TOKEN: TOKEN}}),
    "wrong row": bare({"success": True, "code": 200, "message": "", "result": [{"id": TOKEN}]}),
    "redirect": bare(status=302, Location=f"https://{TOKEN}.invalid/{TOKEN}?token={TOKEN}#{TOKEN}"),
    "redirect inside": bare(status=302, Location=f"/{TOKEN}"),
    "cut": bare()[:-10],
    "not HTTP": TOKEN.encode() + b"\r\n\r\n",
    "nothing": b"",
    "silence": None,
}


@pytest.fixture(autouse=True)
def everything_is_logged(caplog) -> Iterator[None]:
    caplog.set_level(logging.DEBUG)
    for name in ("asyncio", "aiohttp", "aiohttp.client", "aiohttp.internal", "sagicc_async"):
        caplog.set_level(logging.DEBUG, logger=name)
    return


def has_canary(text: str | bytes) -> bool:
    return (CANARY if isinstance(text, str) else CANARY.encode()) in text


def hunt_in_error(error: BaseException) -> None:
    """In all that a program might print, log or store of an error."""
    assert not has_canary(str(error))
    assert not has_canary(repr(error))
    assert not has_canary(repr(vars(error)))
    assert not has_canary(pickle.dumps(error))
    assert not has_canary("".join(traceback.format_exception(error)))
    seen: list[BaseException] = [error]
    for link in seen:
        assert not isinstance(link, aiohttp.ClientError), "aiohttp's exceptions know the request's headers"
        seen += [more for more in (link.__cause__, link.__context__) if more is not None and more not in seen]
        hunt_in_locals(link)


def hunt_in_locals(error: BaseException) -> None:
    """Error trackers send the variables of every frame along, too."""
    for frame in traceback.TracebackException.from_exception(error, capture_locals=True).stack:
        if "sagicc_async" in frame.filename:
            assert not has_canary(repr(frame.locals)), f"{frame.filename}:{frame.lineno}"


#: What a vendor says, as it came: what is raised from it is scrubbed, and nothing else shows it.
AS_IT_CAME = (FieldError, ExchangeError)


def hunt_in_objects() -> None:
    """In whatever of ours is alive."""
    for thing in gc.get_objects():
        room = str(type(thing).__module__)
        ours = room.startswith("sagicc_async") and "sandbox" not in room  # the vendor may know it
        if ours and not isinstance(thing, AS_IT_CAME):
            assert not has_canary(repr(thing)), type(thing)
            assert not has_canary(str(thing)), type(thing)


async def run_into(call) -> SagiccAsyncError | None:
    try:
        await call
    except SagiccAsyncError as error:
        return error
    return None


def quick(**settings) -> SessionManager:
    return SessionManager(
        coordinator=MemoryCoordinator(),
        retry=RetryPolicy(attempts=2, base=0, patience=0.01),
        timeouts=Timeouts(total=0.2, read=0.1),
        **settings,
    )


@pytest.mark.parametrize("kind", ANSWERS)
async def test_no_answer_brings_a_secret_to_light(http_server, caplog, kind):
    answered = ANSWERS[kind]

    async def answer(heard, writer):
        if answered is None:
            await asyncio.Event().wait()
        writer.write(answered)
        writer.close()

    asyncio.get_running_loop().set_debug(True)
    events = []
    async with http_server(answer) as server, quick() as sessions:
        sessions.on(events.append)
        serpi = sessions.open(Serpi, CREDENTIALS, base_url=server.url, settle=0)
        record = {"id": 1, "codigo": "a", "abreviatura": "a", "descripcion": "x"}
        calls = (
            serpi.impuesto.list().first(),
            serpi.centro_costo.create(record),
            serpi.centro_costo.update(record),
            serpi.articulo.list().raw().collect(),
            serpi.request("DELETE", "Impuesto"),
        )
        errors = [await run_into(call) for call in calls]
        found = [error for error in errors if error is not None]
        assert found
        for error in found:
            hunt_in_error(error)
        hunt_in_objects()
        assert not has_canary(repr(events))
        assert not has_canary(json.dumps(sessions.status()))
        assert has_canary(server.heard[0].headers["authorization"])  # it was used
    assert not has_canary(caplog.text)


async def test_success_and_everything_around_it_show_no_secret(rig, caplog):
    async with rig(sandbox={"work": 0}) as r:
        r.vendor._company.credentials.append(dict(CREDENTIALS))
        account = r.open(account="canary", credentials=lambda: SerpiCredentials(**CREDENTIALS))
        stream = account.centro_costo.list(limite=10)
        page = await stream.page(1)
        async for _ in stream:
            pass
        await account.centro_costo.create({"codigo": "a", "abreviatura": "a", "descripcion": "x"})
        for thing in (account, account.account, account.centro_costo, stream, page, page.response, page.checkpoint):
            assert not has_canary(repr(thing))
        assert not has_canary(pickle.dumps(page.checkpoint))
        assert not has_canary(page.checkpoint.to_json())
        assert not has_canary(repr(vars(page.response) if hasattr(page.response, "__dict__") else page.response))
        hunt_in_objects()
        assert not has_canary(repr(r.events))
        assert not has_canary(repr(r.sessions.status()))
    assert not has_canary(caplog.text)


async def test_what_never_reaches_the_vendor_shows_no_secret(http_server, unused_tcp_port, caplog):
    certified = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    certified.load_cert_chain(CERTIFICATE)
    async with http_server(bare(), ssl=certified) as secure, http_server(bare(status=407)) as proxy:
        places = {
            "bad certificate": (secure.url, {}),
            "nobody listens": (f"http://127.0.0.1:{unused_tcp_port}", {}),
            "a proxy refuses": ("https://vendor.example", {"proxy": proxy.url.replace("//", f"//user:{TOKEN}@")}),
            "no proxy": ("https://vendor.example", {"proxy": f"http://u:{TOKEN}@127.0.0.1:{unused_tcp_port}"}),
        }
        for url, settings in places.values():
            async with quick(**settings) as sessions:
                serpi = sessions.open(Serpi, CREDENTIALS, base_url=url, settle=0)
                error = await run_into(serpi.impuesto.list().first())
                assert isinstance(error, RequestError)
                hunt_in_error(error)
                assert not has_canary(repr(sessions))
                assert not has_canary(repr(sessions._wire))
                hunt_in_objects()
        assert "Proxy-Authorization".lower() in proxy.heard[0].headers
    assert not has_canary(caplog.text)


async def test_interruptions_show_no_secret(rig, caplog):
    async with rig() as r:
        r.vendor._company.credentials.append(dict(CREDENTIALS))
        sessions = await r.manager()
        account = r.open(sessions, credentials=CREDENTIALS)
        r.vendor.fault("hold")
        with Deadline(0.02):
            hunt_in_error(await run_into(account.impuesto.list().first()))
        with Deadline(0.02):
            hunt_in_error(await run_into(account.impuesto.list().first()))  # in the queue
        waiting = asyncio.create_task(run_into(account.impuesto.list().first()))
        cancelled = asyncio.create_task(account.impuesto.list().first())
        for _ in range(5):
            await asyncio.sleep(0)
        hunt_in_objects()  # also what waits
        assert not has_canary(repr(asyncio.all_tasks()))
        cancelled.cancel()
        with pytest.raises(asyncio.CancelledError) as raised:
            await cancelled
        hunt_in_locals(raised.value)
        await sessions.close(grace=0)
        hunt_in_error(await waiting)
        r.vendor.clear_faults()
    assert not has_canary(caplog.text)


@pytest.mark.parametrize(
    "given",
    [
        TOKEN,
        [TOKEN],
        {"token": TOKEN},
        {"token": TOKEN, "secretkey": KEY + "\n"},
        {"token": f" {TOKEN}", "secretkey": KEY},
        {"token": TOKEN.encode(), "secretkey": KEY},
        {"token": TOKEN, "secretkey": KEY, "password": KEY},
    ],
    ids=["text", "list", "half", "line break", "blank", "bytes", "too many"],
)
async def test_credentials_of_the_wrong_shape_are_not_quoted(given, caplog):
    async def vault():
        return given

    async with quick() as sessions:
        with pytest.raises(ConfigError) as raised:
            sessions.open(Serpi, given)
        hunt_in_message(raised.value)
        serpi = sessions.open(Serpi, vault, account="vault")
        with pytest.raises(ConfigError) as raised:
            await serpi.impuesto.list().first()
        hunt_in_message(raised.value)
    assert not has_canary(caplog.text)


async def test_addresses_with_a_secret_are_not_quoted(caplog):
    async with quick() as sessions:
        for url in (f"https://user:{TOKEN}@vendor.example/", f"http://vendor.example/?token={TOKEN}", f"ftp://{TOKEN}"):
            with pytest.raises(ConfigError) as raised:
                sessions.open(Serpi, CREDENTIALS, base_url=url)
            hunt_in_message(raised.value)
        serpi = sessions.open(Serpi, CREDENTIALS)
        with pytest.raises(ConfigError) as raised:
            await serpi.request("GET", f"https://elsewhere.invalid/?token={TOKEN}")
        hunt_in_message(raised.value)
        error = await run_into(serpi.request("GET", f"Impuesto?token={TOKEN}", deadline=1e-9))
        hunt_in_message(error)
        error = await run_into(serpi.list_path(f"Impuesto?token={TOKEN}#x", deadline=1e-9).collect())
        hunt_in_message(error)
    assert not has_canary(caplog.text)


def hunt_in_message(error: BaseException) -> None:
    """An error about what the program itself wrote: its own variables are its own affair."""
    while error is not None:
        assert not has_canary(str(error))
        assert not has_canary(repr(error))
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)


def test_the_hunt_finds_a_canary():
    with pytest.raises(AssertionError):
        hunt_in_error(ValueError(TOKEN))
    secret = Secret(TOKEN)
    assert not has_canary(f"{secret} {secret!r} {secret:>20} {[secret]}")
    with pytest.raises(TypeError):
        pickle.dumps(secret)
