"""What a whole pass did not meet: marked as deleted, or suspects until the next one."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from typing import Any, Final

import attrs
import msgspec
import sqlalchemy
from sqlalchemy import Select, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from ..sink import Batch
from .dialects import Dialect
from .layout import Layout, of_unit, unit_values
from .names import ACCOUNT, CHANGED_AT, DELETED_AT, ID
from .tables import UnitTable

_encode: Final = msgspec.json.Encoder().encode


@attrs.frozen
class Pass:
    """
    What the end of a pass found.

    Args:
        count: How many rows it marked as deleted.
        suspects: How many it did not meet, and left.
        ids: Ids of those that it marked, where somebody asked for them.
    """

    count: int = 0
    suspects: int = 0
    ids: Sequence[str] = ()


class Gone:
    """
    Finds what is gone, within the database: no list of ids travels but those that a commit met.

    Args:
        dialect: Of the database.
        layout: Our own tables.
    """

    def __init__(self, dialect: Dialect, layout: Layout) -> None:
        self._dialect = dialect
        self._met = layout.met

    async def met(self, connection: AsyncConnection, batch: Batch, ids: Sequence[str]) -> None:
        """Note which ids a commit of a whole pass met."""
        key = {"number": batch.after.number, "version": batch.after.version, "missed": False}
        row = {**unit_values(batch.unit), **key, "ids": _encode(ids).decode()}
        await connection.execute(sqlalchemy.insert(self._met), [row])

    async def mark(
        self,
        connection: AsyncConnection,
        batch: Batch,
        table: UnitTable,
        now: datetime.datetime,
        met: Sequence[str] | None,
    ) -> Pass:
        """
        Mark what is gone at the end of a whole pass, as `Sink.commit` promises, and forget which ids it met.

        A pass that drifted proves nothing, and what was suspected before it has to be missed twice anew.

        Args:
            connection: In the transaction.
            batch: The last one of the pass.
            table: Of the unit.
            now: The moment of the change.
            met: All ids that the pass met, if it is this one commit; else they were noted.
        """
        assert batch.ended is not None
        found = Pass()
        if not batch.ended.drifted:
            await self._dialect.plan_for_many(connection, on=True)
            found = await self._judge(connection, batch, table, now, self._lists(batch, met))
            await self._dialect.plan_for_many(connection, on=False)
        if batch.before.underway is not None or batch.before.suspects:
            await self._forget(connection, batch)
        return found

    async def _judge(
        self,
        connection: AsyncConnection,
        batch: Batch,
        table: UnitTable,
        now: datetime.datetime,
        lists: Select[Any],
    ) -> Pass:
        unmet = self._unmet(batch, table, lists)
        deleted = Pass()
        if batch.before.suspects:
            missed_twice = [*unmet, table.table.c[ID].in_(self.suspected(batch))]
            deleted = await self._delete(connection, table, missed_twice, now)
        return attrs.evolve(deleted, suspects=await self._suspect(connection, batch, table, unmet))

    def suspected(self, batch: Batch) -> Select[Any]:
        """The ids that the whole pass before did not meet."""
        met = self._met
        lists = select(met.c.ids).where(
            *of_unit(met, batch.unit), met.c.number == batch.after.number - 1, met.c.missed.is_(True)
        )
        return self._dialect.listed(lists)

    def _lists(self, batch: Batch, met: Sequence[str] | None) -> Select[Any]:
        """The lists of ids that the pass met, in the one column `ids`."""
        if met is not None:
            return select(sqlalchemy.literal(_encode(met).decode(), sqlalchemy.Text()).label("ids"))
        stored = self._met
        return select(stored.c.ids).where(
            *of_unit(stored, batch.unit), stored.c.number == batch.after.number, stored.c.missed.is_(False)
        )

    def _unmet(self, batch: Batch, table: UnitTable, lists: Select[Any]) -> list[Any]:
        """The conditions that choose what lives and was not met."""
        columns = table.table.c
        return [
            columns[ACCOUNT] == batch.unit.account,
            columns[DELETED_AT].is_(None),
            self._dialect.is_none_of(columns[ID], self._dialect.listed(lists)),
        ]

    async def _delete(
        self, connection: AsyncConnection, table: UnitTable, which: Sequence[Any], now: datetime.datetime
    ) -> Pass:
        update = sqlalchemy.update(table.table).where(*which).values({DELETED_AT: now, CHANGED_AT: now})
        if not table.ledger:
            return Pass((await connection.execute(update)).rowcount)
        ids = (await connection.scalars(update.returning(table.table.c[ID]))).all()
        return Pass(len(ids), ids=ids)

    async def _suspect(self, connection: AsyncConnection, batch: Batch, table: UnitTable, which: Sequence[Any]) -> int:
        """Note suspects for the next whole pass; there are none as a rule, so they are counted first."""
        count = await connection.scalar(select(func.count()).select_from(table.table).where(*which))
        if not count:
            return 0
        values = {
            **unit_values(batch.unit),
            "number": batch.after.number,
            "version": batch.after.version,
            "missed": True,
        }
        constants = [sqlalchemy.literal(value, self._met.c[name].type).label(name) for name, value in values.items()]
        ids = select(*constants, self._dialect.as_list(table.table.c[ID])).select_from(table.table).where(*which)
        await connection.execute(sqlalchemy.insert(self._met).from_select([*values, "ids"], ids))
        return count

    async def _forget(self, connection: AsyncConnection, batch: Batch) -> None:
        met = self._met
        old = sqlalchemy.or_(met.c.missed.is_(False), met.c.number < batch.after.number)
        await connection.execute(sqlalchemy.delete(met).where(*of_unit(met, batch.unit), old))
