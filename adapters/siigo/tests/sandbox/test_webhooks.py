"""Webhooks: subscriptions, and the notifications that really arrive."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager

import attrs
import pytest
from aiohttp import web

from sagicc_async.sandbox import from_json

_CREATE = "public.siigoapi.products.create"
_UPDATE = "public.siigoapi.products.update"
_STOCK = "public.siigoapi.products.stock.update"


@attrs.define
class Receiver:
    url: str = ""
    status: int = 200
    arrived: asyncio.Queue = attrs.field(factory=asyncio.Queue)

    async def take(self, request: web.Request) -> web.Response:
        await self.arrived.put((request.content_type, from_json(await request.read())))
        return web.Response(status=self.status)


@pytest.fixture
async def receiver():
    @asynccontextmanager
    async def listening():
        taker = Receiver()
        application = web.Application()
        application.router.add_post("/news", taker.take)
        runner = web.AppRunner(application, shutdown_timeout=0.5)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        taker.url = f"http://127.0.0.1:{runner.addresses[0][1]}/news"
        try:
            yield taker
        finally:
            await runner.cleanup()

    async with listening() as taker:
        yield taker


def _subscription(url="https://receiver.example/news", topic=_CREATE, application="Tests"):
    return {"application_id": application, "topic": topic, "url": url}


async def _settled(api):
    while any(delivery["state"] == "pending" for delivery in api.vendor.act("entregas")):
        await asyncio.sleep(0)
    return api.vendor.act("entregas")


async def test_a_subscription_is_answered_and_listed(siigo):
    async with siigo() as api:
        answer = await api.post("webhooks", _subscription())
        assert answer.status == 201
        assert {**answer.body, "id": "", "created_at": ""} == {
            "id": "",
            **_subscription(),
            "company_key": "sagiccasyncsandbox",
            "active": True,
            "created_at": "",
        }
        listed = (await api.get("webhooks")).body
        assert listed["results"] == [answer.body]
        assert listed["pagination"]["total_results"] == 1


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"url": None}, "parameter_required"),
        ({"topic": "public.siigoapi.invoices.create"}, "invalid_value"),
        ({"url": "ftp://x.example"}, "invalid_url"),
        ({"url": "https://x.example/" + "a" * 2048}, "length_max"),
    ],
)
async def test_a_subscription_that_breaks_a_rule_is_refused(siigo, fields, code):
    async with siigo() as api:
        assert (await api.post("webhooks", {**_subscription(), **fields})).codes == [code]


async def test_an_application_subscribes_to_a_topic_once(siigo):
    async with siigo() as api:
        await api.post("webhooks", _subscription())
        assert (await api.post("webhooks", _subscription())).codes == ["already_exists"]
        assert (await api.post("webhooks", _subscription(topic=_UPDATE))).status == 201
        assert (await api.post("webhooks", _subscription(application="Other"))).status == 201


@pytest.mark.parametrize("status", [200, 201])
async def test_a_change_finds_its_subscription_by_application_and_topic(siigo, status):
    async with siigo(put_status=status) as api:
        other = (await api.post("webhooks", _subscription(application="Other"))).body
        mine = (await api.post("webhooks", _subscription())).body
        changed = await api.put("webhooks", {**_subscription("https://new.example/"), "active": False})
        assert (changed.status, changed.body) == (status, {**mine, "url": "https://new.example/", "active": False})
        assert (await api.get("webhooks")).body["results"] == [changed.body, other]
        kept = await api.put("webhooks", _subscription("https://newer.example/"))
        assert kept.body["active"] is False
        assert (await api.put("webhooks", _subscription(topic=_STOCK))).status == 404


async def test_a_subscription_is_deleted(siigo):
    async with siigo() as api:
        made = (await api.post("webhooks", _subscription())).body
        assert (await api.delete(f"webhooks/{made['id']}")).body == {"id": made["id"], "deleted": True}
        assert (await api.delete(f"webhooks/{made['id']}")).status == 404
        assert (await api.get("webhooks")).body["results"] == []


async def test_a_new_product_is_told_with_all_its_fields(siigo, product, receiver):
    async with siigo() as api:
        await api.post("webhooks", _subscription(receiver.url))
        made = (await api.post("products", product())).body
        kind, news = await receiver.arrived.get()
        assert kind == "application/json"
        assert news == {
            "company_key": "sagiccasyncsandbox",
            "username": api.vendor.credentials["username"],
            "topic": _CREATE,
            **made,
        }
        (delivery,) = await _settled(api)
        assert (delivery["url"], delivery["about"], delivery["state"]) == (receiver.url, _CREATE, "delivered")
        assert delivery["status"] == 200


async def test_changes_and_stock_have_topics_of_their_own(siigo, product, receiver):
    async with siigo() as api:
        for topic in (_UPDATE, _STOCK):
            await api.post("webhooks", _subscription(receiver.url, topic))
        made = (await api.post("products", product(stock_control=True))).body
        changed = (await api.put(f"products/{made['id']}", product(stock_control=True, name="Ruana gris"))).body
        _, news = await receiver.arrived.get()
        assert (news["topic"], news["name"], news["metadata"]) == (_UPDATE, "Ruana gris", changed["metadata"])
        api.vendor.act("existencias", code="A-1", quantity=3)
        _, news = await receiver.arrived.get()
        assert (news["topic"], news["available_quantity"]) == (_STOCK, 3)
        assert news["stock_updated"] == news["metadata"]["stock_updated"]
        assert len(await _settled(api)) == 2


async def test_an_inactive_subscription_is_told_nothing(siigo, product, receiver):
    async with siigo() as api:
        await api.post("webhooks", _subscription(receiver.url))
        await api.put("webhooks", {**_subscription(receiver.url), "active": False})
        await api.post("products", product())
        assert await _settled(api) == []


async def test_a_product_that_is_refused_is_not_told(siigo, product, receiver):
    async with siigo() as api:
        await api.post("webhooks", _subscription(receiver.url))
        await api.post("products", product(account_group=1))
        assert await _settled(api) == []


async def test_a_delivery_that_fails_is_shown_and_not_repeated(siigo, product, receiver, unused_tcp_port):
    async with siigo() as api:
        nobody = f"http://127.0.0.1:{unused_tcp_port}/"
        await api.post("webhooks", _subscription(nobody))
        receiver.status = 500
        await api.post("webhooks", _subscription(receiver.url, application="Other"))
        await api.post("products", product())
        refused, failed = sorted(await _settled(api), key=lambda delivery: delivery["url"] != nobody)
        assert (refused["state"], refused["status"]) == ("failed", None)
        assert "ClientConnectorError" in refused["error"]
        assert (failed["state"], failed["status"], failed["error"]) == ("failed", 500, None)
        assert receiver.arrived.qsize() == 1
        assert (await api.get("products")).status == 200


async def test_beginning_anew_forgets_deliveries_and_subscriptions(siigo, product, receiver):
    async with siigo() as api:
        await api.post("webhooks", _subscription(receiver.url))
        await api.post("products", product())
        await _settled(api)
        api.vendor.reset()
        assert api.vendor.act("entregas") == []
        assert api.vendor.rows("webhooks") == []
