"""The filters of lists, declared as data: which parameter compares which column."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, time
from typing import Final, Protocol

import attrs

from sagicc_async.sandbox import Store

from . import failures
from .checks import day
from .failures import Failure, Refused
from .stamps import mark

_MOMENT: Final = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,7})?Z")
_LAST: Final = time(23, 59, 59, 999_999)


@attrs.frozen
class Condition:
    """A piece of SQL, and what its question marks stand for."""

    where: str
    values: tuple[object, ...]


class Filter(Protocol):
    """A query parameter that selects rows."""

    @property
    def name(self) -> str:
        """The parameter."""

    def condition(self, table: str, value: str) -> Condition | Failure:
        """Return what it asks for, or what is wrong with it."""


@attrs.frozen
class Equal:
    """
    A value without regard to case.

    Args:
        name: The parameter.
        column: The lookup or hidden column that it compares; called like the parameter if it is left out.
    """

    name: str
    column: str = ""

    def condition(self, table: str, value: str) -> Condition | Failure:
        """Compare the column."""
        return Condition(f"{Store.column(table, self.column or self.name)} = ?", (Store.fold(value),))


@attrs.frozen
class Among:
    """
    One of several values, with commas between them.

    Args:
        name: The parameter.
        column: The column that it compares.
        most: How many values it takes.
    """

    name: str
    column: str
    most: int

    def condition(self, table: str, value: str) -> Condition | Failure:
        """Compare the column with each."""
        values = [Store.fold(one.strip()) for one in value.split(",")]
        if len(values) > self.most:
            return failures.invalid_array(self.name, f"must have at most {self.most} elements")
        marks = ", ".join("?" * len(values))
        return Condition(f"{Store.column(table, self.column)} IN ({marks})", tuple(values))


@attrs.frozen
class Moment:
    """
    A bound for when something was: a date, or a time in UTC. Both bounds are inclusive.

    In which time zone a date begins is not documented: here in UTC.

    Args:
        name: The parameter.
        column: The hidden column, written by `stamps.mark`.
        upper: It is the upper bound.
    """

    name: str
    column: str
    upper: bool = False

    def condition(self, table: str, value: str) -> Condition | Failure:
        """Compare the column."""
        bound = _moment(value, upper=self.upper)
        if bound is None:
            return failures.invalid_moment(self.name)
        return Condition(f"{Store.column(table, self.column)} {'<=' if self.upper else '>='} ?", (bound,))


@attrs.frozen
class Date:
    """
    A bound for a date. Both bounds are inclusive.

    Args:
        name: The parameter.
        column: A lookup or hidden column that holds `yyyy-MM-dd`.
        upper: It is the upper bound.
    """

    name: str
    column: str = "date"
    upper: bool = False

    def condition(self, table: str, value: str) -> Condition | Failure:
        """Compare the column; of a time only the day counts."""
        bound = _moment(value, upper=self.upper)
        if bound is None:
            return failures.invalid_moment(self.name)
        return Condition(f"{Store.column(table, self.column)} {'<=' if self.upper else '>='} ?", (bound[:10],))


CREATED: Final[tuple[Filter, ...]] = (Moment("created_start", "created"), Moment("created_end", "created", upper=True))
UPDATED: Final[tuple[Filter, ...]] = (Moment("updated_start", "updated"), Moment("updated_end", "updated", upper=True))
DATES: Final[tuple[Filter, ...]] = (Date("date_start"), Date("date_end", upper=True))


def conditions(table: str, filters: Sequence[Filter], query: Mapping[str, str]) -> Condition:
    """
    Return what a query asks for. Parameters that no filter knows are ignored, as is a filter without a value.

    Raises:
        Refused: With everything that is wrong.
    """
    asked = [one.condition(table, query[one.name]) for one in filters if query.get(one.name)]
    wrong = [found for found in asked if isinstance(found, Failure)]
    if wrong:
        raise Refused(*wrong)
    found = list(_only(asked))
    return Condition(
        " AND ".join(one.where for one in found),
        tuple(value for one in found for value in one.values),
    )


def _only(asked: Sequence[Condition | Failure]) -> Iterator[Condition]:
    for found in asked:
        if isinstance(found, Condition):
            yield found


def _moment(value: str, *, upper: bool) -> str | None:
    """Read a bound; the upper one that is a date ends with its day."""
    whole = day(value)
    if whole is not None:
        return mark(datetime.combine(whole, _LAST if upper else time(), UTC))
    if not _MOMENT.fullmatch(value):
        return None
    try:
        return mark(datetime.fromisoformat(value).astimezone(UTC))
    except ValueError:
        return None
