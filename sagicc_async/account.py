"""An opened account: whose requests these are, for the gate; and how an adapter sends them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping
from datetime import tzinfo
from types import MappingProxyType
from typing import Any

import attrs

from .auth import Auth, QueryAuth, VariantAuth
from .clock import Clock
from .error_share.guard import Guard, Guards
from .error_share.rules import ErrorShare
from .errors import CredentialsRejected, RequestError
from .gate import Gate
from .outcome import Call, scrubbed
from .secrets import Secret, digest, scrub, secrets_of
from .tokens.cache import TokenCache
from .tokens.coordination import Scope
from .tokens.reuse import Issued, Reuse
from .tokens.rules import TokenRules
from .tokens.slot import Held, Token, TokenSlot
from .tokens.window import Window
from .wire.classify import ErrorMap
from .wire.request import Origin, Parameter, Priority, Request, Response, Safety, seconds_left


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
        error_share: How many errors the vendor bears, if it counts them.
        zone: Where the account lives, for timestamps without an offset.
        own_address: Whether every customer of the vendor has an address of its own, which then tells companies apart.
    """

    vendor: str
    label: str
    base_url: str
    origin: Origin
    rules: TokenRules
    windows: tuple[Window, ...]
    errors: ErrorMap
    error_share: ErrorShare | None = None
    zone: tzinfo
    own_address: bool = False


def account_digest(vendor: str, base_url: str, credentials: Any, variant: tuple[str, ...] = ()) -> str:
    """Digest that an account is recognised by when it is opened again; and, with its variant, its token in a cache."""
    values = attrs.astuple(credentials, recurse=False)
    texts = (item if isinstance(item, Secret) else str(item) for item in values)
    return digest("account", vendor, base_url, *texts, *variant)


class Authoriser:
    """
    Authorises requests of one account: the gate's `Authority`, and the slot's `Issuer`.

    Args:
        terms: What holds for the account.
        auth: The adapter's part of authentication.
        gate: Sends logins.
        guards: Count the errors of companies.
        cache: Where tokens that came from a login outlive the process.
    """

    def __init__(
        self, terms: Terms, auth: Auth[Any], gate: Gate, guards: Guards, cache: TokenCache | None = None
    ) -> None:
        self.terms = terms
        # What every request asks for, at hand.
        self.vendor: str = terms.vendor
        self.label: str = terms.label
        self.errors: ErrorMap = terms.errors
        self.base_url: str = terms.base_url
        self.origin: Origin = terms.origin
        self.hint: str = auth.hint
        self.variant: tuple[str, ...] = auth.variant if isinstance(auth, VariantAuth) else ()
        self._auth = auth
        self._query_auth: QueryAuth[Any] | None = auth if isinstance(auth, QueryAuth) else None
        self._gate = gate
        self._guards = guards
        self._guard: tuple[Any, Guard] | None = None  # of the newest credentials
        self._reuse = None if cache is None else Reuse(cache, gate.coordinator, gate.clock, terms.rules.leeway)
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

    def params(self, held: Held[Any] | None) -> Mapping[str, str]:
        """The credentials as query parameters, where the vendor takes them so."""
        if held is None or self._query_auth is None:
            return {}
        return self._query_auth.params(held.credentials, held.token)

    def secrets(self, held: Held[Any] | None) -> Iterable[Secret]:
        """Token and credentials."""
        return () if held is None else (*secrets_of(held.token), *secrets_of(held.credentials))

    def guard(self, held: Held[Any] | None) -> Guard | None:
        """Who counts the company's errors; `None` where the vendor does not."""
        return None if held is None else self.guard_of(held.credentials)

    def guard_of(self, credentials: Any) -> Guard | None:
        """The same, before there is a token."""
        share = self.terms.error_share
        if share is None:
            return None
        if self._guard is not None and self._guard[0] is credentials:
            return self._guard[1]
        key = digest("errors", self.vendor, self.origin.host, *self._auth.company(credentials))
        guard = self.latest_guard
        if guard is None or guard.company != key:  # other credentials of the same company keep what was warned of
            guard = self._guards.guard(key, share, vendor=self.vendor, account=self.label)
        self._guard = (credentials, guard)
        return guard

    @property
    def latest_guard(self) -> Guard | None:
        """Who counts, if anything was to be counted yet: a look that starts nothing."""
        return None if self._guard is None else self._guard[1]

    def company_id(self, credentials: Any) -> str:
        """Digest of the company, whatever address its vendor is reached at, unless the address is the company's own."""
        address = (f"{self.origin.host}:{self.origin.port}",) if self.terms.own_address else ()
        return digest("company", self.vendor, *address, *self._auth.company(credentials))

    async def issue(self, credentials: Any, spent: Token | None) -> Token:
        """
        Get a token: one that is kept, or else a new one.

        The login goes through the gate, with the company's windows and no lease.
        """

        async def log_in(spent: Token | None) -> Issued:
            visitor = _Visitor(self, credentials, self._company(credentials), spent)
            # A pair that was rotated is kept for the next run: where nothing is kept it would be lost anyway.
            lasting = self._reuse is not None and spent is not None and spent.refresh is not None
            login = _Login(self._gate, visitor, lasting=lasting)
            token = await self._auth.issue(credentials, login, spent)
            return Issued(token, by_login=login.used)

        if self._reuse is None:
            return (await log_in(spent)).token
        key = account_digest(self.vendor, self.base_url, credentials, self.variant)
        return await self._reuse.token(key, spent, log_in)

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

    def __init__(self, authoriser: Authoriser, credentials: Any, company: str | None, spent: Token | None) -> None:
        self._authoriser = authoriser
        self._credentials = credentials
        self._company = company
        self._spent = spent
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
        terms = self._authoriser.terms
        # One that was lost settles as well: the vendor may count it until then.
        rules = terms.rules
        return Scope(key=self._company, settle=rules.settle, windows=terms.windows, ageing=rules.ageing)

    def headers(self, held: Held[Any] | None) -> Mapping[str, str]:
        """The adapter puts the credentials where the vendor wants them."""
        return {}

    def params(self, held: Held[Any] | None) -> Mapping[str, str]:
        """The same."""
        return {}

    def secrets(self, held: Held[Any] | None) -> Iterable[Secret]:
        """The credentials, and the pair that may be sent to renew it."""
        return (*secrets_of(self._credentials), *secrets_of(self._spent))

    def guard(self, held: Held[Any] | None) -> Guard | None:
        """Logins count, and fail, as every request does."""
        return self._authoriser.guard_of(self._credentials)


class _Login:
    """Sends the logins of one issue; `lasting` ones are finished although the manager closes."""

    def __init__(self, gate: Gate, visitor: _Visitor, *, lasting: bool) -> None:
        self._gate = gate
        self._visitor = visitor
        self._lasting = lasting
        self.used = False

    @property
    def base_url(self) -> str:
        """Where the account's vendor is."""
        return self._visitor.base_url

    async def __call__(self, request: Request) -> Response:
        """Send one of them."""
        self.used = True
        call = Call(
            authority=self._visitor,
            request=request,
            operation="login",
            safety=Safety.REPEATABLE,
            priority=Priority.INTERACTIVE,
            lasting=self._lasting,
        )
        return await self._gate.send(call)


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

    async def company_id(self) -> str:
        """
        Digest of the company, as the adapter identifies it: the same for good, on every host, at every address.

        Where every customer has an address of its own (the adapter's `base_url` is `None`), two addresses are two companies.

        It waits for the account's first token, within the deadline around it: only then are credentials that a
        callable gives known.

        Raises:
            RequestError: There is no token to be had.
        """
        call = Call(
            authority=self._authoriser,
            request=Request(method="GET", path=""),  # never sent
            operation="login",
            safety=Safety.REPEATABLE,
            priority=Priority.NORMAL,
            seconds=seconds_left(None),
        )
        return self._authoriser.company_id((await self._gate.token(call)).credentials)

    def scrub(self, error: RequestError) -> None:
        """Take the account's secrets out of what an error quotes of an answer: who reads bytes knows of none."""
        slot = self._authoriser.slot
        secrets = tuple(self._authoriser.secrets(None if slot is None else slot.latest))
        error.errors = [scrubbed(item, secrets) for item in error.errors]
        error.args = tuple(scrub(text, secrets) if isinstance(text, str) else text for text in error.args)

    def send(
        self,
        request: Request,
        *,
        operation: str,
        safety: Safety,
        priority: Priority,
        seconds: float | None,
        on_sent: Callable[[], None] = lambda: None,
        params: Mapping[str, Parameter] = MappingProxyType({}),
    ) -> Awaitable[Response]:
        """
        Send one request through the gate, with parameters beside its own.

        Raises:
            RequestError: See `errors`.

        Cancelling returns at once; see `Gate.send`.
        """
        return self._gate.send(Call(self._authoriser, request, operation, safety, priority, seconds, on_sent, params))
