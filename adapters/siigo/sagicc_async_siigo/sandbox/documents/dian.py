"""
The tax office and the mail: what an invoice or note says of having been sent there.

Nothing leaves the sandbox. What the vendor's fields hold in each case is documented by samples only, so the choices are
the sandbox's own: an electronic document with `stamp.send` is accepted at once, any other one is a draft.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any, Final

from .. import failures
from ..context import Context
from ..failures import Refused
from .refusals import before_today, customer_settings

#: The field `mail` of what was not sent, in the words of the vendor's sample of a batch.
NOT_SENT: Final[dict[str, Any]] = {
    "status": "not_sent",
    "observations": "The invoice has not been sent by mail",
}

#: The field `stamp` of what is not at the tax office.
DRAFT: Final[dict[str, Any]] = {"status": "Draft"}


def is_electronic(document_type: Mapping[str, Any]) -> bool:
    """Tell whether documents of a type go to the tax office."""
    return bool(document_type.get("electronic_type", "NoElectronic") != "NoElectronic")


def refuse_past(context: Context, *, electronic: bool) -> None:
    """Refuse a new electronic document with a date in the past, as documented."""
    if electronic and context.body["date"] < context.today.isoformat():
        raise Refused(before_today("date"))


def stamp(context: Context, code: str, identifier: str, *, electronic: bool) -> dict[str, Any]:
    """
    Return the field `stamp`.

    Args:
        context: The request.
        code: What the document's unique code is called: `cufe` of invoices, `cude` of notes.
        identifier: The document's id, of which the code is made.
        electronic: Whether the document goes to the tax office.
    """
    if not (electronic and _asked(context.body, "stamp")):
        return dict(DRAFT)
    return accepted(code, identifier)


def accepted(code: str, identifier: str) -> dict[str, Any]:
    """Return the field `stamp` of what the tax office has taken."""
    return {"status": "Accepted", code: hashlib.sha384(f"{code}/{identifier}".encode()).hexdigest()}


def mail(context: Context, customer: Mapping[str, Any]) -> dict[str, Any]:
    """Return the field `mail`; its texts are those of the vendor's samples."""
    if not _asked(context.body, "mail"):
        return dict(NOT_SENT)
    if not customer.get("contacts"):
        raise Refused(customer_settings())
    return {"status": "sent", "observations": ""}


def refuse_stamped(record: Mapping[str, Any], *, change: bool) -> None:
    """Refuse to change or remove an invoice that has a code of the tax office, as documented."""
    if record.get("stamp", {}).get("cufe"):
        refuse = failures.update_not_allowed if change else failures.delete_not_allowed
        raise Refused(refuse("invoice", "it was accepted by the DIAN"))


def _asked(body: Mapping[str, Any], name: str) -> bool:
    return bool((body.get(name) or {}).get("send"))
