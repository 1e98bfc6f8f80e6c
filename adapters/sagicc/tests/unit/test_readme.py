"""What the adapter's README says is true: its snippets parse, its settings and switches are all there are."""

from __future__ import annotations

import ast
import re
import textwrap
from pathlib import Path

import attrs
import pytest

from sagicc_async import Settings, Stream
from sagicc_async_sagicc import F, SagiccSettings, model
from sagicc_async_sagicc.sandbox import SagiccSandbox

README = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")


@model("caso")
class Caso:
    """The main README's, as far as it matters here."""

    id: int
    cliente_id: int


def snippet_under(heading: str) -> str:
    """The first snippet under a heading."""
    return README.split(heading)[1].split("```python\n")[1].split("```")[0]


def named_in(heading: str) -> set[str]:
    """The names in the first column of the table under a heading."""
    table = README.split(heading)[1].split("\n\n")
    rows = next(part for part in table if part.lstrip().startswith("|")).splitlines()[2:]
    return {name for row in rows for name in re.findall(r"`(\w+)`", row.split("|")[1])}


def test_the_snippets_are_python():
    for snippet in re.findall(r"```python\n(.*?)```", README, re.DOTALL):
        ast.parse("async def snippet():\n" + textwrap.indent(snippet, "    "))


@pytest.mark.parametrize("line", [ast.unparse(part) for part in ast.parse(snippet_under("## Read")).body])
async def test_what_the_snippet_reads_the_sandbox_answers(local, line):
    async with local() as here:
        names = {"crm": here.crm, "F": F, "Caso": Caso}
        if line.startswith("await "):
            assert await eval(line.removeprefix("await "), names) is not None
        else:
            stream = eval(line, names)
            assert isinstance(stream, Stream)
            await stream.collect()
        assert {entry.status for entry in here.asked()} == {200}


async def test_what_the_snippet_writes_the_sandbox_takes(local):
    async with local() as here:
        names = {"crm": here.crm, "rows": [{"primer_nombre": "Eva"}, {"primer_nombre": "Luz"}]}
        await eval(compile(snippet_under("## Write"), "README", "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT), names)
        assert here.writes == ["POST", "PUT", "POST", "POST", *["DELETE"] * 4]


def test_every_setting_of_its_own_is_explained_and_no_other():
    common = {field.name for field in attrs.fields(Settings)} - {"page_size", "settle"}
    assert named_in("## Open an account") == {field.name for field in attrs.fields(SagiccSettings)} - common


def test_every_switch_of_the_sandbox_is_listed_and_no_other():
    assert named_in("## Sandbox") == {field.name for field in attrs.fields(SagiccSandbox)}
