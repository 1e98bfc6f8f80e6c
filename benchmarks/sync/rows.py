"""Batches into PostgreSQL: `DatabaseSink.commit`, which compares and remembers, against a loop that only writes the same rows."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from decimal import Decimal
from typing import Any, Final

import sqlalchemy
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import create_async_engine

from sagicc_async import Record
from sagicc_async.sync import Batch, DatabaseSink, Kind, Row, SyncState, Unit
from sagicc_async.sync.rows import rows_of
from sagicc_async_serpi.models import Articulo
from sagicc_async_siigo.models import Invoice

from ..compare import Ratio, compare
from .places import postgres_server

#: Rows of a slice, and of a commit.
_ROWS: Final = 5_000
_BATCH: Final = 500

_ITEM: Final = {"id": "i", "code": "Item-1", "quantity": 2, "price": Decimal("1069.77"), "total": Decimal("2139.54")}


def _articles() -> list[Record]:
    return [
        Articulo.from_dict({"id": number, "codigo": f"A{number}", "descripcion": f"ARTICULO {number}"})
        for number in range(_ROWS)
    ]


def _invoices() -> list[Record]:
    return [
        Invoice.from_dict(
            {
                "id": f"{number:08}-7c0f",
                "number": number,
                "name": f"FV-2-{number}",
                "date": "2026-01-06",
                "customer": {"id": "c", "identification": str(number), "branch_office": 0},
                "total": Decimal("2139.54"),
                "balance": Decimal("0.00"),
                "items": [_ITEM, _ITEM, _ITEM],
                "payments": [{"id": 5636, "name": "Crédito", "value": Decimal("2139.54"), "due_date": "2026-02-06"}],
            }
        )
        for number in range(_ROWS)
    ]


#: What is written, by name.
MODELS: Final = {"articles": _articles, "invoices": _invoices}


class _Bare:
    """The loop as a user writes it: a dict a row, one upsert a batch, one commit a batch."""

    def __init__(self, url: str, rows: list[Row]) -> None:
        self._engine = create_async_engine(url.replace("postgresql:", "postgresql+psycopg:"))
        self._plain = [_plain(row) for row in rows]
        columns = [sqlalchemy.Column(name, _type(self._plain, name)) for name in self._plain[0] if name != "key"]
        key = sqlalchemy.Column("key", sqlalchemy.Text, primary_key=True)
        self._table = sqlalchemy.Table("bare", sqlalchemy.MetaData(), key, *columns)
        statement = insert(self._table)
        changed = {column.name: statement.excluded[column.name] for column in columns}
        self._statement = statement.on_conflict_do_update(index_elements=["key"], set_=changed)

    async def empty(self) -> None:
        async with self._engine.begin() as connection:
            await connection.run_sync(self._table.metadata.drop_all)
            await connection.run_sync(self._table.metadata.create_all)

    async def write(self) -> None:
        for batch in _batches(self._plain):
            async with self._engine.begin() as connection:
                await connection.execute(self._statement, batch)

    async def close(self) -> None:
        await self._engine.dispose()


def _plain(row: Row) -> dict[str, Any]:
    assert isinstance(row.record, Record)
    told = {"key": row.id}
    for name, value in row.record.to_dict("python").items():
        told[name] = json.dumps(value, default=str) if isinstance(value, dict | list) else value
    return told


def _type(rows: list[dict[str, Any]], name: str) -> Any:
    kinds: dict[type, Any] = {int: sqlalchemy.BigInteger(), Decimal: sqlalchemy.Numeric(), bool: sqlalchemy.Boolean()}
    found = next((row[name] for row in rows if row[name] is not None), None)
    return kinds.get(type(found), sqlalchemy.Text())


def _batches(rows: list[Any]) -> Iterator[list[Any]]:
    iterator = iter(rows)
    while batch := list(itertools.islice(iterator, _BATCH)):
        yield batch


async def _commit_all(sink: DatabaseSink, unit: Unit, records: list[Record]) -> None:
    """A whole pass: what a page costs from the record on, its digest included."""
    stored = await sink.state(unit)
    state = stored.begun(Kind.WHOLE)
    for batch in _batches(records):
        assert state.underway is not None
        after = SyncState(version=stored.version + 1, number=state.number, underway=state.underway)
        await sink.commit(Batch(unit=unit, rows=rows_of(batch, None), before=stored, after=after))
        stored = after


async def against_bare(name: str, rounds: int, *, again: bool) -> Ratio:
    """
    Elapsed time of ours in terms of the bare loop's, for the same rows.

    Args:
        name: Which of `MODELS`.
        rounds: Paired rounds.
        again: Whether the rows are there already, as they are.
    """
    records = MODELS[name]()
    numbers = itertools.count()
    with postgres_server() as url:
        sink, bare = DatabaseSink(url), _Bare(url, rows_of(records, None))
        await bare.empty()
        async with sink:
            await _commit_all(sink, Unit("bench", "same", name, type(records[0])), records)

            async def mine() -> None:
                account = "same" if again else f"a{next(numbers)}"
                await _commit_all(sink, Unit("bench", account, name, type(records[0])), records)

            async def theirs() -> None:
                if not again:
                    await bare.empty()
                await bare.write()

            comparison = await compare({"bare": theirs, "sagicc-async": mine}, rounds)
        await bare.close()
    return comparison.wall["sagicc-async"]
