"""What an ended exchange means for its caller: which error wins, what may be sent again, what the token learns."""

from __future__ import annotations

import attrs
import pytest

from sagicc_async.errors import (
    Conflict,
    CredentialsRejected,
    DeadlineExceeded,
    FieldError,
    LeaseLost,
    NotFound,
    NotSent,
    OutcomeUnknown,
    PermissionDenied,
    ProtocolError,
    RateLimited,
    ServerError,
    SessionClosed,
    TokenBusy,
    ValidationFailed,
)
from sagicc_async.outcome import (
    Call,
    Ended,
    Trip,
    describe,
    failure,
    interrupted,
    may_repeat,
    refuses_the_request,
    should_renew,
)
from sagicc_async.secrets import REDACTED, Secret
from sagicc_async.tokens.admission import Ending
from sagicc_async.tokens.slot import Held, Token
from sagicc_async.wire.classify import ACCEPTED, Action, Verdict
from sagicc_async.wire.request import Priority, Request, Response, Safety
from sagicc_async.wire.transport import ExchangeError

CANARY = "canary-91b2"


@attrs.define
class Account:
    """As much of an authority as these decisions look at."""

    slot: object | None = "a slot"
    vendor: str = "vendor"
    label: str = "acme"
    hint: str = "open the vendor's screen"

    def secrets(self, held):
        return (Secret(CANARY),)


def trip(safety: Safety = Safety.REPEATABLE, *, account: Account | None = None, **state: object) -> Trip:
    call = Call(
        authority=account or Account(),
        request=Request(method="POST", path="things"),
        operation="things.create",
        safety=safety,
        priority=Priority.NORMAL,
    )
    return Trip(call=call, request_id="ab-1", block=None, ends=None, **{"attempt": 2, **state})


def answered(action: Action, error: type = ServerError, *, status: int = 500, **details: object) -> Ended:
    verdict = ACCEPTED if action is Action.ACCEPT else Verdict(action=action, error=error, message="no", **details)
    return Ended(response=Response(status=status), verdict=verdict, sent=True)


def broke(*, sent: bool, **details: bool) -> Ended:
    return Ended(error=ExchangeError("it broke", hint="try later", **details), sent=sent)


FAILED = answered(Action.RETRY)
CLOSED = Ended(sent=True)
BUG = Ended(error=KeyError("a mistake"), sent=True)
LATE = Ended(error=LeaseLost("too late"), sent=False)
#: Sent, and nobody can tell what became of it.
DOUBTFUL = {
    "5xx": FAILED,
    "408": answered(Action.RETRY, status=408),
    "an answer that no vendor documents": answered(Action.FAIL, ProtocolError, status=200),
    "a redirect": answered(Action.FAIL, ProtocolError, status=302),
    "reset": broke(sent=True),
    "truncated": broke(sent=True, broken=True),
    "answered, but too large": broke(sent=True, answered=True, retry=False),
    "closed": CLOSED,
    "a mistake of the program's": BUG,
}
#: The vendor said clearly that it did nothing, or nothing was sent.
CLEAR = {
    "refused values": (answered(Action.FAIL, ValidationFailed, status=422), ValidationFailed),
    "duplicate": (answered(Action.FAIL, Conflict, status=409), Conflict),
    "forbidden": (answered(Action.FAIL, PermissionDenied, status=403), PermissionDenied),
    "too many": (answered(Action.RATE_LIMITED, RateLimited, status=429), RateLimited),
    "busy": (answered(Action.TOKEN_BUSY, TokenBusy, status=423), TokenBusy),
    "unauthorised": (answered(Action.REAUTHENTICATE, CredentialsRejected, status=401), CredentialsRejected),
    "no connection": (broke(sent=False), NotSent),
    "lease lost": (LATE, LeaseLost),
    "closed before": (Ended(sent=False), SessionClosed),
}


@pytest.mark.parametrize("ended", DOUBTFUL.values(), ids=DOUBTFUL)
def test_once_an_unsafe_request_may_have_had_an_effect_only_its_unknown_outcome_is_raised(ended):
    error = failure(trip(Safety.UNSAFE), ended, None)

    assert type(error) is OutcomeUnknown
    assert error.__cause__ is not None
    assert "reconcile" in error.hint
    assert not may_repeat(trip(Safety.UNSAFE), ended)


@pytest.mark.parametrize("safety", [Safety.REPEATABLE, Safety.KEYED])
@pytest.mark.parametrize("ended", DOUBTFUL.values(), ids=DOUBTFUL)
def test_a_request_that_may_be_repeated_never_has_an_unknown_outcome(ended, safety):
    assert not isinstance(failure(trip(safety), ended, None), OutcomeUnknown)


@pytest.mark.parametrize("safety", list(Safety))
@pytest.mark.parametrize(("ended", "kind"), CLEAR.values(), ids=CLEAR)
def test_a_clear_answer_is_raised_as_what_it_is_whether_repeatable_or_not(ended, kind, safety):
    assert type(failure(trip(safety), ended, None)) is kind


@pytest.mark.parametrize(
    ("ended", "kind"),
    [
        (FAILED, ServerError),
        (broke(sent=True), ServerError),
        (broke(sent=True, broken=True), ProtocolError),
        (broke(sent=True, answered=True), ProtocolError),
        (broke(sent=False), NotSent),
        (BUG, KeyError),
        (CLOSED, SessionClosed),
    ],
)
def test_each_ending_of_a_repeatable_request_has_its_error(ended, kind):
    assert type(failure(trip(), ended, None)) is kind


def test_an_unknown_outcome_keeps_the_status_of_what_caused_it():
    error = failure(trip(Safety.UNSAFE), FAILED, None)

    assert (error.status, error.__cause__.status) == (500, 500)
    assert type(error.__cause__) is ServerError


@pytest.mark.parametrize(
    ("ended", "repeatable", "unsafe"),
    [
        (FAILED, True, False),
        (answered(Action.RATE_LIMITED, RateLimited), True, True),
        (answered(Action.TOKEN_BUSY, TokenBusy), True, True),
        (answered(Action.FAIL, ValidationFailed), False, False),
        (answered(Action.REAUTHENTICATE, CredentialsRejected), False, False),
        (broke(sent=False), True, True),
        (broke(sent=True), True, False),
        (broke(sent=False, retry=False), False, False),
        (broke(sent=True, retry=False), False, False),
        (LATE, True, True),
        (CLOSED, False, False),
        (BUG, False, False),
    ],
)
def test_only_what_is_repeatable_or_was_refused_unseen_is_sent_again(ended, repeatable, unsafe):
    assert may_repeat(trip(Safety.REPEATABLE), ended) is repeatable
    assert may_repeat(trip(Safety.KEYED), ended) is repeatable
    assert may_repeat(trip(Safety.UNSAFE), ended) is unsafe


@pytest.mark.parametrize(
    ("ended", "again"),
    [
        (answered(Action.RATE_LIMITED, RateLimited), False),
        (answered(Action.TOKEN_BUSY, TokenBusy), False),
        (FAILED, False),
        (broke(sent=True), False),
        (broke(sent=False), True),
    ],
)
def test_what_is_sent_once_is_not_even_sent_again_where_it_was_refused(ended, again):
    assert may_repeat(trip(Safety.ONCE), ended) is again


@pytest.mark.parametrize(("attempt", "again"), [(1, True), (2, False), (3, False)])
def test_a_verdict_may_allow_fewer_tries_than_the_policy(attempt, again):
    ended = answered(Action.RETRY, attempts=2)
    assert may_repeat(trip(attempt=attempt), ended) is again


@pytest.mark.parametrize(
    ("ended", "doubtful"),
    [
        (answered(Action.ACCEPT), False),
        (answered(Action.RATE_LIMITED, RateLimited), False),
        (answered(Action.REAUTHENTICATE, CredentialsRejected), False),
        (answered(Action.FAIL, ValidationFailed), False),
        (answered(Action.RETRY), True),
        (broke(sent=True), True),
        (broke(sent=False), False),
        (CLOSED, True),
    ],
)
def test_only_what_may_have_been_done_without_a_word_leaves_doubt(ended, doubtful):
    assert ended.doubtful is doubtful


def test_an_error_tells_that_an_earlier_try_may_have_been_done():
    assert describe(trip(in_doubt=True), NotFound, "gone").in_doubt
    assert not describe(trip(), NotFound, "gone").in_doubt


REFUSED = answered(Action.REAUTHENTICATE, CredentialsRejected, status=401)


@pytest.mark.parametrize("safety", list(Safety))
def test_a_refused_token_is_renewed_twice_at_most_also_for_an_unsafe_request(safety):
    assert [should_renew(trip(safety, refusals=number), REFUSED) for number in range(4)] == [True, True, False, False]


def test_nothing_else_renews_the_token_and_a_login_has_none_to_renew():
    assert not should_renew(trip(), FAILED)
    assert not should_renew(trip(), broke(sent=True))
    assert not should_renew(trip(account=Account(slot=None)), REFUSED)


@pytest.mark.parametrize(
    ("error", "refusals", "cached", "meant"),
    [
        (PermissionDenied, 0, False, False),  # an old token: a fresh one may help
        (PermissionDenied, 1, False, True),
        (PermissionDenied, 2, False, True),
        (PermissionDenied, 1, True, False),  # kept by a cache, so not fresh
        (CredentialsRejected, 1, False, False),
    ],
)
def test_a_fresh_token_that_is_refused_without_a_word_of_credentials_means_the_request(error, refusals, cached, meant):
    token = Token(Secret("the-fresh-one"), cached=cached)
    held = Held(token=token, credentials=None, lane="", generation=2, soft_at=0, hard_at=0, issued_at=0)
    verdict = Verdict(action=Action.REAUTHENTICATE, error=error)

    assert refuses_the_request(trip(refusals=refusals), verdict, held) is meant


@pytest.mark.parametrize(
    ("ended", "ending"),
    [
        (answered(Action.ACCEPT), Ending.COMPLETE),
        (FAILED, Ending.COMPLETE),
        (REFUSED, Ending.COMPLETE),
        (broke(sent=True, answered=True), Ending.COMPLETE),
        (broke(sent=True), Ending.LOST),
        (broke(sent=True, broken=True), Ending.LOST),
        (CLOSED, Ending.LOST),
        (BUG, Ending.LOST),
        (broke(sent=False), Ending.UNSENT),
        (LATE, Ending.UNSENT),
        (Ended(sent=False), Ending.UNSENT),
    ],
)
def test_only_a_complete_answer_frees_the_token(ended, ending):
    assert ended.ending is ending


@pytest.mark.parametrize("status", [502, 504, 520, 521, 522, 523, 524])
@pytest.mark.parametrize(
    ("details", "ending"),
    [
        ({"action": Action.RETRY}, Ending.LOST),
        ({"action": Action.FAIL, "error": ProtocolError}, Ending.LOST),
        ({"action": Action.RETRY, "vendors_own": True}, Ending.COMPLETE),
        ({"action": Action.RATE_LIMITED, "error": RateLimited}, Ending.COMPLETE),  # an adapter knows what it means here
        ({"action": Action.TOKEN_BUSY, "error": TokenBusy}, Ending.COMPLETE),
    ],
)
def test_a_gateway_that_gave_up_frees_no_token_unless_the_answer_is_the_vendors_own(details, ending, status):
    assert answered(**details, status=status).ending is ending


def test_a_gateways_answer_that_an_error_map_stumbled_over_frees_no_token():
    assert Ended(Response(status=504), error=KeyError("a mistake"), sent=True).ending is Ending.LOST
    assert Ended(Response(status=200), error=KeyError("a mistake"), sent=True).ending is Ending.COMPLETE


@pytest.mark.parametrize(
    ("ended", "word", "status"),
    [
        (answered(Action.ACCEPT, status=200), "ok", 200),
        (FAILED, "ServerError", 500),
        (broke(sent=True), "ServerError", None),
        (CLOSED, "cancelled", None),
    ],
)
def test_an_ending_has_a_word_for_the_log(ended, word, status):
    assert (ended.word, ended.status) == (word, status)


@pytest.mark.parametrize(("closed", "kind"), [(False, DeadlineExceeded), (True, SessionClosed)])
@pytest.mark.parametrize("sent", [False, True])
@pytest.mark.parametrize("safety", list(Safety))
def test_a_deadline_or_close_says_where_the_call_waited_unless_its_outcome_is_unknown(closed, kind, sent, safety):
    error = interrupted(trip(safety), closed=closed, sent=sent)

    if sent and safety in (Safety.UNSAFE, Safety.ONCE):
        assert type(error) is OutcomeUnknown
        error = error.__cause__
    assert type(error) is kind
    assert "waited for a token" in str(error)


def test_an_error_says_whose_request_it_is_about():
    error = describe(trip(), ServerError, "it failed", status=503)

    assert str(error) == "vendor acme things.create: it failed (HTTP 503)"
    assert (error.request_id, error.attempts) == ("ab-1", 2)


def test_a_refusal_carries_the_vendors_words_without_the_accounts_secrets():
    complaint = FieldError("bad", "token", f"token {CANARY} is unknown")
    ended = answered(Action.FAIL, ValidationFailed, code="E1", wait=3.0, hint="do that", errors=[complaint])

    error = failure(trip(), ended, None)

    assert (error.code, error.retry_after, error.hint, error.status) == ("E1", 3.0, "do that", 500)
    assert [item.message for item in error.errors] == [f"token {REDACTED} is unknown"]


def test_of_an_exchange_that_broke_only_what_came_from_outside_is_scrubbed():
    @attrs.define
    class Short(Account):
        def secrets(self, held):
            return (Secret("t"),)

    ours = ExchangeError("the total time is over")
    theirs = ExchangeError("the vendor redirects to https://t.co/t, ours", quoted="https://t.co/t")

    assert "the total time is over" in str(failure(trip(account=Short()), Ended(error=ours, sent=True), None))
    said = str(failure(trip(account=Short()), Ended(error=theirs, sent=True), None))
    assert "the vendor redirects to " in said
    assert "https://t.co/t" not in said


def test_refused_credentials_name_the_vendors_screen_unless_the_verdict_knows_better():
    knows = answered(Action.REAUTHENTICATE, CredentialsRejected, hint="ask Ana")

    assert failure(trip(), REFUSED, None).hint == "open the vendor's screen"
    assert failure(trip(), knows, None).hint == "ask Ana"
    assert failure(trip(), FAILED, None).hint is None
