"""What an answer means: every listed version of every error, and pages that are never data."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from multidict import CIMultiDict, CIMultiDictProxy

from sagicc_async import (
    Action,
    CredentialsRejected,
    ErrorMap,
    NotFound,
    PermissionDenied,
    ProtocolError,
    RateLimited,
    Response,
    ServerError,
    ValidationFailed,
    Verdict,
)
from sagicc_async_sagicc.answers import read_answer

MAP = ErrorMap(inspect=read_answer)


def verdict(status: int, body: Any = b"", *, method: str = "GET", **headers: str) -> Verdict:
    text = body if isinstance(body, bytes) else json.dumps(body).encode()
    kind = {} if isinstance(body, bytes) else {"Content-Type": "application/json"}
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    response = Response(
        status=status, body=text, method=method, headers=CIMultiDictProxy(CIMultiDict({**kind, **named}))
    )
    return MAP.classify(response, now=1_000_000.0)


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (401, {"error": "invalid_client", "error_description": "Client authentication failed"}),
        (401, {"error": "invalid_client", "error_description": "x", "message": "Client authentication failed"}),
        (401, {"error": "invalid_client", "message": "Client authentication failed"}),
        (400, {"error": "unauthorized_client"}),
        (200, {"error": "invalid_client"}),
    ],
)
def test_a_refused_secret_is_told_from_a_refused_user(status, body):
    found = verdict(status, body, method="POST")
    assert (found.action, found.error) == (Action.FAIL, CredentialsRejected)
    assert "Client Secret" in found.message
    assert "Credenciales de la API" in found.hint
    assert "Refrescar" in found.hint


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (401, {"error": "invalid_credentials", "message": "The user credentials were incorrect."}),
        (401, {"error": "invalid_credentials", "error_description": "The user credentials were incorrect."}),
        (
            400,
            {"error": "invalid_grant", "error_description": "The provided authorization grant is invalid", "hint": "x"},
        ),
        (400, {"error": "invalid_grant", "error_description": "The user credentials were incorrect."}),
    ],
)
def test_a_refused_user_is_told_from_a_refused_secret(status, body):
    found = verdict(status, body, method="POST")
    assert (found.action, found.error) == (Action.FAIL, CredentialsRejected)
    assert "user or the password" in found.message
    assert "Usuario and Contraseña" in found.hint


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (400, {"error": "invalid_request", "message": "The refresh token is invalid."}),
        (401, {"error": "invalid_request", "hint": "Cannot decrypt the refresh token"}),
    ],
)
def test_a_refused_refresh_token_is_told(status, body):
    found = verdict(status, body, method="POST")
    assert (found.error, "refresh token" in found.message) == (CredentialsRejected, True)


@pytest.mark.parametrize("code", ["invalid_request", "unsupported_grant_type", "invalid_scope"])
def test_a_login_of_a_wrong_form_is_no_wrong_password(code):
    found = verdict(400, {"error": code, "hint": "Check the `grant_type` parameter"}, method="POST")
    assert (found.error, code in found.message) == (ValidationFailed, True)


@pytest.mark.parametrize(
    ("status", "body", "action", "error"),
    [
        (401, {"message": "Unauthenticated."}, Action.REAUTHENTICATE, CredentialsRejected),
        (403, {"message": "This action is unauthorized."}, Action.FAIL, PermissionDenied),
        (404, {"message": ""}, Action.FAIL, NotFound),
        (404, {"message": "No query results for model [App\\Caso] 7"}, Action.FAIL, NotFound),
        (405, {"message": "The PATCH method is not supported"}, Action.FAIL, ValidationFailed),
        (413, b"", Action.FAIL, ValidationFailed),
        (414, b"<html>", Action.FAIL, ValidationFailed),
        (500, {"message": "Server Error"}, Action.RETRY, ServerError),
        (502, b"<html>Bad gateway", Action.RETRY, ServerError),
        (503, {"message": "Service Unavailable"}, Action.RETRY, ServerError),
        (200, b"<!DOCTYPE html><html>", Action.FAIL, ProtocolError),
        (204, b"", Action.ACCEPT, ServerError),
        (200, {"data": []}, Action.ACCEPT, ServerError),
        (201, {"data": [1]}, Action.ACCEPT, ServerError),
    ],
)
def test_statuses(status, body, action, error):
    found = verdict(status, body)
    assert found.action is action
    assert action is Action.ACCEPT or found.error is error


def test_a_page_that_calls_itself_html_is_never_data():
    assert verdict(200, b"  ", Content_Type="text/html; charset=UTF-8").error is ProtocolError
    assert "check instance and base_url" in verdict(200, b"\n<html>").hint


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ({"message": "The given data was invalid.", "errors": {"a": ["x", "y"], "b": ["z"]}}, ["a", "a", "b"]),
        ({"message": "x (and 1 more error)", "errors": {"a": ["x"]}}, ["a"]),
        ({"a": ["x"], "b": ["y", 7]}, ["a", "b"]),
        ({"message": "no"}, [""]),
    ],
)
def test_complaints_about_fields_in_every_version(body, fields):
    found = verdict(422, body, method="POST")
    assert found.error is ValidationFailed
    assert [complaint.path for complaint in found.errors] == fields


@pytest.mark.parametrize(
    ("body", "headers", "wait"),
    [
        ({"message": "Too Many Attempts."}, {"Retry_After": "7"}, 7),
        ({"message": "Too Many Attempts."}, {"Retry_After": "Mon, 12 Jan 1970 13:46:45 GMT"}, 5),
        (b"Too Many Attempts.", {}, None),
        ({"message": "x"}, {"X_RateLimit_Reset": "1000060", "Date": "Mon, 12 Jan 1970 13:46:40 GMT"}, 60),
        ({"message": "x"}, {"X_RateLimit_Reset": "1000060"}, None),
        ({"message": "x"}, {"X_RateLimit_Reset": "soon", "Date": "Mon, 12 Jan 1970 13:46:40 GMT"}, None),
    ],
)
def test_too_many_requests_in_every_version(body, headers, wait):
    found = verdict(429, body, **headers)
    assert (found.action, found.error, found.wait) == (Action.RATE_LIMITED, RateLimited, wait)


def test_a_failing_read_is_tried_once_more_and_names_what_may_be_wrong():
    found = verdict(500, {"message": "Server Error", "trace": ["canario"]})
    assert found.attempts == 2
    assert "names of columns, relations and conditions" in found.hint
    assert "relations_style" in found.hint
    assert "canario" not in f"{found.message} {found.hint} {found.errors}"
    assert verdict(503, b"").attempts is None
    assert verdict(500, b"", method="PUT").hint is None


@pytest.mark.parametrize(
    "body", [{"success": False}, {"error": "x"}, {"errors": ["x"]}, {"success": False, "message": "no"}]
)
def test_a_success_that_says_it_failed_is_an_error(body):
    assert verdict(200, body).error is ValidationFailed
    assert verdict(201, body, method="POST").action is Action.FAIL
    padded = {**body, "data": [{"nota": "x" * 100}] * 100}
    assert verdict(200, padded).action is Action.ACCEPT  # a large list is looked at by its reader, in the same pass
    assert verdict(200, padded, method="POST").action is Action.FAIL


@given(st.integers(200, 599), st.binary(max_size=80), st.sampled_from(["GET", "POST", "PUT", "DELETE"]))
def test_no_answer_makes_it_raise(status, body, method):
    assert verdict(status, body, method=method)


@given(
    st.integers(200, 599),
    st.dictionaries(
        st.sampled_from(["error", "errors", "message", "success", "hint", "error_description"]),
        st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.lists(st.text(max_size=3), max_size=2),
    ),
)
def test_no_body_makes_it_raise(status, body):
    assert verdict(status, body)


def test_a_page_size_that_is_refused_says_which_setting_to_lower():
    found = verdict(422, {"message": "x", "errors": {"sizePerPage": ["may not be greater than 100"]}})
    assert "smaller page_size" in found.hint
