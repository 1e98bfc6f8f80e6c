from __future__ import annotations

import json
import sys
import threading
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import attrs
import pytest

from sagicc_async.errors import ProtocolError
from sagicc_async.records import convert
from sagicc_async.records.convert import PageReader, Problem, read_record
from sagicc_async.records.layout import MAX_LEARNED, layout_of
from sagicc_async.records.model import Record, field, record
from sagicc_async.records.timestamps import Timestamp


@record
class Centro(Record):
    id: int | None = field(default=None)
    codigo: str | None = field(default=None)


@attrs.frozen(kw_only=True)
class Fijo(Record):
    id: int


@record
class Linea(Record):
    producto: str
    cantidad: Decimal = field(wire="cantidadPedida", default=Decimal(1))


@record
class Pedido(Record):
    id: int
    total: Decimal | None = field(default=None)
    creado: Timestamp | None = field(default=None)
    lineas: list[Linea] = field(factory=list)
    cabecera: Linea | None = field(default=None)
    por_bodega: dict[str, Linea] | None = field(wire="porBodega", default=None)


def page(*records: Any, **further: Any) -> bytes:
    return json.dumps({"success": True, "result": list(records), **further}).encode()


def fresh(base: type = Centro) -> Any:
    """A model of its own, about which nothing was learned."""
    namespace = {"__module__": __name__, "__annotations__": {}}
    made = type(base.__name__, (base,), namespace)
    return attrs.frozen(made, kw_only=True) if base is Fijo else record(made)


def test_unknown_fields_are_kept_from_the_first_page_on():
    reader = PageReader(fresh())
    body = b'{"result":[{"id":1,"codigo":"01","activo":true,"valor":0.10},{"id":2,"codigo":"02"}]}'
    for _ in range(3):
        items = reader.read(body).items
        assert items[0].extra == {"activo": True, "valor": Decimal("0.10")}
        assert str(items[0].extra["valor"]) == "0.10"
        assert items[1].extra == {}


def test_a_key_that_turns_up_in_mid_stream_is_kept_and_then_known():
    model = fresh()
    reader = PageReader(model)
    before = reader.read(page({"id": 1, "codigo": "01"})).items[0]
    first = reader.read(page({"id": 2, "codigo": "02"}, {"id": 3, "nuevo": [1], "codigo": "03"})).items
    assert [item.extra for item in first] == [{}, {"nuevo": [1]}]
    assert [item.id for item in first] == [2, 3]
    version = layout_of(model).version
    again = reader.read(page({"id": 4, "nuevo": None}, {"id": 5})).items
    assert [item.extra for item in again] == [{"nuevo": None}, {}]
    assert layout_of(model).version == version
    assert {type(item) for item in [before, *first, *again]} == {model}


@pytest.mark.parametrize("base", [Centro, Pedido, Fijo])
def test_clean_pages_and_learned_fields_never_take_the_slow_path(base, monkeypatch):
    model = fresh(base)
    reader = PageReader(model)
    reader.read(page({"id": 1, "nuevo": 1}))
    monkeypatch.setattr(convert, "_read_each", None)
    assert reader.read(page({"id": 2, "nuevo": 2}, {"id": 3})).items == [model(id=2, extra={"nuevo": 2}), model(id=3)]


def test_a_frozen_record_is_read_as_itself():
    for _ in range(2):
        item = PageReader(Fijo).read(page({"id": 1})).items[0]
        assert type(item) is Fijo
        assert hash(item) == hash(Fijo(id=1))
        with pytest.raises(attrs.exceptions.FrozenInstanceError):
            item.id = 2
        with pytest.raises(attrs.exceptions.FrozenInstanceError):
            del item.id


def test_what_one_reader_learns_serves_all_readers_of_the_model():
    model = fresh()
    late, early = PageReader(model), PageReader(model)
    early.read(page({"id": 1}))
    late.read(page({"id": 1, "nuevo": 1}))
    version = layout_of(model).version
    assert early.read(page({"id": 2, "nuevo": 2})).items[0].extra == {"nuevo": 2}
    assert layout_of(model).version == version


def test_unknown_fields_of_nested_records_are_kept():
    reader = PageReader(fresh(Pedido))
    body = page(
        {
            "id": 1,
            "lineas": [{"producto": "a", "lote": 1}, {"producto": "b"}],
            "cabecera": {"producto": "c", "turno": "x"},
            "porBodega": {"norte": {"producto": "d", "piso": 2}},
        }
    )
    for _ in range(2):
        item = reader.read(body).items[0]
        assert [line.extra for line in item.lineas] == [{"lote": 1}, {}]
        assert item.cabecera.extra == {"turno": "x"}
        assert item.por_bodega["norte"].extra == {"piso": 2}
        assert item.lineas[1].cantidad == Decimal(1)


@pytest.mark.parametrize("many", [MAX_LEARNED + 1, MAX_LEARNED * 3])
def test_a_vendor_that_uses_data_as_keys_is_read_all_the_same(many):
    model = fresh()
    reader = PageReader(model)
    for number in range(many):
        got = reader.read(page({"id": number, f"k{number}": number})).items[0]
        assert (got.id, got.extra) == (number, {f"k{number}": number})
    assert layout_of(model).open
    assert len(layout_of(model).seen) <= MAX_LEARNED + 2
    problem = reader.read(page({"id": 1, "z": 1}, {"id": "x"})).problem
    assert problem == Problem(path="$.result[1].id", expected="int", index=1)


@pytest.mark.parametrize("key", ['a"b', "a\\b", "a\nb", "", "ñandú 1", "f0", "self", "_extra", "a'b", "{0}"])
def test_a_key_of_any_text_is_kept(key):
    reader = PageReader(fresh())
    for _ in range(2):
        assert reader.read(page({"id": 1, key: "x"})).items[0].extra == {key: "x"}


def test_the_first_bad_record_is_told_and_those_before_it_are_given():
    reader = PageReader(fresh())
    good = {"id": 1, "codigo": "01"}
    data = reader.read(page(good, {"id": 2, "codigo": "02"}, {"id": 3, "codigo": 5}, good))
    assert [item.id for item in data.items] == [1, 2]
    assert data.problem == Problem(path="$.result[2].codigo", expected="str", index=2)
    assert str(data.problem) == "expected str at $.result[2].codigo"


def test_a_bad_value_hidden_behind_an_unknown_field_is_found():
    data = PageReader(fresh()).read(page({"id": 1, "nuevo": 1}, {"nuevo": 2, "id": []}))
    assert data.items[0].extra == {"nuevo": 1}
    assert data.problem == Problem(path="$.result[1].id", expected="int", index=1)


@pytest.mark.parametrize(
    ("bad", "path", "expected"),
    [
        ({"id": None}, "$.result[0].id", "int"),
        ({}, "$.result[0].id", "int (the field is missing)"),
        ({"id": 1.0}, "$.result[0].id", "int"),
        ({"id": 1, "total": "NaN"}, "$.result[0].total", "Decimal"),
        ({"id": 1, "total": "1_000"}, "$.result[0].total", "Decimal"),
        ({"id": 1, "total": " 12 "}, "$.result[0].total", "Decimal"),
        ({"id": 1, "total": "١٢"}, "$.result[0].total", "Decimal"),
        ({"id": 1, "total": "1E+999999999"}, "$.result[0].total", "Decimal"),
        ({"id": 1, "total": True}, "$.result[0].total", "Decimal"),
        ({"id": 1, "creado": "CANARY"}, "$.result[0].creado", "timestamp"),
        ({"id": 1, "lineas": [{"producto": "a"}, {"CANARY": 1}]}, "$.result[0].lineas[1].producto", "str (the field"),
        ({"id": 1, "porBodega": {"CANARY": {"producto": 5}}}, "$.result[0].porBodega[...].producto", "str"),
        ("CANARY", "$.result[0]", "object"),
        (None, "$.result[0]", "object"),
    ],
)
def test_problems_speak_the_wires_names_and_never_quote(bad, path, expected):
    data = PageReader(fresh(Pedido)).read(page(bad))
    assert data.problem is not None
    assert data.problem.path == path
    assert data.problem.expected.startswith(expected)
    assert "CANARY" not in repr(data)


def test_bytes_that_are_not_utf8_fail_their_record_only():
    body = b'{"result":[{"id":1},{"codigo":"\xff"},{"id":3}]}'
    data = PageReader(fresh()).read(body)
    assert [item.id for item in data.items] == [1]
    assert data.problem == Problem(path="$.result[1]", expected="UTF-8 text", index=1)


@pytest.mark.parametrize("text", ["0.1", "1000.00", "-0.00", "12345678901234.123456789012345678", "1E+5", "9" * 4000])
@pytest.mark.parametrize("quote", ["", '"'])
def test_decimals_have_the_wires_digits_from_numbers_and_from_text(text, quote):
    body = f'{{"result":[{{"id":1,"total":{quote}{text}{quote},"otro":{text}}}]}}'.encode()
    reader = PageReader(fresh(Pedido))
    for _ in range(2):
        got = reader.read(body).items[0]
        assert type(got.total) is Decimal
        assert str(got.total) == str(Decimal(text))
        assert str(got.extra["otro"]) == str(Decimal(text))


@pytest.mark.parametrize(
    "text",
    [
        "0." + "1" * 5000,
        "0." + "0" * 4999 + "1",
        "9" * 5000,
        "9" * 5000 + ".5",
        "1E+999999999",
        "1E-999999999",
        "0E+99999",
    ],
)
def test_absurd_numbers_are_a_problem_and_eat_no_memory(text):
    for body in (f'{{"result":[{{"id":1,"total":{text}}}]}}', f'{{"result":[{{"id":1,"otro":{text}}}]}}'):
        data = PageReader(fresh(Pedido)).read(body.encode())
        assert data.items == []
        assert data.problem == Problem(path="$.result[0]", expected="numbers of at most 4300 digits", index=0)


def test_a_declared_int_takes_digits_and_a_declared_text_keeps_them():
    data = PageReader(fresh()).read(page({"id": "12", "codigo": "007"}, {"id": 13, "codigo": "13"}))
    assert [(item.id, item.codigo) for item in data.items] == [(12, "007"), (13, "13")]


def test_the_last_of_two_equal_keys_wins():
    assert PageReader(fresh()).read(b'{"result":[{"id":1,"id":2,"x":1,"x":2}]}').items[0].to_dict() == {
        "id": 2,
        "codigo": None,
        "x": 2,
    }


def test_equal_records_in_a_page_are_all_given():
    items = PageReader(fresh()).read(page({"id": 1}, {"id": 1}, {"id": 1})).items
    assert items[0] == items[1] == items[2]
    assert len(items) == 3


@pytest.mark.parametrize("bad", [False, True])
def test_neither_records_nor_the_reader_keep_the_page(bad):
    reader = PageReader(fresh())
    body = page({"id": 1, "nuevo": "x" * 1000}, {"id": [] if bad else 2})
    before = sys.getrefcount(body)
    kept = [reader.read(body) for _ in range(3)]
    assert sys.getrefcount(body) == before
    assert len(kept[0].items) == (1 if bad else 2)


def test_the_accounts_zone_reaches_records_and_those_inside():
    bogota = ZoneInfo("America/Bogota")
    body = page({"id": 1, "creado": "2026-03-01T10:00:00"}, {"id": "2", "creado": "2026-03-01T10:00:00"})
    for item in PageReader(fresh(Pedido), zone=bogota).read(body).items:
        assert item.creado.utcoffset() == bogota.utcoffset(item.creado)
        assert item.creado.naive


def test_read_record_reads_a_single_answer():
    got = read_record(Pedido, b'{"data":{"id":1,"total":1.10,"otro":2}}', at="data")
    assert (got.total, got.extra) == (Decimal("1.10"), {"otro": 2})
    assert read_record(Pedido, b'{"id":"3"}').id == 3


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b'{"data":{"id":"CANARY"}}', "expected int at $.data.id"),
        (b'{"data":null}', "expected object at $.data"),
        (b"{}", "expected object at $.data"),
        (b'{"data":[]}', "expected object at $.data"),
        (b"[]", "expected a JSON object with an object at $.data, got a list at $"),
        (b'{"data":{"id"', "expected a JSON object with an object at $.data, got JSON that is cut off at byte 13"),
    ],
)
def test_read_record_says_what_is_wrong(body, message):
    with pytest.raises(ProtocolError) as caught:
        read_record(Pedido, body, at="data")
    assert str(caught.value) == message


def test_threads_that_learn_at_once_lose_nothing():
    model = fresh(Pedido)
    start = threading.Barrier(4)
    wrong: list[Any] = []

    def work(thread: int) -> None:
        reader = PageReader(model)
        start.wait()
        for number in range(12):
            sent = {"id": number, f"k{number}_{thread % 2}": 1, "lineas": [{"producto": "a", f"n{number}": thread}]}
            extra = {f"k{number}_{thread % 2}": 1}, {f"n{number}": thread}
            got = reader.read(page(sent, sent)).items
            wrong.extend(item for item in got if (item.extra, item.lineas[0].extra) != extra)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


@attrs.define(kw_only=True)
class Validado(Record):
    id: int = attrs.field(validator=attrs.validators.lt(100))
    doble: int = attrs.field(init=False)
    texto: str = attrs.field(default="a", converter=str.upper)

    def __attrs_post_init__(self) -> None:
        self.doble = self.id * 2


def test_models_with_validators_and_converters_are_built_by_their_constructor():
    reader = PageReader(Validado)
    for _ in range(2):
        data = reader.read(page({"id": 4, "texto": "b", "x": 1}, {"id": 5}))
        assert [(item.id, item.doble, item.texto, item.extra) for item in data.items] == [
            (4, 8, "B", {"x": 1}),
            (5, 10, "A", {}),
        ]
    assert reader.read(page({"id": 4}, {"id": 400})).problem == Problem("$.result[1]", "object", 1)
