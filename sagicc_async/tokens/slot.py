"""
The current token of one identity: issued once for all callers, renewed before it ends, never thrown away while fresh.

It serves both kinds of vendor: those whose tokens are issued by a login, and those that hand a static token over.
For a static one, "issuing" is taking it out of the credentials, and only reading them again can give another.
"""

from __future__ import annotations

import asyncio
import copy
import logging
import math
from collections.abc import Callable, Coroutine
from contextvars import ContextVar
from typing import Any, Generic, Protocol, TypeVar

import attrs

from ..clock import Clock
from ..errors import ConfigError, CredentialsRejected, SessionClosed
from ..secrets import Secret, fingerprint
from .rules import TokenRules
from .source import CredentialSource

log: logging.Logger = logging.getLogger("sagicc_async.tokens")

# The issue that this code runs for: a callable that gives credentials must not wait for what waits for it.
_issuing: ContextVar[asyncio.Task[Any] | None] = ContextVar("sagicc_async_issuing", default=None)

C = TypeVar("C")
C_contra = TypeVar("C_contra", contravariant=True)


@attrs.frozen
class Token:
    """
    A token as a vendor hands it out.

    Args:
        value: What authorises a request.
        lives: Seconds from now until it expires; `None` if the vendor does not say, or never.
        refresh: What the vendor gave for renewing it.
        cached: Whether it was issued earlier and kept, so that its refusal says nothing of the credentials.
        cacheable: Whether a token cache may keep it; else it lives in the memory of this process alone.
    """

    value: Secret
    lives: float | None = None
    refresh: Secret | None = None
    cached: bool = attrs.field(default=False, kw_only=True)
    cacheable: bool = attrs.field(default=True, kw_only=True)


@attrs.frozen(kw_only=True)
class Held(Generic[C]):
    """
    A token in use.

    Args:
        token: The token.
        credentials: What it was issued for.
        lane: Digest by which its use is serialised.
        generation: Grows with each issue; a late refusal of an older one is ignored.
        soft_at: From here on it is renewed in the background.
        hard_at: From here on it is not used.
        issued_at: When it was issued.
    """

    token: Token
    credentials: C
    lane: str
    generation: int
    soft_at: float
    hard_at: float
    issued_at: float


class Issuer(Protocol[C_contra]):
    """What the slot needs to know of a vendor's authentication."""

    async def issue(self, credentials: C_contra, spent: Token | None) -> Token:
        """
        Get a token for credentials.

        Args:
            credentials: What the vendor knows the caller by.
            spent: The token of the same credentials that the new one replaces, expired or refused; `None` for the
                first.

        Raises:
            CredentialsRejected: The vendor refuses the credentials.
        """

    def identify(self, credentials: C_contra, token: Token) -> str:
        """Digest of what the vendor forbids to use at once: the static token, or the identity that logs in."""

    def rejected(self, reason: str) -> CredentialsRejected:
        """The error for credentials that are refused for good, with the vendor's screen to look at."""


@attrs.define
class _Failure:
    """A renewal that failed, shared with everybody who asks before `until`."""

    error: Exception
    until: float


class TokenSlot(Generic[C]):
    """
    The one place where a token of an identity is renewed.

    Args:
        source: Where credentials are read, and read again.
        issuer: How a token is got for them.
        rules: Soft expiry, leeway and cool-down.
        clock: Time.
        spawn: Starts a task that the owner of the slot cancels and awaits when it closes.
        on_renewed: Called after each issue, outside of everything.
    """

    def __init__(
        self,
        *,
        source: CredentialSource[C],
        issuer: Issuer[C],
        rules: TokenRules,
        clock: Clock,
        spawn: Callable[[Coroutine[Any, Any, Any]], asyncio.Task[Any]],
        on_renewed: Callable[[Held[C]], None] = lambda held: None,
    ) -> None:
        self._source = source
        self._issuer = issuer
        self._rules = rules
        self._clock = clock
        self._spawn = spawn
        self._on_renewed = on_renewed
        self._held: Held[C] | None = None
        self._refused = 0  # the newest generation that the vendor refused
        self._credentials: C | None = None
        self._flight: asyncio.Task[Held[C]] | None = None
        self._failure: _Failure | None = None

    @property
    def latest(self) -> Held[C] | None:
        """The token that was issued last, whether it can be used or not: a look that starts nothing."""
        return self._held

    def current(self) -> Held[C] | None:
        """The token if it can be used now, without waiting. Past its soft expiry, renewal starts in the background."""
        held = self._held
        if held is None or held.generation <= self._refused:
            return None
        if held.soft_at == math.inf:
            return held
        now = self._clock.now()
        if now >= held.hard_at:
            return None
        if now >= held.soft_at and self._flight is None and self._cooled(now):
            self._fly(self._renew(reread=False))
        return held

    async def get(self) -> Held[C]:
        """
        The token, issued first if need be; a thousand callers cause one issue.

        Raises:
            CredentialsRejected: The vendor refuses the credentials, read again or not.
            SagiccAsyncError: The issue failed; for `cool_down` seconds everybody gets the same error.

        Cancelling a caller leaves the issue to the others; it lands even if all of them leave.
        """
        held = self.current()
        if held is not None:
            return held
        if self._flight is None:
            self._raise_if_cooling()
            self._fly(self._renew(reread=False))
        return await self._land()

    def distrust(self, held: Held[C]) -> None:
        """The vendor refused this token: nobody is handed it again. `refuse` gets a newer one."""
        self._refused = max(self._refused, held.generation)

    def spare(self, held: Held[C]) -> None:
        """
        The vendor refused a request, not this token, which was just issued for it: the token stays in use.

        Nobody can be sure of that, so the next issue reads the credentials again.

        Args:
            held: The token that the request went out with.
        """
        if self._held is held:
            self._credentials = None

    async def refuse(self, held: Held[C], *, reread: bool) -> Held[C]:
        """
        Tell that the vendor refused a token, and get a newer one.

        A refusal of an older generation than the current one changes nothing: a late 401 never discards a fresh token.

        Args:
            held: The token that was refused.
            reread: Read the credentials again: the token came from a fresh issue, which did not help.

        Raises:
            CredentialsRejected: There is no newer token to be had: the credentials are the same as before.
        """
        if self._held is not None and self._held.generation > held.generation:
            newer = self.current()
            if newer is not None:
                return newer
        self.distrust(held)  # also while cooling down
        if self._flight is None:
            self._raise_if_cooling()
            self._fly(self._renew(reread=reread and not held.token.cached))
        return await self._land()

    def status(self) -> dict[str, Any]:
        """Age and remaining life in seconds, generation and fingerprint; no secret."""
        held = self._held
        if held is None:
            return {"token": None}
        now = self._clock.now()
        return {
            "token": fingerprint(held.token.value),
            "generation": held.generation,
            "age": now - held.issued_at,
            "lives": None if held.hard_at == math.inf else held.hard_at - now,
            "refused": held.generation <= self._refused,
        }

    def _cooled(self, now: float) -> bool:
        return self._failure is None or now >= self._failure.until

    def _raise_if_cooling(self) -> None:
        if self._failure is not None and not self._cooled(self._clock.now()):
            raise self._failure.error.with_traceback(None)

    def _fly(self, renewal: Coroutine[Any, Any, Held[C]]) -> None:
        self._flight = self._spawn(renewal)
        self._flight.add_done_callback(self._landed)

    def _landed(self, flight: asyncio.Task[Held[C]]) -> None:
        """Runs although every caller may have left, so that a failure is kept and never goes unretrieved."""
        self._flight = None
        if flight.cancelled():
            return
        error = flight.exception()
        if error is None:
            self._failure = None
        elif isinstance(error, Exception):  # also an adapter's slip, or what the user's vault raises
            self._failure = _Failure(error, self._clock.now() + self._rules.cool_down)
            log.warning("a token could not be renewed: %s", type(error).__name__)

    async def _land(self) -> Held[C]:
        flight = self._flight
        assert flight is not None
        if _issuing.get() is flight:
            raise ConfigError(
                "the callable that gives this account's credentials itself calls the account, which waits for them; "
                "read them from elsewhere"
            )
        try:
            return await asyncio.shield(flight)
        except asyncio.CancelledError:
            task = asyncio.current_task()
            if flight.cancelled() and task is not None and not task.cancelling():
                raise SessionClosed("the session manager was closed while a token was being issued") from None
            raise

    async def _renew(self, *, reread: bool) -> Held[C]:
        """Issue a token; read the credentials again, once, if the vendor refuses what we have."""
        _issuing.set(asyncio.current_task())
        old = self._credentials
        if old is None:
            return await self._issue(await self._source.read())
        refusal: CredentialsRejected | None = None
        if not reread:
            try:
                token = await self._issuer.issue(old, self._spent(old))
            except CredentialsRejected as error:
                refusal = copy.copy(error)  # the credentials may have been rotated
            else:
                # A static token "issued" from the same credentials is the one that was just refused.
                if not (
                    self._held and self._held.generation <= self._refused and self._held.token.value == token.value
                ):
                    return self._keep(old, token)
        fresh = await self._source.read()
        self._credentials = None  # should the issue fail: after the cool-down, ask the source anew
        if fresh == old:
            raise self._rejected(refusal)
        return await self._issue(fresh)

    async def _issue(self, credentials: C) -> Held[C]:
        token = await self._issuer.issue(credentials, self._spent(credentials))
        return self._keep(credentials, token)

    def _spent(self, credentials: C) -> Token | None:
        """The token that a new one replaces; one of other credentials is none of these."""
        held = self._held
        return held.token if held is not None and held.credentials == credentials else None

    def _rejected(self, refusal: CredentialsRejected | None) -> CredentialsRejected:
        """The error for credentials that did not change; what the vendor said of them at the login stays in it."""
        if refusal is None:  # no login was refused, only the token that these credentials give
            return self._issuer.rejected(
                "the vendor refuses the credentials, and reading them again gave the same ones"
            )
        refusal.message = f"{refusal.message}, and reading the credentials again gave the same ones"
        refusal.args = (refusal.message,)
        refusal.hint = refusal.hint or self._issuer.rejected(refusal.message).hint
        return refusal

    def _keep(self, credentials: C, token: Token) -> Held[C]:
        now = self._clock.now()
        generation = self._held.generation + 1 if self._held else 1
        soft, hard = _expiries(now, token.lives, self._rules)
        self._held = Held(
            token=token,
            credentials=credentials,
            lane=self._issuer.identify(credentials, token),
            generation=generation,
            soft_at=soft,
            hard_at=hard,
            issued_at=now,
        )
        self._credentials = credentials
        self._on_renewed(self._held)
        return self._held


def _expiries(now: float, lives: float | None, rules: TokenRules) -> tuple[float, float]:
    """
    When to renew, and when to stop using.

    A life shorter than the leeway still leaves some use. One that is over before it began says nothing: the vendor's
    refusal will tell, where believing it would mean a login for every request.
    """
    if lives is None or not lives > 0:
        return math.inf, math.inf
    usable = max(lives - rules.leeway, lives / 2)
    return now + min(lives * rules.soft_expiry, usable), now + usable
