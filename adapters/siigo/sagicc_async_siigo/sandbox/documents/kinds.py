"""The seven kinds of documents, as data: where each is kept, what it is called, by what it is found."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, Literal

import attrs

from sagicc_async.sandbox import Table

from ..filters import CREATED, DATES, UPDATED, Equal, Filter

#: Beside the row, for filters on what stands deeper in it. `created` and `updated` come from `stamps.py`.
_MARKS: Final = ("document_id", "customer_identification", "customer_branch_office")

_NAME: Final = Equal("name")
_DOCUMENT: Final = Equal("document_id")
_CUSTOMER: Final = (Equal("customer_identification"), Equal("customer_branch_office"))


@attrs.frozen(kw_only=True)
class Kind:
    """
    A kind of document.

    Args:
        table: Its table.
        path: Its route.
        letters: The `type` of its document types.
        noun: What messages call one.
        party: Whom it is made out to; journals name somebody for each item.
        filters: The parameters of its list.
    """

    table: str
    path: str
    letters: str
    noun: str
    party: Literal["customer", "supplier", ""] = "customer"
    filters: tuple[Filter, ...]

    @property
    def kept(self) -> Table:
        """Its table."""
        return Table(self.table, lookups=("id", "name", "date"), hidden=(*_MARKS, "created", "updated"))

    def marks(self, record: Mapping[str, Any]) -> dict[str, Any]:
        """Return what stands beside a record, but for its moments."""
        party = record.get(self.party, {})
        values = (record["document"]["id"], party.get("identification"), party.get("branch_office"))
        return dict(zip(_MARKS, values, strict=True))

    def name(self, code: str, number: int) -> str:
        """Return a document's name: `FV-1-22`."""
        return f"{self.letters}-{code}-{number}"


INVOICES: Final = Kind(
    table="invoices",
    path="/v1/invoices",
    letters="FV",
    noun="invoice",
    filters=(*CREATED, *UPDATED, _NAME, *_CUSTOMER, _DOCUMENT, *DATES),
)
QUOTATIONS: Final = Kind(
    table="quotations",
    path="/v1/quotations",
    letters="C",
    noun="quotation",
    filters=(*CREATED, _NAME, *_CUSTOMER),
)
CREDIT_NOTES: Final = Kind(
    table="credit_notes",
    path="/v1/credit-notes",
    letters="NC",
    noun="credit note",
    filters=(*CREATED, *UPDATED, _NAME, *DATES),
)
# The list of purchases is not printed; it was seen to take pages, and no filter of it is known.
PURCHASES: Final = Kind(
    table="purchases",
    path="/v1/purchases",
    letters="FC",
    noun="purchase",
    party="supplier",
    filters=(),
)
VOUCHERS: Final = Kind(
    table="vouchers",
    path="/v1/vouchers",
    letters="RC",
    noun="voucher",
    filters=(*CREATED, *UPDATED, _NAME, *DATES),
)
PAYMENT_RECEIPTS: Final = Kind(
    table="payment_receipts",
    path="/v1/payment-receipts",
    letters="RP",
    noun="payment receipt",
    party="supplier",
    filters=(*CREATED, *UPDATED),
)
JOURNALS: Final = Kind(
    table="journals",
    path="/v1/journals",
    letters="CC",
    noun="journal",
    party="",
    filters=(*CREATED, *UPDATED, _NAME, _DOCUMENT, *DATES),
)

KINDS: Final = (INVOICES, QUOTATIONS, CREDIT_NOTES, PURCHASES, VOUCHERS, PAYMENT_RECEIPTS, JOURNALS)
