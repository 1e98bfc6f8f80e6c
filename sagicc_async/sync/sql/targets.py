"""Tables of the user's own, which are written in the transaction that stores how far they lead."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import attrs
from sqlalchemy.ext.asyncio import AsyncConnection

from ...records.checkpoint import Checkpoint
from ..rows import Row
from ..unit import Unit


@attrs.frozen(kw_only=True)
class TargetPage:
    """
    What changed.

    Args:
        unit: Whose: its `account` belongs into the table's key.
        changed: Rows that are new, or differ from what was written before, or are back.
        deleted: Ids of rows that the vendor no longer has.
    """

    unit: Unit
    changed: Sequence[Row]
    deleted: Sequence[str] = ()


class Target(Protocol):
    """Writes the rows of a resource where the user wants them."""

    async def write(self, page: TargetPage, checkpoint: Checkpoint | None, transaction: AsyncConnection) -> None:
        """
        Write what changed; called for each commit that changes something.

        Nothing of the vendor's is held meanwhile. The page counts when the transaction is committed, together with the
        place where the sync goes on; it may come again if it is not, so it is written by an upsert.

        Args:
            page: What changed.
            checkpoint: How far it leads; `None` at the end of a list.
            transaction: To write with. It is committed, or undone, by the caller.

        Raises:
            Exception: Undoes all, and is this unit's failure alone.
        """
