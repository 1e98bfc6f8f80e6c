"""What the adapter's README says is true: its snippets parse, its settings and switches are all there are."""

from __future__ import annotations

import ast
import re
import textwrap
from pathlib import Path

import attrs

from sagicc_async import Settings
from sagicc_async_sagicc import SagiccSettings
from sagicc_async_sagicc.sandbox import SagiccSandbox

README = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")


def named_in(heading: str) -> set[str]:
    """The names in the first column of the table under a heading."""
    table = README.split(heading)[1].split("\n\n")
    rows = next(part for part in table if part.lstrip().startswith("|")).splitlines()[2:]
    return {name for row in rows for name in re.findall(r"`(\w+)`", row.split("|")[1])}


def test_the_snippets_are_python():
    for snippet in re.findall(r"```python\n(.*?)```", README, re.DOTALL):
        ast.parse("async def snippet():\n" + textwrap.indent(snippet, "    "))


def test_every_setting_of_its_own_is_explained_and_no_other():
    common = {field.name for field in attrs.fields(Settings)} - {"page_size", "settle"}
    assert named_in("## Open an account") == {field.name for field in attrs.fields(SagiccSettings)} - common


def test_every_switch_of_the_sandbox_is_listed_and_no_other():
    assert named_in("## Sandbox") == {field.name for field in attrs.fields(SagiccSandbox)}
