"""Payments must add up to the total, which takes the company's taxes and document types to reckon."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final, TypeVar

from sagicc_async import FieldError, Record

from .checks import check_payments, invoice_total, payments_total
from .document_types import Typed

T = TypeVar("T", bound=Record)
Q = TypeVar("Q", bound=Record)

#: Taxes that are added to an item's price. How Siigo reckons the others into a total is not documented.
_ADDED: Final = frozenset({"IVA", "Impoconsumo"})


class Totalled(Typed[T, Q]):
    """A resource whose payments have to add up to the total that Siigo reckons."""

    async def _also_wrong(self, document: Mapping[str, Any]) -> list[FieldError]:
        """
        Compare payments and total.

        A document without taxes and discounts needs no catalogue; one that is wrong by more than any way of rounding
        could make of it is refused without asking for the document type.
        """
        items = [item for item in document.get("items") or () if isinstance(item, Mapping)]
        if not document.get("payments") or not items:
            return []
        total = invoice_total(document)
        if total is None:
            total = await self._total_by_catalogue(document, items)
        wrong = check_payments(document, total)
        if not wrong or total is None or _is_beyond_rounding(document, total, items):
            return wrong
        # The difference may be the document type's: without decimals Siigo rounds by the company's own settings.
        settings = await self._document_type(document)
        return [] if settings is not None and settings.decimals is False else wrong

    async def _total_by_catalogue(self, document: Mapping[str, Any], items: list[Mapping[str, Any]]) -> Decimal | None:
        settings, taxes = None, {}
        if any(item.get("discount") for item in items) and document.get("discount_type") is None:
            settings = await self._document_type(document)
        if any(item.get("taxes") for item in items):
            taxes = {
                tax.id: tax.percentage
                for tax in (await self._adapter.catalogue().taxes()).values()
                if tax.type in _ADDED and tax.percentage is not None
            }
        meant = None if settings is None else settings.discount_type
        return invoice_total(document, taxes=taxes, discount_type=meant)  # type: ignore[arg-type]


def _is_beyond_rounding(document: Mapping[str, Any], total: Decimal, items: list[Mapping[str, Any]]) -> bool:
    paid = payments_total(document)
    roundings = sum(1 + len(item.get("taxes") or ()) for item in items)
    return paid is not None and abs(paid - total) > roundings
