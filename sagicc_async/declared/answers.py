"""What an answer means, as the resource file says: its `ErrorMap`."""

from __future__ import annotations

import re
from typing import Any, Final

import attrs
import msgspec

from ..errors import CredentialsRejected, FieldError, RateLimited, RequestError, TokenBusy
from ..wire.classify import STATUS, Action, ErrorMap, Verdict
from ..wire.request import Response
from .authentication import ClientAuth, ExchangeAuth, PasswordAuth
from .declaration import Declaration
from .pointers import value_at

#: Codes stand in the text of errors, so nothing longer, and no sentence, may pass for one.
_CODE: Final = re.compile(r"[A-Za-z0-9][\w.-]{0,39}", re.ASCII)
_LONGEST: Final = 500
_decode = msgspec.json.Decoder().decode
_Entry = tuple[Action, type[RequestError], str]


def error_map(declaration: Declaration) -> ErrorMap:
    """The error map of a declaration; equal for one declaration however often it is asked for."""
    return ErrorMap(status=_statuses(declaration), inspect=Inspection(declaration))


@attrs.frozen
class Inspection:
    """
    Reads code and message out of an error's body.

    Args:
        declaration: It says where they stand.
    """

    declaration: Declaration

    def __call__(self, response: Response) -> Verdict | None:
        """The verdict with the vendor's words; `None` where the status says all."""
        entries = self.declaration.errors
        if response.ok or not (entries.code or entries.message):
            return None
        body = _decoded(response.body)
        code = next((found for found in (_word(body, at) for at in entries.code) if found), None)
        message = next((found for found in (_word(body, at) for at in entries.message) if found), None)
        if code is None and message is None:
            return None
        verdict = ErrorMap(status=_statuses(self.declaration)).classify(response, now=0)
        shown = code if code is not None and _CODE.fullmatch(code) else None
        complaint = FieldError(shown or "", "", (message or "")[:_LONGEST])
        return attrs.evolve(verdict, code=shown, errors=(complaint,), wait=None)


def _statuses(declaration: Declaration) -> dict[int, _Entry]:
    found: dict[int, _Entry] = {}
    if isinstance(declaration.auth, ExchangeAuth | PasswordAuth | ClientAuth):
        for status in declaration.auth.relogin_on:
            error = STATUS[status][1] if status in STATUS else CredentialsRejected
            found[status] = (Action.REAUTHENTICATE, error, "the vendor refuses the token")
    for status in declaration.errors.busy:
        found[status] = (Action.TOKEN_BUSY, TokenBusy, "the token is in use")
    for status in declaration.errors.limit:
        found[status] = (Action.RATE_LIMITED, RateLimited, "the vendor asks to slow down")
    return found


def _decoded(body: bytes) -> Any:
    try:
        return _decode(body)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None


def _word(body: Any, pointer: str) -> str | None:
    value = value_at(body, pointer)
    return str(value) if isinstance(value, str | int) and not isinstance(value, bool) else None
