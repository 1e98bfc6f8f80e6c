"""What an ended exchange means for its caller: decisions of the gate, without I/O."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final, Protocol, TypeVar

import attrs

from .error_share.guard import HINT, Guard
from .errors import (
    CredentialsRejected,
    DeadlineExceeded,
    FieldError,
    LeaseLost,
    NotSent,
    OutcomeUnknown,
    ProtocolError,
    RequestError,
    SagiccAsyncError,
    ServerError,
    SessionClosed,
)
from .interrupt import Interruptible
from .secrets import Secret, scrub
from .tokens.admission import Ending
from .tokens.coordination import Scope
from .tokens.slot import Held, TokenSlot
from .wire.classify import GATEWAY, Action, ErrorMap, Verdict
from .wire.failure import ExchangeError
from .wire.request import Origin, Parameter, Priority, Request, Response, Safety

E = TypeVar("E", bound=RequestError)

#: A call meets at most two refusals of its token: one answered by a fresh token, one by reading the credentials again.
_MOST_REFUSALS: Final = 2


class Authority(Protocol):
    """Whose request it is: what the gate needs to know of an opened account."""

    @property
    def vendor(self) -> str:
        """Entry-point name of the adapter."""

    @property
    def label(self) -> str:
        """The account's label, for people."""

    @property
    def base_url(self) -> str:
        """Where the vendor is."""

    @property
    def origin(self) -> Origin:
        """Where the credentials may go."""

    @property
    def errors(self) -> ErrorMap:
        """How the vendor says what went wrong."""

    @property
    def hint(self) -> str:
        """Where a person looks when the credentials are refused."""

    @property
    def slot(self) -> TokenSlot[Any] | None:
        """The token; `None` for a login, which has none yet."""

    def scope(self, held: Held[Any] | None) -> Scope:
        """The queue that a request with this token waits in."""

    def lane(self, held: Held[Any] | None) -> str:
        """Digest of the token whose use is serialised."""

    def headers(self, held: Held[Any] | None) -> Mapping[str, str]:
        """The credentials as headers."""

    def params(self, held: Held[Any] | None) -> Mapping[str, str]:
        """The credentials as query parameters."""

    def secrets(self, held: Held[Any] | None) -> Iterable[Secret]:
        """What must not be found in the vendor's own messages."""

    def guard(self, held: Held[Any] | None) -> Guard | None:
        """Who counts the company's errors; `None` where the vendor does not."""


# What is made for every request is made in order, and is not frozen although nobody changes a `Call` or an `Ended`:
# CPython takes twice as long over named arguments, and twice again over frozen fields.


@attrs.define(eq=False)
class Call:
    """
    One request of one account, with what its caller wished for.

    Args:
        authority: Whose request it is.
        request: What to send.
        operation: `resource.operation`, for logs and errors.
        safety: Whether it may be sent again.
        priority: Who goes first.
        seconds: Until the caller's deadline; `None` without one.
        on_sent: Called when the request is on the wire.
        params: Parameters beside the request's own: the place of a page.
        lasting: Whether it spends what cannot be had again, a refresh token: then closing waits for its answer, and for
            what its task makes of it.
    """

    authority: Authority
    request: Request
    operation: str
    safety: Safety
    priority: Priority
    seconds: float | None = None
    on_sent: Callable[[], None] = lambda: None
    params: Mapping[str, Parameter] = attrs.field(factory=dict, repr=False)
    lasting: bool = False


@attrs.define(eq=False)
class Trip:
    """
    A call on its way through the gate.

    Args:
        call: What was asked.
        request_id: One for all attempts.
        block: What wakes the call when its deadline passes or the manager closes.
        ends: The deadline on the gate's clock.
        attempt: How many attempts have begun.
        refusals: How many times the vendor refused the token.
        in_doubt: Whether an attempt that is over may have taken effect, although its answer does not say so.
        exchanging: Whether an exchange is under way.
        sent: Whether the exchange that the caller was taken out of had begun to be written.
        waiting_for: For the message, should it end here.
        guard: Who counts the errors of the company whose token is used; `None` where the vendor does not.
    """

    call: Call
    request_id: str
    block: Interruptible
    ends: float | None
    attempt: int = 0
    refusals: int = 0
    in_doubt: bool = False
    exchanging: bool = False
    sent: bool = False
    waiting_for: str = "a token"
    guard: Guard | None = None

    @property
    def repeatable(self) -> bool:
        """Whether the request may be sent again although its outcome is not known."""
        return self.call.safety in (Safety.REPEATABLE, Safety.KEYED)


@attrs.define(eq=False)
class Ended:
    """
    One exchange is over.

    Args:
        response: The complete answer, if there is one.
        verdict: What it means.
        error: Why there is none; `None` beside no response means that the exchange was cut by `close`.
        sent: Whether a byte may have been written.
    """

    response: Response | None = None
    verdict: Verdict | None = None
    error: BaseException | None = attrs.field(default=None, repr=lambda error: type(error).__name__)
    sent: bool = attrs.field(kw_only=True)

    @property
    def accepted(self) -> bool:
        """Whether the answer is what was asked for."""
        return self.verdict is not None and self.verdict.action is Action.ACCEPT

    @property
    def failed(self) -> bool:
        """Whether the vendor answered with an error."""
        return self.verdict is not None and not self.accepted

    @property
    def complete(self) -> bool:
        """Whether it came to an end of its own: an answer, or a failure to get one."""
        return self.response is not None or self.error is not None

    @property
    def doubtful(self) -> bool:
        """Whether the vendor may have done what was asked without saying so."""
        unclear = self.verdict is None or self.verdict.action is Action.RETRY
        return self.sent and unclear

    @property
    def ending(self) -> Ending:
        """What it means for the token."""
        if not self.sent:
            return Ending.UNSENT
        if self.response is None:
            answered = isinstance(self.error, ExchangeError) and self.error.answered
        else:
            answered = self.response.status not in GATEWAY or self._by_the_vendor
        return Ending.COMPLETE if answered else Ending.LOST

    @property
    def _by_the_vendor(self) -> bool:
        """Whether an answer with a gateway's status is the vendor's: its own words, or a status that the adapter knows better."""
        verdict = self.verdict
        return verdict is not None and (verdict.vendors_own or verdict.action not in (Action.RETRY, Action.FAIL))

    @property
    def status(self) -> int | None:
        """HTTP status."""
        return self.response.status if self.response is not None else None

    @property
    def word(self) -> str:
        """How it is called in logs and events."""
        if self.verdict is not None:
            return "ok" if self.accepted else self.verdict.error.__name__
        if isinstance(self.error, ExchangeError):
            return _kind(self.error, sent=self.sent).__name__
        return type(self.error).__name__ if self.error is not None else "cancelled"


def should_renew(trip: Trip, ended: Ended) -> bool:
    """Whether the token was refused, so that the vendor did nothing and a newer one may help."""
    return (
        ended.verdict is not None
        and ended.verdict.action is Action.REAUTHENTICATE
        and trip.call.authority.slot is not None
        and trip.refusals < _MOST_REFUSALS
    )


def refuses_the_request(trip: Trip, verdict: Verdict, held: Held[Any]) -> bool:
    """
    Whether a status that may mean the token means what was asked for: a right that is missing, say.

    So it is where the error is no `CredentialsRejected` and a fresh token was refused like the one before. That somebody
    replaced the fresh one meanwhile is possible as well: a later call that is refused gets a newer one.

    Args:
        trip: The call.
        verdict: What the answer means, by itself.
        held: The token that it went out with, the newest there is.
    """
    fresh = trip.refusals > 0 and not held.token.cached
    return fresh and not issubclass(verdict.error, CredentialsRejected)


def may_repeat(trip: Trip, ended: Ended) -> bool:
    """Whether sending again is allowed, and could help."""
    if trip.call.safety is Safety.ONCE and ended.sent:
        return False
    if ended.verdict is not None:
        action = ended.verdict.action
        if ended.verdict.attempts is not None and trip.attempt >= ended.verdict.attempts:
            return False
        if action is Action.RETRY:
            return trip.repeatable
        return action in (Action.RATE_LIMITED, Action.TOKEN_BUSY)  # refused before anything was done
    if isinstance(ended.error, ExchangeError):
        return ended.error.retry and (trip.repeatable or not ended.sent)
    return isinstance(ended.error, LeaseLost)  # nothing was sent


def failure(trip: Trip, ended: Ended, held: Held[Any] | None) -> BaseException:
    """The error that this ending raises, if nothing mends it."""
    verdict, error = ended.verdict, ended.error
    known: RequestError
    if verdict is not None:
        known = _refused(trip, ended, verdict, held)
        doubtful = verdict.action is Action.RETRY or issubclass(verdict.error, ServerError | ProtocolError)
    elif isinstance(error, ExchangeError):
        known = describe(trip, _kind(error, sent=ended.sent), _reason(trip, error, held), hint=error.hint)
        doubtful = ended.sent
    elif isinstance(error, LeaseLost):
        return describe(trip, LeaseLost, str(error))
    elif error is None:
        return interrupted(trip, closed=True, sent=ended.sent)
    elif ended.sent and not trip.repeatable:
        return _unknown(trip, error)
    else:
        return error  # a mistake of the program's, or of ours: shown as it is
    return _unknown(trip, known) if doubtful and not trip.repeatable else known


def _reason(trip: Trip, error: ExchangeError, held: Held[Any] | None) -> str:
    """Why there is no answer, without what a redirect may echo of what it was asked with."""
    if not error.quoted:
        return error.reason
    return error.reason.replace(error.quoted, scrub(error.quoted, trip.call.authority.secrets(held)))


def _kind(error: ExchangeError, *, sent: bool) -> type[RequestError]:
    """What an exchange without a complete answer is called."""
    if not sent:
        return NotSent
    return ProtocolError if error.broken else ServerError


def interrupted(trip: Trip, *, closed: bool, sent: bool) -> SagiccAsyncError:
    """The caller's deadline has passed, or the manager was closed under the call."""
    cause: SagiccAsyncError
    if closed:
        cause = SessionClosed(f"the session manager was closed while the call waited for {trip.waiting_for}")
    else:
        cause = describe(trip, DeadlineExceeded, f"the deadline passed while the call waited for {trip.waiting_for}")
    return _unknown(trip, cause) if sent and not trip.repeatable else cause


def too_many_errors(trip: Trip, guard: Guard) -> NotSent:
    """The account is not to send any more, since too much of what it sent has failed."""
    return describe(trip, NotSent, guard.reason(), hint=HINT)


def describe(trip: Trip, kind: type[E], message: str, **details: Any) -> E:
    """An error that says whose request it is about."""
    authority = trip.call.authority
    return kind(
        message,
        vendor=authority.vendor,
        account=authority.label,
        operation=trip.call.operation,
        request_id=trip.request_id,
        attempts=trip.attempt,
        in_doubt=trip.in_doubt,
        **details,
    )


def _refused(trip: Trip, ended: Ended, verdict: Verdict, held: Held[Any] | None) -> RequestError:
    secrets = tuple(trip.call.authority.secrets(held))
    hint = verdict.hint
    if hint is None and verdict.action is Action.REAUTHENTICATE:
        hint = trip.call.authority.hint
    return describe(
        trip,
        verdict.error,
        scrub(verdict.message, secrets),
        status=ended.status,
        code=verdict.code and scrub(verdict.code, secrets),
        retry_after=verdict.wait,
        hint=hint,
        errors=[scrubbed(item, secrets) for item in verdict.errors],
    )


def scrubbed(item: FieldError, secrets: tuple[Secret, ...]) -> FieldError:
    """A complaint of the vendor's without what it may echo of the account's secrets."""
    value = item.value and scrub(item.value, secrets)
    code, path, message = (scrub(text, secrets) for text in (item.code, item.path, item.message))
    return FieldError(code, path, message, value=value)


def _unknown(trip: Trip, cause: BaseException) -> OutcomeUnknown:
    unknown = describe(
        trip,
        OutcomeUnknown,
        "the request was sent and its outcome is not known; it is not sent again",
        status=cause.status if isinstance(cause, RequestError) else None,
        hint="look whether it took effect: await error.reconcile()",
    )
    unknown.__cause__ = cause
    return unknown
