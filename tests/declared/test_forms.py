"""Forms of days and moments: one is good if what is written in it is read again as the same, and if it tells when it is."""

from __future__ import annotations

import datetime
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sagicc_async.declared import read
from sagicc_async.declared.fields import model_of
from sagicc_async.declared.forms import flaw_of, is_utc, says_offset
from sagicc_async.declared.parameters import address_of

from .small import SMALL, problems

MOMENT: Final = datetime.datetime(2026, 7, 1, 10, tzinfo=datetime.UTC)
IN_UTC: Final = "%Y-%m-%dT%H:%M:%SZ"


def declared(form, zone="America/Bogota"):
    """A file with a field and a parameter of a form."""
    top = "" if zone is None else f'time_zone = "{zone}"\n'
    kind = f'{{ type = "datetime", format = "{form}" }}'
    return f'{top}{SMALL.partition("list =")[0]}list = {{ path = "/a", params = {{ since = {kind} }} }}\nfields.at = {kind}\n'


def asked(declaration, moment):
    entry = declaration.resources["things"].list
    return address_of(declaration, "things.list", entry, {"since": moment}).params["since"]


def came(declaration, text):
    return model_of(declaration, "things", declaration.resources["things"]).from_dict({"at": text}).at


@pytest.mark.parametrize("zone", ["America/Bogota", "Europe/Madrid", None])
def test_a_form_that_ends_in_a_z_is_read_and_written_in_utc(zone):
    declaration = read(declared(IN_UTC, zone))

    at = came(declaration, "2026-07-01T10:00:00Z")

    assert (at, at.naive) == (MOMENT, False)
    assert asked(declaration, at) == "2026-07-01T10:00:00Z"
    assert asked(declaration, MOMENT.astimezone(datetime.timezone(-datetime.timedelta(hours=5)))) == at.raw


@pytest.mark.parametrize(
    ("form", "written"), [(IN_UTC, "2026-07-01T10:00:00Z"), ("%Y-%m-%d %H:%M%z", "2026-07-01 05:00-0500")]
)
def test_a_moment_without_a_zone_is_the_vendors_own_in_a_form_that_says_when_it_is(form, written):
    assert asked(read(declared(form)), datetime.datetime(2026, 7, 1, 5)) == written  # noqa: DTZ001 - that is the case


# Years of fewer than four digits are written with fewer, and then not read.
@given(st.datetimes(min_value=datetime.datetime(1000, 1, 2), timezones=st.timezones()))  # noqa: DTZ001 - it gets one
def test_every_moment_comes_back_from_a_form_in_utc(moment):
    declaration = read(declared(IN_UTC))
    try:
        instant = moment.replace(microsecond=0).astimezone(datetime.UTC)
    except OverflowError:  # in UTC it is none that a calendar has
        return

    assert came(declaration, asked(declaration, moment)) == instant


@pytest.mark.parametrize(
    ("form", "utc", "offset"),
    [
        (IN_UTC, True, False),
        ("%H:%M%%Z", True, False),
        ("%H:%M %Z", False, False),
        ("Z%H:%M", False, False),
        ("%H:%M%z", False, True),
        ("%H:%M%%z", False, False),
    ],
)
def test_what_a_form_says_of_the_zone(form, utc, offset):
    assert (is_utc(form), says_offset(form)) == (utc, offset)


@pytest.mark.parametrize(
    ("kind", "form"),
    [
        ("date", "%d/%m/%Y"),
        ("date", "%d/%m/%y"),
        ("date", "%d %b %Y"),
        ("date", "%Y-%m-%dT00:00:00Z"),
        ("datetime", "%Y-%m-%d"),
        ("datetime", "%d/%m/%Y %H:%M"),
        ("datetime", "%d/%m/%Y %I:%M:%S %p"),
        ("datetime", "%Y-%m-%dT%H:%M:%S.%f%z"),
        ("datetime", IN_UTC),
    ],
)
def test_a_form_that_is_read_again_as_the_same_is_good(kind, form):
    assert flaw_of(kind, form) is None


@pytest.mark.parametrize(
    ("kind", "form", "told"),
    [
        ("date", "soon", "expected a form in the letters of strptime"),
        ("date", "100%", "expected a form in the letters of strptime"),
        ("date", "%Q", "not read as the same date again"),
        ("date", "%d/%m", "not read as the same date again"),
        ("date", "%m/%Y", "not read as the same date again"),
        ("date", "%d/%d/%Y", "not read as the same date again"),
        ("datetime", "%d/%m/%Y %I:%M", "not read as the same datetime again"),
        ("datetime", "%Y-%m-%d %M:%S", "not read as the same datetime again"),
        ("datetime", "%Y-%m-%dT%H:%M:%S%Z", "%Z is the name of a zone"),
    ],
)
def test_another_form_is_refused_when_the_file_is_read(kind, form, told):
    assert told in flaw_of(kind, form)
    (problem,) = problems(f'formats.{kind} = "{form}"\n{SMALL}')
    assert problem.startswith(f"line 1: formats.{kind}: ")
    assert told in problem


def test_a_form_that_does_not_say_when_needs_a_time_zone():
    told = problems(declared("%d/%m/%Y %H:%M", zone=None))

    assert [problem.partition("a datetime needs ")[2][:9] for problem in told] == ["time_zone"]
