"""What vendors do to values, as declarations: `codigo: str = field(read=quirks.text)`."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date
from decimal import Decimal
from typing import Any, Final

import attrs

from .structuring import Unfit, exact_decimal, exact_int, plain_date
from .timestamps import Timestamp

_TRUE: Final = frozenset({"1", "true", "s", "si", "sí", "y", "yes"})
_FALSE: Final = frozenset({"0", "false", "n", "no"})


@attrs.frozen
class Quirk:
    """
    A habit of a vendor: what the wire may hold, and how that becomes the field's value.

    Args:
        accept: The types that the wire may hold, wide: `int | str`, or `Any`. `null` needs no mention: where the field
            is declared `| None` it reads as `None` and never reaches `read`.
        read: Makes the value. Whatever it raises becomes a fault with the field's path; what it says is not shown,
            since it may quote the value.
        passes: The type whose values are the field's own already, so that `read` is asked about others alone: the
            difference between a look at a type and a call, for each value of each record.
    """

    accept: Any
    read: Callable[[Any], Any]
    passes: type | None = None


def _flag(value: bool | int | str) -> bool:  # noqa: FBT001
    if isinstance(value, bool):
        return value
    word = str(value).strip().lower()
    if word not in _TRUE and word not in _FALSE:
        raise Unfit("bool")
    return word in _TRUE


def _decimal_or_blank(value: Any) -> Decimal | None:
    return None if isinstance(value, str) and not value.strip() else exact_decimal(value)


def _day(text: str) -> date:
    day = plain_date(text)
    return Timestamp.parse(text, UTC) if day is None else day


#: For `str`: a code that some records carry as a number. The digits stay text.
text: Final = Quirk(int | str, str, str)

#: For `int`: a number that comes as text as a rule. (Where it is the exception, a plain `int` reads it too, slower.)
integer: Final = Quirk(int | str, exact_int, int)

#: For `bool`: true, 1, "1", "true", "S", "SI" and their opposites, in any case.
flag: Final = Quirk(bool | int | str, _flag, bool)

#: For `str | None`: an empty text means that there is none.
blank_is_none: Final = Quirk(str, lambda value: value or None)

#: For `Decimal | None`: a number, its text, or an empty text for none.
decimal_or_blank: Final = Quirk(Any, _decimal_or_blank, Decimal)

#: For `date`: a day that comes as a full timestamp now and then, which is kept as one (a `Timestamp` is a `date`).
day: Final = Quirk(str, _day, date)
