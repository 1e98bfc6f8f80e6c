"""An opened account: whose requests these are, for the gate; and how an adapter sends them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping
from datetime import tzinfo
from typing import Any, Protocol, TypeAlias, TypeVar

import attrs

from .clock import Clock
from .errors import CredentialsRejected
from .gate import Gate
from .outcome import Call
from .secrets import Secret, digest, secrets_of
from .tokens.coordination import Scope
from .tokens.rules import TokenRules
from .tokens.slot import Held, Token, TokenSlot
from .tokens.window import Window
from .wire.classify import ErrorMap
from .wire.request import Origin, Priority, Request, Response, Safety

C = TypeVar("C")
C_contra = TypeVar("C_contra", contravariant=True)

#: Sends a login: a request without a token, through the same gate and windows.
Login: TypeAlias = Callable[[Request], Awaitable[Response]]


class Auth(Protocol[C_contra]):
    """How a vendor's credentials become authorised requests: an adapter's part of authentication."""

    #: Where a person looks when the vendor refuses the credentials: the vendor's own screen.
    hint: str

    def identity(self, credentials: C_contra, token: Token) -> tuple[str | Secret, ...]:
        """What the vendor forbids to use twice at once: the static token, or who logs in."""

    def company(self, credentials: C_contra) -> tuple[str | Secret, ...]:
        """What the vendor's request windows count by."""

    async def issue(self, credentials: C_contra, login: Login) -> Token:
        """
        Get a token: by a login, or out of the credentials where the vendor hands it over.

        Raises:
            CredentialsRejected: The vendor refuses the credentials.
        """

    def headers(self, credentials: C_contra, token: Token) -> Mapping[str, str]:
        """What authorises a request."""


@attrs.frozen(kw_only=True)
class Terms:
    """
    What an adapter declares and a user may override, as it holds for one account.

    Args:
        vendor: Entry-point name of the adapter.
        label: The account's label, for people.
        base_url: Where the vendor is.
        origin: What the credentials are pinned to.
        rules: How the token may be used.
        windows: Limits that the vendor counts.
        errors: How the vendor says what went wrong.
        zone: Where the account lives, for timestamps without an offset.
    """

    vendor: str
    label: str
    base_url: str
    origin: Origin
    rules: TokenRules
    windows: tuple[Window, ...]
    errors: ErrorMap
    zone: tzinfo


class Authoriser:
    """
    Authorises requests of one account: the gate's `Authority`, and the slot's `Issuer`.

    Args:
        terms: What holds for the account.
        auth: The adapter's part of authentication.
        gate: Sends logins.
    """

    def __init__(self, terms: Terms, auth: Auth[Any], gate: Gate) -> None:
        self.terms = terms
        # What every request asks for, at hand.
        self.vendor: str = terms.vendor
        self.label: str = terms.label
        self.errors: ErrorMap = terms.errors
        self.base_url: str = terms.base_url
        self.origin: Origin = terms.origin
        self.hint: str = auth.hint
        self._auth = auth
        self._gate = gate
        self._scopes: tuple[str, Scope] | None = None  # of the newest lane
        self.slot: TokenSlot[Any] | None = None

    def lane(self, held: Held[Any] | None) -> str:
        """The lane of the token."""
        return held.lane if held is not None else ""

    def scope(self, held: Held[Any] | None) -> Scope:
        """The queue: the company's where the vendor counts requests, else the token's own."""
        if held is None:
            return Scope(key=digest("nobody", self.vendor))
        if self._scopes is None or self._scopes[0] != held.lane:
            rules, windows = self.terms.rules, self.terms.windows
            key = self._company(held.credentials) or held.lane
            self._scopes = (
                held.lane,
                Scope(
                    key=key,
                    max_in_flight=rules.max_in_flight,
                    settle=rules.settle,
                    windows=windows,
                    ageing=rules.ageing,
                ),
            )
        return self._scopes[1]

    def headers(self, held: Held[Any] | None) -> Mapping[str, str]:
        """The credentials as headers."""
        return {} if held is None else self._auth.headers(held.credentials, held.token)

    def secrets(self, held: Held[Any] | None) -> Iterable[Secret]:
        """Token and credentials."""
        return () if held is None else (held.token.value, *secrets_of(held.credentials))

    async def issue(self, credentials: Any) -> Token:
        """Get a token; the login goes through the gate, with the company's windows and no lease."""
        visitor = _Visitor(self, credentials, self._company(credentials))

        async def login(request: Request) -> Response:
            call = Call(
                authority=visitor,
                request=request,
                operation="login",
                safety=Safety.REPEATABLE,
                priority=Priority.INTERACTIVE,
            )
            return await self._gate.send(call)

        return await self._auth.issue(credentials, login)

    def identify(self, credentials: Any, token: Token) -> str:
        """Digest by which the use of the token is serialised."""
        return digest("lease", self.vendor, *self._auth.identity(credentials, token))

    def rejected(self, reason: str) -> CredentialsRejected:
        """The credentials are refused for good."""
        return CredentialsRejected(reason, vendor=self.vendor, account=self.label, hint=self.hint)

    def _company(self, credentials: Any) -> str | None:
        """Digest of the company, if the vendor counts requests by it."""
        if all(window.scope != "company" for window in self.terms.windows):
            return None
        return digest("window", self.vendor, self.origin.host, *self._auth.company(credentials))


class _Visitor:
    """The authority of a login: it has credentials, but no token yet."""

    slot = None

    def __init__(self, authoriser: Authoriser, credentials: Any, company: str | None) -> None:
        self._authoriser = authoriser
        self._credentials = credentials
        self._company = company
        self.vendor, self.label = authoriser.vendor, authoriser.label
        self.base_url, self.origin = authoriser.base_url, authoriser.origin
        self.errors, self.hint = authoriser.errors, authoriser.hint

    def lane(self, held: Held[Any] | None) -> str:
        """Logins use no token."""
        return "login"

    def scope(self, held: Held[Any] | None) -> Scope:
        """Logins count in the company's windows, if there are any."""
        if self._company is None:
            return Scope(key=digest("login", self.vendor, self.origin.host))
        return Scope(key=self._company, windows=self._authoriser.terms.windows)

    def headers(self, held: Held[Any] | None) -> Mapping[str, str]:
        """The adapter puts the credentials where the vendor wants them."""
        return {}

    def secrets(self, held: Held[Any] | None) -> Iterable[Secret]:
        """The credentials."""
        return secrets_of(self._credentials)


class Account:
    """
    How an adapter sends requests: stateless, cheap, bound to one identity.

    Args:
        gate: The way of every request.
        authoriser: Whose requests they are.
    """

    def __init__(self, gate: Gate, authoriser: Authoriser) -> None:
        self._gate = gate
        self._authoriser = authoriser

    @property
    def terms(self) -> Terms:
        """What holds for the account."""
        return self._authoriser.terms

    @property
    def clock(self) -> Clock:
        """Time, as the manager sees it."""
        return self._gate.clock

    def send(
        self,
        request: Request,
        *,
        operation: str,
        safety: Safety,
        priority: Priority,
        seconds: float | None,
        on_sent: Callable[[], None] = lambda: None,
    ) -> Awaitable[Response]:
        """
        Send one request through the gate.

        Raises:
            RequestError: See `errors`.

        Cancelling returns at once; see `Gate.send`.
        """
        return self._gate.send(
            Call(
                authority=self._authoriser,
                request=request,
                operation=operation,
                safety=safety,
                priority=priority,
                seconds=seconds,
                on_sent=on_sent,
            )
        )
