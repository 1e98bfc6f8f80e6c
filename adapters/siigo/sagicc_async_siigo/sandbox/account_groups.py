"""Inventory categories: a catalogue that can be added to."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from sagicc_async.sandbox import Reply

from . import failures
from .checks import Rule, Text, check
from .context import Context, Route
from .failures import Refused

_TABLE: Final = "account_groups"

_FIELDS: Final[Mapping[str, Rule]] = {
    "code": Text(required=True, most=10, pattern=re.compile("[A-Za-z0-9]+"), code="invalid_code"),
    "name": Text(required=True, most=50),
}


def _create(context: Context) -> Reply:
    check(context.body, _FIELDS)
    _refuse_another(context, None)
    identifier = _next_id(context)
    context.store.insert(_TABLE, _kept(context, {"id": identifier, "active": True}))
    return context.stored(_TABLE, str(identifier), 201)


def _change(context: Context, id: str) -> Reply:  # noqa: A002 - the name in the route's pattern
    check(context.body, _FIELDS)
    _refuse_another(context, id)
    row = context.found(_TABLE, "account_group", id)
    context.store.replace(_TABLE, row.position, _kept(context, row.record))
    return context.stored(_TABLE, id, context.settings.put_status)


def _kept(context: Context, record: Mapping[str, Any]) -> dict[str, Any]:
    names = {"id": record["id"], "name": context.body["name"], "active": record["active"]}
    return {**names, "code": context.body["code"]}


def _refuse_another(context: Context, own_id: str | None) -> None:
    """That a code is unique is the sandbox's own reading: the vendor has an error for it, and no word of it here."""
    found = context.store.find(_TABLE, "code", context.body["code"])
    if found is not None and str(found.record["id"]) != own_id:
        raise Refused(failures.already_exists("code"))


def _next_id(context: Context) -> int:
    identifier = 4100 + context.store.next_position(_TABLE)
    while context.store.find(_TABLE, "id", identifier):
        identifier += 1
    return identifier


ROUTES: Final[Sequence[Route]] = (
    Route("POST", "/v1/account-groups", _create),
    Route("PUT", "/v1/account-groups/{id}", _change),
)
