"""Vouchers: receipts of cash."""

from __future__ import annotations

import datetime
from decimal import Decimal

from sagicc_async import field, quirks, record

from .base import SiigoRecord
from .common import (
    CatalogueRef,
    Currency,
    DocumentRef,
    Due,
    Metadata,
    Movement,
    Payment,
    PaymentIn,
    ThirdParty,
    ThirdPartyIn,
)


@record
class VoucherTax(SiigoRecord):
    """A tax of an item, and its base (Siigo, "Recibos de Caja/Crear Recibo de caja", the newer site)."""

    id: int | None = field(default=None)
    base: Decimal | None = field(default=None)


@record
class VoucherDiscount(SiigoRecord):
    """A discount of an item, by its id in `/v1/expenses` (Siigo, "Recibos de Caja/Crear Recibo de caja", the newer site)."""

    id: int | None = field(default=None)
    value: Decimal | None = field(default=None)


@record
class VoucherItem(Movement):
    """An item of a voucher: a payment of a debt, or a movement (Siigo, "Recibos de Caja/Consultar Recibo de caja")."""

    taxes: list[VoucherTax] | None = field(default=None)
    discounts: list[VoucherDiscount] | None = field(default=None)


@record
class VoucherItemIn(SiigoRecord):
    """
    A payment of a debt (Siigo, "Recibos de Caja/Crear Recibo de caja").

    Required: `due`, no two of them the same, and `value`.
    """

    due: Due | None = field(default=None)
    value: Decimal | None = field(default=None)
    taxes: list[VoucherTax] | None = field(default=None)
    discounts: list[VoucherDiscount] | None = field(default=None)


@record
class VoucherDetailedItemIn(Movement):
    """A movement of a voucher (Siigo, "Recibos de Caja/Crear Recibo de caja - Avanzado"). Required: `account`, `value`."""


@record
class Voucher(SiigoRecord):
    """
    Receipt of cash (Siigo, "Recibos de Caja/Consultar Recibo de caja").

    `type` says which shape it has: DebtPayment and AdvancePayment have a `payment`, Detailed has movements as items,
    MiscIncome, of the newer site, has an `income`. `name` is like RC-2-22.
    """

    id: str
    document: DocumentRef | None = field(default=None)
    number: int | None = field(default=None)
    name: str | None = field(default=None)
    date: datetime.date | None = field(default=None, read=quirks.day)
    type: str | None = field(default=None)
    customer: ThirdParty | None = field(default=None)
    cost_center: int | None = field(default=None)
    currency: Currency | None = field(default=None)
    income: CatalogueRef | None = field(default=None)
    items: list[VoucherItem] | None = field(default=None)
    payment: Payment | None = field(default=None)
    balance: Decimal | None = field(default=None)
    observations: str | None = field(default=None)
    metadata: Metadata | None = field(default=None)


@record
class VoucherIn(SiigoRecord):
    """
    Receipt of cash of type DebtPayment, AdvancePayment or MiscIncome (Siigo, "Recibos de Caja/Crear Recibo de caja").

    Required: `document`, `date`, `type`, `customer`, `payment`; `items` for DebtPayment, and none for AdvancePayment;
    `income`, by its id in `/v1/misc-incomes`, for MiscIncome.
    """

    document: DocumentRef | None = field(default=None)
    date: datetime.date | None = field(default=None, read=quirks.day)
    number: int | None = field(default=None)
    type: str | None = field(default=None)
    customer: ThirdPartyIn | None = field(default=None)
    cost_center: int | None = field(default=None)
    currency: Currency | None = field(default=None)
    income: CatalogueRef | None = field(default=None)
    items: list[VoucherItemIn] | None = field(default=None)
    payment: PaymentIn | None = field(default=None)
    observations: str | None = field(default=None)


@record
class VoucherDetailedIn(SiigoRecord):
    """
    Receipt of cash by its movements: `type` is Detailed (Siigo, "Recibos de Caja/Crear Recibo de caja - Avanzado").

    Required: `document`, `date`, `type`, `customer`, `items`. It has no payment.
    """

    document: DocumentRef | None = field(default=None)
    date: datetime.date | None = field(default=None, read=quirks.day)
    number: int | None = field(default=None)
    type: str | None = field(default=None)
    customer: ThirdPartyIn | None = field(default=None)
    cost_center: int | None = field(default=None)
    currency: Currency | None = field(default=None)
    items: list[VoucherDetailedItemIn] | None = field(default=None)
    observations: str | None = field(default=None)
