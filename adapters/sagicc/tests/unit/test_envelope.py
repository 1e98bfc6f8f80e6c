"""Finding the records of an answer whose form nobody documents: in the order of the guesses, and never by values."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sagicc_async import ProtocolError
from sagicc_async_sagicc import find_record, find_rows
from sagicc_async_sagicc.envelope import extent_of

ROWS = [{"id": 1, "nota": "canario"}, {"id": 2, "nota": "canario"}]
LENGTH_AWARE = {
    "current_page": 1,
    "data": ROWS,
    "first_page_url": "x?page=1",
    "from": 1,
    "last_page": 5,
    "links": [{"url": None, "label": "1", "active": True}],
    "next_page_url": "x?page=2",
    "per_page": 2,
    "total": 10,
}
META = {"current_page": 1, "from": 1, "last_page": 5, "path": "x", "per_page": 2, "to": 2, "total": 10}


def body(value: Any) -> bytes:
    return json.dumps(value).encode()


@pytest.mark.parametrize(
    ("answer", "name", "path", "extent"),
    [
        (LENGTH_AWARE, "data", "data", (10, 5, 2)),
        ({"data": ROWS, "totalSize": 10}, "data", "data", (10, None, None)),
        ({"data": ROWS, "dataTotalSize": "10"}, "data", "data", (10, None, None)),
        ({"data": ROWS, "recordsTotal": 10}, "data", "data", (10, None, None)),
        (ROWS, "array", None, (None, None, None)),
        ({"data": ROWS, "links": {"next": None}, "meta": META}, "data", "data", (10, 5, 2)),
        ({"data": ROWS, "links": {"next": None}, "meta": {"per_page": 2}}, "data", "data", (None, None, 2)),
        ({"success": True, "message": "", "data": LENGTH_AWARE}, "data.data", "data.data", (10, 5, 2)),
        ({"status": "ok", "data": {"data": ROWS, "meta": META}}, "data.data", "data.data", (10, 5, 2)),
        ({"casos": ROWS, "total": 10}, "single array", "casos", (10, None, None)),
        ({"casos": ROWS, "ids": [1, 2]}, "single array", "casos", (None, None, None)),
        ({"avisos": [], "casos": ROWS}, "single array", "casos", (None, None, None)),
        ({"casos": [], "total": 0}, "single array", "casos", (0, None, None)),
        ({"data": None, "casos": ROWS}, "single array", "casos", (None, None, None)),
        ({"data": []}, "data", "data", (None, None, None)),
        ({"success": True, "data": {"data": [], "total": 0}}, "data.data", "data.data", (0, None, None)),
        ([], "array", None, (None, None, None)),
    ],
)
def test_the_guesses_in_their_order(answer, name, path, extent):
    found = find_rows(body(answer))
    read = extent_of(found.figures, len(json.loads(found.rows)))
    assert (found.name, found.path) == (name, path)
    assert (read.total, read.last, read.per_page) == extent
    assert all(row["nota"] == "canario" for row in json.loads(found.rows))


def test_an_empty_page_with_several_empty_arrays_is_read_as_the_page_before():
    empty = body({"avisos": [], "casos": []})
    assert find_rows(empty, before="casos").path == "casos"
    with pytest.raises(ProtocolError, match="name one of them"):
        find_rows(empty)


def test_what_the_user_configured_wins():
    answer = {"data": [{"id": 0}], "respuesta": {"filas": ROWS, "total": 10}}
    for spelling in ("respuesta.filas", "/respuesta/filas"):
        found = find_rows(body(answer), record_path=spelling)
        assert (found.name, found.path, json.loads(found.rows)) == ("configured", "respuesta.filas", ROWS)
        assert extent_of(found.figures, 2).total == 10


def test_a_count_that_may_be_of_this_page_alone_is_no_total():
    assert extent_of({"count": 2}, 2).total is None
    assert extent_of({"count": 9}, 2).total == 9
    assert extent_of({"total": 2}, 2).total == 2


@pytest.mark.parametrize("figure", [True, "a", "1.5", -0.5, None, [], {}, "9" * 30])
def test_a_total_that_is_no_whole_number_is_none(figure):
    assert extent_of({"total": figure}, 2).total is None


@pytest.mark.parametrize(
    ("answer", "complaint"),
    [
        ({"casos": ROWS, "otros": ROWS}, "casos (array), otros (array); name one of them: record_path='casos'"),
        ({"id": 1, "nota": "canario"}, "id (a number), nota (text)"),
        ({"data": "canario"}, "data (text)"),
        ({"data": {"filas": ROWS}}, "data (object)"),
        ({}, "it has no keys"),
        ("canario", "is text instead of"),
        (7, "is a number instead of"),
        (None, "is null instead of"),
    ],
)
def test_what_cannot_be_found_is_told_by_keys_and_kinds_alone(answer, complaint):
    with pytest.raises(ProtocolError) as raised:
        find_rows(body(answer))
    assert complaint in str(raised.value)
    assert "canario" not in str(raised.value)


@pytest.mark.parametrize("text", [b"", b"<html>canario", b'{"data": [', b'{"data": canario}', b"\xff\xfe", b'{"a"}'])
def test_what_is_no_json_is_said_without_a_word_of_it(text):
    for find in (find_rows, find_record):
        with pytest.raises(ProtocolError) as raised:
            find(text)
        assert "canario" not in str(raised.value)


def test_a_single_record_is_looked_for_where_the_user_configured_and_then_elsewhere():
    assert json.loads(find_record(body({"filas": ROWS[:1], "id": 9}), record_path="filas").rows) == ROWS[0]
    assert json.loads(find_record(body({"data": ROWS[0]}), record_path="respuesta.filas").rows) == ROWS[0]


def test_a_wrong_path_is_explained():
    with pytest.raises(ProtocolError, match=r"no respuesta\.filas: it has data \(array\)"):
        find_rows(body({"data": ROWS}), record_path="respuesta.filas")


@pytest.mark.parametrize(
    "answer",
    [
        ROWS[0],
        {"data": ROWS[0]},
        [ROWS[0]],
        {"data": [ROWS[0]]},
        {"success": True, "message": "", "data": ROWS[0]},
        {"success": True, "data": [ROWS[0]]},
        {"success": True, "data": {**LENGTH_AWARE, "data": [ROWS[0]]}},
    ],
)
def test_one_record_in_each_form(answer):
    assert json.loads(find_record(body(answer)).rows) == ROWS[0]


@pytest.mark.parametrize(
    "answer",
    [
        {"success": True, "message": "canario", "data": None},
        {"status": "canario", "code": 200, "data": False},
        {"message": "", "data": "canario"},
        {"data": None},
    ],
)
def test_what_stands_around_a_record_is_no_record_where_there_is_none(answer):
    with pytest.raises(ProtocolError, match=r"holds no record: it has .*data") as raised:
        find_record(body(answer))
    assert "canario" not in str(raised.value)


@pytest.mark.parametrize(
    "record", [{"id": 7, "message": "x", "data": None}, {"asunto": "x", "data": 7}, {"id": 7, "data": [1, 2]}]
)
def test_a_record_may_have_columns_of_the_names_that_stand_around_records(record):
    assert json.loads(find_record(body({"data": record})).rows) == record
    if not isinstance(record["data"], list):
        assert json.loads(find_record(body(record)).rows) == record


@pytest.mark.parametrize(("answer", "count"), [([], 0), (ROWS, 2), ({"data": []}, 0)])
def test_another_number_than_one_record_is_refused(answer, count):
    with pytest.raises(ProtocolError, match=f"holds {count} records"):
        find_record(body(answer))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["data", "meta", "total", "success", "a", ""]), inner, max_size=4)
    ),
    max_leaves=12,
)


@given(JSON)
def test_any_json_is_found_or_refused_and_nothing_else_is_raised(answer):
    for find in (find_rows, find_record):
        try:
            found = find(body(answer))
        except ProtocolError:
            continue
        json.loads(found.rows)


@given(st.binary(max_size=60))
def test_any_bytes_are_found_or_refused_and_nothing_else_is_raised(text):
    for find in (find_rows, find_record):
        try:
            find(text)
        except ProtocolError:
            continue
