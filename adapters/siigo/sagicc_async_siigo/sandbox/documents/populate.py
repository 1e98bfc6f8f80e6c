"""Invented documents, whose totals, numbers and balances go together."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any, Final

import attrs

from sagicc_async.sandbox import Store, from_json

from ..context import filled, guid
from ..stamps import Stamps
from . import dian
from .amounts import decimal, plain
from .instalments import APPLICATIONS, TABLE, drawn_up
from .items import item_answer
from .kinds import CREDIT_NOTES, INVOICES, JOURNALS, KINDS, PAYMENT_RECEIPTS, PURCHASES, QUOTATIONS, VOUCHERS, Kind
from .references import named
from .totals import Line, Rate, document_total

_Record = dict[str, Any]

_BEGIN: Final = datetime(2025, 1, 2, 14, 0, 0, 52_000, tzinfo=UTC)
_STEP: Final = timedelta(minutes=11, seconds=7, milliseconds=13)
_TERM: Final = timedelta(days=30)

#: One in so many invoices is followed by a document of each other kind.
_SHARE: Final = 10

#: So many products and third parties are enough for documents to name.
_CAST: Final = 500


def populate(store: Store, records: int, seed: int, random: Random, stamps: Stamps) -> None:
    """
    Fill the tables of documents; catalogues, products and third parties are there already.

    Args:
        store: Where to.
        records: How many invoices; a tenth of each other kind.
        seed: Not needed: what is random comes from `random`.
        random: Decides the values.
        stamps: How moments are written.
    """
    cast = _Cast.of(store)
    if not (cast.customers and cast.products):
        return
    books = _Books(cast=cast, random=random, stamps=stamps)
    for number in range(1, records + 1):
        invoice = books.invoice()
        if number % _SHARE == 0:
            books.followers(invoice)
    books.fill(store)


@attrs.frozen(kw_only=True)
class _Cast:
    """What documents name."""

    customers: list[_Record]
    suppliers: list[_Record]
    products: list[_Record]
    sellers: list[_Record]
    taxes: list[_Record]
    types: dict[tuple[str, str], _Record]
    ways: dict[str, _Record]

    @classmethod
    def of(cls, store: Store) -> _Cast:
        """Read it from the other tables."""
        people = _active(_first(store, "customers"))
        types = _active(store.rows("document_types"))
        return cls(
            customers=people,
            suppliers=[row for row in people if row["type"] == "Supplier"] or people,
            products=_active(_first(store, "products")),
            sellers=_active(store.rows("users")),
            taxes=[
                row
                for row in _active(store.rows("taxes"))
                if row["type"] in ("IVA", "Impoconsumo") and row["percentage"]
            ],
            types={(row["type"], row["code"]): row for row in types},
            ways={row["name"]: row for row in store.rows("payment_types")},
        )


@attrs.define(kw_only=True)
class _Books:
    """Documents as they come into being, one after another."""

    cast: _Cast
    random: Random
    stamps: Stamps
    rows: dict[str, list[_Record]] = attrs.field(factory=lambda: {kind.table: [] for kind in KINDS})
    instalments: list[_Record] = attrs.field(factory=list)
    applications: list[_Record] = attrs.field(factory=list)
    numbers: Counter[int] = attrs.field(factory=Counter)
    moment: datetime = _BEGIN

    def invoice(self) -> _Record:
        """Sell something: one in six to the tax office, one in three paid at once."""
        electronic = self.random.random() < 1 / 6
        document_type = self.cast.types["FV", "2" if electronic else "1"]
        customer = self.random.choice(self.cast.customers)
        by_percentage = document_type["discount_type"] == "Percentage"
        items, total = self._items(by_percentage=by_percentage)
        later = self.random.random() < 2 / 3
        identifier = self._next_id(INVOICES)
        stamp = dian.accepted("cufe", identifier) if electronic else dian.DRAFT
        drawn = {
            "customer": named(customer),
            "total": plain(total),
            "balance": plain(total) if later else 0,
            "seller": self.random.choice(self.cast.sellers)["id"],
            "stamp": stamp,
            "mail": dian.NOT_SENT,
            "observations": self.random.choice(("", "", "Entregar en la portería")),
            "items": items,
            "payments": [self._payment("Crédito" if later else "Efectivo", total)],
            "public_url": f"https://documentview.siigo.com/document?data={identifier}",
        }
        return self._keep(INVOICES, document_type, drawn, owed_by=customer)

    def followers(self, invoice: _Record) -> None:
        """Let one document of each other kind follow an invoice."""
        self._quotation()
        purchase = self._purchase()
        self._receipt(VOUCHERS, invoice)
        self._receipt(PAYMENT_RECEIPTS, purchase)
        self._credit_note(self.random.choice(self.rows[INVOICES.table][-_SHARE:]))
        self._journal()

    def fill(self, store: Store) -> None:
        """Write everything."""
        for table, rows in self.rows.items():
            store.fill(table, rows)
        store.fill(TABLE.name, self.instalments)
        store.fill(APPLICATIONS.name, self.applications)
        for identifier, number in self.numbers.items():
            row = store.find("document_types", "id", identifier)
            if row is not None:
                store.replace("document_types", row.position, {**row.record, "consecutive": number})

    def _quotation(self) -> None:
        items, total = self._items(by_percentage=True)
        drawn = {
            "customer": named(self.random.choice(self.cast.customers)),
            "total": plain(total),
            "seller": self.random.choice(self.cast.sellers)["id"],
            "items": items,
            "public_url": f"https://publicview.siigo.com/document?data={self._next_id(QUOTATIONS)}",
        }
        self._keep(QUOTATIONS, self.cast.types["C", "1"], drawn)

    def _purchase(self) -> _Record:
        supplier = self.random.choice(self.cast.suppliers)
        items, total = self._items(by_percentage=False)
        drawn = {
            "supplier": named(supplier),
            "provider_invoice": {"prefix": "PR", "number": str(self.random.randint(1, 99_999))},
            "discount_type": "Value",
            "total": plain(total),
            "balance": plain(total),
            "items": [{"type": "Product", **item} for item in items],
            "payments": [self._payment("Crédito de proveedores", total)],
        }
        return self._keep(PURCHASES, self.cast.types["FC", "1"], drawn, owed_by=supplier)

    def _receipt(self, kind: Kind, paid: _Record) -> None:
        """Pay what is owed on a document, all or half of it; or in advance, if nothing is."""
        party = paid[kind.party]
        drawn: _Record = {"type": "AdvancePayment", kind.party: party, "balance": 100_000}
        value: int | Decimal = 100_000
        identifier = self._next_id(kind)
        if paid["balance"]:
            value = self.random.choice(
                (paid["balance"], plain(decimal(paid["balance"]) // 2 or decimal(paid["balance"])))
            )
            due = self._discharge(identifier, paid, decimal(value))
            drawn |= {"type": "DebtPayment", "items": [{"due": due, "value": value}], "balance": 0}
        way = self.cast.ways["Transferencia"]
        drawn["payment"] = {"id": way["id"], "name": way["name"], "value": value}
        self._keep(kind, self.cast.types[kind.letters, "1"], drawn)

    def _credit_note(self, invoice: _Record) -> None:
        """Take back the first item of an invoice, unless nothing much is left of it."""
        total = decimal(invoice["items"][0]["total"])
        identifier = self._next_id(CREDIT_NOTES)
        self.applications.append({"payer": identifier, "owner": invoice["id"], "credit": total})
        owed = min(total, decimal(invoice["balance"]))
        if owed:
            self._discharge(identifier, invoice, owed)
        drawn = {
            "invoice": {"id": invoice["id"], "name": invoice["name"]},
            "customer": invoice["customer"],
            "total": plain(total),
            "seller": invoice["seller"],
            "stamp": dian.accepted("cude", identifier) if "cufe" in invoice["stamp"] else dian.DRAFT,
            "mail": dian.NOT_SENT,
            "items": invoice["items"][:1],
            "payments": [self._payment("Efectivo", total)],
        }
        self._keep(CREDIT_NOTES, self.cast.types["NC", "1"], drawn)

    def _journal(self) -> None:
        party = named(self.random.choice(self.cast.customers))
        value = self.random.randint(10, 900) * 1000
        items = [
            {
                "account": {"code": code, "movement": movement},
                "customer": party,
                "description": "Ajuste",
                "value": value,
            }
            for code, movement in (("11050501", "Debit"), ("41350501", "Credit"))
        ]
        self._keep(JOURNALS, self.cast.types["CC", "1"], {"items": items, "balance": 0})

    def _items(self, *, by_percentage: bool) -> tuple[list[_Record], Decimal]:
        """Choose two to four products, and what they come to."""
        chosen = [self._item() for _ in range(self.random.randint(2, 4))]
        if by_percentage and self.random.random() < 0.2:
            chosen[0][1]["discount"] = self.random.choice((5, 10))
        lines = [
            Line(
                quantity=decimal(item["quantity"]),
                price=decimal(item["price"]),
                discount=decimal(item.get("discount")),
                by_percentage=by_percentage,
                rates=tuple(Rate(kind=tax["type"], percentage=tax["percentage"]) for tax in taxes),
            )
            for _, item, taxes in chosen
        ]
        total = document_total(lines)
        answers = [
            item_answer(item, thing, taxes, line, {})
            for (thing, item, taxes), line in zip(chosen, total.lines, strict=True)
        ]
        return answers, total.total

    def _item(self) -> tuple[_Record, _Record, list[_Record]]:
        product = self.random.choice(self.cast.products)
        thing = {"id": product["id"], "code": product["code"], "description": product["name"]}
        price = Decimal(self.random.randrange(50_000, 9_000_000)).scaleb(-2)
        item = {"quantity": self.random.randint(1, 12), "price": price}
        return thing, item, [self.random.choice(self.cast.taxes)] if self.random.random() < 0.9 else []

    def _payment(self, name: str, total: Decimal) -> _Record:
        way = self.cast.ways[name]
        payment = {"id": way["id"], "name": way["name"], "value": plain(total)}
        return {**payment, "due_date": f"{self.moment + _TERM:%Y-%m-%d}"} if way["due_date"] else payment

    def _discharge(self, payer: str, paid: _Record, amount: Decimal) -> _Record:
        """Take an amount off the one instalment of a document, and return which that is."""
        row = next(row for row in reversed(self.instalments) if row["owner"] == paid["id"])
        left = decimal(row["due"]["balance"]) - amount
        row["due"] = {**row["due"], "balance": plain(left)}
        row["open"] = "yes" if left else None
        paid["balance"] = plain(left)
        self.applications.append({"payer": payer, "owner": paid["id"], "key": row["key"], "value": amount})
        return {name: row["due"][name] for name in ("prefix", "consecutive", "quote", "date")}

    def _next_id(self, kind: Kind) -> str:
        """The id that a document gets over HTTP in this place."""
        return guid(kind.table, len(self.rows[kind.table]) + 1)

    def _keep(
        self, kind: Kind, document_type: _Record, drawn: _Record, *, owed_by: Mapping[str, Any] | None = None
    ) -> _Record:
        self.moment += _STEP
        self.numbers[document_type["id"]] += 1
        number = self.numbers[document_type["id"]]
        head = {
            "id": self._next_id(kind),
            "document": {"id": document_type["id"]},
            "number": number,
            "name": kind.name(document_type["code"], number),
            "date": f"{self.moment:%Y-%m-%d}",
        }
        record = filled({**head, **drawn})
        record |= self._stamped()
        record |= kind.marks(record)
        self.rows[kind.table].append(record)
        if owed_by is not None:
            self.instalments += drawn_up(kind, record, owed_by)
        return record

    def _stamped(self) -> _Record:
        """Say when it came into being, and of one in five when it was changed."""
        stamped = self.stamps.created(self.moment)
        if self.random.random() < 0.2:
            stamped |= self.stamps.changed(self.moment + timedelta(days=2), stamped["metadata"])
        return stamped


def _first(store: Store, table: str) -> list[_Record]:
    return [from_json(text) for text in store.page(table, limit=_CAST)]


def _active(rows: list[_Record]) -> list[_Record]:
    return [row for row in rows if row.get("active", True)]
