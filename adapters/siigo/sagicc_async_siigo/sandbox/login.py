"""`POST /auth`: the token of a company."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from sagicc_async.sandbox import Call, Company, Reply, to_json

from . import failures, gates, window
from .checks import Rule, Text, check
from .failures import Refused
from .settings import Settings
from .tokens import issued_by

PATH: Final = "/auth"

_FIELDS: Final[Mapping[str, Rule]] = {"username": Text(required=True), "access_key": Text(required=True)}


def answer(call: Call, company: Company, settings: Settings) -> Reply:
    """
    Issue a token.

    A Partner-Id is not looked at, as was seen. What a missing or wrong field is answered is not documented: the
    envelope of all errors, with 400 and 401.

    Raises:
        Refused: No token.
    """
    if settings.login_counts:
        window.admit(company, settings, call.now)
    body = gates.body(call)
    check(body, _FIELDS)
    owner = company.credentials_with("username", body["username"])
    if owner is None or owner["access_key"] != body["access_key"]:
        raise Refused(failures.bad_credentials())
    access = issued_by(company).issue(owner, now=call.now, lifetime=settings.expires_in)
    granted = {
        "access_token": access,
        "expires_in": settings.expires_in,
        "token_type": "Bearer",
        "scope": "SiigoAPI",
    }
    return Reply(status=settings.login_status, body=to_json(granted), login=True)
