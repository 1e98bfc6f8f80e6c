"""What a stock Laravel application answers when it does not do what is asked. Sagicc documents no error at all."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sagicc_async.sandbox import Reply, to_json

from .schema import Model


class Refused(Exception):
    """A request that gets no further; carries the answer."""

    def __init__(self, reply: Reply) -> None:
        super().__init__(reply.status)
        self.reply = reply


def message(status: int, text: str, **headers: str) -> Reply:
    """Return a status and what it says."""
    return Reply(status=status, body=to_json({"message": text}), headers=headers)


def server_error() -> Refused:
    """An unknown column or relation, or SQL that MySQL does not take: without debugging the page says no more."""
    return Refused(message(500, "Server Error"))


def invalid(errors: Mapping[str, str]) -> Refused:
    """What was sent breaks a rule; the texts are by field."""
    body = {"message": "The given data was invalid.", "errors": {field: [text] for field, text in errors.items()}}
    return Refused(Reply(status=422, body=to_json(body)))


def missing(model: Model, identifiers: Iterable[Any]) -> Refused:
    """No row has one of these ids."""
    names = ", ".join(str(identifier) for identifier in identifiers)
    return Refused(message(404, f"No query results for model [App\\Models\\{model.class_name}] {names}"))


def no_route() -> Refused:
    """Nothing is served there."""
    return Refused(message(404, ""))


def wrong_method(method: str, allowed: Iterable[str]) -> Refused:
    """Something is served there, but not by this method."""
    names = ", ".join(allowed)
    text = f"The {method} method is not supported for this route. Supported methods: {names}."
    return Refused(message(405, text, Allow=names))
