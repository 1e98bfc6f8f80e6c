"""What a worker does to a sink: passes, commit by commit; a model with a column of each kind; and a look at the rows."""

from __future__ import annotations

import datetime
import enum
from decimal import Decimal
from typing import Any, Literal
from uuid import UUID

import attrs
import sqlalchemy

from sagicc_async import Record, Timestamp, field, record
from sagicc_async.sync.outcome import Changes
from sagicc_async.sync.rows import Row, rows_of
from sagicc_async.sync.sink import Batch
from sagicc_async.sync.sql import DatabaseSink
from sagicc_async.sync.state import Kind, SyncState, Underway
from sagicc_async.sync.unit import Unit


class Colour(enum.Enum):
    RED = "red"


@record
class Part(Record):
    price: Decimal | None = field(wire="unitPrice", default=None)


@record
class Thing(Record):
    """A column of each kind."""

    id: str
    name: str | None = field(default=None)
    count: int | None = field(default=None)
    total: Decimal | None = field(default=None)
    ratio: float | None = field(default=None)
    open: bool | None = field(default=None)
    at: Timestamp | None = field(default=None)
    day: datetime.date | None = field(default=None)
    hour: datetime.time | None = field(default=None)
    key: UUID | None = field(default=None)
    colour: Colour | None = field(default=None)
    size: Literal["S", "M"] | None = field(default=None)
    code: int | str | None = field(default=None)
    parts: list[Part] | None = field(wire="theParts", default=None)


UNIT = Unit("a-vendor", "acme", "things", Thing)
TABLE = "a_vendor_things"


def things(*ids: str, **values: Any) -> list[Row]:
    """Rows of things that differ in their ids only."""
    return rows_of([Thing(id=key, **values) for key in ids], None)


def first_batch(rows: list[Row], unit: Unit = UNIT) -> Batch:
    """What a worker that knows of nothing commits first."""
    begun = SyncState().begun(Kind.WHOLE)
    return Batch(unit=unit, rows=rows, before=SyncState(), after=begun.moved(begun.underway))


@attrs.define
class Worker:
    """One worker at one unit."""

    sink: DatabaseSink
    unit: Unit = UNIT
    state: SyncState = attrs.field(factory=SyncState)
    latest: Batch | None = None

    async def whole(self, rows: list[Row], *, drifted: bool = False, cuts: int = 1) -> Changes:
        """A whole pass over a list that the vendor counts, in so many commits."""
        state = self.state.begun(Kind.WHOLE)
        each = -(-len(rows) // cuts) or 1
        changes = Changes()
        for start in range(0, len(rows), each):
            underway = attrs.evolve(state.underway, records=start + each, drifted=drifted)
            state = attrs.evolve(state, version=self.state.version).moved(underway)
            changes += await self.commit(rows[start : start + each], state)
        underway = attrs.evolve(state.underway, records=len(rows), total=len(rows), drifted=drifted)
        return changes + await self.end(state, underway)

    async def changed(self, rows: list[Row]) -> Changes:
        """A pass over what changed."""
        state = self.state.begun(Kind.CHANGES)
        return await self.end(state, state.underway, rows)

    async def end(self, state: SyncState, underway: Underway, rows: list[Row] | None = None) -> Changes:
        done = attrs.evolve(state, version=self.state.version).completed(underway, now=1.0, overlap=0)
        return await self.commit(rows or [], done, underway)

    async def commit(self, rows: list[Row], after: SyncState, ended: Underway | None = None) -> Changes:
        self.latest = Batch(unit=self.unit, rows=rows, before=self.state, after=after, ended=ended)
        changes = await self.sink.commit(self.latest)
        self.state = attrs.evolve(after, suspects=changes.suspects) if ended is not None else after
        return changes


async def query(sink: DatabaseSink, statement: str) -> list[dict[str, Any]]:
    """The rows that a statement gives."""

    async def run(connection: Any) -> list[dict[str, Any]]:
        found = await connection.execute(sqlalchemy.text(statement))
        return [dict(row) for row in found.mappings()] if found.returns_rows else []

    return await sink._database.transact(run, doing="a test")


async def stored(sink: DatabaseSink, unit: Unit = UNIT) -> dict[str, dict[str, Any]]:
    """The rows of a unit by their ids, read by the types that they were written with."""
    table = sink._tables.of(unit).table

    async def run(connection: Any) -> dict[str, dict[str, Any]]:
        found = await connection.execute(sqlalchemy.select(table).where(table.c["_account"] == unit.account))
        return {row["_id"]: dict(row) for row in found.mappings()}

    return await sink._database.transact(run, doing="a test")


async def living(sink: DatabaseSink, unit: Unit = UNIT) -> set[str]:
    """Ids of the rows that are not marked as deleted."""
    return {key for key, row in (await stored(sink, unit)).items() if row["_deleted_at"] is None}
