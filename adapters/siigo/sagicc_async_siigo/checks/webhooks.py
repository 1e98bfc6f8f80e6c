"""Subscriptions to events (Siigo, "Webhooks")."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from sagicc_async import FieldError

from .rules import Flag, Object, Pattern, Text, run

_WEBHOOK: Final[Object] = Object(
    required={
        "application_id": Text(),
        # Three topics are documented, not that there are no others.
        "topic": Text(),
        "url": Text(
            pattern=Pattern(
                re.compile(r"https?://\S+", re.IGNORECASE), "send the whole URL with https://", "invalid_url"
            )
        ),
    },
    optional={"active": Flag()},
)


def check_webhook(document: Mapping[str, Any]) -> list[FieldError]:
    """
    Check a subscription that is to be made or changed.

    Args:
        document: The request with the vendor's names.

    Returns:
        All complaints, none if no documented rule is broken.
    """
    return run(_WEBHOOK, document)
