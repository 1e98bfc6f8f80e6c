"""What the sandbox keeps: one SQLite table a resource, each row the JSON text that is sent."""

# ruff: noqa: S608 - names of tables and columns are the emulators' own, and quoted; values are always bound

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any

import attrs
import msgspec

from ..errors import ConfigError
from . import query
from .query import Query, bounded, fold, quote

#: Files of another layout are refused, not misread.
_LAYOUT = 1

_encoder = msgspec.json.Encoder(decimal_format="number")
_decoder = msgspec.json.Decoder(float_hook=Decimal)


def to_json(value: Any) -> bytes:
    """Write JSON in which a `Decimal` is a number with exactly its own digits (`5.00000`)."""
    return _encoder.encode(value)


def from_json(text: bytes) -> Any:
    """
    Read JSON with every non-integer number as an exact `Decimal`.

    Raises:
        ValueError: The text is not JSON.
    """
    try:
        return _decoder.decode(text)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ValueError(f"not JSON: {error}") from error


@attrs.frozen
class Table:
    """
    A resource's table.

    Args:
        name: The resource (`centro_costo`).
        lookups: Fields by which rows are found: ids, unique fields, filters. They compare as text, and without
            regard to case.
        numbers: Fields that are numbers in the row and by which rows are sorted or joined fast.
        hidden: Fields that are kept beside the row and are never sent: marks of the vendor's own. They compare as
            lookups do.
    """

    name: str
    lookups: tuple[str, ...] = ("id",)
    numbers: tuple[str, ...] = ()
    hidden: tuple[str, ...] = ()


@attrs.frozen
class Row:
    """
    A row and its place.

    Args:
        position: Counts insertions, from 1; rows are sent in this order.
        record: The row's content.
        hidden: Its hidden fields as they compare.
    """

    position: int
    record: dict[str, Any]
    hidden: dict[str, str | None] = attrs.field(factory=dict)


def connect(database: str | Path | None) -> sqlite3.Connection:
    """
    Open the database.

    Args:
        database: A file, made if it is missing; `None` for memory.

    Raises:
        ConfigError: The file cannot be opened, or is not a sandbox's.
    """
    connection: sqlite3.Connection | None = None
    try:
        connection = sqlite3.connect(database or ":memory:", isolation_level=None)
        _prepare(connection, database)
    except BaseException as error:
        if connection is not None:
            connection.close()
        if isinstance(error, sqlite3.Error):
            reason = f"the sandbox's database {database} cannot be opened ({error}); name another file"
            raise ConfigError(reason) from error
        raise
    # Rows leave the store as the bytes that are sent.
    connection.text_factory = bytes
    return connection


def _prepare(connection: sqlite3.Connection, database: str | Path | None) -> None:
    (layout,) = connection.execute("PRAGMA user_version").fetchone()
    (tables,) = connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()
    if layout == 0 and tables == 0:
        connection.execute(f"PRAGMA user_version = {_LAYOUT}")
    elif layout != _LAYOUT:
        raise ConfigError(f"{database} was not written by this sandbox; name another file")
    connection.create_function("casefold", 1, fold, deterministic=True)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = NORMAL")


class Store:
    """
    The tables of one vendor.

    Everything is immediate and belongs to the event loop of the sandbox.

    Args:
        connection: Shared by all vendors of the sandbox.
        vendor: Prefix of the table names.
        tables: What the vendor keeps.
    """

    def __init__(self, connection: sqlite3.Connection, vendor: str, tables: Sequence[Table]) -> None:
        self._connection = connection
        self._tables = {table.name: table for table in tables}
        self._names = {table.name: f"{vendor}.{table.name}" for table in tables}
        for table in tables:
            self._create(table)
        # Without deletions row n stands at position n, and a page is found without counting up to it.
        self._gaps = {name for name in self._tables if self.count(name) != self._highest(name)}

    @property
    def tables(self) -> tuple[str, ...]:
        """The names of the tables."""
        return tuple(self._tables)

    def fill(self, table: str, records: Iterable[Mapping[str, Any]]) -> None:
        """Insert many records in one transaction."""
        with self._transaction():
            self._connection.executemany(self._insertion(table), (self._values(table, record) for record in records))

    def insert(self, table: str, record: Mapping[str, Any]) -> int:
        """Append a record and return its position."""
        cursor = self._connection.execute(self._insertion(table), self._values(table, record))
        assert cursor.lastrowid is not None
        return cursor.lastrowid

    def replace(self, table: str, position: int, record: Mapping[str, Any]) -> None:
        """Put another record in a row's place; a hidden field that it does not name stays as it is."""
        columns = ", ".join(f"{column} = ?" for column in self._columns(table, record))
        self._connection.execute(
            f"UPDATE {self._name(table)} SET {columns} WHERE position = ?",
            (*self._values(table, record, all_hidden=False), position),
        )

    def delete(self, table: str, position: int) -> None:
        """Remove a row; the others keep their places."""
        self._connection.execute(f"DELETE FROM {self._name(table)} WHERE position = ?", (position,))
        self._gaps.add(table)

    def find(self, table: str, field: str, value: object) -> Row | None:
        """Return the first row whose field has that value, found through the field's index."""
        hidden = self._tables[table].hidden if table in self._tables else ()
        wanted = ", ".join(("position", "body", *(_column(name) for name in hidden)))
        sought = f"SELECT {wanted} FROM {self._name(table)} WHERE {_column(field)} = ? ORDER BY position LIMIT 1"
        found = self._connection.execute(sought, (fold(value),)).fetchone()
        if found is None:
            return None
        marks = (None if mark is None else mark.decode() for mark in found[2:])
        return Row(found[0], from_json(found[1]), dict(zip(hidden, marks, strict=True)))

    def page(
        self, table: str, *, limit: int, offset: int = 0, where: Mapping[str, object] | None = None
    ) -> list[bytes]:
        """
        Return rows as the JSON texts that are sent.

        Args:
            table: Which table.
            limit: How many rows at most.
            offset: How many rows to leave out first.
            where: Values of lookup fields; all must match.
        """
        name = self._name(table)
        condition, values = _condition(where or {})
        if not condition and table not in self._gaps:
            sought = f"SELECT body FROM {name} WHERE position > ? ORDER BY position LIMIT ?"
            values = [bounded(offset), bounded(limit)]
        else:
            sought = f"SELECT body FROM {name} {condition} ORDER BY position LIMIT ? OFFSET ?"
            values += [bounded(limit), bounded(offset)]
        return [body for (body,) in self._connection.execute(sought, values)]

    def count(self, table: str, where: Mapping[str, object] | None = None) -> int:
        """Return how many rows match."""
        condition, values = _condition(where or {})
        (count,) = self._connection.execute(f"SELECT count(*) FROM {self._name(table)} {condition}", values).fetchone()
        return int(count)

    def rows(self, table: str) -> list[dict[str, Any]]:
        """Return every record, decoded, in order."""
        sought = f"SELECT body FROM {self._name(table)} ORDER BY position"
        return [from_json(body) for (body,) in self._connection.execute(sought)]

    # Reads that the emulator composes.

    def select(
        self,
        table: str,
        *,
        where: str = "",
        values: Sequence[object] = (),
        order: str = "",
        limit: int | None = None,
        offset: int = 0,
    ) -> list[bytes]:
        """Return rows as the JSON texts that are sent; `Query` explains the arguments."""
        sought = Query(table=table, where=where, values=tuple(values), order=order, limit=limit, offset=offset)
        return [body for (body,) in self.read(sought) if body is not None]

    def count_where(self, table: str, where: str = "", values: Sequence[object] = ()) -> int:
        """Return how many rows match."""
        return self.size(Query(table=table, where=where, values=tuple(values)))

    def read(self, sought: Query) -> list[tuple[bytes | None, ...]]:
        """Return, for each row that is found, its JSON text and those of the rows joined to it."""
        tables = (sought.table, *(join.table for join in sought.joins))
        bodies = ", ".join(f"{quote(table)}.body" for table in tables)
        text = f"SELECT {bodies} FROM {self._tables_of(sought)}{sought.clauses()}{sought.ordering()}"
        return self._connection.execute(text, sought.values).fetchall()

    def size(self, sought: Query) -> int:
        """Return how many rows a query finds on all its pages."""
        text = f"SELECT 1 FROM {self._tables_of(sought)}{sought.clauses()}"
        (count,) = self._connection.execute(f"SELECT count(*) FROM ({text})", sought.values).fetchone()
        return int(count)

    @staticmethod
    def column(table: str, field: str) -> str:
        """Return SQL for a lookup or hidden field: text, case-folded; rows are found fast by a lookup."""
        return query.column(table, field)

    @staticmethod
    def position(table: str) -> str:
        """Return SQL for a row's place in the order of insertion."""
        return query.position(table)

    @staticmethod
    def value(field: str, table: str | None = None) -> str:
        """Return SQL for any field as it is; rows are found and sorted fast by one of `Table.numbers`."""
        return query.value(field, table)

    @staticmethod
    def text(field: str, table: str | None = None) -> str:
        """Return SQL for any field as text, case-folded. It compares with what `fold` returns."""
        return query.text(field, table)

    @staticmethod
    def texts(fields: Iterable[tuple[str, str | None]]) -> str:
        """Return SQL for several fields, each with its table or `None`, as one text, case-folded, to search in."""
        return query.texts(fields)

    @staticmethod
    def among(term: str) -> str:
        """Return SQL that compares a term with each value of a JSON array, which is bound as one value."""
        return query.among(term)

    @staticmethod
    def fold(value: object) -> str | None:
        """Return a value as text, case-folded, to be bound."""
        return fold(value)

    def next_position(self, table: str) -> int:
        """Return the position that the next inserted row gets; it never was another's."""
        return self._highest(table) + 1

    def is_empty(self) -> bool:
        """Tell whether nothing was ever inserted into any table."""
        return all(self._highest(table) == 0 for table in self._tables)

    def clear(self) -> None:
        """Empty every table; positions start at 1 again."""
        with self._transaction():
            for table in self._tables:
                self._connection.execute(f"DELETE FROM {self._name(table)}")
                self._connection.execute("DELETE FROM sqlite_sequence WHERE name = ?", (self._names[table],))
        self._gaps.clear()

    def _create(self, table: Table) -> None:
        name = self._names[table.name]
        columns = "".join(f", {_column(field)} TEXT" for field in (*table.lookups, *table.hidden))
        self._connection.execute(
            f"CREATE TABLE IF NOT EXISTS {quote(name)} "
            f"(position INTEGER PRIMARY KEY AUTOINCREMENT, body TEXT NOT NULL{columns})"
        )
        indexed = {f"{name}.{field}": _column(field) for field in (*table.lookups, *table.hidden)}
        indexed |= {f"{name}.{field}#": query.value(field) for field in table.numbers}
        for index, term in indexed.items():
            self._connection.execute(f"CREATE INDEX IF NOT EXISTS {quote(index)} ON {quote(name)} ({term}, position)")

    def _name(self, table: str) -> str:
        return quote(self._bare_name(table))

    def _bare_name(self, table: str) -> str:
        if table not in self._names:
            raise ConfigError(f"the sandbox has no table {table!r}; it has {', '.join(self._tables)}")
        return self._names[table]

    def _tables_of(self, sought: Query) -> str:
        """Each table goes by its resource's name."""
        joins = "".join(
            f" LEFT JOIN {self._name(join.table)} AS {quote(join.table)} ON {join.on}" for join in sought.joins
        )
        return f"{self._name(sought.table)} AS {quote(sought.table)}{joins}"

    def _columns(self, table: str, record: Mapping[str, Any] | None = None) -> list[str]:
        """Name the columns that are written; of the hidden ones those of a record, or all."""
        self._name(table)
        kept = self._tables[table]
        hidden = [field for field in kept.hidden if record is None or field in record]
        return ["body", *(_column(field) for field in (*kept.lookups, *hidden))]

    def _values(self, table: str, record: Mapping[str, Any], *, all_hidden: bool = True) -> tuple[str | None, ...]:
        kept = self._tables[table]
        hidden = [field for field in kept.hidden if all_hidden or field in record]
        sent = {field: record[field] for field in record if field not in kept.hidden} if kept.hidden else record
        return (to_json(sent).decode(), *(fold(record.get(field)) for field in (*kept.lookups, *hidden)))

    def _insertion(self, table: str) -> str:
        columns = self._columns(table)
        marks = ", ".join("?" * len(columns))
        return f"INSERT INTO {self._name(table)} ({', '.join(columns)}) VALUES ({marks})"

    def _highest(self, table: str) -> int:
        """The highest position ever given out (AUTOINCREMENT keeps it), also if that row is gone."""
        sought = "SELECT seq FROM sqlite_sequence WHERE name = ?"
        found = self._connection.execute(sought, (self._bare_name(table),)).fetchone()
        return 0 if found is None else int(found[0])

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        self._connection.execute("BEGIN")
        try:
            yield
        except BaseException:
            self._connection.execute("ROLLBACK")
            raise
        self._connection.execute("COMMIT")


def _condition(where: Mapping[str, object]) -> tuple[str, list[Any]]:
    if not where:
        return "", []
    terms = " AND ".join(f"{_column(field)} = ?" for field in where)
    return f"WHERE {terms}", [fold(value) for value in where.values()]


def _column(field: str) -> str:
    return quote(f"by_{field}")
