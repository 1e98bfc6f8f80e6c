"""`DryRun`: a sink before another one, which compares and writes nothing."""

from __future__ import annotations

import contextlib
from collections.abc import Set as AbstractSet
from types import TracebackType
from typing import Self

import attrs

from .outcome import Changes, Outcome
from .sink import Batch, PreparingSink, Sink
from .state import SyncState
from .unit import Unit


class DryRun:
    """
    Compares what is read with what a sink holds.

    A list is read once, from its beginning: what a pass that is under way has met before is not known here. What a whole pass
    does not meet counts as deleted, though a sync would look for it once more.

    Args:
        sink: What is compared with.
    """

    def __init__(self, sink: Sink) -> None:
        self._sink = sink
        self._states: dict[Unit, SyncState] = {}
        self._seen: dict[Unit, set[str]] = {}
        self._stack = contextlib.AsyncExitStack()

    async def __aenter__(self) -> Self:
        await self._stack.enter_async_context(self._sink)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._stack.__aexit__(kind, error, trace)

    def describe(self) -> str:
        """Where it would be kept."""
        return f"{self._sink.describe()} (dry run)"

    async def state(self, unit: Unit) -> SyncState:
        """The state as it would be; a pass that is under way is read from its beginning."""
        if unit not in self._states:
            sink = self._sink
            stored = await (sink.peek(unit) if isinstance(sink, PreparingSink) else sink.state(unit))
            self._states[unit] = attrs.evolve(stored, underway=None, suspects=0)
        return self._states[unit]

    async def commit(self, batch: Batch) -> Changes:
        """What would change."""
        seen = self._seen.setdefault(batch.unit, set())
        repeated = [row for row in batch.rows if row.id in seen]
        fresh = attrs.evolve(batch, rows=[row for row in batch.rows if row.id not in seen])
        seen.update(row.id for row in batch.rows)
        changes = await self._sink.preview(fresh, seen)
        self._states[batch.unit] = batch.after
        if batch.ended is not None:
            del self._seen[batch.unit]
        return attrs.evolve(
            changes,
            unchanged=changes.unchanged + len(repeated),
            deleted=changes.deleted + changes.suspects,
            suspects=0,
        )

    async def preview(self, batch: Batch, seen: AbstractSet[str]) -> Changes:
        """The same."""
        return await self._sink.preview(batch, seen)

    async def note(self, outcome: Outcome) -> None:
        """Nothing is noted."""

    async def outcomes(self) -> list[tuple[Outcome, SyncState]]:
        """What is noted already."""
        return await self._sink.outcomes()
