"""Days and moments of calls as the vendor takes them: on its own clock, whose zone the file tells."""

from __future__ import annotations

import datetime
import zoneinfo
from typing import Any

from ..errors import ConfigError
from .declaration import Declaration, ParamEntry
from .forms import is_utc, says_offset


def since(declaration: Declaration, entry: ParamEntry, value: Any) -> Any:
    """
    What `updated_since=` was given, as the parameter takes it: a moment as its day, a day as the moment when it begins.

    Both lie no later than what was given, so nothing that changed since then is left out.

    Args:
        declaration: It knows the vendor's zone.
        entry: The parameter that asks for changes.
        value: A day, an aware moment, or text, which stays as it is: the vendor's own word for it.

    Raises:
        ConfigError: A moment without a zone; or one that needs the vendor's, which the file does not tell.
    """
    if isinstance(value, datetime.datetime):
        if value.tzinfo is None:
            raise ConfigError("updated_since= takes a day, or a datetime with a time zone: datetime(..., tzinfo=...)")
        return value.astimezone(_zone(declaration)).date() if entry.type == "date" else value
    if isinstance(value, datetime.date) and entry.type == "datetime":
        return datetime.datetime.combine(value, datetime.time.min, _zone(declaration))
    return value


def on_the_vendors_clock(declaration: Declaration, moment: datetime.datetime, form: str | None) -> datetime.datetime:
    """
    A moment as the vendor's clock shows it; in UTC where its form ends in a Z.

    Args:
        declaration: It knows the vendor's zone.
        moment: Without a zone it is the vendor's own time already.
        form: How it will be written; `None` for ISO 8601, which says the offset.

    Raises:
        ConfigError: The file does not tell the vendor's zone.
    """
    if form is None:
        return moment
    if not is_utc(form) and not says_offset(form):
        return moment if moment.tzinfo is None else moment.astimezone(_zone(declaration))
    # What is written says when it is, so a moment without a zone must not pass for one of another.
    known = moment.replace(tzinfo=_zone(declaration)) if moment.tzinfo is None else moment
    return known.astimezone(datetime.UTC) if is_utc(form) else known


def zone_of(declaration: Declaration) -> datetime.tzinfo:
    """Where moments without an offset were written; UTC where the file says nothing."""
    return datetime.UTC if declaration.time_zone is None else zoneinfo.ZoneInfo(declaration.time_zone)


def _zone(declaration: Declaration) -> datetime.tzinfo:
    if declaration.time_zone is None:
        raise ConfigError(
            f"the resource file of {declaration.vendor} has no time_zone, so nobody knows what time it is there then"
        )
    return zone_of(declaration)
