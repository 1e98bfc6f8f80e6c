"""`POST /interaction/send`, the one service that is documented; the table of its fields is cut, there may be more."""

from __future__ import annotations

from typing import Any

from sagicc_async.sandbox import Call, Reply, Store, from_json, to_json

from .failures import invalid

TABLE = "interaction"

_REQUIRED = ("ticket_id", "type", "message")
#: Of each, one. The page writes `contact_info`, and once `contacto_info`: both are taken.
_EITHER = (("contact_info_id", "contact_info", "contacto_info"), ("channel_id", "channel_type_id"))


def send(call: Call, store: Store) -> Reply:
    """
    Keep a message. The answer is the sandbox's own.

    Raises:
        Refused: A field is missing or wrong; with the answer.
    """
    try:
        body = from_json(call.body)
    except ValueError:
        body = {}
    message: dict[str, Any] = body if isinstance(body, dict) else {}
    errors = _errors(message)
    if errors:
        raise invalid(errors)
    identifier = store.next_position(TABLE)
    store.insert(TABLE, {"id": identifier, **message})
    return Reply(body=to_json({"id": identifier, "message": "Mensaje enviado"}))


def _errors(message: dict[str, Any]) -> dict[str, str]:
    errors = {name: f"The {name} field is required." for name in _REQUIRED if message.get(name) in (None, "")}
    if "type" not in errors and message["type"] not in ("sm", "hsm"):
        errors["type"] = "The selected type is invalid."
    for names in _EITHER:
        given = [name for name in names if message.get(name) is not None]
        if not given:
            errors[names[0]] = f"The {names[0]} field is required when {names[1]} is not present."
        elif len(given) > 1:
            errors[given[0]] = f"The {given[0]} field prohibits {given[1]} from being present."
    return errors
