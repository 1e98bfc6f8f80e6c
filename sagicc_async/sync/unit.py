"""`Unit`: one resource of one account, which is synced, resumed and reported by itself."""

from __future__ import annotations

import functools
import hashlib
from typing import Any

import attrs

from ..records.model import Record
from ..records.shape import wire_fields


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

    @property
    def shape(self) -> str:
        """What its records declare, as a digest that differs where a release knows other fields; empty if nothing is declared."""
        model: Any = self.model
        return _shape(model)


@functools.cache
def _shape(model: Any) -> str:
    fields = () if model is None else wire_fields(model)
    if not fields:
        return ""
    declared = sorted(" ".join((field.name, *field.names)) for field in fields)
    return hashlib.blake2b("\n".join(declared).encode(), digest_size=8).hexdigest()
