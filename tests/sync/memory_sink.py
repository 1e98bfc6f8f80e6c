"""A sink in memory, by the letter of `Sink`: what the others are compared with."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import attrs

from sagicc_async.sync.outcome import Changes, Outcome
from sagicc_async.sync.sink import Batch, StaleWorker
from sagicc_async.sync.state import Kind, SyncState
from sagicc_async.sync.unit import Unit


@attrs.define
class Kept:
    """A row as it is stored."""

    digest: str
    record: Any
    deleted: bool = False


@attrs.define
class Shelf:
    """What is stored of one unit."""

    rows: dict[str, Kept] = attrs.field(factory=dict)
    state: SyncState = attrs.field(factory=SyncState)
    met: dict[int, set[str]] = attrs.field(factory=dict)
    missed: dict[int, set[str]] = attrs.field(factory=dict)


class MemorySink:
    """
    Keeps everything in this process.

    Args:
        before: Called with each batch before it is stored; it may raise, or return an awaitable.
        after: Called with each batch once it is stored; the same.
    """

    def __init__(self, before: Callable[[Batch], Any] | None = None, after: Callable[[Batch], Any] | None = None):
        self.shelves: dict[Unit, Shelf] = {}
        self.notes: dict[Unit, Outcome] = {}
        self.before, self.after = before, after
        self.commits: list[Batch] = []
        self.entered = 0

    async def __aenter__(self):
        self.entered += 1
        return self

    async def __aexit__(self, kind, error, trace):
        self.entered -= 1

    def describe(self) -> str:
        return "memory"

    def rows(self, unit: Unit | None = None, *, deleted: bool = False) -> dict[str, Any]:
        """Records of the one unit, or of the only one there is."""
        (shelf,) = self.shelves.values() if unit is None else (self.shelves[unit],)
        return {key: kept.record for key, kept in shelf.rows.items() if kept.deleted is deleted}

    async def state(self, unit: Unit) -> SyncState:
        return self.shelves.get(unit, Shelf()).state

    async def commit(self, batch: Batch) -> Changes:
        if self.before is not None and (waits := self.before(batch)) is not None:
            await waits
        shelf = copy.deepcopy(self.shelves.get(batch.unit, Shelf()))
        if shelf.state.version != batch.before.version:
            raise StaleWorker("somebody else went on")
        changes = self._write(shelf, batch)
        shelf.state = attrs.evolve(batch.after, suspects=changes.suspects) if batch.ended else batch.after
        self.shelves[batch.unit] = shelf
        self.commits.append(batch)
        if self.after is not None and (waits := self.after(batch)) is not None:
            await waits
        return changes

    async def preview(self, batch: Batch, seen) -> Changes:
        shelf = copy.deepcopy(self.shelves.get(batch.unit, Shelf()))
        shelf.met[batch.after.number] = set(seen)
        return self._write(shelf, batch)

    async def note(self, outcome: Outcome) -> None:
        self.notes[outcome.unit] = outcome

    async def outcomes(self) -> list[tuple[Outcome, SyncState]]:
        return [(outcome, await self.state(unit)) for unit, outcome in self.notes.items()]

    def _write(self, shelf: Shelf, batch: Batch) -> Changes:
        number = batch.after.number
        new = changed = unchanged = 0
        for row in {row.id: row for row in batch.rows}.values():
            kept = shelf.rows.get(row.id)
            new += kept is None
            same = kept is not None and kept.digest == row.digest and not kept.deleted
            unchanged += same
            changed += kept is not None and not same
            if not same:
                shelf.rows[row.id] = Kept(row.digest, row.record)
        shelf.met.setdefault(number, set()).update(row.id for row in batch.rows)
        deleted, missed = self._sweep(shelf, batch)
        if batch.ended is not None:
            shelf.met.clear()
            shelf.missed = {number: missed}
        return Changes(new=new, changed=changed, unchanged=unchanged, deleted=deleted, suspects=len(missed))

    @staticmethod
    def _sweep(shelf: Shelf, batch: Batch) -> tuple[int, set[str]]:
        ended, number = batch.ended, batch.after.number
        if ended is None or ended.kind is not Kind.WHOLE or ended.drifted:
            return 0, set()
        missed = {key for key, kept in shelf.rows.items() if not kept.deleted} - shelf.met[number]
        gone = missed & shelf.missed.get(number - 1, set())
        for key in gone:
            shelf.rows[key].deleted = True
        return len(gone), missed - gone
