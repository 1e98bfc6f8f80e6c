"""Products and account groups (Siigo, "Productos" and "Categorías de Inventario")."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from sagicc_async import FieldError

from .reading import read_word
from .rules import Amount, Complaints, Flag, List, Number, Object, Pattern, Text, Whole, below, complain, run
from .shared import CURRENCY_CODE
from .texts import DESCRIPTION, NAME


def _components(product: Mapping[str, Any], path: str) -> Complaints:
    """Components are for combos alone. Without a type nothing is said: an edit may leave it out."""
    kind = read_word(product.get("type"))
    if kind not in {None, "", "combo"} and product.get("components"):
        yield complain("parameter_not_allowed", below(path, "components"), 'send it with type "Combo" only')


# The tables mark what stands in taxes, prices and price_list as required, the texts call it optional.
_TAX: Final[Object] = Object(
    optional={"id": Whole(), "milliliters": Number(), "rate": Number(one_of=(18, 28, 35, 38, 55, 65))}
)
_PRICE_LIST: Final[Object] = Object(optional={"position": Whole(low=1, high=12), "value": Amount()})
_PRICES: Final[Object] = Object(
    optional={"currency_code": CURRENCY_CODE, "price_list": List(of=_PRICE_LIST, most=12)},
)
_ADDITIONAL_FIELDS: Final[Object] = Object(
    optional={
        "barcode": Text(longest=50),
        "brand": Text(longest=50),
        "tariff": Text(longest=10, pattern=Pattern(re.compile("[0-9]*"), "send digits only"), or_number=True),
        "model": Text(longest=50),
    }
)

_PRODUCT: Final[Object] = Object(
    required={
        "code": Text(
            longest=30,
            pattern=Pattern(re.compile(r"[^'\s]+"), "send it without spaces and apostrophes", "invalid_code"),
        ),
        "name": Text(longest=100, pattern=NAME),
        "account_group": Whole(),
    },
    optional={
        "type": Text(one_of=("Product", "Service", "ConsumerGood", "Combo")),
        "stock_control": Flag(),
        "active": Flag(),
        "tax_classification": Text(one_of=("Taxed", "Exempt", "Excluded")),
        "tax_included": Flag(),
        "tax_consumption_value": Amount(),
        "taxes": List(of=_TAX),
        "prices": List(of=_PRICES, most=12),
        "unit": Text(),
        "unit_label": Text(),
        "reference": Text(longest=80),
        "description": Text(longest=2500, pattern=DESCRIPTION),
        "additional_fields": _ADDITIONAL_FIELDS,
        "components": List(of=Object(optional={"code": Text(), "quantity": Amount(high=None)})),
    },
    between=(_components,),
)

_ACCOUNT_GROUP: Final[Object] = Object(
    required={
        "code": Text(
            longest=10, pattern=Pattern(re.compile(r"[^\W_]+"), "send letters and digits only", "invalid_code")
        ),
        "name": Text(longest=50),
    }
)


def check_product(document: Mapping[str, Any]) -> list[FieldError]:
    """
    Check a product that is to be created or replaced.

    Args:
        document: The request with the vendor's names.

    Returns:
        All complaints, none if no documented rule is broken.
    """
    return run(_PRODUCT, document)


def check_account_group(document: Mapping[str, Any]) -> list[FieldError]:
    """
    Check an account group that is to be created or replaced.

    Args:
        document: The request with the vendor's names.

    Returns:
        All complaints, none if no documented rule is broken.
    """
    return run(_ACCOUNT_GROUP, document)
