"""A page that was read, as a walk passes it on."""

from __future__ import annotations

from typing import Generic, TypeAlias, TypeVar

import attrs

from ..wire.request import Response
from .convert import Problem
from .paging import Cursor, PageFacts

T = TypeVar("T")


@attrs.define(eq=False)
class Leaf(Generic[T]):
    """
    A page that was read, and where it stands.

    Args:
        cursor: Its place.
        skipped: How many of its records were handed out before or dropped; `items` does not hold them.
        items: Its records.
        facts: Count, total and so on, as they arrived.
        response: The answer; dropped by whoever does not need it, so that its bytes can go.
    """

    cursor: Cursor
    skipped: int
    items: list[T]
    facts: PageFacts
    response: Response | None


#: A page as it arrived, and the first of its records that cannot be read.
Read: TypeAlias = tuple[Leaf[T], Problem | None]
