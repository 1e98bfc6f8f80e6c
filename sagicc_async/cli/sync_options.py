"""What the commands of a sync share: where they read how to sync, and that no password stands on a command line."""

from __future__ import annotations

import sys

from ..config import resolve
from ..errors import ConfigError
from ..sync.config import DATABASE, ENGINE, SyncConfig, holds_password, load_sync


def loaded(
    config: str | None, *, accounts: str | None = None, database: str | None = None, engine: str | None = None
) -> SyncConfig:
    """
    Read how to sync.

    Args:
        config: The accounts file, if not at its usual places.
        accounts: A function that gives the accounts instead, `package.module:function`; it may lie in the working folder.
        database: Where the mirror is kept, as the command line says.
        engine: By which database machines share their work, as the command line says.

    Raises:
        ConfigError: Something is missing or wrong, or a password stands on the command line.
    """
    if accounts is not None and "" not in sys.path:
        sys.path.insert(0, "")  # as `python -m` has it: the function is the user's own
    return load_sync(
        config,
        accounts=accounts,
        database=address_given("--database", database, DATABASE),
        engine=address_given("--engine", engine, ENGINE),
    )


def address_given(option: str, address: str | None, variable: str) -> str | None:
    """
    An address as a command line has it, or what its reference leads to.

    Args:
        option: The option's name.
        address: What it was given.
        variable: The environment variable that is the place for an address with a password.

    Raises:
        ConfigError: A password stands in it, or the reference leads nowhere.
    """
    if address is not None and holds_password(address):
        raise ConfigError(
            f"other users can read what stands on a command line: put an address with a password into ${variable}, "
            f"or say {option} env:NAME or file:PATH"
        )
    found: str | None = resolve(option, address, secret=False)
    return found
