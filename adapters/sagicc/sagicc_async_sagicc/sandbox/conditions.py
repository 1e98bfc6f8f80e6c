"""
The grammar of `conditions`: `columna=valor AND (columna!=valor OR modelo.columna=valor)`.

Documented in two generations: with parentheses and AND/OR, and with AND alone. Not documented, and so the sandbox's
own: AND binds tighter than OR; parentheses nest; a value is everything up to ` AND `, ` OR ` or `)`, without the
spaces around it; nothing escapes.
"""

from __future__ import annotations

import re
from typing import Final, TypeAlias

import attrs

_SPACES = re.compile(r"\s*")
_COLUMN = re.compile(r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)?", re.ASCII)
_OPERATOR = re.compile(r"\s*(!?=)")
_VALUE = re.compile(r".*?(?= AND | OR |\)|\Z)", re.IGNORECASE | re.DOTALL)
_DEEPEST: Final = 50


class ConditionsError(ValueError):
    """The text is not of this grammar."""


@attrs.frozen
class Comparison:
    """
    A column compared with a value.

    Args:
        column: As it is written, with its model's name where that stands before it.
        equal: Whether the operator is `=`; else it is `!=`.
        value: As it is written, without the spaces around it.
    """

    column: str
    equal: bool
    value: str


@attrs.frozen
class And:
    """
    All of them.

    Args:
        terms: Two or more.
    """

    terms: tuple[Node, ...]


@attrs.frozen
class Or:
    """
    At least one of them.

    Args:
        terms: Two or more.
    """

    terms: tuple[Node, ...]


Node: TypeAlias = Comparison | And | Or


def parse(text: str) -> Node:
    """
    Read conditions.

    Raises:
        ConditionsError: They are not of the grammar; says where.
    """
    reader = _Reader(text)
    node = reader.alternatives(0)
    if reader.at < len(text):
        raise reader.error("AND, OR or the end")
    return node


@attrs.define
class _Reader:
    """Reads from left to right; `at` is the next letter."""

    text: str
    at: int = 0

    def error(self, expected: str) -> ConditionsError:
        return ConditionsError(f"expected {expected} at letter {self.at + 1} of {self.text!r}")

    def alternatives(self, depth: int) -> Node:
        terms = [self._all(depth)]
        while self._takes("OR"):
            terms.append(self._all(depth))
        return terms[0] if len(terms) == 1 else Or(tuple(terms))

    def _all(self, depth: int) -> Node:
        terms = [self._term(depth)]
        while self._takes("AND"):
            terms.append(self._term(depth))
        return terms[0] if len(terms) == 1 else And(tuple(terms))

    def _term(self, depth: int) -> Node:
        self._skip_spaces()
        if self.text.startswith("(", self.at):
            return self._group(depth)
        column = self._match(_COLUMN, "a column")
        operator = self._match(_OPERATOR, "= or !=")
        value = self._match(_VALUE, "a value")
        return Comparison(column[0], operator[1] == "=", value[0].strip())

    def _group(self, depth: int) -> Node:
        if depth == _DEEPEST:
            raise self.error(f"at most {_DEEPEST} parentheses in each other")
        self.at += 1
        node = self.alternatives(depth + 1)
        if not self.text.startswith(")", self.at):
            raise self.error("a closing parenthesis")
        self.at += 1
        end = self._spaces().end()
        if end == len(self.text) or self.text.startswith(")", end):
            self.at = end
        return node

    def _takes(self, word: str) -> bool:
        found = re.compile(rf"\s* {word} ", re.IGNORECASE).match(self.text, self.at)
        if found is None:
            return False
        self.at = found.end()
        return True

    def _match(self, pattern: re.Pattern[str], expected: str) -> re.Match[str]:
        found = pattern.match(self.text, self.at)
        if found is None:
            raise self.error(expected)
        self.at = found.end()
        return found

    def _skip_spaces(self) -> None:
        self.at = self._spaces().end()

    def _spaces(self) -> re.Match[str]:
        found = _SPACES.match(self.text, self.at)
        assert found is not None  # it matches also nothing
        return found
