"""
What a Sagicc answer means.

Sagicc documents no status, error body or limit. What is read here is what a stock Laravel with Passport answers, in
every listed version, and all of it tolerantly. Contract, 9.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import msgspec

from sagicc_async import (
    STATUS,
    Action,
    CredentialsRejected,
    FieldError,
    ProtocolError,
    RateLimited,
    RequestError,
    Response,
    ServerError,
    ValidationFailed,
    Verdict,
)

#: Where a person looks: the vendor's own screen.
SCREEN: Final = "side menu > Credenciales de la API (role Administrador)"
SECRET_HINT: Final = (
    f"the Client Secret was probably refreshed ('Refrescar'); copy the new one from the Llaves in {SCREEN}"
)
USER_HINT: Final = f"compare Usuario and Contraseña with {SCREEN}; the Contraseña works for that one instance alone"

#: An answer of more bytes than this may be a list, which is not looked into before its records are read: its reader looks for
#: the same. A single answer is looked into by `Sagicc._send`, whatever its size.
_SMALL: Final = 4096

_SECRET_REFUSED = frozenset({"invalid_client", "unauthorized_client"})
_USER_REFUSED = frozenset({"invalid_grant", "invalid_credentials"})
_LOGIN_WRONG = frozenset({"invalid_request", "unsupported_grant_type", "invalid_scope"})


class _Body(msgspec.Struct):
    """The keys of an answer that say how it went; the records are skipped."""

    success: Any = None
    error: Any = None
    errors: Any = None
    error_description: Any = None
    message: Any = None
    hint: Any = None


_read = msgspec.json.Decoder(_Body)


def read_answer(response: Response) -> Verdict | None:
    """
    Say what an answer means.

    Args:
        response: A complete answer.

    Returns:
        The verdict, or `None` where HTTP itself says enough; never raises.
    """
    if _is_html(response):
        return _not_data("HTML")
    if response.ok:
        if response.method == "GET" and len(response.body) > _SMALL:
            return None
        body = _body(response.body)
        return None if body is None or not says_failed(body.success, body.error, body.errors) else _failed(body)
    return _refused(response)


def says_failed(success: object, error: object, errors: object) -> bool:
    """Whether the flags at the top of a body of success say that it was none."""
    return success is False or bool(error) or bool(errors)


def failure_of(body: bytes) -> ValidationFailed | None:
    """The error that a body of success tells of, for a reader that has found its flags; `None` if it tells of none."""
    read = _body(body)
    if read is None or not says_failed(read.success, read.error, read.errors):
        return None
    return ValidationFailed(_FAILED, errors=_complaints(read))


_FAILED: Final = "Sagicc answers with a status of success, and says in the body that it failed"


def _is_html(response: Response) -> bool:
    if not response.ok:
        return False
    declared = response.headers.get("Content-Type", "")
    return declared.startswith("text/html") or response.body[:64].lstrip()[:1] == b"<"


def _not_data(kind: str) -> Verdict:
    return Verdict(
        action=Action.FAIL,
        error=ProtocolError,
        message=f"the answer is {kind}, which is never data",
        hint="the login was lost, this is not the instance, or a proxy answered in its place: check instance and base_url",
    )


def _failed(body: _Body) -> Verdict:
    if isinstance(body.error, str) and body.error in _SECRET_REFUSED | _USER_REFUSED | _LOGIN_WRONG:
        return _login_refused(body.error, body)
    return Verdict(action=Action.FAIL, error=ValidationFailed, message=_FAILED, errors=_complaints(body))


def _refused(response: Response) -> Verdict | None:
    body = _body(response.body)
    code = body.error if body is not None and isinstance(body.error, str) else None
    if body is not None and code is not None and code in _SECRET_REFUSED | _USER_REFUSED | _LOGIN_WRONG:
        return _login_refused(code, body)
    errors = (_complaints(body) if body is not None else ()) or _bare_complaints(response)
    if response.status == 429 or (body is None and b"Too Many Attempts" in response.body[:100]):
        return Verdict(
            action=Action.RATE_LIMITED,
            error=RateLimited,
            message="Sagicc asks to slow down",
            errors=errors,
            wait=_reset(response),
            hint="lower requests_per_minute",
        )
    if response.status >= 500:
        return _server_failed(response)
    hint = _SIZE_HINT if any(one.path == "sizePerPage" for one in errors) else _HINTS.get(response.status)
    known = STATUS.get(response.status, (Action.FAIL, _by_class(response.status), "Sagicc refuses this"))
    action, error, message = known
    return Verdict(action=action, error=error, message=message, errors=errors, hint=hint, code=code)


_SIZE_HINT: Final = "this instance takes fewer records on a page: open the account with a smaller page_size"
_HINTS: Final[Mapping[int, str]] = {
    401: SCREEN,
    403: "the API user may not do this, or the instance does not allow it: the page says that its password only reads",
    404: "not every model is enabled on every instance, or there is no record with this id",
    405: "check the path; some servers redirect a trailing slash, which turns a POST into a GET",
    413: "ask for fewer columns or relations, or send fewer records at once",
    414: "the query is too long for the server: ask for fewer columns or relations",
    422: "check the names of columns and relations",
}


def _by_class(status: int) -> type[RequestError]:
    return ProtocolError if status < 400 else ValidationFailed


def _server_failed(response: Response) -> Verdict:
    # A stock application answers an unknown column or relation with 500, and asking once more finds out nothing else.
    reading = response.method == "GET" and response.status == 500
    hint = (
        "check the names of columns, relations and conditions: an unknown one is such an error; if relations are asked "
        "for, this instance may speak the other relations_style (flat, wrapped)"
    )
    return Verdict(
        action=Action.RETRY,
        error=ServerError,
        message="Sagicc failed or is unavailable",
        hint=hint if reading else None,
        attempts=2 if reading else None,
    )


def _login_refused(code: str, body: _Body) -> Verdict:
    if code in _SECRET_REFUSED:
        message, hint = "Sagicc refuses the Client Secret (or the client id)", SECRET_HINT
    elif code in _USER_REFUSED:
        message, hint = "Sagicc refuses the user or the password", USER_HINT
    else:
        message, hint = f"Sagicc refuses the form of the login ({code})", "check grant, token_body and scope"
    error = CredentialsRejected if code not in _LOGIN_WRONG else ValidationFailed
    if code in _LOGIN_WRONG and _speaks_of_refresh(body):
        message, error, hint = "Sagicc refuses the refresh token", CredentialsRejected, USER_HINT
    return Verdict(action=Action.FAIL, error=error, message=message, hint=hint, code=code, errors=_complaints(body))


def _speaks_of_refresh(body: _Body) -> bool:
    words = f"{body.error_description or ''} {body.message or ''} {body.hint or ''}"
    return "refresh token" in words.lower()


def _reset(response: Response) -> float | None:
    """Seconds until `X-RateLimit-Reset`, an epoch, by the server's own clock; `Retry-After` is read by the core."""
    reset, date = response.headers.get("X-RateLimit-Reset", ""), response.date
    if "Retry-After" in response.headers or date is None or not (reset.isascii() and reset.isdecimal()):
        return None
    return max(0.0, int(reset[:12]) - date.timestamp())


def _body(text: bytes) -> _Body | None:
    try:
        return _read.decode(text)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None


def _complaints(body: _Body) -> tuple[FieldError, ...]:
    if isinstance(body.errors, dict):
        return _by_field(body.errors)
    listed = body.errors if isinstance(body.errors, list) else [body.errors]
    words = (*listed, body.error_description, body.message, body.hint)
    texts = [word for word in words if isinstance(word, str) and word]
    if not texts and isinstance(body.error, str):
        texts = [body.error]
    return tuple(FieldError("refused", "", text) for text in dict.fromkeys(texts))


def _bare_complaints(response: Response) -> tuple[FieldError, ...]:
    """Before Laravel 5.5 the body of a 422 is the fields themselves."""
    if response.status != 422:
        return ()
    try:
        fields = msgspec.json.decode(response.body)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return ()
    return _by_field(fields) if isinstance(fields, dict) else ()


def _by_field(fields: Mapping[str, Any]) -> tuple[FieldError, ...]:
    return tuple(
        FieldError("invalid", name, message)
        for name, messages in fields.items()
        for message in (messages if isinstance(messages, list) else [messages])
        if isinstance(message, str)
    )
