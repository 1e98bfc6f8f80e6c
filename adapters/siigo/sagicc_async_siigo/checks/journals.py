"""Journal entries (Siigo, "Comprobantes Contables")."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from sagicc_async import FieldError

from .balance import NUMERIC_ACCOUNT, balanced
from .rules import Amount, Day, List, Number, Object, Text, Whole, run
from .shared import CURRENCY, OBSERVATIONS, REFERENCE, REQUIRED_OBJECT_WITH_ID

# Which of a due, a tax and a product an account needs is the account's own matter: nothing in them is insisted on but
# what makes a product.
_ITEM: Final[Object] = Object(
    required={"account": NUMERIC_ACCOUNT, "customer": REFERENCE, "value": Amount()},
    optional={
        "description": Text(),
        "cost_center": Whole(),
        "due": Object(optional={"prefix": Text(), "consecutive": Whole(), "quote": Whole(), "date": Day()}),
        "tax": Object(
            optional={
                "id": Whole(),
                "name": Text(),
                "type": Text(),
                "percentage": Number(),
                "base_value": Amount(),
            }
        ),
        "fixed_assets": Whole(),
        "product": Object(
            required={"code": Text(), "quantity": Amount(high=None)},
            optional={"warehouse": Whole()},
        ),
    },
)
_JOURNAL: Final[Object] = Object(
    required={"document": REQUIRED_OBJECT_WITH_ID, "date": Day(), "items": List(of=_ITEM, filled=True)},
    optional={"number": Whole(), "currency": CURRENCY, "observations": OBSERVATIONS},
    between=(balanced,),
)


def check_journal(document: Mapping[str, Any]) -> list[FieldError]:
    """
    Check a journal entry that is to be created.

    Args:
        document: The request with the vendor's names.

    Returns:
        All complaints, none if no documented rule is broken.
    """
    return run(_JOURNAL, document)
