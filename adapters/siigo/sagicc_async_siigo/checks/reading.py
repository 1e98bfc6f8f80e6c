"""What stands in a request, read without ever raising: numbers, days, words, objects."""

from __future__ import annotations

import enum
import re
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from sagicc_async import Record, Timestamp

#: The most that an amount may be, and the total of a document (Siigo, error code "invalid_amount").
MAX_AMOUNT: Final[Decimal] = Decimal("99999999999.99")
MAX_TOTAL: Final[Decimal] = Decimal("9999999999999.99")
#: The most decimals of any amount: those of a price.
PRICE_DECIMALS: Final = 6

_NUMBER: Final[re.Pattern[str]] = re.compile(r"-?[0-9]+(\.[0-9]+)?")
_DAY: Final[re.Pattern[str]] = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def on_wire(value: Any) -> Any:
    """A value as it will be written: a date as its text, a float as the digits that JSON shows of it."""
    if isinstance(value, enum.Enum):
        value = value.value
    if isinstance(value, float):
        return Decimal(repr(float(value)))
    if isinstance(value, Timestamp):
        return value.raw
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, UUID):
        return str(value)
    return value


def read_object(value: Any) -> Mapping[str, Any] | None:
    """A mapping, or a record as one; None for all else."""
    if isinstance(value, Record):
        return value.to_dict()
    return value if isinstance(value, Mapping) else None


def read_list(value: Any) -> Sequence[Any] | None:
    """A list or a tuple; None for all else."""
    return value if isinstance(value, list | tuple) else None


def read_number(value: Any) -> Decimal | None:
    """
    A number, or a text that holds one: Siigo's own examples print ids and quantities as text, too.

    None for all else, a flag and what is not finite among it.
    """
    value = on_wire(value)
    if isinstance(value, bool):
        return None
    if isinstance(value, Decimal):
        return value if value.is_finite() else None
    if isinstance(value, int) or (isinstance(value, str) and _NUMBER.fullmatch(value)):
        return Decimal(value)
    return None


def read_amount(value: Any) -> Decimal | None:
    """A number that Siigo could take as an amount, so that sums of such numbers stay exact; None for all else."""
    number = read_number(value)
    if number is None or not 0 <= number <= MAX_AMOUNT or decimals_of(number) > PRICE_DECIMALS:
        return None
    return number


def decimals_of(number: Decimal) -> int:
    """How many decimals a finite number needs; zeros at its end are none."""
    _, digits, exponent = number.as_tuple()
    assert isinstance(exponent, int)  # a text only where the number is not finite
    if exponent >= 0 or not number:
        return 0
    zeros = next(index for index, digit in enumerate(reversed(digits)) if digit)
    return max(0, -exponent - zeros)


def read_day(value: Any) -> date | None:
    """A day written `yyyy-MM-dd`; None for all else, a timestamp among it."""
    text = on_wire(value)
    if not isinstance(text, str) or not _DAY.fullmatch(text):
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:  # the 30th of February
        return None


def read_word(value: Any) -> str | None:
    """
    One of the vendor's words, in small letters: its tables spell them `Person` and `person`, `Taxed` and `taxed`.

    None for all that is no text.
    """
    text = on_wire(value)
    return text.casefold() if isinstance(text, str) else None


def is_given(document: Mapping[str, Any], name: str) -> bool:
    """Whether a field is there; an explicit null says as little as a missing key."""
    return document.get(name) is not None


def objects_in(value: Any) -> list[tuple[int, Mapping[str, Any]]]:
    """The objects in a list, each with its place; what is no list and no object is complained about elsewhere."""
    elements = read_list(value) or ()
    return [(index, found) for index, element in enumerate(elements) if (found := read_object(element)) is not None]
