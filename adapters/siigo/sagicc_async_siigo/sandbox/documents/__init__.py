"""Documents: invoices, quotations, credit notes, purchases, receipts and journals."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from sagicc_async.sandbox import Table

from ..context import Route
from . import (
    batch,
    credit_notes,
    idempotency,
    instalments,
    invoices,
    journals,
    purchases,
    quotations,
    receipts,
    sending,
)
from .kinds import KINDS
from .payables import payables
from .populate import populate

__all__ = ["ROUTES", "TABLES", "payables", "populate"]

#: `POST /v1/invoices/batch` stands before whatever has an id in that place.
ROUTES: Final[Sequence[Route]] = (
    *batch.ROUTES,
    *invoices.ROUTES,
    *sending.ROUTES,
    *quotations.ROUTES,
    *credit_notes.ROUTES,
    *purchases.ROUTES,
    *receipts.ROUTES,
    *journals.ROUTES,
)

TABLES: Final[Sequence[Table]] = (
    *(kind.kept for kind in KINDS),
    instalments.TABLE,
    instalments.APPLICATIONS,
    idempotency.TABLE,
)
