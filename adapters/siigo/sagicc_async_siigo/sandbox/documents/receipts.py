"""
Cash receipts (vouchers) and payment receipts: what was paid of debts, in advance, or in detail.

Both have two shapes of request under one route, told apart by `type`. The vendor's newer site has `MiscIncome` in place
of the vouchers' `Detailed`: here both are taken. What a debt payment says in `payment` is the sum of its items, under
the vendor's code `invalid_amount`. An advance is not set against anything: it keeps a balance of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import attrs

from sagicc_async.sandbox import Reply, Row

from .. import failures
from ..checks import Amount, Fields, Rows, Rule, Text, check
from ..context import Context, Route, filled
from ..failures import Refused
from . import fields, instalments, references
from .accounts import MOVEMENT, move
from .amounts import decimal, plain, whole
from .idempotency import once
from .instalments import Discharge
from .kinds import INVOICES, PAYMENT_RECEIPTS, PURCHASES, VOUCHERS, Kind
from .payments import way_of_paying
from .records import change, keep, reading, refuse_frozen
from .refusals import invalid_payment

_PAYMENT: Final = Fields(
    {"id": fields.IDENTIFIER, "value": Amount(required=True, above=fields.NOTHING, or_text=True)}, required=True
)
_DEBT: Final = Fields(
    {
        "due": attrs.evolve(fields.DUE, required=True),
        "value": Amount(required=True, above=fields.NOTHING, or_text=True),
        "taxes": Rows(Fields({"id": fields.IDENTIFIER, "base": Amount(or_text=True)})),
        "discounts": Rows(Fields({"id": fields.IDENTIFIER, "value": Amount(or_text=True)})),
    }
)

#: What a type of receipt has besides the head.
_BY_TYPE: Final[dict[str, dict[str, Rule]]] = {
    "DebtPayment": {"items": Rows(_DEBT, required=True), "payment": _PAYMENT},
    "AdvancePayment": {"payment": _PAYMENT},
    "Detailed": {"items": Rows(Fields(MOVEMENT), required=True)},
    "MiscIncome": {"income": fields.REFERENCE, "payment": _PAYMENT},
}


@attrs.frozen(kw_only=True)
class Receipt:
    """
    A kind of receipt.

    Args:
        kind: Of documents.
        debts: Of documents that it pays.
        ways: The `document_type` of the ways of paying that it takes; payment receipts take those of purchases.
        types: What its `type` can be.
    """

    kind: Kind
    debts: Kind
    ways: str
    types: tuple[str, ...]

    def check(self, body: Mapping[str, Any]) -> None:
        """Check the fields: those of its type as well, if it has one."""
        head: dict[str, Rule] = {
            **fields.HEAD,
            "type": Text(required=True, choices=self.types),
            self.kind.party: fields.PARTY,
        }
        sent = body.get("type")
        check(body, {**head, **(_BY_TYPE[sent] if isinstance(sent, str) and sent in self.types else {})})


@attrs.frozen(kw_only=True)
class _Draft:
    """A receipt that may be: what its answer has besides the head, and what it pays."""

    fields: dict[str, Any]
    discharge: Discharge = ()


_VOUCHER: Final = Receipt(
    kind=VOUCHERS,
    debts=INVOICES,
    ways="RC",
    types=("DebtPayment", "AdvancePayment", "Detailed", "MiscIncome"),
)
_PAYMENT_RECEIPT: Final = Receipt(
    kind=PAYMENT_RECEIPTS,
    debts=PURCHASES,
    ways="FC",
    types=("DebtPayment", "AdvancePayment", "Detailed"),
)


def _creation(receipt: Receipt) -> Callable[[Context], dict[str, Any]]:
    def create(context: Context) -> dict[str, Any]:
        receipt.check(context.body)
        document_type = references.document_type(context, receipt.kind, context.body)
        draft = _draft(context, receipt, document_type)
        shown, empty = _shown(context, receipt, draft)
        record = keep(context, receipt.kind, document_type, shown, empty=empty)
        instalments.apply(context.store, record["id"], draft.discharge)
        return record

    return create


def _update(context: Context, id: str) -> Reply:  # noqa: A002 - the name in the route's pattern
    """Change a payment receipt: announced by the vendor, and seen, but not printed."""
    receipt = _PAYMENT_RECEIPT
    receipt.check(context.body)
    document_type = references.document_type(context, receipt.kind, context.body)
    known = context.store.find(receipt.kind.table, "id", id) is not None
    # What the receipt paid so far is open again while the new one is looked at.
    undone = instalments.undo(context.store, id) if known else []
    try:
        draft = _draft(context, receipt, document_type)
        row = context.found(receipt.kind.table, receipt.kind.noun, id)
        refuse_frozen(receipt.kind, row, context.body)
    except Refused:
        instalments.redo(context.store, undone)
        raise
    shown, empty = _shown(context, receipt, draft)
    record = change(context, receipt.kind, row, shown, empty=empty)
    instalments.apply(context.store, id, draft.discharge)
    return context.answer(record, context.settings.put_status)


def _delete(context: Context, id: str) -> Reply:  # noqa: A002 - the name in the route's pattern
    row = context.found(PAYMENT_RECEIPTS.table, PAYMENT_RECEIPTS.noun, id)
    instalments.undo(context.store, id)
    context.store.delete(PAYMENT_RECEIPTS.table, row.position)
    return context.deleted(id)


def _draft(context: Context, receipt: Receipt, document_type: Mapping[str, Any]) -> _Draft:
    body = context.body
    name = receipt.kind.party
    party = references.party(context, body[name], f"{name}.identification")
    # It is checked; the answers of receipts do not have it.
    references.cost_center(context, document_type, body.get("cost_center"))
    head = {"type": body["type"], name: references.named(party), "currency": body.get("currency")}
    draft = _DRAFTS[body["type"]](context, receipt, party)
    return attrs.evolve(draft, fields={**head, **draft.fields, "observations": body.get("observations")})


def _shown(context: Context, receipt: Receipt, draft: _Draft) -> tuple[dict[str, Any], dict[str, Any]]:
    """What the answer has, and what it has although it is empty: payment receipts were seen bare."""
    if receipt.kind is not PAYMENT_RECEIPTS or context.settings.payment_receipts == "whole":
        return draft.fields, {}
    return {name: value for name, value in draft.fields.items() if name not in ("payment", "items")}, {"items": []}


def _debt(context: Context, receipt: Receipt, party: Mapping[str, Any]) -> _Draft:
    items = context.body["items"]
    keys = [_key(item["due"]) for item in items]
    if len(set(keys)) < len(keys):
        raise Refused(failures.invalid_array("items", "cannot have the same due twice"))
    discharge = [_owed(context, receipt, party, item, f"items[{place}]") for place, item in enumerate(items)]
    payment = _payment(context, receipt)
    if sum(amount for _, amount in discharge) != payment["value"]:
        raise Refused(failures.invalid_amount("payment.value", "must be the sum of the items"))
    answers = [_answer(item, row) for item, (row, _) in zip(items, discharge, strict=True)]
    return _Draft(fields={"items": answers, "payment": payment, "balance": 0}, discharge=discharge)


def _advance(context: Context, receipt: Receipt, party: Mapping[str, Any]) -> _Draft:
    _refuse_items(context)
    payment = _payment(context, receipt)
    return _Draft(fields={"payment": payment, "balance": payment["value"]})


def _detailed(context: Context, receipt: Receipt, party: Mapping[str, Any]) -> _Draft:
    if context.body.get("payment") is not None:
        raise Refused(
            failures.parameter_not_allowed("payment", "the accounts of a detailed receipt say how it was paid")
        )
    moved = move(context, context.body["items"])
    # No answer of a receipt is documented to have the `due` and the `tax` of a movement.
    return _Draft(fields={"items": [fields.kept(one, "account", "description", "value") for one in moved]})


def _income(context: Context, receipt: Receipt, party: Mapping[str, Any]) -> _Draft:
    _refuse_items(context)
    identifier = context.body["income"]["id"]
    found = context.catalogue("misc_incomes", identifier)
    if found is None:
        raise Refused(failures.invalid_reference("income.id", identifier))
    return _Draft(fields={"income": {"id": found["id"]}, "payment": _payment(context, receipt), "balance": 0})


_DRAFTS: Final[dict[str, Callable[[Context, Receipt, Mapping[str, Any]], _Draft]]] = {
    "DebtPayment": _debt,
    "AdvancePayment": _advance,
    "Detailed": _detailed,
    "MiscIncome": _income,
}


def _refuse_items(context: Context) -> None:
    """Documented for advances: no items."""
    if context.body.get("items"):
        raise Refused(failures.invalid_array("items", f"cannot be sent with the type {context.body['type']}"))


def _owed(
    context: Context, receipt: Receipt, party: Mapping[str, Any], item: Mapping[str, Any], path: str
) -> tuple[Row, Any]:
    """Find the instalment of an item; another's is none."""
    key = _key(item["due"])
    row = context.store.find(instalments.TABLE.name, "key", key)
    if row is None or row.hidden["side"] != receipt.debts.table or row.record["party"]["id"] != party["id"]:
        raise Refused(failures.invalid_reference(f"{path}.due", key))
    amount = decimal(item["value"])
    if amount > instalments.balance(row):
        raise Refused(failures.invalid_amount(f"{path}.value", "cannot be more than the balance of the due"))
    return row, amount


def _payment(context: Context, receipt: Receipt) -> dict[str, Any]:
    """Documented: with an account that has no due dates."""
    sent = context.body["payment"]
    found = way_of_paying(context, sent["id"], receipt.ways, "payment.id")
    if found.get("due_date"):
        raise Refused(invalid_payment("payment.id", sent["id"]))
    return {"id": found["id"], "name": found["name"], "value": plain(decimal(sent["value"]))}


def _answer(item: Mapping[str, Any], row: Row) -> dict[str, Any]:
    due = {name: row.record["due"][name] for name in ("prefix", "consecutive", "quote", "date")}
    more = {name: item.get(name) for name in ("taxes", "discounts")}
    return filled({"due": due, "value": plain(decimal(item["value"])), **more})


def _key(due: Mapping[str, Any]) -> str:
    return instalments.key({**due, "consecutive": whole(due["consecutive"]), "quote": whole(due["quote"])})


ROUTES: Final[Sequence[Route]] = (
    Route("POST", VOUCHERS.path, once(VOUCHERS.path, _creation(_VOUCHER)), keyed=True),
    *reading(VOUCHERS),
    Route("POST", PAYMENT_RECEIPTS.path, once(PAYMENT_RECEIPTS.path, _creation(_PAYMENT_RECEIPT))),
    Route("PUT", f"{PAYMENT_RECEIPTS.path}/{{id}}", _update),
    Route("DELETE", f"{PAYMENT_RECEIPTS.path}/{{id}}", _delete),
    *reading(PAYMENT_RECEIPTS),
)
