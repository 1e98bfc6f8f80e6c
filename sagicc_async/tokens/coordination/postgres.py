"""
Coordination through PostgreSQL: every process on every host that uses the same database.

Each change is one statement, and nothing is set in a session, so changes may go through a pooler that hands each
transaction to another connection. Listening may not, which is found out at the start.

Whoever is notified holds a lease, or may be next, and gets the document with it, as long as it fits. So both a release and
the grant that follows take one exchange, although others have changed the document meanwhile.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import random
import secrets
from collections.abc import Callable
from typing import Any, Final, TypeVar

from ...clock import Clock, SystemClock
from ..postgres_client import PostgresDatabase, Refused
from .postgres_schema import Tables
from .shared import SharedCoordinator
from .state import ScopeState
from .store import Decision, Now, StoreError, decode, unreachable
from .swap import ADDED, Answer, Epoch, Kept, Swap, SwapStore

log: logging.Logger = logging.getLogger("sagicc_async.coordination")

R = TypeVar("R")

#: Seconds between two looks where nobody can be woken; each time another number, so that processes do not march in step.
_POLL: Final = (0.05, 0.15)
#: Seconds between two tries to listen again.
_PAUSE: Final = 0.5
#: Seconds after which a notification to oneself does not come any more: a pooler is in between.
_ECHO: Final = 1.0

#: What a notification begins with: its owner may be next; or only knows by it what is there now; or it is its own.
_WAKE: Final = "wake"
_TELL: Final = "tell"
_ECHOED: Final = "echo"

#: The server takes less than 8,000 bytes for a notification.
_NEWS: Final = 7_900

#: What the server says instead of waiting for a row where the administrator has made transactions stricter by default.
_OUTRUN: Final = {"40001", "40P01"}

_LOOK: Final = """
SELECT extract(epoch FROM clock_timestamp())::float8, epoch.name, epoch.since, kept.version, kept.document
FROM (VALUES (1)) AS one LEFT JOIN {epoch} AS epoch ON true LEFT JOIN {scope} AS kept ON kept.key = %(key)s
"""

# Each of these is one transaction: compare, swap or add, notify, and say what is there instead. If another process changes
# the row at the same moment, it is waited for. A statement cannot read what was written after it began, but an update gets
# it as the old values: so the row is written as it is then, and told as what was written. No row: it is not there, or
# another epoch has begun.
_INSERT: Final = """
INSERT INTO {scope} AS kept (key, version, document, touched)
SELECT %(key)s, %(version)s, %(document)s, now() WHERE %(epoch)s = (SELECT name FROM {epoch})
ON CONFLICT (key) DO UPDATE SET
    version = kept.version || %(added)s, document = kept.document || %(else_add)s, touched = EXCLUDED.touched
"""

_UPDATE: Final = """
UPDATE {scope} AS kept SET
    version = CASE version WHEN %(expected)s THEN %(version)s ELSE version || %(added)s END,
    document = CASE version WHEN %(expected)s THEN %(document)s ELSE document || %(else_add)s END,
    touched = now()
WHERE key = %(key)s AND %(epoch)s = (SELECT name FROM {epoch})
"""

_WRITTEN: Final = """
RETURNING extract(epoch FROM clock_timestamp())::float8, kept.version,
    CASE kept.version WHEN %(version)s THEN NULL ELSE kept.document END
"""

_NOTIFIED: Final = """, (
    SELECT count(pg_notify(channel, kind || ' ' || %(news)s))
    FROM unnest(%(channels)s::text[], %(kinds)s::text[]) AS owner (channel, kind) WHERE kept.version = %(version)s
)
"""

_NOTIFY: Final = "SELECT count(pg_notify(channel, %(news)s)) FROM unnest(%(channels)s::text[]) AS owner (channel)"

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
        self._limit = limit
        self._swaps = SwapStore(self, self._clock, limit=limit, new=False)
        self._statements = {name: tables.fill(text) for name, text in _STATEMENTS.items()}
        self._heard = asyncio.Event()
        self._listener: asyncio.Task[None] | None = None

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
        self._heard = asyncio.Event()  # of this event loop
        try:
            await self._tables.prepare(self._database)
            if self._listening is not None:
                await self._begin_to_listen(self._listening, woken)
        except StoreError as error:
            await self.close()
            raise unreachable(self.describe(), error) from None
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

    async def change(self, key: str, decide: Callable[[ScopeState, Now], Decision[R]]) -> R:
        """Change a document; see `Store.change`."""
        return await self._swaps.change(key, decide)

    def change_at_once(self, key: str, decide: Callable[[ScopeState, Now], Decision[R]]) -> R | None:
        """It always takes a round trip."""
        return None

    async def exchange(self, key: str, epoch: Epoch | None, expected: Kept | None, swap: Swap | None) -> Answer:
        """Swap a document; see `Shelf.exchange`."""
        if epoch is not None and expected is not None and swap is not None:
            answer = await self._write(key, epoch, expected, swap)
            if answer is not None:
                return answer
        time, name, since, version, document = await self._database.row(self._statements["look"], {"key": key})
        there, kept = None if name is None else Epoch(name, since), Kept(version or "", (document or "").encode())
        done = expected if swap is None else swap.new
        same = done is not None and (there, kept.version) == (epoch, done.version)
        return Answer(time, there, None if same else kept)

    async def _write(self, key: str, epoch: Epoch, expected: Kept, swap: Swap) -> Answer | None:
        """Swap, or be told what is there; `None` if that has to be looked up."""
        values = {"key": key, "epoch": epoch.name, "expected": expected.version, **self._values(key, swap)}
        statement = f"{'update' if expected.version else 'insert'}{', notify' if values['channels'] else ''}"
        try:
            row = await self._database.row(self._statements[statement], values)
        except Refused as refused:
            if refused.code not in _OUTRUN:
                raise
            return None
        if row is None:
            return None
        time, version, document = row[:3]
        if version == swap.new.version:
            return Answer(time, epoch, None)
        kept = Kept(version, document.encode())
        if swap.else_add:
            await self._tell_holders(key, kept)
        return Answer(time, epoch, kept)

    async def _tell_holders(self, key: str, kept: Kept) -> None:
        """Tell of an addition, which the statement that makes it cannot: it does not know who holds leases."""
        holders = {lease.owner for lease in decode(kept.document).leases.values()}
        news, channels = f"{_TELL} {_news(key, kept)}", [_channel(owner) for owner in holders - {"", self.owner}]
        if channels and len(news.encode()) <= _NEWS:
            await self._database.row(_NOTIFY, {"news": news, "channels": channels})

    async def begin_epoch(self, ended: Epoch | None, new: Epoch) -> None:
        """Let an epoch follow another; see `Shelf.begin_epoch`."""
        values = {"name": new.name, "since": new.since, "ended": "" if ended is None else ended.name}
        await self._database.row(self._statements["begin"], values)

    def _values(self, key: str, swap: Swap) -> dict[str, Any]:
        """What is to be there, or to be added, and who is to be told of it."""
        news, tell = _news(key, swap.new), swap.holders - swap.wake - {self.owner}
        if len(news.encode()) > _NEWS:
            news, tell = key, frozenset()
        return {
            "version": swap.new.version,
            "document": swap.new.document.decode(),
            "added": ADDED if swap.else_add else "",
            "else_add": swap.else_add.decode(),
            "news": news,
            "channels": [_channel(owner) for owner in (*swap.wake, *tell)],
            "kinds": [_WAKE] * len(swap.wake) + [_TELL] * len(tell),
        }

    async def _begin_to_listen(self, listening: PostgresDatabase, woken: Callable[[str], None]) -> None:
        """Listen, and make sure that what is notified through the other connections arrives."""
        if listening is not self._database:
            await self._reach(listening)
        listens = asyncio.Event()
        self._listener = asyncio.get_running_loop().create_task(self._listen(listening, listens, woken))
        echo = {"channel": _channel(self.owner), "echo": _ECHOED}
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self._limit):
                await listens.wait()
            await self._database.row("SELECT pg_notify(%(channel)s, %(echo)s)", echo)
            async with asyncio.timeout(_ECHO):
                await self._heard.wait()
        if not self._heard.is_set():
            self._listener.cancel()
            log.info("no notifications come through %s (a pooler?): who waits looks again and again", self.describe())

    async def _reach(self, listening: PostgresDatabase) -> None:
        """An address that was given for it has to lead somewhere."""
        try:
            await listening.row("SELECT 1")
        except StoreError as error:
            raise StoreError(f"to listen at {listening.describe()}: {error}") from None
        finally:
            await listening.close()

    async def _listen(self, listening: PostgresDatabase, listens: asyncio.Event, woken: Callable[[str], None]) -> None:
        """Hear of scopes to look at, for as long as the store is open; after an interruption, look at all."""
        echoed = False
        while True:
            with contextlib.suppress(StoreError):
                async for message in listening.messages(_channel(self.owner)):
                    listens.set()
                    echoed = echoed or message == _ECHOED
                    if echoed:
                        self._heard.set()
                    self._hear(message, woken)
            self._heard.clear()
            await self._clock.sleep(_PAUSE)

    def _hear(self, message: str, woken: Callable[[str], None]) -> None:
        kind, _, news = message.partition(" ")
        if kind in ("", _ECHOED):  # what came before we listened was missed
            woken("")
            return
        key, *kept = news.split(" ", 2)
        if len(kept) == 2:
            self._swaps.hear(key, Kept(kept[0], kept[1].encode()))
        if kind == _WAKE:
            woken(key)


# Most changes concern nobody else, and are planned in two thirds of the time without what notifies.
_STATEMENTS: Final = {
    "look": _LOOK,
    "begin": _BEGIN,
    "insert": _INSERT + _WRITTEN,
    "insert, notify": _INSERT + _WRITTEN + _NOTIFIED,
    "update": _UPDATE + _WRITTEN,
    "update, notify": _UPDATE + _WRITTEN + _NOTIFIED,
}


def _news(key: str, kept: Kept) -> str:
    return f"{key} {kept.version} {kept.document.decode()}"


def _channel(owner: str) -> str:
    return f"sagicc_async_wake_{owner}"
