"""Quotations (Siigo, "Cotizaciones")."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

from sagicc_async import FieldError

from .rules import Amount, Day, List, Number, Object, Whole, run
from .shared import (
    CURRENCY_CODE,
    ITEM_OPTIONAL,
    ITEM_PRICE,
    ITEM_REQUIRED,
    REFERENCE,
    REQUIRED_OBJECT_WITH_ID,
)

_ITEM: Final[Object] = Object(
    required={**ITEM_REQUIRED, "quantity": Amount(high=Decimal("9999999.99")), "price": ITEM_PRICE},
    optional=ITEM_OPTIONAL,
)
_QUOTATION: Final[Object] = Object(
    required={
        "document": REQUIRED_OBJECT_WITH_ID,
        "date": Day(),
        "customer": REFERENCE,
        "seller": Whole(),
        "items": List(of=_ITEM, filled=True),
    },
    optional={
        "number": Whole(),
        "cost_center": Whole(),
        # Here, and here alone, the text too says that a currency needs its rate.
        "currency": Object(required={"exchange_rate": Number()}, optional={"code": CURRENCY_CODE}),
    },
)


def check_quotation(document: Mapping[str, Any]) -> list[FieldError]:
    """
    Check a quotation that is to be created or replaced.

    Args:
        document: The request with the vendor's names.

    Returns:
        All complaints, none if no documented rule is broken.
    """
    return run(_QUOTATION, document)
