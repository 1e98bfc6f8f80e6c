"""The payments of a document: ways of paying that its kind takes, which together are its total."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from .. import failures
from ..context import Context
from ..failures import Refused
from .amounts import decimal, plain
from .refusals import invalid_payment, invalid_total_payments


def pay(
    context: Context, rows: Sequence[Mapping[str, Any]], total: Decimal, *, letters: str, noun: str
) -> list[dict[str, Any]]:
    """
    Return the payments as they are answered.

    Args:
        context: The request.
        rows: What was sent.
        total: What the document comes to.
        letters: Whose ways of paying they must be.
        noun: What the vendor's message calls the document.

    Raises:
        Refused: A way of paying is not one of these, lacks its date, or the sum differs.
    """
    paid = [_payment(context, row, letters, f"payments[{place}]") for place, row in enumerate(rows)]
    if sum(decimal(row["value"]) for row in rows) != total:
        raise Refused(invalid_total_payments(noun, total))
    return paid


def refuse_two_with_due_date(paid: Sequence[Mapping[str, Any]]) -> None:
    """Documented for invoices: no second payment beside one with a due date."""
    if len(paid) > 1 and any("due_date" in payment for payment in paid):
        raise Refused(failures.invalid_array("payments", "can have only one element if one of them has a due date"))


def way_of_paying(context: Context, identifier: Any, letters: str, name: str) -> dict[str, Any]:
    """Return a way of paying that documents of this type take."""
    found = context.payment_type(identifier, letters)
    if found is None:
        raise Refused(invalid_payment(name, identifier))
    if not found.get("active", True):
        raise Refused(failures.parameter_inactive(name))
    return found


def _payment(context: Context, row: Mapping[str, Any], letters: str, path: str) -> dict[str, Any]:
    found = way_of_paying(context, row["id"], letters, f"{path}.id")
    paid = {"id": found["id"], "name": found["name"], "value": plain(decimal(row["value"]))}
    if not found.get("due_date"):
        return paid
    if row.get("due_date") is None:
        raise Refused(failures.parameter_required(f"{path}.due_date"))
    return {**paid, "due_date": row["due_date"]}
