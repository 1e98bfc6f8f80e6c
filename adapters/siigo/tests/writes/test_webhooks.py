"""Subscriptions: a product changes at Siigo, and a notification arrives that can be read."""

from __future__ import annotations

from datetime import timedelta, timezone
from decimal import Decimal

import pytest

from sagicc_async import Conflict, ProtocolError
from sagicc_async_siigo import (
    PRODUCTS_CREATE,
    PRODUCTS_STOCK_UPDATE,
    PRODUCTS_UPDATE,
    models,
    parse_notification,
)

from .documents import CODE, product, webhook
from .receiver import receiver

TOPICS = (PRODUCTS_CREATE, PRODUCTS_UPDATE, PRODUCTS_STOCK_UPDATE)


async def subscribed(here, url, *topics):
    """Subscribe to topics, and return the subscriptions."""
    return [await here.siigo.webhooks.create(webhook(topic=topic, url=url)) for topic in topics]


async def test_what_happens_to_products_is_told(books):
    async with receiver() as (url, posted), books() as here:
        subscriptions = await subscribed(here, url, *TOPICS)
        assert await here.siigo.webhooks.list().collect() == subscriptions[::-1]

        made = await here.siigo.products.create(
            product(prices=[{"currency_code": "COP", "price_list": [{"position": 1, "value": Decimal("12000.50")}]}])
        )
        told = parse_notification(await posted.get())
        assert (told.topic, told.id, told.code, told.name) == (PRODUCTS_CREATE, made.id, "RUANA-1", "Ruana azul")
        assert (told.prices, told.account_group, told.unit) == (made.prices, made.account_group, made.unit)
        assert told.username == here.vendor.credentials["username"]
        assert told.company_key

        await here.siigo.products.edit(made.id, name="Ruana verde")
        told = parse_notification(await posted.get())
        assert (told.topic, told.name) == (PRODUCTS_UPDATE, "Ruana verde")


async def test_a_movement_of_the_stock_is_told(books):
    async with receiver() as (url, posted), books() as here:
        await subscribed(here, url, PRODUCTS_STOCK_UPDATE)
        here.vendor.act("existencias", code=CODE, warehouse=7301, quantity=12)
        told = parse_notification(await posted.get())
        assert (told.topic, told.code, told.available_quantity) == (PRODUCTS_STOCK_UPDATE, CODE, 12)
        assert told.stock_updated is not None


async def test_a_subscription_is_moved_silenced_and_ended(books):
    async with receiver() as (url, posted), books() as here:
        [made] = await subscribed(here, "https://acme.example/viejo", PRODUCTS_CREATE)
        moved = await here.siigo.webhooks.update(
            models.WebhookUpdateIn(application_id="bodega", topic=PRODUCTS_CREATE, url=url)
        )
        assert (moved.id, moved.url, moved.active) == (made.id, url, True)
        await here.siigo.products.create(product(code="A"))
        assert parse_notification(await posted.get()).code == "A"

        silent = await here.siigo.webhooks.update({**webhook(url=url), "active": False})
        assert silent.active is False
        await here.siigo.products.create(product(code="B"))
        await here.siigo.webhooks.update({**webhook(url=url), "active": True})
        await here.siigo.products.create(product(code="C"))
        assert parse_notification(await posted.get()).code == "C"  # nothing of B

        assert (await here.siigo.webhooks.delete(made.id)).deleted
        assert await here.siigo.webhooks.list().collect() == []
        with pytest.raises(Conflict):
            await subscribed(here, url, PRODUCTS_CREATE, PRODUCTS_CREATE)


async def test_moments_without_an_offset_are_the_companys(books):
    bogota = timezone(timedelta(hours=-5))
    async with receiver() as (url, posted), books(timestamps="naive") as here:
        await subscribed(here, url, PRODUCTS_CREATE)
        await here.siigo.products.create(product())
        body = await posted.get()
        told, in_utc = parse_notification(body, zone=bogota), parse_notification(body)
        assert told.metadata.created.naive
        assert told.metadata.created - in_utc.metadata.created == timedelta(hours=5)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>canario</html>",
        b'{"canario": 1}',
        b"[]",
        b"null",
        b'{"id": ["canario"]}',
        b'{"id": "a", "canario',
        b"\xff canario",
    ],
)
def test_what_is_something_else_is_told_without_its_content(body):
    with pytest.raises(ProtocolError) as caught:
        parse_notification(body)
    assert caught.value.vendor == "siigo"
    assert "canario" not in f"{caught.value} {caught.value!r} {caught.value.__cause__!r} {caught.value.__context__!r}"
