"""Who says what of a declaration, entry by entry: for people (`describe`), and beside what is exported."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

import attrs

from .declaration import Declaration, FieldEntry, ResourceEntry
from .provenance import Provenance


@attrs.frozen
class Statement:
    """
    One thing that a declaration says.

    Args:
        about: What it is about: `auth`, `things.list`, `things.price`.
        says: What it says, in a few words.
        provenance: Who says so.
    """

    about: str
    says: str
    provenance: Provenance


def statements(declaration: Declaration) -> Iterator[Statement]:
    """Everything that a declaration says of the vendor; never a secret, as there is none in it."""
    around = declaration.provenance
    yield Statement("base_url", declaration.base_url or "not said: give it to open()", around)
    yield Statement("auth", _auth(declaration), declaration.auth.provenance or around)
    for window in declaration.windows:
        yield Statement("windows", f"{window.limit} requests in {window.per:g} s, by {window.scope}", around)
    if declaration.tokens.max_in_flight is not None:
        yield Statement("tokens", f"{declaration.tokens.max_in_flight} requests at once", around)
    if declaration.errors.code or declaration.errors.message:
        places = ", ".join((*declaration.errors.code, *declaration.errors.message))
        yield Statement("errors", f"told at {places}", declaration.errors.provenance or around)
    if declaration.time_zone is not None:
        yield Statement("time_zone", declaration.time_zone, around)
    for name, entry in declaration.resources.items():
        yield from _of_resource(declaration, name, entry)


def provenance_of(declaration: Declaration, name: str) -> Mapping[str, Any]:
    """What an export of a resource carries along: where it is all known from, as plain values."""
    source = {key: str(value) for key, value in attrs.asdict(declaration.source).items() if value}
    own = [said for said in statements(declaration) if said.about in _SHARED or said.about.startswith(f"{name}.")]
    return {
        "vendor": declaration.vendor,
        "resource": name,
        "source": source,
        "provenance": {said.about: said.provenance for said in own},
    }


#: What all resources rest on.
_SHARED: Final = ("base_url", "auth", "errors", "time_zone")


def _of_resource(declaration: Declaration, name: str, entry: ResourceEntry) -> Iterator[Statement]:
    around = entry.provenance or declaration.provenance
    for operation, one in entry.operations.items():
        yield Statement(f"{name}.{operation}", f"{one.method} {one.path}", one.provenance or around)
        for wire, param in one.params.items():
            asks = "asks for changes" if (operation, wire) == ("list", entry.updated_filter) else None
            says = _joined(param.type, asks)
            yield Statement(f"{name}.{operation}({wire})", says, param.provenance or one.provenance or around)
    paging = declaration.paging_of(entry)
    yield Statement(f"{name}.paging", paging.kind, paging.provenance or around)
    roles = {entry.id: "the id", entry.updated: "the last change", entry.deleted: "whether it is deleted"}
    for wire, field in entry.fields.items():
        says = _joined(_field(declaration, field), roles.get(wire))
        yield Statement(f"{name}.{wire}", says, field.provenance or around)


def _joined(*parts: str | None) -> str:
    return ", ".join(filter(None, parts))


def _field(declaration: Declaration, field: FieldEntry) -> str:
    form = declaration.format_of(field)
    return " ".join(filter(None, (field.type, field.unit, form and f"as {form}")))


def _auth(declaration: Declaration) -> str:
    auth, place = declaration.auth, declaration.auth.placement
    where = f"header {place.header}" if place.header is not None else f"parameter {place.parameter}"
    return f"{auth.kind}, {where}"
