"""How Siigo writes when something was created and changed, and how the sandbox finds it by that."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Literal, TypeAlias

import attrs

#: The four ways in which the vendor's answers write a moment: `2020-06-15T03:33:17.208Z`,
#: `2025-07-10T20:48:59.8634833+00:00`, `2024-05-23T12:57:42.0000000+00:00` and, without a zone, `2022-12-29T22:38:08.6`.
Shape: TypeAlias = Literal["millis", "offset", "zeros", "naive"]

#: What stands for a change that has not been.
Nulls: TypeAlias = Literal["absent", "null"]


@attrs.frozen(kw_only=True)
class Stamps:
    """
    Moments as records have them.

    Args:
        shape: How they are written.
        nulls: What `last_updated` is before the first change.
    """

    shape: Shape = "millis"
    nulls: Nulls = "absent"

    def text(self, moment: datetime) -> str:
        """Write a moment."""
        seconds = f"{moment:%Y-%m-%dT%H:%M:%S}"
        micros = f"{moment.microsecond:06}"
        if self.shape == "zeros":
            return f"{seconds}.0000000+00:00"
        if self.shape == "offset":
            # The seventh digit is one that Python's clock does not have.
            return f"{seconds}.{micros}3+00:00"
        if self.shape == "naive":
            return f"{seconds}.{micros[:3].rstrip('0') or '0'}"
        return f"{seconds}.{micros[:3]}Z"

    def created(self, moment: datetime) -> dict[str, Any]:
        """
        Return what is added to a new record.

        Returns:
            Its `metadata`, and for the hidden columns `created` and `updated` that every table of a list has.
        """
        unchanged = {"last_updated": None} if self.nulls == "null" else {}
        metadata = {"created": self.text(moment), **unchanged}
        return {"metadata": metadata, "created": mark(moment), "updated": None}

    def changed(self, moment: datetime, metadata: dict[str, Any]) -> dict[str, Any]:
        """
        Return what is added to a record that is changed.

        Args:
            moment: When.
            metadata: What the record had.

        Returns:
            Its new `metadata`, and for the hidden column `updated`.
        """
        return {"metadata": {**metadata, "last_updated": self.text(moment)}, "updated": mark(moment)}


def at(wall: float) -> datetime:
    """Return the moment of a clock's seconds since the epoch."""
    return datetime.fromtimestamp(wall, UTC)


def mark(moment: datetime) -> str:
    """Write a moment so that later ones sort behind earlier ones, for hidden columns and for what they compare with."""
    return f"{moment:%Y-%m-%dt%H:%M:%S}.{moment.microsecond:06}"
