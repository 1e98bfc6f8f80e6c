"""What a column holds: eight kinds of values, and each one's type in SQLite and in PostgreSQL."""

from __future__ import annotations

import datetime
import enum
import typing
from decimal import Decimal
from typing import Any, Final, Literal
from uuid import UUID

import sqlalchemy
from sqlalchemy.types import TypeDecorator, TypeEngine, UserDefinedType

from ...records.shape import split_optional
from ...records.timestamps import Timestamp
from .nested import as_json


class Kind(enum.Enum):
    """What a column holds; the value is its name in messages."""

    TEXT = "text"
    WHOLE = "bigint"
    NUMBER = "numeric"
    FLOAT = "double precision"
    TRUTH = "boolean"
    MOMENT = "timestamptz"
    DAY = "date"
    JSON = "json"


def number_text(value: Decimal) -> str:
    """A number as SQLite keeps it: without an exponent unless it would be very long."""
    value = Decimal(value)  # not one that is written as it came
    return format(value, "f") if abs(value.adjusted()) < _LONGEST else str(value)


_FIRST: Final = datetime.datetime.min.replace(tzinfo=datetime.UTC)
_LAST: Final = datetime.datetime.max.replace(tzinfo=datetime.UTC)


def in_utc(value: datetime.datetime) -> datetime.datetime:
    """
    A moment in UTC.

    What many programs write for "never", the end of the year 9999, is west of Greenwich a moment of the year 10000, which
    Python cannot hold: the last one that it can stands for it, and the first one for what lies before that.
    """
    try:
        return datetime.datetime.astimezone(value, datetime.UTC)
    except OverflowError:
        return _FIRST if value.year == datetime.MINYEAR else _LAST


def moment_text(value: datetime.datetime) -> str:
    """A moment as SQLite keeps it."""
    return in_utc(value).isoformat(timespec="microseconds")


class ExactNumber(TypeDecorator[Decimal]):
    """
    A decimal in SQLite: text with exactly its digits, since SQLite's own numbers are binary fractions of 15 digits.

    `CAST(column AS REAL)` makes a number of it where the last digits do not matter.
    """

    impl: Any = sqlalchemy.Text
    cache_ok: bool | None = True

    def process_bind_param(self, value: Decimal | None, dialect: Any) -> str | None:
        """The number as text."""
        return None if value is None else number_text(value)

    def process_result_value(self, value: str | None, dialect: Any) -> Decimal | None:
        """The text as number."""
        return None if value is None else Decimal(value)


class Moment(TypeDecorator[datetime.datetime]):
    """A moment in SQLite: ISO 8601 in UTC with six digits of a second, so that the texts sort as the moments do."""

    impl: Any = sqlalchemy.Text
    cache_ok: bool | None = True

    def process_bind_param(self, value: datetime.datetime | None, dialect: Any) -> str | None:
        """The moment as text."""
        return None if value is None else moment_text(value)

    def process_result_value(self, value: str | None, dialect: Any) -> datetime.datetime | None:
        """The text as moment."""
        return None if value is None else datetime.datetime.fromisoformat(value)


class JsonText(TypeDecorator[Any]):
    """JSON in SQLite: text, of which its functions read what they need."""

    impl: Any = sqlalchemy.Text
    cache_ok: bool | None = True

    def process_bind_param(self, value: Any, dialect: Any) -> str | None:
        """A value in plain containers as text."""
        return None if value is None else as_json(value)


class Json(UserDefinedType[Any]):
    """JSON in PostgreSQL: `json`, not `jsonb`, keeps it as it came."""

    cache_ok: bool | None = True

    def get_col_spec(self, **_: Any) -> str:
        """The type's name in DDL."""
        return "JSON"


#: Beyond so many digits a number is written with an exponent.
_LONGEST: Final = 200

_TYPES: Final[dict[Kind, TypeEngine[Any]]] = {
    Kind.TEXT: sqlalchemy.Text(),
    Kind.WHOLE: sqlalchemy.BigInteger(),
    Kind.NUMBER: sqlalchemy.Numeric().with_variant(ExactNumber(), "sqlite"),
    Kind.FLOAT: sqlalchemy.Double(),
    Kind.TRUTH: sqlalchemy.Boolean(),
    Kind.MOMENT: sqlalchemy.DateTime(timezone=True).with_variant(Moment(), "sqlite"),
    Kind.DAY: sqlalchemy.Date(),
    # SQLite would take a column that is called JSON for one of numbers, and round what looks like one.
    Kind.JSON: Json().with_variant(JsonText(), "sqlite"),
}

#: What SQLite keeps as text has no kind of its own there.
_AS_TEXT: Final = frozenset({Kind.NUMBER, Kind.MOMENT, Kind.JSON})

_OF_PYTHON: Final[dict[Any, Kind]] = {
    str: Kind.TEXT,
    int: Kind.WHOLE,
    Decimal: Kind.NUMBER,
    float: Kind.FLOAT,
    bool: Kind.TRUTH,
    Timestamp: Kind.MOMENT,
    datetime.date: Kind.DAY,
    datetime.time: Kind.TEXT,
    UUID: Kind.TEXT,
}

# The first that fits counts: a timestamp is a kind of date to SQLAlchemy, and `Double` one of `Numeric`.
_OF_DATABASE: Final[tuple[tuple[type[TypeEngine[Any]], Kind], ...]] = (
    (sqlalchemy.JSON, Kind.JSON),
    (sqlalchemy.Boolean, Kind.TRUTH),
    (sqlalchemy.Integer, Kind.WHOLE),
    (sqlalchemy.Float, Kind.FLOAT),
    (sqlalchemy.Numeric, Kind.NUMBER),
    (sqlalchemy.DateTime, Kind.MOMENT),
    (sqlalchemy.Date, Kind.DAY),
    (sqlalchemy.String, Kind.TEXT),
)

#: Which kinds a column may be made into, or may already be, without a value being lost.
_WIDER: Final[dict[Kind, frozenset[Kind]]] = {
    Kind.WHOLE: frozenset({Kind.NUMBER, Kind.TEXT}),
    Kind.NUMBER: frozenset({Kind.TEXT}),
}


def kind_of(annotation: Any) -> Kind:
    """The kind of column that holds a field of that type; whatever has no simple one is JSON."""
    inner, _ = split_optional(annotation)
    if is_listed(inner):
        return Kind.TEXT
    return _OF_PYTHON.get(inner, Kind.JSON)


def is_listed(annotation: Any) -> bool:
    """Whether the values are listed: a `Literal`, or an enum."""
    return typing.get_origin(annotation) is Literal or (
        isinstance(annotation, type) and issubclass(annotation, enum.Enum)
    )


def sql_type(kind: Kind) -> TypeEngine[Any]:
    """The SQLAlchemy type of a kind."""
    return _TYPES[kind]


def found_kind(found: TypeEngine[Any]) -> Kind | None:
    """The kind of a column that stands in a database; `None` if it is of none that we know."""
    if isinstance(found, sqlalchemy.DateTime) and not found.timezone:
        return None  # a moment without a zone is none
    return next((kind for known, kind in _OF_DATABASE if isinstance(found, known)), None)


def stored_kind(kind: Kind, dialect: str) -> Kind:
    """The kind as which a column of a kind is found in that dialect's database."""
    return Kind.TEXT if dialect == "sqlite" and kind in _AS_TEXT else kind


def is_wider(wide: Kind, narrow: Kind) -> bool:
    """Whether every value of one kind can be kept in a column of the other one."""
    return wide in _WIDER.get(narrow, ())
