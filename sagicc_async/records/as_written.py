"""Values that remember what they came as, for vendors that write them in a way of their own: what came is written back."""

from __future__ import annotations

import abc
from datetime import date
from decimal import Decimal
from typing import Any, Self


class AsWritten:
    """Base of values with a text, or a number, of the vendor's; one made otherwise is written as its base type is."""

    __slots__ = ()

    _raw: Any

    @classmethod
    def _of(cls, raw: Any, *value: Any) -> Self:
        made = cls(*value)
        made._raw = raw  # each of the classes below has the slot
        return made

    @property
    def raw(self) -> Any:
        """The text as the vendor wrote it, or the number that came in its place."""
        try:
            return self._raw
        except AttributeError:  # made by arithmetic or `replace`
            return str(self)

    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, memo: Any) -> Self:
        return self

    def __reduce_ex__(self, protocol: Any) -> tuple[Any, ...]:
        return type(self)._of, (self.raw, *self._plain())

    @abc.abstractmethod
    def _plain(self) -> tuple[Any, ...]:
        """What the base type is made of."""


class Amount(AsWritten, Decimal):
    """An exact decimal of a vendor that writes it in a form of its own, such as `1.234,56`."""

    __slots__ = ("_raw",)

    @classmethod
    def read(cls, raw: str | int | Decimal, number: Decimal) -> Self:
        """The amount that a text, or a number in its place, stands for."""
        return cls._of(raw, number)

    def _plain(self) -> tuple[Any, ...]:
        return (Decimal(self),)


class Day(AsWritten, date):
    """A date that came in another form than `2026-11-25`."""

    __slots__ = ("_raw",)

    @classmethod
    def read(cls, raw: str, day: date) -> Self:
        """The date that a text stands for."""
        return cls._of(raw, day.year, day.month, day.day)

    def _plain(self) -> tuple[Any, ...]:
        return (self.year, self.month, self.day)


class Minutes(AsWritten, int):
    """A duration in minutes of a vendor that writes it as hours and minutes: `07:30`."""

    # No slots: an `int` of variable length can have none.

    @classmethod
    def read(cls, raw: str | int, minutes: int) -> Self:
        """The duration that a text, or a number in its place, stands for."""
        return cls._of(raw, minutes)

    def _plain(self) -> tuple[Any, ...]:
        return (int(self),)
