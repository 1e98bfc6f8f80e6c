"""What a request passes before anybody looks at what it asks, in the order in which the sandbox checks it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from sagicc_async.sandbox import Call, Company, from_json

from . import failures
from .context import Route
from .failures import Refused
from .tokens import issued_by

_BEARER: Final = re.compile(r"bearer\s+(\S+)", re.IGNORECASE)
_PARTNER: Final = re.compile(r"[A-Za-z0-9]{3,100}")
#: One text of the vendor's says at most 30 characters, another 32.
_KEY: Final = re.compile(r"[A-Za-z0-9]{1,30}")

_WRITING: Final = frozenset({"POST", "PUT"})


def bearer(headers: Mapping[str, str]) -> str | None:
    """Return the token of a request, valid or not."""
    found = _BEARER.fullmatch(headers.get("Authorization", "").strip())
    return found[1] if found else None


def take_json_only(call: Call) -> None:
    """
    Refuse a body of another kind. A request without a body needs no `Content-Type`.

    Raises:
        Refused: It is not sent as JSON.
    """
    kind = call.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    if call.method in _WRITING and call.body and kind != "application/json":
        raise Refused(failures.unsupported_media_type())


def authorize(call: Call, company: Company) -> None:
    """
    Refuse who has no valid token.

    Raises:
        Refused: The token is missing, wrong, expired or ended.
    """
    if not issued_by(company).valid(bearer(call.headers), company, call.now):
        raise Refused(failures.unauthorized())


def identify_partner(call: Call) -> None:
    """
    Refuse who does not say which software asks.

    Raises:
        Refused: The header is missing or wrong.
    """
    partner = call.headers.get("Partner-Id")
    if not partner:
        raise Refused(failures.header_required("Partner-Id"))
    if not _PARTNER.fullmatch(partner):
        raise Refused(failures.invalid_partner_id())


def idempotency_key(call: Call, route: Route) -> str | None:
    """
    Return the key of a request, if its route honours one.

    Raises:
        Refused: The key has other characters than letters and digits, or too many.
    """
    key = call.headers.get("Idempotency-Key")
    if key is None or not route.keyed:
        return None
    if not _KEY.fullmatch(key):
        raise Refused(failures.invalid_idempotency_key())
    return key


def body(call: Call) -> dict[str, Any]:
    """
    Return what was sent: an object, empty if nothing was.

    Raises:
        Refused: It is something else; which code the vendor has for that is not documented.
    """
    if call.method not in _WRITING or not call.body:
        return {}
    try:
        sent = from_json(call.body)
    except ValueError:
        raise Refused(failures.unreadable()) from None
    if not isinstance(sent, dict):
        raise Refused(failures.unreadable())
    return sent
