"""Items that move accounts: debits and credits of a document are equal."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

from .reading import read_amount, read_list, read_object, read_word
from .rules import Complaints, Object, Pattern, Text, below, complain

_SIGNS: Final[Mapping[str, int]] = {"debit": 1, "credit": -1}

ACCOUNT: Final[Object] = Object(required={"code": Text(), "movement": Text(one_of=("Debit", "Credit"))})
#: Journals say it of their accounts: "numeric, without decimals".
NUMERIC_ACCOUNT: Final[Object] = Object(
    required={**ACCOUNT.required, "code": Text(pattern=Pattern(re.compile("[0-9]+"), "send digits only"))}
)


def balanced(document: Mapping[str, Any], path: str) -> Complaints:
    """Debits and credits are equal, where every item says what it moves."""
    movements = [_movement(element) for element in read_list(document.get("items")) or ()]
    known = [movement for movement in movements if movement is not None]
    if len(known) < len(movements):
        return
    balance = sum(known, Decimal(0))
    if balance:
        side = "debits" if balance > 0 else "credits"
        advice = f"debits and credits must be equal, the {side} are {abs(balance)} more"
        yield complain("invalid_balance", below(path, "items"), advice)


def _movement(value: Any) -> Decimal | None:
    """The value of an item, below zero for a credit; None where it does not say."""
    item = read_object(value) or {}
    account = read_object(item.get("account")) or {}
    sign, amount = _SIGNS.get(read_word(account.get("movement")) or ""), read_amount(item.get("value"))
    return None if sign is None or amount is None else sign * amount
