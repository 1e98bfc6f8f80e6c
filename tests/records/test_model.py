from __future__ import annotations

import copy
import enum
import json
import pickle
import subprocess
import sys
import types
import weakref
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Literal

import attrs
import pytest

from sagicc_async.errors import ConfigError
from sagicc_async.records import quirks
from sagicc_async.records.convert import PageReader
from sagicc_async.records.model import Record, field, record
from sagicc_async.records.timestamps import Timestamp
from sagicc_async.records.writing import to_wire


class Estado(enum.Enum):
    ACTIVO = "A"
    INACTIVO = "I"


@record
class Contacto(Record):
    nombre: str | None = field(wire="nombreContacto", default=None)


@record
class Articulo(Record):
    id_articulo: int = field(wire="idArticulo")
    base: Decimal | None = field(wire="_base", default=None)
    estado: Estado | None = field(default=None)
    creado: Timestamp | None = field(default=None)
    contactos: list[Contacto] = field(factory=list)
    principal: Contacto | None = field(default=None)
    por_rol: dict[str, Contacto] = field(wire="porRol", factory=dict)


@attrs.frozen(kw_only=True)
class Fijo(Record):
    id: int
    codigo: str | None = None


def articulo() -> Articulo:
    return Articulo.from_dict(
        {
            "idArticulo": 7,
            "_base": Decimal("1000.00"),
            "estado": "A",
            "creado": "2026-03-01T10:00:00.1234567Z",
            "contactos": [{"nombreContacto": "Ana", "cargo": "gerente"}],
            "principal": None,
            "porRol": {"ventas": {"nombreContacto": "Eva"}},
            "nuevo": {"a": [Decimal("0.10")]},
        }
    )


def test_from_dict_reads_wire_names_and_keeps_unknown_fields_at_every_level():
    got = articulo()
    assert (got.id_articulo, got.base, got.estado) == (7, Decimal("1000.00"), Estado.ACTIVO)
    assert got.extra == {"nuevo": {"a": [Decimal("0.10")]}}
    assert got.contactos[0].extra == {"cargo": "gerente"}
    assert got.por_rol["ventas"].nombre == "Eva"


def test_to_dict_gives_the_wire_back():
    assert articulo().to_dict() == {
        "idArticulo": 7,
        "_base": Decimal("1000.00"),
        "estado": "A",
        "creado": "2026-03-01T10:00:00.1234567Z",
        "contactos": [{"nombreContacto": "Ana", "cargo": "gerente"}],
        "principal": None,
        "porRol": {"ventas": {"nombreContacto": "Eva"}},
        "nuevo": {"a": [Decimal("0.10")]},
    }
    assert Articulo.from_dict(articulo().to_dict()) == articulo()


def test_to_dict_by_python_names_puts_unknown_fields_under_extra():
    plain = articulo().to_dict("python")
    assert plain["base"] == Decimal("1000.00")
    assert plain["extra"] == {"nuevo": {"a": [Decimal("0.10")]}}
    assert plain["contactos"] == [{"nombre": "Ana", "extra": {"cargo": "gerente"}}]
    assert "extra" not in Contacto(nombre="Ana").to_dict("python")


def test_to_json_writes_every_digit_and_explicit_nulls():
    text = articulo().to_json()
    assert '"_base":1000.00' in text
    assert '"a":[0.10]' in text
    assert '"principal":null' in text


def test_a_declared_field_wins_over_an_unknown_one_of_the_same_key():
    got = Contacto(nombre="Ana", extra={"nombreContacto": "otra", "cargo": "x"})
    assert got.to_dict() == {"nombreContacto": "Ana", "cargo": "x"}


@pytest.mark.parametrize("bad", [Decimal("NaN"), Decimal("Infinity"), float("nan"), float("-inf")])
def test_to_json_refuses_what_is_not_finite(bad):
    with pytest.raises(ConfigError, match=r"not finite at \$\.total\[0\]"):
        Contacto(extra={"total": [bad]}).to_json()
    with pytest.raises(ConfigError, match=r"not finite at \$\._base"):
        Articulo(id_articulo=1, base=bad).to_json()


@pytest.mark.parametrize("again", [copy.copy, copy.deepcopy, attrs.evolve, lambda r: pickle.loads(pickle.dumps(r))])
def test_copies_keep_extra_and_compare_equal(again):
    original = articulo()
    other = again(original)
    assert other == original
    assert other.extra == original.extra
    assert other.contactos[0].extra == {"cargo": "gerente"}
    assert other.creado.raw == "2026-03-01T10:00:00.1234567Z"


def test_extra_counts_in_comparisons_and_an_empty_one_is_none():
    assert Contacto(nombre="Ana", extra={"a": 1}) != Contacto(nombre="Ana")
    looked_at = Contacto(nombre="Ana")
    assert looked_at.extra == {}
    assert looked_at == Contacto(nombre="Ana") == Contacto(nombre="Ana", extra={})
    looked_at.extra["a"] = 1
    assert looked_at.to_dict()["a"] == 1


def test_records_are_slotted_keyword_only_and_can_be_referenced_weakly():
    one = Contacto(nombre="Ana")
    assert weakref.ref(one)() is one
    assert not hasattr(one, "__dict__")
    with pytest.raises(TypeError):
        Contacto("Ana")


def test_a_frozen_record_refuses_assignment_and_has_a_hash():
    one = Fijo.from_dict({"id": 1, "codigo": "01", "otro": True})
    assert one.extra == {"otro": True}
    assert hash(one) == hash(Fijo(id=1, codigo="01", extra={"otro": True}))
    assert one == pickle.loads(pickle.dumps(one))
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        one.codigo = "02"


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        ({}, r"expected int \(the field is missing\) at \$\.idArticulo"),
        ({"idArticulo": True}, r"expected int at \$\.idArticulo"),
        ({"idArticulo": Decimal("1.7")}, r"expected int at \$\.idArticulo"),
        ({"idArticulo": 1, "_base": 0.1}, r"expected Decimal at \$\._base"),
        ({"idArticulo": 1, "estado": "CANARY"}, r"expected a listed value at \$\.estado"),
        ({"idArticulo": 1, "creado": "CANARY"}, r"expected timestamp at \$\.creado"),
        ({"idArticulo": 1, "contactos": "CANARY"}, r"expected list at \$\.contactos"),
        ({"idArticulo": 1, "contactos": [{}, {"nombreContacto": 5}]}, r"expected str at \$\.contactos\[1\]\.nombreC"),
        ({"idArticulo": 1, "porRol": {"CANARY": 5}}, r"expected object at \$\.porRol\[\.\.\.\]"),
        ([], r"expected object at \$$"),
    ],
)
def test_from_dict_says_where_and_what_but_never_the_value(bad, message):
    with pytest.raises(ConfigError, match=message) as caught:
        Articulo.from_dict(bad)
    assert "CANARY" not in str(caught.value)
    assert caught.value.__context__ is None


class Ajeno:
    pass


@attrs.define
class SinExtra:
    nombre: str


@pytest.mark.parametrize(
    ("annotation", "message"),
    [
        (tuple[Contacto, ...], "holds records in a way that is not read"),
        (Sequence[Contacto], "holds records in a way that is not read"),
        (Mapping[str, Contacto], "holds records in a way that is not read"),
        (Contacto | Articulo, "holds records in a way that is not read"),
        (list[list[Contacto]], "holds records in a way that is not read"),
        (SinExtra, "its unknown fields would be lost"),
        (list[SinExtra], "its unknown fields would be lost"),
        (datetime, "use Timestamp"),
        (Ajeno, "not read from JSON"),
        (set[str], "not read from JSON"),
        (dict[int, str], "not read from JSON"),
        (Decimal | str, "not read from JSON"),
        (bytes, "not read from JSON"),
    ],
)
def test_a_field_that_would_lose_something_is_refused_at_definition(annotation, message):
    namespace = {"__annotations__": {"campo": annotation}, "__module__": __name__}
    with pytest.raises(ConfigError, match=message):
        record(type("Malo", (Record,), namespace))


def named(name: str) -> type[Record]:
    """A model that has a field of a name beside another."""
    annotations = {name: int | None, "otro": Decimal | None}
    body = {"__annotations__": annotations, "__module__": __name__, name: None, "otro": None}
    return record(type("Nombrado", (Record,), body))


@pytest.mark.parametrize("name", ["extra", "to_dict", "to_json", "from_dict"])
def test_a_field_cannot_hide_what_every_record_has(name):
    with pytest.raises(ConfigError, match=f"such as {name}_, and field\\(wire='{name}'\\)"):
        named(name)


@pytest.mark.parametrize(
    "name", ["attrs", "cl", "converter", "self", "typevar_map", "_cattrs_use_alias", "_cattrs_forbid_extra_keys"]
)
def test_a_field_cannot_have_a_name_that_generated_code_takes_for_its_own(name):
    with pytest.raises(ConfigError, match=f"another one, such as {name.strip('_')}_, and field\\(wire='{name}'\\)"):
        named(name)


@pytest.mark.parametrize("name", ["self", "converter", "_cattrs_use_alias"])
def test_what_the_vendor_calls_so_has_another_name_in_python(name):
    @record
    class Renombrado(Record):
        propio: int | None = field(wire=name, default=None)

    got = Renombrado.from_dict({name: 1, "más": 2})
    assert (got.propio, got.extra, got.to_dict()) == (1, {"más": 2}, {name: 1, "más": 2})


#: Arguments, variables and globals of the code that is generated here, by attrs and by cattrs; and words of Python's.
GENERATED = """
    s o v e k i out zone f0 u0 c1 one1 many1 absent UNSET set_slot key item
    attr_dict NOTHING _setattr _cls cls other result
    res instance errors structure detailed_validation model kind value mapping wire
    id type list dict int object property field match
"""


@pytest.mark.parametrize("name", GENERATED.split())
def test_any_other_name_is_read_and_written_both_ways(name):
    model = named(name)
    row = {name: 1, "otro": Decimal("1.50"), "más": {"a": 2}}
    reader = PageReader(model, items=None)
    for _ in range(2):
        (fast,) = reader.read(to_wire([row])).items
        assert fast == model.from_dict(row)
        assert (getattr(fast, name), fast.otro, fast.extra) == (1, Decimal("1.50"), {"más": {"a": 2}})
        assert fast.to_dict() == row
        assert fast.to_dict("python") == {name: 1, "otro": Decimal("1.50"), "extra": {"más": {"a": 2}}}


def test_two_fields_cannot_share_a_wire_name():
    body: dict[str, Any] = {"__annotations__": {"a": int, "b": int}, "__module__": __name__, "b": field(wire="a")}
    with pytest.raises(ConfigError, match="two fields for the wire name 'a'"):
        record(type("Malo", (Record,), body))


@pytest.mark.parametrize("wire", ["", 'a"b', "a'b", "a\\b", "a\nb"])
def test_a_wire_name_that_no_field_can_have_is_refused(wire):
    body: dict[str, Any] = {"__annotations__": {"a": int}, "__module__": __name__, "a": field(wire=wire)}
    with pytest.raises(ConfigError, match="wire name"):
        record(type("Malo", (Record,), body))


def test_accept_needs_read():
    with pytest.raises(ConfigError, match="give both"):
        field(accept=int | str)


@record
class Nodo(Record):
    nombre: str
    hijos: list[Nodo] = field(factory=list)
    tipo: Literal["a", "b"] | None = field(default=None)
    codigo: str | None = field(default=None, read=quirks.text)


def test_a_record_may_hold_its_own_kind():
    tree = Nodo.from_dict({"nombre": "a", "hijos": [{"nombre": "b", "codigo": 7, "x": 1}]})
    assert tree.hijos[0] == Nodo(nombre="b", codigo="7", extra={"x": 1})


def test_a_subclass_inherits_fields_and_may_rename_one():
    @record
    class Mayor(Contacto):
        nombre: str | None = field(wire="nombreMayor", default=None)

    assert Mayor.from_dict({"nombreMayor": "Ana", "nombreContacto": "x"}) == Mayor(
        nombre="Ana", extra={"nombreContacto": "x"}
    )


def test_zone_is_taken_for_timestamps_without_an_offset():
    from zoneinfo import ZoneInfo

    bogota = ZoneInfo("America/Bogota")
    got = Articulo.from_dict({"idArticulo": 1, "creado": "2026-03-01T10:00:00"}, zone=bogota)
    assert got.creado == datetime(2026, 3, 1, 15, tzinfo=UTC)
    assert got.creado is not None
    assert got.creado.naive


def test_pydantic_is_imported_by_nobody_but_pydantic():
    code = "import sys; from sagicc_async.records import convert; sys.exit(any(m.startswith('pydantic') for m in sys.modules))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_the_pydantic_hook_validates_and_serialises(monkeypatch):
    """The hook against a stand-in for pydantic_core, which keeps the two functions that it is given."""
    schema = types.SimpleNamespace(
        no_info_plain_validator_function=lambda validate, *, serialization: (validate, serialization),
        plain_serializer_function_ser_schema=lambda serialise: serialise,
    )
    monkeypatch.setitem(sys.modules, "pydantic_core", types.SimpleNamespace(core_schema=schema))
    monkeypatch.setitem(sys.modules, "pydantic_core.core_schema", schema)
    validate, serialise = Contacto.__get_pydantic_core_schema__(Contacto, None)
    made = Contacto(nombre="Ana", extra={"cargo": "x"})
    assert validate(made) is made
    assert validate({"nombreContacto": "Ana", "cargo": "x"}) == made
    assert serialise(made) == {"nombreContacto": "Ana", "cargo": "x"}
    with pytest.raises(ValueError, match=r"expected str at \$\.nombreContacto"):
        validate({"nombreContacto": 5})
    assert Contacto.__get_pydantic_json_schema__(None, None)["type"] == "object"


@pytest.mark.parametrize(
    ("text", "digits"), [("1190.5", "1190.5"), ("0.1", "0.1"), ("99999999999.99", "99999999999.99")]
)
def test_pydantic_may_hand_over_floats_whose_digits_are_all_there(text, digits):
    made = Articulo._from_pydantic({"idArticulo": 1, "_base": json.loads(text)})
    assert str(made.base) == digits


@pytest.mark.parametrize("value", [0.1 + 0.2, 1234567890123.4567, float("nan"), float("inf")])
def test_a_float_that_may_have_lost_digits_is_refused_from_pydantic_too(value):
    with pytest.raises(ValueError, match=r"expected Decimal at \$\._base"):
        Articulo._from_pydantic({"idArticulo": 1, "_base": value})
