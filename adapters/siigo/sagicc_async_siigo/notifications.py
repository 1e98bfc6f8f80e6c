"""
What Siigo posts to addresses of yours, as pure functions for any web framework: bytes in, records out.

Siigo signs nothing, so whoever knows an address can post to it: take one that cannot be guessed, and read back from
Siigo what matters.
"""

from __future__ import annotations

from datetime import UTC, tzinfo
from typing import TypeVar

from sagicc_async import FieldError, ProtocolError, Record, read_record

from .answers import complaints
from .models import BatchNotification, BatchResult, ProductNotification

R = TypeVar("R", bound=Record)


def parse_batch_notification(body: bytes, *, zone: tzinfo = UTC) -> BatchNotification:
    """
    Read what Siigo posts once a batch of invoices is done.

    Args:
        body: The body of the POST.
        zone: Where the company lives, for timestamps without an offset.

    Returns:
        What became of each invoice, by its idempotency key; `batch_errors` says why one was refused.

    Raises:
        ProtocolError: It is something else: answer the POST with 400.

    Source: Siigo, "Facturas de Venta/Crear lote de Facturas de venta".
    """
    return _parsed(BatchNotification, body, zone)


def parse_notification(body: bytes, *, zone: tzinfo = UTC) -> ProductNotification:
    """
    Read what Siigo posts when a product was created or changed, or its stock was.

    Args:
        body: The body of the POST.
        zone: Where the company lives, for timestamps without an offset.

    Returns:
        The product, with `topic`, `company_key` and `username`.

    Raises:
        ProtocolError: It is something else: answer the POST with 400.

    Source: Siigo, "Webhooks".
    """
    return _parsed(ProductNotification, body, zone)


def batch_errors(result: BatchResult) -> tuple[FieldError, ...]:
    """Why an invoice of a batch was refused, as errors have it elsewhere; empty if it was created."""
    return () if result.error is None else complaints(result.error.to_dict())


def _parsed(kind: type[R], body: bytes, zone: tzinfo) -> R:
    try:
        return read_record(kind, body, zone=zone)
    except ProtocolError as error:
        error.vendor = "siigo"
        error.hint = "this is not what Siigo documents to post; answer it with 400"
        raise
