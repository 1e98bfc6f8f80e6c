"""How days and moments are written, in the letters of strptime: what such a form says of the zone, and what is wrong with it."""

from __future__ import annotations

import datetime
import re
from typing import Final

_DIRECTIVES: Final = re.compile(r"%(.)", re.DOTALL)
_ENDS_IN_Z: Final = re.compile(r"(?:[^%]|%.)*Z", re.DOTALL)
#: No two of its numbers are alike, so that none can be taken for another.
_PROBE: Final = datetime.datetime(2031, 11, 23, 17, 45, 52, 678901, tzinfo=datetime.UTC)
#: The probe as it is read in forms that have room for all of it, for whole seconds, minutes, hours, or days; the zone is
#: another matter.
_WHOLE: Final = _PROBE.replace(tzinfo=None)
_READ: Final = (
    _WHOLE,
    _WHOLE.replace(microsecond=0),
    _WHOLE.replace(second=0, microsecond=0),
    _WHOLE.replace(minute=0, second=0, microsecond=0),
    _WHOLE.replace(hour=0, minute=0, second=0, microsecond=0),
)


def says_offset(form: str) -> bool:
    """Whether what is written in a form has an offset, such as `-0500`."""
    return "z" in _DIRECTIVES.findall(form)


def is_utc(form: str) -> bool:
    """Whether a form ends in the letter Z itself, which says that the moment is in UTC."""
    return _ENDS_IN_Z.fullmatch(form) is not None


def flaw_of(kind: str, form: str) -> str | None:
    """
    What is wrong with a form: it is one if what is written in it is read again as the same.

    Args:
        kind: `date` or `datetime`.
        form: How values are to be written.

    Returns:
        What would fit; `None` where the form does.
    """
    letters = _DIRECTIVES.findall(form)
    if not letters:
        return "expected a form in the letters of strptime, such as %d/%m/%Y"
    if "Z" in letters:  # read as what it happens to be called on this machine, and then forgotten
        return "%Z is the name of a zone, which says no offset for sure; use %z, or a Z without % for UTC"
    if not _is_read_again(kind, form):
        example = "%d/%m/%Y" if kind == "date" else "%d/%m/%Y %H:%M"
        return f"what is written like this is not read as the same {kind} again; expected a form such as {example}"
    return None


def _is_read_again(kind: str, form: str) -> bool:
    try:
        if kind == "date":
            read = datetime.datetime.strptime(_PROBE.date().strftime(form), form)  # noqa: DTZ007 - a day has no zone
            return read.date() == _PROBE.date()
        read = datetime.datetime.strptime(_PROBE.strftime(form), form)  # noqa: DTZ007 - its zone is another matter
    # Letters that there are not, a letter that comes twice, a day without its year.
    except (ValueError, re.error, DeprecationWarning):
        return False
    return read.replace(tzinfo=None) in _READ
