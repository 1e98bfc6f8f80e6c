"""What an answer means, as the resource file says: its `ErrorMap`."""

from __future__ import annotations

import re
from typing import Any, Final

import attrs
import msgspec

from ..errors import CredentialsRejected, FieldError, PermissionDenied, RateLimited, RequestError, TokenBusy
from ..wire.classify import STATUS, Action, ErrorMap, Verdict
from ..wire.request import Response
from .authentication import ClientAuth, ExchangeAuth, PasswordAuth
from .declaration import Declaration
from .pointers import value_at

#: Codes stand in the text of errors, so nothing longer, and no sentence, may pass for one.
_CODE: Final = re.compile(r"[A-Za-z0-9][\w.-]{0,39}", re.ASCII)
_LONGEST: Final = 500
#: The status that may mean the token or a right that it lacks, whether the vendor says a word or not.
_DENIED: Final = 403
_decode = msgspec.json.Decoder().decode
_Entry = tuple[Action, type[RequestError], str]


def error_map(declaration: Declaration, hint: str = "") -> ErrorMap:
    """
    The error map of a declaration; equal for one declaration however often it is asked for.

    Args:
        declaration: It says what the statuses mean, and where the vendor's words stand.
        hint: Where a person looks when access is denied, if the file does not say.
    """
    return ErrorMap(status=_statuses(declaration), inspect=Inspection(declaration, declaration.auth.hint or hint))


@attrs.frozen
class Inspection:
    """
    Reads code and message out of an error's body, and says where to look when access is denied.

    Args:
        declaration: It says where they stand.
        hint: Where a person looks; empty if nobody knows.
    """

    declaration: Declaration
    hint: str = ""

    def __call__(self, response: Response) -> Verdict | None:
        """The verdict with the vendor's words and the hint; `None` where the status says all."""
        if response.ok:
            return None
        code, message = self._words(response)
        said = code is not None or message is not None
        if not said and response.status != _DENIED:
            return None
        verdict = ErrorMap(status=_statuses(self.declaration)).classify(response, now=0)
        # A token that was replaced looks like one that lacks a right: the same people look after both.
        hint = self.hint or None if verdict.error is PermissionDenied else None
        # Without a wait: the map that asks reads it, on a clock that is right.
        verdict = attrs.evolve(verdict, wait=None, hint=hint)
        if not said:
            return verdict
        shown = code if code is not None and _CODE.fullmatch(code) else None
        complaint = FieldError(shown or "", "", (message or "")[:_LONGEST])
        return attrs.evolve(verdict, code=shown, errors=(complaint,))

    def _words(self, response: Response) -> tuple[str | None, str | None]:
        """Code and message, each at the first place that has one."""
        entries = self.declaration.errors
        if not (entries.code or entries.message):
            return None, None
        body = _decoded(response.body)
        code = next((found for found in (_word(body, at) for at in entries.code) if found), None)
        message = next((found for found in (_word(body, at) for at in entries.message) if found), None)
        return code, message


def _statuses(declaration: Declaration) -> dict[int, _Entry]:
    found: dict[int, _Entry] = {}
    if isinstance(declaration.auth, ExchangeAuth | PasswordAuth | ClientAuth):
        for status in declaration.auth.relogin_on:
            known = STATUS.get(status)
            if known is None or known[1] is CredentialsRejected:
                found[status] = (Action.REAUTHENTICATE, CredentialsRejected, "the vendor refuses the token")
            else:  # what it means if a fresh token does not help
                found[status] = (Action.REAUTHENTICATE, *known[1:])
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
