"""What the vendor answers is understood: every status, every body, its own errors, and pages of other machines."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from multidict import CIMultiDict, CIMultiDictProxy

from ....errors import (
    CredentialsRejected,
    DeadlineExceeded,
    LeaseLost,
    NotSent,
    OutcomeUnknown,
    ProtocolError,
    RateLimited,
    RequestError,
    SagiccAsyncError,
    ServerError,
    TokenBusy,
)
from ....wire.classify import Action, ErrorMap, Verdict
from ....wire.limits import Timeouts
from ....wire.request import Response
from ....wire.retry import RetryPolicy
from ..bench import FEW, Bench, bench
from ..law import Violation, law, require
from ..subject import ERROR_SAMPLES, Subject

_NOW: Final = 1_767_225_600.0
_JSON: Final = "application/json"
_BODIES: Final = (
    (b"", _JSON),
    (b"<!DOCTYPE html><html><body><h1>Bad gateway</h1></body></html>", "text/html"),
    (b"{", _JSON),
    (b"{}", _JSON),
    (b"[]", _JSON),
    (b"null", _JSON),
    (b'"text"', _JSON),
    (b'{"errors": 1, "error": {}, "message": [], "success": "no"}', _JSON),
    (b"\xff\xfe\x00", "application/octet-stream"),
    (b"[" * 5_000, _JSON),
)
#: What an answer never means: these are the core's own words for what has none.
_NOT_OF_ANSWERS: Final = (NotSent, OutcomeUnknown, LeaseLost, DeadlineExceeded)
_FAILURES: Final = (ServerError, ProtocolError, RateLimited, TokenBusy)
_MAP: Final = "Adapter.errors (errors_for): inspect, status and wait of its ErrorMap"


@law(look=_MAP)
async def every_answer_has_a_meaning(subject: Subject) -> None:
    """Every status from 300 to 599 has a documented error, whatever stands in the body; the error map never raises."""
    errors = await _map_of(subject)
    for answer in _answers(range(300, 600)):
        verdict = _classified(errors, answer)
        said = f"HTTP {answer.status} to {answer.method} with the body {answer.body[:20]!r}"
        require(verdict.action is not Action.ACCEPT, f"{said} is taken for what was asked for")
        kind = verdict.error
        require(
            kind is not RequestError and not issubclass(kind, _NOT_OF_ANSWERS),
            f"{said} is {kind.__name__}, which no answer is",
        )
        require(verdict.message.strip(), f"{said} has no message")


@law(look=_MAP)
async def failures_of_the_vendor_are_no_refusals(subject: Subject) -> None:
    """A 5xx without words of the vendor's own says that it failed, and never that the request was wrong."""
    errors = await _map_of(subject)
    for answer in _answers(range(500, 600)):
        kind = _classified(errors, answer).error
        require(
            issubclass(kind, _FAILURES), f"HTTP {answer.status} with the body {answer.body[:20]!r} is {kind.__name__}"
        )


@law(look=_MAP)
async def statuses_mean_what_they_mean_everywhere(subject: Subject) -> None:
    """Without words of the vendor's own, 401 asks for another token, and 429 for a rest."""
    errors = await _map_of(subject)
    expected = {401: (Action.REAUTHENTICATE, CredentialsRejected), 429: (Action.RATE_LIMITED, RateLimited)}
    for answer in _answers(expected):
        verdict = _classified(errors, answer)
        action, kind = expected[answer.status]
        said = f"HTTP {answer.status} with the body {answer.body[:20]!r} is {verdict.error.__name__}, {verdict.action}"
        require((verdict.action, verdict.error) == (action, kind), f"{said}; not {kind.__name__}, {action}")


@law(look="Samples.errors, and Adapter.errors", needs=(ERROR_SAMPLES,))
async def the_vendors_own_errors_are_understood(subject: Subject) -> None:
    """The vendor's own error answers mean what its documents say."""
    errors = await _map_of(subject)
    for status, body, kind in subject.samples.errors:
        raw = body.encode() if isinstance(body, str) else body
        verdict = _classified(errors, _response(status, raw, _JSON, "POST"))
        found = "accepted" if verdict.action is Action.ACCEPT else verdict.error.__name__
        require(found == kind.__name__, f"HTTP {status} {raw[:60]!r} is {found}, not {kind.__name__}")


@law(look=_MAP)
async def errors_say_whose_they_are(subject: Subject) -> None:
    """An error names vendor, account, operation, status, attempts, and the id under which the request was logged."""
    facts = await subject.facts()
    async with bench(subject) as here:
        here.vendor.fault("status", **facts.listing.struck, status=400)
        error = await _error_of(here)
        require(error is not None, "HTTP 400 is no error")
        assert error is not None
        expected = {
            "vendor": subject.adapter.vendor,
            "account": "default",
            "operation": f"{here.resource.name}.list",
            "status": 400,
        }
        wrong = {name: getattr(error, name) for name, value in expected.items() if getattr(error, name) != value}
        require(not wrong, f"{type(error).__name__} has {wrong}, where {expected} is expected")
        require(error.attempts >= 1 and error.request_id, f"{type(error).__name__} has no attempts or no request_id")


@law(look=f"{_MAP}, and the readers of the list")
async def what_is_no_list_is_never_taken_for_one(subject: Subject) -> None:
    """A page of HTML, something else than JSON, or an answer without the records is an error, never an empty list."""
    facts = await subject.facts()
    pages: tuple[dict[str, Any], ...] = (
        {"kind": "garbage"},
        {"kind": "garbage", "body": "Service temporarily unavailable"},
        {"kind": "garbage", "body": '{"results": [{"id"'},
        {"kind": "status", "status": 200, "body": "42"},
        {"kind": "status", "status": 200, "body": '"text"'},
    )
    async with bench(subject, records=FEW) as opened:
        for page in pages:
            here = await opened.anew()
            here.vendor.fault(**page, **facts.listing.struck)
            error = await _error_of(here)
            said = f"an answer of {page.get('body', 'HTML')[:30]!r} with status 200 is"
            require(isinstance(error, ProtocolError), f"{said} {_name(error)}, not ProtocolError")


@law(look="that the list goes through Resource._stream, and single records through _send")
async def an_answer_without_end_ends(subject: Subject) -> None:
    """An enormous answer is cut at `max_body`, and one that drips at the limit of time: both are errors."""
    facts = await subject.facts()
    async with bench(subject, max_body=100_000) as here:
        here.vendor.fault("huge", **facts.listing.struck, megabytes=0.5, chunked=True)
        error = await _error_of(here)
        require(isinstance(error, ProtocolError), f"an answer beyond max_body is {_name(error)}, not ProtocolError")
        assert error is not None
        require(error.hint, "an answer beyond max_body has no hint")
    limits, once = Timeouts(total=0.3, read=0.3), RetryPolicy(attempts=1)
    async with bench(subject, real_time=True, timeouts=limits, retry=once) as here:
        here.vendor.fault("drip", **facts.listing.struck, pause=0.05, size=8)
        error = await _error_of(here)
        require(isinstance(error, ServerError), f"an answer that does not come is {_name(error)}, not ServerError")


async def _map_of(subject: Subject) -> ErrorMap:
    async with bench(subject) as here:
        return here.account.account.terms.errors


def _answers(statuses: Any) -> Iterator[Response]:
    for status in statuses:
        for body, kind in _BODIES:
            for method in ("GET", "POST"):
                yield _response(status, body, kind, method)


def _response(status: int, body: bytes, kind: str, method: str) -> Response:
    headers = CIMultiDictProxy(CIMultiDict({"Content-Type": kind}))
    return Response(status=status, headers=headers, body=body, method=method)


def _classified(errors: ErrorMap, answer: Response) -> Verdict:
    try:
        return errors.classify(answer, now=_NOW)
    except Exception as error:
        said = f"the error map raised {type(error).__name__} on HTTP {answer.status} with the body {answer.body[:20]!r}"
        raise Violation(said) from error


async def _error_of(here: Bench) -> RequestError | None:
    try:
        await here.ask()
    except RequestError as error:
        return error
    except SagiccAsyncError as error:
        raise Violation(f"the list failed with {type(error).__name__}, which is no RequestError") from error
    return None


def _name(error: BaseException | None) -> str:
    return "no error" if error is None else type(error).__name__
