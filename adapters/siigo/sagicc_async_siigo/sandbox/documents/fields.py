"""
The fields of a document's request: what is required, of which type, how long.

Ids, quantities and branch offices may be text, as some of the vendor's own examples have them. Rules that depend on the
document type, or on another field, are not here.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

from ..checks import Amount, Day, Fields, Flag, Rows, Rule, Text, Whole

_CURRENCIES: Final = (
    "COP|EUR|USD|ANG|ARS|AUD|BOB|BRL|CAD|CHF|CLP|CRC|GBP|GTQ|HNL|JPY|MXN|NZD|PAB|PEN|SGD|UYU"  # the vendor's list
)
#: Of invoices and credit notes; of others no limit is documented.
MOST_ITEMS: Final = 500
_MOST_TAXES: Final = 3

NOTHING: Final = Decimal(0)

IDENTIFIER: Final = Whole(required=True, or_text=True)
REFERENCE: Final = Fields({"id": IDENTIFIER}, required=True)
_OPTIONAL_ID: Final = Whole(or_text=True)
NUMBER: Final = Whole(least=1, or_text=True)
OBSERVATIONS: Final = Text(most=4000)
DAY: Final = Day(required=True)

PARTY_FIELDS: Final[dict[str, Rule]] = {
    "identification": Text(required=True, most=50),
    "branch_office": Whole(most=999, or_text=True),
}
PARTY: Final = Fields(PARTY_FIELDS, required=True)

CURRENCY: Final = Fields(
    {
        "code": Text(required=True, pattern=re.compile(_CURRENCIES), code="invalid_currency"),
        "exchange_rate": Amount(required=True, above=NOTHING, or_text=True),
    }
)

#: What every document has.
HEAD: Final[dict[str, Rule]] = {
    "document": REFERENCE,
    "date": DAY,
    "number": NUMBER,
    "cost_center": _OPTIONAL_ID,
    "currency": CURRENCY,
    "observations": OBSERVATIONS,
}

TAXES: Final = Rows(Fields({"id": IDENTIFIER}), most=_MOST_TAXES)
RETENTIONS: Final = Rows(Fields({"id": IDENTIFIER}))
SEND: Final = Fields({"send": Flag(required=True)})

PAYMENT_FIELDS: Final[dict[str, Rule]] = {
    "id": IDENTIFIER,
    "value": Amount(required=True, or_text=True),
    "due_date": Day(),
}
PAYMENTS: Final = Rows(Fields(PAYMENT_FIELDS), required=True)

TRANSPORT: Final = Fields(
    {
        "file_number": Whole(least=1, most=100_000_000_000, or_text=True),
        "shipment_number": Text(most=15, pattern=re.compile(r"[\w \-/,]*")),
        "transported_quantity": Whole(most=99_999_999, or_text=True),
        "measurement_unit": Text(choices=("GLL", "KGM")),
        "freight_value": Whole(most=999_999_999_999, or_text=True),
        "purchase_order": Text(most=50),
        "service_type": Text(choices=("AdditionalService", "Shipment")),
    }
)

_AMOUNT: Final = Amount(or_text=True)

#: An item of what is sold, bought or quoted. A price may be missing where `taxed_price` takes its place.
ITEM_FIELDS: Final[dict[str, Rule]] = {
    "code": Text(required=True),
    "description": Text(),
    "quantity": Amount(required=True, above=NOTHING, or_text=True),
    "price": Amount(places=6, or_text=True),
    "discount": _AMOUNT,
    "warehouse": _OPTIONAL_ID,
    "taxes": TAXES,
}


def items(*, most: int | None = None, **more: Rule) -> Rows:
    """Return the rule of a document's items, of which there may be a most, and which may have more fields."""
    return Rows(Fields({**ITEM_FIELDS, **more}), required=True, most=most)


#: What items of invoices and credit notes have besides.
SALE_ITEM_FIELDS: Final[dict[str, Rule]] = {
    "seller": _OPTIONAL_ID,
    "taxed_price": Amount(places=6, above=NOTHING, or_text=True),
    "tax_base": Amount(above=NOTHING, or_text=True),
    "taxpayer": Text(choices=("Customer", "Company")),
    "customer": Fields(PARTY_FIELDS),
    "transport": TRANSPORT,
}

_ORDER: Final[dict[str, Rule]] = {"prefix": Text(most=20), "number": Text(most=20)}
ADDITIONAL_FIELDS: Final = Fields(
    {"purchase_order": Fields(_ORDER), "delivery_order": Fields({**_ORDER, "date": Day()})}
)

GLOBAL_DISCOUNTS: Final = Rows(
    Fields(
        {
            "id": IDENTIFIER,
            "percentage": Amount(least=Decimal("0.01"), most=Decimal("99.99"), or_text=True),
            "value": _AMOUNT,
        }
    )
)

#: A discharge of a debt: which instalment of which document, and how much of it.
DUE: Final = Fields(
    {"prefix": Text(required=True), "consecutive": IDENTIFIER, "quote": IDENTIFIER, "date": Day()},
)

#: A movement of an account.
ACCOUNT: Final = Fields(
    {
        "code": Text(required=True),
        "movement": Text(required=True, choices=("Debit", "Credit")),
    },
    required=True,
)


def kept(record: Mapping[str, Any], *names: str) -> dict[str, Any]:
    """Return the fields that an answer repeats as they were sent, without empty ones."""
    return {name: record[name] for name in names if record.get(name) not in (None, {}, [])}
