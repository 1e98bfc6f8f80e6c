"""Sales invoices."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

from sagicc_async.sandbox import Reply, Row

from .. import failures
from ..checks import Amount, Rule, check
from ..context import Context, Route
from ..failures import Refused
from . import dian, fields, instalments, references
from .amounts import decimal, plain
from .buyers import buyer, keep_buyer
from .global_discounts import answer_discounts, read_discounts
from .idempotency import once
from .items import price_items
from .kinds import INVOICES
from .payments import pay, refuse_two_with_due_date
from .records import change, keep, reading, refuse_frozen
from .refusals import document_settings
from .sales import HEALTHCARE, healthcare, retentions, terms_of

_FIELDS: Final[dict[str, Rule]] = {
    **fields.HEAD,
    "customer": fields.PARTY,
    "seller": fields.IDENTIFIER,
    "stamp": fields.SEND,
    "mail": fields.SEND,
    "retentions": fields.RETENTIONS,
    "advance_payment": Amount(above=fields.NOTHING, or_text=True),
    "items": fields.items(most=fields.MOST_ITEMS, **fields.SALE_ITEM_FIELDS),
    "payments": fields.PAYMENTS,
    "global_discounts": fields.GLOBAL_DISCOUNTS,
    "globaldiscounts": fields.GLOBAL_DISCOUNTS,
    "additional_fields": fields.ADDITIONAL_FIELDS,
    "healthcare_company": HEALTHCARE,
}


def create(context: Context) -> dict[str, Any]:
    """Create an invoice, and return its answer."""
    check(context.body, _FIELDS)
    document_type = references.document_type(context, INVOICES, context.body)
    dian.refuse_past(context, electronic=dian.is_electronic(document_type))
    customer, is_new = buyer(context)
    drawn = _fields(context, document_type, customer, context.new_id(INVOICES.table))
    record = keep(context, INVOICES, document_type, drawn)
    _owe(context, record, customer)
    if is_new:
        keep_buyer(context)
    return record


def _update(context: Context, id: str) -> Reply:  # noqa: A002 - the name in the route's pattern
    check(context.body, _FIELDS)
    document_type = references.document_type(context, INVOICES, context.body)
    customer = references.party(context, context.body["customer"], "customer.identification")
    drawn = _fields(context, document_type, customer, id)
    row = context.found(INVOICES.table, INVOICES.noun, id)
    _refuse_touched(context, row, change=True)
    refuse_frozen(INVOICES, row, context.body)
    record = change(context, INVOICES, row, drawn)
    instalments.strike(context.store, id)
    _owe(context, record, customer)
    return context.answer(record, context.settings.put_status)


def _delete(context: Context, id: str) -> Reply:  # noqa: A002 - the name in the route's pattern
    row = context.found(INVOICES.table, INVOICES.noun, id)
    _refuse_touched(context, row, change=False)
    instalments.strike(context.store, id)
    context.store.delete(INVOICES.table, row.position)
    return context.deleted(id)


def _annul(context: Context, id: str) -> Reply:  # noqa: A002 - the name in the route's pattern
    row = context.found(INVOICES.table, INVOICES.noun, id)
    _refuse_touched(context, row, change=True)
    instalments.strike(context.store, id)
    changed = context.changed(row.record)
    # Where the answer of an annulled invoice says so is known from its field list only; that nothing is owed on it any
    # more is the sandbox's own choice.
    record = {**row.record, "balance": 0, "annulled": True, **changed}
    context.store.replace(INVOICES.table, row.position, record)
    return context.answer({"id": id, context.settings.annul_body: True})


def _fields(
    context: Context, document_type: Mapping[str, Any], customer: Mapping[str, Any], identifier: str
) -> dict[str, Any]:
    """Check what the field rules cannot, and return what the answer has besides its head."""
    body = context.body
    center = references.cost_center(context, document_type, body.get("cost_center"))
    seller = references.seller(context, body["seller"])
    priced = price_items(context, body["items"], terms_of(document_type, read_discounts(body, document_type)))
    total = priced.total.total
    paid = pay(context, body["payments"], total, letters="FV", noun="invoice")
    refuse_two_with_due_date(paid)
    advance = _advance(body, document_type, total)
    return {
        "customer": references.named(customer),
        "cost_center": center,
        "currency": body.get("currency"),
        "total": plain(total),
        "balance": plain(_owed(paid, advance)),
        "seller": seller,
        "stamp": dian.stamp(context, "cufe", identifier, electronic=dian.is_electronic(document_type)),
        "mail": dian.mail(context, customer),
        "observations": body.get("observations"),
        "items": priced.answers,
        "payments": paid,
        "public_url": f"https://documentview.siigo.com/document?data={identifier}",
        "global_discounts": answer_discounts(body, document_type, priced.total),
        "retentions": retentions(context, document_type, priced.total),
        "advance_payment": plain(advance) if advance else None,
        "additional_fields": body.get("additional_fields"),
        **healthcare(body, document_type),
    }


def _owed(paid: Sequence[Mapping[str, Any]], advance: Decimal) -> Decimal:
    """Return what is open of a new invoice: what is paid later, less what is paid already."""
    later = sum((decimal(payment["value"]) for payment in paid if "due_date" in payment), fields.NOTHING)
    return max(later - advance, fields.NOTHING)


def _owe(context: Context, record: Mapping[str, Any], customer: Mapping[str, Any]) -> None:
    paid = decimal(record.get("advance_payment"))
    instalments.owe(context.store, INVOICES, record, customer, paid=paid)


def _advance(body: Mapping[str, Any], document_type: Mapping[str, Any], total: Decimal) -> Decimal:
    if body.get("advance_payment") is None:
        return fields.NOTHING
    if not document_type.get("advance_payment"):
        raise Refused(document_settings("advance_payment"))
    advance = decimal(body["advance_payment"])
    if advance > total:
        raise Refused(failures.invalid_amount("advance_payment", "cannot be more than the total"))
    return advance


def _refuse_touched(context: Context, row: Row, *, change: bool) -> None:
    """Documented: an invoice with notes or receipts, or at the tax office, is not changed, deleted or annulled."""
    refuse = failures.update_not_allowed if change else failures.delete_not_allowed
    if row.record.get("annulled"):
        raise Refused(refuse("invoice", "it is annulled"))
    dian.refuse_stamped(row.record, change=change)
    if instalments.has_movements(context.store, row.record["id"]):
        raise Refused(refuse("invoice", "it has related notes or receipts"))


ROUTES: Final[Sequence[Route]] = (
    Route("POST", INVOICES.path, once(INVOICES.path, create), keyed=True),
    Route("PUT", f"{INVOICES.path}/{{id}}", _update),
    Route("DELETE", f"{INVOICES.path}/{{id}}", _delete),
    Route("POST", f"{INVOICES.path}/{{id}}/annul", _annul),
    *reading(INVOICES),
)
