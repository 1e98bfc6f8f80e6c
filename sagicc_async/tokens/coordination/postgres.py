"""Coordination through PostgreSQL: every process on every host that uses the same database."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import random
import secrets
from collections.abc import Callable, Iterable
from typing import Final, TypeVar

from ...clock import Clock, SystemClock
from ...errors import ConfigError
from ..postgres_client import PostgresDatabase
from .postgres_schema import Tables
from .shared import SharedCoordinator
from .state import ScopeState
from .store import Decision, StoreError
from .swap import Answer, Epoch, Kept, SwapStore

log: logging.Logger = logging.getLogger("sagicc_async.coordination")

R = TypeVar("R")

#: Seconds between two looks where nobody can be woken; each time another number, so that processes do not march in step.
_POLL: Final = (0.05, 0.15)
#: Seconds between two tries to listen again.
_PAUSE: Final = 0.5
#: Seconds after which a notification to oneself does not come any more: a pooler is in between.
_ECHO: Final = 1.0
_ECHOED: Final = "echo"

_LOOK: Final = """
SELECT extract(epoch FROM clock_timestamp())::float8, epoch.name, epoch.since, false, kept.version, kept.document, 0
FROM (VALUES (1)) AS one LEFT JOIN {epoch} AS epoch ON true LEFT JOIN {scope} AS kept ON kept.key = %(key)s
"""

# One statement, which is one transaction: compare, swap, notify, and say what is there instead. A row that another process
# changes at the same moment is waited for; what is said of it then may be a moment old, and the next try sees it.
_SWAP: Final = """
WITH epoch AS (SELECT name, since FROM {epoch}),
swapped AS (
    INSERT INTO {scope} AS kept (key, version, document, touched)
    SELECT %(key)s, %(version)s, %(document)s, now() FROM epoch
    WHERE name = %(epoch)s AND (%(expected)s = '' OR EXISTS (SELECT FROM {scope} WHERE key = %(key)s))
    ON CONFLICT (key) DO UPDATE
    SET version = EXCLUDED.version, document = EXCLUDED.document, touched = EXCLUDED.touched
    WHERE kept.version = %(expected)s
    RETURNING 1
),
told AS (SELECT pg_notify(channel, %(key)s) FROM swapped, unnest(%(channels)s::text[]) AS channel)
SELECT extract(epoch FROM clock_timestamp())::float8, epoch.name, epoch.since, EXISTS (SELECT FROM swapped),
    kept.version, kept.document, (SELECT count(*) FROM told)
FROM (VALUES (1)) AS one LEFT JOIN epoch ON true LEFT JOIN {scope} AS kept ON kept.key = %(key)s
"""

_BEGIN: Final = """
INSERT INTO {epoch} AS epoch VALUES (true, %(name)s, %(since)s)
ON CONFLICT (one) DO UPDATE SET name = EXCLUDED.name, since = EXCLUDED.since WHERE epoch.name = %(ended)s
RETURNING 1
"""


class PostgresCoordinator(SharedCoordinator):
    """
    A coordinator for all who use one PostgreSQL database.

    Its tables, `sagicc_async_*_1`, are made when they are not there.

    Args:
        dsn: `postgresql://user:password@host:5432/database`, or as libpq takes it.
        schema: Where the tables are; the first of the user's search path if not said.
        listen: How a process hears that its turn has come: on a connection of its own to the same address; to another
            one, if that leads through a pooler that hands each transaction to another connection; or not at all
            (`False`): then it looks ten times a second while it waits.
        limit: Seconds that one change may take.
        clock: Local time.

    Raises:
        ConfigError: The address is none, or the package is not installed (`pip install 'sagicc-async[postgres]'`).
    """

    def __init__(
        self,
        dsn: str,
        *,
        schema: str | None = None,
        listen: bool | str = True,
        limit: float = 2.0,
        clock: Clock | None = None,
    ) -> None:
        database = PostgresDatabase(dsn, limit=limit)
        listening = PostgresDatabase(listen, limit=limit) if isinstance(listen, str) else database if listen else None
        super().__init__(PostgresStore(database, listening, Tables(schema), limit=limit, clock=clock), clock)


class PostgresStore:
    """
    A `Store` in PostgreSQL.

    Args:
        database: Where the documents are.
        listening: Where to listen; `None` to look again and again instead.
        tables: Their names.
        limit: Seconds that one change may take.
        clock: Local time.
    """

    def __init__(
        self,
        database: PostgresDatabase,
        listening: PostgresDatabase | None,
        tables: Tables,
        *,
        limit: float,
        clock: Clock | None = None,
    ) -> None:
        self.owner: str = secrets.token_hex(8)
        self._database = database
        self._listening = listening
        self._tables = tables
        self._clock = clock or SystemClock()
        self._swaps = SwapStore(self, self._clock, limit=limit, new=False)
        self._statements = {name: tables.fill(text) for name, text in _STATEMENTS.items()}
        self._heard = asyncio.Event()
        self._listener: asyncio.Task[None] | None = None

    @property
    def uncertainty(self) -> float:
        """Seconds by which decisions may see the server's clock late."""
        return self._swaps.uncertainty

    @property
    def polling(self) -> float:
        """Seconds after which to look again: for ever while notifications come."""
        return float("inf") if self._heard.is_set() else random.uniform(*_POLL)  # noqa: S311 - no secret

    def describe(self) -> str:
        """The address without its password."""
        return self._database.describe()

    async def open(self, woken: Callable[[str], None]) -> None:
        """
        Reach the database, make its tables, and listen.

        Raises:
            ConfigError: It cannot be reached, or refuses what is needed.
        """
        self._swaps.forget()
        try:
            await self._tables.prepare(self._database)
            if self._listening is not None:
                await self._begin_to_listen(self._listening, woken)
        except StoreError as error:
            await self.close()
            raise ConfigError(
                f"the coordinator at {self.describe()} cannot be reached: {error}; start it, or name another one: "
                "SessionManager(coordinator=...), SAGICC_ASYNC_COORDINATOR"
            ) from None
        except BaseException:
            await self.close()
            raise

    async def close(self) -> None:
        """Listen no more, and close the connections."""
        listener, self._listener = self._listener, None
        self._heard.clear()
        try:
            if listener is not None:
                listener.cancel()
                await asyncio.wait([listener])
        finally:
            await self._database.close()

    async def change(self, key: str, decide: Callable[[ScopeState, float], Decision[R]]) -> R:
        """Change a document; see `Store.change`."""
        return await self._swaps.change(key, decide)

    def change_at_once(self, key: str, decide: Callable[[ScopeState, float], Decision[R]]) -> R | None:
        """It always takes a round trip."""
        return None

    async def exchange(
        self, key: str, epoch: Epoch | None, expected: Kept | None, new: Kept | None, wake: Iterable[str]
    ) -> Answer:
        """Swap a document; see `Shelf.exchange`."""
        if epoch is None or expected is None or new is None:
            row = await self._database.row(self._statements["look"], {"key": key})
        else:
            values = {
                "key": key,
                "epoch": epoch.name,
                "expected": expected.version,
                "version": new.version,
                "document": new.document.decode(),
                "channels": [_channel(owner) for owner in wake],
            }
            row = await self._database.row(self._statements["swap"], values)
        time, name, since, swapped, version, document, _ = row
        kept = Kept(version or "", (document or "").encode())
        same = new is None and expected is not None and kept.version == expected.version
        return Answer(time, None if name is None else Epoch(name, since), None if swapped or same else kept)

    async def begin_epoch(self, ended: Epoch | None, new: Epoch) -> None:
        """Let an epoch follow another; see `Shelf.begin_epoch`."""
        values = {"name": new.name, "since": new.since, "ended": "" if ended is None else ended.name}
        await self._database.row(self._statements["begin"], values)

    async def _begin_to_listen(self, listening: PostgresDatabase, woken: Callable[[str], None]) -> None:
        """Listen, and make sure that what is notified through the other connections arrives."""
        self._listener = asyncio.get_running_loop().create_task(self._listen(listening, woken))
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_ECHO):
                while not self._heard.is_set():
                    await self._database.row(
                        "SELECT pg_notify(%(channel)s, %(echo)s)", {"channel": _channel(self.owner), "echo": _ECHOED}
                    )
                    with contextlib.suppress(TimeoutError):
                        await asyncio.wait_for(self._heard.wait(), _ECHO / 20)  # it may not listen yet
        if not self._heard.is_set():
            self._listener.cancel()
            log.info("no notifications come through %s (a pooler?): who waits looks again and again", self.describe())

    async def _listen(self, listening: PostgresDatabase, woken: Callable[[str], None]) -> None:
        """Hear of scopes to look at, for as long as the store is open; after an interruption, look at all."""
        echoed = False
        while True:
            with contextlib.suppress(StoreError):
                async for key in listening.messages(_channel(self.owner)):
                    echoed = echoed or key == _ECHOED
                    if echoed:
                        self._heard.set()
                    woken("" if key == _ECHOED else key)
            self._heard.clear()
            await self._clock.sleep(_PAUSE)


_STATEMENTS: Final = {"look": _LOOK, "swap": _SWAP, "begin": _BEGIN}


def _channel(owner: str) -> str:
    return f"sagicc_async_wake_{owner}"
