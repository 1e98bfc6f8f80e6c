"""Where things are printed: results on stdout, everything else on stderr."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from typing import Any, Final

from rich.console import Console
from rich.table import Table


class _Aside(Console):
    """What is said beside the result. That nobody can hear it, since a reader left or a disk is full, ends no work."""

    def print(self, *objects: Any, **options: Any) -> None:
        """Print, or let it be."""
        try:
            super().print(*objects, **options)
        except OSError:
            self.quiet = True  # so that what was not written is dropped, and not written with the next line
            super().print()
            self.quiet = False

    def on_broken_pipe(self) -> None:
        """Nobody reads any more."""
        self.quiet = True


stdout: Console = Console(highlight=False)
stderr: Console = _Aside(stderr=True, highlight=False)

#: Columns of what is no terminal: more than a line ever has.
_ENDLESS: Final = 1_000_000


def say(text: str, *, whole: bool = False) -> None:
    """
    Tell the user something.

    Args:
        text: What.
        whole: Break the line nowhere, so that it can be copied; a terminal breaks others between words.
    """
    stderr.print(text, markup=False, soft_wrap=whole or not stderr.is_terminal)


def one_line(text: str) -> str:
    """Break no line, and let nobody's message steer the terminal."""
    return "".join(character if character.isprintable() else "?" for character in " ".join(text.split()))


def print_table(table: Table) -> None:
    """Print a result for people; only a terminal has an edge at which cells are wrapped."""
    screen = stdout if stdout.is_terminal else Console(file=stdout.file, highlight=False, width=_ENDLESS)
    screen.print(table)


def fitting(tables: Iterable[Table]) -> Table:
    """The first of these, from the widest to the narrowest, that a terminal has room for; else the last one."""
    table, endless = Table(), stdout.options.update(width=_ENDLESS)
    for table in tables:
        if not stdout.is_terminal or stdout.measure(table, options=endless).maximum <= stdout.width:
            break
    return table


def print_json(value: Any) -> None:
    """Print a result for programs."""
    print(json.dumps(value, indent=2, ensure_ascii=False))
    flush()


def flush() -> None:
    """Let results out; whoever starts a program may have closed its stdout."""
    if sys.stdout is not None:
        sys.stdout.flush()


def duration(seconds: float) -> str:
    """Seconds for people: `80 ms`, `1.8 s`, `12 s`, `3 min 20 s`, `2 h 5 min`, `364 days`."""
    if seconds < 1:
        return f"{seconds * 1000:.0f} ms"
    if seconds < 10:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours >= 72:
        return f"{hours // 24} days"
    if hours:
        return f"{hours} h {minutes} min"
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"


def records(count: int) -> str:
    """`1 record`, `20,000 records`."""
    return counted(count, "record")


def counted(count: int, thing: str) -> str:
    """`1 tenant`, `200 tenants`."""
    return f"{count:,} {thing}{'' if count == 1 else 's'}"
