"""What SERPI's answers mean: every row of its envelope, under every status, and the order in which it is decided."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sagicc_async import (
    Action,
    Conflict,
    CredentialsRejected,
    FieldError,
    NotFound,
    PermissionDenied,
    ProtocolError,
    RateLimited,
    Response,
    ServerError,
    TokenBusy,
    ValidationFailed,
)
from sagicc_async_serpi import Serpi, SerpiSettings
from sagicc_async_serpi.answers import read_answer

# The examples of the wiki. Where it prints what is no JSON (a comma that lacks or is too many), the comma is mended;
# where the known text ends in the middle of a record, the record is closed there.
ROWS = """{
"success": true,
"code": 200,
"errors": null,
"message": "1 registro(s) encontrados",
"result": [{"id": 1, "codigo": "01", "abreviatura": "ADS", "descripcion": "ADMINISTRACION"}]
}"""
ROWS_WITHOUT_ERRORS = """{
"success": true,
\t"code": 200,
\t"message": "x registro(s) encontrados",
\t"result": [{"id": 1, "abreviatura": "1", "descripcion": "BODEGA PRINCIPAL", "tipo_Bodega": "PRINCIPAL"}]
}"""
EMPTY_201 = """{
"success": true,
"code": 201,
"message": "No se encontraron registros",
"result": []
}"""
EMPTY_204 = """{
"success": true,
"code": 204,
"message": "No se encontraron registros"
}"""
CREATED = """{
"success": true,
"code": 201,
"errors": [],
"message": "Validaciones exitosas. Registro creado exitosamente"
}"""
NOT_CREATED = """{
"success": false,
"code": 400,
"errors": [
"La abreviatura CO1 ya existe",
"El campo descripcion es obligatorio",
"El codigo 957 ya existe"
],
"message": "Problemas de validaciones. Se presentaron errores al crear el registro"
}"""
MODIFIED = """{
"success": true,
"code": 200,
"errors": [],
"message": "Validaciones exitosas. Registro modificado exitosamente"
}"""
NO_SUCH_ID = """{
"success": false,
"code": 204,
"errors": null,
"message": "No se encontraron registros con el id 1"
}"""
NOT_MODIFIED = """{
"success": false,
"code": 400,
"errors": [
"El campo id es obligatorio",
"La abreviatura CO1 ya esta asociado al id x",
"El campo descripcion es obligatorio"
],
"message": "Problemas de validaciones. Se presentaron errores al modificar el registro"
}"""


def verdict(method, status, body, **settings):
    body = body if isinstance(body, bytes) else body.encode() if isinstance(body, str) else json.dumps(body).encode()
    answer = Response(method=method, status=status, body=body)
    return Serpi.errors_for(SerpiSettings(**settings)).classify(answer, now=0.0)


def envelope(success, code, **fields):
    return {"success": success, "code": code, **fields}


@pytest.mark.parametrize(
    ("method", "body", "statuses"),
    [
        ("GET", ROWS, (200,)),
        ("GET", ROWS_WITHOUT_ERRORS, (200,)),
        ("GET", EMPTY_201, (200, 201)),
        ("GET", EMPTY_204, (200, 202, 204)),
        ("POST", CREATED, (200, 201)),
        ("PUT", MODIFIED, (200,)),
    ],
)
def test_what_went_well_is_accepted_under_every_status(method, body, statuses):
    assert {verdict(method, status, body).action for status in statuses} == {Action.ACCEPT}


@pytest.mark.parametrize("status", [200, 204, 400])
def test_an_unknown_id_is_no_empty_answer_although_the_code_is_the_same(status):
    refused = verdict("PUT", status, NO_SUCH_ID)

    assert (refused.action, refused.error, refused.code) == (Action.FAIL, NotFound, "204")
    assert refused.errors == (FieldError("invalid", "", "No se encontraron registros con el id 1"),)


@pytest.mark.parametrize("status", [200, 400, 422])
@pytest.mark.parametrize(
    ("method", "body", "errors"),
    [
        (
            "POST",
            NOT_CREATED,
            {
                FieldError("duplicate", "abreviatura", "La abreviatura CO1 ya existe", value="CO1"),
                FieldError("required", "descripcion", "El campo descripcion es obligatorio"),
                FieldError("duplicate", "codigo", "El codigo 957 ya existe", value="957"),
            },
        ),
        (
            "PUT",
            NOT_MODIFIED,
            {
                FieldError("required", "id", "El campo id es obligatorio"),
                FieldError("duplicate", "abreviatura", "La abreviatura CO1 ya esta asociado al id x", value="CO1"),
                FieldError("required", "descripcion", "El campo descripcion es obligatorio"),
            },
        ),
    ],
)
def test_all_complaints_of_the_vendor_are_told_with_field_and_value(method, status, body, errors):
    refused = verdict(method, status, body)

    assert (refused.action, refused.error, refused.code) == (Action.FAIL, ValidationFailed, "400")
    assert set(refused.errors) == errors
    assert not any(error.message in refused.message for error in refused.errors)


@pytest.mark.parametrize(
    ("messages", "fields"),
    [
        (["El codigo 957 ya existe"], "codigo"),
        (["El codigo A 7 ya esta asociado al id 12"], "codigo"),
        (["La abreviatura CO1 ya existe", "El codigo 957 ya existe"], "abreviatura, codigo"),
    ],
)
def test_nothing_but_duplicates_is_a_conflict(messages, fields):
    refused = verdict("POST", 200, envelope(False, 400, errors=messages, message="Problemas de validaciones."))

    assert refused.error is Conflict
    assert refused.message == f"a record with this {fields} exists already"
    assert [error.code for error in refused.errors] == ["duplicate"] * len(messages)


@pytest.mark.parametrize("method", ["GET", "POST", "PUT"])
@pytest.mark.parametrize("body", ["", ROWS, CREATED, NO_SUCH_ID, "<html></html>"])
@pytest.mark.parametrize(
    ("status", "action", "error"),
    [
        (401, Action.REAUTHENTICATE, CredentialsRejected),
        (403, Action.FAIL, PermissionDenied),
        (404, Action.FAIL, NotFound),
        (500, Action.RETRY, ServerError),
        (502, Action.RETRY, ServerError),
        (503, Action.RETRY, ServerError),
    ],
)
def test_the_status_decides_first(method, body, status, action, error):
    refused = verdict(method, status, body)

    assert (refused.action, refused.error) == (action, error)


@pytest.mark.parametrize(
    ("body", "own"),
    [
        (envelope(False, 504, errors=None, message="Algo paso"), True),
        ("<html>504 Gateway Time-out</html>", False),
        ('{"message": "Endpoint request timed out"}', False),
        ("", False),
    ],
)
def test_behind_a_gateways_status_only_the_envelope_tells_that_serpi_itself_answered(body, own):
    assert verdict("POST", 504, body).vendors_own is own


@pytest.mark.parametrize(
    ("code", "action", "error"),
    [
        (401, Action.REAUTHENTICATE, CredentialsRejected),
        (403, Action.FAIL, PermissionDenied),
        (500, Action.RETRY, ServerError),
        (404, Action.FAIL, NotFound),
        (204, Action.FAIL, NotFound),
        (400, Action.FAIL, ValidationFailed),
        (409, Action.FAIL, ValidationFailed),
        (None, Action.FAIL, ValidationFailed),
    ],
)
@pytest.mark.parametrize("written", ["number", "text"])
def test_a_refusal_under_status_200_is_read_from_the_code(code, action, error, written):
    code = str(code) if written == "text" and code is not None else code

    refused = verdict("GET", 200, envelope(False, code, errors=None, message="Algo paso"))

    assert (refused.action, refused.error) == (action, error)


def test_a_code_of_thousands_of_digits_is_none():
    assert verdict("GET", 200, envelope(False, "9" * 5_000)).code is None


def test_a_message_says_that_nothing_was_found_where_the_code_does_not():
    refused = verdict("PUT", 200, envelope(False, 400, errors=None, message="No se encontraron registros con el id 7"))

    assert refused.error is NotFound


@pytest.mark.parametrize("body", [b"", b"  \r\n "])
@pytest.mark.parametrize(
    ("method", "status", "action", "error"),
    [
        ("GET", 200, Action.ACCEPT, None),
        ("GET", 204, Action.ACCEPT, None),
        ("PUT", 204, Action.FAIL, NotFound),
        ("PUT", 200, Action.FAIL, ProtocolError),
        ("POST", 204, Action.FAIL, ProtocolError),
        ("POST", 201, Action.FAIL, ProtocolError),
        ("GET", 400, Action.FAIL, ProtocolError),
    ],
)
def test_no_body_at_all_means_what_the_bodies_for_204_say(body, method, status, action, error):
    read = verdict(method, status, body)

    assert read.action is action
    assert error is None or read.error is error


@pytest.mark.parametrize("method", ["GET", "POST", "PUT"])
@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ("<!DOCTYPE html><html></html>", "HTML"),
        ("  <html>", "HTML"),
        ("null", "something else"),
        ("[]", "something else"),
        ('"success"', "something else"),
        ("{}", "something else"),
        ('{"success": "true", "code": 200}', "something else"),
        ('{"success": null, "code": 200}', "something else"),
        (NO_SUCH_ID[:-1], "something else"),
        (b'{"success": true, "message": "\xff"}', "something else"),
        (b"\x1f\x8b\x08", "something else"),
        (b"[" * 200_000 + b"]" * 200_000, "something else"),
        (b'{"success": false, "code": 400, "errors": ' + b"[" * 200_000 + b"]" * 200_000 + b"}", "something else"),
    ],
)
def test_what_is_no_envelope_is_told(method, body, kind):
    refused = verdict(method, 200, body)

    assert (refused.action, refused.error) == (Action.FAIL, ProtocolError)
    assert refused.message == f"the answer is {kind} instead of SERPI's JSON envelope"
    assert "base_url" in refused.hint


@pytest.mark.parametrize("method", ["GET", "POST", "PUT"])
@pytest.mark.parametrize(
    "body",
    [
        envelope(True, 200, errors=["El codigo 957 ya existe"], message="bien", result=[]),
        envelope(True, 200, message="bien", result=[{"id": 1}], errors=["El codigo 957 ya existe"]),
        {"errors": ["El codigo 957 ya existe"], **envelope(True, 200, message="bien", result=[])},
        envelope(True, 200, errors="El codigo 957 ya existe", message="bien"),
    ],
)
def test_a_success_with_errors_is_none_wherever_they_stand(method, body):
    refused = verdict(method, 200, body)

    assert refused.error is Conflict
    assert refused.errors[0].value == "957"


@pytest.mark.parametrize("errors", [None, [], "absent"])
def test_no_errors_are_none_in_every_way_of_saying_so(errors):
    fields = {} if errors == "absent" else {"errors": errors}

    assert verdict("POST", 200, envelope(True, 201, message="bien", **fields)).action is Action.ACCEPT
    assert verdict("GET", 200, envelope(True, 200, message="bien", result=[], **fields)).action is Action.ACCEPT


def test_a_record_that_speaks_of_errors_is_no_error():
    body = envelope(
        True, 200, message="1 registro(s) encontrados", result=[{"errors": ["uno"], "descripcion": '"errors"'}]
    )

    assert verdict("GET", 200, body).action is Action.ACCEPT


@pytest.mark.parametrize("errors", [{"codigo": ["ya existe"]}, [1, None, {"a": 1}], "texto", 7])
def test_errors_of_another_shape_are_passed_on_as_text(errors):
    refused = verdict("POST", 400, envelope(False, 400, errors=errors, message="Problemas"))

    assert refused.error is ValidationFailed
    assert all(isinstance(error.message, str) and error.message for error in refused.errors)


class TestBusy:
    """SERPI documents no answer for a token that is in use; a setting names it where somebody knows it."""

    BODY = envelope(False, 409, errors=None, message="El token esta en uso")

    def test_nothing_is_assumed(self):
        assert verdict("GET", 409, self.BODY).action is Action.FAIL
        assert verdict("GET", 200, self.BODY).action is Action.FAIL

    @pytest.mark.parametrize("status", [409, 200])
    @pytest.mark.parametrize("code", [409, "409"])
    def test_it_is_known_by_status_or_code(self, status, code):
        busy = verdict("GET", status, {**self.BODY, "code": code}, busy_status=409)

        assert (busy.action, busy.error) == (Action.TOKEN_BUSY, TokenBusy)
        assert busy.errors[0].message == "El token esta en uso"

    def test_it_is_known_also_where_success_is_claimed(self):
        assert verdict("GET", 200, envelope(True, 409, message="espere"), busy_status=409).action is Action.TOKEN_BUSY

    @pytest.mark.parametrize("status", [401, 503])
    def test_it_goes_before_what_the_status_means_else(self, status):
        assert verdict("POST", status, "", busy_status=status).action is Action.TOKEN_BUSY

    def test_other_answers_keep_their_meaning(self):
        assert verdict("GET", 200, ROWS, busy_status=409).action is Action.ACCEPT
        assert verdict("PUT", 200, NO_SUCH_ID, busy_status=409).error is NotFound


@pytest.mark.parametrize("body", ["", "<html>too many</html>", envelope(False, 429, errors=None, message="espere")])
@pytest.mark.parametrize(
    ("status", "action", "error"),
    [(429, Action.RATE_LIMITED, RateLimited), (408, Action.RETRY, ServerError), (302, Action.FAIL, ProtocolError)],
)
def test_what_http_itself_defines_keeps_its_meaning(body, status, action, error):
    refused = verdict("GET", status, body)

    assert (refused.action, refused.error) == (action, error)


def test_the_credentials_screen_is_named_where_they_are_refused():
    assert "secretkey" in verdict("GET", 403, "").hint
    assert "SERPI" in Serpi.auth.hint


@pytest.mark.parametrize("method", ["GET", "POST", "PUT"])
def test_a_success_under_the_status_of_a_failure_is_not_believed(method):
    read = read_answer(Response(method=method, status=400, body=b'{"success":true,"code":200,"result":[]}'))

    assert (read.action, read.error) == (Action.FAIL, ProtocolError)
    assert "HTTP says 400" in read.message


@given(
    method=st.sampled_from(["GET", "POST", "PUT"]),
    status=st.integers(100, 599),
    body=st.binary(max_size=60)
    | st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=9),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=3),
    ).map(lambda value: json.dumps(value).encode())
    | st.fixed_dictionaries(
        {},
        optional={
            name: st.none() | st.booleans() | st.integers() | st.text(max_size=9) | st.lists(st.text(max_size=9))
            for name in ("success", "code", "errors", "message", "result")
        },
    ).map(lambda value: json.dumps(value).encode()),
    busy=st.none() | st.sampled_from([200, 204, 409]),
)
def test_no_answer_makes_the_reading_fail(method, status, body, busy):
    read = read_answer(Response(method=method, status=status, body=body), busy_status=busy)

    if read is not None and read.action is Action.ACCEPT:
        assert status < 400
