"""Accounts that are open, from one round to the next: their tokens outlive a round, and their secrets may change."""

from __future__ import annotations

from typing import Any

import attrs

from ..adapter import Adapter, settings_of
from ..errors import SagiccAsyncError
from ..manager import SessionManager
from ..registry import find_adapter
from .accounts import SyncAccount


@attrs.define
class _Latest:
    """Credentials as the latest round's account gives them; asked for again when the vendor refuses what they gave."""

    account: SyncAccount

    def __call__(self) -> Any:
        given = self.account.credentials
        return given() if callable(given) else given


class OpenAccounts:
    """
    The accounts that are open, by their names.

    Args:
        sessions: Owns their tokens.
    """

    def __init__(self, sessions: SessionManager) -> None:
        self._sessions = sessions
        self._open: dict[str, tuple[_Latest, type[Adapter] | None, Adapter]] = {}

    def open(self, account: SyncAccount) -> Adapter:
        """
        Open an account, or go on with what an earlier round opened.

        A source makes its accounts anew at every look. What tells how to ask for the credentials is taken over from the newest;
        another vendor, address or setting is another account, and so is one whose resource file was edited.

        Raises:
            AdapterNotFound: No such adapter is installed.
            ConfigError: A credential, a setting or the address cannot be.
        """
        account.check()
        kind = _class_of(account)
        if account.name in self._open:
            latest, before, adapter = self._open[account.name]
            if kind is before and _is_the_same(latest.account, account):
                latest.account = account
                return adapter
            self.forget(account.name)
        latest = _Latest(account)
        adapter = self._sessions.open(
            account.vendor, latest, account=account.name, base_url=account.base_url, **account.settings
        )
        self._open[account.name] = latest, kind, adapter
        return adapter

    def forget(self, name: str) -> None:
        """Drop what is known of an account: its token, and the way to its secret."""
        self._open.pop(name, None)
        self._sessions.forget(name)


def _class_of(account: SyncAccount) -> type[Adapter] | None:
    """The adapter's class, which a resource file may describe; `None` where there is none, which opening it says."""
    try:
        kind = find_adapter(account.vendor) if isinstance(account.vendor, str) else account.vendor
        return kind.specialised(settings_of(kind, account.settings))
    except SagiccAsyncError:
        return None


def _is_the_same(one: SyncAccount, other: SyncAccount) -> bool:
    return (one.vendor, one.base_url, one.settings) == (other.vendor, other.base_url, other.settings)
