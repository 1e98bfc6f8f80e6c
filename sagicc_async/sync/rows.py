"""Records as a sink gets them: by which key they are known, and a digest of all that they say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import attrs

from ..records.ids import Identity
from ..records.model import Record
from .digest import digest_of, name_of

_OWN_ID: Final = Identity()


@attrs.frozen
class Row:
    """
    A record, and what it is known by.

    Args:
        id: The vendor's id of it; where it has none, a digest of what the vendor wrote: the same content is the same row.
        digest: Of all that the record says: it changes when, and only when, the record does, or what it is read as.
        record: The record; a mapping where nothing is declared.
    """

    id: str
    digest: str
    record: Record | Mapping[str, Any]


def rows_of(records: Sequence[Any], identity: Identity | None) -> list[Row]:
    """The records of a page as rows."""
    own = identity or _OWN_ID
    rows = []
    for record in records:
        key = own.of_record(record) if isinstance(record, Record) else own.of_mapping(record)
        rows.append(Row(name_of(record) if key is None else key, digest_of(record), record))
    return rows
