from __future__ import annotations

import enum
from decimal import Decimal

import pytest

from sagicc_async.errors import ConfigError
from sagicc_async.records import quirks
from sagicc_async.records.as_written import Amount, Minutes
from sagicc_async.records.convert import PageReader
from sagicc_async.records.model import Record, field, record
from sagicc_async.records.structuring import Unfit, exact_decimal, exact_int


@record
class Raro(Record):
    codigo: str | None = field(default=None, read=quirks.text)
    numero: int | None = field(default=None, read=quirks.integer)
    activo: bool | None = field(default=None, read=quirks.flag)
    nota: str | None = field(default="sin", read=quirks.blank_is_none)
    precio: Decimal | None = field(default=None, read=quirks.decimal_or_blank)
    largo: int = field(default=0, accept=str, read=len)


def first(body: bytes) -> Raro:
    page = PageReader(Raro, items=None).read(body)
    assert page.problem is None
    return page.items[0]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b'[{"codigo":7}]', Raro(codigo="7")),
        (b'[{"codigo":"007"}]', Raro(codigo="007")),
        (b'[{"numero":"12"}]', Raro(numero=12)),
        (b'[{"numero":12}]', Raro(numero=12)),
        (b'[{"activo":1}]', Raro(activo=True)),
        (b'[{"activo":"N"}]', Raro(activo=False)),
        (b'[{"activo":false}]', Raro(activo=False)),
        (b'[{"nota":""}]', Raro(nota=None)),
        (b"[{}]", Raro(nota="sin")),
        (b'[{"precio":""}]', Raro(precio=None)),
        (b'[{"precio":"12.50"}]', Raro(precio=Decimal("12.50"))),
        (b'[{"precio":12.50}]', Raro(precio=Decimal("12.50"))),
        (b'[{"precio":12}]', Raro(precio=Decimal(12))),
        (b'[{"codigo":null,"precio":null}]', Raro()),
        (b'[{"largo":"abc"}]', Raro(largo=3)),
    ],
)
def test_quirks_read_what_vendors_send(body, expected):
    assert first(body) == expected


def test_a_quirk_keeps_the_decimals_digits():
    assert str(first(b'[{"precio":12.50}]').precio) == "12.50"


def test_a_value_that_remembers_its_text_is_read_again_out_of_a_records_own_mapping():
    @record
    class Escrito(Record):
        monto: Decimal | None = field(default=None, read=quirks.decimal_or_blank)
        exacto: Decimal | None = field(default=None)
        minutos: int | None = field(default=None)

    made = Escrito(
        monto=Amount.read("1.234,56", Decimal("1234.56")),
        exacto=Amount.read("2,50", Decimal("2.50")),
        minutos=Minutes.read("07:30", 450),
    )

    again = Escrito.from_dict(made.to_dict())

    assert again == made
    assert again.to_json() == made.to_json() == '{"monto":"1.234,56","exacto":"2,50","minutos":"07:30"}'


class Grado(enum.IntEnum):
    UNO = 1


@pytest.mark.parametrize(("given", "expected"), [(Grado.UNO, 1), (True, None), (1.0, None)])
def test_a_number_of_a_class_of_its_own_is_one_and_neither_a_flag_nor_a_float_is(given, expected):
    for read, kind in ((exact_int, int), (exact_decimal, Decimal)):
        if expected is None:
            with pytest.raises(Unfit):
                read(given)
        else:
            assert (read(given), type(read(given))) == (expected, kind)


@pytest.mark.parametrize(
    ("body", "expected", "path"),
    [
        (b'[{"codigo":true}]', "str or int", "$[0].codigo"),
        (b'[{"numero":"CANARY"}]', "int", "$[0].numero"),
        (b'[{"activo":"CANARY"}]', "bool", "$[0].activo"),
        (b'[{"precio":"NaN"}]', "Decimal", "$[0].precio"),
        (b'[{"largo":5}]', "str", "$[0].largo"),
        (b'[{"largo":null}]', "str", "$[0].largo"),
    ],
)
def test_what_a_quirk_does_not_take_is_a_problem_with_its_path(body, expected, path):
    problem = PageReader(Raro, items=None).read(body).problem
    assert problem is not None
    assert (problem.path, set(problem.expected.split(" or "))) == (path, set(expected.split(" or ")))


def test_whatever_a_read_function_raises_is_told_without_its_words():
    @record
    class Tabla(Record):
        valor: int = field(read={"CANARY": 1}.__getitem__)

    with pytest.raises(ConfigError, match=r"^Tabla: expected int at \$\.valor$"):
        Tabla.from_dict({"valor": "SECRET"})
