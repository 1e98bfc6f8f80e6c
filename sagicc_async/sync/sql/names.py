"""Names of tables and columns: lower snake case, and no two alike."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from ...errors import ConfigError
from ..unit import Unit

#: What the names of our own tables begin with.
OURS: Final = "sagicc_async_"
ACCOUNT: Final = "_account"
ID: Final = "_id"
EXTRA: Final = "_extra"
HASH: Final = "_hash"
CHANGED_AT: Final = "_changed_at"
DELETED_AT: Final = "_deleted_at"

#: Ours, and those that every table of PostgreSQL has.
_TAKEN: Final = frozenset(
    {ACCOUNT, ID, EXTRA, HASH, CHANGED_AT, DELETED_AT, "ctid", "xmin", "xmax", "cmin", "cmax", "tableoid"}
)
#: Bytes that PostgreSQL keeps of a name.
_LONGEST: Final = 63
_NOT_IN_NAMES: Final = re.compile(r"\W")


def table_name(unit: Unit, *, ledger: bool = False) -> str:
    """
    The name of a unit's table.

    Args:
        unit: Whose.
        ledger: Whether it only knows the rows of a table of the user's own.

    Raises:
        ConfigError: It is too long, or like those of our own tables.
    """
    name = _NOT_IN_NAMES.sub("_", f"{unit.vendor}_{unit.resource}".lower()) + ("__known" if ledger else "")
    if len(name.encode()) > _LONGEST or name.startswith(OURS):
        raise ConfigError(
            f"{unit.vendor}/{unit.resource} would need a table {name}, whose name is "
            f"{'ours' if name.startswith(OURS) else 'too long'}: give the vendor or the resource another name"
        )
    return name


def column_names(table: str, attributes: Iterable[str]) -> list[str]:
    """
    The names of the columns of attributes.

    Raises:
        ConfigError: Two are alike in lower case, or one is like those that every table has, or too long.
    """
    names: list[str] = []
    for attribute in attributes:
        name = attribute.lower()
        if name in names or name in _TAKEN or len(name.encode()) > _LONGEST:
            why = "there are two" if name in names else "every table has one" if name in _TAKEN else "it is too long"
            raise ConfigError(f"the field {attribute} cannot be a column of {table}, called {name}: {why}")
        names.append(name)
    return names
