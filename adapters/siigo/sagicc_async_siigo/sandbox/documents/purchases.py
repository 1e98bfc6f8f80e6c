"""
Purchases.

Nothing says that a supplier's invoice can be entered once only, so the same `provider_invoice` is taken again and again:
a purchase that is sent twice shows. Idempotency keys are not honoured here, as documented.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

from sagicc_async.sandbox import Reply, Row

from .. import failures
from ..checks import Fields, Flag, Rule, Text, check
from ..context import Context, Route
from ..failures import Refused
from . import fields, instalments, references
from .amounts import decimal, plain
from .items import Terms, of_product, price_items
from .kinds import PURCHASES
from .payments import pay
from .records import change, keep, reading, refuse_frozen
from .refusals import invalid_account
from .sales import retentions

_ACCOUNT: Final = re.compile(r"\d{1,12}")

_FIELDS: Final[dict[str, Rule]] = {
    **fields.HEAD,
    "supplier": fields.PARTY,
    "provider_invoice": Fields(
        {
            "prefix": Text(required=True, most=6, pattern=re.compile(r"[A-Za-z0-9]*")),
            "number": Text(required=True, most=11, pattern=re.compile(r"\d*")),
        }
    ),
    "discount_type": Text(choices=("Value", "Percentage")),
    "supplier_by_item": Flag(),
    "tax_included": Flag(),
    "retentions": fields.RETENTIONS,
    "items": fields.items(
        type=Text(required=True, choices=("Product", "FixedAsset", "Account")),
        supplier=Fields(fields.PARTY_FIELDS),
    ),
    "payments": fields.PAYMENTS,
}


def _create(context: Context) -> Reply:
    check(context.body, _FIELDS)
    document_type = references.document_type(context, PURCHASES, context.body)
    supplier = references.party(context, context.body["supplier"], "supplier.identification")
    record = keep(context, PURCHASES, document_type, _drawn(context, document_type, supplier))
    instalments.owe(context.store, PURCHASES, record, supplier)
    return context.answer(record, 201)


def _update(context: Context, id: str) -> Reply:  # noqa: A002 - the name in the route's pattern
    check(context.body, _FIELDS)
    document_type = references.document_type(context, PURCHASES, context.body)
    supplier = references.party(context, context.body["supplier"], "supplier.identification")
    drawn = _drawn(context, document_type, supplier)
    row = context.found(PURCHASES.table, PURCHASES.noun, id)
    if instalments.has_movements(context.store, id):
        raise Refused(failures.update_not_allowed("purchase", "it has related payment receipts"))
    refuse_frozen(PURCHASES, row, context.body)
    record = change(context, PURCHASES, row, drawn)
    instalments.strike(context.store, id)
    instalments.owe(context.store, PURCHASES, record, supplier)
    return context.answer(record, context.settings.put_status)


def _delete(context: Context, id: str) -> Reply:  # noqa: A002 - the name in the route's pattern
    row: Row = context.found(PURCHASES.table, PURCHASES.noun, id)
    if instalments.has_movements(context.store, id):
        raise Refused(failures.delete_not_allowed("purchase", "it has related payment receipts"))
    instalments.strike(context.store, id)
    context.store.delete(PURCHASES.table, row.position)
    return context.deleted(id)


def _drawn(context: Context, document_type: Mapping[str, Any], supplier: Mapping[str, Any]) -> dict[str, Any]:
    body = context.body
    center = references.cost_center(context, document_type, body.get("cost_center"))
    discount_type = body.get("discount_type") or "Value"
    terms = Terms(
        find=_thing,
        decimals=document_type.get("decimals", True),
        by_percentage=discount_type == "Percentage",
        tax_included=bool(body.get("tax_included")),
        extras=_extras,
    )
    priced = price_items(context, body["items"], terms)
    total = priced.total.total
    # They are checked; no field of the answer is documented for them.
    retentions(context, document_type, priced.total)
    paid = pay(context, body["payments"], total, letters="FC", noun="purchase")
    later = sum((decimal(payment["value"]) for payment in paid if "due_date" in payment), Decimal(0))
    return {
        "supplier": references.named(supplier),
        "cost_center": center,
        "provider_invoice": body.get("provider_invoice"),
        "discount_type": discount_type,
        "currency": body.get("currency"),
        "total": plain(total),
        "balance": plain(later),
        "observations": body.get("observations"),
        "items": priced.answers,
        "payments": paid,
    }


def _thing(context: Context, item: Mapping[str, Any], path: str) -> dict[str, Any]:
    """Find what is bought. There is no list of accounts, so any number of up to twelve digits is one."""
    kind, code, name = item["type"], item["code"], f"{path}.code"
    if kind == "Product":
        return {"type": kind, **of_product(context, item, path)}
    if item.get("warehouse") is not None:
        raise Refused(failures.parameter_not_allowed(f"{path}.warehouse", "only products are in warehouses"))
    if kind == "FixedAsset":
        found = references.fixed_asset(context, code, name)
        return {"type": kind, "id": str(found["id"]), "code": code, "description": found["name"]}
    if not _ACCOUNT.fullmatch(code):
        raise Refused(invalid_account(name, code))
    return {"type": kind, "code": code, "description": ""}


def _extras(context: Context, item: Mapping[str, Any], path: str) -> dict[str, Any]:
    if item.get("supplier") is None:
        return {}
    if not context.body.get("supplier_by_item"):
        raise Refused(failures.parameter_not_allowed(f"{path}.supplier", "supplier_by_item is false"))
    supplier = references.party(context, item["supplier"], f"{path}.supplier.identification")
    return {"supplier": references.named(supplier)}


ROUTES: Final[Sequence[Route]] = (
    Route("POST", PURCHASES.path, _create),
    Route("PUT", f"{PURCHASES.path}/{{id}}", _update),
    Route("DELETE", f"{PURCHASES.path}/{{id}}", _delete),
    *reading(PURCHASES),
)
