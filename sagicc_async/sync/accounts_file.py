"""`AccountsFile`: the accounts of `accounts.toml`, read anew at every round, each standing or falling by itself."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, NoReturn

import attrs

from ..adapter import Adapter, settings_of
from ..config import AccountConfig, ConfigFile, config_path, settings_from_env
from ..declared import DeclaredAdapter, load
from ..errors import AdapterNotFound, ConfigError
from ..registry import find_adapter
from ..vendor_names import check_vendors
from .accounts import SyncAccount, check_label
from .entries import EntryReader, names, names_by_vendor, pace, read_entries

#: What `[NAME.sync]` may say.
_OF_AN_ACCOUNT: Final[Mapping[str, EntryReader]] = {"resources": names, "every": pace}
#: How the name of a resource file ends, which stands where a vendor's name may.
_RESOURCE_FILE: Final = ".toml"
#: What can be done where there is no file.
OTHERWISE: Final = "name a function that gives the accounts: --accounts package.module:function"


class AccountsFile:
    """
    The accounts of an `accounts.toml`, as an `AccountSource`.

        [acme]
        vendor = "siigo"
        username = "env:ACME_USERNAME"
        access_key = "file:/run/secrets/acme"
        [acme.sync]                             # may be left out
        resources = ["invoices", "customers"]
        every = "5m"

        [sync]
        resources.siigo = ["invoices"]          # for accounts that do not say it themselves

    The file is read anew at every iteration, and its references whenever credentials are asked for: accounts come and go
    and secrets change without a restart. An account whose table is wrong is given like the others; to open it raises the
    `ConfigError` that says what is wrong. A setting that the file does not say is taken from the environment
    (`SIIGO_PARTNER_ID`), if it stands there.

    Args:
        path: The file; see `config_path`.
        environ: The environment, if not the process's own.

    Raises:
        ConfigError: There is no such file. When iterated: it cannot be read, is not TOML, or `[sync]` is wrong.
    """

    def __init__(self, path: str | os.PathLike[str] | None = None, *, environ: Mapping[str, str] | None = None) -> None:
        self.path: Path = config_path(path, environ, otherwise=OTHERWISE)
        self._environ = environ
        self._latest: tuple[tuple[int, ...], ConfigFile] | None = None

    async def __aiter__(self) -> AsyncIterator[SyncAccount]:
        for account in await asyncio.to_thread(self.accounts):
            yield account

    def __repr__(self) -> str:
        return f"<AccountsFile {self.path}>"

    def accounts(self) -> list[SyncAccount]:
        """
        The accounts as they are in the file now, in its order.

        Raises:
            ConfigError: It cannot be read, is not TOML, or `[sync]` is wrong.
        """
        file = self.read()
        table = file.sync.get("resources", {}) if isinstance(file.sync, Mapping) else file.sync
        shared = read_entries(f"{file.path} [sync]", {"resources": table}, {"resources": names_by_vendor})["resources"]
        check_resources(file, shared)
        return [self._account(file, name, shared) for name in file.accounts]

    def read(self) -> ConfigFile:
        """
        The file as it is now.

        It is parsed only if it has changed: each of a thousand accounts asks for its credentials by itself.

        Raises:
            ConfigError: It cannot be read, or is not TOML.
        """
        try:
            found = self.path.stat()
        except OSError as error:
            raise ConfigError(f"{self.path} cannot be read: {error.strerror}") from None
        version = (found.st_mtime_ns, found.st_size, found.st_ino)
        latest = self._latest
        if latest is None or latest[0] != version:
            self._latest = latest = version, ConfigFile.read(self.path)
        return latest[1]

    def credentials(self, name: str) -> Mapping[str, Any]:
        """
        The credentials of an account as they are now.

        Raises:
            AdapterNotFound: Its vendor's adapter is not installed.
            ConfigError: There is no such account any more, or a reference leads nowhere.
        """
        file = self.read()
        outline = file.outline(name, environ=self._environ)
        vendor = _vendor(file, name)
        kind = find_adapter(vendor) if isinstance(vendor, str) else vendor
        kind = kind.specialised(settings_of(kind, self._settings(outline, kind)))
        return file.account(name, secrets=kind.credentials, environ=self._environ).credentials

    def _account(self, file: ConfigFile, name: str, shared: Mapping[str, Sequence[str]]) -> SyncAccount:
        try:
            check_label(name)
        except ConfigError as error:
            return _unusable(file, name, f"{file.path} [{name!r}]: {error}")
        try:
            outline, vendor = file.outline(name, environ=self._environ), _vendor(file, name)
            own = read_entries(f"{file.path} [{name}.sync]", file.accounts[name].get("sync", {}), _OF_AN_ACCOUNT)
            return SyncAccount(
                name=name,
                vendor=vendor,
                credentials=_Credentials(self, name),
                base_url=outline.base_url,
                settings=self._settings(outline, _known(vendor)),
                resources=own.get("resources", shared.get(vendor if isinstance(vendor, str) else vendor.vendor)),
                every=own.get("every"),
            )
        except ConfigError as error:
            return _unusable(file, name, str(error))

    def _settings(self, outline: AccountConfig, kind: type[Adapter] | None) -> Mapping[str, Any]:
        return outline.settings if kind is None else settings_of_account(kind, outline.settings, self._environ)


def settings_of_account(
    kind: type[Adapter], given: Mapping[str, Any], environ: Mapping[str, str] | None = None
) -> Mapping[str, Any]:
    """
    What the file says of an account, over what the environment says of its vendor.

    Args:
        kind: The vendor's adapter.
        given: The settings of the file.
        environ: The environment, if not the process's own.

    Raises:
        ConfigError: A variable's value is not of its setting's type.
    """
    found = settings_from_env(kind.vendor, kind.settings_class, environ, credentials=kind.credentials)
    if issubclass(kind, DeclaredAdapter) and kind.declaration is not None:
        found.pop("declaration", None)  # the account names the file itself
    return {**found, **given}


def check_resources(file: ConfigFile, resources: Iterable[str]) -> None:
    """
    See that `resources` of `[sync]` is for vendors that there are.

    Raises:
        ConfigError: There is no such vendor.
    """
    accounts = (name for name, table in file.accounts.items() if isinstance(table, Mapping))
    check_vendors(f"{file.path} [sync] resources", resources, (_vendor_name(file, name) for name in accounts))


@attrs.frozen
class _Credentials:
    """Those of an account, whenever they are asked for; equal at every round, so that the account keeps its token."""

    file: AccountsFile
    name: str

    def __call__(self) -> Mapping[str, Any]:
        return self.file.credentials(self.name)


class _Unusable(Mapping[str, Any]):
    """Stands in for the settings of an account whose table is wrong: who opens the account with them is told why."""

    def __init__(self, problem: str) -> None:
        self._problem = problem

    def __iter__(self) -> Iterator[str]:
        raise ConfigError(self._problem)

    def __getitem__(self, key: str) -> NoReturn:
        raise ConfigError(self._problem)

    def __len__(self) -> int:
        raise ConfigError(self._problem)

    def __repr__(self) -> str:
        return "<the table is wrong>"


def _unusable(file: ConfigFile, name: str, problem: str) -> SyncAccount:
    table = file.accounts[name]
    vendor = table.get("vendor") if isinstance(table, Mapping) else None
    shown = name.replace("\0", "\\0")  # what no account may be called, none is called in what is told of it
    return SyncAccount(name=shown, vendor=str(vendor or ""), credentials={}, settings=_Unusable(problem))


def _known(vendor: str | type[Adapter]) -> type[Adapter] | None:
    try:
        return find_adapter(vendor) if isinstance(vendor, str) else vendor
    except AdapterNotFound:  # opening it will say so
        return None


def _vendor_name(file: ConfigFile, name: str) -> str:
    """Whose account it is; empty where that cannot be told, which opening it will say."""
    try:
        vendor = _vendor(file, name)
    except ConfigError:
        return ""
    return vendor if isinstance(vendor, str) else vendor.vendor


def _vendor(file: ConfigFile, name: str) -> str | type[Adapter]:
    """
    Whose account it is: an adapter's name, or the class that a resource file describes.

    Raises:
        ConfigError: The table does not say, or the resource file cannot be used.
    """
    named = file.accounts[name].get("vendor")
    if not isinstance(named, str) or not named:
        raise ConfigError(f'{file.path} [{name}]: say whose account it is: vendor = "..."')
    return load(named) if named.endswith(_RESOURCE_FILE) else named
