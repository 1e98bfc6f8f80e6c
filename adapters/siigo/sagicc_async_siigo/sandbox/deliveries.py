"""
What the sandbox sends by itself: notifications of webhooks and of processed batches.

Each is one POST that begins when the request that caused it is answered; it may arrive before that answer. It is not
repeated, since no such rule is documented. How each went is shown by the action `entregas`.
"""

from __future__ import annotations

import io
from typing import Any, Final, Literal

import aiohttp
import attrs

from sagicc_async.sandbox import Company

from .options import only
from .stamps import Stamps, at

_PATIENCE: Final = aiohttp.ClientTimeout(total=10)


@attrs.define(kw_only=True)
class Delivery:
    """
    A notification and what became of it.

    Attributes:
        url: Where to.
        about: A topic, or what else it is.
        sent_at: When, as the vendor writes it.
        state: Whether it arrived.
        status: What its receiver answered.
        error: Why there was no answer.
    """

    url: str
    about: str
    sent_at: str
    state: Literal["pending", "delivered", "failed"] = "pending"
    status: int | None = None
    error: str | None = None


def send(company: Company, url: str, body: bytes, *, about: str, wall: float) -> None:
    """
    Send a notification, without waiting for it.

    Args:
        company: Whose notification it is.
        url: Where to: any http or https address. The vendor demands https, which a test's own receiver has not.
        body: JSON.
        about: What the screen calls it.
        wall: When, in seconds since the epoch.
    """
    delivery = Delivery(url=url, about=about, sent_at=Stamps().text(at(wall)))
    _sent_by(company).append(delivery)
    company.start(_deliver(delivery, body))


def show(company: Company, options: dict[str, Any]) -> list[dict[str, Any]]:
    """Return what was sent, oldest first."""
    only(options, ())
    return [attrs.asdict(delivery) for delivery in _sent_by(company)]


async def _deliver(delivery: Delivery, body: bytes) -> None:
    headers = {"Content-Type": "application/json; charset=utf-8"}
    try:
        async with (
            aiohttp.ClientSession(timeout=_PATIENCE) as http,
            http.post(delivery.url, data=io.BytesIO(body), headers=headers) as answer,
        ):
            delivery.status = answer.status
    except (aiohttp.ClientError, TimeoutError, ValueError) as error:
        delivery.error = f"{type(error).__name__}: {error}"
    arrived = delivery.status is not None and delivery.status < 400
    delivery.state = "delivered" if arrived else "failed"


def _sent_by(company: Company) -> list[Delivery]:
    sent: list[Delivery] = company.memory.setdefault("deliveries", [])
    return sent
