"""The README says the same in each of its languages, as far as that can be compared."""

from __future__ import annotations

import io
import re
import tokenize
from collections import Counter
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
ENGLISH = (ROOT / "README.md").read_text(encoding="utf-8")


@pytest.fixture(params=["es", "pt"])
def translation(request):
    return (ROOT / f"README.{request.param}.md").read_text(encoding="utf-8")


def blocks(text):
    return re.findall(r"```(\w+)\n(.*?)```", text, re.DOTALL)


def prose(text):
    return re.sub(r"```.*?```", "", text, flags=re.DOTALL)


def without_comments(language, code):
    if language == "python":
        tokens = tokenize.generate_tokens(io.StringIO(code).readline)
        return [token.string for token in tokens if token.type not in {tokenize.COMMENT, tokenize.NL}]
    return [re.sub(r" *#.*", "", line) for line in code.splitlines()]


def test_the_code_is_the_same_but_for_its_comments(translation):
    ours, theirs = blocks(translation), blocks(ENGLISH)

    assert [without_comments(*block) for block in ours] == [without_comments(*block) for block in theirs]


def test_it_leads_to_the_same_pages(translation):
    links = [
        sorted(target for target in re.findall(r"\]\(([^)]+)\)", text) if not target.startswith("README"))
        for text in (translation, ENGLISH)
    ]

    assert links[0] == links[1]


def test_it_names_the_same_commands_and_names(translation):
    named = [Counter(re.findall(r"`([^`\n]+)`", prose(text))) for text in (translation, ENGLISH)]

    assert named[0] == named[1]


def test_it_has_the_same_sections_and_rows(translation):
    shapes = [re.findall(r"^(#+|\*(?= )|\|)", prose(text), re.MULTILINE) for text in (translation, ENGLISH)]

    assert shapes[0] == shapes[1]
