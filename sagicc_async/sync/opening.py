"""Accounts that are open, from one round to the next: their tokens outlive a round, and their secrets may change."""

from __future__ import annotations

from typing import Any

import attrs

from ..adapter import Adapter
from ..manager import SessionManager
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
        self._open: dict[str, tuple[_Latest, Adapter]] = {}

    def open(self, account: SyncAccount) -> Adapter:
        """
        Open an account, or go on with what an earlier round opened.

        A source makes its accounts anew at every look. What tells how to ask for the credentials is taken over from the newest;
        another vendor, address or setting is another account.

        Raises:
            AdapterNotFound: No such adapter is installed.
            ConfigError: A credential, a setting or the address cannot be.
        """
        account.check()
        if account.name in self._open:
            latest, adapter = self._open[account.name]
            if _is_the_same(latest.account, account):
                latest.account = account
                return adapter
            self.forget(account.name)
        latest = _Latest(account)
        adapter = self._sessions.open(
            account.vendor, latest, account=account.name, base_url=account.base_url, **account.settings
        )
        self._open[account.name] = latest, adapter
        return adapter

    def forget(self, name: str) -> None:
        """Drop what is known of an account: its token, and the way to its secret."""
        self._open.pop(name, None)
        self._sessions.forget(name)


def _is_the_same(one: SyncAccount, other: SyncAccount) -> bool:
    return (one.vendor, one.base_url, one.settings) == (other.vendor, other.base_url, other.settings)
