"""
All benchmarks, one command: `nox -s bench`, which installs the peers.

By hand:

    python -m benchmarks                     # everything, into benchmarks/results.md, results.json and plots/
    python -m benchmarks --quick             # fewer rounds, smaller loads
    python -m benchmarks --only records      # one question, or several

It ends with 1 if a goal is missed, and names each that is.
"""

from __future__ import annotations

import argparse
import asyncio
import importlib
import sys
from pathlib import Path
from typing import Final

from . import cores, plots, report
from .report import Answer, Effort, Figure, Question

#: A module or package a question, in the order of the results. They are imported when they are asked: each needs packages
#: that the others do not.
QUESTIONS: Final = (
    "records",
    "peers",
    "look_ahead",
    "tenants",
    "admission",
    "memory",
    "requests",
    "growth",
    "imports",
    "interactive",
    "sync",
)
_HERE: Final = Path(__file__).parent


def question(name: str) -> Question:
    """The question of a module or package of that name."""
    module = importlib.import_module(f"{__package__}.{name}")
    if hasattr(module, "__path__"):  # a package, whose servers and children need not import its question
        module = importlib.import_module(".question", module.__name__)
    found: Question = module.QUESTION
    assert found.name == name, (found.name, name)
    return found


async def answered(asked: Question, effort: Effort) -> Answer:
    """Measure for one question, and say each figure as it comes."""
    report.say(f"\n{asked.title}")
    figures: list[Figure] = []
    async for figure in asked.figures(effort):
        figures.append(figure)
        report.say(f"  {figure}")
    return Answer(asked, figures)


def main() -> int:
    """Measure, write, and count what is missed."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--quick", action="store_true", help="few rounds and small loads: a look, not a result")
    parser.add_argument("--rounds", type=int, help="paired rounds of each row (default: 31, or 7 with --quick)")
    parser.add_argument("--only", nargs="+", choices=QUESTIONS, default=QUESTIONS, metavar="NAME", help="these alone")
    parser.add_argument("--into", type=Path, default=_HERE, help="folder of the results (default: benchmarks/)")
    arguments = parser.parse_args()
    effort = Effort(rounds=arguments.rounds or (7 if arguments.quick else 31), quick=arguments.quick)
    cores.pin()
    answers: list[Answer] = []
    for name in arguments.only:
        # A loop of its own for each question: what one leaves behind is not in the way of the next.
        answers.append(asyncio.run(answered(question(name), effort)))
        # Written after each: the whole takes an hour, and what is measured is not lost with what is not.
        report.write(answers, effort, arguments.into)
        plots.draw(answers, arguments.into / "plots")
    missed = [figure for answer in answers for figure in answer.figures if figure.missed]
    for figure in missed:
        report.say(f"missed: {figure}")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
