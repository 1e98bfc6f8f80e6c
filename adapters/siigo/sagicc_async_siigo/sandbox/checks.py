"""
Rules of fields, declared as data: what is required, of which type, how long, in which range.

A body is looked at twice. First for what is missing: only that is said if anything is. Then for what is wrong with the
rest. In both passes everything that is found is said at once. A field that is null counts as left out. How a field
inside another is named in an error (`address.city.city_code`, `items[0].code`) is the sandbox's own choice.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import Any, Final, Protocol

import attrs

from . import failures
from .failures import Failure, Refused

#: The largest amount that the vendor takes.
MOST: Final[Decimal] = Decimal("99999999999.99")

_DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}")
_NUMBER: Final = re.compile(r"-?\d{1,20}(\.\d{1,20})?")


class Rule(Protocol):
    """What holds for one field."""

    @property
    def required(self) -> bool:
        """Whether it must be there."""

    def missing(self, value: Any, path: str) -> Iterator[Failure]:
        """Say what is missing in a value that is there."""

    def wrong(self, value: Any, path: str) -> Iterator[Failure]:
        """Say what else is wrong with a value that is there."""


def check(body: Mapping[str, Any], fields: Mapping[str, Rule]) -> None:
    """
    Check a body.

    Raises:
        Refused: With all that is missing, or else all that is wrong.
    """
    whole = Fields(fields)
    for look in (whole.missing, whole.wrong):
        found = tuple(look(body, ""))
        if found:
            raise Refused(*found)


def refuse_if(*found: Failure | None) -> None:
    """
    Let a request pass if no check has found anything.

    Raises:
        Refused: With all that was found.
    """
    failed = [failure for failure in found if failure is not None]
    if failed:
        raise Refused(*failed)


@attrs.frozen(kw_only=True)
class Text:
    """
    A text.

    Args:
        required: See `Rule`.
        most: Characters at most.
        least: Characters at least.
        pattern: A form that all of it must have.
        code: The code of a text that has another form.
        choices: The only values, if they are few.
        empty: It may have nothing in it, which counts as left out.
    """

    required: bool = False
    most: int | None = None
    least: int = 0
    pattern: re.Pattern[str] | None = None
    code: str = "invalid_value"
    choices: tuple[str, ...] = ()
    empty: bool = True

    def missing(self, value: Any, path: str) -> Iterator[Failure]:
        """Say that it is empty."""
        if value == "" and (self.required or not self.empty):
            yield failures.parameter_empty(path)

    def wrong(self, value: Any, path: str) -> Iterator[Failure]:
        """Say what is wrong with it."""
        if not isinstance(value, str):
            yield failures.invalid_type(path, "a text")
        elif value == "":
            return
        elif self.choices and value not in self.choices:
            yield failures.invalid_value(path, ", ".join(self.choices))
        elif self.most is not None and len(value) > self.most:
            yield failures.length_max(path, self.most)
        elif len(value) < self.least:
            yield failures.length_min(path, self.least)
        elif self.pattern is not None and not self.pattern.fullmatch(value):
            yield failures.invalid_format(self.code, path)


@attrs.frozen(kw_only=True)
class Whole:
    """
    A whole number.

    Args:
        required: See `Rule`.
        least: The smallest one.
        most: The largest one.
        choices: The only values, if they are few.
        or_text: It may also be written as text, as some of the vendor's examples have it.
    """

    required: bool = False
    least: int = 0
    most: int = 2**53
    choices: tuple[int, ...] = ()
    or_text: bool = False

    def missing(self, value: Any, path: str) -> Iterator[Failure]:
        """A number lacks nothing."""
        yield from ()

    def wrong(self, value: Any, path: str) -> Iterator[Failure]:
        """Say what is wrong with it."""
        found = number(value, or_text=self.or_text)
        if not isinstance(found, int):
            yield failures.invalid_type(path, "a whole number")
        elif self.choices and found not in self.choices:
            yield failures.invalid_value(path, ", ".join(map(str, self.choices)))
        elif not self.least <= found <= self.most:
            yield failures.invalid_range(path, self.least, self.most)


@attrs.frozen(kw_only=True)
class Amount:
    """
    Money, a quantity, a percentage.

    Args:
        required: See `Rule`.
        places: Decimals at most.
        least: The smallest one.
        above: What it must be larger than.
        most: The largest one.
        or_text: It may also be written as text, as some of the vendor's examples have it.
    """

    required: bool = False
    places: int = 2
    least: Decimal = Decimal(0)
    above: Decimal | None = None
    most: Decimal = MOST
    or_text: bool = False

    def missing(self, value: Any, path: str) -> Iterator[Failure]:
        """A number lacks nothing."""
        yield from ()

    def wrong(self, value: Any, path: str) -> Iterator[Failure]:
        """Say what is wrong with it."""
        found = number(value, or_text=self.or_text)
        if found is None:
            yield failures.invalid_type(path, "a number")
            return
        amount = Decimal(found)
        if amount < self.least:
            yield failures.invalid_amount(path, f"must be {self.least} or more")
        elif self.above is not None and amount <= self.above:
            yield failures.invalid_amount(path, f"must be greater than {self.above}")
        elif amount > self.most:
            yield failures.invalid_amount(path, f"must be {self.most:f} or less")
        elif places(amount) > self.places:
            yield failures.invalid_amount(path, f"must have at most {self.places} decimals")


@attrs.frozen(kw_only=True)
class Flag:
    """True or false."""

    required: bool = False

    def missing(self, value: Any, path: str) -> Iterator[Failure]:
        """A flag lacks nothing."""
        yield from ()

    def wrong(self, value: Any, path: str) -> Iterator[Failure]:
        """Say that it is neither."""
        if not isinstance(value, bool):
            yield failures.invalid_type(path, "true or false")


@attrs.frozen(kw_only=True)
class Day:
    """A date, `yyyy-MM-dd`."""

    required: bool = False

    def missing(self, value: Any, path: str) -> Iterator[Failure]:
        """Say that it is empty."""
        if value == "" and self.required:
            yield failures.parameter_empty(path)

    def wrong(self, value: Any, path: str) -> Iterator[Failure]:
        """Say that it is none."""
        if day(value) is None:
            yield failures.invalid_date(path)


@attrs.frozen
class Fields:
    """
    An object.

    Args:
        fields: What holds for its fields; others are not looked at.
        required: See `Rule`.
    """

    fields: Mapping[str, Rule]
    required: bool = attrs.field(default=False, kw_only=True)

    def missing(self, value: Any, path: str) -> Iterator[Failure]:
        """Say which required fields are not there, or are empty, however deep."""
        if not isinstance(value, dict):
            return
        for name, rule in self.fields.items():
            inner = value.get(name)
            if inner is not None:
                yield from rule.missing(inner, _below(path, name))
            elif rule.required:
                yield failures.parameter_required(_below(path, name))

    def wrong(self, value: Any, path: str) -> Iterator[Failure]:
        """Say what is wrong with its fields."""
        if not isinstance(value, dict):
            yield failures.invalid_type(path, "an object")
            return
        for name, rule in self.fields.items():
            if value.get(name) is not None:
                yield from rule.wrong(value[name], _below(path, name))


@attrs.frozen
class Rows:
    """
    An array.

    Args:
        of: What holds for each element.
        required: See `Rule`; then it must have an element.
        most: Elements at most.
    """

    of: Rule
    required: bool = attrs.field(default=False, kw_only=True)
    most: int | None = attrs.field(default=None, kw_only=True)

    def missing(self, value: Any, path: str) -> Iterator[Failure]:
        """Say that it is empty, and what its elements lack."""
        if not isinstance(value, list):
            return
        if self.required and not value:
            yield failures.parameter_empty(path)
        for place, element in enumerate(value):
            yield from self.of.missing(element, f"{path}[{place}]")

    def wrong(self, value: Any, path: str) -> Iterator[Failure]:
        """Say that it has too many elements, or what is wrong with them."""
        if not isinstance(value, list):
            yield failures.invalid_type(path, "an array")
        elif self.most is not None and len(value) > self.most:
            yield failures.invalid_array(path, f"must have at most {self.most} elements")
        else:
            for place, element in enumerate(value):
                yield from self.of.wrong(element, f"{path}[{place}]")


def number(value: Any, *, or_text: bool = False) -> int | Decimal | None:
    """Return a JSON number, or a text that is one where that may be; `None` for anything else."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int | Decimal):
        return value
    if or_text and isinstance(value, str) and _NUMBER.fullmatch(value):
        return Decimal(value) if "." in value else int(value)
    return None


def day(value: Any) -> date | None:
    """Return a date that is written `yyyy-MM-dd`; `None` for anything else."""
    if not isinstance(value, str) or not _DAY.fullmatch(value):
        return None
    try:
        return date.fromisoformat(value)
    except ValueError:
        return None


def places(amount: Decimal) -> int:
    """Return how many decimals a number needs. Nothing is rounded, however many digits it has."""
    _, digits, exponent = amount.as_tuple()
    if not isinstance(exponent, int) or not any(digits):
        return 0
    zeros = next(count for count, digit in enumerate(reversed(digits)) if digit)
    return max(0, -exponent - zeros)


def _below(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name
