"""What a document refers to: each must exist, be active, and be of the right kind."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .. import failures
from ..context import Context
from ..failures import Failure, Refused
from .amounts import whole
from .kinds import Kind
from .refusals import document_settings, invalid_cost_center, invalid_document


def document_type(context: Context, kind: Kind, body: Mapping[str, Any]) -> dict[str, Any]:
    """Return the document type, which must be this kind's."""
    identifier = body["document"]["id"]
    found = context.catalogue("document_types", identifier)
    if found is None or found["type"] != kind.letters:
        raise Refused(invalid_document(kind.letters, identifier))
    return _active(found, "document.id")


def party(context: Context, sent: Mapping[str, Any], name: str) -> dict[str, Any]:
    """Return a third party."""
    identification, branch = sent["identification"], whole(sent.get("branch_office"))
    found = context.customer(identification, branch)
    if found is None:
        raise Refused(failures.invalid_reference(name, identification))
    return _active(found, name)


def cost_center(context: Context, kept: Mapping[str, Any], sent: Any, name: str = "cost_center") -> int | None:
    """Return a cost centre's id, as the document type wants it."""
    if not kept.get("cost_center"):
        if sent is not None:
            raise Refused(document_settings(name))
        return None
    if sent is None:
        default: int | None = kept.get("cost_center_default")
        if kept.get("cost_center_mandatory") and default is None:
            raise Refused(failures.parameter_required(name))
        return default
    return _identifier(context, "cost_centers", sent, name, invalid_cost_center(name, sent))


def seller(context: Context, sent: Any, name: str = "seller") -> int:
    """Return a user's id."""
    return _identifier(context, "users", sent, name, failures.invalid_reference(name, sent))


def warehouse(context: Context, sent: Any, name: str) -> dict[str, Any]:
    """Return a warehouse as answers name it."""
    found = _found(context, "warehouses", sent, name, failures.invalid_reference(name, sent))
    return {"id": found["id"], "name": found["name"]}


def tax(context: Context, sent: Any, name: str) -> dict[str, Any]:
    """Return a tax."""
    return _found(context, "taxes", sent, name, failures.invalid_reference(name, sent))


def fixed_asset(context: Context, sent: Any, name: str) -> dict[str, Any]:
    """Return a fixed asset."""
    return _found(context, "fixed_assets", sent, name, failures.invalid_reference(name, sent))


def product(context: Context, code: str, name: str) -> dict[str, Any]:
    """Return a product."""
    found = context.product(code)
    if found is None:
        raise Refused(failures.invalid_reference(name, code))
    return _active(found, name)


def named(record: Mapping[str, Any]) -> dict[str, Any]:
    """Return a third party as answers name it."""
    return {name: record[name] for name in ("id", "identification", "branch_office")}


def _identifier(context: Context, table: str, sent: Any, name: str, unknown: Failure) -> int:
    identifier: int = _found(context, table, sent, name, unknown)["id"]
    return identifier


def _found(context: Context, table: str, sent: Any, name: str, unknown: Failure) -> dict[str, Any]:
    found = context.catalogue(table, sent)
    if found is None:
        raise Refused(unknown)
    return _active(found, name)


def _active(record: dict[str, Any], name: str) -> dict[str, Any]:
    if not record.get("active", True):
        raise Refused(failures.parameter_inactive(name))
    return record
