"""Quotations."""

from __future__ import annotations

import datetime
from decimal import Decimal

from sagicc_async import field, quirks, record

from .base import SiigoRecord
from .common import Currency, DocumentItem, DocumentItemIn, DocumentRef, Metadata, ThirdParty, ThirdPartyIn


@record
class QuotationItem(DocumentItem):
    """An item of a quotation (Siigo, "Cotizaciones/Consultar Cotización")."""


@record
class QuotationItemIn(DocumentItemIn):
    """An item of a quotation (Siigo, "Cotizaciones/Crear Cotización"). Required: `code`, `quantity`, `price`."""


@record
class Quotation(SiigoRecord):
    """Quotation (Siigo, "Cotizaciones/Consultar Cotización"). `name` is like C-1-22."""

    id: str
    document: DocumentRef | None = field(default=None)
    number: int | None = field(default=None)
    name: str | None = field(default=None)
    date: datetime.date | None = field(default=None, read=quirks.day)
    customer: ThirdParty | None = field(default=None)
    cost_center: int | None = field(default=None)
    currency: Currency | None = field(default=None)
    total: Decimal | None = field(default=None)
    seller: int | None = field(default=None)
    items: list[QuotationItem] | None = field(default=None)
    public_url: str | None = field(default=None)
    metadata: Metadata | None = field(default=None)


@record
class QuotationIn(SiigoRecord):
    """
    Quotation (Siigo, "Cotizaciones/Crear Cotización").

    Required: `document`, `date`, `customer`, `seller`, `items`; `number` where the type of document is numbered by
    hand.
    """

    document: DocumentRef | None = field(default=None)
    date: datetime.date | None = field(default=None, read=quirks.day)
    number: int | None = field(default=None)
    customer: ThirdPartyIn | None = field(default=None)
    cost_center: int | None = field(default=None)
    currency: Currency | None = field(default=None)
    seller: int | None = field(default=None)
    items: list[QuotationItemIn] | None = field(default=None)
