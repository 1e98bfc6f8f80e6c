"""`load_sync`: what is synced, from where, into what and how, as a file, the environment and a command line say it."""

from __future__ import annotations

import os
import re
from collections.abc import AsyncIterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, Literal
from urllib.parse import parse_qs, urlsplit

import attrs

from ..config import ConfigFile, config_path, resolve
from ..errors import ConfigError
from ..vendor_names import check_vendors
from .accounts import AccountSource, SyncAccount
from .accounts_file import OTHERWISE, AccountsFile, check_resources
from .accounts_function import accounts_from
from .entries import EntryReader, names_by_vendor, number, one_of, read_entries, seconds, text, whole
from .settings import SyncSettings
from .sink import Sink

DATABASE: Final = "SAGICC_ASYNC_DATABASE"
ENGINE: Final = "SAGICC_ASYNC_ENGINE"
#: Where the mirror is if nobody says.
DEFAULT_DATABASE: Final = "sqlite:///sagicc-async.db"

_SETTINGS: Final[Mapping[str, EntryReader]] = {
    "every": seconds,
    "jitter": number,
    "at_once": whole,
    "turn": seconds,
    "batch": whole,
    "overlap": seconds,
    "whole_every": seconds,
    "failures": whole,
    "patience": seconds,
}
_ENTRIES: Final[Mapping[str, EntryReader]] = {
    "database": text,
    "folder": text,
    "format": one_of("jsonl", "parquet"),
    "engine": text,
    "timezone": text,
    "resources": names_by_vendor,
    **_SETTINGS,
}
#: A password as libpq's own form of an address has it: `host=db password=...`.
_PASSWORD: Final = re.compile(r"\bpassword\s*=", re.IGNORECASE)


@attrs.frozen(kw_only=True)
class SyncConfig:
    """
    What is synced, from where, into what and how.

    Args:
        source: The accounts.
        settings: How to go about it.
        database: Address of the database that the mirror is kept in; `None` if it is kept in a folder.
        folder: The folder; `None` if it is kept in a database.
        format: What a folder's files are.
        engine: Address of the database that many machines share their work by; `None` if this process works alone.
        timezone: Where the accounts live, for `SessionManager`.
        chosen: Whether somebody has said where the mirror is to be kept.
    """

    source: AccountSource
    settings: SyncSettings
    database: str | None = attrs.field(default=None, repr=False)
    folder: Path | None = None
    format: Literal["jsonl", "parquet"] = "jsonl"
    engine: str | None = attrs.field(default=None, repr=False)
    timezone: str = "UTC"
    chosen: bool = True

    def sink(self) -> Sink:
        """
        Make the sink; nothing is opened yet.

        Raises:
            ConfigError: There is no such kind of database, or what it needs is not installed.
        """
        # Each is imported where it is asked for: both need packages of their own.
        if self.folder is not None:
            from .folder import FolderSink  # noqa: PLC0415

            return FolderSink(self.folder, format=self.format)
        from .sql import DatabaseSink  # noqa: PLC0415

        return DatabaseSink(self.database or DEFAULT_DATABASE)


def load_sync(
    path: str | os.PathLike[str] | None = None,
    *,
    accounts: str | None = None,
    database: str | None = None,
    engine: str | None = None,
    environ: Mapping[str, str] | None = None,
) -> SyncConfig:
    """
    Read how to sync: the table `[sync]` of `accounts.toml`, under what the environment and the caller say.

        [sync]
        database = "env:MIRROR"          # or folder = "mirror", with format = "jsonl" or "parquet"
        every = "15m"
        at_once = 50
        timezone = "America/Bogota"
        resources.siigo = ["invoices", "customers"]

    Args:
        path: The file; see `config_path`. Where `accounts` is given there need not be one.
        accounts: A function that gives the accounts, instead of the file; see `accounts_from`.
        database: Where the mirror is kept; by default `$SAGICC_ASYNC_DATABASE`, else what the file says, else
            `sqlite:///sagicc-async.db`.
        engine: The database that many machines share their work by; by default `$SAGICC_ASYNC_ENGINE`, else what the file
            says, else none.
        environ: The environment, if not the process's own.

    Raises:
        ConfigError: There is no such file, something in it is wrong, or the function cannot be found. A password that
            stands in the file is wrong too.
    """
    environ = os.environ if environ is None else environ
    file = _file(path, environ, needed=accounts is None)
    where = f"{file.path} [sync]" if file else "[sync]"
    found = read_entries(where, file.sync, _ENTRIES) if file else {}
    if "folder" in found and "database" in found:
        raise ConfigError(f"{where}: folder and database exclude each other")
    try:
        settings = SyncSettings(**{name: value for name, value in found.items() if name in _SETTINGS})
    except ValueError as error:
        raise ConfigError(f"{where}: {error.args[0]}") from None
    named = database or environ.get(DATABASE)
    folder = None if named else found.get("folder")
    address = named or _address(where, found, "database", environ)
    shared = engine or environ.get(ENGINE) or _address(where, found, "engine", environ)
    if folder and shared:
        raise ConfigError(f"{where}: many machines cannot write into one folder; keep the mirror in a database")
    return SyncConfig(
        source=_source(file, accounts, found.get("resources", {}), environ),
        settings=settings,
        database=None if folder else address or DEFAULT_DATABASE,
        folder=Path(folder) if folder else None,
        format=found.get("format", "jsonl"),
        engine=shared,
        timezone=found.get("timezone", "UTC"),
        chosen=bool(folder or address),
    )


def holds_password(address: str) -> bool:
    """Whether a password stands in an address, in any of the places where one may."""
    try:
        parts = urlsplit(address)
        inside = bool(parts.password) or any("password" in name.lower() for name in parse_qs(parts.query))
    except ValueError:  # no address at all: whoever opens it will say so
        inside = False
    return inside or bool(_PASSWORD.search(address))


def _file(path: str | os.PathLike[str] | None, environ: Mapping[str, str], *, needed: bool) -> ConfigFile | None:
    try:
        found = config_path(path, environ, otherwise=OTHERWISE)
    except ConfigError:
        if needed or path is not None:
            raise
        return None
    return ConfigFile.read(found)


def _address(where: str, found: Mapping[str, Any], name: str, environ: Mapping[str, str]) -> str | None:
    written = found.get(name)
    if written is not None and holds_password(written):
        raise ConfigError(f"{where} {name}: a password does not belong into the file; write env:NAME or file:PATH")
    address: str | None = resolve(f"{where} {name}", written, secret=False, environ=environ)
    return address


def _source(
    file: ConfigFile | None, accounts: str | None, resources: Mapping[str, Sequence[str]], environ: Mapping[str, str]
) -> AccountSource:
    if accounts is not None:
        return _WithResources(accounts_from(accounts), resources, f"{file.path} [sync] resources" if file else "")
    assert file is not None
    check_resources(file, resources)
    return AccountsFile(file.path, environ=environ)


@attrs.frozen
class _WithResources:
    """
    Accounts of a source that does not say which resources, with those that the file names for their vendor.

    Raises:
        ConfigError: At the end of a look, once the accounts are given: the name of a vendor in the file looks like a slip.
    """

    source: AccountSource
    resources: Mapping[str, Sequence[str]]
    where: str

    async def __aiter__(self) -> AsyncIterator[SyncAccount]:
        vendors = {""}  # an account that comes later may be anybody's
        async for account in self.source:
            vendor = account.vendor if isinstance(account.vendor, str) else account.vendor.vendor
            vendors.add(vendor)
            listed = self.resources.get(vendor) if account.resources is None else account.resources
            yield attrs.evolve(account, resources=listed)
        check_vendors(self.where, self.resources, vendors)
