"""What the builder writes into a URL is the same query for the vendor's side: whole, for any expression and any words."""

from __future__ import annotations

import urllib.parse
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from sagicc_async import Request, ValidationFailed
from sagicc_async_sagicc import Comparison, Condition, Dialect, F, Joined, Query
from sagicc_async_sagicc.sandbox import conditions as theirs
from sagicc_async_sagicc.sandbox.parameters import Reader
from sagicc_async_sagicc.sandbox.schema import MODELS

WORDS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=12)
TREES = [
    ("caso", {"gestiones": ("id", "caso_id")}),
    ("caso", {"gestiones": ("id", "caso_id", "observacion"), "gestiones.caso": ("id", "prioridad")}),
    ("cliente", {"datoContactos": ()}),
    ("tipo_caso", {"casos": ("id", "tipo_caso_id"), "casos.gestiones": ("id", "caso_id")}),
    ("caso", None),
]
JOINED = [("cliente", {"cliente_dato_contacto": ("id", "valor")}), ("caso", {"gestion": ()}), ("caso", None)]


@st.composite
def conditions(draw: Any, columns: tuple[str, ...]) -> Condition | None:
    """An expression over a model's columns, of values that are not refused."""
    found: Condition | None = None
    for _ in range(draw(st.integers(0, 4))):
        column, value = F[draw(st.sampled_from(columns))], draw(WORDS | st.integers(0, 10**9))
        try:
            one = column == value if draw(st.booleans()) else column != value
        except ValidationFailed:
            continue
        found = one if found is None else found & one if draw(st.booleans()) else found | one
    return found


@st.composite
def queries(draw: Any) -> Query:
    """A query that the documented language can express."""
    kind = draw(st.sampled_from(["tree", "lineal", "normal"]))
    model, relations = draw(st.sampled_from(JOINED if kind == "normal" else TREES))
    columns = MODELS[model].columns
    chosen = draw(st.none() | st.lists(st.sampled_from(columns), min_size=1, max_size=4, unique=True).map(tuple))
    if kind == "normal" and relations:
        chosen = chosen and tuple(f"{model}.{name}" for name in chosen)
    return Query(
        model=model,
        type=kind,
        columns=chosen,
        relations=relations,
        conditions=draw(conditions(columns)),
        search_text=draw(st.none() | WORDS.map(str.strip)),
        sort_name=draw(st.none() | st.just("id")) if not relations else None,
        sort_order=draw(st.sampled_from(["asc", "desc"])),
    )


def shape(node: Any) -> Any:
    """A condition of either side as plain tuples, without the prefix that joined tables need."""
    match node:
        case None:
            return None
        case Comparison():
            return node.column.rpartition(".")[2], node.operator == "=", node.value
        case theirs.Comparison():
            return node.column.rpartition(".")[2], node.equal, node.value
        case Joined():
            return node.joint, tuple(map(shape, node.parts))
        case _:
            return type(node).__name__.upper(), tuple(map(shape, node.terms))


@given(
    queries(),
    st.sampled_from(["flat", "wrapped"]),
    st.sampled_from(["current", "legacy"]),
    st.integers(1, 9),
)
def test_a_query_is_read_back_as_it_was_meant(query, style, generation, page):
    dialect = Dialect(relations_style=style, generation=generation)
    params = {**query.list_params(dialect), "page": page, "sizePerPage": 10 * page}
    url = Request(method="GET", path=query.model, params=params).url("https://acme.sagicc.co/api")

    sent = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(url).query, keep_blank_values=True))
    model = MODELS[query.model]
    read = Reader(generation=generation, relations_style=style, page_cap=None).many(sent, model)

    assert (read.type, read.page, read.size) == (query.type, page, 10 * page)
    assert (read.search, read.descending) == ((query.search_text or "").strip(), query.sort_order == "desc")
    assert (read.sort.model.name, read.sort.column) == (query.model, "id")
    assert shape(read.conditions) == shape(query.conditions)
    own = [place.column for place in read.chosen if place.model is model]
    assert own[: len(query.columns or model.columns)] == [
        name.rpartition(".")[2] for name in query.columns or model.columns
    ]
    if query.type == "normal":
        assert [related.name for related in read.scope.related] == list(query.relations or {})
    else:
        assert dict(_paths(read.wanted)) == (query.relations or {})


def _paths(wanted: Any, above: str = "") -> Any:
    for one in wanted:
        path = f"{above}{one.relation.name}"
        yield path, tuple(one.columns)
        yield from _paths(one.inner, f"{path}.")
