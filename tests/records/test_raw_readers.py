from __future__ import annotations

from decimal import Decimal

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sagicc_async.errors import ProtocolError
from sagicc_async.records.convert import EncodedReader, PageReader, Problem, RawReader
from sagicc_async.records.model import Record, record
from sagicc_async.records.readers import Copied


def written(data):
    """The records as lines of a file."""
    return b"".join(bytes(line) + b"\n" for line in data.items)


def test_mappings_are_exact():
    data = RawReader(meta={"code": "code"}).read(b'{"code":200,"result":[{"a":1.00,"b":1,"c":[0.10]},{}]}')
    assert data.meta == {"code": 200}
    assert data.items == [{"a": Decimal("1.00"), "b": 1, "c": [Decimal("0.10")]}, {}]
    assert str(data.items[0]["a"]) == "1.00"


@pytest.mark.parametrize(
    ("bad", "expected"),
    [
        (b"5", "object"),
        (b"null", "object"),
        (b'{"a":1E+999999999}', "numbers of at most 4300 digits"),
        (b'{"a":"\xff"}', "UTF-8 text"),
    ],
)
def test_a_bad_record_is_a_problem_and_those_before_it_are_given(bad, expected):
    data = RawReader(items="rows").read(b'{"rows":[{"a":1},' + bad + b"]}")
    assert data.items == [{"a": 1}]
    assert data.problem == Problem(path="$.rows[1]", expected=expected, index=1)


@pytest.mark.parametrize("reader", [RawReader(), EncodedReader()])
@pytest.mark.parametrize("body", [b"", b"<html>", b'{"result":{}}', b'{"result":[{"a":1}', b"[1"])
def test_a_page_of_another_shape_is_a_protocol_error(reader, body):
    with pytest.raises(ProtocolError, match=r"^expected a JSON object with a list at \$\.result, got "):
        reader.read(body)


@pytest.mark.parametrize("reader", [RawReader(), EncodedReader()])
@pytest.mark.parametrize("body", [b"{}", b'{"result":null}', b'{"result":[]}'])
def test_a_missing_or_null_array_is_empty(reader, body):
    assert reader.read(body).items == []


def test_encoded_records_are_the_vendors_own_bytes():
    body = b'{"result": [{"b" :1.00, "a": 1E+5,"b":-0}, {"x":"\xff"}] , "code": 1}'
    data = EncodedReader(meta={"code": "code"}).read(body)
    assert data.meta == {"code": 1}
    assert [bytes(item) for item in data.items] == [b'{"b" :1.00, "a": 1E+5,"b":-0}', b'{"x":"\xff"}']
    assert written(data) == b'{"b" :1.00, "a": 1E+5,"b":-0}\n{"x":"\xff"}\n'


def test_encoded_records_are_views_unless_they_are_to_be_kept():
    body = b'{"result":[{"id":1},{"id":[2]}]}'
    views, copies = EncodedReader().read(body), Copied(EncodedReader()).read(body)
    assert [type(item) for item in views.items] == [msgspec.Raw] * 2
    assert copies.items == [b'{"id":1}', b'{"id":[2]}']


def test_a_copy_tells_as_much_as_the_view_of_it():
    reader = Copied(EncodedReader(meta={"code": "code"}))
    data = reader.read(b'{"result":[{"id":1},2],"code":3}')
    assert (data.items, data.meta, data.problem.path) == ([b'{"id":1}'], {"code": 3}, "$.result[1]")


@record
class Centro(Record):
    id: int


def test_checked_lines_end_in_front_of_the_first_bad_record():
    data = EncodedReader(check=PageReader(Centro)).read(b'{"result":[{"id":1,"x":1.00},{"id":"a"},{"id":3}]}')
    assert written(data) == b'{"id":1,"x":1.00}\n'
    assert data.problem == Problem(path="$.result[1].id", expected="int", index=1)


def test_no_records_are_no_lines():
    assert written(EncodedReader().read(b"{}")) == b""


def test_records_over_several_lines_become_one_line_each_with_their_digits():
    body = b'{\r\n "result": [\n  {\n   "a": 1.00,\r\n   "b": "x\\ny"\n  },\n  {"c": 12345678901234567890.10}\n ]\n}\n'
    data = EncodedReader().read(body)
    assert written(data) == b'{"a":1.00,"b":"x\\ny"}\n{"c":12345678901234567890.10}\n'


@given(
    st.lists(
        st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), st.integers() | st.floats(-9, 9)), max_size=4
    ),
    st.sampled_from([-1, 0, 2]),
)
def test_lines_decode_to_the_same_records(rows, indent):
    body = msgspec.json.format(msgspec.json.encode({"result": rows}), indent=indent)
    lines = written(EncodedReader().read(body)).splitlines()
    assert [msgspec.json.decode(line) for line in lines] == rows


@pytest.mark.parametrize(
    ("body", "count", "path"),
    [(b'{"result":[1,2]}', 0, "$.result[0]"), (b'{"result":[{"id":1},[],{"id":2}]}', 1, "$.result[1]")],
)
def test_what_is_no_record_ends_the_lines_in_front_of_it(body, count, path):
    data = EncodedReader().read(body)
    assert len(data.items) == count
    assert (data.problem.path, data.problem.expected) == (path, "object")
