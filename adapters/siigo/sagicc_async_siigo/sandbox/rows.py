"""Records that a test adds itself, and which records it sees."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, Final

from sagicc_async.sandbox import Store, from_json

from . import catalogue_data, catalogues, customers, products
from .context import guid
from .documents.kinds import KINDS
from .product_records import unit
from .stamps import Stamps, mark

_DOCUMENTS: Final = {kind.table: kind for kind in KINDS}
#: Their ids are numbers; they have no metadata, and their lists are in the order of insertion.
_CATALOGUES: Final = frozenset(table.name for table in catalogues.TABLES)
_OF_A_CATALOGUE: Final = 90_000

#: Lists that can be asked by creation and change.
_STAMPED: Final = frozenset({customers.TABLE, products.TABLE, *_DOCUMENTS})


def add(store: Store, resource: str, record: Mapping[str, Any], stamps: Stamps) -> dict[str, Any]:
    """
    Keep a record.

    Args:
        store: The tables.
        resource: Which one.
        record: Its fields; `metadata.created` decides when it was created.
        stamps: How moments are written.

    Returns:
        The record as it is sent, with the fields that it lacked.
    """
    # The store's own error names the tables that there are.
    store.count(resource)
    number = store.next_position(resource)
    blank = _blank(resource, number)
    if resource in _STAMPED:
        return _stamped(store, resource, {**blank, **record}, stamps)
    kept = {**blank, **record}
    store.insert(resource, kept)
    return kept


def _stamped(store: Store, resource: str, record: dict[str, Any], stamps: Stamps) -> dict[str, Any]:
    """Keep a record of a list that can be asked by creation and change."""
    given = record.get("metadata", {})
    stamped = stamps.created(_moment(given.get("created")))
    kept = {**record, "metadata": {**stamped["metadata"], **given}}
    updated = given.get("last_updated")
    moments = {"created": stamped["created"], "updated": mark(_moment(updated)) if updated else None}
    store.insert(resource, {**kept, **_marks(resource, kept), **moments})
    return kept


def visible(store: Store, resource: str) -> list[dict[str, Any]]:
    """Return the records of a resource as its list sends them: the newest first, but for catalogues."""
    if resource in _CATALOGUES:
        return store.rows(resource)
    where = f"{store.column(resource, 'active')} = ?" if resource == customers.TABLE else ""
    order = f"{store.position(resource)} DESC"
    return [
        from_json(body) for body in store.select(resource, where=where, values=("true",) * bool(where), order=order)
    ]


def _moment(written: str | None) -> datetime:
    """Read a moment; one without a zone is in UTC. Nothing asks over HTTP, so there is no request whose time it could have."""
    if written is None:
        return datetime.now(UTC)
    read = datetime.fromisoformat(written)
    return read.replace(tzinfo=UTC) if read.tzinfo is None else read.astimezone(UTC)


def _marks(resource: str, record: Mapping[str, Any]) -> dict[str, Any]:
    """Return what stands beside a record, but for its moments."""
    if resource in _DOCUMENTS:
        return _DOCUMENTS[resource].marks(record)
    return {"group": record["account_group"]["id"]} if resource == products.TABLE else {}


def _blank(resource: str, number: int) -> dict[str, Any]:
    """Return what a record has of itself."""
    if resource in _CATALOGUES:
        return {"id": _OF_A_CATALOGUE + number, "name": f"{resource} {number}", "active": True}
    identifier = {"id": guid(resource, number)}
    if resource in _DOCUMENTS:
        return {**identifier, **_document(resource, number)}
    blank = _BLANKS.get(resource)
    return identifier if blank is None else {**identifier, **blank(number)}


def _document(resource: str, number: int) -> dict[str, Any]:
    kind = _DOCUMENTS[resource]
    document_type = next(row for row in catalogue_data.DOCUMENT_TYPES if row["type"] == kind.letters)
    name = kind.name(document_type["code"], number)
    return {"document": {"id": document_type["id"]}, "number": number, "name": name, "date": "2025-01-02"}


def _product(number: int) -> dict[str, Any]:
    group = catalogue_data.ACCOUNT_GROUPS[0]
    return {
        "code": f"A{number:05}",
        "name": f"Producto {number}",
        "account_group": {"id": group["id"], "name": group["name"]},
        "type": "Product",
        "stock_control": False,
        "active": True,
        "tax_classification": "Taxed",
        "tax_included": False,
        "tax_consumption_value": 0,
        "unit": unit(None),
        "available_quantity": 0,
    }


def _customer(number: int) -> dict[str, Any]:
    return {
        "type": "Customer",
        "person_type": "Company",
        "id_type": {"code": "31", "name": "NIT"},
        "identification": str(910_000_000 + number),
        "name": [f"Empresa {number}"],
        "branch_office": 0,
        "active": True,
        "vat_responsible": False,
    }


_BLANKS: Final[Mapping[str, Callable[[int], dict[str, Any]]]] = {
    products.TABLE: _product,
    customers.TABLE: _customer,
}
