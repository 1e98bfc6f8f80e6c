"""Subscriptions to what Siigo posts when products change."""

from __future__ import annotations

from collections.abc import AsyncIterable, Mapping
from datetime import datetime
from typing import Any, ClassVar, Final

from sagicc_async import Deadline, Priority, Record, Request, Safety, Stream, to_wire

from ..checks import check_webhook
from ..models import Webhook, WebhookIn, WebhookUpdateIn
from ..operations import Creatable, Deletable, Rules
from ..recovery import Search

PRODUCTS_CREATE: Final = "public.siigoapi.products.create"
PRODUCTS_UPDATE: Final = "public.siigoapi.products.update"
PRODUCTS_STOCK_UPDATE: Final = "public.siigoapi.products.stock.update"


class WebhooksResource(Creatable[Webhook, WebhookIn], Deletable[Webhook]):
    """
    Subscriptions, one a topic (Siigo, "Webhooks"). `parse_notification` reads what Siigo posts.

    No signature is documented, so whoever knows the address can post to it: put a secret of your own into its path.
    """

    name: ClassVar[str] = "webhooks"
    path: ClassVar[str] = "v1/webhooks"
    model: ClassVar[type[Record]] = Webhook
    requests: ClassVar[tuple[type[Record], ...]] = (WebhookIn,)
    operations: ClassVar[Mapping[str, Safety]] = {
        "list": Safety.REPEATABLE,
        "create": Safety.UNSAFE,
        "update": Safety.UNSAFE,
        "delete": Safety.REPEATABLE,
    }
    evidence: ClassVar[str] = "documented"
    rules: ClassVar[Rules] = staticmethod(check_webhook)
    search: ClassVar[Search] = Search(compared=("application_id", "topic", "url", "active"))

    def list(
        self,
        *,
        page: int | None = None,
        page_size: int | None = None,
        params: Mapping[str, str | int | None] | None = None,
        deadline: Deadline | float | None = None,
        priority: Priority | None = None,
    ) -> Stream[Webhook]:
        """
        Stream the subscriptions.

        Args:
            page: Page to begin with, from 1.
            page_size: Records on a page, 10 to 100.
            params: Query parameters that are not modelled, sent as they are.
            deadline: Seconds for each page.
            priority: Who goes first; bulk by default.

        Source: Siigo, "Webhooks/Consultar un webhook".
        """
        return self._list({}, params, page=page, page_size=page_size, deadline=deadline, priority=priority)

    async def update(
        self,
        webhook: WebhookUpdateIn | Mapping[str, Any],
        *,
        check: bool = True,
        deadline: Deadline | float | None = None,
        priority: Priority | None = None,
    ) -> Webhook:
        """
        Change a subscription. The vendor prints no id for it, and not how it is found either.

        Args:
            webhook: Application, topic and address, and whether it is active.
            check: Check the documented rules before sending.
            deadline: Seconds for everything.
            priority: Who goes first; normal by default.

        Raises:
            ValidationFailed: A documented rule is broken and nothing was sent, or Siigo refuses; see `errors`.
            OutcomeUnknown: The answer was lost. `reconcile()` compares what Siigo has.

        Source: Siigo, "Webhooks/Editar un webhook".
        """
        with self._adapter.together(deadline):
            document = await self._checked("update", webhook, check=check)
            return await self._write(
                "update",
                Webhook,
                Request(method="PUT", path=self.path, body=to_wire(document)),
                priority,
                lookup=lambda lost: self._look_up(document, lost.begun, lost.given_up),
            )

    def _candidates(self, document: Mapping[str, Any], since: datetime | None) -> AsyncIterable[Webhook]:
        return self.list(priority=Priority.NORMAL)
