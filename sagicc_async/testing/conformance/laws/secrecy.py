"""Tokens and credentials stay where they belong: out of errors, logs and prints, and inside the vendor's origin."""

from __future__ import annotations

import asyncio
import functools
import itertools
import json
import logging
import pickle
import re
import traceback
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any, Final

import attrs

from ....errors import SagiccAsyncError
from ....sandbox import Call, Reply, from_json, to_json
from ....secrets import Secret
from ..bench import FEW, Bench, bench
from ..law import Violation, law, require
from ..subject import Subject, secret_fields

_STATUSES: Final = (200, 400, 401, 403, 404, 409, 422, 429, 500)
#: What stands for a value of somebody's record.
_VALUE: Final = "k4n4r13nv0g3l"
_SECRET_NAME: Final = re.compile(r"token|secret|password|passwd|clave|(^|_)key$", re.IGNORECASE)
_LOGGERS: Final = ("", "asyncio", "aiohttp", "aiohttp.client", "sagicc_async")
_SENTENCE: Final = re.compile(r"\S\s+\S")


@law(look="Adapter.errors, and the errors that the adapter raises itself")
async def errors_show_no_secret(subject: Subject) -> None:
    """A vendor that gives a token or credential back in an error brings it into no message, repr, traceback or pickle."""
    async with _logged() as log, bench(subject, records=FEW) as opened:
        for echo, to_logins in itertools.product(_echoes(subject), (False, True)):
            here = await opened.anew()
            here.emulator.after = _answering(echo, here, to_logins=to_logins)
            for error in await _errors(here):
                for where, text in _shown_by(error):
                    _require_none(text, _secrets(here), f"{where} of {type(error).__name__} ({echo.name})")
            _require_none("\n".join(log), _secrets(here), f"the log ({echo.name})")


@law(look="Adapter.errors: the vendor's own messages belong into Verdict.errors, and never into Verdict.message")
async def errors_quote_no_values(subject: Subject) -> None:
    """The vendor's own messages, which may quote a customer's data, stand in `errors`: never in `str()` or the log."""
    async with _logged() as log, bench(subject, records=FEW) as opened:
        for echo in _echoes(subject):
            here = await opened.anew()
            here.emulator.after = _answering(echo, here, said=_VALUE)
            for error in await _errors(here):
                said = f"{type(error).__name__} ({echo.name})"
                require(_VALUE not in str(error), f"str() of {said} quotes the vendor's message")
            require(_VALUE not in "\n".join(log), f"the log quotes the vendor's message ({echo.name})")


@law(look="log calls of the adapter, and the reprs of its classes")
async def nothing_prints_a_secret(subject: Subject) -> None:
    """Logs at DEBUG, events, status, reprs and checkpoints of what works well hold no secret."""
    async with _logged() as log, bench(subject) as here:
        stream = here.stream()
        page = await stream.page(1)
        credentials = subject.adapter.credentials(**here.vendor.credentials)
        shown = {
            "the adapter's repr": here.account,
            "the repr of its resource": here.resource,
            "the credentials' repr": credentials,
            "the repr of its auth": subject.adapter.auth_for(here.account.settings),
            "the repr of its settings": here.account.settings,
            "the events": here.events,
            "the checkpoint": page.checkpoint.to_json(),
            "status()": here.sessions.status(),
            "the repr of a stream": (stream, page, page.response),
        }
        for where, thing in shown.items():
            _require_none(repr(thing), _secrets(here), where)
        _require_none("\n".join(log), _secrets(here), "the log")
    for write in (await subject.facts()).routes:
        async with _logged() as log, bench(subject) as here:
            made = await here.write(write)
            _require_none(repr(made), _secrets(here), f"what {write.name} returns")
            _require_none("\n".join(log), _secrets(here), f"the log of {write.name}")


@law(look="the credentials class: secret: Secret = attrs.field(converter=Secret)")
async def credentials_are_declared_secret(subject: Subject) -> None:
    """Every field of the credentials that is secret holds a `Secret`, which cannot be printed."""
    async with bench(subject) as here:
        made = subject.adapter.credentials(**here.vendor.credentials)
        known = secret_fields(subject.adapter, here.vendor.credentials, subject.secret_names)
        for name in here.vendor.credentials:
            secret = name in known or _SECRET_NAME.search(name)
            require(
                not secret or isinstance(getattr(made, name), Secret),
                f"{type(made).__name__}.{name} is {type(getattr(made, name)).__name__}, not Secret",
            )


@law(look="requests that the adapter sends by itself, and paths that are whole addresses")
async def credentials_stay_in_their_origin(subject: Subject) -> None:
    """A redirect to another address gets nothing at all: neither a read nor a write follows it."""
    facts = await subject.facts()
    async with _elsewhere() as (address, heard):
        for status in (302, 307, 308):
            async with bench(subject, records=FEW) as here:
                for route in (facts.listing, *facts.routes.values()):
                    here.vendor.fault("redirect", **route.struck, status=status, location=address)
                errors = await _errors(here)
                require(len(errors) == 1 + len(facts.routes), f"a redirect ({status}) to another address is no error")
    require(not heard, f"a request went to another address ({heard[:1]!r:.60})")


@attrs.frozen(kw_only=True)
class _Echo:
    """An error answer that says the secrets again."""

    name: str
    status: int
    body: Callable[[str], bytes]


def _echoes(subject: Subject) -> Iterator[_Echo]:
    for status in _STATUSES:
        yield _Echo(name=f"HTTP {status}", status=status, body=_complaint)
    yield _Echo(name="HTML", status=200, body=lambda said: f"<html><body>{said}</body></html>".encode())
    for number, (status, body, _) in enumerate(subject.samples.errors, start=1):
        raw = body.encode() if isinstance(body, str) else body
        yield _Echo(name=f"sample error {number}", status=status, body=functools.partial(_with, raw))


def _complaint(said: str) -> bytes:
    words = f"the token {said} is not good"
    listed = [words, {"code": "invalid", "message": words, "detail": words}]
    fields = dict.fromkeys(("message", "detail", "description", "error_description"), words)
    return json.dumps({"success": False, **fields, "errors": listed, "Errors": listed[1:]}).encode()


def _with(body: bytes, said: str) -> bytes:
    """The vendor's answer with the secrets in each of its sentences."""
    try:
        return to_json(_spoken(from_json(body), said))
    except ValueError:
        return body + said.encode()


def _spoken(value: Any, said: str) -> Any:
    if isinstance(value, dict):
        return {name: _spoken(inner, said) for name, inner in value.items()}
    if isinstance(value, list):
        return [_spoken(inner, said) for inner in value]
    return f"{value} {said}" if isinstance(value, str) and _SENTENCE.search(value) else value


def _answering(
    echo: _Echo, here: Bench, *, to_logins: bool = False, said: str | None = None
) -> Callable[[Call, Reply], Reply]:
    """Give back what a request was sent with, the credentials and its token; or what is to be said instead."""
    credentials = _credentials(here)

    def after(call: Call, reply: Reply) -> Reply:
        token = here.emulator.token(call)
        if (token is None) != to_logins:
            return reply
        sent = " ".join([*credentials, *([token] if token else [])])
        return Reply(status=echo.status, body=echo.body(sent if said is None else said))

    return after


def _secrets(here: Bench) -> list[str]:
    """The credentials that are secret, and every token that was seen."""
    return [*_credentials(here), *here.emulator.tokens]


def _credentials(here: Bench) -> list[str]:
    given = here.vendor.credentials
    return [given[name] for name in secret_fields(here.subject.adapter, given, here.subject.secret_names)]


async def _errors(here: Bench) -> list[SagiccAsyncError]:
    """What a list and every sample write end in."""
    writes = (await here.subject.facts()).routes
    ends = [await _end(here.ask()), *[await _end(here.write(write)) for write in writes]]
    return [end for end in ends if end is not None]


async def _end(call: Awaitable[Any]) -> SagiccAsyncError | None:
    try:
        await call
    except SagiccAsyncError as error:
        return error
    return None


def _shown_by(error: SagiccAsyncError) -> Iterator[tuple[str, str]]:
    """All that a program might print, log or store of an error."""
    yield "str()", str(error)
    yield "repr()", repr(error)
    yield "an attribute", repr(vars(error))
    yield "the traceback", "".join(traceback.format_exception(error))
    try:
        yield "the pickle", repr(pickle.dumps(error))
    except Exception as problem:
        raise Violation(f"{type(error).__name__} cannot be pickled: {type(problem).__name__}") from problem


def _require_none(text: str, secrets: Iterable[str], where: str) -> None:
    require(not any(secret in text for secret in secrets), f"a secret stands in {where}")


@asynccontextmanager
async def _logged() -> AsyncIterator[list[str]]:
    """Everything that is logged, at DEBUG."""
    lines: list[str] = []
    handler = logging.Handler(logging.DEBUG)
    handler.emit = lambda record: lines.append(handler.format(record))  # type: ignore[method-assign]
    with _at_debug(handler):
        yield lines


@contextmanager
def _at_debug(handler: logging.Handler) -> Iterator[None]:
    loggers = [logging.getLogger(name) for name in _LOGGERS]
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.DEBUG)
    loggers[0].addHandler(handler)
    try:
        yield
    finally:
        loggers[0].removeHandler(handler)
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)


@asynccontextmanager
async def _elsewhere() -> AsyncIterator[tuple[str, list[bytes]]]:
    """Another address, at which somebody listens."""
    heard: list[bytes] = []

    async def listen(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heard.append(await reader.read(65_536))
        writer.write(
            b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}"
        )
        writer.close()

    server = await asyncio.start_server(listen, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/elsewhere", heard
