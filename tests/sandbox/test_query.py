"""Reads that an emulator composes: what it writes as SQL is quoted, and what a client sends is bound."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator

import pytest

from sagicc_async.errors import ConfigError
from sagicc_async.sandbox import Join, Query, Store, Table, from_json
from sagicc_async.sandbox.store import connect

PEOPLE = (
    {"id": 1, "name": "Ñandú", "age": 7, "boss": None, "gone": None},
    {"id": 2, "name": "ana", "age": 30, "boss": 1, "gone": 1},
    {"id": 3, "name": "Eva", "age": None, "boss": 1},
    {"id": 10, "name": "ANA", "age": 4, "boss": 3},
)


@pytest.fixture
def connection() -> Iterator[sqlite3.Connection]:
    opened = connect(None)
    yield opened
    opened.close()


@pytest.fixture
def people(connection) -> Store:
    made = Store(
        connection,
        "vendor",
        [
            Table("person", ("id", "name"), numbers=("id", "boss"), hidden=("gone",)),
            Table("thing", numbers=("owner",)),
        ],
    )
    made.fill("person", PEOPLE)
    made.fill("thing", ({"id": n, "owner": owner} for n, owner in enumerate((3, 1, 3, 9), 1)))
    return made


def ids(rows: list[bytes]) -> list[int]:
    return [from_json(row)["id"] for row in rows]


def test_rows_are_chosen_and_ordered_by_any_field(people):
    assert ids(people.select("person")) == [1, 2, 3, 10]
    age = Store.value("age")
    assert ids(people.select("person", where=f"{age} > ?", values=[5])) == [1, 2]
    assert ids(people.select("person", order=f"{age} DESC", limit=2)) == [2, 1]
    assert ids(people.select("person", order=f"{age} DESC", limit=2, offset=1)) == [1, 10]
    assert ids(people.select("person", offset=3)) == [10]
    assert ids(people.select("person", order=f"{Store.position('person')} DESC", limit=1)) == [10]


def test_text_compares_without_regard_to_case(people):
    for by in (Store.text("name"), Store.column("person", "name")):
        assert ids(people.select("person", where=f"{by} = ?", values=[Store.fold("ÑANDÚ")])) == [1]
        assert people.count_where("person", f"{by} = ?", [Store.fold("Ana")]) == 2
    assert people.count_where("person", f"{Store.value('name')} = ?", ["ana"]) == 1
    assert people.count_where("person", f"{Store.text('age')} = ?", ["7"]) == 1
    assert people.count_where("person", f"{Store.text('age')} <> ?", ["7"]) == 2
    assert people.count_where("person") == 4


def test_several_fields_are_searched_as_one(people):
    search = f"instr({Store.texts([('name', None), ('age', None), ('nothing', None)])}, ?)"
    assert [people.count_where("person", search, [text]) for text in ("an", "30", "a3", "zz")] == [3, 1, 0, 0]


def test_no_list_is_too_long(people):
    among = Store.among(Store.value("id"))
    assert ids(people.select("person", where=among, values=[str(list(range(2, 100_000)))])) == [2, 3, 10]


def test_groups_have_one_row_each(people):
    grouped = Query(table="person", group=Store.text("name"), order=Store.text("name"), limit=2, offset=1)
    assert [from_json(body)["name"].casefold() for (body,) in people.read(grouped)] == ["eva", "ñandú"]
    assert people.size(grouped) == 3


def test_rows_are_joined_and_stay_without_a_partner(people):
    owner = f"{Store.value('owner', 'thing')} = {Store.value('id', 'person')}"
    query = Query(table="person", joins=(Join("thing", owner),), where=f"{Store.column('person', 'gone')} IS NULL")
    found = [(from_json(one)["id"], other and from_json(other)["id"]) for one, other in people.read(query)]
    assert found == [(1, 2), (3, 1), (3, 3), (10, None)]
    assert people.size(query) == 4


def test_hidden_fields_are_kept_beside_the_row(people):
    assert all("gone" not in row for row in people.rows("person"))
    found = people.find("person", "id", 2)
    assert (found.hidden, people.find("person", "id", 3).hidden) == ({"gone": "1"}, {"gone": None})
    people.replace("person", found.position, {**found.record, "name": "Berta"})
    assert people.find("person", "name", "berta").hidden == {"gone": "1"}
    people.replace("person", found.position, {**found.record, "gone": None})
    assert people.find("person", "id", 2).hidden == {"gone": None}


def test_numbers_are_found_and_sorted_through_their_index(people, connection):
    for clause in (f"WHERE {Store.value('boss', 'person')} = 1", f"ORDER BY {Store.value('id', 'person')}"):
        plan = connection.execute(f'EXPLAIN QUERY PLAN SELECT body FROM "vendor.person" AS person {clause}').fetchall()
        assert any(b"USING INDEX vendor.person." in row[3] for row in plan)
        assert not any(b"TEMP B-TREE" in row[3] for row in plan)


@pytest.mark.parametrize("field", ['na"me', "na'me", "na\\me"])
def test_a_field_that_cannot_be_quoted_is_refused(field):
    with pytest.raises(ConfigError, match="cannot be called"):
        Store.value(field)


def test_fields_with_other_odd_names_are_found(connection):
    made = Store(connection, "odd", [Table("thing", ("a.b",), numbers=("c d",), hidden=('e"f',))])
    made.insert("thing", {"a.b": "X", "c d": 5, "$": 6, 'e"f': 1})
    terms = [f"{Store.column('thing', 'a.b')} = 'x'", f"{Store.value('c d')} = 5", f"{Store.value('$')} = 6"]
    assert count(made, " AND ".join(terms)) == 1
    assert count(made, f"""{Store.column("thing", 'e"f')} = '1'""") == 1


def count(store: Store, where: str) -> int:
    return store.count_where("thing", where)


def test_an_unknown_table_is_named_with_those_there_are(people):
    with pytest.raises(ConfigError, match="no table 'thang'; it has person, thing"):
        people.select("thang")
    with pytest.raises(ConfigError, match="no table 'thang'"):
        people.read(Query(table="person", joins=(Join("thang", "1"),)))
