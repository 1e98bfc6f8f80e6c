"""Purchases and expenses."""

from __future__ import annotations

import datetime
from decimal import Decimal

from sagicc_async import field, quirks, record

from .base import SiigoRecord
from .common import (
    Currency,
    DocumentItem,
    DocumentItemIn,
    DocumentRef,
    Metadata,
    Payment,
    PaymentIn,
    TaxIn,
    ThirdParty,
    ThirdPartyIn,
)


@record
class ProviderInvoice(SiigoRecord):
    """
    The supplier's own invoice (Siigo, "Factura de compra o gasto/Crear Factura de compra").

    Required: `prefix` (up to 6 letters and digits), `number` (up to 11 digits, as text).
    """

    prefix: str | None = field(default=None)
    number: str | None = field(default=None)


@record
class PurchaseItem(DocumentItem):
    """
    An item of a purchase (Siigo, "Factura de compra o gasto/Consultar Facturas de compra").

    `type` is Product, FixedAsset or Account.
    """

    type: str | None = field(default=None)


@record
class PurchaseItemIn(DocumentItemIn):
    """
    An item of a purchase (Siigo, "Factura de compra o gasto/Crear Factura de compra").

    Required: `type` (Product, FixedAsset or Account), `code`, `quantity`, `price`. `supplier` is for purchases that
    have one for each item: a number in the vendor's table, whose suppliers have text for ids elsewhere.
    """

    type: str | None = field(default=None)
    supplier: int | str | None = field(default=None)
    warehouse: int | None = field(default=None)


@record
class Purchase(SiigoRecord):
    """
    Purchase or expense (Siigo, "Factura de compra o gasto/Consultar Facturas de compra").

    `name` is like FC-1-73; `discount_type` is Value or Percentage.
    """

    id: str
    document: DocumentRef | None = field(default=None)
    number: int | None = field(default=None)
    name: str | None = field(default=None)
    date: datetime.date | None = field(default=None, read=quirks.day)
    supplier: ThirdParty | None = field(default=None)
    cost_center: int | None = field(default=None)
    provider_invoice: ProviderInvoice | None = field(default=None)
    discount_type: str | None = field(default=None)
    currency: Currency | None = field(default=None)
    total: Decimal | None = field(default=None)
    balance: Decimal | None = field(default=None)
    observations: str | None = field(default=None)
    items: list[PurchaseItem] | None = field(default=None)
    payments: list[Payment] | None = field(default=None)
    metadata: Metadata | None = field(default=None)


@record
class PurchaseIn(SiigoRecord):
    """
    Purchase or expense (Siigo, "Factura de compra o gasto/Crear Factura de compra").

    Required: `document`, `date`, `supplier`, `items`, `payments`; `number` where the type of document is numbered by
    hand. Without them `supplier_by_item` and `tax_included` are false.
    """

    document: DocumentRef | None = field(default=None)
    date: datetime.date | None = field(default=None, read=quirks.day)
    number: int | None = field(default=None)
    supplier: ThirdPartyIn | None = field(default=None)
    cost_center: int | None = field(default=None)
    provider_invoice: ProviderInvoice | None = field(default=None)
    currency: Currency | None = field(default=None)
    observations: str | None = field(default=None)
    discount_type: str | None = field(default=None)
    supplier_by_item: bool | None = field(default=None)
    tax_included: bool | None = field(default=None)
    retentions: list[TaxIn] | None = field(default=None)
    items: list[PurchaseItemIn] | None = field(default=None)
    payments: list[PaymentIn] | None = field(default=None)
