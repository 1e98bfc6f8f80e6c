"""Quotations: items and a total, without payments or a balance."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

from sagicc_async.sandbox import Reply

from ..checks import Amount, Rule, check
from ..context import Context, Route
from . import fields, references
from .amounts import plain
from .items import Terms, of_product, price_items
from .kinds import QUOTATIONS
from .records import change, keep, reading, refuse_frozen

#: The largest quantity, documented for quotations only.
_MOST: Final = Decimal("9999999.99")

_FIELDS: Final[dict[str, Rule]] = {
    **fields.HEAD,
    "customer": fields.PARTY,
    "seller": fields.IDENTIFIER,
    "items": fields.items(quantity=Amount(required=True, above=fields.NOTHING, most=_MOST, or_text=True)),
}


def _create(context: Context) -> Reply:
    check(context.body, _FIELDS)
    document_type = references.document_type(context, QUOTATIONS, context.body)
    drawn = _drawn(context, document_type, context.new_id(QUOTATIONS.table))
    return context.answer(keep(context, QUOTATIONS, document_type, drawn), 201)


def _update(context: Context, id: str) -> Reply:  # noqa: A002 - the name in the route's pattern
    check(context.body, _FIELDS)
    document_type = references.document_type(context, QUOTATIONS, context.body)
    drawn = _drawn(context, document_type, id)
    row = context.found(QUOTATIONS.table, QUOTATIONS.noun, id)
    refuse_frozen(QUOTATIONS, row, context.body)
    return context.answer(change(context, QUOTATIONS, row, drawn), context.settings.put_status)


def _delete(context: Context, id: str) -> Reply:  # noqa: A002 - the name in the route's pattern
    row = context.found(QUOTATIONS.table, QUOTATIONS.noun, id)
    context.store.delete(QUOTATIONS.table, row.position)
    return context.deleted(id)


def _drawn(context: Context, document_type: Mapping[str, Any], identifier: str) -> dict[str, Any]:
    body = context.body
    customer = references.party(context, body["customer"], "customer.identification")
    center = references.cost_center(context, document_type, body.get("cost_center"))
    seller = references.seller(context, body["seller"])
    terms = Terms(
        find=of_product,
        decimals=document_type.get("decimals", True),
        by_percentage=document_type.get("discount_type") == "Percentage",
    )
    priced = price_items(context, body["items"], terms)
    return {
        "customer": references.named(customer),
        "cost_center": center,
        "currency": body.get("currency"),
        "total": plain(priced.total.total),
        "seller": seller,
        "items": priced.answers,
        "public_url": f"https://publicview.siigo.com/document?data={identifier}",
    }


ROUTES: Final[Sequence[Route]] = (
    Route("POST", QUOTATIONS.path, _create),
    Route("PUT", f"{QUOTATIONS.path}/{{id}}", _update),
    Route("DELETE", f"{QUOTATIONS.path}/{{id}}", _delete),
    *reading(QUOTATIONS),
)
