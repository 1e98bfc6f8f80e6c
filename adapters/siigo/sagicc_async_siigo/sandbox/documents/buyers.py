"""The customer of an invoice: one that is there, or one that the invoice brings along."""

from __future__ import annotations

from typing import Any, Final

import attrs

from .. import customers
from ..context import Context
from . import references
from .amounts import whole

#: An invoice that says one of these of its customer brings it along.
_DESCRIBED: Final = ("person_type", "id_type", "name", "address", "phones", "contacts")


def buyer(context: Context) -> tuple[dict[str, Any], bool]:
    """
    Return the customer of a new invoice.

    What an invoice says of a customer that is there already changes nothing of it: a choice of the sandbox's own.

    Returns:
        The customer, and whether it is still to be kept.

    Raises:
        Refused: There is no such customer, or what is said of a new one is wrong.
    """
    sent = context.body["customer"]
    branch = whole(sent.get("branch_office"))
    described = any(sent.get(name) is not None for name in _DESCRIBED)
    if not described or context.customer(sent["identification"], branch) is not None:
        return references.party(context, sent, "customer.identification"), False
    customers.check_body(attrs.evolve(context, body=sent))
    identifier = context.new_id(customers.TABLE)
    return {**sent, "id": identifier, "branch_office": branch}, True


def keep_buyer(context: Context) -> None:
    """Keep a customer that came with its invoice; it gets the id that `buyer` has told."""
    customers.keep(attrs.evolve(context, body=context.body["customer"]))
