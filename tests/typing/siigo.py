"""
What a type checker and an editor know of Siigo's resources; checked by mypy, never run.

As in `api.py`, an ignored error that is no error any more fails too.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import assert_type

from sagicc_async import FieldError, Outcome, SessionManager, Stream
from sagicc_async_siigo import Siigo, SiigoCredentials, batch_errors, invoice_total, parse_batch_notification
from sagicc_async_siigo.models import (
    Customer,
    CustomerIn,
    Deleted,
    Invoice,
    InvoiceBatch,
    InvoiceIn,
    InvoiceItemIn,
    PaymentReceiptIn,
    Purchase,
    PurchaseIn,
    Tax,
    Voucher,
    VoucherDetailedIn,
    VoucherIn,
)


def opening(sessions: SessionManager) -> Siigo:
    """Secrets are taken as text."""
    return assert_type(sessions.open(Siigo, SiigoCredentials(username="u", access_key="k")), Siigo)


async def reading(siigo: Siigo) -> None:
    """Filters are known, with their types; a misspelt one is refused."""
    stream = siigo.invoices.list(updated_since=date(2026, 1, 1), document_id=24446, date_end="2026-11-25")
    assert_type(stream, Stream[Invoice])
    siigo.invoices.list(created_start=datetime(2026, 1, 1, tzinfo=UTC))
    siigo.invoices.list(create_start=date(2026, 1, 1))  # type: ignore[call-arg]
    siigo.invoices.list(document_id="24446")  # type: ignore[arg-type]
    siigo.purchases.list(name="FC-1-1")  # type: ignore[call-arg]
    async for invoice in stream:
        assert_type(invoice.id, str)
        assert_type(invoice.total, Decimal | None)
    assert_type(await siigo.customers.get("91cf"), Customer)
    assert_type(await siigo.catalogue().taxes(), Mapping[int, Tax])


async def writing(siigo: Siigo) -> None:
    """The request's class or a mapping goes in, the answer's comes out; only documented routes take a key."""
    item = InvoiceItemIn(code="A", quantity=Decimal(1), price=Decimal("9.99"))
    invoice = InvoiceIn(seller=629, items=[item])
    assert_type(await siigo.invoices.create(invoice, key="order-991"), Invoice)
    assert_type(await siigo.invoices.create({"seller": 629}), Invoice)
    assert_type(await siigo.purchases.create(PurchaseIn()), Purchase)
    await siigo.purchases.create(PurchaseIn(), key="order-991")  # type: ignore[call-arg]
    await siigo.invoices.create(PurchaseIn())  # type: ignore[arg-type]
    assert_type(await siigo.vouchers.create(VoucherIn()), Voucher)
    assert_type(await siigo.vouchers.create(VoucherDetailedIn(), key="k"), Voucher)
    await siigo.vouchers.create(PaymentReceiptIn())  # type: ignore[arg-type]
    await siigo.vouchers.delete("id")  # type: ignore[attr-defined]
    assert_type(await siigo.customers.edit("id", CustomerIn(comments="x")), Customer)
    assert_type(await siigo.customers.edit("id", comments="x"), Customer)
    assert_type(await siigo.invoices.delete("id"), Deleted)
    batch = await siigo.invoices.create_batch({"order-1": invoice}, notification_url="https://example.com/x")
    assert_type(batch, InvoiceBatch)
    assert_type(await siigo.purchases.reconcile(record=PurchaseIn(), since=datetime.now(UTC)), Outcome)
    InvoiceIn(sellr=629)  # type: ignore[call-arg]


def parsing(body: bytes) -> None:
    """Pure functions."""
    for result in parse_batch_notification(body).invoices or ():
        assert_type(batch_errors(result), tuple[FieldError, ...])
    assert_type(invoice_total(InvoiceIn(), taxes={13156: Decimal(19)}), Decimal | None)
