"""References to catalogues: what they name must exist and be active."""

from __future__ import annotations

from . import failures
from .context import Context
from .failures import Failure


def wrong_reference(context: Context, table: str, name: str, identifier: object) -> Failure | None:
    """
    Say what is wrong with a reference.

    Args:
        context: The request.
        table: The catalogue.
        name: The field that refers to it.
        identifier: What it says; nothing is wrong with `None`.
    """
    if identifier is None:
        return None
    row = context.catalogue(table, identifier)
    if row is None:
        return failures.invalid_reference(name, identifier)
    return None if row.get("active", True) else failures.parameter_inactive(name)
