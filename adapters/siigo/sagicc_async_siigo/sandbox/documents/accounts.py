"""
Movements of accounts, of journals and of detailed receipts: debits and credits must be equal.

There is no list of accounts in the API: here every number of up to twelve digits is an account. A movement's `due` changes
no instalment, since how the vendor matches them is not documented. Answers of receipts show neither it nor the `tax`;
those of journals have them as they were sent.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

from ..checks import Amount, Fields, Rule, Text
from ..context import Context, filled
from ..failures import Refused
from . import fields, references
from .amounts import decimal, plain
from .refusals import invalid_account, invalid_balance

_CODE: Final = re.compile(r"\d{1,12}")

TAX: Final = Fields(
    {
        "id": fields.IDENTIFIER,
        "percentage": Amount(or_text=True),
        "base_value": Amount(or_text=True),
    }
)

#: An item that moves an account.
MOVEMENT: Final[dict[str, Rule]] = {
    "account": fields.ACCOUNT,
    "due": fields.DUE,
    "tax": TAX,
    "description": Text(),
    "value": Amount(required=True, above=fields.NOTHING, or_text=True),
}


def move(context: Context, items: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """
    Return movements as they are answered.

    Raises:
        Refused: An account or a tax cannot be, or debits and credits differ.
    """
    answers = [_movement(context, item, f"items[{place}]") for place, item in enumerate(items)]
    debits, credits_ = (_sum(items, side) for side in ("Debit", "Credit"))
    if debits != credits_:
        raise Refused(invalid_balance(debits, credits_))
    return answers


def _movement(context: Context, item: Mapping[str, Any], path: str) -> dict[str, Any]:
    code = item["account"]["code"]
    if not _CODE.fullmatch(code):
        raise Refused(invalid_account(f"{path}.account.code", code))
    if item.get("tax") is not None:
        references.tax(context, item["tax"]["id"], f"{path}.tax.id")
    return filled(
        {
            "account": {name: item["account"][name] for name in ("code", "movement")},
            "due": item.get("due"),
            "tax": item.get("tax"),
            "description": item.get("description"),
            "value": plain(decimal(item["value"])),
        }
    )


def _sum(items: Sequence[Mapping[str, Any]], side: str) -> Decimal:
    values = (decimal(item["value"]) for item in items if item["account"]["movement"] == side)
    return sum(values, fields.NOTHING)
