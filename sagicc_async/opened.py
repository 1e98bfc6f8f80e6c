"""The accounts that a manager has opened: which label stands for which credentials, and whose token is whose."""

from __future__ import annotations

from typing import Any

import attrs

from .account import Authoriser, Terms, account_digest
from .adapter import Adapter, Settings
from .clock import Clock
from .error_share.guard import Guards
from .errors import ConfigError
from .gate import Gate
from .observe.events import TokenRenewed
from .observe.reporter import Reporter
from .tokens.cache import TokenCache
from .tokens.coordination import Coordinator
from .tokens.slot import Held, TokenSlot
from .tokens.source import CredentialSource
from .wire.request import safe_url


@attrs.frozen
class _Opened:
    """What an account's label stands for."""

    who: object  # digest of credentials and address, or the credentials callable itself with its address
    settings: Settings
    authoriser: Authoriser


class OpenedAccounts:
    """
    What was opened, by vendor and label; and the tokens, which belong to identities, whatever the labels are.

    Args:
        guards: Count the errors of companies.
        token_cache: Where tokens outlive the process.
        reporter: Hears of renewals.
        clock: Time.
    """

    def __init__(self, guards: Guards, token_cache: TokenCache | None, reporter: Reporter, clock: Clock) -> None:
        self._guards = guards
        self._token_cache = token_cache
        self._reporter = reporter
        self._clock = clock
        self._opened: dict[tuple[str, str], _Opened] = {}
        self._slots: dict[tuple[str, tuple[str, ...]], TokenSlot[Any]] = {}  # by the identity, and the tokens' variant

    def __len__(self) -> int:
        return len(self._opened)

    def authoriser(
        self, kind: type[Adapter], settings: Settings, terms: Terms, source: CredentialSource[Any], gate: Gate
    ) -> Authoriser:
        """
        What authorises under this label and these terms; the token is the identity's and variant's, whatever the label.

        Raises:
            ConfigError: The label belongs to other credentials, or another address.
        """
        who = _identity(kind, terms, source)
        label = (terms.vendor, terms.label)
        opened = self._opened.get(label)
        if opened is not None and opened.who != who and isinstance(opened.who, str) and isinstance(who, str):
            raise ConfigError(
                f"the account label {terms.label!r} is in use for other {terms.vendor} credentials or another address; "
                "choose another label, or forget() the old one"
            )
        again = opened is not None and opened.who == who
        if opened is not None and again and opened.authoriser.terms == terms and opened.settings == settings:
            return opened.authoriser
        authoriser = Authoriser(terms, kind.auth_for(settings), gate, self._guards, self._token_cache)
        if isinstance(who, str):
            slot = self._slots.get((who, authoriser.variant))
        else:  # a callable: another one under the same label is another source, with a token of its own
            same = opened is not None and again and opened.authoriser.variant == authoriser.variant
            slot = opened.authoriser.slot if opened is not None and same else None
        authoriser.slot = slot or self._make_slot(authoriser, source, gate)
        self._opened[label] = _Opened(who, settings, authoriser)
        if isinstance(who, str):
            self._slots[who, authoriser.variant] = authoriser.slot
        return authoriser

    def forget(self, account: str) -> None:
        """Drop all that stands under a label, and each token that no other one uses."""
        for key in [key for key in self._opened if key[1] == account]:
            gone = self._opened.pop(key).authoriser.slot
            if all(other.authoriser.slot is not gone for other in self._opened.values()):
                self._slots = {key: kept for key, kept in self._slots.items() if kept is not gone}

    def authorisers(self) -> tuple[Authoriser, ...]:
        """Those of all labels as they are now, for whoever looks from another thread as well."""
        return tuple(opened.authoriser for opened in tuple(self._opened.values()))

    def _make_slot(self, authoriser: Authoriser, source: CredentialSource[Any], gate: Gate) -> TokenSlot[Any]:
        terms = authoriser.terms

        def renewed(held: Held[Any]) -> None:
            event = TokenRenewed(vendor=terms.vendor, account=terms.label, generation=held.generation)
            self._reporter.emit(event)

        return TokenSlot(
            source=source,
            issuer=authoriser,
            rules=terms.rules,
            clock=self._clock,
            spawn=gate.spawn,
            on_renewed=renewed,
        )


def status_of(authoriser: Authoriser, coordinator: Coordinator) -> dict[str, Any]:
    """Token, queue, windows and share of errors of an account, as plain values without a secret."""
    slot = authoriser.slot
    held = slot.latest if slot is not None else None
    report: dict[str, Any] = dict(slot.status()) if slot is not None else {}
    report["base_url"] = safe_url(authoriser.base_url)
    if held is not None:
        scope = authoriser.scope(held)
        queue = coordinator.status(scope)
        report["queue"] = {
            "id": scope.key[:8],
            "waiting": queue.waiting,
            "in_flight": queue.in_flight,
            "paused_for": queue.paused_for,
            "windows": [{"limit": window.limit, "per": window.per, "taken": taken} for window, taken in queue.windows],
        }
    guard = authoriser.latest_guard
    if guard is not None:
        report["error_share"] = guard.status()
    return report


def _identity(kind: type[Adapter], terms: Terms, source: CredentialSource[Any]) -> object:
    """What an account is recognised by when it is opened again: the credentials, or the callable that gives them; and the address."""
    known = source.known()
    return (source.given, terms.base_url) if known is None else account_digest(kind.vendor, terms.base_url, known)
