"""What the vendor documents about the fields of a product, and about what they refer to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Final

from . import failures
from .checks import Amount, Fields, Flag, Rows, Rule, Text, Whole
from .context import Context
from .failures import Failure
from .references import wrong_reference
from .text_forms import CODE, DESCRIPTION, DIGITS, NAME

#: What the vendor's documents list; a product's must be one of them.
_CURRENCIES: Final = frozenset((
    "COP", "EUR", "USD", "ANG", "ARS", "AUD", "BOB", "BRL", "CAD", "CHF", "CLP", "CRC", "GBP", "GTQ",
    "HNL", "JPY", "MXN", "NZD", "PAB", "PEN", "SGD", "UYU",
))  # fmt: skip
_TAXED_AT_MOST: Final = 3
_PRICED_AT_MOST: Final = 12

_RATES: Final = (18, 28, 35, 38, 55, 65)

_EXTRAS: Final[Mapping[str, Rule]] = {
    "barcode": Text(most=50),
    "brand": Text(most=50),
    "tariff": Text(most=10, pattern=DIGITS),
    "model": Text(most=50),
}

_TAX: Final[Mapping[str, Rule]] = {
    "id": Whole(required=True),
    "milliliters": Amount(above=Decimal(0)),
    "rate": Whole(choices=_RATES),
}

_PRICE: Final[Mapping[str, Rule]] = {
    "currency_code": Text(required=True),
    "price_list": Rows(
        Fields({"position": Whole(required=True, least=1, most=12), "value": Amount(required=True)}), required=True
    ),
}

FIELDS: Final[Mapping[str, Rule]] = {
    "code": Text(required=True, most=30, pattern=CODE, code="invalid_code"),
    "name": Text(required=True, most=100, pattern=NAME, code="invalid_name"),
    "account_group": Whole(required=True),
    "type": Text(choices=("Product", "Service", "ConsumerGood", "Combo")),
    "stock_control": Flag(),
    "active": Flag(),
    "tax_classification": Text(choices=("Taxed", "Exempt", "Excluded")),
    "tax_included": Flag(),
    "tax_consumption_value": Amount(),
    "taxes": Rows(Fields(_TAX)),
    "prices": Rows(Fields(_PRICE), most=_PRICED_AT_MOST),
    "unit": Text(most=10),
    "unit_label": Text(),
    "reference": Text(most=80),
    "description": Text(most=2500, pattern=DESCRIPTION, code="invalid_description"),
    "additional_fields": Fields(_EXTRAS),
    "components": Rows(Fields({"code": Text(required=True), "quantity": Amount(required=True, above=Decimal(0))})),
}


def wrong_references(context: Context) -> Iterator[Failure | None]:
    """Say what is wrong with what a product refers to."""
    yield wrong_reference(context, "account_groups", "account_group", context.body["account_group"])
    yield from _wrong_taxes(context)
    yield from _wrong_prices(context)
    yield from _wrong_components(context)


def _wrong_taxes(context: Context) -> Iterator[Failure | None]:
    taxes = context.body.get("taxes") or []
    kinds = []
    for place, tax in enumerate(taxes):
        name = f"taxes[{place}]"
        yield wrong_reference(context, "taxes", f"{name}.id", tax["id"])
        row = context.store.find("taxes", "id", tax["id"])
        if row is None:
            continue
        kinds.append(row.record["type"])
        if row.hidden["sugary"]:
            for needed in ("milliliters", "rate"):
                yield None if tax.get(needed) is not None else failures.parameter_required(f"{name}.{needed}")
    if len(taxes) > _TAXED_AT_MOST:
        yield failures.invalid_array("taxes", f"must have at most {_TAXED_AT_MOST} elements")
    elif len(set(kinds)) < len(kinds):
        yield failures.invalid_array("taxes", "must not have two taxes of the same type")
    elif {"IVA", "AdValorem"} <= set(kinds):
        yield failures.invalid_array("taxes", "must not have IVA together with AdValorem")


def _wrong_prices(context: Context) -> Iterator[Failure | None]:
    for place, price in enumerate(context.body.get("prices") or []):
        name = f"prices[{place}]"
        if price["currency_code"] not in _CURRENCIES:
            yield Failure("invalid_currency", f"The currency doesn't exist: {price['currency_code']}", (name,))
        positions = [entry["position"] for entry in price["price_list"]]
        if len(set(positions)) < len(positions) or len(positions) > _PRICED_AT_MOST:
            yield failures.invalid_array(f"{name}.price_list", "must have each position at most once")
        for position in positions:
            if context.store.find("price_lists", "position", position) is None:
                yield failures.invalid_reference(f"{name}.price_list.position", position)


def _wrong_components(context: Context) -> Iterator[Failure | None]:
    components = context.body.get("components") or []
    if context.body.get("type") == "Combo":
        if not components:
            yield failures.parameter_required("components")
    elif components:
        yield failures.parameter_not_allowed("components", "only a Combo has them")
        return
    for component in components:
        found = context.product(component["code"])
        if found is None:
            yield failures.invalid_reference("components.code", component["code"])
        elif not found["active"]:
            yield failures.parameter_inactive("components.code")
