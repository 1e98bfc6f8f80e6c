"""Vouchers (cash receipts, from customers) and payment receipts (to suppliers)."""

from __future__ import annotations

from collections.abc import AsyncIterable, Mapping
from datetime import datetime
from typing import Any, ClassVar, Final, TypeAlias

from sagicc_async import Deadline, Priority, Record, Safety, Stream

from ..checks import check_payment_receipt, check_voucher
from ..document_types import TypedUpdatable
from ..filters import Day, Moment
from ..models import (
    PaymentReceipt,
    PaymentReceiptDetailedIn,
    PaymentReceiptIn,
    Voucher,
    VoucherDetailedIn,
    VoucherIn,
)
from ..operations import READ, WRITE, Deletable, Gettable, Keyed, Rules
from ..recovery import Search, created_from
from ..unshown import Unshown

VoucherRequest: TypeAlias = VoucherIn | VoucherDetailedIn
PaymentReceiptRequest: TypeAlias = PaymentReceiptIn | PaymentReceiptDetailedIn

#: The word in `type` that tells the two shapes of a request apart.
_DETAILED: Final = "Detailed"


def _compared(party: str) -> tuple[str, ...]:
    return (
        "document.id",
        "number",
        "date",
        "type",
        f"{party}.identification",
        f"{party}.branch_office",
        "currency.code",
        "observations",
        "payment.id",
        "payment.value",
        "income.id",
        "items[].due.prefix",
        "items[].due.consecutive",
        "items[].due.quote",
        "items[].account.code",
        "items[].account.movement",
        "items[].value",
    )


class VouchersResource(Keyed[Voucher, VoucherRequest], Gettable[Voucher]):
    """
    Vouchers: what customers paid (Siigo, "Recibos de Caja"). They can be neither changed nor deleted.

    `type` tells the shapes of a request apart: DebtPayment, AdvancePayment and MiscIncome in `VoucherIn`, Detailed in
    `VoucherDetailedIn`.
    """

    name: ClassVar[str] = "vouchers"
    path: ClassVar[str] = "v1/vouchers"
    model: ClassVar[type[Record]] = Voucher
    requests: ClassVar[tuple[type[Record], ...]] = (VoucherIn, VoucherDetailedIn)
    operations: ClassVar[Mapping[str, Safety]] = {**READ, "create": Safety.KEYED}
    evidence: ClassVar[str] = "documented; Detailed and MiscIncome differ between the vendor's two sites"
    rules: ClassVar[Rules] = staticmethod(check_voucher)
    search: ClassVar[Search] = Search(compared=_compared("customer"))

    def list(
        self,
        *,
        created_start: Moment | None = None,
        created_end: Moment | None = None,
        updated_start: Moment | None = None,
        updated_end: Moment | None = None,
        updated_since: Moment | None = None,
        name: str | None = None,
        date_start: Day | None = None,
        date_end: Day | None = None,
        page: int | None = None,
        page_size: int | None = None,
        params: Mapping[str, str | int | None] | None = None,
        deadline: Deadline | float | None = None,
        priority: Priority | None = None,
    ) -> Stream[Voucher]:
        """
        Stream the vouchers.

        Args:
            created_start: Created then or later; see `filters.Moment` for the forms of a moment.
            created_end: Created then or before.
            updated_start: Changed then or later.
            updated_end: Changed then or before.
            updated_since: As `updated_start`, less the overlap: older vouchers come too.
            name: Such as RC-2-22. This and the next two are in the vendor's JavaScript SDK alone.
            date_start: Dated that day or later.
            date_end: Dated that day or before.
            page: Page to begin with, from 1.
            page_size: Records on a page, 10 to 100.
            params: Query parameters that are not modelled, sent as they are.
            deadline: Seconds for each page.
            priority: Who goes first; bulk by default.

        Raises:
            ValidationFailed: A filter's value cannot be sent, such as a datetime without a time zone.

        Source: Siigo, "Recibos de Caja/Listar Recibos de Caja".
        """
        return self._list(
            {
                "created_start": created_start,
                "created_end": created_end,
                "updated_start": self._updated_start(updated_start, updated_since),
                "updated_end": updated_end,
                "name": name,
                "date_start": date_start,
                "date_end": date_end,
            },
            params,
            page=page,
            page_size=page_size,
            deadline=deadline,
            priority=priority,
        )

    def _kind_of(self, document: Mapping[str, Any]) -> type[Record]:
        return VoucherDetailedIn if document.get("type") == _DETAILED else VoucherIn

    def _candidates(self, document: Mapping[str, Any], since: datetime | None) -> AsyncIterable[Voucher]:
        return self.list(created_start=created_from(since), priority=Priority.NORMAL)


class PaymentReceiptsResource(TypedUpdatable[PaymentReceipt, PaymentReceiptRequest], Deletable[PaymentReceipt]):
    """
    Payment receipts: what suppliers were paid (Siigo, "Recibos de pago o egreso").

    Siigo documents no idempotency key here; a lost `create` is looked up among those created since. A text of yours in
    `observations` tells it from others, and may be all that does where Siigo does not show what a receipt paid. Their
    forms of payment are those of purchases, `payment_types.list(document_type="FC")`.

    No documented answer shows `cost_center`: where the type of document has cost centres, `edit` takes it as well. Nor
    the `due` and `tax` of movements, so of Detailed receipts it takes `items`; and receipts were seen without their
    `payment`, with no items, so it takes these where Siigo does not show them.
    """

    name: ClassVar[str] = "payment_receipts"
    path: ClassVar[str] = "v1/payment-receipts"
    model: ClassVar[type[Record]] = PaymentReceipt
    requests: ClassVar[tuple[type[Record], ...]] = (PaymentReceiptIn, PaymentReceiptDetailedIn)
    operations: ClassVar[Mapping[str, Safety]] = {**READ, **WRITE, "delete": Safety.REPEATABLE}
    evidence: ClassVar[str] = "documented; update is announced, not printed, and was seen"
    rules: ClassVar[Rules] = staticmethod(check_payment_receipt)
    document_kind: ClassVar[str] = "RP"
    search: ClassVar[Search] = Search(compared=_compared("supplier"))
    unshown: ClassVar[tuple[Unshown, ...]] = (
        Unshown("cost_center", setting="cost_center"),
        Unshown("payment", types=("DebtPayment", "AdvancePayment")),
        Unshown("items", types=("DebtPayment", _DETAILED), or_empty=True),
        Unshown("items[].due", types=(_DETAILED,)),
        Unshown("items[].tax", types=(_DETAILED,)),
    )

    def list(
        self,
        *,
        created_start: Moment | None = None,
        created_end: Moment | None = None,
        updated_start: Moment | None = None,
        updated_end: Moment | None = None,
        updated_since: Moment | None = None,
        page: int | None = None,
        page_size: int | None = None,
        params: Mapping[str, str | int | None] | None = None,
        deadline: Deadline | float | None = None,
        priority: Priority | None = None,
    ) -> Stream[PaymentReceipt]:
        """
        Stream the payment receipts.

        Args:
            created_start: Created then or later; see `filters.Moment` for the forms of a moment.
            created_end: Created then or before.
            updated_start: Changed then or later.
            updated_end: Changed then or before.
            updated_since: As `updated_start`, less the overlap: older receipts come too.
            page: Page to begin with, from 1.
            page_size: Records on a page, 10 to 100.
            params: Query parameters that are not modelled, sent as they are.
            deadline: Seconds for each page.
            priority: Who goes first; bulk by default.

        Raises:
            ValidationFailed: A filter's value cannot be sent, such as a datetime without a time zone.

        Source: Siigo, "Recibos de pago o egreso/Listar Recibos de pago/egreso".
        """
        return self._list(
            {
                "created_start": created_start,
                "created_end": created_end,
                "updated_start": self._updated_start(updated_start, updated_since),
                "updated_end": updated_end,
            },
            params,
            page=page,
            page_size=page_size,
            deadline=deadline,
            priority=priority,
        )

    def _kind_of(self, document: Mapping[str, Any]) -> type[Record]:
        return PaymentReceiptDetailedIn if document.get("type") == _DETAILED else PaymentReceiptIn

    def _candidates(self, document: Mapping[str, Any], since: datetime | None) -> AsyncIterable[PaymentReceipt]:
        return self.list(created_start=created_from(since), priority=Priority.NORMAL)
