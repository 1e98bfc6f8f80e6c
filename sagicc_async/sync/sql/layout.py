"""Our own tables: what is remembered of each unit, and which ids its whole passes met."""

from __future__ import annotations

from typing import Any, Final

import attrs
from sqlalchemy import Boolean, Column, Double, Integer, MetaData, Table, Text, bindparam

from ..unit import Unit
from .kinds import Kind, sql_type
from .names import OURS

#: Raised when a column changes its meaning; the tables' names end with it.
LAYOUT: Final = 1
KEY: Final = ("vendor", "account", "resource")
STATES: Final = f"{OURS}sync_{LAYOUT}"
MET: Final = f"{OURS}sync_met_{LAYOUT}"


@attrs.frozen
class Layout:
    """
    Our own tables.

    Args:
        states: One row a unit: its version and state, and how it last went with it.
        met: One row for each commit of a whole pass: which ids it met; and one for the ids that the latest whole pass
            did not meet (`missed`). Ids are a JSON list.
    """

    states: Table
    met: Table


def layout(schema: str | None) -> Layout:
    """Our own tables in a schema; `None` for the connection's own."""
    metadata = MetaData(schema=schema)
    whole, moment = sql_type(Kind.WHOLE), sql_type(Kind.MOMENT)

    def key() -> list[Column[str]]:
        return [Column(name, Text, primary_key=True, nullable=False) for name in KEY]

    states = Table(
        STATES,
        metadata,
        *key(),
        Column("version", whole, nullable=False),
        Column("commit_id", Text),
        Column("changes", Text),
        Column("state", Text),
        Column("completed_at", moment),
        Column("updated_at", moment),
        Column("ended_at", moment),
        Column("ending", Text),
        Column("error", Text),
        Column("kind", Text),
        Column("round", Text),
        Column("requests", whole),
        Column("queued", Double),
        Column("seconds", Double),
        Column("passes", Integer),
        Column("drifted", Boolean),
        Column("new_rows", whole),
        Column("changed_rows", whole),
        Column("unchanged_rows", whole),
        Column("deleted_rows", whole),
        Column("suspects", whole),
    )
    met = Table(
        MET,
        metadata,
        *key(),
        Column("number", whole, primary_key=True, nullable=False, autoincrement=False),
        Column("version", whole, primary_key=True, nullable=False, autoincrement=False),
        Column("missed", Boolean, primary_key=True, nullable=False),
        Column("ids", Text, nullable=False),
    )
    return Layout(states, met)


def of_unit(table: Table, unit: Unit) -> list[Any]:
    """The conditions that choose a unit's rows in one of our own tables."""
    return [table.c[name] == value for name, value in unit_values(unit).items()]


def of_given_unit(table: Table) -> list[Any]:
    """The same for the unit that `given_unit` makes parameters of: for a statement that is built once."""
    return [table.c[name] == bindparam(f"of_{name}") for name in KEY]


def given_unit(unit: Unit) -> dict[str, str]:
    """The parameters of `of_given_unit`."""
    return {f"of_{name}": value for name, value in unit_values(unit).items()}


def unit_values(unit: Unit) -> dict[str, str]:
    """A unit's key in our own tables."""
    return {"vendor": unit.vendor, "account": unit.account, "resource": unit.resource}
