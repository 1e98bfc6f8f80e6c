"""
What a record may have that Siigo does not show.

A PUT replaces the whole, and some fields of requests stand in no answer that Siigo documents, such as the retentions of
a purchase. A record that is written back as it was read would lose them, and nobody would see it: Siigo takes such a
request. Only those fields matter. Whoever reads an invoice does not read `stamp.send` either, but that is an order, which
is over once it was given; and without `tax_base` an item whose price is 0 is refused.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import attrs


@attrs.frozen
class Unshown:
    """
    A field of requests that no documented answer shows.

    Args:
        path: `retentions`, or `items[].warehouse` of what the elements of a list have.
        setting: The setting of the document's type without which no document has it; `None` if that decides nothing.
        flag: The field of the record itself without which it cannot have it; `None` if there is none.
        types: The words in the record's `type` with which it can have it; none if all can.
        or_empty: Whether an answer that shows an empty list shows nothing, since such answers were seen.
    """

    path: str
    setting: str | None = attrs.field(default=None, kw_only=True)
    flag: str | None = attrs.field(default=None, kw_only=True)
    types: tuple[str, ...] = attrs.field(default=(), kw_only=True)
    or_empty: bool = attrs.field(default=False, kw_only=True)

    @property
    def given_by(self) -> str:
        """The field by which a change says what it is to be: a list is changed as a whole."""
        return self.path.partition("[]")[0]

    def is_open(self, document: Mapping[str, Any], changes: Mapping[str, Any]) -> bool:
        """
        Whether a record may have it although neither its answer nor the changes say so.

        An answer that shows it of one element shows it: Siigo leaves out what is empty.

        Args:
            document: The record as it was read, as plain values.
            changes: What is going to be different; a null says that there is none.
        """
        if self.given_by in changes or self._is_ruled_out({**document, **changes}):
            return False
        name, _, inside = self.path.partition("[].")
        if not inside:
            return name not in document or (self.or_empty and not document[name])
        elements = document.get(name) or ()
        return bool(elements) and not any(inside in element for element in elements)

    def _is_ruled_out(self, document: Mapping[str, Any]) -> bool:
        if self.flag is not None and self.flag in document and not document[self.flag]:
            return True
        return bool(self.types) and "type" in document and document["type"] not in self.types


def explain(resource: str, fields: Sequence[Unshown]) -> str:
    """
    Say what would be lost, and what to do.

    Args:
        resource: Whose records they are.
        fields: What is open.
    """
    paths = ", ".join(field.path for field in fields)
    names = ", ".join(dict.fromkeys(f"{field.given_by}=" for field in fields))
    return (
        f"Siigo does not show {paths} of {resource}, and a change replaces the whole, so that they would be lost: give "
        f"{names} as well; None, False or [] says that there is nothing"
    )
