"""Which products and third parties documents already use. It is looked up when it is asked, which is seldom."""

from __future__ import annotations

from typing import Final

import attrs

from sagicc_async.sandbox import Store


@attrs.frozen
class _Place:
    """
    Where documents name something.

    Args:
        table: Of the documents.
        path: Within a document, or within each of its items.
        by_item: Within each item.
    """

    table: str
    path: str
    by_item: bool = True

    def holds(self, store: Store, value: str) -> bool:
        """Tell whether a document names it."""
        body = f'"{self.table}"."body"'
        here = f"json_extract({body}, '$.{self.path}') = ?"
        # The names are those below.
        inside = f"EXISTS (SELECT 1 FROM json_each({body}, '$.items') WHERE json_extract(value, '$.{self.path}') = ?)"  # noqa: S608
        return store.count_where(self.table, inside if self.by_item else here, (value,)) > 0


#: Quotations move nothing.
_PRODUCTS: Final = (
    _Place("invoices", "code"),
    _Place("credit_notes", "code"),
    _Place("purchases", "code"),
    _Place("journals", "product.code"),
)

_CUSTOMERS: Final = (
    _Place("invoices", "customer.id", by_item=False),
    _Place("quotations", "customer.id", by_item=False),
    _Place("credit_notes", "customer.id", by_item=False),
    _Place("vouchers", "customer.id", by_item=False),
    _Place("purchases", "supplier.id", by_item=False),
    _Place("payment_receipts", "supplier.id", by_item=False),
    _Place("journals", "customer.id"),
)


def product_moved(store: Store, code: str) -> bool:
    """Tell whether a document has moved a product."""
    return any(place.holds(store, code) for place in _PRODUCTS)


def customer_moved(store: Store, identifier: str) -> bool:
    """Tell whether a document names a third party."""
    return any(place.holds(store, identifier) for place in _CUSTOMERS)
