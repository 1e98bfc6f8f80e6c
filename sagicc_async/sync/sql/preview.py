"""What a commit would change, by reading only."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from typing import Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from ..outcome import Changes
from ..sink import Batch
from ..state import Kind
from .commit import Commits
from .names import ACCOUNT, DELETED_AT, ID
from .tables import UnitTable

#: Rows that are read at once.
_AT_ONCE: Final = 5_000


async def preview(
    connection: AsyncConnection, commits: Commits, batch: Batch, seen: AbstractSet[str], table: UnitTable | None
) -> Changes:
    """
    What a commit would change.

    Args:
        connection: To read with.
        commits: Compares.
        batch: What would be committed.
        seen: Ids of the rows that the pass has read.
        table: The unit's; `None` if it would have to be made or widened, so that everything would be written.
    """
    if table is None:
        return Changes(new=len({row.id for row in batch.rows}))
    compared = await commits.compare(connection, batch, table)
    changes = Changes(
        new=len(compared.new),
        changed=len(compared.changed),
        unchanged=len(compared.rows) - len(compared.written),
    )
    ended = batch.ended
    if ended is None or ended.kind is not Kind.WHOLE or ended.drifted or batch.after.number == 1:
        return changes
    unmet, suspected = 0, await commits.suspected(connection, batch)
    columns = table.table.c
    living = select(columns[ID]).where(columns[ACCOUNT] == batch.unit.account, columns[DELETED_AT].is_(None))
    gone = 0
    async with connection.stream_scalars(living.execution_options(yield_per=_AT_ONCE)) as ids:
        async for key in ids:
            if key not in seen and key not in compared.rows:
                unmet += 1
                gone += key in suspected
    return changes + Changes(deleted=gone, suspects=unmet - gone)
