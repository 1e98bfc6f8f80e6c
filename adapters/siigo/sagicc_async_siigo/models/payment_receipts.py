"""Payment receipts: what is paid to suppliers."""

from __future__ import annotations

import datetime
from decimal import Decimal

from sagicc_async import field, quirks, record

from .base import SiigoRecord
from .common import Currency, DocumentRef, Due, Metadata, Movement, Payment, PaymentIn, ThirdParty, ThirdPartyIn


@record
class PaymentReceiptItem(Movement):
    """
    An item of a payment receipt: a payment of a debt, or a movement.

    Source: Siigo, "Recibos de pago o egreso/Consultar Recibo de pago/egreso".
    """


@record
class PaymentReceiptItemIn(SiigoRecord):
    """
    A payment of a debt (Siigo, "Recibos de pago o egreso/Crear Recibo de pago o egreso").

    Required: `due`, whose prefix is a purchase's (FC-1), and `value`.
    """

    due: Due | None = field(default=None)
    value: Decimal | None = field(default=None)


@record
class PaymentReceiptDetailedItemIn(Movement):
    """
    A movement of a payment receipt (Siigo, "Recibos de pago o egreso/Crear Recibo de pago/egreso - Avanzado").

    Required: `account`, `value`.
    """


@record
class PaymentReceipt(SiigoRecord):
    """
    Payment receipt (Siigo, "Recibos de pago o egreso/Consultar Recibo de pago/egreso").

    `type` says which shape it has: DebtPayment, AdvancePayment, or Detailed with movements as items. `name` is like
    RP-2-22. Answers may lack `payment`, with no items.
    """

    id: str
    document: DocumentRef | None = field(default=None)
    number: int | None = field(default=None)
    name: str | None = field(default=None)
    date: datetime.date | None = field(default=None, read=quirks.day)
    type: str | None = field(default=None)
    supplier: ThirdParty | None = field(default=None)
    cost_center: int | None = field(default=None)
    currency: Currency | None = field(default=None)
    items: list[PaymentReceiptItem] | None = field(default=None)
    payment: Payment | None = field(default=None)
    balance: Decimal | None = field(default=None)
    observations: str | None = field(default=None)
    metadata: Metadata | None = field(default=None)


@record
class PaymentReceiptIn(SiigoRecord):
    """
    Payment receipt of type DebtPayment or AdvancePayment.

    Required: `document`, `date`, `type`, `supplier`, `payment`; `items` for DebtPayment, and none for AdvancePayment.
    Source: Siigo, "Recibos de pago o egreso/Crear Recibo de pago o egreso".
    """

    document: DocumentRef | None = field(default=None)
    date: datetime.date | None = field(default=None, read=quirks.day)
    number: int | None = field(default=None)
    type: str | None = field(default=None)
    supplier: ThirdPartyIn | None = field(default=None)
    cost_center: int | None = field(default=None)
    currency: Currency | None = field(default=None)
    items: list[PaymentReceiptItemIn] | None = field(default=None)
    payment: PaymentIn | None = field(default=None)
    observations: str | None = field(default=None)


@record
class PaymentReceiptDetailedIn(SiigoRecord):
    """
    Payment receipt by its movements: `type` is Detailed.

    Required: `document`, `date`, `type`, `supplier`, `items`. It has no payment.
    Source: Siigo, "Recibos de pago o egreso/Crear Recibo de pago/egreso - Avanzado".
    """

    document: DocumentRef | None = field(default=None)
    date: datetime.date | None = field(default=None, read=quirks.day)
    number: int | None = field(default=None)
    type: str | None = field(default=None)
    supplier: ThirdPartyIn | None = field(default=None)
    cost_center: int | None = field(default=None)
    currency: Currency | None = field(default=None)
    items: list[PaymentReceiptDetailedItemIn] | None = field(default=None)
    observations: str | None = field(default=None)
