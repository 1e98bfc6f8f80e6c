"""Tokens at rest in Redis or Valkey, for the processes of several hosts."""

from __future__ import annotations

import logging
import time
from typing import Final

from ..errors import ConfigError
from .cache import StoredToken, winner
from .coordination.store import StoreError
from .redis_client import RedisServer

log: logging.Logger = logging.getLogger("sagicc_async.tokens")

# KEYS: token. ARGV: what must be there, what is to be there, and for how many seconds; 0 for good.
_SWAP: Final = """
local kept = redis.call('GET', KEYS[1]) or ''
if kept ~= ARGV[1] then return {kept} end
if ARGV[2] == '' then redis.call('DEL', KEYS[1])
elseif ARGV[3] == '0' then redis.call('SET', KEYS[1], ARGV[2])
else redis.call('SET', KEYS[1], ARGV[2], 'EX', ARGV[3]) end
return {}
"""


class RedisTokenCache:
    """
    A `TokenCache` in a Redis or Valkey server.

    Whoever can read from the server can use the tokens: give it a password, and TLS on the way (`rediss://`). A token
    that can neither be used nor renewed any more is removed by the server. While the server is away tokens are used
    without being kept, which a log line says.

    Args:
        url: `redis://user:password@host:6379/0`, `rediss://...`.
        prefix: What all keys begin with.
        limit: Seconds that a visit may take.

    Raises:
        ConfigError: The address is none, or the package is not installed (`pip install 'sagicc-async[redis]'`).
    """

    def __init__(self, url: str, *, prefix: str = "sagicc-async", limit: float = 2.0) -> None:
        self._server = RedisServer(url, limit=limit, recognise=False)
        self._base = f"{{{prefix}}}:1:token:"

    def __repr__(self) -> str:
        return f"RedisTokenCache({self._server.describe()!r})"

    async def load(self, key: str) -> StoredToken | None:
        """Look for the token of an account."""
        try:
            return _read(await self._kept(key))
        except StoreError as error:
            log.warning("no stored token can be read: %s: %s", self._server.describe(), error)
            return None

    async def store(self, key: str, token: StoredToken, replaces: StoredToken | None) -> StoredToken:
        """
        Keep a token, unless another process stored one since `replaces` was loaded.

        Returns:
            The one to be used; see `winner`.

        Cancelling it leaves the old token or the new one, whole.
        """
        try:
            kept = await self._kept(key)
            while True:
                chosen = winner(_read(kept), token, replaces)
                if chosen is not token:
                    return chosen
                answer = await self._swap(key, kept, token.to_json(), _life(token))
                if not answer:
                    return token
                kept = answer[0]
        except StoreError as error:
            log.warning("a token is used without being kept: %s: %s", self._server.describe(), error)
            return token

    async def drop(self, key: str, token: StoredToken) -> None:
        """Forget a token, unless another one is kept by now."""
        try:
            kept = await self._kept(key)
            if _read(kept) == token:
                await self._swap(key, kept, b"", 0)
        except StoreError as error:
            log.warning("a token that is over could not be removed: %s: %s", self._server.describe(), error)

    async def close(self) -> None:
        """Close the connections; the next use makes new ones."""
        await self._server.close()

    async def _kept(self, key: str) -> bytes:
        kept: bytes | None = await self._server.command("GET", self._base + key)
        return kept or b""

    async def _swap(self, key: str, kept: bytes, new: bytes, life: int) -> list[bytes]:
        """Empty if it was done, else what is there instead."""
        answer: list[bytes] = await self._server.script(_SWAP, [self._base + key], [kept, new, life])
        return answer


def _read(kept: bytes) -> StoredToken | None:
    """What is kept; what is broken, or of a newer release, counts as absent and is overwritten."""
    if not kept:
        return None
    try:
        return StoredToken.from_json(kept)
    except ConfigError as error:
        log.warning("a stored token is passed over: %s", error)
        return None


def _life(token: StoredToken) -> int:
    """Seconds after which it is of no use; 0 if it may be of use for good."""
    if token.expires_at is None or token.refresh is not None:
        return 0
    return max(1, int(token.expires_at - time.time()))
