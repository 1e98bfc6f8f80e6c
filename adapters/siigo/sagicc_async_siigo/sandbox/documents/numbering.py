"""
Numbers of documents.

A document type counts its own documents. With `automatic_number` the vendor gives the number, and one that is sent is
refused with `document_settings` (the code is the sandbox's choice); otherwise it must be sent, and be new. Whether
`consecutive` is the last number or the next one is not documented: here the last.
"""

from __future__ import annotations

from typing import Any

from .. import failures
from ..context import Context
from ..failures import Refused
from .amounts import whole
from .kinds import Kind
from .refusals import document_settings


def take_number(context: Context, kind: Kind, document_type: dict[str, Any], sent: Any) -> int:
    """
    Return the number of a new document.

    Args:
        context: The request.
        kind: Of which kind it is.
        document_type: Of which type.
        sent: The number in the request, if there is one.

    Raises:
        Refused: The number is missing, is not wanted, or is taken.
    """
    if document_type.get("automatic_number", True):
        if sent is not None:
            raise Refused(document_settings("number"))
        return _count(context, kind, document_type)
    if sent is None:
        raise Refused(failures.parameter_required("number"))
    if _taken(context, kind, document_type, whole(sent)):
        raise Refused(failures.already_exists("number"))
    return whole(sent)


def _count(context: Context, kind: Kind, document_type: dict[str, Any]) -> int:
    """Give out the next number, and note it in the catalogue."""
    number = int(document_type.get("consecutive", 0)) + 1
    while _taken(context, kind, document_type, number):
        number += 1
    row = context.store.find("document_types", "id", document_type["id"])
    if row is not None:
        context.store.replace("document_types", row.position, {**row.record, "consecutive": number})
    return number


def _taken(context: Context, kind: Kind, document_type: dict[str, Any], number: int) -> bool:
    return context.store.find(kind.table, "name", kind.name(document_type["code"], number)) is not None
