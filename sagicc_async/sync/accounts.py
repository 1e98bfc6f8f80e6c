"""Whose data is synced: `SyncAccount`, and the places that accounts come from."""

from __future__ import annotations

import logging
import math
from collections.abc import AsyncIterable, Iterable, Mapping, Sequence
from typing import Any, Final, TypeAlias

import attrs

from ..adapter import Adapter
from ..errors import ConfigError
from ..tokens.source import CredentialsInput

_log: Final = logging.getLogger("sagicc_async.sync")


@attrs.frozen(kw_only=True)
class SyncAccount:
    """
    One tenant at one vendor.

    Args:
        name: Its label, unique among all accounts: the `_account` of its rows.
        vendor: Entry-point name of the adapter, or its class.
        credentials: As `SessionManager.open` takes them; a callable is asked on first use, and again when the vendor
            refuses what it gave, so that a rotated secret needs no restart.
        base_url: Where the vendor is, if not at the adapter's own address.
        settings: The adapter's settings.
        resources: Which resources to sync, in this order; `None` for all that the vendor can list.
        every: Seconds between the beginnings of two rounds of it; `None` for the adapter's advice.

    Raises:
        ConfigError: The name is no text, or the vendor neither a name nor a class. What else is wrong fails this account when
            its round begins, and ends no function that gives others.
    """

    name: str = attrs.field()
    vendor: str | type[Adapter] = attrs.field()
    credentials: CredentialsInput[Any] = attrs.field(repr=False)
    base_url: str | None = None
    settings: Mapping[str, Any] = attrs.field(factory=dict)
    resources: Sequence[str] | None = None
    every: float | None = None

    @name.validator
    def _is_text(self, _: Any, name: Any) -> None:
        check_label(name)

    @vendor.validator
    def _is_vendor(self, _: Any, vendor: Any) -> None:
        if not isinstance(vendor, str) and not (isinstance(vendor, type) and issubclass(vendor, Adapter)):
            raise ConfigError("the vendor of an account is the name of an adapter, or its class")

    @property
    def pace(self) -> float | None:
        """`every`, if it is a number of seconds above zero."""
        given: Any = self.every
        number = isinstance(given, int | float) and not isinstance(given, bool)
        return given if number and math.isfinite(given) and given > 0 else None

    def check(self) -> None:
        """
        See that it can be synced, as far as that shows without its vendor's adapter.

        Raises:
            ConfigError: Something is not what belongs there.
        """
        if not isinstance(self.settings, Mapping):
            raise ConfigError("the settings of an account are a mapping")
        wrong = sorted(_NO_SETTINGS.intersection(self.settings))
        if wrong:
            raise ConfigError(
                f"the settings of an account are those of its vendor's adapter: {', '.join(wrong)} cannot be among them"
            )
        if self.resources is not None and not _are_names(self.resources):
            raise ConfigError("the resources of an account are a list of names, or None for all")
        if self.every is not None and self.pace is None:
            raise ConfigError("the `every` of an account is a number of seconds above zero, or None")


def check_label(name: Any) -> None:
    """
    See that an account can be called so.

    Raises:
        ConfigError: It cannot.
    """
    if not isinstance(name, str) or "\0" in name:  # PostgreSQL has no text with a NUL in it
        raise ConfigError("the name of an account is a text without NUL characters")


def _are_names(value: Any) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, str) and all(isinstance(name, str) for name in value)


#: What an account has places of its own for.
_NO_SETTINGS: Final = frozenset({"account", "base_url", "credentials", "vendor"})

#: Accounts, which are iterated anew at every round: tenants come and go between two of them.
AccountSource: TypeAlias = AsyncIterable[SyncAccount]


class Look:
    """
    One look at a source: which of its accounts count, and whether their names are as they should be.

    Args:
        only: Names of the accounts that are asked for; empty for all.
    """

    def __init__(self, only: Iterable[str] = ()) -> None:
        self._only = frozenset(only)
        self._names: set[str] = set()
        self._twice: dict[str, None] = {}

    def takes(self, account: SyncAccount) -> bool:
        """Whether an account counts: it is asked for, and the first of its name."""
        name = account.name
        if name in self._names:
            self._twice[name] = None
            return False
        self._names.add(name)
        return not self._only or name in self._only

    def log(self) -> None:
        """Log, once the look is over, that of accounts with the same name the first one counts."""
        for name in self._twice:
            _log.error("two accounts are called %r; the second one is left alone", name)

    def check(self) -> None:
        """
        Say what is wrong, once the look is over.

        Raises:
            ConfigError: Two accounts have one name, or none has one that is asked for.
        """
        if self._twice:
            names = ", ".join(map(repr, self._twice))
            raise ConfigError(f"two accounts are called {names}; give each a name of its own")
        check_names(self._only, self._names)


def check_names(only: Iterable[str], names: Iterable[str]) -> None:
    """
    See that there are accounts of the names that are asked for.

    Raises:
        ConfigError: There is none.
    """
    known = set(names)
    missing = sorted(set(only) - known)
    if missing:
        raise ConfigError(f"there is no account {', '.join(missing)}; there are {', '.join(sorted(known)) or 'none'}")
