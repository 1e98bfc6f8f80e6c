"""What is sent of a record: its declared fields as the vendor writes them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..records.as_written import AsWritten
from ..records.model import Record
from ..records.shape import wire_fields
from ..records.timestamps import Timestamp
from .declaration import Declaration, FieldEntry, ResourceEntry
from .moments import zone_of
from .parameters import word
from .values import JSONS_OWN, way_of


def body_of(declaration: Declaration, operation: str, entry: ResourceEntry, record: Any) -> Any:
    """
    A record as the vendor writes it.

    Args:
        declaration: It says how values are written.
        operation: `resource.operation`, for messages.
        entry: The resource's entry.
        record: A record, or a mapping with the vendor's names. Anything else is left as it is.

    Returns:
        A mapping. What the record still has as it came stands there as it came, and so do texts.

    Raises:
        ConfigError: A value is of another type than its field.
    """
    if isinstance(record, Record):
        model: Any = type(record)  # mypy takes the class's __hash__ for the instances'
        body = record.to_dict()
        given = {field.wire: (field.name, getattr(record, field.name)) for field in wire_fields(model)}
    elif isinstance(record, Mapping):
        body = dict(record)
        given = {wire: (wire, value) for wire, value in record.items()}
    else:
        return record
    for wire, field in entry.fields.items():
        name, value = given.get(wire, (wire, None))
        if value is not None:
            body[wire] = _written(f"{operation}: {name}", declaration, field, value)
    return body


def _written(where: str, declaration: Declaration, entry: FieldEntry, value: Any) -> Any:
    form = declaration.format_of(entry)
    if isinstance(value, str) or form in JSONS_OWN:
        return value
    if isinstance(value, AsWritten | Timestamp) and _stands_for(value, declaration, entry):
        return value
    return word(where, declaration, entry, value)


def _stands_for(value: Any, declaration: Declaration, entry: FieldEntry) -> bool:
    """Whether the text that a value remembers is read as that value in this field: it may come from another vendor."""
    quirk = way_of(entry.type, declaration.format_of(entry), zone_of(declaration)).quirk
    try:
        return quirk is not None and quirk.read(value.raw) == value
    except ValueError:
        return False
