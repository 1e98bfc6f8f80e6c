"""JSON lines: one record a line, in the vendor's own bytes, digit by digit."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from .lines import LinesSink
from .part import Part


def encode_lines(records: Sequence[msgspec.Raw]) -> bytes:
    """The records of a page, each with its line feed; joined in C."""
    return b"\n".join([*records, b""])


def jsonl_sink(part: Part) -> LinesSink:
    """A sink for records that are their own JSON on one line."""
    return LinesSink(part, encode_lines)
