"""Who says what a resource file says."""

from __future__ import annotations

from typing import Any, Literal, TypeAlias

from .keys import key

#: The file's author, somebody who watched the vendor's API, or the vendor's own documentation.
Provenance: TypeAlias = Literal["user-declared", "observed", "documented"]


def said_by() -> Any:
    """Declare the key that says it, of an entry."""
    return key("Who says so, where it differs from what stands around it.", default=None)
