"""The table of states: who may go on with a unit, how far it has come, and how it last went."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from typing import Any

import attrs
import sqlalchemy
from sqlalchemy import bindparam, select
from sqlalchemy.ext.asyncio import AsyncConnection

from ..outcome import Changes, Outcome
from ..sink import Batch, StaleWorker
from ..state import SyncState
from ..unit import Unit
from .dialects import Dialect
from .layout import KEY, Layout, given_unit, of_given_unit, unit_values
from .stored import (
    OUTCOME,
    changes_from_json,
    changes_to_json,
    from_epoch,
    outcome_from,
    outcome_values,
    state_from_json,
    state_to_json,
)


class States:
    """
    Reads and writes the table of states; its statements are built once.

    Args:
        dialect: Of the database.
        layout: Our own tables.
    """

    def __init__(self, dialect: Dialect, layout: Layout) -> None:
        states = layout.states
        self._dialect = dialect
        self._begin = dialect.insert(states).on_conflict_do_nothing()
        self._lock = (
            select(states.c.version, states.c.commit_id, states.c.changes)
            .where(*of_given_unit(states))
            .with_for_update()
        )
        stored = ("version", "commit_id", "changes", "state", "completed_at", "updated_at")
        self._store = (
            sqlalchemy.update(states)
            .where(*of_given_unit(states))
            .values({name: bindparam(name, type_=states.c[name].type) for name in stored})
        )
        self._read = select(*(states.c[name] for name in KEY), states.c.state).where(
            dialect.is_one_of(states.c.vendor, "vendors"), dialect.is_one_of(states.c.account, "accounts")
        )
        note = dialect.insert(states)
        self._note = note.on_conflict_do_update(
            index_elements=KEY, set_={name: note.excluded[name] for name in OUTCOME}
        )
        self._all = select(states).order_by(*(states.c[name] for name in KEY))

    async def guard(self, connection: AsyncConnection, batch: Batch, commit_id: str) -> Changes | None:
        """
        Lock a unit's state.

        Returns:
            `None` if it is the one that the worker knows; the changes of this very commit, if it was made before.

        Raises:
            StaleWorker: It is another one.
        """
        unit, known = batch.unit, batch.before.version
        if known == 0 and await self._began(connection, unit):
            return None
        row = (await connection.execute(self._lock, given_unit(unit))).one_or_none()
        if row is None:
            await self._began(connection, unit)
            row = (await connection.execute(self._lock, given_unit(unit))).one()
        if row.version == known:
            return None
        if row.commit_id == commit_id:
            return changes_from_json(row.changes)
        raise StaleWorker(
            f"{unit}: somebody else has gone on with it (version {row.version} is stored, this worker knows {known}); "
            "nothing was written"
        )

    async def store(
        self, connection: AsyncConnection, batch: Batch, commit_id: str, changes: Changes, now: datetime.datetime
    ) -> None:
        """Store the state behind a batch, which `guard` has locked."""
        after = batch.after
        if batch.ended is not None:
            after = attrs.evolve(after, suspects=changes.suspects)
        values = {
            "version": after.version,
            "commit_id": commit_id,
            "changes": changes_to_json(changes),
            "state": state_to_json(after),
            "completed_at": None if after.completed_at is None else from_epoch(after.completed_at),
            "updated_at": now,
        }
        await connection.execute(self._store, {**given_unit(batch.unit), **values})

    async def read(self, connection: AsyncConnection, units: Sequence[Unit]) -> dict[Unit, str]:
        """What is stored of units, as it is stored; those of which nothing is are left out."""
        given = {
            "vendors": self._dialect.parameter(sorted({unit.vendor for unit in units})),
            "accounts": self._dialect.parameter(sorted({unit.account for unit in units})),
        }
        found = await connection.execute(self._read, given)
        return {Unit(*key): state for *key, state in found if state is not None}

    async def note(self, connection: AsyncConnection, outcomes: Sequence[Outcome]) -> None:
        """Remember how it last went with units."""
        # In the order of their keys: two that note the same units would else wait for each other.
        rows = sorted(
            ({**unit_values(outcome.unit), "version": 0, **outcome_values(outcome)} for outcome in outcomes),
            key=lambda row: [row[name] for name in KEY],
        )
        await connection.execute(self._note, rows)

    async def all(self, connection: AsyncConnection) -> list[tuple[Outcome, SyncState]]:
        """Everything, in the order of the keys."""
        rows: list[Any] = [row._asdict() for row in await connection.execute(self._all)]
        return [
            (outcome_from(row), SyncState() if row["state"] is None else state_from_json(row["state"])) for row in rows
        ]

    async def _began(self, connection: AsyncConnection, unit: Unit) -> bool:
        """Make an empty state, locked; whether there was none."""
        return (await connection.execute(self._begin, {**unit_values(unit), "version": 0})).rowcount == 1
