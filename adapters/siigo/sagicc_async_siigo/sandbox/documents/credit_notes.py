"""Credit notes: on an invoice of the company, or on one that is known by its data only."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

import attrs

from sagicc_async.sandbox import Row

from .. import failures
from ..checks import Day, Fields, Rule, Text, Whole, check
from ..context import Context, Route
from ..failures import Refused
from . import dian, fields, instalments, references
from .amounts import decimal, plain, whole
from .idempotency import once
from .items import price_items
from .kinds import CREDIT_NOTES, INVOICES
from .payments import pay
from .records import keep, reading
from .sales import HEALTHCARE, healthcare, retentions, terms_of

_GUID: Final = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")

#: "Annulment": the note of an invoice that is not here then needs its number and code.
_ANNULMENT: Final = 2

_FIELDS: Final[dict[str, Rule]] = {
    **fields.HEAD,
    "invoice": Text(pattern=_GUID, code="invalid_type"),
    "invoice_data": Fields(
        {
            "date": Day(required=True),
            "prefix": Text(most=20),
            "number": Text(most=20),
            "cufe": Text(most=200),
        }
    ),
    "customer": Fields(fields.PARTY_FIELDS),
    "seller": Whole(or_text=True),
    "reason": Whole(least=1, most=7, or_text=True),
    "retentions": fields.RETENTIONS,
    "stamp": fields.SEND,
    "mail": fields.SEND,
    "items": fields.items(most=fields.MOST_ITEMS, **fields.SALE_ITEM_FIELDS),
    "payments": fields.PAYMENTS,
    "healthcare_company": HEALTHCARE,
}


@attrs.frozen(kw_only=True)
class _Reference:
    """
    What a note takes back.

    Args:
        customer: Of the invoice.
        seller: Of the invoice.
        invoice: It, if it is here.
    """

    customer: dict[str, Any]
    seller: int
    invoice: Row | None = None

    @property
    def answer(self) -> dict[str, Any]:
        """What the note's answer says of it; of an invoice that is not here no field is documented."""
        if self.invoice is None:
            return {}
        return {"invoice": {name: self.invoice.record[name] for name in ("id", "name")}}


def create(context: Context) -> dict[str, Any]:
    """Create a credit note, take its total off the invoice, and return its answer."""
    check(context.body, _FIELDS)
    document_type = references.document_type(context, CREDIT_NOTES, context.body)
    electronic = dian.is_electronic(document_type)
    dian.refuse_past(context, electronic=electronic)
    reference = _reference(context, electronic=electronic)
    drawn = _drawn(context, document_type, reference)
    _refuse_more_than_invoice(context, reference, decimal(drawn["total"]))
    record = keep(context, CREDIT_NOTES, document_type, drawn)
    if reference.invoice is not None:
        _take_back(context, reference.invoice, record)
    return record


def _reference(context: Context, *, electronic: bool) -> _Reference:
    body = context.body
    if body.get("invoice") and body.get("invoice_data"):
        raise Refused(failures.parameters_exclusive("invoice", "invoice_data"))
    if electronic and body.get("reason") is None:
        raise Refused(failures.parameter_required("reason"))
    if body.get("invoice"):
        return _on_invoice(context, body["invoice"])
    if electronic and not body.get("invoice_data"):
        raise Refused(failures.parameter_required("invoice"))
    return _on_data(context, body.get("invoice_data") or {})


def _on_invoice(context: Context, identifier: str) -> _Reference:
    row = context.store.find(INVOICES.table, "id", identifier)
    if row is None or row.record.get("annulled"):
        raise Refused(failures.invalid_reference("invoice", identifier))
    record = row.record
    customer = references.party(context, record["customer"], "customer")
    seller = references.seller(context, context.body.get("seller") or record["seller"])
    return _Reference(customer=customer, seller=seller, invoice=row)


def _on_data(context: Context, data: Mapping[str, Any]) -> _Reference:
    """An invoice that is not here: customer and seller are required then."""
    body = context.body
    needed = {"customer": body.get("customer"), "seller": body.get("seller")}
    if whole(body.get("reason")) == _ANNULMENT:
        needed |= {"invoice_data.number": data.get("number"), "invoice_data.cufe": data.get("cufe")}
    missing = [name for name, value in needed.items() if value is None]
    if missing:
        raise Refused(*map(failures.parameter_required, missing))
    customer = references.party(context, body["customer"], "customer.identification")
    return _Reference(customer=customer, seller=references.seller(context, body["seller"]))


def _drawn(context: Context, document_type: Mapping[str, Any], reference: _Reference) -> dict[str, Any]:
    body = context.body
    center = references.cost_center(context, document_type, body.get("cost_center"))
    healthcare(body, document_type)
    priced = price_items(context, body["items"], terms_of(document_type))
    identifier = context.new_id(CREDIT_NOTES.table)
    return {
        **reference.answer,
        "customer": references.named(reference.customer),
        "cost_center": center,
        "currency": body.get("currency"),
        # Document types of notes have no flags for withholdings.
        "retentions": retentions(context, document_type, priced.total, flags=False),
        "total": plain(priced.total.total),
        "seller": reference.seller,
        "observations": body.get("observations"),
        "stamp": dian.stamp(context, "cude", identifier, electronic=_is_electronic(document_type, reference)),
        "mail": dian.mail(context, reference.customer),
        "items": priced.answers,
        # What the vendor's message calls a note is not known: "invoice" is printed.
        "payments": pay(context, body["payments"], priced.total.total, letters="NC", noun="invoice"),
    }


def _is_electronic(document_type: Mapping[str, Any], reference: _Reference) -> bool:
    """The vendor's fields of notes' document types do not say: here the note of a stamped invoice is electronic too."""
    stamped = reference.invoice is not None and "cufe" in reference.invoice.record.get("stamp", {})
    return stamped or dian.is_electronic(document_type)


def _refuse_more_than_invoice(context: Context, reference: _Reference, total: Decimal) -> None:
    """A note cannot take back more than is left of its invoice: a rule of the sandbox's own, under the vendor's code."""
    if reference.invoice is None:
        return
    invoice = reference.invoice.record
    left = decimal(invoice["total"]) - instalments.credited(context.store, invoice["id"])
    if total > left:
        raise Refused(failures.invalid_amount("total", f"cannot be more than what is left of the invoice: {left}"))


def _take_back(context: Context, invoice: Row, record: Mapping[str, Any]) -> None:
    total = decimal(record["total"])
    owner = invoice.record["id"]
    instalments.note_credit(context.store, record["id"], owner, total)
    discharge = instalments.spread(instalments.of(context.store, owner), total)
    instalments.apply(context.store, record["id"], discharge)


ROUTES: Final[Sequence[Route]] = (
    Route("POST", CREDIT_NOTES.path, once(CREDIT_NOTES.path, create), keyed=True),
    *reading(CREDIT_NOTES),
)
