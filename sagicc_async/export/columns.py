"""The columns of a table: the declared fields of a model in their order, and one for what is not declared."""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from typing import Any

import attrs

from ..errors import ConfigError
from ..records.model import Record
from ..records.shape import WireField, wire_fields
from ..records.writing import to_wire


@attrs.frozen
class Columns:
    """
    How records become rows.

    Args:
        fields: The declared fields.
        names: Names of all columns, the vendor's own; the last one holds the unknown fields.
    """

    fields: tuple[WireField, ...]
    names: tuple[str, ...]
    _row: Callable[[Any], tuple[Any, ...]]

    def rows(self, records: Sequence[Any]) -> list[tuple[Any, ...]]:
        """
        The records' values in the order of the columns; the last of each is the mapping of its unknown fields.

        Raises:
            ConfigError: They are no records.
        """
        if records and not isinstance(records[0], Record):
            raise ConfigError("a table is made of records: export the list itself, not its raw()")
        return list(map(self._row, records))


def columns_of(model: Any, format_: str) -> Columns:
    """
    The columns of a model.

    Args:
        model: Class of the records; `None` where nothing is declared.
        format_: For the message.

    Raises:
        ConfigError: Nothing is declared that could be a column.
    """
    fields = wire_fields(model) if model is not None else ()
    if not fields:
        raise ConfigError(f"{format_} needs columns, and no fields are declared of this list; export it as jsonl")
    declared = [field.wire for field in fields]
    extra = "extra"
    while extra in declared:
        extra = f"_{extra}"
    row = operator.attrgetter(*(field.name for field in fields), "extra")
    return Columns(fields, (*declared, extra), row)


def as_json(value: Any) -> str:
    """A nested value as JSON, its numbers exact."""
    return to_wire(value).decode()
