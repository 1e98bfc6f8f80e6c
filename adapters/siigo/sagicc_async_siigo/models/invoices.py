"""Sales invoices: the document, its mail and its files."""

from __future__ import annotations

import datetime
from decimal import Decimal

from sagicc_async import field, quirks, record

from .base import SiigoRecord
from .common import (
    Address,
    AppliedTax,
    CatalogueRef,
    Contact,
    Currency,
    DocumentItem,
    DocumentItemIn,
    DocumentRef,
    GlobalCharge,
    GlobalDiscount,
    Metadata,
    Payment,
    PaymentIn,
    Phone,
    TaxIn,
    ThirdParty,
    ThirdPartyIn,
)


@record
class Stamp(SiigoRecord):
    """
    What became of a document at the tax office (Siigo, "Facturas de Venta/Consultar Factura").

    `status` is Draft, Accepted or Rejected. An invoice has a `cufe`, a credit note a `cude`.
    """

    status: str | None = field(default=None)
    cufe: str | None = field(default=None)
    cude: str | None = field(default=None)
    observations: str | None = field(default=None)
    errors: str | None = field(default=None)


@record
class StampIn(SiigoRecord):
    """Whether to send the document to the tax office (Siigo, "Facturas de Venta/Crear Factura"). Required: `send`."""

    send: bool | None = field(default=None)


@record
class MailStatus(SiigoRecord):
    """
    What became of a document's mail (Siigo, "Facturas de Venta/Consultar Factura").

    `status` is not_sent, sent, read, failed_delivery, commented, process_of_sending or pending_send.
    """

    status: str | None = field(default=None)
    observations: str | None = field(default=None)


@record
class MailSendIn(SiigoRecord):
    """Whether to mail the document to the customer (Siigo, "Facturas de Venta/Crear Factura"). Required: `send`."""

    send: bool | None = field(default=None)


@record
class PurchaseOrder(SiigoRecord):
    """The customer's purchase order, each part up to 20 characters (Siigo, "Facturas de Venta/Crear Factura")."""

    prefix: str | None = field(default=None)
    number: str | None = field(default=None)


@record
class DeliveryOrder(SiigoRecord):
    """A delivery order, each part up to 20 characters (Siigo, "Facturas de Venta/Crear Factura"). Required: `date`."""

    prefix: str | None = field(default=None)
    number: str | None = field(default=None)
    date: datetime.date | None = field(default=None, read=quirks.day)


@record
class InvoiceFields(SiigoRecord):
    """Further fields of an invoice (Siigo, "Facturas de Venta/Crear Factura")."""

    purchase_order: PurchaseOrder | None = field(default=None)
    delivery_order: DeliveryOrder | None = field(default=None)


@record
class HealthcareCompany(SiigoRecord):
    """
    Fields of the health sector (Siigo, "Facturas de Venta/Crear Factura").

    Required: `operation_type`: SS-CUFE, SS-SinAporte or SS-Recaudo; the period for the first two; one of the four
    amounts for SS-CUFE. `payment_method` and `service_plan` are numbers in the tables, text (04) in the examples.
    """

    operation_type: str | None = field(default=None)
    period_start: datetime.date | None = field(default=None, read=quirks.day)
    period_end: datetime.date | None = field(default=None, read=quirks.day)
    payment_method: int | str | None = field(default=None)
    service_plan: int | str | None = field(default=None)
    policy_number: str | None = field(default=None)
    contract_number: str | None = field(default=None)
    copayment: Decimal | None = field(default=None)
    coinsurance: Decimal | None = field(default=None)
    cost_sharing: Decimal | None = field(default=None)
    recovery_charge: Decimal | None = field(default=None)


@record
class Transport(SiigoRecord):
    """
    Fields of cargo transport (Siigo, "Facturas de Venta/Crear Factura").

    `measurement_unit` is GLL or KGM, `service_type` AdditionalService or Shipment.
    """

    file_number: int | None = field(default=None)
    shipment_number: str | None = field(default=None)
    transported_quantity: Decimal | None = field(default=None)
    measurement_unit: str | None = field(default=None)
    freight_value: Decimal | None = field(default=None)
    purchase_order: str | None = field(default=None)
    service_type: str | None = field(default=None)


@record
class InvoiceCustomerIn(ThirdPartyIn):
    """
    The customer of an invoice: one that exists, or one to be made (Siigo, "Facturas de Venta/Crear Factura").

    Required: `identification`; for a new one all other fields as well but `branch_office`.
    """

    person_type: str | None = field(default=None)
    id_type: str | None = field(default=None)
    name: list[str] | None = field(default=None)
    address: Address | None = field(default=None)
    phones: list[Phone] | None = field(default=None)
    contacts: list[Contact] | None = field(default=None)


@record
class InvoiceItem(DocumentItem):
    """An item of an invoice (Siigo, "Facturas de Venta/Consultar Factura")."""

    warehouse: CatalogueRef | None = field(default=None)
    seller: int | None = field(default=None)
    transport: Transport | None = field(default=None)


@record
class InvoiceItemIn(DocumentItemIn):
    """
    An item of an invoice (Siigo, "Facturas de Venta/Crear Factura").

    Required: `code`, `quantity`, `price` or, VAT included, `taxed_price`; with a price of 0 `tax_base` and `taxpayer`:
    Customer or Company. `seller` and `customer` are for documents that have one for each item.
    """

    seller: int | None = field(default=None)
    warehouse: int | None = field(default=None)
    taxed_price: Decimal | None = field(default=None)
    tax_base: Decimal | None = field(default=None)
    taxpayer: str | None = field(default=None)
    customer: ThirdPartyIn | None = field(default=None)
    transport: Transport | None = field(default=None)


@record
class InvoiceContent(SiigoRecord):
    """All of an invoice but its id (Siigo, "Facturas de Venta/Consultar Factura")."""

    document: DocumentRef | None = field(default=None)
    prefix: str | None = field(default=None)
    number: int | None = field(default=None)
    name: str | None = field(default=None)
    date: datetime.date | None = field(default=None, read=quirks.day)
    customer: ThirdParty | None = field(default=None)
    cost_center: int | None = field(default=None)
    currency: Currency | None = field(default=None)
    status: str | None = field(default=None)
    annulled: bool | None = field(default=None)
    total: Decimal | None = field(default=None)
    balance: Decimal | None = field(default=None)
    seller: int | None = field(default=None)
    stamp: Stamp | None = field(default=None)
    mail: MailStatus | None = field(default=None)
    observations: str | None = field(default=None)
    retentions: list[AppliedTax] | None = field(default=None)
    advance_payment: Decimal | None = field(default=None)
    items: list[InvoiceItem] | None = field(default=None)
    payments: list[Payment] | None = field(default=None)
    global_discounts: list[GlobalDiscount] | None = field(also=["globaldiscounts"], default=None)
    global_charges: list[GlobalCharge] | None = field(default=None)
    additional_fields: InvoiceFields | None = field(default=None)
    healthcare_company: HealthcareCompany | None = field(default=None)
    public_url: str | None = field(default=None)
    metadata: Metadata | None = field(default=None)


@record
class Invoice(InvoiceContent):
    """
    Sales invoice (Siigo, "Facturas de Venta/Consultar Factura").

    `name` is FV, the type's code and the number. `globaldiscounts`, as some pages spell it, reads as
    `global_discounts`.
    """

    id: str


@record
class InvoiceIn(SiigoRecord):
    """
    Sales invoice (Siigo, "Facturas de Venta/Crear Factura").

    Required: `document`, `date`, `customer`, `seller`, `items` (500 at most), `payments`, whose sum is the total;
    `number` where the type of document is numbered by hand.
    """

    document: DocumentRef | None = field(default=None)
    date: datetime.date | None = field(default=None, read=quirks.day)
    number: int | None = field(default=None)
    customer: InvoiceCustomerIn | None = field(default=None)
    cost_center: int | None = field(default=None)
    currency: Currency | None = field(default=None)
    seller: int | None = field(default=None)
    stamp: StampIn | None = field(default=None)
    mail: MailSendIn | None = field(default=None)
    observations: str | None = field(default=None)
    retentions: list[TaxIn] | None = field(default=None)
    advance_payment: Decimal | None = field(default=None)
    items: list[InvoiceItemIn] | None = field(default=None)
    payments: list[PaymentIn] | None = field(default=None)
    global_discounts: list[GlobalDiscount] | None = field(also=["globaldiscounts"], default=None)
    additional_fields: InvoiceFields | None = field(default=None)
    healthcare_company: HealthcareCompany | None = field(default=None)


@record
class Annulled(SiigoRecord):
    """
    The answer to an annulment (Siigo, "Facturas de Venta/Anular Factura").

    One site prints the key `Annul`, the newer one `deleted`.
    """

    id: str
    annul: bool | None = field(wire="Annul", default=None)
    deleted: bool | None = field(default=None)


@record
class MailIn(SiigoRecord):
    """
    Who gets an invoice by mail (Siigo, "Facturas de Venta/Envío de facturas por mail").

    Required: `mail_to`. `copy_to` takes up to 5 addresses with `;` between them.
    """

    mail_to: str | None = field(default=None)
    copy_to: str | None = field(default=None)


@record
class Mail(SiigoRecord):
    """What became of the mail (Siigo, "Facturas de Venta/Envío de facturas por mail"). `guid` is the SDK's."""

    status: str | None = field(default=None)
    observations: str | None = field(default=None)
    guid: str | None = field(default=None)


@record
class Pdf(SiigoRecord):
    """A document as PDF, in base64 (Siigo, "Facturas de Venta/PDF de Factura de Venta"). A credit note's has a `cude`."""

    id: str
    base64: str | None = field(default=None)
    cufe: str | None = field(default=None)
    cude: str | None = field(default=None)


@record
class Xml(SiigoRecord):
    """An invoice as XML, in base64 (Siigo, "Facturas de Venta/XML Factura de Venta")."""

    id: str
    base64: str | None = field(default=None)
    cufe: str | None = field(default=None)


@record
class StampError(SiigoRecord):
    """
    A reason of the tax office's.

    Source: Siigo, "Facturas de Venta/Consulta de errores en facturas rechazadas por la DIAN".
    """

    message: str | None = field(default=None)


@record
class StampErrors(SiigoRecord):
    """
    Why the tax office rejected an invoice.

    Source: Siigo, "Facturas de Venta/Consulta de errores en facturas rechazadas por la DIAN".
    """

    id: str
    errors: list[StampError] | None = field(default=None)
