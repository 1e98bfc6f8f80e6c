"""Conditions: what they write, what they refuse, and that no value can change their shape."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from sagicc_async import ConfigError, Unsupported, ValidationFailed
from sagicc_async_sagicc import Comparison, Condition, F, Joined
from sagicc_async_sagicc.conditions import is_mixed, render
from sagicc_async_sagicc.sandbox import conditions as theirs

NAMES = st.from_regex(r"[a-z_][a-z0-9_]{0,8}(\.[a-z_][a-z0-9_]{0,8})?", fullmatch=True).filter(
    lambda name: "__" not in name
)


def made(name: str, value: object, *, equal: bool = True) -> Condition | None:
    """A comparison, or nothing if its value is refused."""
    try:
        return F[name] == value if equal else F[name] != value
    except ValidationFailed:
        return None


COMPARISONS = st.builds(
    lambda name, value, equal: made(name, value, equal=equal),
    NAMES,
    st.text(min_size=1) | st.text("aA= ()!'\"\\;orndAND\u00a0\u200b,.-", min_size=1),
    st.booleans(),
).filter(lambda condition: condition is not None)
CONDITIONS = st.recursive(
    COMPARISONS,
    lambda inner: st.builds(lambda a, b, both: a & b if both else a | b, inner, inner, st.booleans()),
    max_leaves=8,
)


def shape(node: object) -> object:
    """A condition of either side as plain tuples."""
    match node:
        case Comparison():
            return node.column, node.operator, node.value
        case theirs.Comparison():
            return node.column, "=" if node.equal else "!=", node.value
        case Joined():
            return node.joint, tuple(shape(part) for part in node.parts)
        case theirs.And():
            return "AND", tuple(shape(part) for part in node.terms)
        case theirs.Or():
            return "OR", tuple(shape(part) for part in node.terms)
    raise AssertionError(node)


@given(CONDITIONS)
@example(F.a == "x")
@example((F.a == "x!") & (F.b != "!x"))
@example((F.a == "1") & ((F.b == "2") | (F.c == "3")))
@example(((F.a == "1") | (F.b == "2")) | (F.c == "Fernando y Andrea, Ltda."))
def test_the_vendors_parser_reads_back_what_was_written(condition):
    assert shape(theirs.parse(render(condition))) == shape(condition)


@given(st.text(max_size=20), st.booleans())
@example("1) OR (1=1", True)
@example("7 AND 1=1", True)
@example("7\u00a0OR\u00a01", True)
@example("o\u200br", False)
@example("!", True)
@example("=7", False)
def test_no_value_changes_the_shape_of_a_condition(value, equal):
    one = made("nombre", value, equal=equal)
    assume(one is not None)
    both = (F.antes == "1") & one & (F.despues != "2")
    read = theirs.parse(render(both))
    assert shape(read) == (
        "AND",
        (("antes", "=", "1"), ("nombre", "=" if equal else "!=", value), ("despues", "!=", "2")),
    )


@pytest.mark.parametrize(
    ("value", "named"),
    [
        ("O'Brien", "holds a quote (') at character 2"),
        ('"x"', 'holds a quote (") at character 1'),
        ("a\\b", "holds a backslash (\\) at character 2"),
        ("a(b", "holds a parenthesis (() at character 2"),
        ("a=b", "holds an operator (=) at character 2"),
        ("<5", "holds an operator (<) at character 1"),
        ("a;b", "holds a semicolon (;) at character 2"),
        ("a\nb", "holds an invisible character (U+000A) at character 2"),
        ("a\u200bb", "holds an invisible character (U+200B) at character 2"),
        ("a\u00a0b", "holds an invisible character (U+00A0) at character 2"),
        ("Pan AND vino", "holds the word AND at character 5"),
        ("uno or dos", "holds the word or at character 5"),
        (" a", "begins or ends with a blank"),
        ("a ", "begins or ends with a blank"),
        ("", "is empty"),
    ],
)
def test_a_value_that_could_be_read_as_grammar_is_refused_with_the_reason_and_the_way_out(value, named):
    with pytest.raises(ValidationFailed) as raised:
        _ = F.primer_nombre == value
    error = raised.value
    assert named in str(error)
    assert 'raw_conditions="primer_nombre=..."' in error.hint
    assert [(one.path, one.code) for one in error.errors] == [("primer_nombre", "grammar")]


def test_the_refusal_never_quotes_the_value():
    with pytest.raises(ValidationFailed) as raised:
        _ = F.nota == "canario'secreto"
    assert "canario" not in f"{raised.value} {raised.value!r} {raised.value.errors}"
    assert "canario" not in repr(F.nota == "canario")


@pytest.mark.parametrize(
    "value", ["Fernando", "Sandoval", "Orlando", "Nororiente", "CRA 41 # 12-87", "a@b.co", "50%", "x!"]
)
def test_words_that_only_look_like_grammar_pass(value):
    assert (F.a == value) is not None


@pytest.mark.parametrize(
    ("condition", "written"),
    [
        (F.id == 7, "id=7"),
        (F.valor == Decimal("1.50"), "valor=1.50"),
        (F.cliente.nro_documento != "1", "cliente.nro_documento!=1"),
        ((F.a == 1) & (F.b != 2) & (F.c == 3), "a=1 AND b!=2 AND c=3"),
        ((F.a == 1) | (F.b == 2), "(a=1) OR (b=2)"),
        ((F.a == 1) & ((F.b == 2) | (F.c == 3)), "(a=1) AND ((b=2) OR (c=3))"),
        (((F.a == 1) & (F.b == 2)) | (F.c == 3), "(a=1 AND b=2) OR (c=3)"),
    ],
)
def test_conditions_are_written_as_the_pages_print_them(condition, written):
    assert render(condition) == written


def test_only_mixing_needs_parentheses_inside_parentheses():
    assert not is_mixed((F.a == 1) & (F.b == 2) & (F.c == 3))
    assert not is_mixed((F.a == 1) | (F.b == 2) | (F.c == 3))
    assert is_mixed((F.a == 1) & ((F.b == 2) | (F.c == 3)))


@pytest.mark.parametrize("value", [None, True, 1.5, date(2026, 1, 1), ["a"], b"a"])
def test_values_whose_form_is_not_documented_are_refused(value):
    with pytest.raises(ConfigError, match="not documented"):
        _ = F.fecha == value


@pytest.mark.parametrize(
    "use",
    [
        lambda: (F.a == 1) and (F.b == 2),
        lambda: not (F.a == 1),  # noqa: SIM201 - what people write
        lambda: bool(F.a == 1),
    ],
)
def test_pythons_own_logic_is_refused_instead_of_dropping_half_of_a_condition(use):
    with pytest.raises(ConfigError, match="join conditions with & and"):
        use()


@pytest.mark.parametrize(
    "use", [lambda: F.a < 1, lambda: F.a <= 1, lambda: F.a > 1, lambda: F.a >= 1, lambda: ~(F.a == 1)]
)
def test_operators_that_are_not_documented_say_so(use):
    with pytest.raises(Unsupported, match="only = and !="):
        use()


def test_a_forgotten_parenthesis_is_explained():
    with pytest.raises(ConfigError, match="parentheses"):
        _ = (F.a == 1) & "b=2"


@pytest.mark.parametrize("name", ["", "a b", "a.b.c", "1a", "a;b", "a=1", "á"])
def test_what_is_no_column_is_refused(name):
    with pytest.raises(ConfigError, match="is no column"):
        F[name]


def test_conditions_are_values():
    assert (F.a == 1) & (F.b == 2) == Joined("AND", (Comparison("a", "=", "1"), Comparison("b", "=", "2")))
    assert len({(F.a == 1) & (F.b == 2), (F.a == 1) & (F.b == 2)}) == 1
    with pytest.raises(TypeError):
        hash(F.a)
    assert repr(F.cliente.id) == "F.cliente.id"
