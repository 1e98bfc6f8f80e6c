"""`SessionManager`: owns connections, tokens, queues and windows; hands out adapters."""

from __future__ import annotations

import asyncio
import contextlib
import ssl as tls
import warnings
import zoneinfo
from collections.abc import Callable, Mapping
from datetime import tzinfo
from types import TracebackType
from typing import Any, Self, TypeVar, overload

import aiohttp
import attrs

from .account import Account, Terms
from .adapter import Adapter, Settings, settings_of
from .clock import Clock, SystemClock
from .error_share.guard import Guards
from .error_share.store import ErrorCounts
from .errors import ConfigError, SessionClosed
from .gate import Gate
from .observe.events import Event
from .observe.reporter import Reporter
from .opened import OpenedAccounts, status_of
from .registry import find_adapter
from .tokens.cache import TokenCache
from .tokens.coordination import Coordinator
from .tokens.coordination.address import coordinator_at
from .tokens.source import CredentialsInput, CredentialSource
from .tokens.window import Window
from .wire.limits import Timeouts
from .wire.retry import RetryPolicy
from .wire.settings import TransportSettings
from .wire.transport import Transport

A = TypeVar("A", bound=Adapter)


class SessionManager:
    """
    Owns everything that calls share: one connector, every token, every queue, every window.

    Use it as an async context manager, on one event loop. `open` gives adapters, which are cheap and stateless.
    Leaving the block closes it: requests that are out get ten seconds to finish, or none if an error leaves the block.

    Args:
        coordinator: Who else to agree with on tokens and windows, as a coordinator or as its address (`memory:`,
            `file:/srv/state`, `redis://...`, `postgresql://...`). By default what `SAGICC_ASYNC_COORDINATOR` says, else
            every process of this user on this machine (`FileCoordinator`).
        connector: An aiohttp connector of your own, which stays yours, with its own TLS context and limit.
        http: An aiohttp session of your own in its place, which stays yours, with its own headers. It cannot tell when a
            request is written, so every failure after connecting counts as sent.
        proxy: URL of an HTTP proxy.
        trust_env: Take proxies from the environment.
        ssl: A TLS context, e.g. one that knows your company's CA; for connections that the manager makes itself.
        user_agent: How the SDK introduces itself.
        max_connections: Connections in all; no more than a connector of your own makes.
        reserved_connections: How many of them only interactive calls may use.
        timeouts: Limits of one attempt.
        max_body: Bytes of one answer, decompressed.
        token_cache: Where tokens that came from a login are kept for other processes and later runs, such as a
            `FileTokenCache`; without one a token lives as long as the manager. What it keeps is as good as a password.
        error_counts: Where it is kept how many requests failed, for vendors that block users for their share of errors,
            such as a `FileErrorCounts`; without one each manager counts by itself and forgets when it ends.
        settings: Adapters' settings by vendor, for every account that `open` does not say otherwise for:
            `{"siigo": {"partner_id": "MyProduct"}}`. Vendors that are not installed may be among them.
        retry: When failed requests are tried again.
        window: A lower limit than an adapter declares, while other programs use the same company's quota; it replaces
            the limit of every declared window whose `per` is the same.
        timezone: Where the accounts live, as a name (`America/Bogota`) or a `tzinfo`: vendors send timestamps without an
            offset. UTC if not given.
        allow_http: Send credentials over plain http to other machines too.
        clock: Time; tests move it by hand.
    """

    def __init__(
        self,
        *,
        coordinator: Coordinator | str | None = None,
        connector: aiohttp.BaseConnector | None = None,
        http: aiohttp.ClientSession | None = None,
        proxy: str | None = None,
        trust_env: bool = False,
        ssl: tls.SSLContext | None = None,
        user_agent: str = "sagicc-async",
        max_connections: int = 200,
        reserved_connections: int = 10,
        timeouts: Timeouts | None = None,
        max_body: int = 64 * 2**20,
        token_cache: TokenCache | None = None,
        error_counts: ErrorCounts | None = None,
        settings: Mapping[str, Mapping[str, Any]] | None = None,
        retry: RetryPolicy | None = None,
        window: Window | None = None,
        timezone: str | tzinfo = "UTC",
        allow_http: bool = False,
        clock: Clock | None = None,
    ) -> None:
        self._gate: Gate | None = None  # first, since `__del__` asks for it also after a wrong setting
        self._closed = False
        try:
            self._wire = TransportSettings(
                timeouts=timeouts or Timeouts(),
                max_connections=max_connections,
                reserved_connections=reserved_connections,
                max_body=max_body,
                proxy=proxy,
                trust_env=trust_env,
                ssl=ssl,
                user_agent=user_agent,
                allow_http=allow_http,
                connector=connector,
                http=http,
            )
        except (TypeError, ValueError) as error:
            raise ConfigError(f"a setting of the session manager is wrong: {error}") from None
        self._coordinator = (
            coordinator_at(coordinator) if coordinator is None or isinstance(coordinator, str) else coordinator
        )
        self._token_cache = token_cache
        self._settings = _by_vendor(settings or {})
        self._retry = retry or RetryPolicy()
        self._window = window
        self._zone = _zone(timezone)
        self._clock = clock or SystemClock()
        self._reporter = Reporter()
        self._guards = Guards(error_counts, self._reporter, self._clock)
        self._accounts = OpenedAccounts(self._guards, token_cache, self._reporter, self._clock)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._transport: Transport | None = None

    async def __aenter__(self) -> Self:
        if self._closed:
            raise SessionClosed("this session manager was closed; make a new one")
        if self._gate is not None:
            raise ConfigError("this session manager is entered already; share it instead of entering it again")
        self._loop = asyncio.get_running_loop()
        self._transport = Transport(self._wire)
        try:
            await self._coordinator.open()
        except BaseException:
            await self._transport.close()
            raise
        self._gate = Gate(
            transport=self._transport,
            coordinator=self._coordinator,
            retry=self._retry,
            reporter=self._reporter,
            clock=self._clock,
            hold=self._wire.timeouts.longest,
            loop=self._loop,
        )
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close(grace=0 if kind is not None else 10)

    def __del__(self, _warn: Callable[..., None] = warnings.warn) -> None:
        if self._gate is not None and not self._closed:
            _warn(f"{self!r} was never closed; use `async with`", ResourceWarning, source=self)

    def __repr__(self) -> str:
        state = "closed" if self._closed else "open" if self._gate is not None else "not entered"
        return f"<SessionManager {state}, {len(self._accounts)} accounts>"

    @overload
    def open(
        self,
        vendor: type[A],
        credentials: CredentialsInput[Any],
        *,
        account: str = "default",
        base_url: str | None = None,
        **settings: Any,
    ) -> A: ...
    @overload
    def open(
        self,
        vendor: str,
        credentials: CredentialsInput[Any],
        *,
        account: str = "default",
        base_url: str | None = None,
        **settings: Any,
    ) -> Adapter: ...
    def open(
        self,
        vendor: type[Adapter] | str,
        credentials: CredentialsInput[Any],
        *,
        account: str = "default",
        base_url: str | None = None,
        **settings: Any,
    ) -> Adapter:
        """
        Open an account; nothing is sent, and opening it again shares everything.

        Args:
            vendor: An adapter class, or its entry-point name.
            credentials: The adapter's credentials class, a mapping with its fields, or a callable, sync or async, that
                gives either. A callable is asked on first use, and again when the vendor refuses what it gave.
            account: A label for logs and errors. What is shared is found by the credentials, never by the label.
            base_url: Where the vendor is, if not at the adapter's own address.
            settings: The adapter's settings: `settle`, `page_size`, `priority` and its own. They go before those that
                the manager was given for the vendor.

        Returns:
            The adapter, typed if you gave its class.

        Raises:
            AdapterNotFound: No such adapter is installed.
            ConfigError: Wrong credentials' shape, setting or address; or the label belongs to other credentials.
            SessionClosed: The manager is closed, or not entered yet.
        """
        gate = self._entered()
        kind = find_adapter(vendor) if isinstance(vendor, str) else vendor
        chosen = settings_of(kind, {**self._settings.get(kind.vendor, {}), **settings})
        kind = kind.specialised(chosen)
        source = CredentialSource(given=credentials, kind=kind.credentials)
        terms = self._terms(kind, account, base_url, chosen)
        authoriser = self._accounts.authoriser(kind, chosen, terms, source, gate)
        return kind(Account(gate, authoriser), chosen)

    def forget(self, account: str) -> None:
        """
        Drop what the manager knows of an account label: its token and its credentials.

        Adapters opened under it go on working with what they have. The queues stay, since the vendor still counts, and
        so does what a token cache keeps.
        """
        self._accounts.forget(account)

    @property
    def bulk_connections(self) -> int:
        """How many connections calls that are not interactive may use at once."""
        return self._wire.bulk_connections

    @property
    def coordinator(self) -> Coordinator:
        """Who tokens and windows are agreed on with."""
        return self._coordinator

    def on(self, hook: Callable[[Event], object]) -> Callable[[], None]:
        """
        Hear of every request, retry, pause and renewal.

        Args:
            hook: Called on the loop with each event, in the context of the call that it is about; it must not block.
                What it raises is logged.

        Returns:
            A function that takes the hook away again.

        Raises:
            ConfigError: The hook is an `async def`, which nobody would await.
        """
        return self._reporter.on(hook)

    def status(self) -> dict[str, Any]:
        """
        Token age, queues, windows and share of errors of every account, as plain values without a secret.

        Accounts whose queue has the same `id` wait in one. It may be called from any thread.
        """
        return {
            f"{authoriser.vendor}/{authoriser.label}": status_of(authoriser, self._coordinator)
            for authoriser in self._accounts.authorisers()
        }

    async def close(self, *, grace: float = 10) -> None:
        """
        Refuse new calls, wake what waits with `SessionClosed`, and let requests that are out finish.

        Args:
            grace: Seconds to wait for them; then their connections are cut. Only a renewal that spends a refresh token, whose
                new pair is to be kept, is let finish within the time limit of one attempt.

        Cancelling it cuts at once. A second call does nothing.
        """
        if self._closed:
            return
        self._closed = True  # before the first await
        if self._gate is None or self._transport is None:
            return
        try:
            await self._gate.close(grace)
        finally:
            await self._let_go()

    async def _let_go(self) -> None:
        """When nothing is sent any more: each part is let go of, also if another one fails or this is cancelled."""
        async with contextlib.AsyncExitStack() as stack:
            stack.push_async_callback(self._coordinator.close)
            if self._token_cache is not None:
                stack.push_async_callback(self._token_cache.close)
            stack.push_async_callback(self._guards.close)
            if self._transport is not None:
                stack.push_async_callback(self._transport.close)

    def _entered(self) -> Gate:
        if self._closed:
            raise SessionClosed("the session manager is closed; make a new one")
        if self._gate is None:
            raise SessionClosed("enter the session manager first: async with SessionManager() as sessions")
        with contextlib.suppress(RuntimeError):  # no loop runs: opening is allowed, sending is not possible
            if asyncio.get_running_loop() is not self._loop:
                raise ConfigError(
                    "this session manager belongs to another event loop; use one manager for each loop "
                    "(all managers of a process share their tokens' queues)"
                )
        return self._gate

    def _terms(self, kind: type[Adapter], label: str, base_url: str | None, settings: Settings) -> Terms:
        address = kind.address(settings, base_url)
        if address is None:
            raise ConfigError(f"{kind.vendor} has no address of its own; give base_url=")
        assert self._transport is not None
        rules = kind.rules if settings.settle is None else attrs.evolve(kind.rules, settle=settings.settle)
        return Terms(
            vendor=kind.vendor,
            label=label,
            base_url=address,
            origin=self._transport.check_base_url(address),
            rules=rules,
            windows=tuple(self._narrowed(window) for window in kind.windows_for(settings)),
            errors=kind.errors_for(settings),
            error_share=kind.error_share_for(settings),
            zone=self._zone,
            own_address=kind.base_url is None,
        )

    def _narrowed(self, window: Window) -> Window:
        mine = self._window
        if mine is None or mine.per != window.per or mine.limit >= window.limit:
            return window
        return attrs.evolve(window, limit=mine.limit)


def _zone(given: str | tzinfo) -> tzinfo:
    if isinstance(given, tzinfo):
        return given
    try:
        return zoneinfo.ZoneInfo(given)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError):
        raise ConfigError(
            f"there is no time zone {given!r}; name one like America/Bogota (pip install tzdata?)"
        ) from None


def _by_vendor(given: Mapping[str, Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    if not all(isinstance(settings, Mapping) for settings in given.values()):
        raise ConfigError('settings= has a mapping for each vendor, e.g. {"vendor": {"page_size": 50}}')
    return {vendor: dict(settings) for vendor, settings in given.items()}
