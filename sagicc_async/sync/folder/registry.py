"""How many files of each unit count: a table beside the sink's own, written in the transactions that store states."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncConnection

from ..unit import Unit

#: Seconds to wait for another connection's lock.
_BUSY: Final = 5.0
#: The name ends with the layout, which is raised when a column changes its meaning.
_CREATE: Final = """
    CREATE TABLE IF NOT EXISTS sagicc_async_files_1 (
        id INTEGER PRIMARY KEY,
        vendor TEXT NOT NULL,
        resource TEXT NOT NULL,
        account TEXT NOT NULL,
        files INTEGER NOT NULL,
        UNIQUE (vendor, resource, account)
    )
"""
_COUNT: Final = """
    INSERT INTO sagicc_async_files_1 (vendor, resource, account, files) VALUES (?, ?, ?, 1)
    ON CONFLICT (vendor, resource, account) DO UPDATE SET files = files + 1
    RETURNING id, files
"""
_WHOSE: Final = "SELECT vendor, resource, account FROM sagicc_async_files_1 WHERE id = ? AND files >= ?"


async def count_file(transaction: AsyncConnection, unit: Unit) -> tuple[int, int]:
    """
    Count one more file of a unit; it counts when the transaction is committed.

    Returns:
        The unit's number in the table, and the file's.
    """
    row: Any = (await transaction.exec_driver_sql(_COUNT, (unit.vendor, unit.resource, unit.account))).one()
    return row.id, row.files


class Registry:
    """
    The table, for work in threads.

    Args:
        connection: To the database.
    """

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    @classmethod
    @contextlib.contextmanager
    def opened(cls, path: Path) -> Iterator[Registry]:
        """
        Open a database for a moment.

        Raises:
            sqlite3.Error: It cannot be read or written.
        """
        with contextlib.closing(sqlite3.connect(path, timeout=_BUSY, isolation_level=None)) as connection:
            yield cls(connection)

    def make(self) -> None:
        """Make the table, unless it is there."""
        self._connection.execute(_CREATE)

    def unit(self, number: int, file: int) -> Unit | None:
        """
        Whose a file is, if it counts.

        Args:
            number: The unit's number in the table.
            file: The file's.
        """
        found = self._connection.execute(_WHOSE, (number, file)).fetchone()
        return None if found is None else Unit(vendor=found[0], resource=found[1], account=found[2])
