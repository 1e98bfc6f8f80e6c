"""Purchases and expenses (Siigo, "Factura de compra o gasto")."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

from sagicc_async import FieldError

from .reading import is_given, objects_in, read_word
from .rules import Anything, Complaints, Day, Flag, List, Object, Pattern, Text, Whole, below, complain, run
from .shared import (
    CURRENCY,
    ITEM_OPTIONAL,
    ITEM_PRICE,
    ITEM_REQUIRED,
    OBSERVATIONS,
    PAYMENT,
    REFERENCE,
    REQUIRED_OBJECT_WITH_ID,
)
from .totals import check_total


def _suppliers_of_items(purchase: Mapping[str, Any], path: str) -> Complaints:
    by_item = purchase.get("supplier_by_item")
    if by_item is True or read_word(by_item) == "true":
        return
    for index, item in objects_in(purchase.get("items")):
        if is_given(item, "supplier"):
            where = below(path, f"items[{index}].supplier")
            yield complain("parameter_not_allowed", where, "send it with supplier_by_item true only")


_PROVIDER_INVOICE: Final[Object] = Object(
    required={
        # "Alphanumeric" is no expression: the vendor calls FV-1 and Item-1 so, too.
        "prefix": Text(longest=6),
        "number": Text(longest=11, pattern=Pattern(re.compile("[0-9]+"), "send digits only"), or_number=True),
    }
)
_ITEM: Final[Object] = Object(
    required={**ITEM_REQUIRED, "type": Text(one_of=("Product", "FixedAsset", "Account")), "price": ITEM_PRICE},
    optional={**ITEM_OPTIONAL, "supplier": Anything(), "warehouse": Whole()},
)
_PURCHASE: Final[Object] = Object(
    required={
        "document": REQUIRED_OBJECT_WITH_ID,
        "date": Day(),
        "supplier": REFERENCE,
        "items": List(of=_ITEM, filled=True),
        "payments": List(of=PAYMENT),
    },
    optional={
        "number": Whole(),
        "cost_center": Whole(),
        "provider_invoice": _PROVIDER_INVOICE,
        "currency": CURRENCY,
        "observations": OBSERVATIONS,
        "discount_type": Text(one_of=("Value", "Percentage")),
        "supplier_by_item": Flag(),
        "tax_included": Flag(),
        # One text calls them ids, the types objects with an id.
        "retentions": List(of=Anything()),
    },
    between=(_suppliers_of_items,),
)


def check_purchase(document: Mapping[str, Any], *, total: Decimal | None = None) -> list[FieldError]:
    """
    Check a purchase that is to be created or replaced.

    Args:
        document: The request with the vendor's names.
        total: The total that Siigo will reckon, where it is certain: see `invoice_total`.

    Returns:
        All complaints, none if no documented rule is broken.
    """
    return run(_PURCHASE, document) + check_total(document, total)
