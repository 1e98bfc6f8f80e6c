"""Batches of sales invoices, and what Siigo posts once one is done."""

from __future__ import annotations

from sagicc_async import Timestamp, field, record

from .base import SiigoRecord
from .invoices import InvoiceContent, InvoiceIn


@record
class BatchInvoiceIn(InvoiceIn):
    """
    An invoice of a batch (Siigo, "Facturas de Venta/Crear lote de Facturas de venta").

    Required: as for an invoice, and `idempotency_key`: up to 30 letters and digits.
    """

    idempotency_key: str | None = field(default=None)


@record
class InvoiceBatchIn(SiigoRecord):
    """
    A batch of invoices, of 1 MB at most (Siigo, "Facturas de Venta/Crear lote de Facturas de venta").

    Required: `notification_url` (https, under 2048 characters), to which Siigo posts the results, and `invoices`.
    """

    notification_url: str | None = field(default=None)
    invoices: list[BatchInvoiceIn] | None = field(default=None)


@record
class InvoiceBatch(SiigoRecord):
    """A batch that was taken: `status` is Received (Siigo, "Facturas de Venta/Crear lote de Facturas de venta")."""

    id: str
    status: str | None = field(default=None)
    received_at: Timestamp | None = field(default=None)


@record
class BatchFault(SiigoRecord):
    """One fault of an invoice of a batch (Siigo, "Facturas de Venta/Crear lote de Facturas de venta")."""

    code: str | None = field(default=None)
    message: str | None = field(default=None)
    params: list[str] | None = field(default=None)
    detail: str | None = field(default=None)


@record
class BatchError(SiigoRecord):
    """Why an invoice of a batch was not made (Siigo, "Facturas de Venta/Crear lote de Facturas de venta")."""

    status: int | None = field(default=None)
    errors: list[BatchFault] | None = field(default=None)


@record
class BatchResult(InvoiceContent):
    """
    What became of one invoice of a batch (Siigo, "Facturas de Venta/Crear lote de Facturas de venta").

    The invoice, or `error`. `status_code` is an HTTP status as text: 201, 400.
    """

    status_code: str | None = field(default=None)
    idempotency_key: str | None = field(default=None)
    id: str | None = field(default=None)
    error: BatchError | None = field(default=None)


@record
class BatchNotification(SiigoRecord):
    """
    What Siigo posts once a batch is done (Siigo, "Facturas de Venta/Crear lote de Facturas de venta").

    `status` is Processed.
    """

    id: str
    status: str | None = field(default=None)
    status_at: Timestamp | None = field(default=None)
    notification_url: str | None = field(default=None)
    invoices: list[BatchResult] | None = field(default=None)
