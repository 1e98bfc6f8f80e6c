"""Whom an invoice is mailed to (Siigo, "Envío de facturas por mail")."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from sagicc_async import FieldError

from .reading import on_wire
from .rules import Complaints, Object, Text, below, complain, run
from .shared import EMAIL

_MOST_COPIES: Final = 5


class _Addresses:
    """
    One or more addresses in a text.

    The vendor separates copies by `;`, and its example of the first recipient ends in a comma: both separate here.
    """

    def complaints(self, value: Any, path: str) -> Complaints:
        """See `Rule`."""
        yield from Text().complaints(value, path)
        if not all(EMAIL.regex.fullmatch(address) for address in _addresses(value)):
            yield complain(EMAIL.code, path, "send e-mail addresses, separated by ;")


def _addresses(value: Any) -> list[str]:
    text = on_wire(value)
    parts = re.split("[;,]", text) if isinstance(text, str) else []
    return [part.strip() for part in parts if part.strip()]


def _few_copies(mail: Mapping[str, Any], path: str) -> Complaints:
    if len(_addresses(mail.get("copy_to"))) > _MOST_COPIES:
        yield complain("values_limit", below(path, "copy_to"), f"send at most {_MOST_COPIES} addresses")


_MAIL: Final[Object] = Object(optional={"mail_to": _Addresses(), "copy_to": _Addresses()}, between=(_few_copies,))


def check_mail(document: Mapping[str, Any]) -> list[FieldError]:
    """
    Check the recipients of an invoice that is to be mailed.

    Args:
        document: The request with the vendor's names.

    Returns:
        All complaints, none if no documented rule is broken.
    """
    return run(_MAIL, document)
