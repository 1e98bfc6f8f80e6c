"""
Siigo (accounting, Colombia) for sagicc-async.

    async with SessionManager(settings={"siigo": {"partner_id": "MyProduct"}}) as sessions:
        siigo = sessions.open(Siigo, SiigoCredentials.from_env())
        async for invoice in siigo.invoices.list(updated_since=date(2026, 1, 1)):
            print(invoice.name, invoice.total)

The records are in `sagicc_async_siigo.models`.
"""

from . import models
from .adapter import Siigo, SiigoSettings
from .auth import SiigoAuth, SiigoCredentials
from .catalogue import Catalogue
from .checks import invoice_total
from .notifications import batch_errors, parse_batch_notification, parse_notification
from .resources.webhooks import PRODUCTS_CREATE, PRODUCTS_STOCK_UPDATE, PRODUCTS_UPDATE

__all__ = [
    "PRODUCTS_CREATE",
    "PRODUCTS_STOCK_UPDATE",
    "PRODUCTS_UPDATE",
    "Catalogue",
    "Siigo",
    "SiigoAuth",
    "SiigoCredentials",
    "SiigoSettings",
    "batch_errors",
    "invoice_total",
    "models",
    "parse_batch_notification",
    "parse_notification",
]
