"""`Unit`: one resource of one account, which is synced, resumed and reported by itself."""

from __future__ import annotations

import attrs

from ..records.model import Record


@attrs.frozen(order=True)
class Unit:
    """
    One resource of one account.

    Args:
        vendor: Entry-point name of the adapter.
        account: The account's label.
        resource: Name of the resource.
        model: Class of its records; `None` where they are mappings, since nothing is declared of them.
    """

    vendor: str
    account: str
    resource: str
    model: type[Record] | None = attrs.field(default=None, eq=False, order=False, repr=False)

    def __str__(self) -> str:
        return f"{self.account} {self.resource}"
