"""
A token is got once for all processes that share a cache: looked up, else got by a login, and kept before it is used.

Those that find none at the same moment take turns, so that the first one's login serves them all.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Final

import attrs

from ..clock import Clock
from ..errors import CredentialsRejected
from ..interrupt import Interrupted, Interruptible
from ..secrets import digest
from .admission import Ending
from .cache import StoredToken, TokenCache
from .coordination import Coordinator, Lease, Scope
from .slot import Token

#: Seconds for which a process waits for its turn to log in, whatever keeps it: another one that died in its login, or one
#: that takes long or was stopped, which keeps its turn. Then it logs in without: two logins are a pity, and no harm.
_LOGIN: Final = 20.0


@attrs.frozen
class Issued:
    """
    What an issue gave.

    Args:
        token: The token.
        by_login: Whether the vendor issued it; what stands in the credentials is never kept.
    """

    token: Token
    by_login: bool


class Reuse:
    """
    Puts a cache before a login.

    Args:
        cache: Where tokens are kept.
        coordinator: Agrees on who logs in, among those who share it.
        clock: Time.
        leeway: Seconds before its end at which a token is not taken out of the cache any more.
    """

    def __init__(self, cache: TokenCache, coordinator: Coordinator, clock: Clock, leeway: float) -> None:
        self._cache = cache
        self._coordinator = coordinator
        self._clock = clock
        self._leeway = leeway
        self._mine: StoredToken | None = None  # what was kept, or taken out, last

    async def token(self, key: str, spent: Token | None, issue: Callable[[Token | None], Awaitable[Issued]]) -> Token:
        """
        The token of an account: the one that is kept, if it lives and is not the spent one, else a new one.

        Args:
            key: The account's digest.
            spent: The token that is to be replaced.
            issue: Gets a new one, given the pair that it replaces.

        Raises:
            CredentialsRejected: The vendor refuses the credentials, and no other process has a token that lives.

        Cancelling it lets the next process log in.
        """
        kept = await self._cache.load(key)
        if kept is not None and self._usable(kept, spent):
            return self._taken(kept)
        turn = await self._turn(key)
        try:
            return await self._issued(key, spent, issue)
        finally:
            if turn is not None:
                turn.release(Ending.COMPLETE)

    async def _turn(self, key: str) -> Lease | None:
        """Wait for the turn to log in; `None` if it does not come in time."""
        block = Interruptible()
        alarm = self._clock.call_later(_LOGIN, block.interrupt)
        try:
            with block:
                return await self._coordinator.admit(
                    Scope(key=digest("issue", key), max_in_flight=1), lane=key, rank=0, hold=_LOGIN
                )
        except Interrupted:
            return None
        finally:
            alarm.cancel()

    async def _issued(self, key: str, spent: Token | None, issue: Callable[[Token | None], Awaitable[Issued]]) -> Token:
        """It is our turn, or there is none: another process may have had its own just before."""
        kept = await self._cache.load(key)
        if kept is not None and self._usable(kept, spent):
            return self._taken(kept)
        pair = self._newest(kept, spent)
        try:
            issued = await issue(pair)
        except CredentialsRejected:
            rotated = await self._rotated(key, pair, spent)
            if rotated is None:
                raise
            return self._taken(rotated)
        if not issued.by_login:
            return issued.token
        if issued.token.cacheable:
            return await self._kept(key, kept, issued, spent)
        if kept is not None:
            await self._cache.drop(key, kept)  # it is of no use any more, and nothing will take its place
        return issued.token

    def _usable(self, kept: StoredToken, spent: Token | None) -> bool:
        refused = spent is not None and spent.value == kept.value
        over = kept.expires_at is not None and kept.expires_at - self._clock.wall() <= self._leeway
        return not (refused or over)

    def _newest(self, kept: StoredToken | None, spent: Token | None) -> Token | None:
        """The pair to renew with: the one that is kept, unless ours is newer because it could not be kept."""
        if kept is None or kept.refresh is None:
            return spent
        mine = self._mine
        ours_is_newer = (
            spent is not None and mine is not None and mine.value == spent.value and mine.stored_at > kept.stored_at
        )
        return spent if ours_is_newer else Token(kept.value, refresh=kept.refresh, cached=True)

    async def _rotated(self, key: str, pair: Token | None, spent: Token | None) -> StoredToken | None:
        """What another process kept after it had used up the refresh token that was just refused."""
        kept = await self._cache.load(key)
        if kept is None:
            return None
        if pair is not None and pair.refresh is not None and kept.value != pair.value and self._usable(kept, spent):
            return kept
        if kept.expires_at is not None and kept.expires_at <= self._clock.wall():
            await self._cache.drop(key, kept)  # it is over, and its refresh token, if it has one, was refused
        return None

    async def _kept(self, key: str, replaced: StoredToken | None, issued: Issued, spent: Token | None) -> Token:
        """Keep what a login gave; it is ours, unless another process was faster."""
        token, now = issued.token, self._clock.wall()
        lives = token.lives if token.lives is not None and token.lives > 0 else None
        mine = StoredToken(
            value=token.value,
            refresh=token.refresh,
            expires_at=None if lives is None else now + lives,
            stored_at=now,
        )
        chosen = await self._cache.store(key, mine, replaced)
        if chosen.value != mine.value and not self._usable(chosen, spent):
            chosen = await self._cache.store(key, mine, chosen)  # another process kept the spent one, late
        if chosen.value != mine.value:
            return self._taken(chosen)
        self._mine = mine
        return token

    def _taken(self, kept: StoredToken) -> Token:
        self._mine = kept
        lives = None if kept.expires_at is None else kept.expires_at - self._clock.wall()
        return Token(kept.value, lives, kept.refresh, cached=True)
