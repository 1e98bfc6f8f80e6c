"""Days and moments of calls as the vendor takes them: on its own clock, whose zone the file tells."""

from __future__ import annotations

import datetime
import zoneinfo
from typing import Any

from ..errors import ConfigError
from .declaration import Declaration, ParamEntry


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
    A moment as the vendor's clock shows it, for a form that has no room for an offset.

    Args:
        declaration: It knows the vendor's zone.
        moment: Without a zone it is the vendor's own time already.
        form: How it will be written; `None` for ISO 8601, which says the offset.

    Raises:
        ConfigError: The file does not tell the vendor's zone.
    """
    if moment.tzinfo is None or form is None or "%z" in form:
        return moment
    return moment.astimezone(_zone(declaration))


def _zone(declaration: Declaration) -> datetime.tzinfo:
    if declaration.time_zone is None:
        raise ConfigError(
            f"the resource file of {declaration.vendor} has no time_zone, so nobody knows what time it is there then"
        )
    return zoneinfo.ZoneInfo(declaration.time_zone)
