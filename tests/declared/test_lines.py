"""Each key of a TOML text is found on the line where it stands, however the text is written."""

from __future__ import annotations

import string
import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sagicc_async.declared.lines import lines_of


def places(value, path=()):
    """Every path of a parsed document, but its root."""
    if isinstance(value, dict):
        steps = value.items()
    else:
        steps = enumerate(value) if isinstance(value, list) else ()
    for step, item in steps:
        yield (*path, step)
        yield from places(item, (*path, step))


@pytest.mark.parametrize(
    ("text", "path", "line"),
    [
        ("a = 1\nb = 2", ("b",), 2),
        ("# one\n\n  # two\na = 1", ("a",), 4),
        ("[a]\nb = 1\n[c.d]\ne = 2", ("c", "d", "e"), 4),
        ("[c.d]\ne = 2", ("c",), 1),
        ("a.b.c = 1", ("a", "b", "c"), 1),
        ("[ a . b ] # why\nc = 1", ("a", "b", "c"), 2),
        ("\"a.b\" = 1\n'c d' = 2", ("c d",), 2),
        ('"\\u00f1" = 1', ("ñ",), 1),
        ("a = { b = 1, c = { d = 2 } }", ("a", "c", "d"), 1),
        ("a = [\n 1,\n { b = 2 }, # x\n]\nc = 3", ("a", 1, "b"), 3),
        ("a = [\n 1,\n { b = 2 }, # x\n]\nc = 3", ("c",), 5),
        ('a = """\nb = 1\n[c]\n"""\nd = 2', ("d",), 5),
        ("a = '''\n\"\"\" '' b = 1\n'''\nd = 2", ("d",), 4),
        ('a = """say "hi"\\""""\nb = 1', ("b",), 2),
        ('a = "]}#,="\nb = "\\"x = 1"\nc = 3', ("c",), 3),
        ("a = '\\'\nb = 1", ("b",), 2),
        ("a = 2026-01-31 08:00:00\nb = -1.5e3 # x\nc = true", ("c",), 3),
        ("[[w]]\nl = 1\n[[w]]\nl = 2\n[w.x]\ny = 1", ("w", 1, "l"), 4),
        ("[[w]]\nl = 1\n[[w]]\nl = 2\n[w.x]\ny = 1", ("w", 1, "x", "y"), 6),
        ("a = []\nb = {}\nc = ''", ("c",), 3),
    ],
)
def test_a_key_is_found_on_its_line(text, path, line):
    assert lines_of(text)[path] == line
    assert set(places(tomllib.loads(text))) <= lines_of(text).keys()


KEYS = st.text(string.ascii_letters + string.digits + "-_", min_size=1, max_size=5) | st.text(
    st.characters(codec="ascii", exclude_categories=("Cc",)), max_size=5
)
SCALARS = st.integers(-99, 99) | st.booleans() | st.text("ab#=[]{}\"'\\.,\n", max_size=8)
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3), max_leaves=6
)


def written(text):
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'


def inline(value, gap):
    """A value as TOML; `gap` stands wherever a line may break."""
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{written(key)} = {inline(item, ' ')}" for key, item in value.items()) + " }"
    if isinstance(value, list):
        return "[" + gap + "".join(f"{inline(item, gap)},{gap}" for item in value) + "]"
    return written(value) if isinstance(value, str) else str(value).lower()


@given(st.dictionaries(KEYS, VALUES, max_size=5), st.sampled_from([" ", "\n", " # [x] = {\n\n"]))
def test_every_place_of_every_document_has_a_line_and_top_keys_their_own(document, gap):
    text, expected = "", {}
    for key, value in document.items():
        expected[(key,)] = text.count("\n") + 1
        text += f"{written(key)} = {inline(value, gap)}\n"
    assert tomllib.loads(text) == document

    lines = lines_of(text)

    assert lines.keys() == set(places(document))
    assert {path: lines[path] for path in expected} == expected
