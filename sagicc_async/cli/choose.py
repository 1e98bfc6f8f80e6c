"""From the names that a user types to adapters, resources, filters and accounts; near misses get a suggestion."""

from __future__ import annotations

import difflib
import enum
import os
import typing
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any, Final, Literal
from urllib.parse import urlsplit

import attrs

from ..adapter import Adapter, Settings, settings_of
from ..config import AccountConfig, credentials_from_env, load_account
from ..declared import DeclaredAdapter, load
from ..error_share.files import FileErrorCounts
from ..errors import AdapterNotFound, ConfigError
from ..manager import SessionManager
from ..records.shape import is_union
from ..registry import find_adapter, installed_adapters
from ..resource import Resource, capabilities_of
from ..sync.accounts_file import settings_of_account
from ..tokens.coordination.address import VARIABLE as COORDINATOR

#: How the name of a resource file ends, which stands where a vendor's name may.
_RESOURCE_FILE: Final = ".toml"
#: The setting that names one, for adapters that take one.
_DECLARATION: Final = "declaration"
_ENVIRONMENT: Final = "the environment"


@attrs.frozen(kw_only=True)
class Access:
    """
    How an account is reached.

    Args:
        kind: The adapter class.
        credentials: For `open`: the fields, or a callable that reads them again when the vendor refuses them.
        base_url: Where the vendor is, if not at the adapter's own address.
        settings: The adapter's settings.
        account: The label.
        source: Where the credentials come from, for people.
        settings_source: Where the settings come from, for people.
    """

    kind: type[Adapter]
    credentials: Mapping[str, Any] | Callable[[], Mapping[str, Any]] = attrs.field(repr=False)
    base_url: str | None
    settings: Mapping[str, Any]
    account: str
    source: str
    settings_source: str

    def open(self, sessions: SessionManager, **settings: Any) -> Adapter:
        """
        Open the account.

        Raises:
            ConfigError: A setting, a credential or the address cannot be.
        """
        chosen = {**self.settings, **{name: value for name, value in settings.items() if value is not None}}
        _checked(self.kind, chosen, self.settings_source)
        return sessions.open(self.kind, self.credentials, account=self.account, base_url=self.base_url, **chosen)


def adapter_named(name: str, account: str | None = None, config: str | None = None) -> type[Adapter]:
    """
    The adapter of a vendor.

    Args:
        name: The vendor's, or the path of a resource file that describes it.
        account: Whose settings say which resource file, where the adapter takes one; `None` for the environment.
        config: The file of accounts, if not at its usual places.

    Raises:
        AdapterNotFound: None is installed, or it does not load.
        ConfigError: The resource file is missing, or wrong.
    """
    if name.endswith(_RESOURCE_FILE) or os.sep in name:
        return load(Path(name))
    kind = _installed(name)
    if not issubclass(kind, DeclaredAdapter):
        return kind
    found = None if account is None else load_account(account, path=config, secrets=kind.credentials)
    return kind.specialised(_checked(kind, *_settings(kind, found)))


def _installed(name: str) -> type[Adapter]:
    try:
        return find_adapter(name)
    except AdapterNotFound as error:
        vendors = [found.vendor for found in installed_adapters()]
        near = "" if name in vendors else _near(name, vendors)
        if near:  # nobody should be told to install a package that is named after a slip of the finger
            raise AdapterNotFound(
                f"no adapter named {name!r} is installed; installed: {', '.join(vendors)}{near}"
            ) from error
        raise


def access_to(kind: type[Adapter], account: str | None, config: str | None) -> Access:
    """
    The credentials that a user has set up.

    Args:
        kind: The adapter class, as `adapter_named` gives it.
        account: A table of `accounts.toml`; `None` for the environment.
        config: The file, if not at its usual places.

    Raises:
        ConfigError: Something is missing or wrong; the message says where to set it.
    """
    if account is None:
        if config is not None:
            raise ConfigError("--config names a file of accounts; say which one by --account NAME")
        credentials, base_url = credentials_from_env(kind.vendor, kind.credentials)
        settings, settings_source = _settings(kind, None)
        return Access(
            kind=kind,
            credentials=credentials,
            base_url=base_url,
            settings=_left(kind, settings),
            account="default",
            source=_ENVIRONMENT,
            settings_source=settings_source,
        )

    def read() -> AccountConfig:
        return load_account(account, path=config, secrets=kind.credentials)

    found = read()
    vendor = load(found.vendor).vendor if found.vendor.endswith(_RESOURCE_FILE) else found.vendor
    if vendor not in ("", kind.vendor):
        raise ConfigError(f"the account {account!r} is one of {vendor}, not of {kind.vendor}")
    settings, settings_source = _settings(kind, found)
    return Access(
        kind=kind,
        credentials=lambda: read().credentials,
        base_url=found.base_url,
        settings=_left(kind, settings),
        account=account,
        source=f"the account {account!r}",
        settings_source=settings_source,
    )


def _settings(kind: type[Adapter], account: AccountConfig | None) -> tuple[Mapping[str, Any], str]:
    """The settings of an account, or of the environment, and where they come from; the same as those that a sync takes."""
    if account is None:
        return settings_of_account(kind, {}), _ENVIRONMENT
    found = settings_of_account(kind, account.settings)
    source = f"the account {account.name!r}"
    return found, source if found.keys() == account.settings.keys() else f"{source} and {_ENVIRONMENT}"


def _checked(kind: type[Adapter], given: Mapping[str, Any], source: str) -> Settings:
    """
    The settings, if they can be.

    Raises:
        ConfigError: They cannot; the message says where they come from.
    """
    try:
        return settings_of(kind, given)
    except ConfigError as error:
        reason = str(error)
    raise ConfigError(f"{reason} - see {source}")


def _left(kind: type[Adapter], settings: Mapping[str, Any]) -> Mapping[str, Any]:
    """The settings that are not spent: a class that a resource file describes is not made anew of another one."""
    if not issubclass(kind, DeclaredAdapter):
        return settings
    return {name: value for name, value in settings.items() if name != _DECLARATION}


def managing(coordinator: str | None, **settings: Any) -> SessionManager:
    """
    The session manager of a command: it counts errors, and shares tokens, with the user's other processes.

    Args:
        coordinator: Who else uses the tokens, as an address; `None` for what the environment says.
        settings: What else the manager is told.

    Raises:
        ConfigError: There is no such coordinator, or its address has a password in it.
    """
    if coordinator is not None and urlsplit(coordinator).password:
        raise ConfigError(
            f"other users can read what stands on a command line: put an address with a password into ${COORDINATOR}"
        )
    return SessionManager(error_counts=FileErrorCounts(), coordinator=coordinator, **settings)


def filters_of(kind: type[Adapter], resource: type[Resource[Any]], where: Sequence[str]) -> dict[str, Any]:
    """
    Read `NAME=VALUE` into keywords of `list`; a name that is given again is a list, where there may be one.

    Raises:
        ConfigError: There is no such filter, it is given too often, or the value is not of its type.
    """
    able = capabilities_of(resource)
    hints = typing.get_type_hints(resource.list)
    given: dict[str, list[str]] = {}
    others: list[tuple[str, str]] = []
    for text in where:
        name, _, value = text.partition("=")
        if name in able.paging:
            raise ConfigError(
                f"{name} is no filter: an export goes through all pages; --page-size says how large they are, --limit how "
                "many records are enough"
            )
        if name in able.filters:
            given.setdefault(name, []).append(value)
        else:
            others.append((name, value))
    conditions = resource.read_conditions(others) if others else {}
    if conditions is None:
        name = others[0][0]
        raise ConfigError(
            f"{kind.vendor} {resource.name} has no filter {name!r}; it has {', '.join(able.filters) or 'none'}"
            f"{_near(name, able.filters)}"
        )
    return {**{name: _read_all(name, values, hints.get(name, str)) for name, values in given.items()}, **conditions}


def _near(name: str, known: Iterable[str]) -> str:
    found = difflib.get_close_matches(name, list(known), n=1)
    return f" - did you mean {found[0]}?" if found else ""


def _read_all(name: str, values: Sequence[str], hint: Any) -> Any:
    options = _options(hint)
    lists = [option for option in options if _is_list(option)]
    if lists and (len(values) > 1 or str not in options):
        (item,) = typing.get_args(lists[0])
        return [_read(name, value, item) for value in values]
    if len(values) > 1:
        raise ConfigError(f"--where {name}= is given twice, and takes one value")
    return _read(name, values[0], hint)


def _read(name: str, value: str, hint: Any) -> Any:
    options = _options(hint)
    if str in options or Any in options:
        return value
    for option in options:
        try:
            return _as(option, value)
        except (ValueError, InvalidOperation, KeyError):
            continue
    names = " or ".join(_describe(option) for option in options)
    raise ConfigError(f"--where {name}= takes {names}, not {value!r}")


def _options(hint: Any) -> list[Any]:
    return [option for option in (typing.get_args(hint) if is_union(hint) else (hint,)) if option is not type(None)]


def _is_list(hint: Any) -> bool:
    """Whether a list is one of these: `list[str]`, `Sequence[str]`, `Iterable[str]`."""
    origin = typing.get_origin(hint)
    return isinstance(origin, type) and issubclass(list, origin)


def _as(kind: Any, value: str) -> Any:
    if typing.get_origin(kind) is Literal:
        return {str(listed): listed for listed in typing.get_args(kind)}[value]
    if kind is bool:
        return {"true": True, "false": False}[value.lower()]
    if kind in (date, datetime):
        return kind.fromisoformat(value)
    if isinstance(kind, type) and issubclass(kind, enum.Enum):
        return {str(member.value): member for member in kind}[value]
    return kind(value) if kind in (int, float, Decimal) else value


def _describe(kind: Any) -> str:
    if typing.get_origin(kind) is Literal:
        return " or ".join(map(str, typing.get_args(kind)))
    if isinstance(kind, type) and issubclass(kind, enum.Enum):
        return " or ".join(str(member.value) for member in kind)
    words = {
        int: "a whole number",
        bool: "true or false",
        date: "a date (2026-01-31)",
        datetime: "a time (2026-01-31T08:00:00)",
    }
    return words.get(kind, "a number")
