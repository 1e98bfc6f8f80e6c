"""Webhooks, and what Siigo posts to them."""

from __future__ import annotations

from sagicc_async import Timestamp, field, record

from .base import SiigoRecord
from .products import Product


@record
class Webhook(SiigoRecord):
    """Subscription to a topic (Siigo, "Webhooks/Consultar un webhook")."""

    id: str
    application_id: str | None = field(default=None)
    url: str | None = field(default=None)
    topic: str | None = field(default=None)
    company_key: str | None = field(default=None)
    active: bool | None = field(default=None)
    created_at: Timestamp | None = field(default=None)


@record
class WebhookIn(SiigoRecord):
    """
    Subscription to a topic (Siigo, "Webhooks/Suscribirse a un webhook").

    Required: all. `topic` is public.siigoapi.products. and then create, update or stock.update.
    """

    application_id: str | None = field(default=None)
    topic: str | None = field(default=None)
    url: str | None = field(default=None)


@record
class WebhookUpdateIn(WebhookIn):
    """
    Change of a subscription (Siigo, "Webhooks/Editar un webhook").

    Required: all but `active`. The vendor prints no id for it.
    """

    active: bool | None = field(default=None)


@record
class ProductNotification(Product):
    """What Siigo posts when a product is made or changed: the product, and whose it is (Siigo, "Webhooks")."""

    company_key: str | None = field(default=None)
    username: str | None = field(default=None)
    topic: str | None = field(default=None)
    stock_updated: Timestamp | None = field(default=None)
