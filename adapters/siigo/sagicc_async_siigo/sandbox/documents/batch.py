"""
Invoices in a batch: received at once, created at once, and told of in a call-back.

The vendor works on a batch for a while; here the call-back is on its way when the answer is. Its receiver may have an
http address, which the vendor does not take: a test has no certificate. What the key of an invoice means is that of the
header Idempotency-Key of a single one, in the same name space: a choice of the sandbox's own.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Final

import attrs

from sagicc_async.sandbox import Reply

from .. import failures
from ..checks import Fields, Rows, Rule, Text, check
from ..context import Context, Route, guid
from ..failures import Refused
from .idempotency import made_once
from .invoices import create
from .kinds import INVOICES

_LARGEST: Final = 1024 * 1024
_KEY: Final = re.compile(r"[A-Za-z0-9]{1,30}")
_URL: Final = re.compile(r"https?://[^\s/]+.*")

#: Only what the batch itself needs: what is wrong with an invoice is told in the call-back.
_FIELDS: Final[dict[str, Rule]] = {
    "notification_url": Text(required=True, most=2047, pattern=_URL, code="invalid_url"),
    "invoices": Rows(
        Fields({"idempotency_key": Text(required=True, pattern=_KEY, code="invalid_idempotency_key")}),
        required=True,
    ),
}


def _receive(context: Context) -> Reply:
    if len(context.call.body) > _LARGEST:
        # The limit is documented; which code goes with it is not.
        raise Refused(failures.Failure("values_limit", "The body must have at most 1 MB"))
    check(context.body, _FIELDS)
    invoices = context.body["invoices"]
    results = [_result(context, invoice) for invoice in invoices]
    identifier = guid("batch", context.call.wall, *(invoice["idempotency_key"] for invoice in invoices))
    notification = {
        "id": identifier,
        "status": "Processed",
        "status_at": context.now_text(),
        "notification_url": context.body["notification_url"],
        "invoices": results,
    }
    context.notify(context.body["notification_url"], notification, about="invoices/batch")
    return context.answer({"id": identifier, "status": "Received", "received_at": context.now_text()}, 201)


def _result(context: Context, invoice: dict[str, Any]) -> dict[str, Any]:
    """Create an invoice, and return what the call-back says of it; its errors have small letters whatever was chosen."""
    key = invoice["idempotency_key"]
    body = {name: value for name, value in invoice.items() if name != "idempotency_key"}
    try:
        answer, _ = made_once(attrs.evolve(context, body=body, idempotency_key=key), INVOICES.path, create)
    except Refused as refused:
        return {"status_code": str(refused.status), "idempotency_key": key, "error": refused.envelope("lower")}
    return {"status_code": "201", "idempotency_key": key, **answer}


ROUTES: Final[Sequence[Route]] = (Route("POST", f"{INVOICES.path}/batch", _receive),)
