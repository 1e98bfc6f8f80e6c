"""Sales invoices and batches of them (Siigo, "Facturas de Venta")."""

from __future__ import annotations

import re
from collections.abc import Hashable, Mapping
from decimal import Decimal
from typing import Any, Final

from sagicc_async import FieldError

from .customers import INLINE_PARTY
from .healthcare import HEALTHCARE
from .reading import is_given, objects_in, read_number, read_object
from .rules import (
    Amount,
    Anything,
    Choice,
    Complaints,
    Day,
    Distinct,
    List,
    Number,
    Object,
    Pattern,
    Rule,
    Text,
    Whole,
    below,
    complain,
    run,
)
from .shared import (
    CURRENCY,
    OBSERVATIONS,
    PAYMENT,
    REFERENCE,
    REQUIRED_OBJECT_WITH_ID,
    SALES_ITEMS,
    SEND,
)
from .totals import check_total


def _customer_shape(customer: Mapping[str, Any]) -> Object:
    """Who says what kind of person the customer is describes one that is to be created."""
    return INLINE_PARTY if is_given(customer, "person_type") or is_given(customer, "id_type") else REFERENCE


def _one_payment_if_due(invoice: Mapping[str, Any], path: str) -> Complaints:
    payments = objects_in(invoice.get("payments"))
    if len(payments) > 1 and any(is_given(payment, "due_date") for _, payment in payments):
        yield complain("invalid_array", below(path, "payments"), "send one payment alone where any has a due_date")


_SLIP: Final[Mapping[str, Rule]] = {"prefix": Text(longest=20), "number": Text(longest=20, or_number=True)}
_ADDITIONAL_FIELDS: Final[Object] = Object(
    optional={"purchase_order": Object(optional=_SLIP), "delivery_order": Object(optional=_SLIP)}
)
_GLOBAL_DISCOUNTS: Final[List] = List(
    of=Object(
        optional={
            "id": Whole(),
            "percentage": Number(low=Decimal("0.01"), high=Decimal("99.99"), decimals=2),
            "value": Amount(),
        }
    )
)

_REQUIRED: Final[Mapping[str, Rule]] = {
    "document": REQUIRED_OBJECT_WITH_ID,
    "date": Day(),
    "customer": Choice(_customer_shape),
    "seller": Whole(),
    "items": SALES_ITEMS,
    "payments": List(of=PAYMENT),
}
_OPTIONAL: Final[Mapping[str, Rule]] = {
    "number": Whole(),
    "cost_center": Whole(),
    "currency": CURRENCY,
    "stamp": SEND,
    "mail": SEND,
    "observations": OBSERVATIONS,
    # One text calls them ids, the types objects with an id.
    "retentions": List(of=Anything()),
    "advance_payment": Amount(),
    "global_discounts": _GLOBAL_DISCOUNTS,
    "globaldiscounts": _GLOBAL_DISCOUNTS,
    "additional_fields": _ADDITIONAL_FIELDS,
    "healthcare_company": HEALTHCARE,
}
_INVOICE: Final[Object] = Object(required=_REQUIRED, optional=_OPTIONAL, between=(_one_payment_if_due,))


def _key_as_text(value: Any) -> Hashable | None:
    return value if isinstance(value, str) else None


_BATCH_INVOICE: Final[Object] = Object(
    required={
        "idempotency_key": Text(
            pattern=Pattern(
                re.compile("[A-Za-z0-9]{1,30}"), "send 1 to 30 letters and digits", "invalid_idempotency_key"
            )
        ),
        **_REQUIRED,
    },
    optional=_OPTIONAL,
    between=(_one_payment_if_due,),
)
_BATCH: Final[Object] = Object(
    required={
        "notification_url": Text(
            longest=2047,
            pattern=Pattern(re.compile(r"https://\S+"), "send a URL that starts with https://", "invalid_url"),
        ),
        "invoices": List(
            of=_BATCH_INVOICE,
            filled=True,
            distinct=Distinct(
                field="idempotency_key",
                key=_key_as_text,
                advice="give each invoice a key of its own: one that Siigo knows gives the earlier document",
                code="invalid_idempotency_key",
            ),
        ),
    }
)


def _advance_within_total(invoice: Mapping[str, Any], total: Decimal) -> Complaints:
    advance = read_number(invoice.get("advance_payment"))
    if advance is not None and advance > total:
        yield complain("invalid_amount", "advance_payment", "send no more than the total of the invoice")


def check_invoice(document: Mapping[str, Any], *, total: Decimal | None = None) -> list[FieldError]:
    """
    Check a sales invoice that is to be created or replaced.

    Args:
        document: The request with the vendor's names.
        total: The total that Siigo will reckon, where it is certain: see `invoice_total`.

    Returns:
        All complaints, none if no documented rule is broken.
    """
    complaints = run(_INVOICE, document)
    invoice = read_object(document)
    if total is not None and invoice is not None:
        complaints += check_total(invoice, total)
        complaints += _advance_within_total(invoice, total)
    return complaints


def check_invoice_batch(document: Mapping[str, Any]) -> list[FieldError]:
    """
    Check a batch of sales invoices; its size as JSON is looked at where it is sent.

    Args:
        document: The request with the vendor's names.

    Returns:
        All complaints, none if no documented rule is broken.
    """
    return run(_BATCH, document)
