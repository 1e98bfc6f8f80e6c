"""Services, `POST /{service}/{name}`: what is not a model. They do things, such as sending messages to people."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final, Literal

from sagicc_async import ConfigError, FieldError, ValidationFailed

_PATH: Final = re.compile(r"[\w.-]+(?:/[\w.-]+)*", re.ASCII)


def service_path(service: str) -> str:
    """
    The path of a service, below `/api`.

    Raises:
        ConfigError: It is no path of names.
    """
    path = service.strip("/")
    if not _PATH.fullmatch(path) or ".." in path.split("/"):
        raise ConfigError("a service is a path of names, such as 'interaction/send'")
    return path


def interaction(
    *,
    ticket_id: int | str,
    type: Literal["sm", "hsm"],  # noqa: A002 - the vendor's word
    message: str,
    contact_info_id: int | str | None,
    contact_info: str | None,
    channel_id: int | str | None,
    channel_type_id: int | str | None,
    fields: Mapping[str, Any],
) -> dict[str, Any]:
    """
    The body of `interaction/send`, checked against what is documented of it.

    Raises:
        ValidationFailed: A documented rule is broken; all complaints at once, in `errors`.

    Source: Sagicc, pageId 2148827141, whose text is cut: further fields may exist.
    """
    errors = []
    if type not in ("sm", "hsm"):
        errors.append(FieldError("listed", "type", "type is 'sm' (standard) or 'hsm' (a WhatsApp template)"))
    for name, value in (("ticket_id", ticket_id), ("message", message)):
        if value in (None, ""):
            errors.append(FieldError("required", name, f"{name} is required"))
    pairs = {
        ("contact_info_id", "contact_info"): (contact_info_id, contact_info),
        ("channel_id", "channel_type_id"): (channel_id, channel_type_id),
    }
    for (one, other), values in pairs.items():
        if sum(value is not None for value in values) != 1:
            errors.append(FieldError("either", one, f"give either {one} or {other}"))
    if errors:
        raise ValidationFailed(
            "the interaction breaks documented rules, so it was not sent; they stand in errors",
            vendor="sagicc",
            operation="interaction.send",
            errors=errors,
        )
    body = {"ticket_id": ticket_id, "type": type, "message": message, **fields}
    chosen = {name: value for names, values in pairs.items() for name, value in zip(names, values, strict=True)}
    return {**body, **{name: value for name, value in chosen.items() if value is not None}}
