"""What a file of changes holds: JSON lines here, Parquet in a module that needs its package."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from decimal import Decimal
from typing import Any, Final, Literal, Protocol

import msgspec

from ...records.writing import to_wire
from ..sql import TargetPage

#: Columns, or keys, that each row has; those of the record stand beside them in Parquet, and in `record` in JSON lines.
ACCOUNT: Final = "_account"
ID: Final = "_id"
CHANGED_AT: Final = "_changed_at"
DELETED: Final = "_deleted"
RECORD: Final = "record"

FormatName = Literal["jsonl", "parquet"]


class Format(Protocol):
    """What a file of changes holds."""

    def encode(self, page: TargetPage, now: datetime.datetime) -> bytes:
        """
        A whole file: a row for each change.

        Args:
            page: What changed.
            now: When, in UTC.

        Raises:
            ConfigError: A value cannot be written without loss.
        """

    def decode(self, data: bytes) -> list[dict[str, Any]]:
        """The rows of a file."""


class Jsonl:
    """JSON lines: each record is its own JSON, every digit of it."""

    def encode(self, page: TargetPage, now: datetime.datetime) -> bytes:
        """
        A line for each change; one that says that a row is deleted has no record.

        Args:
            page: What changed.
            now: When, in UTC.

        Raises:
            ConfigError: A record holds what is not JSON.
        """
        account, moment = page.unit.account, now.isoformat()

        def line(key: str, *, deleted: bool, **record: Any) -> bytes:
            return to_wire({ACCOUNT: account, ID: key, CHANGED_AT: moment, DELETED: deleted, **record})

        changed = [line(row.id, deleted=False, **{RECORD: row.record}) for row in page.changed]
        deleted = [line(key, deleted=True) for key in page.deleted]
        return b"\n".join([*changed, *deleted, b""])

    def decode(self, data: bytes) -> list[dict[str, Any]]:
        """The lines of a file, their numbers exact."""
        return list(map(_decode, data.splitlines()))


_decode: Final[Callable[[bytes], dict[str, Any]]] = msgspec.json.Decoder(dict[str, Any], float_hook=Decimal).decode


def format_of(name: FormatName) -> Format:
    """
    The format of that name.

    Raises:
        ConfigError: It needs a package that is not installed.
    """
    if name == "jsonl":
        return Jsonl()
    from .parquet import Parquet  # noqa: PLC0415 - it needs a package of its own

    return Parquet()
