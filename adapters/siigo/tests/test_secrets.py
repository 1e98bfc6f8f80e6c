"""No secret of a login or of a request comes to light: logs at DEBUG, errors, their chains and frames, pickles, files."""

from __future__ import annotations

import asyncio
import logging
import pickle
import traceback
from contextlib import asynccontextmanager

import pytest

from sagicc_async import (
    CredentialsRejected,
    FileErrorCounts,
    FileTokenCache,
    MemoryCoordinator,
    OutcomeUnknown,
    RetryPolicy,
    SagiccAsyncError,
    SessionManager,
)
from sagicc_async.export import export
from sagicc_async_siigo import SiigoAuth, SiigoCredentials
from sagicc_async_siigo.auth import _request
from sagicc_async_siigo.sandbox.tokens import issued_by

TOKEN = "^/auth$"
ONCE = {"retry": RetryPolicy(attempts=1)}
NEW = {"code": "X-1", "name": "Ruana", "account_group": 4101}


@asynccontextmanager
async def another(here, credentials=None, *, manager=None, **settings):
    """An account in a manager of its own: nothing is known of it yet."""
    async with SessionManager(**{"coordinator": MemoryCoordinator(), **(manager or {})}) as sessions:
        yield here.open(credentials, sessions, **settings)


@pytest.fixture
def everything_is_logged(caplog):
    caplog.set_level(logging.DEBUG)
    for name in ("asyncio", "aiohttp", "aiohttp.client", "sagicc_async", "sagicc_async.siigo"):
        caplog.set_level(logging.DEBUG, logger=name)
    return caplog


def secrets_of(here):
    """What nobody may see: the key, and every token that was ever issued."""
    return {here.vendor.credentials["access_key"], *issued_by(here.vendor._company)._tokens}


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
    """An error that gives back, in every place that it has, what it was sent with."""
    words = " ".join(sorted(secrets))
    error = {"Code": words, "Message": words, "Params": [words, *secrets], "Detail": words}
    return {"Status": 400, "Errors": [error], "message": words, words: words}


def echoes(secrets):
    """Faults that give back what the vendor was sent."""
    for status in (200, 201, 400, 403, 404, 408, 409, 415, 429, 500, 503):
        yield "status", {"status": status, "body": echo_of(secrets)}
    yield "status", {"status": 200, "body": {"access_token": sorted(secrets)}}
    yield "status", {"status": 200, "body": " ".join(secrets)}
    yield "status", {"status": 200, "body": {"results": [{"id": word, "active": word} for word in secrets]}}
    yield "garbage", {"body": f"<html>{' '.join(secrets)}</html>"}
    yield "garbage", {"body": f"<html>{' '.join(secrets)}</html>", "status": 502}
    yield "redirect", {"location": f"/login?{'&'.join(secrets)}"}
    yield "redirect", {"location": f"https://otro.example/{'/'.join(secrets)}", "status": 307}
    yield "truncate", {}
    yield "reset_before", {}
    yield "reset_after", {}


def refused(key):
    """A fault that ends tokens, so that no two answers can give back the same one."""
    return "status", {"status": 401, "body": echo_of({key})}


async def test_no_refusal_of_a_login_brings_a_secret_to_light(local, everything_is_logged):
    asyncio.get_running_loop().set_debug(True)
    async with local() as here:
        await here.siigo.taxes.list().collect()
        issued, key = secrets_of(here), here.vendor.credentials["access_key"]
        for kind, options in (*echoes({key}), refused(key)):
            fault = here.vendor.fault(kind, path=TOKEN, **options)
            async with another(here, manager=ONCE) as siigo:
                with pytest.raises(SagiccAsyncError) as caught:
                    await siigo.taxes.list().collect()
                hunt(caught.value, issued)
                assert not any(secret in repr((siigo, siigo.account.terms, siigo.settings)) for secret in issued)
            here.vendor.clear_faults(fault)
        async with another(here, {**here.vendor.credentials, "access_key": "k4n4r10"}) as siigo:
            with pytest.raises(CredentialsRejected) as caught:
                await siigo.taxes.list().collect()
            hunt(caught.value, issued | {"k4n4r10"})
        assert not any(secret in everything_is_logged.text for secret in secrets_of(here) | {"k4n4r10"})


async def test_no_answer_of_the_api_brings_a_secret_to_light(local, everything_is_logged):
    asyncio.get_running_loop().set_debug(True)
    async with local(manager=ONCE) as here:
        siigo = here.siigo
        await siigo.taxes.list().collect()
        secrets = secrets_of(here)
        for kind, options in (*echoes(secrets), refused(here.vendor.credentials["access_key"])):
            fault = here.vendor.fault(kind, path="v1/", **options)
            for call in (
                siigo.products.list().collect,
                siigo.taxes.list().raw().collect,
                siigo.catalogue().warehouses,
                lambda: siigo.products.get("x"),
                lambda: siigo.products.create(NEW),
                lambda: siigo.invoices.create({}, key="pedido-1", check=False),
                lambda: siigo.products.edit("x", name="y"),
                lambda: siigo.products.delete("x"),
            ):
                try:
                    await call()
                except SagiccAsyncError as error:
                    hunt(error, secrets)
            here.vendor.clear_faults(fault)
        secrets |= secrets_of(here)  # where a token was refused, another was issued
        assert not any(secret in everything_is_logged.text for secret in secrets)
        assert not any(secret in repr((here.sessions.status(), here.sessions, siigo)) for secret in secrets)
        assert not any(secret.encode() in repr(here.vendor.requests).encode() for secret in secrets)


async def test_the_log_needs_no_user_name_either(local, everything_is_logged):
    async with local(manager=ONCE) as here:
        await here.siigo.products.list().collect()
        here.vendor.fault("status", path="products", status=500)
        with pytest.raises(SagiccAsyncError):
            await here.siigo.products.list().collect()
        async with another(here, {**here.vendor.credentials, "access_key": "k4n4r10"}) as siigo:
            with pytest.raises(CredentialsRejected):
                await siigo.taxes.list().collect()
        assert "siigo" in everything_is_logged.text
        assert here.vendor.credentials["username"] not in everything_is_logged.text


async def test_no_file_holds_the_key_and_only_the_token_cache_a_token(local, tmp_path):
    manager = {"token_cache": FileTokenCache(tmp_path / "tokens"), "error_counts": FileErrorCounts(tmp_path / "errors")}
    async with local(manager={**manager, **ONCE}) as here:
        here.vendor.fault("status", path="products", query={"page": 3}, status=500)
        (tmp_path / "out").mkdir()
        with pytest.raises(SagiccAsyncError):
            await export(here.siigo.products.list(page_size=10), tmp_path / "out" / "a.jsonl")
        secrets = secrets_of(here)
        key, username = here.vendor.credentials["access_key"], here.vendor.credentials["username"]
        await here.sessions.close()

    files = {file: file.read_bytes() + str(file).encode() for file in tmp_path.rglob("*") if file.is_file()}
    assert {file.relative_to(tmp_path).parts[0] for file in files} == {"tokens", "errors", "out"}
    for file, content in files.items():
        assert key.encode() not in content
        assert username.encode() not in content
        if file.relative_to(tmp_path).parts[0] != "tokens":
            assert not any(secret.encode() in content for secret in secrets)


async def test_an_unknown_outcome_can_be_pickled_without_its_session(local):
    async with local(manager=ONCE) as here:
        await here.siigo.taxes.list().collect()
        here.vendor.fault("reset_after", method="POST", path="products")
        with pytest.raises(OutcomeUnknown) as caught:
            await here.siigo.products.create(NEW)
        hunt(caught.value, secrets_of(here))
        assert str(pickle.loads(pickle.dumps(caught.value))) == str(caught.value)


def test_credentials_and_logins_show_no_secret():
    credentials = SiigoCredentials(username="a@acme.example", access_key="k4n4r10")
    assert "k4n4r10" not in f"{credentials} {credentials!r} {_request(credentials)!r} {SiigoAuth('MyProduct')!r}"
    with pytest.raises(TypeError):
        pickle.dumps(credentials)
