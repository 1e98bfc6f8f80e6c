"""How calls become requests, without a socket."""

from __future__ import annotations

import datetime
import re
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qsl

import pytest

from sagicc_async import ConfigError, OutcomeUnknown, SessionManager, Unsupported
from sagicc_async.declared import DeclaredAdapter
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
        (lambda parts: parts.list(owner="a", open=1), "open takes a value of type flag, not int"),
        (lambda parts: parts.list(owner="a", took=True), "took takes a value of type duration, not bool"),
        (lambda parts: parts.list(owner="a", limt=1), "no parameter limt; it has owner, since"),
    ],
)
def test_a_call_that_cannot_be_sent_is_refused_before(sessions, call, told):
    with pytest.raises(ConfigError, match=told):
        call(opened(sessions))


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
