"""A coordinator named by an address, as configurations, command lines and environments have it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Final
from urllib.parse import unquote, urlsplit

from ...errors import ConfigError
from . import Coordinator
from .memory import process_coordinator

VARIABLE: Final = "SAGICC_ASYNC_COORDINATOR"

_KNOWN: Final = "memory:, file:, file:/path, redis://host/0, rediss://host/0, postgresql://host/database"


def coordinator_at(address: str | None = None, environ: Mapping[str, str] | None = None) -> Coordinator:
    """
    The coordinator at an address.

    Args:
        address: `memory:` for this process alone; `file:` for every process of this user on this machine, `file:/path`
            for those who share that folder; `redis://` or `rediss://` (also `valkey://`); `postgresql://`. If not given,
            `SAGICC_ASYNC_COORDINATOR`, else `file:`.
        environ: The environment, if not the process's own.

    Raises:
        ConfigError: There is no such kind of coordinator, or what it needs is not installed. Of the address only its
            kind is in the message, since it may hold a password.
    """
    environ = os.environ if environ is None else environ
    address = address or environ.get(VARIABLE) or "file:"
    kind, colon, _ = address.partition(":")
    if not colon:
        raise ConfigError(f"a coordinator's address begins with its kind: {_KNOWN}")
    # Each is imported where it is asked for: most programs need one, and two need packages of their own.
    if kind == "memory":
        return process_coordinator()
    if kind == "file":
        from .file import FileCoordinator  # noqa: PLC0415

        return FileCoordinator(unquote(urlsplit(address).path) or None)
    if kind in ("redis", "rediss", "valkey", "valkeys", "unix"):
        from .redis import RedisCoordinator  # noqa: PLC0415

        return RedisCoordinator(address)
    if kind in ("postgresql", "postgres"):
        from .postgres import PostgresCoordinator  # noqa: PLC0415

        return PostgresCoordinator(address)
    raise ConfigError(f"there is no coordinator of the kind {kind!r}; there are {_KNOWN}")
