"""Bazar's things and orders."""

from __future__ import annotations

from decimal import Decimal

from sagicc_async import (
    Absent,
    Found,
    NumberPaging,
    OutcomeUnknown,
    Priority,
    Record,
    Request,
    Resource,
    Safety,
    field,
    read_record,
    record,
    to_wire,
)

PAGING = NumberPaging(number="page", size="size", total="total", stable=True)


@record
class Thing(Record):
    """A thing; the vendor sends more of it."""

    id: int | None = field(default=None)
    code: str | None = field(default=None)
    price: Decimal | None = field(default=None)


@record
class Order(Record):
    """An order."""

    id: int | None = field(default=None)
    text: str | None = field(default=None)


class ThingsResource(Resource[Thing]):
    """Things, whose codes are unique."""

    name = "things"
    path = "things"
    model = Thing
    paging = PAGING
    items = "rows"
    evidence = "invented"
    operations = {"list": Safety.REPEATABLE, "create": Safety.UNSAFE, "update": Safety.REPEATABLE}  # noqa: RUF012

    def list(self, *, code=None, params=None, deadline=None, priority=None):
        """
        Stream the things.

        Args:
            code: Only the one with this code.
            params: Further parameters.
            deadline: Seconds for each page.
            priority: Who goes first.
        """
        return self._stream({**(params or {}), "code": code}, deadline=deadline, priority=priority)

    async def create(self, thing, *, deadline=None, priority=None):
        """Create a thing."""
        request = Request(method="POST", path=self.path, body=to_wire(thing))
        try:
            response = await self._send("create", request, deadline=deadline, priority=priority)
        except OutcomeUnknown as error:
            raise error.with_lookup(lambda: self.created(thing["code"])) from error.__cause__
        return read_record(Thing, response.body)

    async def update(self, number, changes, *, deadline=None, priority=None):
        """Change a thing."""
        request = Request(method="PUT", path=f"{self.path}/{number}", body=to_wire(changes))
        response = await self._send("update", request, deadline=deadline, priority=priority)
        return read_record(Thing, response.body)

    async def created(self, code):
        found = await self.list(code=code, priority=Priority.NORMAL).first()
        return Absent() if found is None else Found(found)


class OrdersResource(Resource[Order]):
    """Orders, which take a key, and cannot be looked up without."""

    name = "orders"
    path = "orders"
    model = Order
    paging = PAGING
    items = "rows"
    evidence = "invented"
    operations = {"list": Safety.REPEATABLE, "create": Safety.KEYED}  # noqa: RUF012

    async def create(self, order, *, key=None, deadline=None, priority=None):
        """Create an order, once under a key."""
        headers = {} if key is None else await self._adapter.key_headers("POST orders", key)
        request = Request(method="POST", path=self.path, headers=headers, body=to_wire(order))
        safety = self.safety(key)
        response = await self._send("create", request, safety=safety, deadline=deadline, priority=priority)
        return read_record(Order, response.body)

    def safety(self, key):
        return Safety.UNSAFE if key is None else Safety.KEYED
