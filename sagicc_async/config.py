"""Accounts and their secrets from outside the program: `accounts.toml` and environment variables."""

from __future__ import annotations

import itertools
import os
import tomllib
from collections.abc import Callable, Iterator, Mapping
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any, ClassVar, Final, Self, TypeVar

import attrs
import platformdirs

from .errors import ConfigError
from .secrets import Secret
from .setting_values import options_of, read_text, types_of
from .vendor_names import check_vendors

C = TypeVar("C")

#: Further schemes of secret references come from here: name -> callable that takes the text behind the colon.
SECRET_SCHEMES: Final = "sagicc_async.secrets"
_RESERVED: Final = frozenset({"vendor", "base_url", "settings", "sync"})
#: The tables of a file that are no accounts: settings by vendor, and how all of them are synced.
_SETTINGS: Final = "settings"
_SYNC: Final = "sync"


@attrs.frozen(kw_only=True)
class AccountConfig:
    """
    An account as a configuration describes it.

    Args:
        name: Its label.
        vendor: Entry-point name of the adapter; empty if the configuration does not say.
        base_url: Where the vendor is, if not at the adapter's own address.
        credentials: Fields of the adapter's credentials class; secrets are `Secret`.
        settings: The adapter's settings: the account's own, laid over those that the file gives for its vendor.
    """

    name: str
    vendor: str = ""
    base_url: str | None = None
    credentials: Mapping[str, Any] = attrs.field(factory=dict, repr=False)
    settings: Mapping[str, Any] = attrs.field(factory=dict)


@attrs.frozen(kw_only=True)
class Credentials:
    """Base of an adapter's credentials class: it can be read from the environment."""

    #: Entry-point name of the adapter, which prefixes the variables.
    vendor: ClassVar[str]

    @classmethod
    def from_env(cls, environ: Mapping[str, str] | None = None) -> Self:
        """
        Read `<VENDOR>_<FIELD>` for every field.

        Args:
            environ: The environment, if not the process's own.

        Raises:
            ConfigError: A field without a default is not set, or not fit to be one.
        """
        fields = credentials_from_env(cls.vendor, cls, environ)[0]
        try:
            return cls(**fields)
        except (TypeError, ValueError):
            pass  # raised below, without the error that may quote a value
        raise ConfigError(f"one of {', '.join(_variable(cls.vendor, name) for name in fields)} does not fit")


def credentials_from_env(
    vendor: str, kind: type[Any], environ: Mapping[str, str] | None = None
) -> tuple[dict[str, Any], str | None]:
    """
    Read `<VENDOR>_<FIELD>` for every field of a credentials class, and `<VENDOR>_BASE_URL`.

    Args:
        vendor: Entry-point name of the adapter.
        kind: Its credentials class.
        environ: The environment, if not the process's own.

    Returns:
        The fields that are set, and the base URL or `None`.

    Raises:
        ConfigError: A field without a default is not set; the message names the variables.
    """
    environ = os.environ if environ is None else environ
    found: dict[str, Any] = {}
    missing: list[str] = []
    for field in attrs.fields(kind):
        variable = _variable(vendor, field.name)
        if environ.get(variable):
            found[field.name] = _secret(variable, environ[variable]) if _is_secret(field) else environ[variable]
        elif field.default is attrs.NOTHING:
            missing.append(variable)
    if missing:
        raise ConfigError(f"set {', '.join(missing)} in the environment, or name an account of accounts.toml")
    return found, environ.get(_variable(vendor, "base_url")) or None


def settings_from_env(
    vendor: str,
    kind: type[Any],
    environ: Mapping[str, str] | None = None,
    *,
    credentials: type[Any] | None = None,
) -> dict[str, Any]:
    """
    Read `<VENDOR>_<SETTING>` for every setting that is set: texts, numbers, `true` or `false`, or one of a few words.

    An empty variable counts as not set. Where a setting may be `None`, `none` or nothing says so. Settings of other
    types are passed over.

    Args:
        vendor: Entry-point name of the adapter.
        kind: Its settings class.
        environ: The environment, if not the process's own.
        credentials: Its credentials class, whose variables are no settings.

    Raises:
        ConfigError: A value is not of its setting's type; the message names the variable and what it takes.
    """
    environ = os.environ if environ is None else environ
    taken = {"base_url", *(field.name for field in attrs.fields(credentials))} if credentials else {"base_url"}
    hints = types_of(kind)
    found: dict[str, Any] = {}
    for field in attrs.fields(kind):
        variable = _variable(vendor, field.name)
        text, options = environ.get(variable), options_of(hints.get(field.name))
        if text is None or field.name in taken or not field.init or not options:
            continue
        if text or type(None) in options:
            found[field.name] = read_text(variable, text, options)
    return found


def config_path(
    given: str | os.PathLike[str] | None = None,
    environ: Mapping[str, str] | None = None,
    *,
    otherwise: str = "set environment variables",
) -> Path:
    """
    Where `accounts.toml` is: the path given, `$SAGICC_ASYNC_CONFIG`, `./accounts.toml`, the user's config folder.

    Args:
        given: The path, if somebody has named one.
        environ: The environment, if not the process's own.
        otherwise: What can be done instead of writing a file, for the error.

    Raises:
        ConfigError: It is at none of them.
    """
    environ = os.environ if environ is None else environ
    named = given or environ.get("SAGICC_ASYNC_CONFIG")
    if named:
        if not Path(named).is_file():
            raise ConfigError(f"there is no configuration file {os.fspath(named)}")
        return Path(named)
    places = [Path("accounts.toml"), platformdirs.user_config_path("sagicc-async") / "accounts.toml"]
    for place in places:
        if place.is_file():
            return place
    raise ConfigError(f"no accounts.toml found ({', '.join(map(str, places))}); write one, or {otherwise}")


def load_account(
    name: str,
    *,
    path: str | os.PathLike[str] | None = None,
    secrets: type[Any] | None = None,
    environ: Mapping[str, str] | None = None,
) -> AccountConfig:
    """
    Read one account of `accounts.toml`.

        [acme-serpi]
        vendor = "serpi"
        base_url = "env:ACME_SERPI_URL"  # may be left out: the adapter's own
        token = "env:ACME_SERPI_TOKEN"
        secretkey = "file:/run/secrets/serpi_secretkey"
        [acme-serpi.settings]
        page_size = 50

        [settings.serpi]                 # for every account of the vendor, unless it says otherwise itself
        settle = 60

    To hand `settings` to `open` is to let them go before those of `SessionManager(settings=...)`.

    Args:
        name: The table's name.
        path: The file; see `config_path`.
        secrets: The adapter's credentials class, which tells which fields are secret; without it whatever is referred
            to counts as one, until `open` knows better. It also names the vendor of an account that does not.
        environ: The environment, if not the process's own.

    Raises:
        ConfigError: No such file, account or secret; broken TOML; or a bare secret where a reference belongs.
    """
    return ConfigFile.read(config_path(path, environ)).account(name, secrets=secrets, environ=environ)


@attrs.frozen(kw_only=True)
class ConfigFile:
    """
    `accounts.toml` as it was read; a table is looked into when it is asked for, so that a wrong one harms no other.

    Args:
        path: Where it is.
        accounts: The accounts' tables, by name.
        shared: `[settings]`, which has a table for each vendor.
        sync: `[sync]`.
    """

    path: Path
    accounts: Mapping[str, Any] = attrs.field(repr=False)
    shared: Any = attrs.field(repr=False)
    sync: Any = attrs.field(repr=False)

    @classmethod
    def read(cls, path: Path) -> ConfigFile:
        """
        Read the file.

        Raises:
            ConfigError: It cannot be read, or is not TOML.
        """
        try:
            tables = tomllib.loads(path.read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigError(f"{path} cannot be read: {type(error).__name__}") from None
        except tomllib.TOMLDecodeError as error:
            raise ConfigError(f"{path} is not TOML: {error}") from None
        shared, sync = tables.pop(_SETTINGS, {}), tables.pop(_SYNC, {})
        return cls(path=path, accounts=tables, shared=shared, sync=sync)

    def account(
        self, name: str, *, secrets: type[Any] | None = None, environ: Mapping[str, str] | None = None
    ) -> AccountConfig:
        """One account, its secrets as they are now; see `load_account`."""
        outline = self.outline(name, vendor=getattr(secrets, "vendor", ""), environ=environ)
        secret = {field.name: _is_secret(field) for field in attrs.fields(secrets)} if secrets else {}
        credentials = {
            key: resolve(f"{self.path} [{name}] {key}", value, secret=secret.get(key), environ=environ)
            for key, value in self.accounts[name].items()
            if key not in _RESERVED
        }
        return attrs.evolve(outline, credentials=credentials)

    def outline(self, name: str, *, vendor: str = "", environ: Mapping[str, str] | None = None) -> AccountConfig:
        """
        One account without its credentials.

        Args:
            name: The table's name.
            vendor: Whose settings to take if the table does not say whose account it is.
            environ: The environment, if not the process's own.

        Raises:
            ConfigError: No such account, or something in it is wrong.
        """
        file, table, shared = self.path, self.accounts.get(name), self.shared
        if name in self.accounts and not isinstance(table, Mapping):
            raise ConfigError(
                f"{file}: {name} is no table, and so no account; an account is a table of its own, [NAME]"
            )
        if not isinstance(table, Mapping):
            known = sorted(other for other, found in self.accounts.items() if isinstance(found, Mapping))
            raise ConfigError(f"{file} has no account {name!r}; it has {', '.join(known) or 'none'}")
        base_url, settings = table.get("base_url"), table.get("settings", {})
        if not isinstance(base_url, str | None) or not isinstance(settings, Mapping):
            raise ConfigError(f"{file} [{name}]: base_url is a text, and settings is a table")
        if not isinstance(shared, Mapping) or not all(isinstance(given, Mapping) for given in shared.values()):
            raise ConfigError(f"{file} [settings]: it has a table for each vendor, [settings.VENDOR]")
        named = str(table.get("vendor", ""))
        check_vendors(f"{file} [settings]", shared, itertools.chain([named or vendor], self._vendors()))
        return AccountConfig(
            name=name,
            vendor=named,
            base_url=resolve(f"{file} [{name}] base_url", base_url, secret=False, environ=environ),
            settings={**shared.get(named or vendor, {}), **settings},
        )

    def _vendors(self) -> Iterator[str]:
        """What the accounts say of whose they are; empty for one that does not say it."""
        for table in self.accounts.values():
            if isinstance(table, Mapping):
                yield str(table.get("vendor", ""))


def secret_fields(kind: type[Any]) -> frozenset[str]:
    """The fields of a credentials class that are secrets, for which a file has a reference."""
    return frozenset(field.name for field in attrs.fields(kind) if _is_secret(field))


def _variable(vendor: str, name: str) -> str:
    return f"{vendor}_{name}".upper().replace("-", "_")


def _is_secret(field: Any) -> bool:
    return field.converter is Secret or field.type in (Secret, "Secret", Secret | None, "Secret | None")


def _secret(where: str, text: str) -> Secret:
    try:
        return Secret(text)
    except ConfigError as error:
        raise ConfigError(f"{where}: {error}") from None


def resolve(where: str, value: Any, *, secret: bool | None, environ: Mapping[str, str] | None = None) -> Any:
    """
    Follow a reference (`env:NAME`, `file:PATH`, and the schemes of `SECRET_SCHEMES`); another value is given as it is.

    Args:
        where: The value's place, for errors.
        value: What stands there.
        secret: Whether it is to be a `Secret`, for which only a reference may stand. Where nobody knows (`None`), what a
            reference gives is one.
        environ: The environment, if not the process's own.

    Raises:
        ConfigError: A bare secret, or a reference that leads nowhere.
    """
    scheme, colon, rest = value.partition(":") if isinstance(value, str) else ("", "", "")
    resolver = _resolver(scheme, environ) if colon else None
    if resolver is None:
        if secret:
            raise ConfigError(f"{where}: a secret does not belong into the file; write env:NAME or file:PATH")
        return value
    text, failure = None, f"{scheme}:{rest} gives no text"
    try:
        text = resolver(rest)
    except Exception as error:  # noqa: BLE001 - further schemes are other people's code
        failure = _unread(scheme, rest, error)
    if not isinstance(text, str):
        raise ConfigError(f"{where}: {failure}")  # outside of the `except`: the error in there may quote a secret
    return text if secret is False else _secret(where, text)


def _unread(scheme: str, rest: str, error: Exception) -> str:
    """Why a reference leads nowhere; of a further scheme's error only what it is called, since its text may quote a secret."""
    if scheme == "env":
        return f"the environment variable {rest} is not set"
    if scheme != "file":
        return f"{scheme}:{rest} cannot be followed ({type(error).__name__})"
    if isinstance(error, UnicodeDecodeError):
        return f"{rest} is not UTF-8 text"
    return f"{rest} cannot be read: {getattr(error, 'strerror', None) or error}"


def _resolver(scheme: str, environ: Mapping[str, str] | None) -> Callable[[str], str] | None:
    """What follows references of a scheme; further ones cannot replace ours, and are looked for only where needed."""
    variables = os.environ if environ is None else environ
    own: dict[str, Callable[[str], str]] = {
        "env": lambda name: variables[name],
        "file": lambda path: Path(path).expanduser().read_text(encoding="utf-8").strip(),
    }
    if scheme in own:
        return own[scheme]
    point = next((point for point in entry_points(group=SECRET_SCHEMES) if point.name == scheme), None)
    if point is None:
        return None

    def further(text: str) -> str:
        follow: Callable[[str], str] = point.load()  # here, where what goes wrong is told of
        return follow(text)

    return further
