"""What is wrong with a resource file: all of it at once, each with its line."""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

import attrs

from ..errors import ConfigError
from .lines import Path

_BARE: Final = re.compile(r"[A-Za-z0-9_-]+")


@attrs.frozen
class Problem:
    """
    One thing that is wrong. It names keys and what fits, and never holds a value of the file, which may be a secret.

    Args:
        path: The entry that it is about.
        text: What is wrong, and what would fit.
        at: The entry on whose line it stands, if not `path`.
    """

    path: Path
    text: str
    at: Path | None = None


class DeclarationError(ConfigError):
    """
    A resource file cannot be used.

    Attributes:
        problems: All that is wrong with it, in the order of the file.
    """

    def __init__(self, message: str, problems: Sequence[str] = ()) -> None:
        super().__init__(message)
        self.problems: tuple[str, ...] = tuple(problems)


def error_of(name: str, problems: Iterable[Problem], lines: Mapping[Path, int]) -> DeclarationError:
    """
    The error that tells all problems.

    Args:
        name: What the text is called: the file's name, mostly.
        problems: What is wrong.
        lines: Where the entries stand; empty where nobody knows.
    """
    placed = [(_line(problem, lines), problem) for problem in problems]
    told = [_told(line, problem) for line, problem in sorted(placed, key=lambda one: one[0])]
    told = list(dict.fromkeys(told))
    if len(told) == 1:
        return DeclarationError(f"{name}: {told[0]}", told)
    # Numbered, so that they can be told apart where the lines are joined into one, as commands and logs do.
    numbered = "".join(f"\n  ({number}) {problem}" for number, problem in enumerate(told, start=1))
    return DeclarationError(f"{name} has {len(told)} problems:{numbered}", told)


def unknown(path: Path, key: str, allowed: Iterable[str], what: str = "key") -> Problem:
    """The problem of a key that there is not."""
    known = sorted(allowed)
    near = difflib.get_close_matches(key, known, n=1)
    meant = f" - did you mean {near[0]}?" if near else ""
    return Problem(path, f"unknown {what} {key!r}; allowed: {', '.join(known)}{meant}", (*path, key))


def shown(path: Path) -> str:
    """A path as TOML writes it: `resources.things.list`, `windows[0]`."""
    text = ""
    for step in path:
        if isinstance(step, int):
            text += f"[{step}]"
        else:
            text += f"{'.' if text else ''}{step if _BARE.fullmatch(step) else json.dumps(step, ensure_ascii=False)}"
    return text


def _line(problem: Problem, lines: Mapping[Path, int]) -> int:
    """The line of the entry, or of the table in which it is missing; 0 where nobody knows."""
    path = problem.path if problem.at is None else problem.at
    while path and path not in lines:
        path = path[:-1]
    return lines.get(path, 0)


def _told(line: int, problem: Problem) -> str:
    return ": ".join(part for part in (f"line {line}" if line else "", shown(problem.path), problem.text) if part)
