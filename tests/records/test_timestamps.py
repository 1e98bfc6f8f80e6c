from __future__ import annotations

import copy
import pickle
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sagicc_async.records.timestamps import Timestamp

BOGOTA = ZoneInfo("America/Bogota")


def test_the_vendors_text_is_kept_with_its_seventh_digit():
    got = Timestamp.parse("2026-03-01T23:59:59.9999999Z")
    assert got == datetime(2026, 3, 1, 23, 59, 59, 999999, tzinfo=UTC)
    assert got.raw == "2026-03-01T23:59:59.9999999Z"
    assert not got.naive


def test_a_naive_timestamp_is_read_in_the_accounts_zone_and_says_so():
    got = Timestamp.parse("2026-03-01 10:00:00", BOGOTA)
    assert got == datetime(2026, 3, 1, 15, tzinfo=UTC)
    assert got.naive
    assert got.raw == "2026-03-01 10:00:00"


def test_a_date_is_its_midnight():
    assert Timestamp.parse("2026-03-01", BOGOTA) == datetime(2026, 3, 1, tzinfo=BOGOTA)


@pytest.mark.parametrize("again", [copy.copy, copy.deepcopy, lambda t: pickle.loads(pickle.dumps(t))])
def test_copies_keep_text_and_flag(again):
    got = again(Timestamp.parse("2026-03-01 10:00:00", BOGOTA))
    assert type(got) is Timestamp
    assert (got.raw, got.naive) == ("2026-03-01 10:00:00", True)
    assert got == Timestamp.parse("2026-03-01 10:00:00", BOGOTA)


def test_arithmetic_gives_a_timestamp_with_a_text_of_its_own():
    later = Timestamp.parse("2026-03-01T10:00:00.1234567Z") + timedelta(days=1)
    assert later.raw == "2026-03-02T10:00:00.123456+00:00"
    assert not later.naive
    assert copy.copy(later).raw == later.raw


@pytest.mark.parametrize("text", ["0000-00-00", "CANARY", "", "2026-13-01T00:00:00Z"])
def test_what_is_no_timestamp_is_refused_without_quoting_it(text):
    with pytest.raises(ValueError, match=r"^not an ISO 8601 timestamp$") as caught:
        Timestamp.parse(text)
    assert caught.value.__context__ is None


@given(st.datetimes(timezones=st.sampled_from([UTC, BOGOTA])))
def test_every_moment_survives_its_text(moment):
    # In UTC, since Python holds a local time that a change of clocks skips or repeats unequal to every other.
    assert Timestamp.parse(moment.isoformat()).astimezone(UTC) == moment.astimezone(UTC)
