from __future__ import annotations

import enum
from datetime import date
from decimal import Decimal
from types import MappingProxyType
from uuid import UUID

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sagicc_async.errors import ConfigError
from sagicc_async.records.model import Record, field, record
from sagicc_async.records.structuring import to_decimal
from sagicc_async.records.timestamps import Timestamp
from sagicc_async.records.writing import to_wire


@record
class Pago(Record):
    valor_pago: Decimal | None = field(wire="valorPago", default=None)


class Forma(enum.Enum):
    CONTADO = 1


def test_records_are_written_by_their_wire_names_wherever_they_stand():
    body = to_wire({"pagos": [Pago(valor_pago=Decimal("10.00"))], "pago": Pago()})
    assert body == b'{"pagos":[{"valorPago":10.00}],"pago":{"valorPago":null}}'


def test_plain_values_become_json():
    body = to_wire(
        MappingProxyType(
            {
                "forma": Forma.CONTADO,
                "fecha": date(2026, 3, 1),
                "hora": Timestamp.parse("2026-03-01T00:00:00.1234567Z"),
                "id": UUID(int=1),
                "lista": (1, None, True, 1.5, "ñ"),
                "grande": 10**30,
            }
        )
    )
    assert body.decode() == (
        '{"forma":1,"fecha":"2026-03-01","hora":"2026-03-01T00:00:00.1234567Z",'
        '"id":"00000000-0000-0000-0000-000000000001","lista":[1,null,true,1.5,"ñ"],"grande":1000000000000000000000000000000}'
    )


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ({"a": [1, {"b": {1, 2}}]}, r"type set at \$\.a\[1\]\.b"),
        ({"a": b"CANARY"}, r"type bytes at \$\.a"),
        ({"a": object()}, r"type object at \$\.a"),
        ({1: 2}, r"a key of type int at \$"),
        ({"a": Decimal("sNaN")}, r"not finite at \$\.a"),
        ({"a": float("inf")}, r"not finite at \$\.a"),
        ({"a": "CANARY\ud800"}, "not Unicode"),
        ({"a": 10**5000}, "too long"),
    ],
)
def test_what_is_not_json_is_refused_with_its_place_and_without_its_value(value, message):
    with pytest.raises(ConfigError, match=message) as caught:
        to_wire(value)
    assert "CANARY" not in str(caught.value)
    assert caught.value.__context__ is None


exact = st.decimals(allow_nan=False, allow_infinity=False)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | exact | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), inner)
    ),
)


@given(json_values)
def test_what_is_written_reads_back_with_every_digit(value):
    again = msgspec.json.Decoder(float_hook=to_decimal).decode(to_wire(value))
    assert again == value


@given(exact)
def test_a_decimal_keeps_its_very_digits(number):
    assert to_wire([number]).decode() == f"[{number}]"
