"""Reads that an emulator composes of pieces of SQL: names are quoted here, and values are always bound."""

from __future__ import annotations

from collections.abc import Iterable

import attrs

from ..errors import ConfigError


@attrs.frozen
class Join:
    """
    A second table beside each row of the first; rows without a partner stay, with `None` in its place.

    Args:
        table: Which table.
        on: Which rows are partners, written with `column`, `value` and `text`.
    """

    table: str
    on: str


@attrs.frozen(kw_only=True)
class Query:
    """
    What is read, in which order.

    `where`, `group` and `order` are SQL, made of what `column`, `value` and `text` return, of operators and of `?` for
    each of `values`. Nothing that a client sends belongs in them as it is.

    Args:
        table: Whose rows.
        joins: Tables beside it.
        where: Which rows; all if empty.
        values: What the question marks stand for.
        group: One row for each of these values; of the rows that share them it is any.
        order: The order of insertion if empty.
        limit: How many rows at most.
        offset: How many rows to leave out first.
    """

    table: str
    joins: tuple[Join, ...] = ()
    where: str = ""
    values: tuple[object, ...] = ()
    group: str = ""
    order: str = ""
    limit: int | None = None
    offset: int = 0

    def clauses(self) -> str:
        """Return what stands between the tables and the order."""
        where = f" WHERE {self.where}" if self.where else ""
        group = f" GROUP BY {self.group}" if self.group else ""
        return where + group

    def ordering(self) -> str:
        """Return the order and the page."""
        order = f" ORDER BY {self.order or position(self.table)}"
        # SQLite has no OFFSET without a LIMIT; -1 is none.
        limit = -1 if self.limit is None else bounded(self.limit)
        return f"{order} LIMIT {limit:d} OFFSET {bounded(self.offset):d}"


def column(table: str, field: str) -> str:
    """Return a lookup or hidden field's own column: text, without regard to case."""
    return f"{quote(table)}.{quote(f'by_{field}')}"


def position(table: str) -> str:
    """Return a row's place in the order of insertion."""
    return f"{quote(table)}.{quote('position')}"


def value(field: str, table: str | None = None) -> str:
    """Return a field of the row as it is: a number is a number, a text keeps its case, true and false are 1 and 0."""
    if set(field) & set("\"\\'"):
        raise ConfigError(f"a field of the sandbox cannot be called {field!r}")
    body = quote("body") if table is None else f"{quote(table)}.{quote('body')}"
    return f"json_extract({body}, '$.\"{field}\"')"


def text(field: str, table: str | None = None) -> str:
    """Return a field of the row as text without regard to case; compare it with a text that `fold` made."""
    return f"casefold({value(field, table)})"


def texts(fields: Iterable[tuple[str, str | None]]) -> str:
    """Return several fields, each with its table, as one text without regard to case, to search in all of them."""
    # A separator that nobody types, so that nothing is found across two fields.
    parts = " || char(31) || ".join(f"coalesce({value(*field)}, '')" for field in fields)
    return f"casefold({parts})"


def among(term: str) -> str:
    """Return SQL that compares a term with each value of a JSON array, which is bound; so no list is too long."""
    return f"{term} IN (SELECT value FROM json_each(?))"  # noqa: S608 - the term is made here as well


def fold(value: object) -> str | None:
    """Return a value as lookup columns hold it and as `text` reads it."""
    return None if value is None else str(value).casefold()


def bounded(number: int) -> int:
    """SQLite's integers have 64 bits; nobody has more rows."""
    return min(number, 2**62)


def quote(name: str) -> str:
    """Write the name of a table or column."""
    return '"' + name.replace('"', '""') + '"'
