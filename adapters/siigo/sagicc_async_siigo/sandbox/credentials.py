"""Credentials that look like Siigo's."""

from __future__ import annotations

from base64 import b64encode
from random import Random

from sagicc_async.sandbox import invent


def issue(random: Random) -> dict[str, str]:
    """Make up an API user and an access key."""
    return {"username": f"api.{invent.token(random, 6).lower()}@acme.example", "access_key": access_key(random)}


def access_key(random: Random) -> str:
    """Make up an access key; the vendor's look like base64."""
    return b64encode(invent.token(random, 60).encode()).decode()
