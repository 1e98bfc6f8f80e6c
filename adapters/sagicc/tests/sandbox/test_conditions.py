"""The grammar of `conditions`, and what it means to the rows."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sagicc_async_sagicc.sandbox.conditions import And, Comparison, ConditionsError, Node, Or, parse

A, B, C = (Comparison(name, equal=True, value="1") for name in "abc")


@pytest.mark.parametrize(
    ("text", "node"),
    [
        ("a=1", A),
        ("(a=1)", A),
        ("((a=1))", A),
        (" ( a = 1 ) ", A),
        ("a!=1", Comparison("a", equal=False, value="1")),
        ("cliente.nro_documento=1234567", Comparison("cliente.nro_documento", equal=True, value="1234567")),
        ("a=1 AND b=1", And((A, B))),
        ("a=1 and b=1 AnD c=1", And((A, B, C))),
        ("a=1 OR b=1 AND c=1", Or((A, And((B, C))))),
        ("a=1 AND b=1 OR c=1", Or((And((A, B)), C))),
        ("(a=1 OR b=1) AND c=1", And((Or((A, B)), C))),
        ("(a=1) AND (b=1)", And((A, B))),
        ("a=1  AND  b=1", And((A, B))),
        ("a=", Comparison("a", equal=True, value="")),
        ("a=x=y", Comparison("a", equal=True, value="x=y")),
        ("a=(x", Comparison("a", equal=True, value="(x")),
        ("a=Juan Andrés", Comparison("a", equal=True, value="Juan Andrés")),
        ("a=ANDES", Comparison("a", equal=True, value="ANDES")),
    ],
)
def test_what_is_read(text, node):
    assert parse(text) == node


@pytest.mark.parametrize(
    "text",
    [
        "", "a", "a>1", "=1", "1=1", "a.b.c=1", "a=1)", "(a=1", "a=1 AND ", "a=1 AND", "(a=1)AND(b=1)", "(a=1) b=1",
        "()", "a LIKE x", "'a'=1", "(" * 60 + "a=1" + ")" * 60,
    ],
)  # fmt: skip
def test_what_is_not_of_the_grammar(text):
    if text == "a=1 AND":
        assert parse(text) == Comparison("a", equal=True, value="1 AND")
        return
    with pytest.raises(ConditionsError):
        parse(text)


def printed(node: Node) -> str:
    if isinstance(node, Comparison):
        return f"{node.column}{'=' if node.equal else '!='}{node.value}"
    word = " AND " if isinstance(node, And) else " OR "
    return word.join(printed(term) if isinstance(term, Comparison) else f"({printed(term)})" for term in node.terms)


names = st.from_regex(r"[a-z_][a-z0-9_]{0,8}", fullmatch=True)
columns = st.builds(lambda model, name: f"{model}.{name}" if model else name, st.none() | names, names)
values = (
    st.text(st.characters(blacklist_characters=")", blacklist_categories=("Cs",)), max_size=12)
    .map(str.strip)
    .filter(lambda text: not {"and", "or"} & set(text.lower().split(" ")))
)
comparisons = st.builds(Comparison, columns, st.booleans(), values)
nodes = st.recursive(
    comparisons,
    lambda inner: st.builds(
        lambda kind, terms: kind(tuple(terms)), st.sampled_from([And, Or]), st.lists(inner, min_size=2, max_size=3)
    ),
    max_leaves=8,
)


@given(nodes)
def test_what_is_printed_is_read_again(node):
    assert parse(printed(node)) == node


@pytest.mark.parametrize(
    ("conditions", "found"),
    [
        ("id=2", [2]),
        ("caso.id=2", [2]),
        ("id!=2", [1, 3]),
        ("id=02", []),
        ("id=x", []),
        ("cliente_id=1 AND id!=1", [3]),
        ("prioridad=alta", [1, 3]),
        ("asunto=GARANTÍA", [1]),
        ("asunto=garantia", []),
        ("descripcion!=a", [1]),
        ("descripcion=", []),
        ("(id=1) OR (id=2)", [1, 2]),
        ("id=2 OR id=1 AND prioridad=baja", [2]),
        ("(id=2 OR id=1) AND prioridad=alta", [1]),
    ],
)
async def test_rows_that_match(tidy, conditions, found):
    async with tidy() as api:
        assert await api.ids("caso", conditions=conditions) == found


@pytest.mark.parametrize("conditions", ["id", "color=azul", "cliente.id=1", "gestion.id=1", "id>1", "(id=1"])
async def test_conditions_that_make_no_sql_are_a_server_error(tidy, conditions):
    async with tidy() as api:
        for kind in ("tree", "lineal", "normal"):
            answer = await api.get("caso", type=kind, conditions=conditions)
            assert (answer.status, answer.body) == (500, {"message": "Server Error"})


async def test_no_value_is_ever_sql(tidy):
    async with tidy() as api:
        assert (await api.get("caso", conditions="asunto=' OR '1'='1")).status == 500
        assert await api.ids("caso", conditions="asunto=x' OR id='1") == []
        assert await api.ids("caso", conditions='prioridad=x"; DROP TABLE caso; --') == []
        assert await api.ids("caso") == [1, 2, 3]


async def test_with_normal_conditions_reach_the_joined_tables(tidy):
    async with tidy() as api:
        joined = {"type": "normal", "relations": {"gestion": ["observacion"]}, "columns": "caso.id"}
        rows = await api.rows("caso", conditions="caso.cliente_id=1 AND gestion.observacion!=PRIMERA", **joined)
        assert rows == [
            {"id": 1, "gestion.observacion": "segunda"},
            {"id": 3, "gestion.observacion": "tercera"},
        ]
        assert (await api.get("caso", conditions="cliente_id=1", **joined)).status == 200
        assert (await api.get("caso", conditions="id=1", **joined)).status == 500
