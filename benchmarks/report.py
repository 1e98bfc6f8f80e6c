"""
What a benchmark says: questions, figures with their goals, and the Markdown and JSON that they become.

A figure is a ratio of two things that were measured in the same run, with an interval, and not a time: times of a shared
machine say nothing a day later.
"""

from __future__ import annotations

import datetime
import importlib.metadata
import json
import os
import platform
import sys
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import attrs

from .compare import Ratio

#: What decides a figure besides our own code; those that are not installed are left out.
PACKAGES: Final = ("sagicc-async", "aiohttp", "msgspec", "attrs", "cattrs", "pydantic", "httpx", "redis", "psycopg")


@attrs.frozen(kw_only=True)
class Effort:
    """
    How much is measured.

    Args:
        rounds: Paired rounds of each row.
        quick: Questions shorten their own loads by it: fewer accounts, fewer records.
    """

    rounds: int
    quick: bool


@attrs.frozen
class Goal:
    """
    What is promised of a ratio.

    Args:
        limit: The ratio that is promised.
        at_least: Whether the ratio may not be smaller; otherwise it may not be larger.
    """

    limit: float
    at_least: bool = False

    def missed(self, ratio: Ratio) -> bool:
        """Whether the whole interval is on the wrong side: one end of it within the goal is no proof of a miss."""
        return ratio.high < self.limit if self.at_least else ratio.low > self.limit

    def verdict(self, ratio: Ratio) -> str:
        """`held`, `missed`, or `open`: the median is on the wrong side, and the interval reaches the right one."""
        if self.missed(ratio):
            return "missed"
        holds = ratio.median >= self.limit if self.at_least else ratio.median <= self.limit
        return "held" if holds else "open"

    def __str__(self) -> str:
        return f"{'≥' if self.at_least else '≤'} {self.limit:.2f}"


@attrs.frozen(kw_only=True)
class Figure:
    """
    One line of the results.

    Args:
        case: What was read or done, such as "25 fields, 100 a page".
        what: What is compared: "CPU a record", "wall", "bytes".
        variant: Whose cost this is.
        against: In terms of whose cost.
        ratio: Cost of `variant` / cost of `against`, or the other way round where `what` says so.
        goal: What is promised of it.
        note: What else was counted in the same run.
    """

    case: str
    what: str
    variant: str
    against: str
    ratio: Ratio
    goal: Goal | None = None
    note: str = ""

    @property
    def missed(self) -> bool:
        """Whether there is a goal, and it is missed."""
        return self.verdict == "missed"

    @property
    def verdict(self) -> str:
        """What became of the goal, in a word; empty without one."""
        return "" if self.goal is None else self.goal.verdict(self.ratio)

    def __str__(self) -> str:
        goal = "" if self.goal is None else f"  ({self.goal}: {self.verdict})"
        return f"{self.case}: {self.variant} / {self.against}, {self.what}: {self.ratio}{goal}"


@attrs.frozen(kw_only=True)
class Question:
    """
    A section of the results.

    Args:
        name: The word for `--only`.
        title: The heading.
        text: Markdown: what is compared, how, and what to read out of it.
        figures: Measures, figure by figure.
    """

    name: str
    title: str
    text: str
    figures: Callable[[Effort], AsyncIterator[Figure]]


@attrs.frozen
class Answer:
    """A question and what was measured for it."""

    question: Question
    figures: Sequence[Figure]


def machine() -> Mapping[str, Any]:
    """What the figures were measured on, without anything that names the machine."""
    return {
        "date": datetime.datetime.now(datetime.UTC).date().isoformat(),
        "python": f"{platform.python_implementation()} {platform.python_version()}",
        "system": f"{platform.system()} {platform.machine()}",
        "cores": os.cpu_count(),
        "versions": dict(_versions()),
    }


def _versions() -> Iterable[tuple[str, str]]:
    for name in PACKAGES:
        try:
            yield name, importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue


def markdown(answers: Sequence[Answer], effort: Effort) -> str:
    """The results as a document."""
    promised = [figure for answer in answers for figure in answer.figures if figure.goal is not None]
    missed = [figure for figure in promised if figure.missed]
    held, open_ = (sum(figure.verdict == word for figure in promised) for word in ("held", "open"))
    count = f"**{held} of {len(promised)} goals are held, {len(missed)} are missed, {open_} are open.**"
    parts = ["# Results", _heading(effort), count]
    parts += [f"* Missed: {figure}" for figure in missed]
    return "\n\n".join([*parts, *map(section, answers)]) + "\n"


def _heading(effort: Effort) -> str:
    about = machine()
    versions = ", ".join(f"{name} {version}" for name, version in about["versions"].items())
    return (
        f"Written by `python -m benchmarks{' --quick' if effort.quick else ''}` on {about['date']}: {about['python']}, "
        f"{about['system']}, {about['cores']} cores; {versions}.\n\n"
        "Each ratio is the median of the ratios of neighbouring slices of one run, with the 95 % interval of that median "
        "in brackets. A goal is missed only if the whole interval misses it; it is open if the median does and the interval does "
        "not, which more rounds decide."
    )


def section(answer: Answer) -> str:
    """One question with its table."""
    question = answer.question
    return "\n\n".join([f"## {question.title}", question.text.strip(), table(answer.figures), spread(answer.figures)])


def table(figures: Iterable[Figure]) -> str:
    """The figures as a Markdown table."""
    lines = ["| case | what | variant | against | ratio | goal | |", "|---|---|---|---|--:|--:|---|"]
    for figure in figures:
        goal = "" if figure.goal is None else str(figure.goal)
        verdict = f"**{figure.verdict}**" if figure.missed else figure.verdict
        last = "; ".join(part for part in (verdict, figure.note) if part)
        cells = (figure.case, figure.what, figure.variant, figure.against, str(figure.ratio), goal, last)
        lines.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
    return "\n".join(lines)


def spread(figures: Sequence[Figure]) -> str:
    """How far the intervals reach, in a sentence."""
    measured = [
        ((figure.ratio.high - figure.ratio.low) / figure.ratio.median, figure)
        for figure in figures
        if figure.ratio.rounds > 1 and figure.ratio.median
    ]
    if not measured:
        return "Counts, which have no spread."
    widest, figure = max(measured, key=lambda pair: pair[0])
    rounds = sorted({figure.ratio.rounds for _, figure in measured})
    counted = str(rounds[0]) if len(rounds) == 1 else f"{rounds[0]} to {rounds[-1]}"
    middle = sorted(reach for reach, _ in measured)[len(measured) // 2]
    return (
        f"Spread: {counted} paired rounds; the intervals are {middle:.0%} of their medians wide at the middle of the rows, "
        f"{widest:.0%} at the widest ({figure.case}, {figure.variant})."
    )


def as_json(answers: Sequence[Answer], effort: Effort) -> str:
    """Every figure, and what it was measured on."""
    questions = {
        answer.question.name: [attrs.asdict(figure) | {"verdict": figure.verdict} for figure in answer.figures]
        for answer in answers
    }
    content = {"machine": machine(), "effort": attrs.asdict(effort), "questions": questions}
    return json.dumps(content, indent=1, ensure_ascii=False) + "\n"


def write(answers: Sequence[Answer], effort: Effort, folder: Path) -> None:
    """Write `results.md` and `results.json`."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "results.md").write_text(markdown(answers, effort), encoding="utf-8")
    (folder / "results.json").write_text(as_json(answers, effort), encoding="utf-8")


def say(line: str) -> None:
    """Progress, beside what a caller may pipe."""
    print(line, file=sys.stderr, flush=True)
