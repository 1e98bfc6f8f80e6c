"""Webhooks: who wants to be told of products, and the telling."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from sagicc_async.sandbox import Company, Reply, Store, Table, from_json, to_json

from . import deliveries, failures
from .checks import Flag, Rule, Text, check
from .context import Context, Route, filled
from .failures import Refused
from .paging import listing
from .text_forms import URL

_TABLE: Final = "webhooks"

#: "Nombre de la empresa"; what the vendor's names look like is not known.
_COMPANY_KEY: Final = "sagiccasyncsandbox"

CREATED: Final = "public.siigoapi.products.create"
UPDATED: Final = "public.siigoapi.products.update"
STOCK: Final = "public.siigoapi.products.stock.update"

TABLES: Final[Sequence[Table]] = (Table(_TABLE, ("id", "topic")),)

_FIELDS: Final[Mapping[str, Rule]] = {
    "application_id": Text(required=True),
    "topic": Text(required=True, choices=(CREATED, UPDATED, STOCK)),
    # The vendor demands https of a batch's address; a test's own receiver has none.
    "url": Text(required=True, most=2047, pattern=URL, code="invalid_url"),
}


def _list(context: Context) -> Reply:
    return listing(context, _TABLE)


def _create(context: Context) -> Reply:
    """One subscription a topic; that another one of the same application is refused is the sandbox's own reading."""
    check(context.body, _FIELDS)
    if _subscribed(context) is not None:
        raise Refused(failures.already_exists("topic"))
    identifier = context.new_id(_TABLE)
    record = {
        "id": identifier,
        **{name: context.body[name] for name in ("application_id", "url", "topic")},
        "company_key": _COMPANY_KEY,
        "active": True,
        "created_at": context.now_text(),
    }
    context.store.insert(_TABLE, record)
    return context.answer(record, 201)


def _change(context: Context) -> Reply:
    """How the vendor finds the subscription is not documented, since no id is sent: here by application and topic."""
    check(context.body, {**_FIELDS, "active": Flag()})
    record = _subscribed(context)
    if record is None:
        raise Refused(failures.not_found("webhook", context.body["topic"]))
    active = context.body.get("active")
    record |= {"url": context.body["url"], "active": record["active"] if active is None else active}
    context.store.replace(_TABLE, context.found(_TABLE, "webhook", record["id"]).position, record)
    return context.answer(record, context.settings.put_status)


def _delete(context: Context, id: str) -> Reply:  # noqa: A002 - the name in the route's pattern
    context.store.delete(_TABLE, context.found(_TABLE, "webhook", id).position)
    return context.deleted(id)


def _subscribed(context: Context) -> dict[str, Any] | None:
    """Return the subscription that the request is about."""
    application = context.body["application_id"]
    found = _subscriptions(context.store, context.body["topic"])
    return next((record for record in found if record["application_id"] == application), None)


def _subscriptions(store: Store, topic: str) -> list[dict[str, Any]]:
    where = f"{Store.column(_TABLE, 'topic')} = ?"
    return [from_json(body) for body in store.select(_TABLE, where=where, values=(Store.fold(topic),))]


def publish(company: Company, topic: str, product: Mapping[str, Any], *, wall: float) -> None:
    """
    Tell every active subscription of a topic about a product.

    Args:
        company: Whose product.
        topic: What happened.
        product: As it is sent.
        wall: When, in seconds since the epoch.
    """
    news = {
        "company_key": _COMPANY_KEY,
        "username": company.credentials[0]["username"],
        "topic": topic,
        **product,
        **filled({"stock_updated": product["metadata"].get("stock_updated")}),
    }
    for subscription in _subscriptions(company.store, topic):
        if subscription["active"]:
            deliveries.send(company, subscription["url"], to_json(news), about=topic, wall=wall)


ROUTES: Final[Sequence[Route]] = (
    Route("GET", "/v1/webhooks", _list),
    Route("POST", "/v1/webhooks", _create),
    Route("PUT", "/v1/webhooks", _change),
    Route("DELETE", "/v1/webhooks/{id}", _delete),
)
