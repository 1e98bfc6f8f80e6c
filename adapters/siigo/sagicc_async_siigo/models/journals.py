"""Journals: accounting entries."""

from __future__ import annotations

import datetime
from decimal import Decimal

from sagicc_async import field, quirks, record

from .base import SiigoRecord
from .common import Currency, DocumentRef, Metadata, Movement, ThirdParty, ThirdPartyIn


@record
class JournalProduct(SiigoRecord):
    """
    The product of an entry on an inventory account (Siigo, "Comprobantes Contables/Crear Comprobante Contable").

    Required: `code`, `quantity` (up to 2 decimals). `warehouse` is an id of `/v1/warehouses`.
    """

    code: str | None = field(default=None)
    quantity: Decimal | None = field(default=None)
    warehouse: int | None = field(default=None)


@record
class JournalItem(Movement):
    """An entry of a journal (Siigo, "Comprobantes Contables/Listar Comprobantes Contables")."""

    customer: ThirdParty | None = field(default=None)
    cost_center: int | None = field(default=None)
    fixed_assets: int | None = field(default=None)
    product: JournalProduct | None = field(default=None)


@record
class JournalItemIn(Movement):
    """
    An entry of a journal (Siigo, "Comprobantes Contables/Crear Comprobante Contable").

    Required: `account`, `customer`, `value`. Accounts of debts take a `due`, those of taxes a `tax`, those of
    inventory a `product`; `fixed_assets` is an id of `/v1/fixed-assets`.
    """

    customer: ThirdPartyIn | None = field(default=None)
    cost_center: int | None = field(default=None)
    fixed_assets: int | None = field(default=None)
    product: JournalProduct | None = field(default=None)


@record
class Journal(SiigoRecord):
    """Journal (Siigo, "Comprobantes Contables/Listar Comprobantes Contables"). `name` is like CC-10-20."""

    id: str
    document: DocumentRef | None = field(default=None)
    number: int | None = field(default=None)
    name: str | None = field(default=None)
    date: datetime.date | None = field(default=None, read=quirks.day)
    currency: Currency | None = field(default=None)
    items: list[JournalItem] | None = field(default=None)
    balance: Decimal | None = field(default=None)
    observations: str | None = field(default=None)
    metadata: Metadata | None = field(default=None)


@record
class JournalIn(SiigoRecord):
    """
    Journal (Siigo, "Comprobantes Contables/Crear Comprobante Contable").

    Required: `document`, `date`, `items`, whose debits are their credits. `observations` takes up to 4000 characters.
    """

    document: DocumentRef | None = field(default=None)
    date: datetime.date | None = field(default=None, read=quirks.day)
    number: int | None = field(default=None)
    currency: Currency | None = field(default=None)
    items: list[JournalItemIn] | None = field(default=None)
    observations: str | None = field(default=None)
