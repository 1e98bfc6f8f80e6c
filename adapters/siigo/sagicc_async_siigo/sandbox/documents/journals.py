"""Accounting journals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from ..checks import Amount, Fields, Rows, Rule, Text, Whole, check
from ..context import Context, Route, filled
from . import fields, references
from .accounts import MOVEMENT, move
from .idempotency import once
from .kinds import JOURNALS
from .records import keep, reading

_PRODUCT: Final = Fields(
    {
        "code": Text(required=True),
        "quantity": Amount(required=True, above=fields.NOTHING, or_text=True),
        "warehouse": Whole(or_text=True),
    }
)
_ITEM: Final = Fields(
    {
        **MOVEMENT,
        "customer": fields.PARTY,
        "cost_center": Whole(or_text=True),
        "fixed_assets": Whole(or_text=True),
        "product": _PRODUCT,
    }
)
_FIELDS: Final[dict[str, Rule]] = {**fields.HEAD, "items": Rows(_ITEM, required=True)}


def create(context: Context) -> dict[str, Any]:
    """Create a journal, and return its answer."""
    check(context.body, _FIELDS)
    document_type = references.document_type(context, JOURNALS, context.body)
    items = context.body["items"]
    more = [_more(context, document_type, item, f"items[{place}]") for place, item in enumerate(items)]
    moved = move(context, items)
    fields_ = {
        "items": [_item(movement, extra) for movement, extra in zip(moved, more, strict=True)],
        "balance": 0,
        "observations": context.body.get("observations"),
    }
    return keep(context, JOURNALS, document_type, fields_)


def _more(context: Context, document_type: Mapping[str, Any], item: Mapping[str, Any], path: str) -> dict[str, Any]:
    """Return what a journal's item has besides its movement."""
    party = references.party(context, item["customer"], f"{path}.customer.identification")
    center = references.cost_center(context, document_type, item.get("cost_center"), f"{path}.cost_center")
    found: dict[str, Any] = {"customer": references.named(party), "cost_center": center}
    if item.get("fixed_assets") is not None:
        found["fixed_assets"] = references.fixed_asset(context, item["fixed_assets"], f"{path}.fixed_assets")["id"]
    if item.get("product") is not None:
        references.product(context, item["product"]["code"], f"{path}.product.code")
        found["product"] = item["product"]
    return found


def _item(movement: dict[str, Any], more: dict[str, Any]) -> dict[str, Any]:
    """Put the fields in the order of the vendor's samples."""
    return filled({"account": movement["account"], **more, **movement})


ROUTES: Final[Sequence[Route]] = (
    Route("POST", JOURNALS.path, once(JOURNALS.path, create), keyed=True),
    *reading(JOURNALS),
)
