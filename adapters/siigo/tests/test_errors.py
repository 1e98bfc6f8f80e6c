"""What Siigo's refusals mean: every code that it lists, in both ways of writing them, and answers that are no envelope."""

from __future__ import annotations

import json
import pickle
import re
from contextlib import asynccontextmanager

import pytest
from hypothesis import given
from hypothesis import strategies as st
from multidict import CIMultiDict, CIMultiDictProxy

from sagicc_async import (
    Action,
    Conflict,
    CredentialsRejected,
    MemoryCoordinator,
    NotFound,
    OutcomeUnknown,
    PermissionDenied,
    ProtocolError,
    RateLimited,
    Response,
    RetryPolicy,
    ServerError,
    SessionManager,
    ValidationFailed,
)
from sagicc_async.testing import mocked_responses
from sagicc_async_siigo import Siigo
from sagicc_async_siigo.answers import errors_of, read_answer

BASE = "https://api.siigo.com"
DETAIL = "Check the API documentation: https://developer.siigo.com/introduction/codigos-de-error/"

REFUSED = (Action.FAIL, ValidationFailed)
COLLIDES = (Action.FAIL, Conflict)
FAILED = (Action.RETRY, ServerError)

#: Code -> the status that it was seen with, or is likely to come with, and what it means for a caller.
CODES = {
    "already_exists": (400, *COLLIDES),
    "duplicated_document": (409, *COLLIDES),
    "blocked_transactions": (400, *REFUSED),
    "company_settings": (400, *REFUSED),
    "customer_settings": (400, *REFUSED),
    "date_settings": (400, *REFUSED),
    "delete_not_allowed": (400, *COLLIDES),
    "disabled_functionality": (403, Action.FAIL, PermissionDenied),
    "document_settings": (400, *REFUSED),
    "documents_service": (503, *FAILED),
    "payment_types_service": (503, *FAILED),
    "general_service": (503, *FAILED),
    "entry_service": (503, *FAILED),
    "document_query_service": (503, *FAILED),
    "service_unavailable": (503, *FAILED),
    "header_required": (400, *REFUSED),
    "invalid_partner_id": (400, *REFUSED),
    "invalid_idempotency-key": (400, *REFUSED),
    "invalid_idempotency_key": (400, *REFUSED),
    "invalid_array": (400, *REFUSED),
    "invalid_date": (400, *REFUSED),
    "invalid_description": (400, *REFUSED),
    "invalid_name": (400, *REFUSED),
    "invalid_dian_resolution": (400, *REFUSED),
    "invalid_range": (400, *REFUSED),
    "invalid_reference": (400, *REFUSED),
    "invalid_total_payments": (400, *REFUSED),
    "invalid_type": (400, *REFUSED),
    "invalid_url": (400, *REFUSED),
    "invalid_value": (400, *REFUSED),
    "values_limit": (400, *REFUSED),
    "length_max": (400, *REFUSED),
    "length_min": (400, *REFUSED),
    "invalid_plan_type": (400, *REFUSED),
    "invalid_balance": (400, *REFUSED),
    "non_editable": (400, *COLLIDES),
    "update_not_allowed": (400, *COLLIDES),
    "not_found": (404, Action.FAIL, NotFound),
    "parameter_required": (400, *REFUSED),
    "parameter_empty": (400, *REFUSED),
    "parameter_inactive": (400, *REFUSED),
    "parameter_not_allowed": (400, *REFUSED),
    "parameters_exclusive": (400, *REFUSED),
    "product_settings": (400, *REFUSED),
    "warehouse_settings": (400, *REFUSED),
    "requests_limit": (429, Action.RATE_LIMITED, RateLimited),
    "unauthorized": (401, Action.REAUTHENTICATE, CredentialsRejected),
    "unhandled_error": (500, *FAILED),
    "request_timeout": (408, *FAILED),
}
#: What the vendor ties to no status means the same under any.
TELLING = {code: meaning for code, (_, *meaning) in CODES.items() if tuple(meaning) != REFUSED}

SPANISH = re.compile(r"[áéíóúñ¿¡]|\b(el|la|los|las|una|para|debe|empresa|factura|fecha)\b", re.IGNORECASE)


def envelope(*errors, status=400, casing="pascal"):
    body = {
        "Status": status,
        "Errors": [
            {"Code": code, "Message": message, "Params": params, "Detail": detail}
            for code, message, params, detail in errors
        ],
    }
    if casing == "pascal":
        return body
    lowered = [{name.lower(): value for name, value in error.items()} for error in body["Errors"]]
    return {"status": status, "errors": lowered}


def verdict(status, body, *, method="GET"):
    text = body if isinstance(body, bytes) else json.dumps(body).encode()
    response = Response(status=status, body=text, method=method, headers=CIMultiDictProxy(CIMultiDict()))
    return Siigo.errors.classify(response, now=1_000_000.0)


@asynccontextmanager
async def mocked(**manager):
    """An account whose vendor is a script."""
    with mocked_responses() as mock:
        mock.post(f"{BASE}/auth", payload={"access_token": "t0k3n", "expires_in": 86400}, repeat=True)
        given = {"coordinator": MemoryCoordinator(), "retry": RetryPolicy(attempts=2, base=0), **manager}
        async with SessionManager(**given) as sessions:
            credentials = {"username": "a@acme.example", "access_key": "k3y"}
            yield mock, sessions.open(Siigo, credentials, partner_id="MyProduct")


# Codes.


@pytest.mark.parametrize("casing", ["pascal", "lower"])
@pytest.mark.parametrize("code", CODES)
def test_every_code_has_its_meaning_in_both_ways_of_writing(code, casing):
    status, action, error = CODES[code]
    found = verdict(status, envelope((code, "x", ["a"], DETAIL + code), status=status, casing=casing))

    assert (found.action, found.error, found.code) == (action, error, code)
    assert [(one.code, one.path) for one in found.errors] == [(code, "a")]
    assert found.message
    assert not SPANISH.search(f"{found.message} {found.hint or ''}")
    assert "x" not in found.message.split()  # what the vendor says is in `errors` alone


@pytest.mark.parametrize("status", [400, 403, 404, 409, 500, 503])
@pytest.mark.parametrize("code", TELLING)
def test_a_code_that_tells_more_than_its_status_goes_before_it(code, status):
    found = verdict(status, envelope((code, "", [], None), status=status))
    assert [found.action, found.error] == TELLING[code]


@pytest.mark.parametrize(
    ("status", "action", "error"),
    [
        (400, *REFUSED),
        (401, Action.REAUTHENTICATE, CredentialsRejected),
        (402, *REFUSED),
        (403, Action.FAIL, PermissionDenied),
        (404, Action.FAIL, NotFound),
        (405, *REFUSED),
        (408, *FAILED),
        (409, *COLLIDES),
        (410, *REFUSED),
        (413, *REFUSED),
        (415, *REFUSED),
        (418, *REFUSED),
        (422, *REFUSED),
        (429, Action.RATE_LIMITED, RateLimited),
        (500, *FAILED),
        (501, *FAILED),
        (503, *FAILED),
        (504, *FAILED),
    ],
)
def test_a_code_that_nobody_lists_means_what_its_status_means(status, action, error):
    found = verdict(status, envelope(("brand_new", "x", [], None), status=status))
    assert (found.action, found.error, found.code) == (action, error, "brand_new")
    assert "brand_new" in found.message


@pytest.mark.parametrize("code", ["documents_service", "document_query_service", "brand_new_service"])
def test_a_service_that_is_down_for_minutes_is_waited_for_longer_than_usual(code):
    found = verdict(503, envelope((code, "Please try in a few minutes", [], None), status=503))
    assert (found.action, found.error) == FAILED
    assert found.wait > RetryPolicy().cap
    assert found.wait < RetryPolicy().patience


@pytest.mark.parametrize(
    ("message", "wait"),
    [
        ("Too many requests. Try again in 17 seconds.", 17),
        ("TRY AGAIN IN 1 SECOND", 1),
        ("Too many requests", None),
        ("Try again in 17 minutes", None),
        ("Try again in -1 seconds", None),
        ("Try again in 99999999999999999999 seconds", None),
    ],
)
def test_the_wait_is_read_from_the_words(message, wait):
    assert verdict(429, envelope(("requests_limit", message, [], None), status=429)).wait == wait


# What is in them.


def test_params_and_detail_are_kept():
    (error,) = verdict(400, envelope(("parameter_required", "The field code is required", ["code"], "See."))).errors
    assert (error.code, error.path, error.message) == (
        "parameter_required",
        "code",
        "The field code is required (See.)",
    )
    (error,) = verdict(400, envelope(("parameters_exclusive", "", ["a", "b", 3], None))).errors
    assert (error.path, error.message) == ("a, b, 3", "")
    (error,) = verdict(400, envelope(("x", "", [], "See."))).errors
    assert error.message == "See."


def test_several_errors_are_all_there_and_the_first_one_decides():
    found = verdict(400, envelope(("already_exists", "a", ["number"], None), ("invalid_type", "b", ["date"], None)))
    assert found.error is Conflict
    assert [(one.code, one.path, one.message) for one in found.errors] == [
        ("already_exists", "number", "a"),
        ("invalid_type", "date", "b"),
    ]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"  ",
        b"<html><body>502 Bad Gateway</body></html>",
        b"upstream request timeout",
        b"\xff\xfe",
        b"[" * 100_000,
        {"message": "no Route matched"},
        {"Errors": []},
        {"Errors": None},
        {"Errors": "many"},
        {"Errors": [1, None, "x"]},
        [],
        "text",
        7,
        None,
    ],
)
@pytest.mark.parametrize(
    ("status", "action", "error"),
    [
        (400, *REFUSED),
        (403, Action.FAIL, PermissionDenied),
        (404, Action.FAIL, NotFound),
        (408, *FAILED),
        (415, *REFUSED),
        (429, Action.RATE_LIMITED, RateLimited),
        (500, *FAILED),
        (502, *FAILED),
        (503, *FAILED),
        (504, *FAILED),
    ],
)
def test_what_is_no_envelope_is_taken_by_its_status(status, action, error, body):
    found = verdict(status, body)
    assert (found.action, found.error, list(found.errors)) == (action, error, [])


def test_the_parts_of_an_error_may_be_missing_or_of_another_kind():
    (error,) = errors_of(json.dumps({"errors": [{}]}).encode())
    assert (error.code, error.path, error.message) == ("unknown", "", "")
    (error,) = errors_of(json.dumps({"ERRORS": [{"code": 5, "params": "a", "message": None, "detail": {}}]}).encode())
    assert (error.code, error.path, error.message) == ("unknown", "", "")


@pytest.mark.parametrize("code", ["U0hRdWZLRGU0", "two words", "k4n4r10", "a" * 61, "", "a.b", "línea", "a\nb"])
def test_what_is_no_code_of_siigos_does_not_get_into_the_text_of_an_error(code):
    found = verdict(400, envelope((code, "x", [], None)))
    assert (found.code, [error.code for error in found.errors]) == ("unknown", ["unknown"])
    assert (found.action, found.error, found.message) == (*REFUSED, "Siigo refuses the request (unknown)")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["Errors", "errors", "Code", "message", "Params", "detail"]), inner, max_size=4
        )
    ),
    max_leaves=12,
)


@given(st.integers(200, 599), JSON.map(lambda value: json.dumps(value).encode()) | st.binary(max_size=20))
def test_no_answer_can_break_the_reading(status, body):
    found = verdict(status, body)
    assert isinstance(found.action, Action)
    assert 200 <= status < 300 or found.action is not Action.ACCEPT


# Good answers.


@pytest.mark.parametrize("status", [200, 201, 202])
@pytest.mark.parametrize("body", [b"{}", b"[]", b' {"id": 1}', b"\n[1]"])
def test_any_status_of_success_with_json_is_what_was_asked_for(status, body):
    assert verdict(status, body).action is Action.ACCEPT


@pytest.mark.parametrize("body", [b"", b" ", b"<html></html>", b"OK", b'"text"', b"null"])
@pytest.mark.parametrize("method", ["GET", "POST", "PUT"])
def test_success_without_json_is_doubtful_and_asked_for_twice_at_most(method, body):
    found = verdict(200, body, method=method)
    assert (found.action, found.error, found.attempts) == (Action.RETRY, ProtocolError, 2)
    assert "check base_url" in found.hint


def test_a_deletion_may_be_answered_with_nothing():
    response = Response(status=204, body=b"", method="DELETE", headers=CIMultiDictProxy(CIMultiDict()))
    assert read_answer(response).action is Action.ACCEPT


# On the way to the caller.


async def test_the_error_has_everything_and_its_text_nothing_of_the_vendors_words():
    body = envelope(("document_settings", "The document.id cannot be used", ["document.id"], "See."))
    async with mocked() as (mock, siigo):
        mock.post(f"{BASE}/v1/quotations", status=400, payload=body)
        with pytest.raises(ValidationFailed) as caught:
            await siigo.quotations.create({}, check=False)
    error = caught.value
    assert (error.vendor, error.operation, error.status) == ("siigo", "quotations.create", 400)
    assert (error.code, error.attempts) == ("document_settings", 1)
    assert "DIAN resolution" in str(error)
    assert "cannot be used" not in str(error)
    assert [one.path for one in error.errors] == ["document.id"]
    again = pickle.loads(pickle.dumps(error))
    assert (str(again), again.errors) == (str(error), error.errors)


@pytest.mark.parametrize("code", [code for code, (_, action, _) in CODES.items() if action is Action.FAIL])
async def test_a_refusal_is_raised_at_once_in_its_class(code):
    status, _, error = CODES[code]
    async with mocked() as (mock, siigo):
        mock.get(re.compile(f"{BASE}/v1/products/.*"), status=status, payload=envelope((code, "", [], None)))
        mock.post(f"{BASE}/v1/products", status=status, payload=envelope((code, "", [], None)))
        with pytest.raises(error) as caught:
            await siigo.products.get("x")
        assert (type(caught.value), caught.value.attempts) == (error, 1)
        with pytest.raises(error):
            await siigo.products.create({}, check=False)


@pytest.mark.parametrize(("status", "body"), [(408, ""), (500, "<html>"), (502, ""), (503, "{}"), (504, "")])
async def test_a_failure_is_asked_again_for_a_read_and_left_open_for_a_write(status, body):
    async with mocked() as (mock, siigo):
        mock.get(re.compile(f"{BASE}/v1/products/.*"), status=status, body=body, repeat=True)
        mock.post(f"{BASE}/v1/products", status=status, body=body, repeat=True)
        with pytest.raises(ServerError) as caught:
            await siigo.products.get("x")
        assert (caught.value.attempts, caught.value.status) == (2, status)
        with pytest.raises(OutcomeUnknown) as unknown:
            await siigo.products.create({}, check=False)
        assert (unknown.value.attempts, unknown.value.status) == (1, status)


async def test_a_media_type_that_siigo_refuses_is_no_failure_of_its_own():
    body = envelope(("unsupported_media_type", "", [], None), status=415)
    async with mocked() as (mock, siigo):
        mock.post(f"{BASE}/v1/products", status=415, payload=body)
        with pytest.raises(ValidationFailed, match="unsupported_media_type"):
            await siigo.products.create({}, check=False)


async def test_a_failure_that_passes_is_not_noticed_by_a_read():
    async with mocked() as (mock, siigo):
        mock.get(f"{BASE}/v1/taxes", status=500, payload=envelope(("unhandled_error", "", [], None), status=500))
        mock.get(f"{BASE}/v1/taxes", payload=[{"id": 1, "name": "IVA"}])
        assert [tax.id for tax in await siigo.taxes.list().collect()] == [1]
