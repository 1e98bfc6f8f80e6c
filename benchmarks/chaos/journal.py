"""What the workers' callers know of their writes: a line before, and a line after."""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path

import attrs


class Journal:
    """
    Lines that a kill does not take back: each is one append.

    Args:
        path: A file of this process's own.
    """

    def __init__(self, path: Path) -> None:
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND)

    def note(self, *words: str) -> None:
        """Write a line."""
        os.write(self._file, f"{' '.join(words)}\n".encode())


@attrs.define
class Account:
    """
    All journals together.

    Args:
        calls: How often each outcome came, of reads and writes.
        writes: The outcome of each write, by its mark: `killed` if none was noted.
    """

    calls: Counter[str] = attrs.field(factory=Counter)
    writes: dict[str, str] = attrs.field(factory=dict)

    @classmethod
    def of(cls, folder: Path) -> Account:
        """Read all journals in a folder."""
        account = cls()
        for path in folder.glob("*.journal"):
            for line in path.read_text().splitlines():
                outcome, kind, *mark = line.split()
                if outcome == "begun":
                    account.writes[mark[0]] = "killed"
                    continue
                account.calls[f"{kind} {outcome}"] += 1
                if mark:
                    account.writes[mark[0]] = outcome
        return account

    def with_outcome(self, *outcomes: str) -> set[str]:
        """The marks of the writes that ended so."""
        return {mark for mark, outcome in self.writes.items() if outcome in outcomes}
