"""Filters in the vendor's words: days as `2026-11-25`, moments in UTC to the second."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Final, TypeAlias

from sagicc_async import FieldError, ValidationFailed

#: A day in the account's time zone, an aware moment, or either as ISO 8601 text.
Moment: TypeAlias = date | datetime | str
#: A day.
Day: TypeAlias = date | str
Filter: TypeAlias = Moment | int | bool | Iterable[str] | None

_MOMENTS: Final = frozenset({"created_start", "created_end", "updated_start", "updated_end"})
_DAYS: Final = frozenset({"date_start", "date_end", "due_date_start", "due_date_end"})
#: How many values a filter takes at most, where that is documented.
_MOST: Final = {"ids": 20}


def query(filters: Mapping[str, Filter], zone: tzinfo) -> dict[str, str | int | None]:
    """
    Write filters as Siigo reads them.

    Args:
        filters: Name -> value; `None` is no filter. Of a filter on a moment a day means its beginning, or its end for
            the `_end` of a range, in `zone`: what Siigo takes a bare day for is not documented.
        zone: Where the account lives.

    Raises:
        ValidationFailed: A value cannot be what its filter needs: a datetime without a time zone, a text that is no
            date, more values than it takes.
    """
    return {name: _written(name, value, zone) for name, value in filters.items() if value is not None}


def earlier(since: Moment, overlap: timedelta, zone: tzinfo) -> str:
    """The `updated_start` that leaves out nothing that changed since a moment: an overlap earlier."""
    return _utc("updated_since", since, zone, overlap)


def _written(name: str, value: Filter, zone: tzinfo) -> str | int:
    if name in _MOMENTS:
        return _utc(name, value, zone)
    if name in _DAYS:
        return _day(name, value).isoformat()
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return value
    return _text(name, value)


def _text(name: str, value: object) -> str:
    listed: list[object] = [*value] if isinstance(value, Iterable) and not isinstance(value, str) else [value]
    texts = [one for one in listed if isinstance(one, str) and one]
    # What Siigo makes of an empty filter is not documented: it may be the whole list.
    if not texts or len(texts) < len(listed):
        raise _refused(name, "a text that is not empty, or a whole number", "invalid_value")
    written = ",".join(texts)
    most = _MOST.get(name)
    if most is not None and written.count(",") >= most:
        raise _refused(name, f"at most {most} values", "invalid_array")
    return written


def _moment(name: str, value: object, zone: tzinfo) -> datetime:
    found = _parsed(value)
    if not isinstance(found, date):
        raise _refused(name, "a date, or a datetime with a time zone")
    if not isinstance(found, datetime):
        found = datetime.combine(found, time.max if name.endswith("_end") else time.min, zone)
    if found.tzinfo is None:
        raise _refused(name, "a day, or a datetime with a time zone: datetime(..., tzinfo=...)")
    whole = found.replace(microsecond=0)
    # Filters are to the second, and inclusive: the end is rounded up, so that nothing in its last second is left out.
    return whole + timedelta(seconds=math.ceil(found.microsecond / 1e6)) if name.endswith("_end") else whole


def _day(name: str, value: object) -> date:
    found = _parsed(value)
    if isinstance(found, date) and not isinstance(found, datetime):
        return found
    raise _refused(name, "a day, as a date or as 2026-11-25: documents have no time")


def _parsed(value: object) -> object:
    if not isinstance(value, str):
        return value
    for kind in (date, datetime):
        try:
            return kind.fromisoformat(value)
        except ValueError:
            continue
    return None


def _utc(name: str, value: object, zone: tzinfo, back: timedelta = timedelta()) -> str:
    try:
        moment = _moment(name, value, zone).astimezone(UTC) - back
    except OverflowError:  # in another zone, or a day earlier, it is none that a calendar has
        raise _refused(name, "a moment within the years 1 to 9999, in UTC too") from None
    return f"{moment.replace(tzinfo=None).isoformat(timespec='seconds')}Z"


def _refused(name: str, expected: str, code: str = "invalid_date") -> ValidationFailed:
    message = f"the filter {name} takes {expected}"
    return ValidationFailed(message, vendor="siigo", errors=[FieldError(code, name, message)])
