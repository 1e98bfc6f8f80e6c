"""Entries of a table of `accounts.toml`: read as declared; what is wrong is named with its place, and never quoted."""

from __future__ import annotations

import difflib
import math
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final, TypeAlias, cast

from ..errors import ConfigError

#: Reads a value; a `ValueError` says what the entry takes.
EntryReader: TypeAlias = Callable[[object], Any]

_DURATION: Final = re.compile(r"(\d+(?:\.\d+)?) ?(ms|s|m|h|d)")
_SECONDS: Final = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3_600.0, "d": 86_400.0}


def read_entries(where: str, table: object, readers: Mapping[str, EntryReader]) -> dict[str, Any]:
    """
    Read the entries of a table.

    Args:
        where: The table's place, for errors.
        table: What stands there.
        readers: How each entry is read that there may be.

    Raises:
        ConfigError: It is no table, an entry is not known, or a value does not fit.
    """
    if not isinstance(table, Mapping):
        raise ConfigError(f"{where}: it is a table")
    found: dict[str, Any] = {}
    for name, value in table.items():
        if name not in readers:
            raise ConfigError(
                f"{where}: there is no entry {name!r}; there are {', '.join(readers)}{near(name, readers)}"
            )
        try:
            found[name] = readers[name](value)
        except ValueError as error:
            raise ConfigError(f"{where} {name}: it takes {error}") from None
    return found


def near(name: str, known: Iterable[str]) -> str:
    """The known name that was probably meant, as the end of a sentence; empty if none is."""
    found = difflib.get_close_matches(name, list(known), n=1)
    return f" - did you mean {found[0]}?" if found else ""


def seconds(value: object) -> float:
    """Read `"90s"`, `"5m"`, `"1h"`, `"7d"`, or a number of seconds."""
    written = _DURATION.fullmatch(value.strip()) if isinstance(value, str) else None
    if written is not None:
        return float(written[1]) * _SECONDS[written[2]]
    if isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value) and value >= 0:
        return float(value)
    raise ValueError('a duration such as "90s", "5m", "1h" or "7d", or a number of seconds')


def pace(value: object) -> float:
    """Read the same, but for none at all."""
    read = seconds(value)
    if read > 0:
        return read
    raise ValueError('a duration above zero, such as "5m"')


def number(value: object) -> float:
    """Read a number."""
    if isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value):
        return float(value)
    raise ValueError("a number")


def whole(value: object) -> int:
    """Read a whole number."""
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    raise ValueError("a whole number")


def text(value: object) -> str:
    """Read a text."""
    if isinstance(value, str) and value:
        return value
    raise ValueError("a text")


def names(value: object) -> tuple[str, ...]:
    """Read a list of names."""
    if isinstance(value, list) and all(isinstance(name, str) and name for name in value):
        return tuple(cast("list[str]", value))
    raise ValueError('a list of names, such as ["invoices", "customers"]')


def names_by_vendor(value: object) -> dict[str, tuple[str, ...]]:
    """Read a list of names for each vendor."""
    try:
        return {vendor: names(listed) for vendor, listed in cast("Mapping[str, object]", value).items()}
    except (AttributeError, ValueError):
        raise ValueError('a list of names for each vendor, such as resources.VENDOR = ["invoices"]') from None


def one_of(*known: str) -> EntryReader:
    """A reader of one of a few words."""

    def read(value: object) -> str:
        if isinstance(value, str) and value in known:
            return value
        raise ValueError(" or ".join(f'"{word}"' for word in known))

    return read
