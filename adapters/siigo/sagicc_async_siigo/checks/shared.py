"""What several kinds of request have in common: references, currencies, items, payments."""

from __future__ import annotations

import re
from collections.abc import Hashable, Mapping
from typing import Any, Final

from .reading import PRICE_DECIMALS, is_given, read_number
from .rules import (
    Amount,
    Complaints,
    Day,
    Distinct,
    Flag,
    List,
    Number,
    Object,
    Pattern,
    Rule,
    Text,
    Whole,
    missing,
)

OBSERVATIONS: Final[Text] = Text(longest=4000)
REQUIRED_OBJECT_WITH_ID: Final[Object] = Object(required={"id": Whole()})
#: Where a table marks the id as required and the text beside it calls it optional.
OBJECT_WITH_ID: Final[Object] = Object(optional={"id": Whole()})
BRANCH_OFFICE: Final[Whole] = Whole(low=0, high=999)

#: A third party that exists. What its identification must look like was checked when it was made.
REFERENCE: Final[Object] = Object(required={"identification": Text()}, optional={"branch_office": BRANCH_OFFICE})
OPTIONAL_REFERENCE: Final[Object] = Object(optional={"identification": Text(), "branch_office": BRANCH_OFFICE})

CURRENCY_CODE: Final[Text] = Text(
    one_of=(
        *("COP", "EUR", "USD", "ANG", "ARS", "AUD", "BOB", "BRL", "CAD", "CHF", "CLP", "CRC", "GBP", "GTQ", "HNL"),
        *("JPY", "MXN", "NZD", "PAB", "PEN", "SGD", "UYU"),
    ),
    code="invalid_currency",
)
#: The tables mark both as required, the texts call them optional: neither is insisted on. No decimals are documented.
CURRENCY: Final[Object] = Object(optional={"code": CURRENCY_CODE, "exchange_rate": Number()})

#: "Optional, false if it is not sent", although the tables mark `send` as required.
SEND: Final[Object] = Object(optional={"send": Flag()})

EMAIL: Final[Pattern] = Pattern(
    # The vendor's expression; letters are \w as in .NET, which counts combining accents among them.
    re.compile(r"(?:[-+.]*[\w\u0300-\u036f])+[-+.]*@(?:[\w\u0300-\u036f-]+\.)+[\w\u0300-\u036f-]{2,}"),
    "send one e-mail address",
    "invalid_email",
)

#: A payment of an invoice, a purchase or a credit note. Whether a due date is required is the payment method's setting.
PAYMENT: Final[Object] = Object(required={"id": Whole(), "value": Amount()}, optional={"due_date": Day()})


def number_key(value: Any) -> Hashable | None:
    """What two numbers are compared by: 13156 and "13156" are one id."""
    return read_number(value)


#: Siigo's error text says three, its newer site two. "No two of one type" is certain only for the same tax twice.
ITEM_TAXES: Final[List] = List(
    of=OBJECT_WITH_ID,
    most=3,
    distinct=Distinct(field="id", key=number_key, advice="send each tax once: an item takes one of each type"),
)

ITEM_PRICE: Final[Amount] = Amount(decimals=PRICE_DECIMALS)

#: What every item of a document with prices has. `code` names a product that exists, so its form is not checked.
ITEM_REQUIRED: Final[Mapping[str, Rule]] = {"code": Text(), "quantity": Amount(high=None)}
ITEM_OPTIONAL: Final[Mapping[str, Rule]] = {"description": Text(), "discount": Amount(), "taxes": ITEM_TAXES}

_LETTERS_AND_SIGNS: Final[Pattern] = Pattern(re.compile(r"[\w \-/,]*"), "send letters, digits, spaces and - _ / , only")
_TRANSPORT: Final[Object] = Object(
    optional={
        "file_number": Whole(low=1, high=100_000_000_000),
        "shipment_number": Text(longest=15, pattern=_LETTERS_AND_SIGNS),
        "transported_quantity": Whole(digits=8),
        "measurement_unit": Text(one_of=("GLL", "KGM")),
        "freight_value": Whole(digits=12),
        "purchase_order": Text(longest=50),
        "service_type": Text(one_of=("AdditionalService", "Shipment")),
    }
)


def priced(item: Mapping[str, Any], path: str) -> Complaints:
    """A price, or the one with VAT in its place; who gives something away says what its VAT is reckoned from."""
    if is_given(item, "taxed_price"):
        return
    yield from missing(item, "price", path)
    if read_number(item.get("price")) == 0:
        yield from missing(item, "tax_base", path)
        yield from missing(item, "taxpayer", path)


#: An item of an invoice or a credit note.
SALES_ITEM: Final[Object] = Object(
    required=ITEM_REQUIRED,
    optional={
        **ITEM_OPTIONAL,
        "price": ITEM_PRICE,
        "taxed_price": ITEM_PRICE,
        "seller": Whole(),
        "warehouse": Whole(),
        "tax_base": Amount(above_zero=True),
        "taxpayer": Text(one_of=("Customer", "Company")),
        "customer": OPTIONAL_REFERENCE,
        "transport": _TRANSPORT,
    },
    between=(priced,),
)
SALES_ITEMS: Final[List] = List(of=SALES_ITEM, filled=True, most=500)
