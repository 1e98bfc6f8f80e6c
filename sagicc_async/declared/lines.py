"""Which line of a TOML text a key stands on: the standard library's parser does not tell."""

from __future__ import annotations

import bisect
import re
import tomllib
from collections.abc import Mapping
from typing import Final, TypeAlias

#: Where an entry stands: keys, and places in arrays.
Path: TypeAlias = "tuple[str | int, ...]"

_BLANK: Final = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_SPACE: Final = re.compile(r"[ \t]*")
_BARE_KEY: Final = re.compile(r"[A-Za-z0-9_-]+")
_TEXT: Final = re.compile(
    r'"""(?:[^\\]|\\.)*?"{3,5}(?!")|' r"'''.*?'{3,5}(?!')|" r'"(?:[^"\\\n]|\\.)*"|' r"'[^'\n]*'", re.DOTALL
)
_PLAIN: Final = re.compile(r"[^,\]}#\n]*")


def lines_of(text: str) -> Mapping[Path, int]:
    """
    The line, from 1, of each table, key and element of an array.

    Args:
        text: TOML that `tomllib` accepts; of any other, what is found means nothing.
    """
    return _Scanner(text).lines


class _Scanner:
    """Goes once through a text that is known to be right, so that it need not look whether it is."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._breaks = [match.start() for match in re.finditer("\n", text)]
        self._counts: dict[Path, int] = {}  # of the tables in each array of tables
        self.lines: dict[Path, int] = {}
        table: Path = ()
        while self._skip(_BLANK) < len(text):
            if self._take("["):
                table = self._header()
            else:
                self._pair(table)

    def _header(self) -> Path:
        several = self._take("[")
        keys = self._key()
        self._take("]")
        if several:
            self._take("]")
        path: Path = ()
        for place, key in enumerate(keys, start=1):
            path = self._mark(*path, key)
            if several and place == len(keys):
                self._counts[path] = self._counts.get(path, 0) + 1
            if path in self._counts:
                path = self._mark(*path, self._counts[path] - 1)
        return path

    def _pair(self, table: Path) -> None:
        path = table
        for key in self._key():
            path = self._mark(*path, key)
        self._take("=")
        self._skip(_SPACE)
        self._value(path)

    def _key(self) -> list[str]:
        keys = []
        while True:
            self._skip(_SPACE)
            start = self._at
            quoted = self._text[start] in "\"'"
            self._skip(_TEXT if quoted else _BARE_KEY)
            word = self._text[start : self._at]
            keys.append(tomllib.loads(f"k = {word}")["k"] if quoted else word)
            self._skip(_SPACE)
            if not self._take("."):
                return keys

    def _value(self, path: Path) -> None:
        if self._take("{"):
            while self._skip(_BLANK) < len(self._text) and not self._take("}"):
                self._pair(path)
                self._skip(_BLANK)
                self._take(",")
        elif self._take("["):
            index = 0
            while self._skip(_BLANK) < len(self._text) and not self._take("]"):
                self._value(self._mark(*path, index))
                self._skip(_BLANK)
                self._take(",")
                index += 1
        elif self._text[self._at : self._at + 1] in ('"', "'"):
            self._skip(_TEXT)
        else:
            self._skip(_PLAIN)

    def _mark(self, *path: str | int) -> Path:
        self.lines.setdefault(path, bisect.bisect_left(self._breaks, self._at) + 1)
        return path

    def _take(self, sign: str) -> bool:
        taken = self._text.startswith(sign, self._at)
        self._at += taken
        return taken

    def _skip(self, what: re.Pattern[str]) -> int:
        match = what.match(self._text, self._at)
        if match is not None:
            self._at = match.end()
        return self._at
