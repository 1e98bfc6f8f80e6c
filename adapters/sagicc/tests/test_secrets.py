"""No secret of a login or of a request comes to light: logs at DEBUG, errors, their chains and their frames."""

from __future__ import annotations

import asyncio
import logging
import pickle
import traceback
from contextlib import asynccontextmanager

import pytest

from sagicc_async import (
    CredentialsRejected,
    MemoryCoordinator,
    RetryPolicy,
    SagiccAsyncError,
    SessionManager,
)

TOKEN = "oauth/token"


@asynccontextmanager
async def another(here, credentials=None, *, manager=None, **settings):
    """An account in a manager of its own: nothing is known of it yet."""
    async with SessionManager(**{"coordinator": MemoryCoordinator(), **(manager or {})}) as sessions:
        yield here.open(credentials, sessions, **settings)


@pytest.fixture
def everything_is_logged(caplog):
    caplog.set_level(logging.DEBUG)
    for name in ("asyncio", "aiohttp", "aiohttp.client", "sagicc_async", "sagicc_async.sagicc"):
        caplog.set_level(logging.DEBUG, logger=name)
    return caplog


def secrets_of(here):
    """What nobody may see: the keys, and every token that was ever issued."""
    known = {value for name, value in here.vendor.credentials.items() if name in ("client_secret", "password")}
    issued = here.vendor._company.memory["tokens"]
    return known | set(issued._by_access) | set(issued._by_refresh)


def hunt(error, secrets):
    """In all that a program might print, log, store or send along of an error."""
    seen = [error]
    for link in seen:
        text = f"{link} {link!r} {vars(link)!r}".encode() + pickle.dumps(link)
        text += "".join(traceback.format_exception(link)).encode()
        for frame in traceback.TracebackException.from_exception(link, capture_locals=True).stack:
            if "sagicc_async" in frame.filename:
                text += repr(frame.locals).encode()
        for secret in secrets:
            assert secret.encode() not in text, type(link)
        seen += [more for more in (link.__cause__, link.__context__) if more is not None and more not in seen]


def echo_of(secrets):
    words = " ".join(sorted(secrets))
    return {"message": words, "error_description": words, "errors": {words: [words]}}


async def test_no_refusal_of_a_login_brings_a_secret_to_light(local, everything_is_logged):
    asyncio.get_running_loop().set_debug(True)
    async with local() as here:
        await here.crm.caso.get(1)
        issued = secrets_of(here)
        good = {name: here.vendor.credentials[name] for name in ("client_secret", "password")}
        once = {"retry": RetryPolicy(attempts=1)}
        for body in ("form", "json"):
            for kind, options in refusals_of_a_login(set(good.values())):
                fault = here.vendor.fault(kind, path=TOKEN, **options)
                async with another(here, token_body=body, manager=once) as crm:
                    with pytest.raises(SagiccAsyncError) as caught:
                        await crm.caso.list().collect()
                    hunt(caught.value, issued)
                    assert not any(secret in repr((crm, crm.account.terms, crm.settings)) for secret in issued)
                here.vendor.clear_faults(fault)
            for name in good:
                credentials = {**here.vendor.credentials, name: "k4n4r10"}
                async with another(here, credentials, token_body=body) as crm:
                    with pytest.raises(CredentialsRejected) as caught:
                        await crm.caso.list().collect()
                    hunt(caught.value, issued | {"k4n4r10"})
        secrets = secrets_of(here) | {"k4n4r10"}
        assert not any(secret in everything_is_logged.text for secret in secrets)


def refusals_of_a_login(secrets):
    """Faults that give back, in every place that an answer has, what the login was sent with."""
    page = f"<html>{' '.join(secrets)}</html>"
    for status, error in (
        (200, None),
        (200, "invalid_client"),
        (400, "invalid_grant"),
        (400, "invalid_request"),
        (401, "invalid_client"),
        (403, None),
        (422, None),
        (429, None),
        (500, "server_error"),
    ):
        yield "status", {"status": status, "body": {**echo_of(secrets), "error": error}}
    yield "status", {"status": 200, "body": {"access_token": sorted(secrets)}}
    yield "garbage", {"body": page}
    yield "garbage", {"body": page, "status": 502}
    yield "redirect", {"location": f"/login?{'&'.join(secrets)}"}
    yield "truncate", {}
    yield "reset_after", {}


async def test_no_answer_of_the_api_brings_a_secret_to_light(local, everything_is_logged):
    asyncio.get_running_loop().set_debug(True)
    async with local(manager={"retry": RetryPolicy(attempts=1)}) as here:
        await here.crm.caso.get(1)
        secrets = secrets_of(here)
        crm = here.crm
        for kind, options in (
            *(
                ("status", {"status": status, "body": echo_of(secrets)})
                for status in (200, 400, 403, 404, 409, 422, 500)
            ),
            ("status", {"status": 200, "body": {**echo_of(secrets), "trace": "x" * 10_000}}),
            ("status", {"status": 200, "body": " ".join(secrets)}),
            ("garbage", {"body": f"<html>{' '.join(secrets)}</html>"}),
            ("redirect", {"location": f"/login?{'&'.join(secrets)}"}),
            ("truncate", {}),
            ("reset_after", {}),
        ):
            fault = here.vendor.fault(kind, path="caso", **options)
            for call in (
                lambda: crm.caso.list().collect(),
                lambda: crm.caso.get(1),
                lambda: crm.caso.create({"asunto": "x"}),
                lambda: crm.caso.delete(1),
            ):
                try:
                    await call()
                except SagiccAsyncError as error:
                    hunt(error, secrets)
            here.vendor.clear_faults(fault)
        assert not any(secret in everything_is_logged.text for secret in secrets)
        assert not any(secret in repr((here.sessions.status(), crm)) for secret in secrets)
        assert not any(secret.encode() in repr(here.vendor.requests).encode() for secret in secrets)
