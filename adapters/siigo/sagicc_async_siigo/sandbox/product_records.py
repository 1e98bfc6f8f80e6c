"""A product as it is kept and sent, made of what was asked for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from .context import Context, filled

_UNITS: Final = {"94": "unidad", "KGM": "kilogramo", "GLL": "galón", "LTR": "litro", "MTR": "metro", "HUR": "hora"}
_DEFAULT_UNIT: Final = "94"


def written(context: Context) -> dict[str, Any]:
    """Return what is kept of a request: all of it, with the names that belong to its ids, and what is the default."""
    body = context.body
    record = {
        "code": body["code"],
        "name": body["name"],
        "account_group": _named(context.catalogue("account_groups", body["account_group"]), "id", "name"),
        "type": body.get("type") or "Product",
        "stock_control": bool(body.get("stock_control")),
        "active": body.get("active") is not False,
        "tax_classification": body.get("tax_classification") or "Taxed",
        "tax_included": bool(body.get("tax_included")),
        "tax_consumption_value": body.get("tax_consumption_value") or 0,
        "taxes": [_tax(context, tax) for tax in body.get("taxes") or []],
        "prices": [_price(context, price) for price in body.get("prices") or []],
        "unit": unit(body.get("unit")),
        "additional_fields": filled(body.get("additional_fields") or {}),
        "components": [
            _named(context.product(component["code"]), "id", "code", "name")
            for component in body.get("components") or []
        ],
        **{name: body.get(name) for name in ("unit_label", "reference", "description")},
        "available_quantity": 0,
    }
    return {**filled(record), "group": body["account_group"]}


def unit(code: str | None) -> dict[str, Any]:
    """Return a unit of measure. The vendor's list of them is not at hand: of others only the code is known."""
    code = code or _DEFAULT_UNIT
    return filled({"code": code, "name": _UNITS.get(code)})


def _tax(context: Context, tax: Mapping[str, Any]) -> dict[str, Any]:
    """Its `milliliters` and `rate` are checked; no answer is documented to have them."""
    return _named(context.catalogue("taxes", tax["id"]), "id", "name", "type", "percentage")


def _price(context: Context, price: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "currency_code": price["currency_code"],
        "price_list": [
            {"position": entry["position"], "name": _list_name(context, entry["position"]), "value": entry["value"]}
            for entry in price["price_list"]
        ],
    }


def _list_name(context: Context, position: int) -> str:
    row = context.store.find("price_lists", "position", position)
    return "" if row is None else row.record["name"]


def _named(record: Mapping[str, Any] | None, *names: str) -> dict[str, Any]:
    return {name: record[name] for name in names} if record else {}
