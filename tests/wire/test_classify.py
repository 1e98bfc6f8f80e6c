"""What an answer means, and how long the vendor asks to wait."""

from __future__ import annotations

import datetime
import email.utils
import time

import attrs
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from multidict import CIMultiDict, CIMultiDictProxy

from sagicc_async.errors import (
    Conflict,
    CredentialsRejected,
    NotFound,
    PermissionDenied,
    ProtocolError,
    RateLimited,
    ServerError,
    TokenBusy,
    ValidationFailed,
)
from sagicc_async.wire.classify import ACCEPTED, Action, ErrorMap, Verdict, retry_after
from sagicc_async.wire.request import Response

NOW = datetime.datetime(2026, 3, 1, 12, 0, tzinfo=datetime.UTC).timestamp()


def answer(status: int, body: bytes = b"", **headers: str) -> Response:
    named = CIMultiDict({name.replace("_", "-"): value for name, value in headers.items()})
    return Response(status=status, headers=CIMultiDictProxy(named), body=body)


@pytest.mark.parametrize(
    ("status", "action", "error"),
    [
        (400, Action.FAIL, ValidationFailed),
        (401, Action.REAUTHENTICATE, CredentialsRejected),
        (402, Action.FAIL, ValidationFailed),
        (403, Action.FAIL, PermissionDenied),
        (404, Action.FAIL, NotFound),
        (405, Action.FAIL, ValidationFailed),
        (408, Action.RETRY, ServerError),
        (409, Action.FAIL, Conflict),
        (413, Action.FAIL, ValidationFailed),
        (418, Action.FAIL, ValidationFailed),
        (422, Action.FAIL, ValidationFailed),
        (423, Action.TOKEN_BUSY, TokenBusy),
        (429, Action.RATE_LIMITED, RateLimited),
        (500, Action.RETRY, ServerError),
        (503, Action.RETRY, ServerError),
        (599, Action.RETRY, ServerError),
        (302, Action.FAIL, ProtocolError),
        (304, Action.FAIL, ProtocolError),
        (101, Action.FAIL, ProtocolError),
    ],
)
def test_each_status_has_one_meaning(status, action, error):
    verdict = ErrorMap().classify(answer(status), now=NOW)

    assert (verdict.action, verdict.error) == (action, error)
    assert verdict.message


@pytest.mark.parametrize("status", [200, 201, 204, 299])
def test_a_success_is_accepted(status):
    assert ErrorMap().classify(answer(status), now=NOW) is ACCEPTED


def test_a_vendors_table_is_laid_over_the_common_one():
    errors = ErrorMap(status={404: (Action.ACCEPT, NotFound, ""), 520: (Action.FAIL, ServerError, "out of office")})

    assert errors.classify(answer(404), now=NOW).action is Action.ACCEPT
    assert errors.classify(answer(520), now=NOW).message == "out of office"
    assert errors.classify(answer(403), now=NOW).error is PermissionDenied


def test_the_body_decides_before_the_status_and_may_leave_it_to_the_status():
    busy = Verdict(action=Action.TOKEN_BUSY, error=TokenBusy, code="7")
    errors = ErrorMap(inspect=lambda response: busy if b"busy" in response.body else None)

    assert errors.classify(answer(200, b"busy"), now=NOW) == busy
    assert errors.classify(answer(200, b"good"), now=NOW) is ACCEPTED
    assert errors.classify(answer(500, b"bad"), now=NOW).error is ServerError


def test_a_token_busy_answer_learns_its_wait_from_the_header():
    busy = Verdict(action=Action.TOKEN_BUSY, error=TokenBusy)

    verdict = ErrorMap(inspect=lambda _: busy).classify(answer(200, Retry_After="7"), now=NOW)

    assert verdict == attrs.evolve(busy, wait=7)


class TestTheWaitOfAnAnswer:
    """Milliseconds before seconds, header before body, and the body's own verdict before all."""

    errors = ErrorMap(wait=lambda response: 44.0 if response.body else None)

    @pytest.mark.parametrize(
        ("response", "wait"),
        [
            (answer(429), None),
            (answer(429, Retry_After="30"), 30),
            (answer(429, Retry_After="30", Retry_After_Ms="1500"), 1.5),
            (answer(429, Retry_After="30", Retry_After_Ms="soon"), 30),
            (answer(429, retry_after="30"), 30),
            (answer(429, b"wait 44 s"), 44),
            (answer(429, b"wait 44 s", Retry_After="30"), 30),
            (answer(429, b"wait 44 s", Retry_After="garbage"), 44),
            (answer(503, Retry_After="5"), 5),
            (answer(400, Retry_After="5"), 5),
            (answer(200, b"fine", Retry_After="5"), None),
        ],
    )
    def test_comes_from_where_the_vendor_says_it(self, response, wait):
        assert self.errors.classify(response, now=NOW).wait == wait

    @pytest.mark.parametrize("ahead", [-600, 0, 600])
    def test_is_measured_on_the_clock_of_the_answer_where_it_is_a_date(self, ahead):
        date, until = (email.utils.formatdate(NOW + ahead + seconds, usegmt=True) for seconds in (0, 20))

        assert ErrorMap().classify(answer(429, Date=date, Retry_After=until), now=NOW).wait == 20
        assert ErrorMap().classify(answer(429, Date="soon", Retry_After=until), now=NOW).wait == max(0, ahead + 20)

    def test_is_the_bodys_where_the_adapter_has_read_it(self):
        said = Verdict(action=Action.RATE_LIMITED, error=RateLimited, wait=9)

        assert ErrorMap(inspect=lambda _: said).classify(answer(429, Retry_After="30"), now=NOW).wait == 9


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("120", 120),
        (" 120 ", 120),
        ("0", 0),
        ("1.5", 1.5),
        ("315360000", 315_360_000),  # ten years: read here, given up by the policy's patience
        ("Sun, 01 Mar 2026 12:02:00 GMT", 120),
        ("Sunday, 01-Mar-26 12:02:00 GMT", 120),  # RFC 850
        ("Sun Mar  1 12:02:00 2026", 120),  # asctime
        ("Sun, 01 Mar 2026 07:02:00 -0500", 120),
        ("Sun, 01 Mar 2026 12:02:00 -0000", 120),  # no zone known: UTC
        ("Sun, 01 Mar 2026 11:00:00 GMT", 0),  # past
        ("Thu, 01 Mar 2036 12:00:00 GMT", 315_619_200),
    ],
)
def test_retry_after_is_read_in_every_form_seen_in_the_wild(text, seconds):
    assert retry_after(text, now=NOW) == seconds


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   ",
        "soon",
        "-5",
        "+5",
        "1e3",
        "0x10",
        "inf",
        "nan",
        "1,5",
        "12 seconds",
        "\N{ARABIC-INDIC DIGIT THREE}\N{ARABIC-INDIC DIGIT ZERO}",
        "\N{FULLWIDTH DIGIT THREE}0",
        "²",
        "9" * 400,
        "Sun, 99 Mar 2026 12:02:00 GMT",
        "Mon, 01 Jan 99999999999999 00:00:00 GMT",
        "Mon, 01 Jan 2024 00:00:00 +99999999999999999999",
    ],
)
def test_a_retry_after_that_means_nothing_is_ignored(text):
    assert retry_after(text, now=NOW) is None


def test_a_date_without_a_zone_is_utc_wherever_this_runs(monkeypatch):
    with monkeypatch.context() as patch:
        patch.setenv("TZ", "America/Bogota")
        time.tzset()
        wait = retry_after("Sun Mar  1 12:02:00 2026", now=NOW)
        date = answer(200, Date="Sun, 01 Mar 2026 12:00:00 -0000").date
    time.tzset()

    assert (wait, date.timestamp()) == (120, NOW)


def test_no_header_is_no_wait():
    assert retry_after(None, now=NOW) is None


@given(
    st.text(max_size=60) | st.from_regex(r"[A-Z][a-z]{2}, \d+ [A-Z][a-z]{2} \d+ \d+:\d+:\d+ [-+]?\w*", fullmatch=True)
)
@example("Mon, 01 Jan 0001 00:00:00 +2359")
@example("Fri, 31 Dec 9999 23:59:59 -2359")
def test_no_header_whatsoever_raises_or_gives_a_negative_wait(text):
    wait = retry_after(text, now=NOW)

    assert wait is None or 0 <= wait < 1e12


@given(st.integers(0, 400_000_000))
def test_a_date_that_was_written_properly_is_read_exactly(seconds):
    assert retry_after(email.utils.formatdate(NOW + seconds, usegmt=True), now=NOW) == seconds


@pytest.mark.parametrize("text", ["garbage", "Mon, 01 Jan 99999999999999 00:00:00 GMT", ""])
def test_a_date_header_that_cannot_be_read_is_no_date(text):
    assert answer(200, Date=text).date is None


def test_the_vendors_clock_is_read_from_the_date_header():
    assert answer(200, Date="Sun, 01 Mar 2026 12:00:00 GMT").date == datetime.datetime.fromtimestamp(NOW, datetime.UTC)
    assert answer(200, Date="Sun, 01 Mar 2026 12:00:00 -0000").date.tzinfo is datetime.UTC
    assert answer(200).date is None
