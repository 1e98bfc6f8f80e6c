"""Bazar as it is examined: whole, or with a fault."""

from __future__ import annotations

from decimal import Decimal

from sagicc_async import Conflict, NotFound, ValidationFailed
from sagicc_async.testing.conformance import Samples, Subject, Write

from .bazar import Bazar, BazarSandbox

NEW = {"code": "NEW", "price": Decimal("10.50")}

SAMPLES = Samples(
    list="things",
    writes=[
        Write("things", "create", NEW),
        Write("things", "update", lambda vendor: vendor.rows("things")[0]["id"], {"code": "OTHER"}),
        Write("orders", "create", {"text": "one order"}),
    ],
    errors=[
        (409, '{"error": {"code": "taken", "message": "There is a thing with this code", "field": "code"}}', Conflict),
        (404, '{"error": {"code": "missing", "message": "There is no such thing"}}', NotFound),
        (400, '{"error": {"code": "invalid", "message": "The price is no number"}}', ValidationFailed),
    ],
    limited={"limit": 10},
    no_lookup={"orders.create": "orders have nothing of the caller's but the key"},
)


def subject(adapter=Bazar) -> Subject:
    return Subject(adapter, BazarSandbox, SAMPLES)
