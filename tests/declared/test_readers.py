from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sagicc_async import ProtocolError
from sagicc_async.declared.pointers import raw_at, value_at
from sagicc_async.declared.readers import find_record, find_records

ROWS = [{"id": 1}]
KEYS = st.text(max_size=4)
TREES = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=4),
    lambda inside: st.lists(inside, max_size=3) | st.dictionaries(KEYS, inside, max_size=3),
    max_leaves=12,
)


def places(tree, pointer=""):
    """Every value of a tree, with its pointer."""
    yield pointer, tree
    pairs = tree.items() if isinstance(tree, dict) else enumerate(tree) if isinstance(tree, list) else ()
    for key, value in pairs:
        yield from places(value, f"{pointer}/{str(key).replace('~', '~0').replace('/', '~1')}")


@given(TREES, st.sampled_from([None, 2]))
def test_every_value_is_found_at_its_pointer_decoded_or_not(tree, indent):
    body = json.dumps(tree, indent=indent).encode()

    for pointer, value in places(tree):
        assert value_at(tree, pointer) == value
        assert json.loads(raw_at(body, pointer)) == value


@pytest.mark.parametrize("pointer", ["/b", "/a/0/c", "/a/9", "/a/x", "/a/-1"])
def test_where_nothing_is_nothing_is_found(pointer):
    tree = {"a": [{"b": 1}]}

    assert value_at(tree, pointer) is None
    assert raw_at(json.dumps(tree).encode(), pointer) is None


@pytest.mark.parametrize(
    ("body", "pointers", "place"),
    [
        (ROWS, ["", "/records"], ""),
        ({"records": ROWS}, ["", "/records"], "/records"),
        ({"records": [], "data": ROWS}, ["/records", "/data"], "/records"),  # in the order of the file
        ({"data": ROWS}, ["/records", "/data"], "/data"),
        ({"records": {"things": ROWS}}, ["/records"], "/records/things"),
        ({"records": {"things": [], "ids": [1, 2]}}, ["/records"], "/records/things"),
        ({"records": {"a/b": ROWS}}, ["/records"], "/records/a~1b"),
        ({"anything": ROWS, "count": 1}, [""], "/anything"),
    ],
)
def test_records_stand_at_the_first_pointer_that_fits_else_in_the_one_list_there(body, pointers, place):
    found, raw = find_records(json.dumps(body).encode(), pointers)

    assert found == place
    assert json.loads(raw) == value_at(body, place)


def test_null_is_an_empty_list_where_a_list_is_declared():
    assert find_records(b'{"records": null}', ["/records"]) == ("/records", b"[]")


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (b'{"records": {"a": [{}], "b": []}}', r'several lists could be the records: a, b at "/records"'),
        (b'{"result": [{}]}', r'no list of records at "/records": the answer has the keys result'),
        (b'{"Ana Mar\\u00eda, 555-1234": [{}]}', r"the answer has the keys \(another\)"),
        (b"[1", "the answer is not JSON"),
        (b"7", "the answer is no object"),
        (b"<!DOCTYPE html><html></html>", "the answer is HTML"),
        (b"", "the answer is not JSON"),
    ],
)
def test_records_that_are_nowhere_are_an_error_without_values(body, told):
    with pytest.raises(ProtocolError, match=told):
        find_records(body, ["/records"])


@given(st.binary(max_size=40))
def test_whatever_comes_it_is_found_or_refused(body):
    try:
        _, raw = find_records(body, ["", "/records"])
    except ProtocolError:
        return
    assert raw[:1] == b"["


def test_a_single_record_stands_at_the_first_pointer_that_has_an_object():
    assert find_record(b'{"record": {"id": 1}}', ["/record", ""]) == b'{"id": 1}'
    assert find_record(b' {"id": 1} ', ["/record", ""]) == b'{"id": 1}'
    with pytest.raises(ProtocolError, match='no record at "/record"'):
        find_record(b"[]", ["/record"])
