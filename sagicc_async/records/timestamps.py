"""Timestamps that keep the text they came as."""

from __future__ import annotations

import re
from datetime import UTC, datetime, tzinfo
from typing import Any, Final

_OFFSET: Final = re.compile(r"(?:[+-]\d\d:?\d\d|Z)$")


class Timestamp(datetime):
    """
    An aware `datetime` that remembers what the vendor wrote.

    It compares, sorts and hashes as the instant it stands for. What arithmetic, `replace` and `astimezone` give is a
    new timestamp of our own, whose `raw` is its ISO 8601 form.
    """

    __slots__ = ("_raw",)

    _raw: str

    @classmethod
    def parse(cls, text: str, zone: tzinfo = UTC) -> Timestamp:
        """
        Read an ISO 8601 timestamp, or a date (its midnight).

        Args:
            text: What the vendor wrote. Digits after the microsecond are cut off, and stay in `raw`.
            zone: Where the account lives: a timestamp without an offset is read as local time there.

        Returns:
            The timestamp; `naive` tells that the vendor gave no offset.

        Raises:
            ValueError: The text is no timestamp. The message does not quote it.
        """
        try:
            m: datetime | None = datetime.fromisoformat(text)
        except ValueError:
            m = None
        if m is None:
            # Raised outside of the handler: the parser's own error quotes the text.
            raise ValueError("not an ISO 8601 timestamp")
        # Spelled out, since `replace` and `combine` of a subclass take three times as long.
        stamp = cls(m.year, m.month, m.day, m.hour, m.minute, m.second, m.microsecond, m.tzinfo or zone)
        stamp._raw = text
        return stamp

    @classmethod
    def written(cls, text: str, moment: datetime) -> Timestamp:
        """
        A moment that somebody else has read.

        Args:
            text: What the vendor wrote, in a form of its own.
            moment: What it stands for; aware.
        """
        stamp = cls.combine(moment.date(), moment.timetz())
        stamp._raw = text
        return stamp

    @property
    def raw(self) -> str:
        """The text as the vendor wrote it."""
        try:
            return self._raw
        except AttributeError:
            return self.isoformat()

    @property
    def naive(self) -> bool:
        """Whether the vendor gave no offset, so that the account's zone was taken."""
        try:
            return datetime.fromisoformat(self.raw).tzinfo is None
        except ValueError:  # in a form of the vendor's own, which has an offset where there is a sign or a Z at its end
            return _OFFSET.search(self.raw) is None

    def __reduce_ex__(self, protocol: Any) -> tuple[Any, ...]:
        plain = datetime.combine(self.date(), self.timetz())
        return _rebuild, (type(self), plain, getattr(self, "_raw", None))


def _rebuild(cls: type[Timestamp], plain: datetime, raw: str | None) -> Timestamp:
    moment = cls.combine(plain.date(), plain.timetz())
    if raw is not None:
        moment._raw = raw
    return moment
