"""
What is owed on invoices and purchases: an instalment for each payment with a due date, and what was paid of it.

A document's `balance` is what is open of its instalments: one that was paid at once owes nothing. The vendor documents
neither how the balance is made up nor what changes it; in its sample of a batch, a credit sale owes its total.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any, Final, TypeAlias

from sagicc_async.sandbox import Row, Store, Table, from_json

from .amounts import decimal, plain
from .kinds import INVOICES, PURCHASES, Kind

#: `key` is `FC-1/68/1` (prefix, consecutive, quote), `owner` the document's id.
TABLE: Final = Table("instalments", lookups=("key", "owner"), hidden=("side", "open"))

#: Which document took how much off which instalment. `credit` is what a credit note took back of the whole document.
APPLICATIONS: Final = Table("applications", lookups=("payer", "owner"))

#: Instalments, and how much is taken off each.
Discharge: TypeAlias = Sequence[tuple[Row, Decimal]]

_NOTHING: Final = Decimal(0)


def key(due: Mapping[str, Any]) -> str:
    """Return what an instalment is found by."""
    return f"{due['prefix']}/{due['consecutive']}/{due['quote']}"


def owe(
    store: Store, kind: Kind, record: Mapping[str, Any], party: Mapping[str, Any], *, paid: Decimal = _NOTHING
) -> None:
    """Keep the instalments of a document; `drawn_up` explains the arguments."""
    for row in drawn_up(kind, record, party, paid=paid):
        store.insert(TABLE.name, row)


def drawn_up(
    kind: Kind, record: Mapping[str, Any], party: Mapping[str, Any], *, paid: Decimal = _NOTHING
) -> Iterable[dict[str, Any]]:
    """
    Return the instalments of a document.

    Args:
        kind: Invoices or purchases.
        record: The document.
        party: Who owes, or is owed.
        paid: What is paid already, beginning with the first instalment.
    """
    prefix = record["name"].rpartition("-")[0]
    dated = [payment for payment in record["payments"] if "due_date" in payment]
    for quote, payment in enumerate(dated, start=1):
        value = decimal(payment["value"])
        taken = min(paid, value)
        paid -= taken
        due = {
            "prefix": prefix,
            "consecutive": record["number"],
            "quote": quote,
            "date": payment["due_date"],
            "balance": plain(value - taken),
        }
        yield {
            "key": key(due),
            "owner": record["id"],
            "due": due,
            "party": _party(party),
            "cost_center": record.get("cost_center"),
            "currency": record.get("currency"),
            "side": kind.table,
            "open": _open(value - taken),
        }


def of(store: Store, owner: str) -> list[Row]:
    """Return the instalments of a document, the first one first."""
    found = store.page(TABLE.name, limit=10_000, where={"owner": owner})
    rows = (store.find(TABLE.name, "key", from_json(text)["key"]) for text in found)
    return [row for row in rows if row is not None]


def spread(rows: Iterable[Row], amount: Decimal) -> Discharge:
    """Take an amount off instalments, the first ones first, as far as it goes."""
    taken = []
    for row in rows:
        part = min(amount, balance(row))
        amount -= part
        if part:
            taken.append((row, part))
    return taken


def balance(row: Row) -> Decimal:
    """Return what is open of an instalment."""
    return decimal(row.record["due"]["balance"])


def apply(store: Store, payer: str, discharge: Discharge) -> None:
    """Take amounts off instalments, and remember what did."""
    for row, amount in discharge:
        _set_balance(store, row, balance(row) - amount)
        taken = {"payer": payer, "owner": row.record["owner"], "key": row.record["key"], "value": amount}
        store.insert(APPLICATIONS.name, taken)
    _refresh(store, {(row.record["owner"], row.hidden["side"]) for row, _ in discharge})


def undo(store: Store, payer: str) -> list[dict[str, Any]]:
    """Give back what a document took off instalments, and return what that was."""
    undone = []
    while (found := store.find(APPLICATIONS.name, "payer", payer)) is not None:
        store.delete(APPLICATIONS.name, found.position)
        undone.append(found.record)
        row = store.find(TABLE.name, "key", found.record["key"])
        if row is not None:
            _set_balance(store, row, balance(row) + decimal(found.record["value"]))
            _refresh(store, {(row.record["owner"], row.hidden["side"])})
    return undone


def redo(store: Store, undone: Iterable[Mapping[str, Any]]) -> None:
    """Take off again what was given back."""
    for record in undone:
        row = store.find(TABLE.name, "key", record["key"])
        if row is not None:
            apply(store, record["payer"], [(row, decimal(record["value"]))])


def note_credit(store: Store, payer: str, owner: str, amount: Decimal) -> None:
    """Remember that a credit note took back a part of a document, whatever was still owed of it."""
    store.insert(APPLICATIONS.name, {"payer": payer, "owner": owner, "credit": amount})


def credited(store: Store, owner: str) -> Decimal:
    """Return what credit notes took back of a document."""
    found = store.page(APPLICATIONS.name, limit=10_000, where={"owner": owner})
    return sum((decimal(from_json(text).get("credit")) for text in found), _NOTHING)


def has_movements(store: Store, owner: str) -> bool:
    """Tell whether receipts or notes refer to a document."""
    return store.count(APPLICATIONS.name, {"owner": owner}) > 0


def strike(store: Store, owner: str) -> None:
    """Remove the instalments of a document that is no more."""
    for row in of(store, owner):
        store.delete(TABLE.name, row.position)


def _set_balance(store: Store, row: Row, amount: Decimal) -> None:
    due = {**row.record["due"], "balance": plain(amount)}
    store.replace(TABLE.name, row.position, {**row.record, "due": due, "open": _open(amount)})


def _refresh(store: Store, owners: Iterable[tuple[str, str | None]]) -> None:
    """Say in the documents what is owed on them now."""
    for owner, side in owners:
        kind = INVOICES if side == INVOICES.table else PURCHASES
        row = store.find(kind.table, "id", owner)
        if row is not None:
            owed = sum((balance(one) for one in of(store, owner)), _NOTHING)
            store.replace(kind.table, row.position, {**row.record, "balance": plain(owed)})


def _open(amount: Decimal) -> str | None:
    return "yes" if amount > 0 else None


def _party(record: Mapping[str, Any]) -> dict[str, Any]:
    name = record.get("name")
    text = " ".join(name) if isinstance(name, list) else name
    return {**{field: record[field] for field in ("id", "identification", "branch_office")}, "name": text}
