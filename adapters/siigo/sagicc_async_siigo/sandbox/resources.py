"""Everything that is served and kept, put together."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from sagicc_async.sandbox import Table

from . import account_groups, catalogues, customers, documents, products, reports, webhooks
from .context import Route

ROUTES: Final[Sequence[Route]] = (
    *products.ROUTES,
    *customers.ROUTES,
    *documents.ROUTES,
    *catalogues.ROUTES,
    *account_groups.ROUTES,
    *reports.ROUTES,
    *webhooks.ROUTES,
)

TABLES: Final[Sequence[Table]] = (
    *catalogues.TABLES,
    *products.TABLES,
    *customers.TABLES,
    *webhooks.TABLES,
    *documents.TABLES,
)
