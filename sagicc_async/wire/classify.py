"""What an answer means: status, vendor code and body become a `Verdict`. No I/O, no waiting."""

from __future__ import annotations

import datetime
import email.utils
import enum
import math
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Final

import attrs

from ..errors import (
    Conflict,
    CredentialsRejected,
    FieldError,
    NotFound,
    PermissionDenied,
    ProtocolError,
    RateLimited,
    RequestError,
    ServerError,
    TokenBusy,
    ValidationFailed,
)
from .request import Response


class Action(enum.Enum):
    """What the gate does next."""

    ACCEPT = "accept"
    """The answer is what was asked for."""

    RETRY = "retry"
    """The vendor failed; a repeatable request may be tried again."""

    RATE_LIMITED = "rate_limited"
    """The vendor refused before doing anything: pause the whole scope, then try again."""

    TOKEN_BUSY = "token_busy"
    """The vendor says that the token is in use: pause the whole scope, then try again."""

    REAUTHENTICATE = "reauthenticate"
    """The token was refused: get a newer one, once."""

    FAIL = "fail"
    """Asking again would not help."""


@attrs.frozen(kw_only=True)
class Verdict:
    """
    The meaning of one answer.

    Args:
        action: What the gate does next.
        error: The class to raise when the action is not carried out, or does not help.
        message: One line without values of records.
        code: The vendor's code.
        errors: The vendor's complaints in its own words.
        wait: Seconds that the vendor asks for.
        hint: What a person should do.
        attempts: Tries at most, where the policy may allow more: asking again would hardly change this answer.
        vendors_own: Whether the answer was recognised as the vendor's own, and not that of a gateway in front of it. It
            matters for the statuses of `GATEWAY` alone.
    """

    action: Action
    error: type[RequestError] = ServerError
    message: str = ""
    code: str | None = None
    errors: Sequence[FieldError] = attrs.field(default=(), repr=False)  # they may echo what was sent
    wait: float | None = None
    hint: str | None = None
    attempts: int | None = None
    vendors_own: bool = False


ACCEPTED = Verdict(action=Action.ACCEPT)

#: The classes that HTTP itself suggests. A vendor's table is laid over it.
STATUS: Mapping[int, tuple[Action, type[RequestError], str]] = {
    400: (Action.FAIL, ValidationFailed, "the vendor refuses the request"),
    401: (Action.REAUTHENTICATE, CredentialsRejected, "the vendor refuses the credentials"),
    403: (Action.FAIL, PermissionDenied, "the vendor denies access"),
    404: (Action.FAIL, NotFound, "the vendor has nothing at this address"),
    405: (Action.FAIL, ValidationFailed, "the vendor does not allow this method here"),
    408: (Action.RETRY, ServerError, "the vendor gave up waiting for the request"),
    409: (Action.FAIL, Conflict, "the record collides with one that exists"),
    413: (Action.FAIL, ValidationFailed, "the request is too large for the vendor"),
    422: (Action.FAIL, ValidationFailed, "the vendor refuses the values"),
    423: (Action.TOKEN_BUSY, TokenBusy, "the token is in use"),
    429: (Action.RATE_LIMITED, RateLimited, "the vendor asks to slow down"),
}

#: What a gateway answers that has lost sight of the vendor behind it, which may still be at work. 520 to 524 are
#: Cloudflare's.
GATEWAY: Final = frozenset({502, 504, *range(520, 525)})


@attrs.frozen(kw_only=True)
class ErrorMap:
    """
    How a vendor says what went wrong: data first, one pure function where data is not enough.

    Args:
        status: Entries laid over `STATUS`.
        inspect: Reads the body: a `Verdict`, or `None` to leave the decision to the status. It sees every complete
            answer, so it must be cheap for good ones and must not raise. Where it finds the vendor's own words in an
            answer whose status may be a gateway's, it says `vendors_own`: else the token stays taken for `settle`.
        wait: Reads a wait in seconds from an answer that has no `Retry-After` (e.g. from the body's message).
    """

    status: Mapping[int, tuple[Action, type[RequestError], str]] = attrs.field(factory=dict)
    inspect: Callable[[Response], Verdict | None] | None = None
    wait: Callable[[Response], float | None] | None = None

    def classify(self, response: Response, *, now: float) -> Verdict:
        """
        Say what a complete answer means.

        Args:
            response: The answer.
            now: Seconds since the epoch, for a `Retry-After` that is a date in an answer that does not say when it was
                given.
        """
        verdict = self.inspect(response) if self.inspect else None
        if verdict is None:
            verdict = ACCEPTED if response.ok else self._by_status(response.status)
        if verdict.action is Action.ACCEPT or verdict.wait is not None:
            return verdict
        wait = _milliseconds(response.headers.get("Retry-After-Ms"))
        if wait is None:
            wait = retry_after(response.headers.get("Retry-After"), now=_vendors_now(response, now))
        if wait is None and self.wait is not None:
            wait = self.wait(response)
        return verdict if wait is None else attrs.evolve(verdict, wait=wait)

    def _by_status(self, status: int) -> Verdict:
        known = self.status.get(status) or STATUS.get(status)
        if known is None:
            known = _by_class(status)
        action, error, message = known
        return Verdict(action=action, error=error, message=message)


def _by_class(status: int) -> tuple[Action, type[RequestError], str]:
    if status >= 500:
        return Action.RETRY, ServerError, "the vendor failed"
    if 300 <= status < 400:
        return Action.FAIL, ProtocolError, "the vendor redirects elsewhere, which is not followed; check base_url"
    if status >= 400:
        return Action.FAIL, ValidationFailed, "the vendor refuses the request"
    return Action.FAIL, ProtocolError, "the vendor answered with an unexpected status"


_SECONDS = re.compile(r"\d{1,9}(\.\d{1,9})?", re.ASCII)


def _milliseconds(text: str | None) -> float | None:
    return float(text) / 1000 if text is not None and _SECONDS.fullmatch(text.strip()) else None


def _vendors_now(response: Response, now: float) -> float:
    """The moment of an answer on the clock that its dates are told by, which may be minutes off ours."""
    date = response.date
    return now if date is None else date.timestamp()


def retry_after(text: str | None, *, now: float) -> float | None:
    """
    Read a `Retry-After` header in every form seen in the wild.

    Args:
        text: The header: seconds (`120`, `1.5`) or an HTTP date; anything else is ignored.
        now: Seconds since the epoch, by the clock of whoever sent it.

    Returns:
        Seconds from now, never negative; `None` if the header is absent or means nothing.
    """
    if text is None:
        return None
    text = text.strip()
    if _SECONDS.fullmatch(text):
        return float(text)
    try:
        moment = email.utils.parsedate_to_datetime(text)
    except (ValueError, OverflowError):  # no date, or one that no calendar has
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=datetime.UTC)
    seconds = moment.timestamp() - now
    return max(0.0, seconds) if math.isfinite(seconds) else None
