"""
Cash receipts and payment receipts (Siigo, "Recibos de Caja" and "Recibos de pago o egreso").

Both have the same shapes, which `type` tells apart; one names a customer, the other a supplier.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from typing import Any, Final

from sagicc_async import FieldError

from .balance import ACCOUNT, balanced
from .reading import on_wire, read_list, read_number, read_object, read_word
from .rules import Amount, Choice, Complaints, Day, Distinct, List, Object, Rule, Text, Whole, below, complain, run
from .shared import CURRENCY, OBJECT_WITH_ID, REFERENCE, REQUIRED_OBJECT_WITH_ID

_DUE: Final[Object] = Object(
    required={"prefix": Text(), "consecutive": Whole(), "quote": Whole()},
    # One text calls the date required, the type does not.
    optional={"date": Day()},
)


def _due_key(value: Any) -> Hashable | None:
    """A due that is named completely; one with another date may be another."""
    due = read_object(value)
    if due is None:
        return None
    prefix, day = on_wire(due.get("prefix")), on_wire(due.get("date"))
    numbers = read_number(due.get("consecutive")), read_number(due.get("quote"))
    if not isinstance(prefix, str) or None in numbers or not isinstance(day, str | None):
        return None
    return (prefix, *numbers, day)


def _no_items(document: Mapping[str, Any], path: str) -> Complaints:
    if read_list(document.get("items")):
        yield complain("invalid_array", below(path, "items"), "send an advance without items")


_PAID_ITEM: Final[Object] = Object(required={"value": Amount()}, optional={"due": _DUE})
_PAID_ITEMS: Final[List] = List(
    of=_PAID_ITEM,
    filled=True,
    distinct=Distinct(field="due", key=_due_key, advice="send each due once, with all that is paid of it"),
)
_DETAILED_ITEM: Final[Object] = Object(
    required={"value": Amount()},
    optional={"account": ACCOUNT, "due": _DUE, "tax": OBJECT_WITH_ID, "description": Text()},
)

_REQUIRED: Final[Mapping[str, Rule]] = {"document": REQUIRED_OBJECT_WITH_ID, "date": Day()}
# No type marks the payment as required, so only what stands in it is insisted on.
_OPTIONAL: Final[Mapping[str, Rule]] = {
    "currency": CURRENCY,
    "cost_center": Whole(),
    "payment": Object(required={"id": Whole(), "value": Amount()}),
    "observations": Text(),
}


def _shapes(party: str, types: Sequence[str]) -> Choice:
    """
    The shapes of one kind of receipt.

    Args:
        party: The field that names the third party.
        types: The words that `type` takes.
    """
    required = {**_REQUIRED, "type": Text(one_of=types), party: REFERENCE}
    # Of incomes of another kind the newer site tells a part, and of an unknown type nothing is known.
    other = Object(
        required={**_REQUIRED, "type": required["type"]},
        optional={**_OPTIONAL, party: REFERENCE, "income": OBJECT_WITH_ID},
    )
    by_type = {
        "debtpayment": Object(required={**required, "items": _PAID_ITEMS}, optional=_OPTIONAL),
        "advancepayment": Object(required=required, optional=_OPTIONAL, between=(_no_items,)),
        "detailed": Object(
            required=required, optional={**_OPTIONAL, "items": List(of=_DETAILED_ITEM)}, between=(balanced,)
        ),
    }
    return Choice(lambda document: by_type.get(read_word(document.get("type")) or "", other))


_VOUCHER: Final[Choice] = _shapes("customer", ("DebtPayment", "AdvancePayment", "Detailed", "MiscIncome"))
_PAYMENT_RECEIPT: Final[Choice] = _shapes("supplier", ("DebtPayment", "AdvancePayment", "Detailed"))


def check_voucher(document: Mapping[str, Any]) -> list[FieldError]:
    """
    Check a cash receipt that is to be created.

    Args:
        document: The request with the vendor's names.

    Returns:
        All complaints, none if no documented rule is broken.
    """
    return run(_VOUCHER, document)


def check_payment_receipt(document: Mapping[str, Any]) -> list[FieldError]:
    """
    Check a payment receipt that is to be created or replaced.

    Args:
        document: The request with the vendor's names.

    Returns:
        All complaints, none if no documented rule is broken.
    """
    return run(_PAYMENT_RECEIPT, document)
