"""Purchases and expenses."""

from __future__ import annotations

from collections.abc import AsyncIterable, Mapping
from datetime import datetime
from typing import Any, ClassVar

from sagicc_async import Deadline, Priority, Record, Safety, Stream

from ..checks import check_purchase
from ..discounts import Discounted
from ..models import Purchase, PurchaseIn
from ..operations import READ, WRITE, Deletable, Rules
from ..recovery import Search
from ..totals import Totalled
from ..unshown import Unshown


class PurchasesResource(Totalled[Purchase, PurchaseIn], Discounted[Purchase, PurchaseIn], Deletable[Purchase]):
    """
    Purchases and expenses (Siigo, "Factura de compra o gasto").

    Siigo documents no idempotency key here. A lost `create` is looked up by the supplier and the supplier's own number
    (`provider_invoice`), through the whole list, since no filter of it is documented: give that number.

    No documented answer shows `retentions`, `tax_included`, `supplier_by_item`, and the supplier and warehouse of items:
    `edit` takes them as well, and `items` as a whole for the latter two.
    """

    name: ClassVar[str] = "purchases"
    path: ClassVar[str] = "v1/purchases"
    model: ClassVar[type[Record]] = Purchase
    requests: ClassVar[tuple[type[Record], ...]] = (PurchaseIn,)
    operations: ClassVar[Mapping[str, Safety]] = {**READ, **WRITE, "delete": Safety.REPEATABLE}
    evidence: ClassVar[str] = "documented; the list is not printed, and was seen"
    document_kind: ClassVar[str] = "FC"
    rules: ClassVar[Rules] = staticmethod(check_purchase)
    search: ClassVar[Search] = Search(
        compared=(
            "document.id",
            "number",
            "date",
            "supplier.identification",
            "supplier.branch_office",
            "provider_invoice.prefix",
            "provider_invoice.number",
            "currency.code",
            "observations",
            "items[].code",
            "items[].quantity",
            "items[].price",
            "payments[].value",
        )
    )
    unshown: ClassVar[tuple[Unshown, ...]] = (
        Unshown("retentions"),
        Unshown("tax_included"),
        Unshown("supplier_by_item"),
        Unshown("items[].supplier", flag="supplier_by_item"),
        Unshown("items[].warehouse"),
    )

    def list(
        self,
        *,
        page: int | None = None,
        page_size: int | None = None,
        params: Mapping[str, str | int | None] | None = None,
        deadline: Deadline | float | None = None,
        priority: Priority | None = None,
    ) -> Stream[Purchase]:
        """
        Stream the purchases. The vendor's page does not print this list, so no filter is known; `params` takes one.

        Args:
            page: Page to begin with, from 1.
            page_size: Records on a page, 10 to 100.
            params: Query parameters that are not modelled, sent as they are.
            deadline: Seconds for each page.
            priority: Who goes first; bulk by default.
        """
        return self._list({}, params, page=page, page_size=page_size, deadline=deadline, priority=priority)

    def _candidates(self, document: Mapping[str, Any], since: datetime | None) -> AsyncIterable[Purchase]:
        return self.list(priority=Priority.NORMAL)
