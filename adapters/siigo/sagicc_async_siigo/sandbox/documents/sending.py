"""Invoices and notes as files, by mail, and what the tax office said of them."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any, Final

from sagicc_async.sandbox import Reply

from .. import failures
from ..checks import Rule, Text, check
from ..context import Context, Route, filled
from ..failures import Refused
from .files import as_base64, pdf, xml
from .kinds import CREDIT_NOTES, INVOICES, Kind
from .refusals import customer_settings

#: The vendor's own expression.
_ADDRESS: Final = re.compile(r"([-+.]*\w)+[-+.]*@([\w-]+\.)+[\w-]{2,}")
_MOST_COPIES: Final = 5

_FIELDS: Final[dict[str, Rule]] = {"mail_to": Text(), "copy_to": Text()}


def _file(kind: Kind, write: Callable[[dict[str, Any]], bytes]) -> Callable[..., Reply]:
    def show(context: Context, id: str) -> Reply:  # noqa: A002 - the name in the route's pattern
        record = context.found(kind.table, kind.noun, id).record
        stamp = record.get("stamp", {})
        codes = {name: stamp.get(name) for name in ("cufe", "cude")}
        return context.answer(filled({"id": id, "base64": as_base64(write(record)), **codes}))

    return show


def _mail(context: Context, id: str) -> Reply:  # noqa: A002 - the name in the route's pattern
    """Say that it was sent: nothing leaves the sandbox. Without an address it goes to the customer's contacts."""
    check(context.body, _FIELDS)
    to = _addresses(context.body.get("mail_to") or "", "mail_to")
    _addresses(context.body.get("copy_to") or "", "copy_to")
    row = context.found(INVOICES.table, INVOICES.noun, id)
    customer = row.record["customer"]
    if not to and not (context.customer(customer["identification"], customer["branch_office"]) or {}).get("contacts"):
        raise Refused(customer_settings())
    sent = {"status": "sent", "observations": ""}
    context.store.replace(INVOICES.table, row.position, {**row.record, "mail": sent})
    return context.answer(sent, 201)


def _addresses(text: str, name: str) -> list[str]:
    """Read addresses; documented: up to five, with semicolons between them."""
    found = [part.strip() for part in text.split(";") if part.strip()]
    if len(found) > _MOST_COPIES:
        raise Refused(failures.invalid_array(name, f"must have at most {_MOST_COPIES} addresses"))
    if not all(_ADDRESS.fullmatch(address) for address in found):
        raise Refused(failures.invalid_format("invalid_email", name))
    return found


def _stamp_errors(context: Context, id: str) -> Reply:  # noqa: A002 - the name in the route's pattern
    """Say why the tax office rejected an invoice: it rejects none here, but for those that a test has so kept."""
    record = context.found(INVOICES.table, INVOICES.noun, id).record
    said = record.get("stamp", {}).get("errors")
    return context.answer({"id": id, "errors": [{"message": said}] if said else []})


ROUTES: Final[Sequence[Route]] = (
    Route("POST", f"{INVOICES.path}/{{id}}/mail", _mail),
    Route("GET", f"{INVOICES.path}/{{id}}/stamp/errors", _stamp_errors),
    Route("GET", f"{INVOICES.path}/{{id}}/pdf", _file(INVOICES, pdf)),
    Route("GET", f"{INVOICES.path}/{{id}}/xml", _file(INVOICES, xml)),
    Route("GET", f"{CREDIT_NOTES.path}/{{id}}/pdf", _file(CREDIT_NOTES, pdf)),
)
