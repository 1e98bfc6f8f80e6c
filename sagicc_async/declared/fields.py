"""From declared fields to a class of records: `model_of`."""

from __future__ import annotations

from typing import Any

from ..records.model import Record, field, record
from ..records.shape import TAKEN
from .declaration import Declaration, ResourceEntry
from .moments import zone_of
from .names import python_name
from .values import Way, way_of


def attribute_names(resource: ResourceEntry) -> dict[str, str]:
    """The Python names of a resource's fields, by their wire names; each once, and those that the file gives as given."""
    found = {wire: entry.name for wire, entry in resource.fields.items() if entry.name is not None}
    used = set(found.values())
    for wire, name in own_names(resource).items():
        found[wire] = _free(name, used)
        used.add(found[wire])
    return {wire: found[wire] for wire in _wires(resource)}


def own_names(resource: ResourceEntry) -> dict[str, str]:
    """What the vendor's names become in Python, of the fields that the file gives no other name; some may be equal."""
    named = {wire for wire, entry in resource.fields.items() if entry.name is not None}
    return {wire: python_name(wire, TAKEN) for wire in _wires(resource) if wire not in named}


def _free(name: str, used: set[str]) -> str:
    while name in used:
        name += "_"
    return name


def _wires(resource: ResourceEntry) -> list[str]:
    """The fields in order; the id is one, whether it is declared among them or not."""
    if resource.id is None or resource.id in resource.fields:
        return [*resource.fields]
    return [*resource.fields, resource.id]


def model_of(declaration: Declaration, name: str, resource: ResourceEntry) -> type[Record]:
    """
    Make the class of a resource's records.

    Every field may be missing or null, and what is not declared is kept: a resource file seldom describes all.

    Args:
        declaration: For formats and the time zone.
        name: The resource's.
        resource: Its entry.
    """
    zone = zone_of(declaration)
    annotations: dict[str, Any] = {}
    namespace: dict[str, Any] = {"__doc__": f"A record of {name}, as the resource file declares it.", "omit_none": True}
    for wire, attribute in attribute_names(resource).items():
        entry = resource.fields.get(wire)
        way = Way(Any) if entry is None else way_of(entry.type, declaration.format_of(entry), zone)
        annotations[attribute] = way.annotation
        namespace[attribute] = field(wire=wire, default=None, read=way.quirk)
    namespace["__annotations__"] = annotations
    title = "".join(word.capitalize() for word in name.split("_"))
    return record(type(title, (Record,), {**namespace, "__module__": __name__}))
