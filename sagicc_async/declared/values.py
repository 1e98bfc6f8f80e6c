"""How values of the declared types look at the vendor: how each is read, and how it is written."""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, tzinfo
from decimal import Decimal
from typing import Any, Final

import attrs

from ..records import quirks
from ..records.as_written import Amount, Day, Minutes
from ..records.quirks import Quirk
from ..records.structuring import Unfit, exact_decimal, exact_int, plain_date
from ..records.timestamps import Timestamp
from .declaration import FieldType
from .forms import is_utc

#: Forms whose values JSON writes by itself.
JSONS_OWN: Final = frozenset({None, "1234.56", "minutes"})
#: `0000-00-00`, with or without a time: what some databases write for no date.
_ZERO_DATE: Final = re.compile(r"0000-00-00(?:[T ]00:00(?::00(?:\.0+)?)?)?Z?")
_BRAZILIAN: Final = re.compile(r"[+-]?(?:\d{1,3}(?:\.\d{3})+|\d+)(?:,\d+)?", re.ASCII)
_HOURS: Final = re.compile(r"(-?)(\d{1,6}):([0-5]\d)(?::[0-5]\d)?", re.ASCII)


@attrs.frozen
class Way:
    """
    How the values of a field are read.

    Args:
        annotation: What the field of a record holds.
        quirk: How that is made of what comes; `None` where it comes as it is.
    """

    annotation: Any
    quirk: Quirk | None = None


def way_of(kind: FieldType, form: str | None, zone: tzinfo) -> Way:
    """
    How the values of a field are read.

    Args:
        kind: Its type.
        form: How the vendor writes it; `None` for JSON's and ISO's own way.
        zone: Where moments without an offset were written.
    """
    made: Mapping[str, Callable[[], Way]] = {
        "text": lambda: Way(str | None, quirks.text),
        "int": lambda: Way(int | None, Quirk(Any, _int_or_blank, int)),
        "decimal": lambda: Way(Decimal | None, quirks.decimal_or_blank),
        "object": lambda: Way(dict[str, Any] | None),
        "list": lambda: Way(list[Any] | None),
        "money": lambda: Way(Decimal | None, brazilian_money if form == "1.234,56" else quirks.decimal_or_blank),
        "date": lambda: Way(date | None, Quirk(Any, _day_reader(form))),
        "datetime": lambda: Way(Timestamp | None, Quirk(Any, _moment_reader(form, zone))),
        "duration": lambda: Way(int | None, Quirk(Any, _minutes_or_hours) if form == "HH:MM" else minutes),
        "flag": lambda: Way(bool | None, quirks.flag if form is None else Quirk(Any, _flag_reader(form), bool)),
    }
    return made[kind]()


def formatted(kind: FieldType, form: str | None, value: Any) -> str | int:
    """
    A value as the vendor writes it.

    Args:
        kind: Its type.
        form: How the vendor writes it; `None` for JSON's and ISO's own way.
        value: What the type holds; a moment is on the vendor's clock already.
    """
    if kind == "flag":
        yes, _, no = (form or "true/false").partition("/")
        return yes if value else no
    if kind in ("date", "datetime"):
        return str(value.strftime(form)) if form else str(value.isoformat())
    if kind == "money" and form == "1.234,56":
        return f"{Decimal(value):,f}".translate(_SWAPPED)
    if kind == "duration" and form == "HH:MM":
        hours, rest = divmod(abs(value), 60)
        return f"{'-' if value < 0 else ''}{hours:02}:{rest:02}"
    return value if isinstance(value, int) else f"{value:f}"


_SWAPPED: Final = str.maketrans(",.", ".,")


def _int_or_blank(value: Any) -> int | None:
    return None if value == "" else exact_int(value)


def _money(value: Any) -> Decimal | None:
    """An amount with a comma before the cents; a number of JSON's own stands for itself, and is written back as one."""
    if not isinstance(value, str):
        number = exact_decimal(value)
        return number if isinstance(number, Amount) else Amount.read(value, number)
    text = value.removeprefix("R$").strip()
    if not text:
        return None
    if not _BRAZILIAN.fullmatch(text):
        raise Unfit("an amount like 1.234,56")
    return Amount.read(value, exact_decimal(text.replace(".", "").replace(",", ".")))


#: For `Decimal | None`: `1.234,56`, whose text is written back as it came.
brazilian_money: Final = Quirk(Any, _money)


def _minutes(value: Any) -> int | None:
    """A duration in minutes: a whole number, or `HH:MM`, in whichever form it comes."""
    if isinstance(value, str) and (found := _HOURS.fullmatch(value.strip())):
        number = int(found[2]) * 60 + int(found[3])
        return Minutes.read(value, -number if found[1] else number)
    return _int_or_blank(value)


def _minutes_or_hours(value: Any) -> int | None:
    """The same where hours are the rule: a number is written back as one."""
    number = _minutes(value)
    return number if number is None or isinstance(number, Minutes) else Minutes.read(value, number)


#: For `int | None`: minutes as a number, or `07:30`.
minutes: Final = Quirk(Any, _minutes, int)


def _is_no_date(text: str) -> bool:
    return not text.strip() or _ZERO_DATE.fullmatch(text.strip()) is not None


def _day_reader(form: str | None) -> Callable[[Any], date | None]:
    def read(value: Any) -> date | None:
        if not isinstance(value, str):
            raise Unfit("date")
        if _is_no_date(value):
            return None
        if form is not None:
            return Day.read(value, datetime.datetime.strptime(value, form).date())  # noqa: DTZ007 - a day has no zone
        day = plain_date(value)
        return Day.read(value, Timestamp.parse(value).date()) if day is None else day

    return read


def _moment_reader(form: str | None, zone: tzinfo) -> Callable[[Any], Timestamp | None]:
    place = UTC if form is not None and is_utc(form) else zone

    def read(value: Any) -> Timestamp | None:
        if not isinstance(value, str):
            raise Unfit("timestamp")
        if _is_no_date(value):
            return None
        if form is None:
            return Timestamp.parse(value, zone)
        moment = datetime.datetime.strptime(value, form)  # noqa: DTZ007 - the zone follows
        return Timestamp.written(value, moment if moment.tzinfo else moment.replace(tzinfo=place))

    return read


def _flag_reader(form: str) -> Callable[[Any], bool]:
    yes, _, no = form.partition("/")

    def read(value: Any) -> bool:
        if isinstance(value, bool):
            return value
        word = str(value)
        if word not in (yes, no):
            raise Unfit(f"{yes} or {no}")
        return word == yes

    return read
