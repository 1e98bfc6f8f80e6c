"""The store gives back what was put in, page by page, digit by digit."""

from __future__ import annotations

import sqlite3
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sagicc_async.errors import ConfigError
from sagicc_async.sandbox import Store, Table, from_json, to_json
from sagicc_async.sandbox.store import connect

_connections: list[sqlite3.Connection] = []


@pytest.fixture(autouse=True)
def no_connection_is_left_open():
    yield
    while _connections:
        _connections.pop().close()


def store(rows: int = 0) -> Store:
    _connections.append(connect(None))
    made = Store(_connections[-1], "vendor", [Table("thing", ("id", "name"))])
    made.fill("thing", ({"id": number, "name": f"N{number % 3}"} for number in range(1, rows + 1)))
    return made


def ids(page: list[bytes]) -> list[int]:
    return [from_json(row)["id"] for row in page]


@pytest.mark.parametrize("text", ["5.00000", "0.00000", "1000.00", "-0.10", "12345678901234567890.12345", "1E+2"])
def test_numbers_keep_their_digits(text):
    made = store()
    made.insert("thing", {"id": 1, "name": "x", "price": Decimal(text)})
    assert made.page("thing", limit=1) == [b'{"id":1,"name":"x","price":%b}' % text.encode()]
    assert made.rows("thing")[0]["price"].as_tuple() == Decimal(text).as_tuple()


@given(st.integers(0, 40), st.integers(1, 12), st.sets(st.integers(1, 40)))
def test_pages_put_together_are_the_table(rows, size, deleted):
    made = store(rows)
    for position in deleted:
        made.delete("thing", position)
    pages, offset = [], 0
    while page := made.page("thing", limit=size, offset=offset):
        pages += ids(page)
        offset += size
    assert pages == [number for number in range(1, rows + 1) if number not in deleted]
    assert made.count("thing") == len(pages)


def test_gaps_are_known_also_after_the_file_was_closed(tmp_path):
    connection = connect(tmp_path / "file")
    made = Store(connection, "vendor", [Table("thing")])
    made.fill("thing", ({"id": number} for number in range(1, 6)))
    made.delete("thing", 2)
    connection.close()
    connection = connect(tmp_path / "file")
    again = Store(connection, "vendor", [Table("thing")])
    assert ids(again.page("thing", limit=2, offset=2)) == [4, 5]
    assert again.next_position("thing") == 6
    connection.close()


def test_lookups_compare_as_text_without_case():
    made = store(9)
    made.insert("thing", {"id": 10, "name": "Ñandú"})
    assert made.find("thing", "name", "ÑANDÚ").record["id"] == 10
    assert made.find("thing", "id", "3") == made.find("thing", "id", 3)
    assert made.find("thing", "name", "nobody") is None
    assert ids(made.page("thing", limit=2, offset=1, where={"name": "n1"})) == [4, 7]
    assert made.count("thing", {"name": "n1"}) == 3


def test_a_replaced_row_keeps_its_place_and_is_found_by_its_new_values():
    made = store(3)
    row = made.find("thing", "id", 2)
    made.replace("thing", row.position, {"id": 2, "name": "new"})
    assert ids(made.page("thing", limit=5)) == [1, 2, 3]
    assert made.find("thing", "name", "NEW").position == row.position
    assert made.find("thing", "name", "n2") is None


def test_positions_are_not_given_twice_until_all_is_cleared():
    made = store(3)
    made.delete("thing", 3)
    assert made.next_position("thing") == 4
    assert not made.is_empty()
    made.clear()
    assert made.is_empty()
    assert made.next_position("thing") == 1


def test_a_failed_filling_leaves_nothing():
    made = store()
    with pytest.raises(ZeroDivisionError):
        made.fill("thing", ({"id": 1 // number} for number in (1, 0)))
    assert made.is_empty()


def test_an_enormous_page_number_is_just_empty():
    assert store(3).page("thing", limit=10**18, offset=10**30) == []


@pytest.mark.parametrize("ask", [lambda made: made.rows("thang"), lambda made: made.next_position("thang")])
def test_an_unknown_table_is_named_with_those_there_are(ask):
    with pytest.raises(ConfigError, match="no table 'thang'; it has thing"):
        ask(store())


@given(st.recursive(st.none() | st.booleans() | st.integers(-(2**62), 2**62) | st.text() | st.decimals(allow_nan=False, allow_infinity=False), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)))  # fmt: skip
def test_json_goes_there_and_back(value):
    assert from_json(to_json(value)) == value
