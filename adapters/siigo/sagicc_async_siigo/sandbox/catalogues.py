"""Catalogues: short lists that come whole, as bare arrays, and the users, who come in pages."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from sagicc_async.sandbox import Reply, Store, Table

from . import failures
from .context import Context, Handler, Route
from .failures import Refused
from .paging import Page, envelope

#: Of DS, documents in support of purchases, only the type is documented.
_DOCUMENT_TYPES: Final = ("FV", "FC", "NC", "RC", "CC", "RP", "C", "DS")
_PAYABLE: Final = ("FV", "NC", "RC", "FC")

#: Catalogues without parameters, by path.
_PLAIN: Final = {
    "/v1/taxes": "taxes",
    "/v1/price-lists": "price_lists",
    "/v1/warehouses": "warehouses",
    "/v1/cost-centers": "cost_centers",
    "/v1/fixed-assets": "fixed_assets",
    "/v1/asset-groups": "asset_groups",
    "/v1/available-documents": "available_documents",
    "/v1/expenses": "expenses",
    "/v1/misc-incomes": "misc_incomes",
    "/v1/account-groups": "account_groups",
}

TABLES: Final[Sequence[Table]] = (
    Table("taxes", hidden=("sugary",)),
    Table("price_lists", ("id", "position")),
    Table("warehouses"),
    Table("cost_centers"),
    Table("fixed_assets"),
    Table("asset_groups"),
    Table("available_documents", ("type",)),
    Table("expenses"),
    Table("misc_incomes"),
    Table("account_groups", hidden=("code",)),
    Table("users"),
    Table("document_types", ("id", "type")),
    Table("payment_types", hidden=("documents",)),
)


def array(rows: Sequence[bytes]) -> Reply:
    """Answer a bare array."""
    return Reply(body=b"[%b]" % b",".join(rows))


def _plain(table: str) -> Handler:
    return lambda context: array(context.store.select(table))


def _document_types(context: Context) -> Reply:
    """The parameter is required in fact; what another value is answered is not documented."""
    kind = context.call.query.get("type")
    if not kind:
        raise Refused(failures.parameter_required("type"))
    if kind not in _DOCUMENT_TYPES:
        raise Refused(failures.invalid_value("type", ", ".join(_DOCUMENT_TYPES)))
    where = f"{Store.column('document_types', 'type')} = ?"
    return array(context.store.select("document_types", where=where, values=(Store.fold(kind),)))


def _payment_types(context: Context) -> Reply:
    """`RP` was seen to be answered with 404; here all other values are as well."""
    kind = context.call.query.get("document_type")
    if not kind:
        raise Refused(failures.parameter_required("document_type"))
    if kind not in _PAYABLE:
        raise Refused(failures.not_found("document_type", kind))
    where = f"instr({Store.column('payment_types', 'documents')}, ?)"
    return array(context.store.select("payment_types", where=where, values=(Store.fold(kind),)))


def _users(context: Context) -> Reply:
    """No addresses of other pages are documented in this envelope."""
    if context.settings.users == "array":
        return array(context.store.select("users"))
    page = Page.asked(context.call.query)
    rows = context.store.page("users", limit=page.size, offset=page.offset)
    return envelope(context, page, context.store.count("users"), rows, links=False)


ROUTES: Final[Sequence[Route]] = (
    *(Route("GET", path, _plain(table)) for path, table in _PLAIN.items()),
    Route("GET", "/v1/document-types", _document_types),
    Route("GET", "/v1/payment-types", _payment_types),
    Route("GET", "/v1/users", _users),
)
