"""How calls become requests, without a socket."""

from __future__ import annotations

import datetime
import inspect
import re
from decimal import Decimal
from typing import Any, Final
from urllib.parse import parse_qsl
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sagicc_async import ConfigError, OutcomeUnknown, SessionManager, Unsupported
from sagicc_async.declared import DeclaredAdapter, read
from sagicc_async.declared.moments import since
from sagicc_async.declared.parameters import address_of
from sagicc_async.testing import mocked_responses

FILE = """
vendor = "acme"
base_url = "https://acme.example/v1"
auth = { kind = "header", header = "X-Token" }
record = ["/record"]
arrays = "ARRAYS"
formats = { money = "1.234,56", date = "%d/%m/%Y", duration = "HH:MM", flag = "S/N" }
idempotency_header = "Idempotency-Key"

[resources.parts]
id = "id"
updated_filter = "since"
list = { path = "/things/{owner}/parts", params = { owner = { required = true }, since = "date", tags = { array = true }, most = "money", open = "flag", took = "duration", kind = { default = "all" } } }
get = { path = "/parts/{id}", params = { deep = "flag" } }
create = "/parts"
update = { path = "/parts/{id}", method = "PATCH", repeatable = true }
delete = "/parts/{id}"
"""


def opened(sessions: SessionManager, arrays: str = "repeat", **settings: Any) -> Any:
    text = FILE.replace("ARRAYS", arrays)
    return sessions.open(DeclaredAdapter, {"token": "t0ken"}, declaration=text, **settings)["parts"]


def sent(http):
    [(method, url)] = http.requests
    return method, str(url)


@pytest.mark.parametrize(
    ("arrays", "tags"),
    [
        ("repeat", [("tags", "a"), ("tags", "b,c")]),
        ("brackets", [("tags[]", "a"), ("tags[]", "b,c")]),
        ("comma", [("tags", "a,b,c")]),
    ],
)
async def test_parameters_stand_in_path_and_query_as_the_vendor_writes_them(sessions, arrays, tags):
    parts = opened(sessions, arrays)
    with mocked_responses() as http:
        http.get(re.compile(".*"), payload=[])
        await parts.list(
            owner="a/b",
            since=datetime.date(2026, 1, 31),
            tags=["a", "b,c"],
            most=Decimal("1234.50"),
            open=True,
            took=425,
        ).collect()

        method, url = sent(http)
        call = next(iter(http.requests.values()))[0]
    others = [("since", "31/01/2026"), ("most", "1.234,50"), ("open", "S"), ("took", "07:05"), ("kind", "all")]
    assert (method, url.partition("?")[0]) == ("GET", "https://acme.example/v1/things/a%2Fb/parts")
    assert sorted(parse_qsl(url.partition("?")[2])) == sorted([*tags, *others])
    assert call.kwargs["headers"]["X-Token"] == "t0ken"


@pytest.mark.parametrize(
    ("call", "told"),
    [
        (lambda parts: parts.list(), r"parts\.list needs owner="),
        (lambda parts: parts.list(owner=""), "needs an id that is not empty"),
        (lambda parts: parts.list(owner=".."), "needs an id that is not empty"),
        (
            lambda parts: parts.list(owner="a", since=datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)),
            "since takes a value of type date",
        ),
        (lambda parts: parts.list(owner="a", most=1.5), "most takes a value of type money, not float"),
        (lambda parts: parts.list(owner="a", most=Decimal("Infinity")), "most takes a finite number"),
        (lambda parts: parts.list(owner="a", open=1), "open takes a value of type flag, not int"),
        (lambda parts: parts.list(owner="a", took=True), "took takes a value of type duration, not bool"),
        (lambda parts: parts.list(owner="a", limt=1), "no parameter limt; it has owner, since"),
    ],
)
def test_a_call_that_cannot_be_sent_is_refused_before(sessions, call, told):
    with pytest.raises(ConfigError, match=told):
        call(opened(sessions))


@pytest.mark.parametrize(
    ("given", "asked"),
    [
        ({"most": 1234}, ("most", "1.234")),
        ({"most": Decimal("1E3")}, ("most", "1.000")),
        ({"took": -90}, ("took", "-01:30")),
        ({"took": -30}, ("took", "-00:30")),
    ],
)
def test_numbers_are_written_in_the_declared_form_whatever_they_are(sessions, given, asked):
    declaration = opened(sessions).declaration

    address = address_of(declaration, "parts.list", declaration.resources["parts"].list, {"owner": "a", **given})

    assert asked in address.params.items()


def test_a_name_that_stands_in_a_path_twice_is_filled_in_twice():
    file = SINCE.replace('{ since = { type = "TYPE" } }', "{ x = { required = true }, since = 'date' }")
    declaration = read(file.replace('"/parts"', '"/a/{x}/b/{x}"').replace("GONE", "flag"))

    address = address_of(declaration, "parts.list", declaration.resources["parts"].list, {"x": "c/d"})

    assert (address.path, dict(address.params)) == ("/a/c%2Fd/b/c%2Fd", {})


async def test_one_record_is_asked_for_by_its_id(sessions):
    with mocked_responses() as http:
        http.get("https://acme.example/v1/parts/a%2Fb?deep=N", payload={"record": {"id": "a/b"}})

        part = await opened(sessions).get("a/b", deep=False)
    assert part.id == "a/b"


async def test_writes_go_out_as_declared(sessions):
    parts = opened(sessions, allow_write=True)
    with mocked_responses() as http:
        http.post("https://acme.example/v1/parts", payload={"record": {"id": 1}})
        http.patch("https://acme.example/v1/parts/1", payload={"record": {"id": 1, "name": "x"}})
        http.delete("https://acme.example/v1/parts/1", status=204)

        made = await parts.create({"name": "x"}, key="order-991")
        changed = await parts.update(1, {"name": "x"})
        gone = await parts.delete(1)
        create, update, _ = [calls[0] for calls in http.requests.values()]
    assert (made.id, changed.extra["name"], gone) == (1, "x", None)
    assert create.kwargs["headers"]["Idempotency-Key"] == "order-991"
    assert update.kwargs["data"] == b'{"name":"x"}'


async def test_a_write_is_sent_once_unless_the_file_or_a_key_says_that_it_may_be_repeated(sessions):
    parts = opened(sessions, allow_write=True)
    with mocked_responses() as http:
        http.post("https://acme.example/v1/parts", status=502)
        http.post("https://acme.example/v1/parts", payload={"record": {"id": 1}})
        http.patch("https://acme.example/v1/parts/1", status=502)
        http.patch("https://acme.example/v1/parts/1", payload={"record": {"id": 1}})

        with pytest.raises(OutcomeUnknown):
            await parts.create({})
        assert (await parts.update(1, {})).id == 1
        assert (await parts.create({}, key="k")).id == 1


async def test_an_answer_to_a_write_that_cannot_be_read_leaves_the_outcome_open(sessions):
    with mocked_responses() as http:
        http.post("https://acme.example/v1/parts", body="<html>ok</html>")

        with pytest.raises(OutcomeUnknown, match="could not be read"):
            await opened(sessions, allow_write=True).create({})


async def test_without_leave_nothing_is_written(sessions):
    with mocked_responses() as http:
        for write in (opened(sessions).create({}), opened(sessions).update(1, {}), opened(sessions).delete(1)):
            with pytest.raises(Unsupported, match="allow_write=True"):
                await write
        assert not http.requests


async def test_a_record_that_does_not_fit_is_named_by_its_place_in_the_answer(vendor, acme):
    vendor.rows[2]["price"] = "1,234.56"

    with pytest.raises(Exception, match=r"\$\.records\[2\]\.price should be an amount like 1\.234,56"):
        await acme.things.list().collect()


def test_plain_http_is_for_this_machine_only(sessions):
    far = FILE.replace("ARRAYS", "repeat").replace("https://", "http://")

    with pytest.raises(ConfigError, match="http"):
        sessions.open(DeclaredAdapter, {"token": "t"}, declaration=far)


async def test_updated_since_is_the_filter_that_the_file_names(sessions):
    parts, day = opened(sessions), datetime.date(2026, 1, 31)
    with mocked_responses() as http:
        http.get(re.compile(".*"), payload=[])
        await parts.list(owner="a", updated_since=day).collect()

        assert dict(parse_qsl(sent(http)[1].partition("?")[2])) == {"since": "31/01/2026", "kind": "all"}
    assert "updated_since" in parts.capabilities.filters
    with pytest.raises(ConfigError, match="since= and updated_since= exclude each other"):
        parts.list(owner="a", since=day, updated_since=day)
    parts.list(owner="a", since=day, updated_since=None)


SINCE = """
vendor = "acme"
base_url = "https://acme.example/v1"
auth = { kind = "header", header = "X-Token" }

[resources.parts]
updated_filter = "since"
updated = "changed"
deleted = "gone"
list = { path = "/parts", params = { since = { type = "TYPE" } } }
fields = { changed = "date", gone = "GONE" }
"""
EVENING: Final = datetime.datetime(2026, 2, 1, 1, 30, tzinfo=datetime.UTC)


def declared_since(kind: str, *, form: str = "", zone: str = "America/Bogota", gone: str = "flag") -> str:
    """A file whose filter for changes is of a type, and written in a form."""
    parameter = f'"{kind}", format = "{form}"' if form else f'"{kind}"'
    top = f'time_zone = "{zone}"' if zone else ""
    return top + SINCE.replace('"TYPE"', parameter).replace("GONE", gone)


@pytest.mark.parametrize(
    ("kind", "form", "given", "asked"),
    [
        ("date", "", EVENING, "2026-01-31"),  # in Bogotá it is still the day before
        ("date", "%d/%m/%Y", EVENING, "31/01/2026"),
        ("datetime", "", EVENING, "2026-02-01T01:30:00+00:00"),
        ("datetime", "%Y-%m-%d %H:%M", EVENING, "2026-01-31 20:30"),
        ("datetime", "%Y-%m-%d %H:%M%z", EVENING, "2026-02-01 01:30+0000"),
        ("datetime", "", datetime.date(2026, 1, 31), "2026-01-31T00:00:00-05:00"),
        ("datetime", "%Y-%m-%d %H:%M", datetime.date(2026, 1, 31), "2026-01-31 00:00"),
        ("datetime", "%Y-%m-%d", "yesterday", "yesterday"),
    ],
)
async def test_updated_since_takes_days_and_moments_and_asks_as_the_vendor_does(sessions, kind, form, given, asked):
    acme = sessions.open(DeclaredAdapter, {"token": "t"}, declaration=declared_since(kind, form=form))
    with mocked_responses() as http:
        http.get(re.compile(".*"), payload=[])
        await acme["parts"].list(updated_since=given).collect()

        assert dict(parse_qsl(sent(http)[1].partition("?")[2])) == {"since": asked}


async def test_a_parameter_that_would_be_called_updated_since_is_not_hidden_by_the_filter_for_changes(sessions):
    file = declared_since("date").replace("params = { ", 'params = { updatedSince = "text", updated_since = "int", ')
    acme, day = sessions.open(DeclaredAdapter, {"token": "t"}, declaration=file), datetime.date(2026, 1, 31)
    with mocked_responses() as http:
        http.get(re.compile(".*"), payload=[])
        await acme["parts"].list(updated_since=day, updated_since_="x", updated_since__=5).collect()

        asked = dict(parse_qsl(sent(http)[1].partition("?")[2]))
    assert asked == {"since": "2026-01-31", "updatedSince": "x", "updated_since": "5"}
    assert acme["parts"].capabilities.filters == ("updated_since_", "updated_since__", "since", "updated_since")
    told = inspect.getdoc(type(acme["parts"]).list)
    assert told.count(" updated_since: ") == told.count(" updated_since_: ") == 1
    assert " updated_since_: The parameter `updatedSince`, of type text." in told


@pytest.mark.parametrize("kind", ["text", "int", "date", "datetime"])
def test_a_parameter_asks_for_changes_only_where_the_file_says_so(sessions, kind):
    file = declared_since(kind).replace("since = {", "updatedSince = {").replace('updated_filter = "since"', "")
    parts = sessions.open(DeclaredAdapter, {"token": "t"}, declaration=file)["parts"]

    assert parts.changes(EVENING) is None
    assert parts.capabilities.filters == ("updated_since",)


def test_changes_are_asked_for_by_the_filter_that_the_file_names(sessions):
    parts = sessions.open(DeclaredAdapter, {"token": "t"}, declaration=declared_since("date"))["parts"]

    assert len(parts.changes(EVENING)) == 1


async def test_the_filter_for_changes_may_be_called_updated_since_by_the_vendor_as_well(sessions):
    file = declared_since("date").replace("since = {", "updatedSince = {").replace('"since"', '"updatedSince"')
    acme = sessions.open(DeclaredAdapter, {"token": "t"}, declaration=file)
    with mocked_responses() as http:
        http.get(re.compile(".*"), payload=[])
        await acme["parts"].list(updated_since=EVENING).collect()

        assert dict(parse_qsl(sent(http)[1].partition("?")[2])) == {"updatedSince": "2026-01-31"}
    assert acme["parts"].capabilities.filters == ("updated_since",)
    assert inspect.getdoc(type(acme["parts"]).list).count(" updated_since: ") == 1


@given(st.datetimes(timezones=st.timezones()), st.sampled_from(["America/Bogota", "Asia/Tokyo", "Europe/Madrid"]))
def test_what_is_asked_for_begins_no_later_than_what_was_given(moment, zone):
    declaration = read(declared_since("date", zone=zone))
    parameter = declaration.resources["parts"].list.params["since"]
    try:
        day = since(declaration, parameter, moment)
    except OverflowError:  # there it is none that a calendar has
        return

    assert datetime.datetime.combine(day, datetime.time.min, ZoneInfo(zone)) <= moment


@pytest.mark.parametrize(
    ("kind", "given", "told"),
    [
        ("date", EVENING.replace(tzinfo=None), "takes a day, or a datetime with a time zone"),
        ("date", EVENING, "the resource file of acme has no time_zone"),
        ("datetime", datetime.date(2026, 1, 31), "the resource file of acme has no time_zone"),
        ("datetime", 5, "takes a value of type datetime, not int"),
    ],
)
async def test_a_moment_of_which_nobody_knows_when_it_is_at_the_vendor_is_refused(sessions, kind, given, told):
    acme = sessions.open(DeclaredAdapter, {"token": "t"}, declaration=declared_since(kind, zone=""))

    with pytest.raises(ConfigError, match=told):
        acme["parts"].list(updated_since=given)


@pytest.mark.parametrize(
    ("gone", "record", "deleted"),
    [
        ("flag", {"gone": True}, True),
        ("flag", {"gone": "N"}, False),
        ("flag", {"gone": None}, None),
        ("flag", {}, None),
        ("date", {"gone": "2026-01-31"}, True),
        ("date", {"gone": "0000-00-00"}, False),
        ("date", {"gone": None}, False),
        ("date", {}, None),
    ],
)
async def test_a_record_says_whether_it_is_deleted_or_says_nothing(sessions, gone, record, deleted):
    acme = sessions.open(DeclaredAdapter, {"token": "t"}, declaration=declared_since("date", gone=gone))
    with mocked_responses() as http:
        http.get(re.compile(".*"), payload=[record])
        [part] = await acme["parts"].list().collect()

    assert acme["parts"].is_deleted(part) is deleted


async def test_a_record_says_when_it_was_changed(sessions):
    acme = sessions.open(DeclaredAdapter, {"token": "t"}, declaration=declared_since("date"))
    with mocked_responses() as http:
        http.get(re.compile(".*"), payload=[{"changed": "2026-01-31"}, {}])
        changed, unknown = await acme["parts"].list().collect()

    assert acme["parts"].updated_at(changed) == datetime.date(2026, 1, 31)
    assert acme["parts"].updated_at(unknown) is None


async def test_where_no_field_is_declared_nothing_is_said(sessions):
    parts = opened(sessions)
    with mocked_responses() as http:
        http.get(re.compile(".*"), payload=[{"id": 1, "isDeleted": True}])
        [part] = await parts.list(owner="a").collect()

    assert (parts.is_deleted(part), parts.updated_at(part)) == (None, None)


async def test_what_changed_since_a_moment_is_the_list_with_that_filter(sessions):
    told = 'time_zone = "UTC"' + FILE.replace("ARRAYS", "repeat")
    free = told.replace("/{owner}", "").replace("owner = { required = true }, ", "")
    moment = datetime.datetime(2026, 1, 31, 8, tzinfo=datetime.UTC)
    with mocked_responses() as http:
        http.get(re.compile(".*"), payload=[])
        declared = sessions.open(DeclaredAdapter, {"token": "t0ken"}, declaration=free)["parts"]
        (changed,) = declared.changes(moment)
        await changed.collect()
        assert dict(parse_qsl(sent(http)[1].partition("?")[2]))["since"] == "31/01/2026"
    with pytest.raises(ConfigError, match="owner"):  # a list that needs more than a moment says what
        sessions.open(DeclaredAdapter, {"token": "t0ken"}, account="b", declaration=told)["parts"].changes(moment)


def test_a_list_without_such_a_filter_tells_no_changes(sessions):
    plain = FILE.replace("ARRAYS", "repeat").replace('updated_filter = "since"\n', "")
    declared = sessions.open(DeclaredAdapter, {"token": "t0ken"}, declaration=plain)["parts"]
    assert declared.changes(datetime.datetime(2026, 1, 31, tzinfo=datetime.UTC)) is None
