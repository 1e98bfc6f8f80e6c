"""Products and services."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from sagicc_async.sandbox import Reply, Table

from . import failures, webhooks
from .checks import check, refuse_if
from .context import Context, Route
from .failures import Refused
from .filters import CREATED, UPDATED, Among, Equal, Filter, Moment
from .movements import product_moved
from .paging import listing
from .product_records import written
from .product_rules import FIELDS, wrong_references

TABLE: Final = "products"

TABLES: Final[Sequence[Table]] = (
    Table(TABLE, ("id", "code", "type", "stock_control", "active"), hidden=("group", "created", "updated")),
)

_FILTERS: Final[Sequence[Filter]] = (
    Equal("code"),
    *CREATED,
    *UPDATED,
    # The table of parameters says `id`, its example says `ids`.
    Among("id", "id", 20),
    Among("ids", "id", 20),
    Equal("account_group", "group"),
    Equal("type"),
    Equal("stock_control"),
    Equal("active"),
    # A product has no date; that these two mean its creation is the sandbox's own reading.
    Moment("date_start", "created"),
    Moment("date_end", "created", upper=True),
)


def _list(context: Context) -> Reply:
    return listing(context, TABLE, _FILTERS)


def _show(context: Context, id: str) -> Reply:  # noqa: A002 - the name in the route's pattern
    context.found(TABLE, "product", id)
    return context.stored(TABLE, id)


def _create(context: Context) -> Reply:
    _check(context, None)
    record = {"id": context.new_id(TABLE), **written(context), **context.created()}
    context.store.insert(TABLE, record)
    return _written(context, record["id"], webhooks.CREATED, 201)


def _change(context: Context, id: str) -> Reply:  # noqa: A002 - the name in the route's pattern
    _check(context, id)
    row = context.found(TABLE, "product", id)
    _refuse_moved(context, row.record)
    stock: dict[str, Any] = {
        name: row.record[name] for name in ("available_quantity", "warehouses") if name in row.record
    }
    record = {"id": id, **written(context), **stock, **context.changed(row.record)}
    context.store.replace(TABLE, row.position, record)
    return _written(context, id, webhooks.UPDATED, context.settings.put_status)


def _delete(context: Context, id: str) -> Reply:  # noqa: A002 - the name in the route's pattern
    row = context.found(TABLE, "product", id)
    if product_moved(context.store, row.record["code"]):
        raise Refused(failures.delete_not_allowed("product", "it has movements"))
    context.store.delete(TABLE, row.position)
    return context.deleted(id)


def _written(context: Context, identifier: str, topic: str, status: int) -> Reply:
    record = context.found(TABLE, "product", identifier).record
    webhooks.publish(context.company, topic, record, wall=context.call.wall)
    return context.answer(record, status)


def _check(context: Context, own_id: str | None) -> None:
    """Check fields, then references, then what concerns other records."""
    check(context.body, FIELDS)
    refuse_if(*wrong_references(context))
    found = context.product(context.body["code"])
    if found is not None and found["id"] != own_id:
        raise Refused(failures.already_exists("code"))


def _refuse_moved(context: Context, record: Mapping[str, Any]) -> None:
    """Neither category nor components change once a document has moved the product."""
    group = context.body["account_group"] != record["account_group"]["id"]
    components = _codes(context.body) != _codes(record)
    if (group or components) and product_moved(context.store, record["code"]):
        name = "account_group" if group else "components"
        raise Refused(failures.update_not_allowed(name, "the product has movements"))


def _codes(record: Mapping[str, Any]) -> list[str]:
    return [component["code"] for component in record.get("components") or []]


ROUTES: Final[Sequence[Route]] = (
    Route("GET", "/v1/products", _list),
    Route("POST", "/v1/products", _create),
    Route("GET", "/v1/products/{id}", _show),
    Route("PUT", "/v1/products/{id}", _change),
    Route("DELETE", "/v1/products/{id}", _delete),
)
