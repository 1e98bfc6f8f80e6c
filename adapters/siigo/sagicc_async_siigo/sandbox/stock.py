"""An adjustment of stock, as somebody makes it at the vendor's screen."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Final

from sagicc_async import ConfigError
from sagicc_async.sandbox import Company

from . import webhooks
from .options import only
from .stamps import Stamps

_TABLE: Final = "products"
_MAIN: Final = 7301


def adjust(company: Company, options: dict[str, Any], *, stamps: Stamps) -> dict[str, Any]:
    """
    Set how much of a product is in a warehouse; subscribers are told, and filters by change find the product.

    Args:
        company: Whose product.
        options: `code`, `quantity`, and `warehouse` if it is another one than the main one.
        stamps: How moments are written.

    Returns:
        The product.

    Raises:
        ConfigError: An option is wrong.
    """
    only(options, ("code", "quantity", "warehouse"))
    row = company.store.find(_TABLE, "code", options.get("code"))
    store = company.store.find("warehouses", "id", options.get("warehouse", _MAIN))
    if row is None or store is None:
        raise ConfigError("there is no such product or warehouse")
    if not row.record["stock_control"]:
        raise ConfigError(f"the product {row.record['code']!r} has no stock control")
    kept = [held for held in row.record.get("warehouses", []) if held["id"] != store.record["id"]]
    quantity = _quantity(options.get("quantity"))
    held = [*kept, {"id": store.record["id"], "name": store.record["name"], "quantity": quantity}]
    # Nothing asks for it over HTTP, so there is no request whose time it could have.
    now = datetime.now(UTC)
    changed = stamps.changed(now, row.record["metadata"])
    changed["metadata"]["stock_updated"] = stamps.text(now)
    total = sum((one["quantity"] for one in held), start=Decimal(0))
    record = {**row.record, "available_quantity": total, "warehouses": held, **changed}
    # A hidden field that is not named stays as it is.
    company.store.replace(_TABLE, row.position, record)
    del record["updated"]
    webhooks.publish(company, webhooks.STOCK, record, wall=now.timestamp())
    return record


def _quantity(value: Any) -> Decimal:
    try:
        return Decimal(str(value))
    except ArithmeticError:
        raise ConfigError(f"quantity must be a number, not {value!r}") from None
