"""Credit notes (Siigo, "Notas Crédito")."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

from sagicc_async import FieldError

from .healthcare import HEALTHCARE
from .reading import is_given, read_number, read_object
from .rules import Complaints, Day, List, Object, Pattern, Text, Whole, below, complain, missing, run
from .shared import (
    CURRENCY,
    PAYMENT,
    REFERENCE,
    REQUIRED_OBJECT_WITH_ID,
    SALES_ITEMS,
    SEND,
)
from .totals import check_total

_ANNULMENT: Final = 2
_GUID: Final[Pattern] = Pattern(
    re.compile(r"[({]?[0-9A-Fa-f]{8}-?(?:[0-9A-Fa-f]{4}-?){3}[0-9A-Fa-f]{12}[)}]?"), "send the invoice's id, a GUID"
)


def _one_invoice(note: Mapping[str, Any], path: str) -> Complaints:
    """An invoice that Siigo has, or the data of one that it has not; a note that is not electronic may lack both."""
    if not is_given(note, "invoice_data"):
        return
    if is_given(note, "invoice"):
        yield complain("parameters_exclusive", below(path, "invoice_data"), "send invoice or invoice_data, not both")
        return
    yield from missing(note, "customer", path)
    yield from missing(note, "seller", path)


def _annulled_invoice(note: Mapping[str, Any], path: str) -> Complaints:
    data = read_object(note.get("invoice_data"))
    if data is not None and read_number(note.get("reason")) == _ANNULMENT:
        yield from missing(data, "number", below(path, "invoice_data"))
        yield from missing(data, "cufe", below(path, "invoice_data"))


_INVOICE_DATA: Final[Object] = Object(
    required={"date": Day()},
    optional={"prefix": Text(), "number": Text(or_number=True), "cufe": Text(longest=200)},
)
_CREDIT_NOTE: Final[Object] = Object(
    required={
        "document": REQUIRED_OBJECT_WITH_ID,
        "date": Day(),
        "items": SALES_ITEMS,
        "payments": List(of=PAYMENT),
    },
    optional={
        "number": Whole(),
        "invoice": Text(pattern=_GUID),
        "invoice_data": _INVOICE_DATA,
        "customer": REFERENCE,
        "seller": Whole(),
        "cost_center": Whole(),
        "currency": CURRENCY,
        # One text says 1 to 5, the type prints 1 to 7 without 5; required for electronic notes alone.
        "reason": Whole(low=1, high=7),
        "retentions": List(of=REQUIRED_OBJECT_WITH_ID),
        "observations": Text(),
        "stamp": SEND,
        "mail": SEND,
        "healthcare_company": HEALTHCARE,
    },
    between=(_one_invoice, _annulled_invoice),
)


def check_credit_note(document: Mapping[str, Any], *, total: Decimal | None = None) -> list[FieldError]:
    """
    Check a credit note that is to be created.

    Args:
        document: The request with the vendor's names.
        total: The total that Siigo will reckon, where it is certain: see `invoice_total`.

    Returns:
        All complaints, none if no documented rule is broken.
    """
    return run(_CREDIT_NOTE, document) + check_total(document, total)
