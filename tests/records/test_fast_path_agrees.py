"""The fast path and the cattrs path give equal records, whatever the page holds."""

from __future__ import annotations

import enum
from datetime import UTC, date, time
from decimal import Decimal
from typing import Any, Literal
from uuid import UUID

import attrs
import cattrs
from hypothesis import example, given, settings
from hypothesis import strategies as st

from sagicc_async.records import quirks
from sagicc_async.records.convert import PageReader, RawReader
from sagicc_async.records.model import Record, field, record
from sagicc_async.records.structuring import Unfit, structurer
from sagicc_async.records.timestamps import Timestamp
from sagicc_async.records.writing import to_wire


class Nivel(enum.IntEnum):
    BAJO = 1
    ALTO = 2


class Tipo(enum.Enum):
    A = "a"
    B = "b"


@attrs.frozen(kw_only=True)
class Hoja(Record):
    nombre: str
    peso: Decimal = Decimal(0)


@record
class Todo(Record):
    id: int | None = field(default=None)
    nombre: str | None = field(wire="_nombre", default=None)
    activo: bool | None = field(default=None)
    tasa: float | None = field(default=None)
    total: Decimal | None = field(default=None)
    saldo: Decimal = field(default=Decimal("1.50"))
    creado: Timestamp | None = field(default=None)
    dia: date | None = field(default=None)
    hora: time | None = field(default=None)
    clave: UUID | None = field(default=None)
    nivel: Nivel | None = field(default=None)
    tipo: Tipo = field(default=Tipo.A)
    modo: Literal["x", 1] | None = field(default=None)
    suelto: Any = field(default=None)
    mixto: int | float | str | bool | None = field(default=None)
    etiquetas: list[str] = field(factory=list)
    tabla: dict[str, int | None] | None = field(default=None)
    precios: list[Decimal] = field(factory=list)
    momentos: dict[str, Timestamp | None] | None = field(default=None)
    objeto: dict[str, Any] | None = field(default=None)
    hojas: list[Hoja] = field(factory=list)
    hoja: Hoja | None = field(default=None)
    por_nombre: dict[str, Hoja] | None = field(wire="porNombre", default=None)
    arbol: Todo | None = field(default=None)
    codigo: str | None = field(default="sin", read=quirks.text)
    bandera: bool | None = field(default=None, read=quirks.flag)
    monto: Decimal | None = field(default=None, read=quirks.decimal_or_blank)


# Numbers as the wire has them: written, not computed.
numbers = st.one_of(
    st.integers(),
    st.sampled_from([0, 1, 2, -1, 10**25]),
    st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**12), max_value=10**12),
)
texts = st.one_of(
    st.text(st.characters(exclude_categories=["Cs"]), max_size=5),
    st.sampled_from(
        ["", "1", "-12", "1.50", "1e3", "NaN", " 1", "a", "x", "S", "no", "2026-01-02", "10:20:30", "\u0661"]
    ),
    st.sampled_from(["2026-01-02T03:04:05Z", "2026-01-02T03:04:05.1234567-05:00", "2026-01-02 03:04", "0000-00-00"]),
    st.sampled_from(["12345678-1234-5678-1234-567812345678", "12345678123456781234567812345678"]),
)
leaves = st.one_of(st.none(), st.booleans(), numbers, texts)
leaf_records = st.fixed_dictionaries({}, optional={"nombre": texts | leaves, "peso": numbers | leaves, "otro": leaves})
anything = st.recursive(
    leaves, lambda inner: st.lists(inner, max_size=2) | st.dictionaries(texts, inner, max_size=2), max_leaves=4
)

#: What fits each field, beside which anything may come.
FITTING: dict[str, st.SearchStrategy[Any]] = {
    "id": numbers | texts,
    "_nombre": texts,
    "activo": st.booleans(),
    "tasa": numbers,
    "total": numbers | texts,
    "saldo": numbers | texts,
    "creado": texts,
    "dia": texts,
    "hora": texts,
    "clave": texts,
    "nivel": st.sampled_from([1, 2, 3]),
    "tipo": st.sampled_from(["a", "b", "c"]),
    "modo": st.sampled_from(["x", 1, True, "y"]),
    "suelto": anything,
    "mixto": leaves,
    "etiquetas": st.lists(texts, max_size=2),
    "tabla": st.dictionaries(texts, numbers | st.none(), max_size=2),
    "precios": st.lists(numbers, max_size=2),
    "momentos": st.dictionaries(texts, texts | st.none(), max_size=1),
    "objeto": st.dictionaries(texts, leaves, max_size=2),
    "hojas": st.lists(leaf_records, max_size=2),
    "hoja": leaf_records,
    "porNombre": st.dictionaries(texts, leaf_records, max_size=2),
    "arbol": st.fixed_dictionaries({}, optional={"id": numbers, "hoja": leaf_records, "nuevo": leaves}),
    "codigo": texts | st.integers(),
    "bandera": texts | st.booleans() | st.integers(),
    "monto": texts | numbers,
    "nuevo": leaves,
    "otro más": leaves,
}


def one_field(key: str) -> st.SearchStrategy[dict[str, Any]]:
    return st.one_of(FITTING[key], FITTING[key], anything).map(lambda value: {key: value})


wire_records = st.lists(st.sampled_from(sorted(FITTING)).flatmap(one_field), max_size=6).map(
    lambda parts: {key: value for part in parts for key, value in part.items()}
)


def by_cattrs(rows: list[dict[str, Any]]) -> tuple[list[Todo], int | None]:
    made: list[Todo] = []
    for index, row in enumerate(rows):
        try:
            made.append(structurer(UTC).structure(row, Todo))
        except (cattrs.BaseValidationError, Unfit):
            return made, index
    return made, None


@settings(max_examples=400, deadline=None)
@given(st.lists(wire_records, max_size=3))
@example([{"saldo": 0}, {"nuevo": 1, "hojas": [{"nombre": "a", "otro": 1}]}])
@example([{"id": 1}, {"id": "2", "mixto": Decimal("1.0")}, {"id": "\u0661"}])
@example([{"nivel": True}])
def test_both_paths_give_equal_records(rows):
    body = to_wire({"result": rows})
    plain = RawReader().read(body).items
    expected, bad = by_cattrs(plain)
    reader = PageReader(Todo)
    for _ in range(2):
        data = reader.read(body)
        assert data.items == expected
        assert (data.problem.index if data.problem else None) == bad
        assert [repr(item) for item in data.items] == [repr(item) for item in expected]


@settings(max_examples=200, deadline=None)
@given(wire_records)
def test_a_record_survives_the_way_to_the_wire_and_back(row):
    made, bad = by_cattrs(RawReader().read(to_wire({"result": [row]})).items)
    if bad is None:
        again = PageReader(Todo, items=None).read(f"[{made[0].to_json()}]".encode())
        assert again.problem is None
        assert again.items == made
