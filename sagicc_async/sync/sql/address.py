"""The address of a database, as users write it."""

from __future__ import annotations

import importlib
from typing import Final

import sqlalchemy
from sqlalchemy.engine import URL, make_url

from ...errors import ConfigError

#: By the scheme: the driver that we use, and what to install for it.
_DRIVERS: Final = {
    "sqlite": ("aiosqlite", "sync"),
    "postgresql": ("psycopg", "sync,postgres"),
    "postgres": ("psycopg", "sync,postgres"),
}
_EXAMPLES: Final = "sqlite:///mirror.db or postgresql://user:password@host/database"


def address_of(url: str) -> URL:
    """
    Read an address, and see that its driver is installed.

    Raises:
        ConfigError: It is none that we know, or a package is missing. The message does not quote it.
    """
    try:
        parsed: URL | None = make_url(url)
    except (sqlalchemy.exc.ArgumentError, ValueError):  # the latter of a port that is no number
        parsed = None
    # Raised outside of the handler: SQLAlchemy's own error quotes the address, which may have a password in it.
    if parsed is None:
        raise ConfigError(f"this is no address of a database: write {_EXAMPLES}")
    scheme = parsed.drivername.partition("+")[0]
    if scheme not in _DRIVERS:
        raise ConfigError(f"a database can be SQLite or PostgreSQL, not {scheme}: write {_EXAMPLES}")
    driver, extra = _DRIVERS[scheme]
    try:
        importlib.import_module(driver)
    except ImportError:
        raise ConfigError(f"{scheme} needs {driver}: pip install 'sagicc-async[{extra}]'") from None
    return parsed.set(drivername=f"{'sqlite' if scheme == 'sqlite' else 'postgresql'}+{driver}")


def shown(url: URL) -> str:
    """The address for people: without user, password and options."""
    if url.get_backend_name() == "sqlite":
        return f"sqlite:///{url.database or ':memory:'}"
    # A password with an @ or a / in it, not written as %40 or %2F, would be taken for a part of what is shown.
    host, database = url.host or "localhost", url.database or ""
    if "@" in host + database:
        raise ConfigError("in user and password of a database's address, : / @ are written as %3A %2F %40")
    return f"postgresql://{host}:{url.port or 5432}/{database}"
