"""What stands in a mirror, value by value."""

from __future__ import annotations

import asyncio
import json
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any, Final, TypeAlias

import attrs
import psycopg
from psycopg import sql

from sagicc_async.sync.sql.layout import MET, STATES

#: Where a row stands: table, account, id.
Key: TypeAlias = tuple[str, str, str]
#: Rows, by where they stand.
Rows: TypeAlias = dict[Key, dict[str, Any]]

_OURS: Final = frozenset({STATES, MET})


@attrs.frozen
class Mirror:
    """
    All that stands in a database.

    Args:
        rows: The mirrored tables.
        states: What is remembered of each unit: its table and account, and the state.
        met: How many notes there are of what passes met.
    """

    rows: Rows
    states: dict[tuple[str, str], dict[str, Any]]
    met: int

    @property
    def living(self) -> Rows:
        """The rows that are not marked as deleted, without the moment at which they were written."""
        return {key: row for key, row in self.timeless.items() if not row["_deleted_at"]}

    @property
    def timeless(self) -> Rows:
        """The rows without the moments at which they were written; whether one is marked as deleted stays."""
        return {
            key: {**row, "_changed_at": None, "_deleted_at": row["_deleted_at"] is not None}
            for key, row in self.rows.items()
        }

    @property
    def resting(self) -> bool:
        """Whether all passes have come to their ends, and left nothing behind."""
        return not self.met and not any(state["underway"] for state in self.states.values())

    @property
    def agrees(self) -> bool:
        """Whether each state of a first pass says exactly as many records as there are rows of its unit."""
        counted = Counter((table, account) for table, account, _ in self.rows)
        said = {unit: state["underway"]["records"] for unit, state in self.states.items() if _is_first(state)}
        unknown = counted.keys() - self.states.keys()
        return not unknown and all(counted[unit] == records for unit, records in said.items())

    def written_since(self, before: Mirror) -> set[Key]:
        """The rows in which anything at all is different, the moment of writing too."""
        keys = before.rows.keys() | self.rows.keys()
        return {key for key in keys if before.rows.get(key) != self.rows.get(key)}


def _is_first(state: dict[str, Any]) -> bool:
    return state["underway"] is not None and state["number"] == 1


def in_file(database: Path) -> Mirror:
    """What stands in a SQLite database."""
    with closing(sqlite3.connect(database)) as connection:
        connection.row_factory = sqlite3.Row
        tables = [name for (name,) in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")]
        return _mirror(tables, lambda table: connection.execute(f'SELECT * FROM "{table}"'))


def in_server(url: str) -> Mirror:
    """What stands in a PostgreSQL database."""
    with psycopg.connect(url, row_factory=psycopg.rows.dict_row) as connection:
        found = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
        return _mirror(
            [row["tablename"] for row in found],
            lambda table: connection.execute(sql.SQL("SELECT * FROM {}").format(sql.Identifier(table))),
        )


async def writes(database: Path, count: int) -> None:
    """Return in the moment in which a SQLite database is written to for the n-th time from now on, by whomever."""
    log = database.with_name(f"{database.name}-wal")
    for _ in range(count):
        before = _written_at(log)
        while _written_at(log) == before:
            await asyncio.sleep(0.0005)  # nothing tells when another process writes


def _written_at(file: Path) -> int:
    try:
        return file.stat().st_mtime_ns
    except FileNotFoundError:
        return 0


def _mirror(tables: Iterable[str], read: Callable[[str], Iterable[Any]]) -> Mirror:
    content: Mapping[str, list[dict[str, Any]]] = {table: [dict(row) for row in read(table)] for table in tables}
    listed = [(table, row) for table, rows in content.items() if table not in _OURS for row in rows]
    rows = {(table, row["_account"], row["_id"]): row for table, row in listed}
    assert len(rows) == len(listed), "a row stands there twice"
    states = {
        (f"{row['vendor']}_{row['resource']}", row["account"]): json.loads(row["state"])
        for row in content.get(STATES, ())
        if row["state"] is not None
    }
    return Mirror(rows, states, len(content.get(MET, ())))
