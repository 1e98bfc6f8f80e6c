"""The table of a resource: its columns from the model's fields, and how a record becomes a row of it."""

from __future__ import annotations

import enum
import hashlib
import operator
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import attrs
import sqlalchemy

from ...errors import ConfigError
from ...records.model import Record
from ...records.shape import WireField, split_optional, wire_fields
from ..rows import Row
from ..unit import Unit
from .dialects import Dialect
from .kinds import Kind, is_listed, kind_of, sql_type
from .names import ACCOUNT, CHANGED_AT, DELETED_AT, EXTRA, HASH, ID, column_names, table_name
from .nested import as_json, plain_of
from .upserts import Convert, Upsert

#: What stands for a NUL character: PostgreSQL's text cannot hold one, and SQLite's functions take it for the end.
_INSTEAD_OF_NUL: Final = "\N{REPLACEMENT CHARACTER}"
_WHOLE: Final = range(-(2**63), 2**63)


@attrs.frozen(kw_only=True, eq=False)
class UnitTable:
    """
    The table of a resource, which all accounts share.

    Args:
        table: As SQLAlchemy knows it.
        kinds: What its columns hold, by their names, in their order.
        fingerprint: Of the columns: part of each row's `_hash`, so that a model that grows fills its new column.
        ledger: Whether it only knows the rows of a table of the user's own.
        look: Gives id, hash and whether it lives of those rows that are stored, of an `account` and some `ids`.
        upsert: Writes its rows, new ones or not.
    """

    table: sqlalchemy.Table
    kinds: Mapping[str, Kind]
    fingerprint: str
    ledger: bool
    look: sqlalchemy.Select[Any]
    upsert: Upsert
    _values: Callable[[Any], Sequence[Any]]

    @property
    def name(self) -> str:
        """Its name."""
        return self.table.name

    def hash_of(self, row: Row) -> str:
        """What is compared: it differs when the record does, or the columns do."""
        return f"{row.digest}.{self.fingerprint}"

    def values(self, account: str, keys: Sequence[str], rows: Sequence[Row], now: Any) -> list[Sequence[Any]]:
        """
        Rows of the table, as its upsert takes them.

        Args:
            account: Whose.
            keys: The rows' ids as the database holds them.
            rows: The rows.
            now: The moment at which they are changed.

        Raises:
            ConfigError: A value cannot be written.
        """
        convert = self.upsert.conversions[Kind.MOMENT]
        changed_at = convert(now)
        return [
            (account, key, *self._values(row.record), self.hash_of(row), changed_at)
            for key, row in zip(keys, rows, strict=True)
        ]

    def too_large(self, rows: Sequence[Sequence[Any]]) -> str | None:
        """The first column that has a whole number of more than 64 bits in one of the rows."""
        for place, (name, kind) in enumerate(self.kinds.items()):
            if kind is Kind.WHOLE and any(row[place] is not None and row[place] not in _WHOLE for row in rows):
                return name
        return None


class UnitTables:
    """
    Makes the tables of units, and knows them.

    Args:
        dialect: Of the database.
        schema: The schema of the database that they are in; `None` for the connection's own.
        is_ledger: Whether a unit's rows are written elsewhere, so that its table has ids and digests alone.
    """

    def __init__(
        self, dialect: Dialect, schema: str | None = None, is_ledger: Callable[[Unit], bool] = lambda unit: False
    ) -> None:
        self._dialect = dialect
        self._schema = schema
        self._is_ledger = is_ledger
        self._made: dict[tuple[str, str, type[Record] | None], UnitTable] = {}
        self._owners: dict[str, tuple[str, str]] = {}

    def of(self, unit: Unit) -> UnitTable:
        """
        The table of a unit.

        Raises:
            ConfigError: Its name, or a column's, is taken.
        """
        key = (unit.vendor, unit.resource, unit.model)
        made = self._made.get(key)
        if made is None:
            made = self._made[key] = self._make(unit)
        return made

    def _make(self, unit: Unit) -> UnitTable:
        ledger = self._is_ledger(unit)
        name = table_name(unit, ledger=ledger)
        owner = self._owners.setdefault(name, (unit.vendor, unit.resource))
        if owner != (unit.vendor, unit.resource):
            raise ConfigError(
                f"{'/'.join(owner)} and {unit.vendor}/{unit.resource} would share the table {name}: rename one of them"
            )
        model: Any = unit.model
        fields: Sequence[WireField] = () if model is None else wire_fields(model)
        names = column_names(name, [field.name for field in fields])
        data = dict(zip(names, (kind_of(field.type) for field in fields), strict=True)) | {EXTRA: Kind.JSON}
        kinds = {ACCOUNT: Kind.TEXT, ID: Kind.TEXT, **({} if ledger else data), **_OURS}
        columns = [
            sqlalchemy.Column(column, sql_type(kind), primary_key=column in _KEY, nullable=column not in _NOT_NULL)
            for column, kind in kinds.items()
        ]
        table = sqlalchemy.Table(name, sqlalchemy.MetaData(), *columns, schema=self._schema)
        upsert = self._dialect.upsert(table, _KEY)
        return UnitTable(
            table=table,
            kinds=kinds,
            fingerprint=_fingerprint(data),
            ledger=ledger,
            look=_look(self._dialect, table),
            upsert=upsert,
            values=(lambda record: ()) if ledger else _values_of(fields, upsert.conversions),
        )


def _look(dialect: Dialect, table: sqlalchemy.Table) -> sqlalchemy.Select[Any]:
    columns = table.c
    return sqlalchemy.select(columns[ID], columns[HASH], columns[DELETED_AT].is_(None)).where(
        columns[ACCOUNT] == sqlalchemy.bindparam("account"), dialect.is_one_of(columns[ID], "ids")
    )


_KEY: Final = (ACCOUNT, ID)
_NOT_NULL: Final = (ACCOUNT, ID, HASH, CHANGED_AT)
_OURS: Final = {HASH: Kind.TEXT, CHANGED_AT: Kind.MOMENT, DELETED_AT: Kind.MOMENT}


def without_nul(text: str) -> str:
    """A text as databases can hold it."""
    return text.replace("\0", _INSTEAD_OF_NUL) if "\0" in text else text


def _fingerprint(data: Mapping[str, Kind]) -> str:
    columns = ",".join(sorted(f"{name} {kind.value}" for name, kind in data.items()))
    return hashlib.blake2b(columns.encode(), digest_size=4).hexdigest()


def _values_of(fields: Sequence[WireField], conversions: Mapping[Kind, Convert]) -> Callable[[Any], Sequence[Any]]:
    """What makes the values of a record, in the order of the fields, its unknown fields last."""
    json_of = conversions.get(Kind.JSON, _as_it_is)
    if not fields:
        return lambda record: (json_of(record.to_dict() if isinstance(record, Record) else record),)
    get = operator.attrgetter(*(field.name for field in fields), "_extra")
    found = [_conversion(field, conversions) for field in fields]
    convert = [(index, conversion) for index, conversion in enumerate(found) if conversion is not None]

    def values(record: Any) -> list[Any]:
        values = list(get(record))
        for index, conversion in convert:
            if values[index] is not None:
                values[index] = conversion(values[index])
        extra = values[-1]
        values[-1] = json_of(extra) if extra else None
        return values

    return values


def _conversion(field: WireField, conversions: Mapping[Kind, Convert]) -> Convert | None:
    """What makes a column's values out of a record's; `None` where they are the same."""
    kind, (inner, _) = kind_of(field.type), split_optional(field.type)
    if kind is Kind.JSON:
        return _one_after_the_other(plain_of(field), conversions.get(Kind.JSON))
    if is_listed(inner):
        return _listed
    if kind is Kind.TEXT:
        return without_nul if inner is str else str
    return conversions.get(kind)


def _one_after_the_other(first: Convert | None, second: Convert | None) -> Convert | None:
    if first is None or second is None:
        return first or second
    return lambda value: second(first(value))


def _as_it_is(value: Any) -> Any:
    return value


def _listed(value: Any) -> str:
    plain = value.value if isinstance(value, enum.Enum) else value
    return without_nul(plain) if isinstance(plain, str) else as_json(plain)
