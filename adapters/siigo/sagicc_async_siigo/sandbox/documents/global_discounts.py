"""Discounts of a whole invoice. The key is `global_discounts` in one of the vendor's tables, `globaldiscounts` in others."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .. import failures
from ..context import filled
from ..failures import Refused
from .amounts import decimal, plain, whole
from .totals import Discount, DocumentTotal

_Body = Mapping[str, Any]


def read_discounts(body: _Body, document_type: _Body) -> list[Discount]:
    """Return the discounts of a request; a document type that lists its own has no others."""
    known = {row["id"] for row in document_type.get("global_discounts") or ()}
    return [_discount(row, known, f"global_discounts[{place}]") for place, row in enumerate(_sent(body))]


def answer_discounts(body: _Body, document_type: _Body, total: DocumentTotal) -> list[dict[str, Any]]:
    """Return them as they are answered."""
    names = {row["id"]: row.get("name") for row in document_type.get("global_discounts") or ()}
    return [
        filled(
            {
                "id": whole(row["id"]),
                "name": names.get(whole(row["id"])),
                "percentage": plain(decimal(taken.percentage)),
                "value": plain(decimal(taken.value)),
            }
        )
        for row, taken in zip(_sent(body), total.discounts, strict=True)
    ]


def _sent(body: _Body) -> list[_Body]:
    return body.get("global_discounts") or body.get("globaldiscounts") or []


def _discount(row: _Body, known: set[int], path: str) -> Discount:
    if known and whole(row["id"]) not in known:
        raise Refused(failures.invalid_reference(f"{path}.id", row["id"]))
    if row.get("percentage") is not None:
        return Discount(percentage=decimal(row["percentage"]))
    if row.get("value") is None:
        raise Refused(failures.parameter_required(f"{path}.percentage"))
    return Discount(value=decimal(row["value"]))
