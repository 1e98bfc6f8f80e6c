"""
Discounts of items: one number in a request, a percentage and a value in an answer.

Which of the two the number is, is a setting of the document type; a purchase says it itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from sagicc_async import ConfigError, Record

from .document_types import TypedUpdatable

T = TypeVar("T", bound=Record)
Q = TypeVar("Q", bound=Record)


class Discounted(TypedUpdatable[T, Q]):
    """A resource whose records are read, changed and written back with the discounts of their items."""

    async def _as_request(self, found: T, changes: Mapping[str, Any]) -> dict[str, Any]:
        """See above; items that are given anew need no conversion."""
        made = await super()._as_request(found, changes)
        document = found.to_dict()
        shown = [item.get("discount") for item in document.get("items") or ()]
        if "items" in changes or not any(map(_is_discount, shown)):
            return made
        meant = document.get("discount_type")
        if meant is None:
            settings = await self._document_type(document)
            meant = None if settings is None else settings.discount_type
        for item, discount in zip(made["items"], shown, strict=True):
            if _is_discount(discount):
                item["discount"] = self._number(discount, meant)
        return made

    def _number(self, discount: Mapping[str, Any], meant: str | None) -> Any:
        number = None if meant is None else discount.get(meant.lower())
        if number is None:
            raise ConfigError(
                f"Siigo does not say whether discounts of these {self.name} are percentages or values, and a change "
                "replaces all items: give items= with their discounts"
            )
        return number


def _is_discount(shown: Any) -> bool:
    return isinstance(shown, Mapping) and any(shown.values())
