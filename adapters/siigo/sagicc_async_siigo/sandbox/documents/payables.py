"""What is owed to suppliers: the open instalments of purchases, as the report of accounts payable has them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sagicc_async.sandbox import Store, from_json

from ..context import filled
from .instalments import TABLE
from .kinds import PURCHASES


def payables(store: Store) -> list[dict[str, Any]]:
    """
    Return the rows of the report, in the order in which the debts arose.

    `currency` is there where the purchase has one, and its balance in that currency: the vendor does not say what else
    it would be.
    """
    side, open_ = store.column(TABLE.name, "side"), store.column(TABLE.name, "open")
    found = store.select(TABLE.name, where=f"{side} = ? AND {open_} = ?", values=(PURCHASES.table, "yes"))
    centers = {row["id"]: row for row in store.rows("cost_centers")}
    return [_row(from_json(text), centers) for text in found]


def _row(record: Mapping[str, Any], centers: Mapping[int, Mapping[str, Any]]) -> dict[str, Any]:
    center = centers.get(record["cost_center"], {})
    currency = record["currency"]
    return filled(
        {
            "due": record["due"],
            "provider": record["party"],
            "cost_center": {name: center[name] for name in ("code", "name") if name in center},
            "currency": {"code": currency["code"], "balance": record["due"]["balance"]} if currency else None,
        }
    )
