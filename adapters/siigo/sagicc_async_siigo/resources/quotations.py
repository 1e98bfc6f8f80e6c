"""Quotations."""

from __future__ import annotations

from collections.abc import AsyncIterable, Mapping
from datetime import datetime
from typing import Any, ClassVar

from sagicc_async import Deadline, Priority, Record, Safety, Stream

from ..checks import check_quotation
from ..discounts import Discounted
from ..filters import Moment
from ..models import Quotation, QuotationIn
from ..operations import READ, WRITE, Deletable, Rules
from ..recovery import Search, created_from


class QuotationsResource(Discounted[Quotation, QuotationIn], Deletable[Quotation]):
    """
    Quotations (Siigo, "Cotizaciones").

    Neither a key nor a number of the caller's tells one from another, so a lost `create` is looked up among those of
    its customer.
    """

    name: ClassVar[str] = "quotations"
    path: ClassVar[str] = "v1/quotations"
    model: ClassVar[type[Record]] = Quotation
    requests: ClassVar[tuple[type[Record], ...]] = (QuotationIn,)
    operations: ClassVar[Mapping[str, Safety]] = {**READ, **WRITE, "delete": Safety.REPEATABLE}
    evidence: ClassVar[str] = "documented"
    document_kind: ClassVar[str] = "C"
    rules: ClassVar[Rules] = staticmethod(check_quotation)
    search: ClassVar[Search] = Search(
        compared=(
            "document.id",
            "number",
            "date",
            "customer.identification",
            "customer.branch_office",
            "currency.code",
            "seller",
            "items[].code",
            "items[].quantity",
            "items[].price",
        )
    )

    def list(
        self,
        *,
        created_start: Moment | None = None,
        created_end: Moment | None = None,
        name: str | None = None,
        customer_identification: str | None = None,
        customer_branch_office: int | None = None,
        page: int | None = None,
        page_size: int | None = None,
        params: Mapping[str, str | int | None] | None = None,
        deadline: Deadline | float | None = None,
        priority: Priority | None = None,
    ) -> Stream[Quotation]:
        """
        Stream the quotations.

        Args:
            created_start: Created then or later; see `filters.Moment` for the forms of a moment.
            created_end: Created then or before.
            name: Such as C-003-457.
            customer_identification: The customer's.
            customer_branch_office: Branch office of the customer, 0 to 999.
            page: Page to begin with, from 1.
            page_size: Records on a page, 10 to 100.
            params: Query parameters that are not modelled, sent as they are.
            deadline: Seconds for each page.
            priority: Who goes first; bulk by default.

        Raises:
            ValidationFailed: A filter's value cannot be sent, such as a datetime without a time zone.

        Source: Siigo, "Cotizaciones/Listar Cotizaciones".
        """
        return self._list(
            {
                "created_start": created_start,
                "created_end": created_end,
                "name": name,
                "customer_identification": customer_identification,
                "customer_branch_office": customer_branch_office,
            },
            params,
            page=page,
            page_size=page_size,
            deadline=deadline,
            priority=priority,
        )

    def _candidates(self, document: Mapping[str, Any], since: datetime | None) -> AsyncIterable[Quotation]:
        customer = document.get("customer") or {}
        return self.list(
            customer_identification=customer.get("identification"),
            created_start=created_from(since),
            priority=Priority.NORMAL,
        )
