"""What a folder's files hold, in a database: ids, digests, states; the rows themselves are in the files alone."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from pathlib import Path

from sqlalchemy.engine import URL

from ...clock import Clock
from ..outcome import Changes
from ..sink import Batch
from ..sql import DatabaseSink, Target
from ..unit import Unit


class Known(DatabaseSink):
    """
    A database whose resources all have the same target.

    Args:
        path: The SQLite file.
        target: What writes their rows.
        clock: Tells when rows change.

    Raises:
        ConfigError: A package is not installed.
    """

    def __init__(self, path: Path, target: Target, clock: Clock) -> None:
        # Rendered, since a path may hold what means something in an address.
        super().__init__(URL.create("sqlite", database=str(path)).render_as_string(), clock=clock)
        self._target = target

    async def commit(self, batch: Batch) -> Changes:
        """Write rows and state in one transaction; see `DatabaseSink.commit`."""
        self._own(batch.unit)
        return await super().commit(batch)

    async def preview(self, batch: Batch, seen: AbstractSet[str]) -> Changes:
        """What `commit` would change; see `DatabaseSink.preview`."""
        self._own(batch.unit)
        return await super().preview(batch, seen)

    def _own(self, unit: Unit) -> None:
        """Targets are given by name, and which units there are shows as they come."""
        name = f"{unit.vendor}/{unit.resource}"
        self._targets[name] = self._target
        self._tables._own |= {name}
