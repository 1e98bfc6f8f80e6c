"""
A small engine for documented rules: kinds of values, objects made of them, and what must hold between fields.

Rules are data. `Object` and `List` nest, `Choice` takes the shape that the document itself names, and every rule gives
all its complaints at once. Codes are the vendor's own; where Siigo's list does not tell which code a complaint has
(a value that is none of the words, or out of a range that is no amount's), the closest of the list is our choice.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any, Final, Protocol, TypeAlias

import attrs

from sagicc_async import FieldError

from .reading import (
    MAX_AMOUNT,
    decimals_of,
    is_given,
    objects_in,
    on_wire,
    read_day,
    read_list,
    read_number,
    read_object,
    read_word,
)

Complaints: TypeAlias = Iterator[FieldError]
#: A rule between fields of one object: the object, and its path.
Between: TypeAlias = Callable[[Mapping[str, Any], str], Complaints]


class Rule(Protocol):
    """What a value must be."""

    def complaints(self, value: Any, path: str) -> Complaints:
        """All that is wrong with a value that is there."""
        ...


def run(rule: Rule, document: Any) -> list[FieldError]:
    """All complaints about a document."""
    return list(rule.complaints(document, ""))


def complain(code: str, path: str, advice: str) -> FieldError:
    """A complaint that says where and what to do, and quotes no value."""
    return FieldError(code, path, f"{path}: {advice}" if path else advice)


def below(path: str, name: str) -> str:
    """The path of a field of an object."""
    return f"{path}.{name}" if path else name


@attrs.frozen
class Pattern:
    """
    What a text must look like, all of it.

    Args:
        regex: The expression.
        advice: What to send instead.
        code: The vendor's code.
    """

    regex: re.Pattern[str]
    advice: str
    code: str = "invalid_value"


@attrs.frozen(kw_only=True)
class Text:
    """
    A text. An empty one is none: it is refused only where the field is required.

    Args:
        longest: Most characters.
        pattern: What it must look like.
        one_of: The only words that are accepted, in whatever case: see `read_word`.
        code: The vendor's code for a word that is none of them.
        or_number: Whether a number will do: the vendor's tables call the same field both.
    """

    longest: int | None = None
    pattern: Pattern | None = None
    one_of: Sequence[str] = ()
    code: str = "invalid_value"
    or_number: bool = False

    def complaints(self, value: Any, path: str) -> Complaints:
        """See `Rule`."""
        text = self._read(value)
        if text is None:
            yield complain("invalid_type", path, "send a text")
            return
        if not text:
            return
        if self.longest is not None and len(text) > self.longest:
            yield complain("length_max", path, f"send at most {self.longest} characters")
        if self.pattern is not None and not self.pattern.regex.fullmatch(text):
            yield complain(self.pattern.code, path, self.pattern.advice)
        if self.one_of and read_word(text) not in {word.casefold() for word in self.one_of}:
            yield complain(self.code, path, f"send one of {', '.join(self.one_of)}")

    def _read(self, value: Any) -> str | None:
        text = on_wire(value)
        if isinstance(text, str):
            return text
        number = read_number(value) if self.or_number else None
        return None if number is None else str(number)


@attrs.frozen(kw_only=True)
class Whole:
    """
    A whole number, also as text.

    Args:
        low: The least.
        high: The most.
        digits: Most digits.
    """

    low: int | None = None
    high: int | None = None
    digits: int | None = None

    def complaints(self, value: Any, path: str) -> Complaints:
        """See `Rule`."""
        number = read_number(value)
        if number is None or decimals_of(number):
            yield complain("invalid_type", path, "send a whole number")
            return
        if self.low is not None and number < self.low:
            yield complain("invalid_range", path, f"send {self.low} or more")
        if self.high is not None and number > self.high:
            yield complain("invalid_range", path, f"send {self.high} or less")
        if self.digits is not None and number.copy_abs() >= Decimal(10) ** self.digits:
            yield complain("length_max", path, f"send at most {self.digits} digits")


@attrs.frozen(kw_only=True)
class Amount:
    """
    An amount of money or goods, also as text: never below zero.

    Siigo calls what it accepts "positive" and prints 0 for it (`tax_consumption_value`), so zero is refused only where
    the rule says "more than 0".

    Args:
        decimals: Most decimals.
        high: The most.
        above_zero: Whether zero is refused as well.
    """

    decimals: int = 2
    high: Decimal | None = MAX_AMOUNT
    above_zero: bool = False

    def complaints(self, value: Any, path: str) -> Complaints:
        """See `Rule`."""
        number = read_number(value)
        if number is None:
            yield complain("invalid_type", path, "send a number")
            return
        if number < 0 or (self.above_zero and not number):
            yield complain("invalid_amount", path, f"send {'more than 0' if self.above_zero else '0 or more'}")
        if self.high is not None and number > self.high:
            yield complain("invalid_amount", path, f"send at most {self.high}")
        if decimals_of(number) > self.decimals:
            yield complain("invalid_amount", path, f"send at most {self.decimals} decimals")


@attrs.frozen(kw_only=True)
class Number:
    """
    A number of which no limit is documented, or a range that is no amount's.

    Args:
        low: The least.
        high: The most.
        decimals: Most decimals.
        one_of: The only numbers that are accepted.
    """

    low: Decimal | None = None
    high: Decimal | None = None
    decimals: int | None = None
    one_of: Sequence[int] = ()

    def complaints(self, value: Any, path: str) -> Complaints:
        """See `Rule`."""
        number = read_number(value)
        if number is None:
            yield complain("invalid_type", path, "send a number")
            return
        if (self.low is not None and number < self.low) or (self.high is not None and number > self.high):
            yield complain("invalid_range", path, f"send a number from {self.low} to {self.high}")
        if self.decimals is not None and decimals_of(number) > self.decimals:
            yield complain("invalid_amount", path, f"send at most {self.decimals} decimals")
        if self.one_of and number not in self.one_of:
            yield complain("invalid_value", path, f"send one of {', '.join(map(str, self.one_of))}")


class Day:
    """A day, `yyyy-MM-dd`. One text of the vendor's, on credit notes, prints slashes; its examples do not have them."""

    def complaints(self, value: Any, path: str) -> Complaints:
        """See `Rule`."""
        if read_day(on_wire(value)) is None:
            yield complain("invalid_date", path, "send a day as yyyy-MM-dd")


class Flag:
    """True or false. Siigo's tables put the words in quotes, so the texts will do."""

    def complaints(self, value: Any, path: str) -> Complaints:
        """See `Rule`."""
        if not isinstance(value, bool) and read_word(value) not in {"true", "false"}:
            yield complain("invalid_type", path, "send true or false")


class Anything:
    """Of which nothing is documented."""

    def complaints(self, value: Any, path: str) -> Complaints:
        """See `Rule`."""
        yield from ()


@attrs.frozen(kw_only=True)
class Distinct:
    """
    What no two elements of a list may have in common.

    Args:
        field: The field of the elements that is compared.
        key: What it is compared by; None is never compared.
        advice: What to do about the second of two.
        code: The vendor's code.
    """

    field: str
    key: Callable[[Any], Hashable | None]
    advice: str
    code: str = "invalid_array"

    def complaints(self, elements: Any, path: str) -> Complaints:
        """About each element whose key an earlier one has."""
        seen: set[Hashable] = set()
        for index, element in objects_in(elements):
            key = self.key(element.get(self.field))
            if key is not None and key in seen:
                yield complain(self.code, below(f"{path}[{index}]", self.field), self.advice)
            seen.add(key)


@attrs.frozen(kw_only=True)
class List:
    """
    A list.

    Args:
        of: What its elements must be.
        filled: Whether an empty one is refused.
        most: Most elements.
        distinct: What its elements may not have in common.
    """

    of: Rule
    filled: bool = False
    most: int | None = None
    distinct: Distinct | None = None

    def complaints(self, value: Any, path: str) -> Complaints:
        """See `Rule`."""
        elements = read_list(value)
        if elements is None:
            yield complain("invalid_type", path, "send a list")
            return
        if self.filled and not elements:
            yield complain("parameter_empty", path, "send at least one element")
        if self.most is not None and len(elements) > self.most:
            yield complain("invalid_array", path, f"send at most {self.most} elements")
        for index, element in enumerate(elements):
            yield from self.of.complaints(element, f"{path}[{index}]")
        if self.distinct is not None:
            yield from self.distinct.complaints(value, path)


_NO_FIELDS: Final[Mapping[str, Rule]] = {}


@attrs.frozen(kw_only=True)
class Object:
    """
    An object. Keys that it does not declare may be new at the vendor's, and are no error.

    Args:
        required: Fields that must be there.
        optional: Fields that may be there.
        between: Rules between them.
    """

    required: Mapping[str, Rule] = _NO_FIELDS
    optional: Mapping[str, Rule] = _NO_FIELDS
    between: Sequence[Between] = ()

    def complaints(self, value: Any, path: str) -> Complaints:
        """See `Rule`."""
        found = read_object(value)
        if found is None:
            yield complain("invalid_type", path, "send an object")
            return
        for name, rule in self.required.items():
            yield from missing(found, name, path)
            yield from _of_field(found, name, rule, path)
        for name, rule in self.optional.items():
            yield from _of_field(found, name, rule, path)
        for between in self.between:
            yield from between(found, path)


@attrs.frozen
class Choice:
    """
    An object whose shape depends on what is in it.

    Args:
        pick: Takes the object, gives its shape.
    """

    pick: Callable[[Mapping[str, Any]], Object]

    def complaints(self, value: Any, path: str) -> Complaints:
        """See `Rule`."""
        yield from self.pick(read_object(value) or {}).complaints(value, path)


def missing(document: Mapping[str, Any], name: str, path: str) -> Complaints:
    """Complain if a field is not there, or an empty text."""
    if not is_given(document, name):
        yield complain("parameter_required", below(path, name), "Siigo requires it")
    elif document[name] == "":
        yield complain("parameter_empty", below(path, name), "Siigo requires it, and it is empty")


def _of_field(document: Mapping[str, Any], name: str, rule: Rule, path: str) -> Complaints:
    if is_given(document, name):
        yield from rule.complaints(document[name], below(path, name))
