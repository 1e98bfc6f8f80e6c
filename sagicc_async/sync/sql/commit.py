"""What one commit does in its transaction: guard, compare, write, and at the end of a whole pass find what is gone."""

from __future__ import annotations

import asyncio
import datetime
from collections.abc import Mapping, Sequence
from typing import Any, Final

import attrs
import sqlalchemy
from sqlalchemy.ext.asyncio import AsyncConnection

from ...errors import ConfigError
from ..outcome import Changes
from ..rows import Row
from ..sink import Batch
from ..state import Kind
from .dialects import Dialect
from .gone import Gone, Pass
from .layout import Layout
from .states import States
from .tables import UnitTable, without_nul
from .targets import Target, TargetPage

#: Rows that are sent at once.
_PIECE: Final = 250
#: Turns of the loop after which a statement is on its way.
_TURNS: Final = 2


@attrs.frozen(kw_only=True)
class Commit:
    """
    A commit.

    Args:
        batch: What is committed.
        id: Stored with the state: if the answer to the transaction's end is lost, it tells whose state stands there.
        table: Of the unit.
        target: Writes the rows instead, if the user has a table of its own.
        now: The moment of the change.
    """

    batch: Batch
    id: str
    table: UnitTable
    target: Target | None
    now: datetime.datetime


@attrs.frozen
class Compared:
    """
    The rows of a batch beside those that are stored, by the ids that the database holds.

    Args:
        rows: The rows, each once.
        new: Ids of those that are not stored.
        changed: Ids of those that are stored otherwise, or marked as deleted.
    """

    rows: Mapping[str, Row]
    new: Sequence[str]
    changed: Sequence[str]

    @property
    def written(self) -> list[str]:
        """Ids of those that are written."""
        return [*self.new, *self.changed]


class Commits:
    """
    Carries commits out.

    Args:
        dialect: Of the database.
        layout: Our own tables.
        states: The one of states.
    """

    def __init__(self, dialect: Dialect, layout: Layout, states: States) -> None:
        self._dialect = dialect
        self._states = states
        self._gone = Gone(dialect, layout)

    async def carry_out(self, connection: AsyncConnection, commit: Commit) -> Changes:
        """
        Write a batch.

        Args:
            connection: In a transaction, which is undone if this fails.
            commit: What to write.

        Raises:
            StaleWorker: Another version is stored than the batch knows.
            ConfigError: A row cannot be stored.
        """
        batch = commit.batch
        done = await self._states.guard(connection, batch, commit.id)
        if done is not None:
            return done
        compared = await self.compare(connection, batch, commit.table)
        await self._write(connection, commit, compared)
        gone = await self._end(connection, commit, compared)
        if commit.target is not None and (compared.written or gone.ids):
            await self._hand_over(connection, commit, compared, gone.ids)
        changes = Changes(
            new=len(compared.new),
            changed=len(compared.changed),
            unchanged=len(compared.rows) - len(compared.written),
            deleted=gone.count,
            suspects=gone.suspects,
        )
        await self._states.store(connection, batch, commit.id, changes, commit.now)
        return changes

    async def compare(self, connection: AsyncConnection, batch: Batch, table: UnitTable) -> Compared:
        """The rows of a batch beside those that are stored."""
        rows = {without_nul(row.id): row for row in batch.rows}
        stored = await self._stored(connection, table, batch.unit.account, list(rows)) if rows else {}
        new, changed = [], []
        for key, row in rows.items():
            if key not in stored:
                new.append(key)
            elif stored[key] != table.hash_of(row):
                changed.append(key)
        return Compared(rows, new, changed)

    async def suspected(self, connection: AsyncConnection, batch: Batch) -> frozenset[str]:
        """The ids that the whole pass before did not meet."""
        return frozenset(await connection.scalars(self._gone.suspected(batch)))

    async def _stored(
        self, connection: AsyncConnection, table: UnitTable, account: str, ids: Sequence[str]
    ) -> dict[str, str | None]:
        """The hashes of stored rows; of one that is marked as deleted, `None`."""
        found = await connection.execute(table.look, {"account": account, "ids": self._dialect.parameter(ids)})
        return {key: digest if living else None for key, digest, living in found}

    async def _write(self, connection: AsyncConnection, commit: Commit, compared: Compared) -> None:
        """Write what is new or changed, in pieces: one is made while the database works on the one before."""
        keys, account = compared.written, commit.batch.unit.account
        sending: asyncio.Future[None] | None = None
        try:
            for start in range(0, len(keys), _PIECE):
                piece = keys[start : start + _PIECE]
                rows = commit.table.values(account, piece, [compared.rows[key] for key in piece], commit.now)
                if sending is not None:
                    await sending
                sending = asyncio.ensure_future(_send(connection, commit.table, rows))
                for _ in range(_TURNS):
                    await asyncio.sleep(0)
            if sending is not None:
                await sending
        finally:
            if sending is not None:
                await asyncio.wait([sending])  # the connection does one thing at a time

    async def _end(self, connection: AsyncConnection, commit: Commit, compared: Compared) -> Pass:
        """Note which ids a whole pass met; at its end, find which it did not."""
        batch = commit.batch
        underway = batch.ended or batch.after.underway
        # The first pass of all meets whatever is stored: it stored it.
        if underway is None or underway.kind is not Kind.WHOLE or batch.after.number == 1:
            return Pass()
        ids = list(compared.rows)
        if batch.ended is not None and batch.before.underway is None:  # the whole pass is this one commit
            return await self._gone.mark(connection, batch, commit.table, commit.now, met=ids)
        if ids:
            await self._gone.met(connection, batch, ids)
        if batch.ended is None:
            return Pass()
        return await self._gone.mark(connection, batch, commit.table, commit.now, met=None)

    async def _hand_over(
        self, connection: AsyncConnection, commit: Commit, compared: Compared, deleted: Sequence[str]
    ) -> None:
        assert commit.target is not None
        batch = commit.batch
        underway = batch.after.underway
        page = TargetPage(
            unit=batch.unit, changed=[compared.rows[key] for key in compared.written], deleted=list(deleted)
        )
        await commit.target.write(page, None if underway is None else underway.checkpoint, connection)


async def _send(connection: AsyncConnection, table: UnitTable, rows: Sequence[Sequence[Any]]) -> None:
    try:
        await table.upsert.write(connection, rows)
    except (OverflowError, sqlalchemy.exc.DataError):  # the one is of SQLite's driver
        column = table.too_large(rows)
        if column is None:
            raise
    else:
        return
    # Raised outside of the handler: the database's own error quotes the value.
    raise ConfigError(
        f"a whole number in {table.name}.{column} has more than 64 bits; declare the field as Decimal, which has no limit"
    )
