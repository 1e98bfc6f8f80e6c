"""The class that is the query: what it asks for, what it reads, and which mistakes are found when it is made."""

from __future__ import annotations

import json
import pickle
from datetime import datetime
from decimal import Decimal

import pytest

from sagicc_async import ConfigError, PageReader, Record, Timestamp, field
from sagicc_async_sagicc import SagiccWarning, model, relation
from sagicc_async_sagicc.models import query_of_class


@model("gestion")
class Gestion:
    id: int
    caso_id: int
    observacion: str | None = None


@model("caso")
class Caso:
    id: int
    cliente_id: int
    gestiones: list[Gestion]


@model("cliente")
class Cliente(Record):
    id: int
    dato_contactos: list[Later]

    def saludo(self) -> str:
        return f"cliente {self.id}"


@model("cliente_dato_contacto")
class Later:
    id: int
    cliente_id: int
    valor: str


def read(kind, *rows):
    page = PageReader(kind, items=None).read(json.dumps(rows).encode())
    assert page.problem is None, page.problem
    return page.items


def test_columns_and_relations_follow_from_the_class():
    assert query_of_class(Caso) == (("id", "cliente_id"), {"gestiones": ("id", "caso_id", "observacion")})


def test_relations_nest_and_parents_come_first():
    @model("tipo_caso")
    class TipoCaso:
        id: int
        casos: list[CasoDeTipo]

    @model("caso")
    class CasoDeTipo:
        id: int
        tipo_caso_id: int
        gestiones: list[Gestion]

    globals()["CasoDeTipo"] = CasoDeTipo
    assert query_of_class(TipoCaso)[1] == {
        "casos": ("id", "tipo_caso_id"),
        "casos.gestiones": ("id", "caso_id", "observacion"),
    }


def test_a_class_that_comes_later_is_resolved_at_the_first_use():
    assert query_of_class(Cliente) == (("id",), {"datoContactos": ("id", "cliente_id", "valor")})


@pytest.mark.parametrize("key", ["datoContactos", "dato_contactos"])
def test_what_comes_is_the_class_under_either_spelling(key):
    (cliente,) = read(Cliente, {"id": 1, key: [{"id": 2, "cliente_id": 1, "valor": "300"}]})
    assert type(cliente) is Cliente
    assert [type(dato) for dato in cliente.dato_contactos] == [Later]
    assert cliente.saludo() == "cliente 1"
    assert cliente.extra == {}


def test_ids_and_numbers_may_come_as_text_and_flags_as_numbers():
    @model("cuenta")
    class Cuenta:
        id: int
        activa: bool
        saldo: Decimal
        tasa: float
        numero: str
        creada: Timestamp
        nota: str | None = None

    as_text = {"id": "7", "activa": 1, "saldo": "10.50", "tasa": "1.5", "numero": 123, "creada": "2026-01-31 08:00:00"}
    (cuenta,) = read(Cuenta, as_text)
    assert (cuenta.id, cuenta.activa, cuenta.saldo, cuenta.tasa, cuenta.numero) == (
        7,
        True,
        Decimal("10.50"),
        1.5,
        "123",
    )
    assert cuenta.creada.raw == "2026-01-31 08:00:00"
    assert cuenta.nota is None
    (again,) = read(Cuenta, {**as_text, "id": 7, "tasa": 1.5, "numero": "123"})
    assert again == cuenta


def test_unknown_columns_are_kept():
    (caso,) = read(Caso, {"id": 1, "cliente_id": 2, "gestiones": [], "nuevo": {"a": 1.50}})
    assert caso.extra == {"nuevo": {"a": Decimal("1.5")}}


def test_a_relation_that_did_not_come_is_an_error_that_names_it():
    page = PageReader(Caso, items=None).read(b'[{"id":1,"cliente_id":2}]')
    assert "gestiones" in page.problem.path
    assert "missing" in page.problem.expected


def test_an_empty_array_is_no_record():
    with pytest.warns(SagiccWarning):

        @model("caso")
        class ConCliente:
            id: int
            cliente: Cliente | None

    (caso,) = read(ConCliente, {"id": 1, "cliente": []})
    assert caso.cliente is None


def test_a_class_is_a_record_whether_it_says_so_or_not():
    assert issubclass(Caso, Record)
    assert Caso.__name__ == "Caso"
    assert Caso.__module__ == __name__
    caso = Caso(id=1, cliente_id=2, gestiones=[Gestion(id=3, caso_id=1)])
    assert pickle.loads(pickle.dumps(caso)) == caso
    assert caso.to_dict() == {
        "id": 1,
        "cliente_id": 2,
        "gestiones": [{"id": 3, "caso_id": 1, "observacion": None}],
    }


def test_a_class_may_build_on_another():
    @model("caso")
    class CasoLargo(Caso):
        asunto: str | None = None

    assert query_of_class(CasoLargo) == (
        ("id", "cliente_id", "asunto"),
        {"gestiones": ("id", "caso_id", "observacion")},
    )
    assert query_of_class(Caso)[0] == ("id", "cliente_id")


def test_a_relation_may_have_another_name_and_further_keys():
    @model("gestion")
    class Breve:
        observacion: str | None

    @model("caso")
    class CasoBreve:
        id: int
        seguimiento: list[Breve] = relation("gestiones", keys=["id", "caso_id"])

    assert query_of_class(CasoBreve) == (("id",), {"gestiones": ("observacion", "id", "caso_id")})
    (caso,) = read(CasoBreve, {"id": 1, "gestiones": [{"observacion": "x", "id": 2, "caso_id": 1}]})
    assert caso.seguimiento[0].extra == {"id": 2, "caso_id": 1}


def test_a_column_may_be_declared_by_hand():
    @model("caso")
    class Propio:
        id: int
        titulo: str = field(wire="asunto", accept=str, read=str.upper)

    assert query_of_class(Propio)[0] == ("id", "asunto")
    assert read(Propio, {"id": 1, "asunto": "hola"})[0].titulo == "HOLA"


def test_a_relation_to_many_without_both_ids_is_found_when_the_class_is_made():
    @model("gestion")
    class SinCaso:
        id: int

    with pytest.raises(ConfigError) as raised:

        @model("caso")
        class _Caso:
            gestiones: list[SinCaso]

    text = str(raised.value)
    assert "_Caso.gestiones" in text
    assert "\n    id: int    # in _Caso" in text
    assert "\n    caso_id: int    # in SinCaso" in text


def test_a_relation_of_many_to_many_has_no_key_that_leads_back():
    @model("usuario")
    class Usuario:
        id: int
        nombre: str

    with pytest.raises(ConfigError, match=r"usuarios: \.\.\. = relation\(both_ids=False\)"):

        @model("skill")
        class _Skill:
            id: int
            usuarios: list[Usuario]

    @model("skill")
    class Skill:
        id: int
        usuarios: list[Usuario] = relation(both_ids=False)

    assert query_of_class(Skill)[1] == {"usuarios": ("id", "nombre")}


def test_a_key_that_need_not_lead_back_is_a_doubt_when_the_class_is_made():
    @model("gestion")
    class DeUsuario:
        id: int
        usuario_id: int

    with pytest.warns(SagiccWarning, match=r"'_Caso\.gestiones' .* by the usual name it is caso_id") as caught:

        @model("caso")
        class _Caso:
            id: int
            gestiones: list[DeUsuario]

    assert caught[0].filename == __file__
    assert query_of_class(_Caso)[1] == {"gestiones": ("id", "usuario_id")}


def test_a_relation_to_one_without_its_keys_is_a_doubt_with_the_lines_to_write():
    with pytest.warns(SagiccWarning, match="cliente_id: int") as caught:

        @model("cuenta")
        class _Cuenta:
            id: int
            cliente: Cliente

    assert caught[0].filename == __file__


@pytest.mark.parametrize(
    ("kind", "line"),
    [
        (datetime, "creado: Timestamp"),
        (datetime | None, "creado: Timestamp | None"),
        (set[int], "creado: list[int]"),
        (complex, "creado: Any"),
    ],
)
def test_a_type_that_cannot_be_read_is_found_with_the_line_to_write_instead(kind, line):
    with pytest.raises(ConfigError, match=r"Raro\.creado") as raised:
        model("caso")(type("Raro", (), {"__annotations__": {"id": int, "creado": kind}}))
    assert str(raised.value).endswith(f"write\n    {line}")


def test_a_nested_class_that_is_no_model_is_found():
    class Suelta(Record):
        pass

    with pytest.raises(ConfigError, match="above Suelta"):

        @model("caso")
        class _Caso:
            gestiones: list[Suelta]


def test_a_class_inside_itself_is_found():
    with pytest.raises(ConfigError, match="relations are asked for to a depth"):
        query_of_class(Nudo)


@model("caso")
class Nudo:
    id: int
    caso_id: int
    hijos: list[Nudo]


def test_a_class_that_never_comes_is_found_at_the_first_use():
    @model("caso")
    class _Caso:
        id: int
        gestiones: list[Nunca]  # noqa: F821

    with pytest.raises(ConfigError, match="a class that does not exist"):
        query_of_class(_Caso)


def test_a_class_without_the_decorator_is_no_query():
    with pytest.raises(ConfigError, match="is no model of Sagicc"):
        query_of_class(Record)
