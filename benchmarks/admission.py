"""
Question 5: what it costs to agree on who may use a token, for each coordinator, beside locks that people take instead.

Nothing is sent: a lease is asked for, held, and given back.
"""

from __future__ import annotations

import asyncio
import importlib
import statistics
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

from sagicc_async import Coordinator, MemoryCoordinator, Scope
from sagicc_async.tokens.admission import Ending

from . import cores
from .chaos.addresses import coordinator
from .chaos.places import place
from .compare import Slice, compare, ratio_of
from .report import Effort, Figure, Goal, Question

#: One use of a token, as `async with` says it.
Turn = Callable[[], AbstractAsyncContextManager[Any]]

LOCK: Final = "asyncio.Lock"
MEMORY: Final = "memory"
FILE: Final = "file"
REDIS: Final = "redis"
POSTGRES: Final = "postgres"
FILELOCK: Final = "filelock"
REDIS_LOCK: Final = "redis-py's Lock"
ADVISORY: Final = "pg_advisory_lock"

#: Uses of a slice where nobody else wants the token: some tens of milliseconds.
_USES: Final[Mapping[str, int]] = {
    LOCK: 10_000,
    MEMORY: 5_000,
    FILE: 200,
    FILELOCK: 100,
    REDIS: 50,
    REDIS_LOCK: 50,
    POSTGRES: 30,
    ADVISORY: 30,
}
#: Who stands for what each coordinator is instead of.
_PARTNER: Final[Mapping[str, str]] = {MEMORY: LOCK, FILE: FILELOCK, REDIS: REDIS_LOCK, POSTGRES: ADVISORY}

_WAITERS: Final = (1, 10, 100)
#: Seconds for which a waiter has the token: an answer that comes quickly.
_HELD: Final = 0.002
#: Turns of a contended slice, at least two for each waiter.
_TURNS: Final = 20
#: Waiters apart at most: a PostgreSQL has no connections for a hundred.
_MOST_APART: Final[Mapping[str, int]] = {FILE: 100, REDIS: 100, POSTGRES: 10}

TEXT: Final = f"""
Before each request our SDK asks for a *lease* on the token, and gives it back after the answer. A lease is more than a
lock: it ends by itself, it says how the request ended (a token whose request was lost stays taken), it serves
interactive calls first, it counts windows, it can be waited for by several processes, and cancelling leaves no trace.
What that costs where nothing is sent:

* **Uncontended**: ask, get, give back, in one task. Each is compared with what one would take instead: `asyncio.Lock`
  in one process, `filelock.AsyncFileLock` on one machine, `redis.asyncio.lock.Lock` (default settings) and
  `pg_advisory_lock` through psycopg between machines. Servers are real ones, on this machine. The ratios of the last
  three are elapsed time, since their cost is waiting.
* **Hand-over**: so many waiters take turns, each holds the token for {1000 * _HELD:.0f} ms, and what is counted is the time for which the
  token lies idle between one's giving back and another one's getting it: the mean of a slice. *In one process* they share
  a coordinator, and *apart* each has a coordinator of its own, with its own connections, as if it were a process of its
  own. The locks of filelock and redis-py ask again every 50 and 100 ms, so the more wait, the sooner one of them happens
  to ask, which the server pays for, and whoever has just given back gets it first; ours are woken, in the order in which
  they came. Only changes of hands count. A hundred coordinators apart share this process's one loop and core, which one
  hundred processes would not.
"""


@asynccontextmanager
async def _lease(agreeing: Coordinator, scope: Scope) -> AsyncIterator[None]:
    lease = await agreeing.admit(scope, lane="1a", rank=1, hold=60.0)
    try:
        yield
    finally:
        lease.release(Ending.COMPLETE)


def _scope(key: str) -> Scope:
    return Scope(key=key, max_in_flight=1, settle=1.0)


def _uses(turn: Turn, count: int) -> Slice:
    async def use() -> None:
        for _ in range(count):
            async with turn():
                pass

    return use


def _bare_uses(agreeing: Coordinator, scope: Scope, count: int) -> Slice:
    """As the gate does it: without the context manager, which costs as much as a lease in memory."""

    async def use() -> None:
        for _ in range(count):
            lease = await agreeing.admit(scope, lane="1a", rank=1, hold=60.0)
            lease.release(Ending.COMPLETE)

    return use


def _lock_uses(lock: asyncio.Lock, count: int) -> Slice:
    async def use() -> None:
        for _ in range(count):
            async with lock:
                pass

    return use


class _Places:
    """Everything that is compared, on servers and in folders of this run's own."""

    def __init__(self, stack: AsyncExitStack) -> None:
        self._stack = stack
        self._addresses: dict[str, str] = {}
        self.folder: Path = Path(stack.enter_context(tempfile.TemporaryDirectory()))

    async def start(self) -> None:
        """Start the servers."""
        with cores.elsewhere():
            for kind in (FILE, REDIS, POSTGRES):
                self._addresses[kind] = (await self._stack.enter_async_context(place(kind))).address

    async def coordinator(self, kind: str) -> Coordinator:
        """One that is open, with connections of its own."""
        agreeing = MemoryCoordinator() if kind == MEMORY else coordinator(self._addresses[kind])
        await agreeing.open()
        self._stack.push_async_callback(agreeing.close)
        return agreeing

    async def lock(self, kind: str, name: str) -> Turn:
        """A lock of the peer that stands beside a coordinator, with a connection of its own where it has one."""
        if kind == LOCK:
            lock = asyncio.Lock()
            return lambda: lock
        if kind == FILELOCK:
            filelock: Any = importlib.import_module("filelock")
            path = str(self.folder / name)
            # A new object each time: one that is held already would be entered a second time by anybody.
            return lambda: filelock.AsyncFileLock(path)
        if kind == REDIS_LOCK:
            redis: Any = importlib.import_module("redis.asyncio")
            client = redis.Redis.from_url(self._addresses[REDIS], max_connections=2 * max(_WAITERS))
            self._stack.push_async_callback(client.aclose)
            return lambda: client.lock(name, timeout=60)
        psycopg: Any = importlib.import_module("psycopg")
        connection = await psycopg.AsyncConnection.connect(self._addresses[POSTGRES], autocommit=True)
        self._stack.push_async_callback(connection.close)
        return lambda: _advisory(connection)


@asynccontextmanager
async def _advisory(connection: Any) -> AsyncIterator[None]:
    await connection.execute("select pg_advisory_lock(7)")
    try:
        yield
    finally:
        await connection.execute("select pg_advisory_unlock(7)")


async def _uncontended(effort: Effort) -> AsyncIterator[Figure]:
    async with AsyncExitStack() as stack:
        places = _Places(stack)
        await places.start()
        slices: dict[str, Slice] = {LOCK: _lock_uses(asyncio.Lock(), _USES[LOCK])}
        for kind, partner in _PARTNER.items():
            slices[kind] = _bare_uses(await places.coordinator(kind), _scope("ab5e"), _USES[kind])
            if partner != LOCK:
                slices[partner] = _uses(await places.lock(partner, "uncontended"), _USES[partner])
        compared = await compare(slices, effort.rounds)

    def one(name: str, taken: Mapping[str, Sequence[float]]) -> list[float]:
        return [seconds / _USES[name] for seconds in taken[name]]

    for kind, partner in _PARTNER.items():
        what, taken = ("CPU", compared.spent) if kind == MEMORY else ("wall", compared.took)
        mine, theirs = one(kind, taken), one(partner, taken)
        yield Figure(
            case="uncontended: ask, get, give back",
            what=what,
            variant=kind,
            against=partner,
            ratio=ratio_of(mine, theirs),
            goal=Goal(6.0) if kind == MEMORY else None,
            note=f"{_span(statistics.median(mine))} against {_span(statistics.median(theirs))}",
        )


class _Hands:
    """
    Waiters who take turns on one token.

    Args:
        turns: One for each waiter.
    """

    def __init__(self, turns: Sequence[Turn]) -> None:
        self._turns = turns
        self.idle: list[float] = []

    async def slice(self) -> None:
        """All take their turns; notes the mean time for which the token lay idle between two of them."""
        marks: list[tuple[float, float, int]] = []
        each = max(2, _TURNS // len(self._turns))

        async def wait(who: int, turn: Turn) -> None:
            for _ in range(each):
                async with turn():
                    got = time.perf_counter()
                    await asyncio.sleep(_HELD)
                    marks.append((got, time.perf_counter(), who))

        await asyncio.gather(*(wait(who, turn) for who, turn in enumerate(self._turns)))
        gaps = [(later[0] - earlier[1], earlier[2] != later[2]) for earlier, later in pairwise(sorted(marks))]
        assert min(gaps) >= (0, False), "two had the token at once"
        # Who takes it again at once, before anybody else asks, has not handed it over.
        self.idle.append(statistics.fmean(gap for gap, changed in gaps if changed))


async def _handed_over(hands: Mapping[str, _Hands], rounds: int) -> None:
    await compare({name: pair.slice for name, pair in hands.items()}, rounds, warm_up=1)
    for pair in hands.values():
        del pair.idle[0]


async def _together(effort: Effort) -> AsyncIterator[Figure]:
    """Waiters of one process."""
    for waiters in _WAITERS:
        async with AsyncExitStack() as stack:
            places = _Places(stack)
            await places.start()
            hands: dict[str, _Hands] = {}
            for kind in (MEMORY, FILE, REDIS, POSTGRES):
                hands[kind] = _Hands([_leases(await places.coordinator(kind))] * (waiters + 1))
            for kind in (LOCK, FILELOCK, REDIS_LOCK):
                hands[kind] = _Hands([await places.lock(kind, f"together-{waiters}")] * (waiters + 1))
            await _handed_over(hands, min(effort.rounds, 9))
        for kind in (MEMORY, FILE, REDIS, POSTGRES):
            yield _figure(f"hand-over, {_waiters(waiters)} in one process", kind, hands)


async def _apart(effort: Effort) -> AsyncIterator[Figure]:
    """Waiters who find each other only through the store."""
    for waiters in _WAITERS:
        kinds = [kind for kind, most in _MOST_APART.items() if waiters <= most]
        async with AsyncExitStack() as stack:
            places = _Places(stack)
            await places.start()
            hands: dict[str, _Hands] = {}
            for kind in kinds:
                hands[kind] = _Hands([_leases(await places.coordinator(kind)) for _ in range(waiters + 1)])
            for kind in (FILELOCK, REDIS_LOCK):
                hands[kind] = _Hands([await places.lock(kind, f"apart-{waiters}") for _ in range(waiters + 1)])
            await _handed_over(hands, min(effort.rounds, 9))
        for kind in kinds:
            yield _figure(f"hand-over, {_waiters(waiters)} apart", kind, hands)


def _figure(case: str, kind: str, hands: Mapping[str, _Hands]) -> Figure:
    partner = REDIS_LOCK if kind == POSTGRES else _PARTNER[kind]
    mine, theirs = hands[kind].idle, hands[partner].idle
    note = f"{_span(statistics.median(mine))} against {_span(statistics.median(theirs))}"
    if kind == MEMORY:
        return Figure(case=case, what="idle", variant=kind, against=partner, ratio=ratio_of(mine, theirs), note=note)
    return Figure(
        case=case,
        what="idle, times as long",
        variant=partner,
        against=kind,
        ratio=ratio_of(theirs, mine),
        goal=Goal(10.0, at_least=True) if kind == REDIS else None,
        note=note,
    )


def _leases(agreeing: Coordinator) -> Turn:
    scope = _scope("ab5e")
    return lambda: _lease(agreeing, scope)


def _waiters(count: int) -> str:
    return f"{count} waiter{'' if count == 1 else 's'}"


def _span(seconds: float) -> str:
    return f"{1e6 * seconds:.1f} µs" if seconds < 1e-3 else f"{1e3 * seconds:.2f} ms"


async def _figures(effort: Effort) -> AsyncIterator[Figure]:
    for part in (_uncontended, _together, _apart):
        async for figure in part(effort):
            yield figure


QUESTION: Final = Question(name="admission", title="Admission", text=TEXT, figures=_figures)
