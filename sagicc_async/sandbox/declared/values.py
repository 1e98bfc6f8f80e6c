"""How values look on the wire: invented ones of a declared type, and whether a value is one of it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any, Final

import attrs

from ...declared.declaration import Declaration, FieldEntry, ParamEntry
from .. import invent

_FIRST: Final = datetime(2025, 1, 1)  # noqa: DTZ001 - what is invented has no offset, as declared moments have none
_MINUTES: Final = 60 * 24 * 600
_SHARE_OF_BLANKS: Final = 0.2

_WHOLE: Final = re.compile(r"-?[0-9]{1,18}")
_POINT: Final = re.compile(r"-?[0-9]{1,18}(\.[0-9]+)?")
_COMMA: Final = re.compile(r"-?[0-9]{1,3}(\.[0-9]{3})*,[0-9]{2}")
_CLOCK: Final = re.compile(r"[0-9]{1,6}:[0-5][0-9]")
_BLANK: Final = re.compile(r"[0 T:.Z/-]*")


@attrs.frozen
class Kind:
    """
    A declared type with its format.

    Args:
        type: As it is declared.
        format: How its values are written; `None` for JSON's and ISO's own way.
    """

    type: str
    format: str | None = None

    @classmethod
    def of(cls, declaration: Declaration, entry: FieldEntry | ParamEntry) -> Kind:
        """Return the kind of a field or parameter."""
        return cls(entry.type, declaration.format_of(entry))

    def invented(self, random: Random, *, blank_dates: bool = False) -> Any:
        """
        Make up a value as it travels.

        Args:
            random: Decides it.
            blank_dates: Whether one date in five is the blank one, zeros in all places.
        """
        return _MAKERS[self.type](self, random, blank_dates)

    def holds(self, value: Any) -> bool:
        """Tell whether a value of a JSON body is one; `null` always is."""
        if value is None:
            return True
        if isinstance(value, str) and self.type not in _NEVER_TEXT:
            # JSON has numbers of its own: a text is one only where a format says so.
            return self.type not in _NUMBERS or (self.format not in (None, "minutes") and self.reads(value))
        if self.format in _WRITTEN_AS_TEXT or isinstance(value, bool) is not (self.type == "flag"):
            return False
        return isinstance(value, _NATURAL.get(self.type, ())) and (self.type != "flag" or self.format is None)

    def reads(self, text: str) -> bool:
        """Tell whether the text of a parameter is one."""
        return _READERS[self.type](self, text)

    @property
    def words(self) -> tuple[str, str]:
        """What stands for yes and for no."""
        yes, _, no = (self.format or "true/false").partition("/")
        return yes, no


def _money(kind: Kind, random: Random, _blank: bool) -> Any:  # noqa: FBT001 - all makers are called alike
    amount = Decimal(random.randint(-50_000, 9_000_000)).scaleb(-2)
    if kind.format is None:
        return amount
    if kind.format == "1234.56":
        return f"{amount}"
    return f"{amount:,}".translate(str.maketrans(",.", ".,"))


def _moment(kind: Kind, random: Random, blank: bool) -> str:  # noqa: FBT001
    moment = _FIRST + timedelta(minutes=random.randrange(_MINUTES))
    if kind.type == "date":
        text = moment.date().isoformat() if kind.format is None else moment.strftime(kind.format)
    else:
        text = moment.isoformat() if kind.format is None else moment.strftime(kind.format)
    return re.sub(r"\d", "0", text) if blank and random.random() < _SHARE_OF_BLANKS else text


def _duration(kind: Kind, random: Random, _blank: bool) -> Any:  # noqa: FBT001
    minutes = random.randint(0, 60 * 120)
    return f"{minutes // 60:02}:{minutes % 60:02}" if kind.format == "HH:MM" else minutes


def _flag(kind: Kind, random: Random, _blank: bool) -> Any:  # noqa: FBT001
    chosen = random.random() < 0.5
    return chosen if kind.format is None else kind.words[0 if chosen else 1]


def _is_moment(kind: Kind, text: str) -> bool:
    if _BLANK.fullmatch(text):
        return True
    try:
        if kind.format is not None:
            datetime.strptime(text, kind.format)  # noqa: DTZ007 - only whether it is one
        elif kind.type == "date":
            date.fromisoformat(text)
        else:
            datetime.fromisoformat(text)
    except ValueError:
        return False
    return True


def _matches(pattern: re.Pattern[str]) -> Callable[[Kind, str], bool]:
    return lambda _kind, text: pattern.fullmatch(text) is not None


_MAKERS: Final[Mapping[str, Callable[[Kind, Random, bool], Any]]] = {
    "text": lambda _kind, random, _blank: invent.company_name(random),
    "int": lambda _kind, random, _blank: random.randint(0, 9999),
    "decimal": lambda _kind, random, _blank: Decimal(random.randint(0, 5_000_000)).scaleb(-3),
    "money": _money,
    "date": _moment,
    "datetime": _moment,
    "duration": _duration,
    "flag": _flag,
    "object": lambda _kind, random, _blank: {"name": invent.person_name(random), "number": random.randint(1, 99)},
    "list": lambda _kind, random, _blank: [random.randint(1, 99) for _ in range(random.randint(0, 3))],
}
_READERS: Final[Mapping[str, Callable[[Kind, str], bool]]] = {
    "text": lambda _kind, _text: True,
    "int": _matches(_WHOLE),
    "decimal": _matches(_POINT),
    "money": lambda kind, text: (_COMMA if kind.format == "1.234,56" else _POINT).fullmatch(text) is not None,
    "date": _is_moment,
    "datetime": _is_moment,
    "duration": lambda kind, text: (_CLOCK if kind.format == "HH:MM" else _WHOLE).fullmatch(text) is not None,
    "flag": lambda kind, text: text in kind.words,
}
_NATURAL: Final[Mapping[str, type | tuple[type, ...]]] = {
    "int": int,
    "decimal": (int, Decimal),
    "money": (int, Decimal),
    "duration": int,
    "flag": bool,
    "object": dict,
    "list": list,
}
_NUMBERS: Final = frozenset({"int", "decimal", "money", "duration", "flag"})
_NEVER_TEXT: Final = frozenset({"object", "list"})
_WRITTEN_AS_TEXT: Final = frozenset({"1.234,56", "HH:MM"})
