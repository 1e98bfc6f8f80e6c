"""Fields that one vendor's servers spell or type in more than one way: read from each, slow path and fast."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest

from sagicc_async.errors import ConfigError
from sagicc_async.records import convert, quirks
from sagicc_async.records.convert import PageReader
from sagicc_async.records.layout import layout_of
from sagicc_async.records.model import Record, field, record
from sagicc_async.records.structuring import structurer
from sagicc_async.records.wire_struct import wire_reader


@record
class Dato(Record):
    id: int = field(read=quirks.integer)


@record
class Cliente(Record):
    id: int = field(read=quirks.integer)
    nota: str | None = field(read=quirks.text, default=None)
    datos: list[Dato] = field(wire="datoContactos", also=["dato_contactos"])
    principal: Dato | None = field(default=None, blank_list=True)


def fresh(base: type = Cliente) -> Any:
    """A model of its own, about which nothing was learned."""
    return record(type(base.__name__, (base,), {"__module__": __name__, "__annotations__": {}}))


def read(model: Any, *records: Any, times: int = 1) -> list[Any]:
    reader = PageReader(model, items=None)
    for _ in range(times):
        page = reader.read(json.dumps(records).encode())
    assert page.problem is None
    return page.items


@pytest.mark.parametrize("key", ["datoContactos", "dato_contactos"])
@pytest.mark.parametrize("times", [1, 3])
def test_a_field_is_read_under_each_of_its_names(key, times):
    (cliente,) = read(fresh(), {"id": 1, key: [{"id": 2}]}, times=times)
    assert [dato.id for dato in cliente.datos] == [2]
    assert cliente.extra == {}


def test_the_names_may_change_from_record_to_record():
    first, second = read(fresh(), {"id": 1, "datoContactos": []}, {"id": 2, "dato_contactos": [{"id": 3}]}, times=3)
    assert (first.datos, [dato.id for dato in second.datos]) == ([], [3])


@pytest.mark.parametrize("times", [1, 3])
def test_a_field_that_comes_under_none_of_its_names_is_missing(times):
    model = fresh()
    read(model, {"id": 1, "datoContactos": []})
    reader = PageReader(model, items=None)
    for _ in range(times):
        page = reader.read(b'[{"id":1}]')
    assert str(page.problem) == "expected list (the field is missing) at $[0].datoContactos"


def test_a_field_of_many_names_is_written_under_its_own():
    (cliente,) = read(fresh(), {"id": 1, "dato_contactos": [{"id": 2}]})
    assert cliente.to_dict()["datoContactos"] == [{"id": 2}]
    assert "dato_contactos" not in cliente.to_dict()


def test_both_paths_agree_on_many_names_and_empty_lists():
    model = fresh()
    value = {"id": "7", "dato_contactos": [{"id": "8"}], "principal": []}
    (fast,) = read(model, value, times=3)
    slow = structurer().structure(value, model)
    assert fast == slow
    assert (slow.id, slow.datos[0].id, slow.principal) == (7, 8, None)


def test_two_fields_cannot_share_one_of_their_names():
    with pytest.raises(ConfigError, match="two fields for the wire name 'otro'"):

        @record
        class Doble(Record):
            uno: int = field(also=["otro"], default=0)
            otro: int = field(default=0)


@pytest.mark.parametrize("times", [1, 3])
def test_an_empty_list_is_no_record_and_a_full_one_is_a_fault(times):
    model = fresh()
    one, two = read(
        model,
        {"id": 1, "datoContactos": [], "principal": []},
        {"id": 2, "datoContactos": [], "principal": {"id": 3}},
        times=times,
    )
    assert one.principal is None
    assert two.principal.id == 3
    page = PageReader(model, items=None).read(b'[{"id":1,"datoContactos":[],"principal":[{"id":3}]}]')
    assert str(page.problem) == "expected object at $[0].principal"


def test_an_empty_list_stands_for_no_record_only_where_there_may_be_none():
    with pytest.raises(ConfigError, match="takes Model"):

        @record
        class Estricto(Record):
            dato: Dato = field(blank_list=True)


def test_as_long_as_nothing_odd_was_seen_the_decoder_itself_checks_the_types():
    model = fresh(Dato)
    read(model, {"id": 1})
    assert [member.type for member in msgspec.structs.fields(wire_reader(model).wire)] == [int]
    read(model, {"id": "1"})
    assert [member.type for member in msgspec.structs.fields(wire_reader(model).wire)] == [int | str]


def test_an_odd_type_in_mid_stream_is_learned_once_for_the_whole_page(monkeypatch):
    model = fresh(Dato)
    reader = PageReader(model, items=None)
    reader.read(b'[{"id":1}]')
    slow: list[int] = []
    monkeypatch.setattr(convert, "structurer", lambda zone: slow.append(1))  # must not be asked
    for body in (b'[{"id":"1"},{"id":2},{"id":"3"}]', b'[{"id":"4"},{"id":5}]'):
        assert reader.read(body).problem is None
    assert slow == []
    assert layout_of(model).odd == {"id"}


def test_an_odd_type_that_the_quirk_does_not_take_is_still_a_fault():
    model = fresh(Dato)
    read(model, {"id": 1})
    page = PageReader(model, items=None).read(b'[{"id":1},{"id":1.5}]')
    assert str(page.problem) == "expected int or str at $[1].id"
    assert [item.id for item in page.items] == [1]


def test_a_page_is_learned_from_once_however_many_of_its_records_are_odd(monkeypatch):
    @record
    class Simple(Record):
        id: int

    taught: list[int] = []
    learn = convert.learn
    monkeypatch.setattr(convert, "learn", lambda model, page: (taught.append(1), learn(model, page)))
    # A plain int reads digits too, but slowly: nothing can be learned of it.
    items = PageReader(Simple, items=None).read(b"[" + b",".join([b'{"id":"1"}'] * 50) + b"]").items
    assert [item.id for item in items] == [1] * 50
    assert len(taught) == 1


def test_what_passes_is_not_read():
    calls: list[Any] = []
    quirk = quirks.Quirk(int | str, lambda value: calls.append(value) or int(value), int)

    @record
    class Contado(Record):
        id: int = field(read=quirk)

    assert [item.id for item in read(Contado, {"id": 1}, {"id": "2"}, times=3)] == [1, 2]
    assert set(calls) == {"2"}
