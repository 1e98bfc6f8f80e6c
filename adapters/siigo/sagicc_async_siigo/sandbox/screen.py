"""The screen "Mi credencial API", where an administrator sees the credentials and regenerates them."""

from __future__ import annotations

from random import Random
from typing import Any

from sagicc_async.sandbox import Company

from .credentials import access_key
from .options import only
from .tokens import issued_by


def show(company: Company, options: dict[str, Any]) -> dict[str, Any]:
    """Return what the screen shows: "Usuario API" and "Access Key"."""
    only(options, ())
    live = company.credentials[0]
    return {"usuario_api": live["username"], "access_key": live["access_key"]}


def regenerate(company: Company, options: dict[str, Any], *, end_tokens: bool) -> dict[str, Any]:
    """
    Give the company another access key; the old one stops working at once.

    Only one pair lives at a time, so others that were issued end as well.

    Args:
        company: Whose.
        options: None.
        end_tokens: Whether the tokens that were issued until now end, which the vendor does not document.

    Returns:
        The new pair.
    """
    only(options, ())
    live = company.credentials[0]
    # The new key follows from the old one, so that a seed decides it as well.
    live["access_key"] = access_key(Random(f"{live['access_key']}/regenerar"))  # noqa: S311
    company.credentials[:] = [live]
    if end_tokens:
        issued_by(company).end_all()
    return show(company, {})
