"""
What a SERPI answer means: the decision order for its envelope, as a pure function.

The wiki never says which HTTP status goes with which body, and its codes are ambiguous: 201 is both "created" and
"empty list", 204 both "empty list" and "no such id". So the decision looks at method, `success` and `code` together,
and accepts every pairing of body and status.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import msgspec

from sagicc_async import (
    Action,
    Conflict,
    CredentialsRejected,
    FieldError,
    NotFound,
    PermissionDenied,
    ProtocolError,
    Response,
    ServerError,
    TokenBusy,
    ValidationFailed,
    Verdict,
)

_ACCEPTED = Verdict(action=Action.ACCEPT)

SECRETKEY_HINT = (
    "the vendor documents 403 as a missing permission; users report it for a secretkey that belongs to another company "
    "than the token: compare both with what SERPI handed over"
)


class _Envelope(msgspec.Struct):
    """The parts of a body that say how it went; the records are skipped."""

    success: bool
    code: Any = None
    errors: Any = None
    message: Any = None


_read_envelope = msgspec.json.Decoder(_Envelope).decode

# A page of records begins like this. The whole body is looked at only where it does not, since looking at it costs as
# much as a third of reading it. Where `errors` does not come first, as on pages without that key, it is searched for.
_GOOD_PAGE = re.compile(
    rb'\s*\{\s*"success"\s*:\s*true\s*,\s*"code"\s*:\s*(\d{1,9})\s*,'
    rb'\s*("errors"\s*:\s*(?:null|\[\s*\])\s*,\s*)?"message"'
)

# Undocumented here, and what they mean does not depend on the vendor: HTTP's own table decides.
_LEFT_TO_HTTP = frozenset({*range(300, 400), 408, 429})

# SERPI's codes have three digits; Python refuses to read thousands of them.
_LONGEST_CODE = 9

_REQUIRED = re.compile(r"El campo (?P<field>\w+) es obligatorio")
_DUPLICATE = re.compile(r"(?:El|La) (?P<field>codigo|abreviatura) (?P<value>.+?) ya (?:existe|esta asociado al id .+)")


def read_answer(response: Response, *, busy_status: int | None = None) -> Verdict | None:
    """
    Say what an answer means.

    Args:
        response: A complete answer.
        busy_status: HTTP status, or `code` in the body, that means that the token is in use. SERPI documents none, so
            none is assumed.

    Returns:
        The verdict, or `None` where HTTP itself says enough; never raises.
    """
    if _is_good_page(response, busy_status):
        return _ACCEPTED
    if busy_status is not None and response.status == busy_status:
        return _busy(_envelope(response.body))
    envelope = _envelope(response.body)
    by_status = _by_status(response.status, envelope)
    if by_status is not None:
        return by_status
    if response.status in _LEFT_TO_HTTP:
        return None
    if not response.body.strip():
        return _without_body(response)
    if envelope is None:
        return _not_an_envelope(response)
    if busy_status is not None and _code(envelope) == busy_status:
        return _busy(envelope)
    if envelope.success and not envelope.errors and response.status >= 400:
        return _contradiction(response.status)
    return _by_envelope(envelope)


def _is_good_page(response: Response, busy_status: int | None) -> bool:
    if not response.ok or response.method != "GET":
        return False
    start = _GOOD_PAGE.match(response.body)
    if start is None or (busy_status is not None and int(start[1]) == busy_status):
        return False
    return start[2] is not None or b'"errors"' not in response.body


def _by_status(status: int, envelope: _Envelope | None) -> Verdict | None:
    errors = _complaints(envelope)
    if status == 401:
        return Verdict(
            action=Action.REAUTHENTICATE,
            error=CredentialsRejected,
            message="SERPI refuses the token",
            code="401",
            errors=errors,
        )
    if status == 403:
        return Verdict(
            action=Action.FAIL,
            error=PermissionDenied,
            message="SERPI denies access",
            code="403",
            errors=errors,
            hint=SECRETKEY_HINT,
        )
    if status == 404:
        return Verdict(
            action=Action.FAIL,
            error=NotFound,
            message="SERPI has nothing at this address",
            code="404",
            errors=errors,
            hint="check base_url",
        )
    if status >= 500:
        return Verdict(
            action=Action.RETRY,
            error=ServerError,
            message="SERPI failed or is unavailable",
            errors=errors,
            vendors_own=envelope is not None,
        )
    return None


def _without_body(response: Response) -> Verdict:
    # HTTP 204 cannot carry the bodies that the wiki prints for code 204. There is no evidence that SERPI sends it bare,
    # and none that it does not: then it means what those bodies say.
    if response.method == "GET" and response.ok:
        return _ACCEPTED
    if response.method == "PUT" and response.status == 204:
        return Verdict(action=Action.FAIL, error=NotFound, message="SERPI has no record with this id", code="204")
    return Verdict(
        action=Action.FAIL, error=ProtocolError, message="SERPI answered without a body where one is documented"
    )


def _not_an_envelope(response: Response) -> Verdict:
    kind = "HTML" if response.body.lstrip()[:1] == b"<" else "something else"
    return Verdict(
        action=Action.FAIL,
        error=ProtocolError,
        message=f"the answer is {kind} instead of SERPI's JSON envelope",
        hint="check base_url; a proxy or a login page may have answered in the vendor's place",
    )


def _contradiction(status: int) -> Verdict:
    return Verdict(
        action=Action.FAIL,
        error=ProtocolError,
        message=f"the answer says success, and HTTP says {status}",
        hint="a proxy may have changed the answer; look whether it took effect before you send it again",
    )


def _by_envelope(envelope: _Envelope) -> Verdict:
    errors = _complaints(envelope)
    code = _code(envelope)
    message = envelope.message if isinstance(envelope.message, str) else ""
    if envelope.success:
        return _refused(code, errors) if envelope.errors else _ACCEPTED
    # In the body 404 means the record, and not the address as HTTP's own does.
    by_code = None if code is None or code == 404 else _by_status(code, envelope)
    if by_code is not None:
        return by_code
    if code in (204, 404) or message.startswith("No se encontraron registros"):
        return Verdict(
            action=Action.FAIL, error=NotFound, message="SERPI has no such record", code=_text(code), errors=errors
        )
    return _refused(code, errors)


def _refused(code: int | None, errors: Sequence[FieldError]) -> Verdict:
    if errors and all(error.code == "duplicate" for error in errors):
        fields = ", ".join(sorted({error.path for error in errors}))
        return Verdict(
            action=Action.FAIL,
            error=Conflict,
            message=f"a record with this {fields} exists already",
            code=_text(code),
            errors=errors,
        )
    return Verdict(
        action=Action.FAIL,
        error=ValidationFailed,
        message="SERPI refuses the record; its reasons stand in errors",
        code=_text(code),
        errors=errors,
    )


def _busy(envelope: _Envelope | None) -> Verdict:
    return Verdict(
        action=Action.TOKEN_BUSY,
        error=TokenBusy,
        message="SERPI says that the token is in use",
        errors=_complaints(envelope),
    )


def _envelope(body: bytes) -> _Envelope | None:
    try:
        return _read_envelope(body)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None


def _code(envelope: _Envelope) -> int | None:
    code = envelope.code
    if isinstance(code, str) and code.isdecimal() and len(code) <= _LONGEST_CODE:
        return int(code)
    return code if isinstance(code, int) and not isinstance(code, bool) else None


def _complaints(envelope: _Envelope | None) -> tuple[FieldError, ...]:
    """The vendor's messages, with the field and the value where its words tell them."""
    if envelope is None:
        return ()
    given = envelope.errors if isinstance(envelope.errors, list) else [envelope.errors] if envelope.errors else []
    if not given and not envelope.success and isinstance(envelope.message, str):
        given = [envelope.message]
    return tuple(_complaint(str(message)) for message in given)


def _complaint(message: str) -> FieldError:
    if match := _REQUIRED.fullmatch(message):
        return FieldError("required", match["field"], message)
    if match := _DUPLICATE.fullmatch(message):
        return FieldError("duplicate", match["field"], message, value=match["value"])
    return FieldError("invalid", "", message)


def _text(code: int | None) -> str | None:
    return None if code is None else str(code)
