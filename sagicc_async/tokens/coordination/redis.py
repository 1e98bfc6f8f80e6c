"""
Coordination through Redis or Valkey: every process on every host that uses the same server.

Keys, all with one hash tag, so that they lie in one slot:

    {sagicc-async}:1:epoch           the epoch's name, when it began, and the server that it belongs to
    {sagicc-async}:1:scope:<digest>  version and document of a scope, and who holds leases in it
    {sagicc-async}:1:owner:<owner>   a channel, no key: what an owner is told of a change, with the document that is there now

Whoever is told holds a lease, or may be next. So both a release and the grant that follows take one exchange, although
others have changed the document meanwhile.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Callable, Iterable
from typing import Final, TypeVar

from ...clock import Clock, SystemClock
from ..redis_client import UNKNOWN, RedisServer, text
from .shared import SharedCoordinator
from .state import ScopeState
from .store import Decision, Now, StoreError, unreachable
from .swap import ADDED, Answer, Epoch, Kept, Swap, SwapStore

log: logging.Logger = logging.getLogger("sagicc_async.coordination")

R = TypeVar("R")

#: Seconds after which a document that nobody touches is of no use: all leases and windows are over long before.
_LIFE: Final = 7 * 86_400

#: Seconds between two tries to listen again: at first, since who waits may be waiting for this owner, and at most.
_PAUSES: Final = (0.02, 1.0)

# KEYS: epoch, scope. ARGV: the epoch that must be, the version that must be, new version, new document, its life, the
# scope, the new holders, what to add otherwise, the mark of it, what channels begin with; then pairs of a channel and what
# makes its owner look again, or not. Without a new version nothing is changed, and a look adds nothing.
_SWAP: Final = """
local time = redis.call('TIME')
local epoch = redis.call('GET', KEYS[1]) or ''
local kept = redis.call('HMGET', KEYS[2], 'version', 'document', 'holders')
if epoch ~= ARGV[1] or (kept[1] or '') ~= ARGV[2] then
  if (ARGV[8] or '') ~= '' and epoch == ARGV[1] and kept[1] then
    kept[1], kept[2] = kept[1] .. ARGV[9], kept[2] .. ARGV[8]
    redis.call('HSET', KEYS[2], 'version', kept[1], 'document', kept[2])
    redis.call('EXPIRE', KEYS[2], ARGV[5])
    for holder in string.gmatch(kept[3] or '', '%S+') do
      redis.call('PUBLISH', ARGV[10] .. holder, 'tell ' .. ARGV[6] .. ' ' .. kept[1] .. ' ' .. kept[2])
    end
  end
  return {time[1], time[2], epoch, kept[1] or '', kept[2] or ''}
end
if ARGV[3] ~= '' then
  redis.call('HSET', KEYS[2], 'version', ARGV[3], 'document', ARGV[4], 'holders', ARGV[7])
  redis.call('EXPIRE', KEYS[2], ARGV[5])
  for told = 11, #ARGV, 2 do
    redis.call('PUBLISH', ARGV[told], ARGV[told + 1] .. ' ' .. ARGV[6] .. ' ' .. ARGV[3] .. ' ' .. ARGV[4])
  end
end
return {time[1], time[2], epoch}
"""

# KEYS: epoch. ARGV: what must be there, what is to be there.
_BEGIN: Final = """
if (redis.call('GET', KEYS[1]) or '') == ARGV[1] then redis.call('SET', KEYS[1], ARGV[2]) end
"""

#: A version that no document has.
_LOOK: Final = "?"

#: A key that no scope has: what is kept under it is of no importance.
_TRIAL: Final = "0"

#: What a message begins with: its owner may be next, or only knows by it what is there now.
_WAKE: Final = b"wake"
_TELL: Final = b"tell"


class RedisCoordinator(SharedCoordinator):
    """
    A coordinator for all who use one Redis or Valkey server.

    Args:
        url: `redis://user:password@host:6379/0`, `rediss://...` with TLS, `unix:///path`.
        prefix: What all keys begin with: who shares it shares tokens.
        new: Nobody has used this server before. Otherwise a server without our epoch is taken for one that has lost
            what it kept, and nothing is sent for as long as a lost lease may last.
        recognise: Take a server that was started again, or another one at the same address, for one that may have lost
            something. Switch it off behind a proxy that leads to several servers, or hides which one it is.
        limit: Seconds that one change may take.
        clock: Local time.

    Raises:
        ConfigError: The address is none, or the package is not installed (`pip install 'sagicc-async[redis]'`).
    """

    def __init__(
        self,
        url: str,
        *,
        prefix: str = "sagicc-async",
        new: bool = False,
        recognise: bool = True,
        limit: float = 2.0,
        clock: Clock | None = None,
    ) -> None:
        server = RedisServer(url, limit=limit, recognise=recognise)
        super().__init__(RedisStore(server, prefix=prefix, new=new, limit=limit, clock=clock), clock)


class RedisStore:
    """
    A `Store` in Redis.

    Args:
        server: The server.
        prefix: What all keys begin with.
        new: See `RedisCoordinator`.
        limit: Seconds that one change may take.
        clock: Local time.
    """

    polling: float = float("inf")

    def __init__(
        self, server: RedisServer, *, prefix: str, new: bool, limit: float, clock: Clock | None = None
    ) -> None:
        self.owner: str = secrets.token_hex(8)
        self._server = server
        self._clock = clock or SystemClock()
        self._base = f"{{{prefix}}}:1"
        self._swaps = SwapStore(self, self._clock, limit=limit, new=new)
        self._raw_epoch = ""
        self._listener: asyncio.Task[None] | None = None

    def describe(self) -> str:
        """The address without its password."""
        return self._server.describe()

    async def open(self, woken: Callable[[str], None]) -> None:
        """
        Reach the server, and listen.

        Raises:
            ConfigError: It cannot be reached, or refuses what is needed.
        """
        self._server.on_another = self._swaps.forget
        self._swaps.forget()
        try:
            # All that is ever done is tried now, since somebody who can mend it may be watching.
            await self.change(_TRIAL, lambda state, now: Decision(None, frozenset({self.owner})))
            await self._begin_to_listen(woken)
            await self._look_at_its_memory()
        except StoreError as error:
            await self.close()
            raise unreachable(self.describe(), error) from None
        except BaseException:
            await self.close()
            raise

    async def close(self) -> None:
        """Listen no more, and close the connections."""
        listener, self._listener = self._listener, None
        try:
            if listener is not None:
                listener.cancel()
                await asyncio.wait([listener])
        finally:
            await self._server.close()

    async def change(self, key: str, decide: Callable[[ScopeState, Now], Decision[R]]) -> R:
        """Change a document; see `Store.change`."""
        return await self._swaps.change(key, decide)

    def change_at_once(self, key: str, decide: Callable[[ScopeState, Now], Decision[R]]) -> R | None:
        """It always takes a round trip."""
        return None

    async def exchange(self, key: str, epoch: Epoch | None, expected: Kept | None, swap: Swap | None) -> Answer:
        """Swap a document; see `Shelf.exchange`."""
        version = _LOOK if epoch is None or expected is None else expected.version
        answer = await self._server.script(
            _SWAP,
            [f"{self._base}:epoch", f"{self._base}:scope:{key}"],
            [self._raw_epoch, version, *self._arguments(key, swap)],
        )
        self._raw_epoch = text(answer[2])
        return Answer(
            time=int(answer[0]) + int(answer[1]) / 1e6,
            epoch=self._epoch(self._raw_epoch),
            kept=Kept(text(answer[3]), answer[4]) if len(answer) > 3 else None,
        )

    async def begin_epoch(self, ended: Epoch | None, new: Epoch) -> None:
        """Let an epoch follow another; see `Shelf.begin_epoch`."""
        raw = f"{new.name} {new.since!r} {self._server.run_id}"
        await self._server.script(_BEGIN, [f"{self._base}:epoch"], [self._raw_epoch, raw])

    def _epoch(self, raw: str) -> Epoch | None:
        """What the key says; nothing if it says it of a server that is no more."""
        if not raw:
            return None
        try:
            name, since, run_id = raw.split()
            epoch = Epoch(name, float(since))
        except ValueError:
            raise StoreError("what is kept of the epoch cannot be read: something else writes there") from None
        # Who does not recognise servers cannot say that it is another one; nor can be told by whom it was not said.
        return epoch if UNKNOWN in (run_id, self._server.run_id) or run_id == self._server.run_id else None

    def _arguments(self, key: str, swap: Swap | None) -> Iterable[str | bytes | int]:
        """What the script is to do."""
        if swap is None:
            return ("", "", _LIFE, key)
        new, holders, told = swap.new, " ".join(swap.holders), self._told(swap.wake, swap.holders)
        return (new.version, new.document, _LIFE, key, holders, swap.else_add, ADDED, self._channel(""), *told)

    def _told(self, wake: frozenset[str], holders: frozenset[str]) -> Iterable[str | bytes]:
        """Channels, each followed by what its messages begin with."""
        for owner in wake:
            yield from (self._channel(owner), _WAKE)
        for owner in holders - wake - {self.owner}:
            yield from (self._channel(owner), _TELL)

    def _channel(self, owner: str) -> str:
        return f"{self._base}:owner:{owner}"

    async def _begin_to_listen(self, woken: Callable[[str], None]) -> None:
        """
        Listen from now on.

        Raises:
            StoreError: Others could not reach this owner.
        """
        begun: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._listener = asyncio.get_running_loop().create_task(self._listen(woken, begun))
        await begun

    async def _listen(self, woken: Callable[[str], None], begun: asyncio.Future[None]) -> None:
        """Hear of changes for as long as the store is open; after an interruption, look at everything."""
        pause = _PAUSES[0]
        while True:
            try:
                async for message in self._server.messages(self._channel(self.owner)):
                    pause = _PAUSES[0]
                    if not begun.done():
                        begun.set_result(None)
                    self._heard(message, woken)
            except StoreError as error:
                if not begun.done():
                    begun.set_exception(error)
                    return
            await self._clock.sleep(pause)
            pause = min(2 * pause, _PAUSES[1])

    def _heard(self, message: bytes, woken: Callable[[str], None]) -> None:
        if not message:  # what came before we listened was missed
            woken("")
            return
        kind, key, version, document = message.split(b" ", 3)
        self._swaps.hear(key.decode(), Kept(version.decode(), document))
        if kind == _WAKE:
            woken(key.decode())

    async def _look_at_its_memory(self) -> None:
        """Say so if the server may throw away what is agreed on: a lease that is not there any more is a free token."""
        policy = await self._server.evicts()
        if policy is not None:
            log.warning(
                "%s may throw leases away when its memory is full, and then two would send at once: set its "
                "maxmemory-policy to noeviction (it is %s), or give coordination a server of its own",
                self.describe(),
                policy,
            )
