"""Credit notes."""

from __future__ import annotations

import datetime
from decimal import Decimal

from sagicc_async import field, quirks, record

from .base import SiigoRecord
from .common import AppliedTax, Currency, DocumentRef, Metadata, Payment, PaymentIn, TaxIn, ThirdParty, ThirdPartyIn
from .invoices import HealthcareCompany, InvoiceItem, InvoiceItemIn, MailSendIn, MailStatus, Stamp, StampIn


@record
class CreditedInvoice(SiigoRecord):
    """The invoice that a note is about (Siigo, "Notas Crédito/Consultar Nota Crédito")."""

    id: str | None = field(default=None)
    name: str | None = field(default=None)


@record
class InvoiceDataIn(SiigoRecord):
    """
    An invoice that was not made in Siigo (Siigo, "Notas Crédito/Crear Nota Crédito").

    Required: `date`; with reason 2 `number` and `cufe` (up to 200 characters) as well.
    """

    date: datetime.date | None = field(default=None, read=quirks.day)
    prefix: str | None = field(default=None)
    number: str | None = field(default=None)
    cufe: str | None = field(default=None)


@record
class CreditNoteItem(InvoiceItem):
    """An item of a credit note (Siigo, "Notas Crédito/Consultar Nota Crédito")."""


@record
class CreditNoteItemIn(InvoiceItemIn):
    """
    An item of a credit note, as an invoice has it (Siigo, "Notas Crédito/Crear Nota Crédito").

    Required: `code`, `quantity`, `price`; with a price of 0 `tax_base` and `taxpayer` as well.
    """


@record
class CreditNote(SiigoRecord):
    """Credit note (Siigo, "Notas Crédito/Consultar Nota Crédito"). `name` is like NC-2-22; its stamp has a `cude`."""

    id: str
    document: DocumentRef | None = field(default=None)
    number: int | None = field(default=None)
    name: str | None = field(default=None)
    date: datetime.date | None = field(default=None, read=quirks.day)
    invoice: CreditedInvoice | None = field(default=None)
    customer: ThirdParty | None = field(default=None)
    cost_center: int | None = field(default=None)
    currency: Currency | None = field(default=None)
    retentions: list[AppliedTax] | None = field(default=None)
    total: Decimal | None = field(default=None)
    seller: int | None = field(default=None)
    observations: str | None = field(default=None)
    stamp: Stamp | None = field(default=None)
    mail: MailStatus | None = field(default=None)
    items: list[CreditNoteItem] | None = field(default=None)
    payments: list[Payment] | None = field(default=None)
    metadata: Metadata | None = field(default=None)


@record
class CreditNoteIn(SiigoRecord):
    """
    Credit note (Siigo, "Notas Crédito/Crear Nota Crédito").

    Required: `document`, `date`, `items`, `payments`; `invoice`, the id of an invoice in Siigo, or else
    `invoice_data` with `customer` and `seller`; for an electronic note `reason`: 1 partial return, 2 annulment,
    3 discount, 4 price adjustment, 6 discount for prompt payment, 7 discount for volume. Examples write it as a number
    or as text.
    """

    document: DocumentRef | None = field(default=None)
    number: int | None = field(default=None)
    date: datetime.date | None = field(default=None, read=quirks.day)
    invoice: str | None = field(default=None)
    invoice_data: InvoiceDataIn | None = field(default=None)
    customer: ThirdPartyIn | None = field(default=None)
    seller: int | None = field(default=None)
    cost_center: int | None = field(default=None)
    reason: int | str | None = field(default=None)
    retentions: list[TaxIn] | None = field(default=None)
    observations: str | None = field(default=None)
    stamp: StampIn | None = field(default=None)
    mail: MailSendIn | None = field(default=None)
    items: list[CreditNoteItemIn] | None = field(default=None)
    payments: list[PaymentIn] | None = field(default=None)
    healthcare_company: HealthcareCompany | None = field(default=None)
