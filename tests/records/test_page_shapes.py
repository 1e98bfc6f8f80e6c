"""What stands around the records of a page: found where it was declared, or told in one line without content."""

from __future__ import annotations

from decimal import Decimal
from types import TracebackType

import attrs
import pytest

from sagicc_async.errors import ConfigError, ProtocolError
from sagicc_async.records.convert import PageReader, read_record
from sagicc_async.records.model import Record, field, record


@record
class Centro(Record):
    id: int | None = field(default=None)
    codigo: str | None = field(default=None)


@pytest.mark.parametrize("body", [b"{}", b'{"result":null}', b'{"result":[]}', b'{"success":true,"message":"x"}'])
def test_a_missing_or_null_array_is_empty(body):
    assert PageReader(Centro).read(body).items == []


def test_further_values_are_exact_and_none_where_missing():
    reader = PageReader(
        Centro, items="data.rows", meta={"total": "data.page.total", "rate": "rate", "gone": "x.y", "errors": "errors"}
    )
    body = b'{"rate":1.10,"errors":["a"],"data":{"page":{"total":7},"rows":[{"id":1}]},"x":null}'
    for _ in range(2):
        data = reader.read(body)
        assert data.meta == {"total": 7, "rate": Decimal("1.10"), "gone": None, "errors": ["a"]}
        assert data.items[0].id == 1
    assert reader.read(b'{"data":null}').items == []


def test_the_body_itself_can_be_the_array():
    assert PageReader(Centro, items=None).read(b'[{"id":1}]').items[0].id == 1
    problem = PageReader(Centro, items=None).read(b'[{"id":[]}]').problem
    assert problem is not None
    assert problem.path == "$[0].id"


@pytest.mark.parametrize(
    "paths",
    [
        {"items": ""},
        {"items": "a..b"},
        {"items": "/a"},
        {"items": "a", "meta": {"total": "/total"}},
        {"items": None, "meta": {"a": "a"}},
        {"items": "a", "meta": {"a": "a"}},
        {"items": "a.b", "meta": {"a": "a"}},
        {"items": "a", "meta": {"a": "a.b"}},
    ],
)
def test_paths_that_cannot_be_read_are_refused_when_declared(paths):
    with pytest.raises(ConfigError):
        PageReader(Centro, **paths)


def test_a_class_that_is_no_record_is_refused_when_declared():
    @attrs.define
    class Otro:
        id: int

    with pytest.raises(ConfigError, match="derive it from Record"):
        PageReader(Otro)  # type: ignore[type-var]


WRONG = [
    (b"", "got an empty body"),
    (b"  \n", "got an empty body"),
    (b"<!DOCTYPE html><html>CANARY", "got HTML"),
    (b"<?xml version='1.0'?><CANARY/>", "got HTML or XML"),
    (b"CANARY", "got text that is not JSON (near byte 0)"),
    (b'{"result":[{"id":1,"codigo":"CANARY', "got JSON that is cut off at byte 35"),
    (b'{"result":[{"id":1}]} CANARY', "got text that is not JSON (near byte 23)"),
    (b'{"result":[{"id":NaN,"codigo":"CANARY"}]}', "got text that is not JSON (near byte 17)"),
    (b"\xef\xbb\xbf{}", "got a byte order mark before the JSON"),
    (b'["CANARY"]', "got a list at $"),
    (b'"CANARY"', "got a text at $"),
    (b'{"result":{"CANARY":1}}', "got an object at $.result"),
    (b'{"result":"CANARY"}', "got a text at $.result"),
    (b'{"message":"\xff"}', "got text that is not UTF-8"),
    (b'{"message":' + b"[" * 100_000, "got JSON that is nested too deeply"),
    (b'{"message":' + b"9" * 5000 + b"}", "got a number that is too long or too large"),
    (b'{"message":1E+999999999}', "got a number that is too long or too large"),
]


@pytest.mark.parametrize(("body", "found"), WRONG)
def test_a_page_of_another_shape_is_a_protocol_error_in_one_line_without_content(body, found):
    with pytest.raises(ProtocolError) as caught:
        PageReader(Centro, meta={"message": "message"}).read(body)
    assert str(caught.value) == f"expected a JSON object with a list at $.result, {found}"


def bodies_in(traceback: TracebackType | None, needle: bytes) -> list[str]:
    """Frames of the package that still hold the bytes, or a view of them."""
    holding = []
    while traceback is not None:
        frame = traceback.tb_frame
        if "sagicc_async/records" in frame.f_code.co_filename:
            holding += [name for name, value in frame.f_locals.items() if needle in repr(value).encode()]
        traceback = traceback.tb_next
    return holding


@pytest.mark.parametrize("body", [body for body, _ in WRONG if b"CANARY" in body])
def test_the_error_keeps_nothing_of_the_body(body):
    with pytest.raises(ProtocolError) as caught:
        PageReader(Centro).read(body)
    assert bodies_in(caught.value.__traceback__, b"CANARY") == []
    assert caught.value.__context__ is None


@pytest.mark.parametrize("body", [b'["CANARY"]', b'{"result":{"id":"CANARY"}}', b'{"result":{"codigo":"CANARY'])
def test_the_error_of_a_single_record_keeps_nothing_of_the_body(body):
    with pytest.raises(ProtocolError) as caught:
        read_record(Centro, body, at="result")
    assert bodies_in(caught.value.__traceback__, b"CANARY") == []
    assert caught.value.__context__ is None
