"""What an answer of Siigo's means: its error envelope, in either casing, as a pure function."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

import msgspec

from sagicc_async import STATUS, Action, FieldError, ProtocolError, Response, ServerError, ValidationFailed, Verdict

from .codes import HINTS, Meaning, meaning_of

#: Seconds to wait for a service that asks for "a few minutes": our choice, longer than the usual back-off.
_A_WHILE: Final = 30.0
_WAIT: Final = re.compile(r"try again in (\d{1,6}) second", re.IGNORECASE)
_CODE: Final = re.compile(r"[a-z][a-z_-]{1,59}")
_ACCEPTED: Final = Verdict(action=Action.ACCEPT)
_decode = msgspec.json.Decoder().decode


def read_answer(response: Response) -> Verdict | None:
    """
    Say what an answer means.

    Args:
        response: A complete answer.

    Returns:
        The verdict, or `None` where HTTP itself says enough; never raises.
    """
    if response.ok:
        return _ACCEPTED if _as_documented(response) else _not_json(response)
    errors = errors_of(response.body)
    if not errors:
        return None
    code = errors[0].code
    known = meaning_of(code)
    action, error, message = _by_status(response.status, code) if known is None else known
    return Verdict(
        action=action,
        error=error,
        message=message,
        code=code,
        errors=errors,
        wait=wait_of(errors) if action is Action.RATE_LIMITED else _A_WHILE if code.endswith("_service") else None,
        hint=HINTS.get(code),
    )


def errors_of(body: bytes) -> tuple[FieldError, ...]:
    """The complaints in an error's body; none where it is something else (a gateway's page, nothing at all)."""
    try:
        found = _decode(body)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return ()
    return complaints(found)


def complaints(envelope: Any) -> tuple[FieldError, ...]:
    """The complaints in an error envelope that is decoded already, `Errors` or `errors`."""
    listed = _lower(envelope).get("errors")
    return (
        tuple(_complaint(_lower(item)) for item in listed if isinstance(item, Mapping))
        if isinstance(listed, list)
        else ()
    )


def wait_of(errors: tuple[FieldError, ...]) -> float | None:
    """Seconds that Siigo asks to wait, which it says in the words of its message alone."""
    found = next((match for error in errors if (match := _WAIT.search(error.message))), None)
    return None if found is None else float(found[1])


def _by_status(status: int, code: str) -> Meaning:
    """What a code means that the vendor's list does not have: what its status means for every vendor."""
    if status >= 500:
        return Action.RETRY, ServerError, f"Siigo failed ({code})"
    action, error, _ = STATUS.get(status, (Action.FAIL, ValidationFailed, ""))
    return action, error, f"Siigo refuses the request ({code})"


def _complaint(item: Mapping[str, Any]) -> FieldError:
    params, detail = item.get("params"), item.get("detail")
    path = ", ".join(str(name) for name in params) if isinstance(params, list) else ""
    message = str(item.get("message") or "")
    if isinstance(detail, str) and detail:
        message = f"{message} ({detail})" if message else detail
    return FieldError(_code(item.get("code")), path, message)


def _code(given: Any) -> str:
    """A code as Siigo writes them. It stands in the text of errors, so nothing else may pass for one: an echo of secrets."""
    return given if isinstance(given, str) and _CODE.fullmatch(given) else "unknown"


def _lower(mapping: Any) -> dict[str, Any]:
    """Siigo writes `Errors` in most answers, and `errors` in some."""
    return {str(name).lower(): value for name, value in mapping.items()} if isinstance(mapping, Mapping) else {}


def _as_documented(response: Response) -> bool:
    start = response.body.lstrip()[:1]
    return start in (b"{", b"[") or (not start and response.method == "DELETE")


def _not_json(response: Response) -> Verdict:
    # Not a refusal: Siigo itself may have done what was asked, behind the proxy that answered in its place.
    kind = (
        "HTML" if response.body.lstrip()[:1] == b"<" else "nothing" if not response.body.strip() else "something else"
    )
    return Verdict(
        action=Action.RETRY,
        error=ProtocolError,
        message=f"the answer is {kind} instead of Siigo's JSON",
        hint="check base_url; a proxy or a login page may have answered in the vendor's place",
        attempts=2,
    )
