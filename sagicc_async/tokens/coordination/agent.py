"""
What one process agrees on about one scope: its requests queue up here, and the process as a whole in the store.

A task works while there is anything to agree on: it hands in what has happened (leases given back, pauses) and asks for
the next leases, in one change of the document. Callers wait for futures, so a caller who is cancelled never cuts a change
in two. What is granted goes to whoever is first by then; if nobody waits any more it is handed back unused.
"""

from __future__ import annotations

import asyncio
import contextvars
import math
from collections.abc import Iterator
from typing import Final, Protocol

import attrs

from ...clock import Clock
from ...errors import ConfigError, LeaseLost
from ..admission import Ending
from . import Lease, Scope, ScopeStatus
from .callers import Caller, Line
from .state import ENTRY_LIFE, Ask, Entry, ScopeState
from .store import Decision, Now, Store, StoreError

# Three chances to renew an entry before it is over.
_RENEW: Final = ENTRY_LIFE / 3

#: Seconds between tries to reach a store that is away: at first, and at most.
_BACK_OFF: Final = (0.05, 2.0)


class Weather(Protocol):
    """Who is told whether the store can be reached."""

    def in_trouble(self, error: StoreError) -> None:
        """A change failed."""

    def well_again(self) -> None:
        """A change was made."""


@attrs.frozen
class _Agreed:
    """
    What came of it.

    Args:
        granted: What was granted of it, by lane.
        wait: Seconds after which to ask again if nobody wakes us.
    """

    granted: dict[str, list[Ask]]
    wait: float


@attrs.define(eq=False)
class _Change:
    """
    What one change of the document is to do.

    Args:
        owner: Who makes it.
        ageing: Seconds after which an overtaken entry of the common queue rises by one rank.
        clock: Time.
        ended: Leases to give back.
        pause: Seconds for which nothing starts; 0 for no pause.
        left: Lanes in which nobody waits any more.
        asks: By lane, one for each caller who could be granted something.
        began: When the time of what was granted by the latest decision began at the latest, on the local clock.
        seen: The document after it, and how far the store's clock is ahead of the local one.
    """

    owner: str
    ageing: float
    clock: Clock
    ended: dict[str, Ending]
    pause: float
    left: set[str]
    asks: dict[str, list[Ask]]
    began: float = 0.0
    seen: tuple[ScopeState, float] | None = None

    def decide(self, state: ScopeState, clock: Now) -> Decision[_Agreed]:
        """Do it, with whatever is kept at the moment."""
        local, now = self.clock.now(), clock.earliest
        self.began, self.seen = local - clock.uncertainty, (state, now - local)
        # What must wait from now on counts from the latest that now can be.
        for lease, ending in self.ended.items():
            state.release(lease, ending, clock.latest)
        for lane in self.left:
            state.withdraw(self.owner, lane)
        if self.pause:
            state.pause(clock.latest + self.pause)
        granted: dict[str, list[Ask]] = {}
        again, places = math.inf, dict[str, Entry]()
        for lane, asks in self.asks.items():
            granted[lane] = []
            for ask in asks:
                turn = state.ask(ask, now)
                if turn.place is not None:
                    places.setdefault(lane, turn.place)
                if turn.start > now:
                    again = min(again, turn.start)
                    break
                granted[lane].append(ask)
        # To take a place in the queue, or to look at it, is no news for the others: they would wake each other for ever.
        leased = any(ask.limited for asks in granted.values() for ask in asks)
        news = bool(self.ended or self.pause or self.left or leased)
        wake = state.next_up(self.ageing, now) - {self.owner} if news else ()
        changed = news or bool(places)
        return Decision(_Agreed(granted, again - now), frozenset(wake), changed, tuple(places.values()))


class ScopeAgent:
    """
    Agrees with other processes on one scope.

    Args:
        key: The scope's.
        store: Where it is agreed on.
        clock: Time.
        weather: Is told whether the store can be reached.
    """

    def __init__(self, key: str, store: Store, clock: Clock, weather: Weather) -> None:
        self._key = key
        self._ageing = math.inf  # of the latest request: which other process is woken depends on it, and no more
        self._store = store
        self._clock = clock
        self._weather = weather
        self._numbers = 0
        self._lines: dict[str, Line] = {}
        self._entered: set[str] = set()  # lanes in whose queue this process may stand in the store
        self._ended: dict[str, Ending] = {}
        self._paused_until = -math.inf  # a pause that the store does not know yet
        self._stirred = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._closed = False
        # The document as it was last seen, and how far the store's clock was ahead of the local one.
        self._seen: tuple[ScopeState, float] | None = None

    @property
    def task(self) -> asyncio.Task[None] | None:
        """What is at work; `None` while there is nothing to agree on."""
        return self._task

    async def admit(self, scope: Scope, *, lane: str, rank: int, hold: float) -> Lease:
        """Wait for the turn of one request; see `Coordinator.admit`."""
        line = self._lines.setdefault(lane, Line())
        self._numbers += 1
        self._ageing = scope.ageing
        caller = Caller(
            scope=scope,
            rank=rank,
            number=self._numbers,
            hold=hold,
            since=self._clock.now(),
            lease=asyncio.get_running_loop().create_future(),
        )
        line.join(caller)
        self._stir()
        try:
            return await caller.lease
        except asyncio.CancelledError:
            if not line.leave(caller) and not caller.lease.cancelled() and caller.lease.exception() is None:
                caller.lease.result().release(Ending.UNSENT)  # granted in the same moment
            self._stir()
            raise

    def pause(self, seconds: float) -> None:
        """Start nothing for `seconds`: here at once, elsewhere as soon as the store knows."""
        self._paused_until = max(self._paused_until, self._clock.now() + seconds)
        self._stir()

    def give_back(self, granted: Ask, ending: Ending) -> None:
        """Hand a lease in at the next opportunity; it ends by itself if there is none."""
        if granted.limited:
            self._ended[granted.lease] = ending
            self._stir()

    def close(self) -> None:
        """Agree on nothing any more; what is still held ends by itself."""
        self._closed = True
        if self._task is not None:
            self._task.cancel()

    def look_again(self) -> None:
        """Somebody else changed the document, or may have."""
        if self._task is not None:
            self._stirred.set()

    def status(self, scope: Scope) -> ScopeStatus:
        """The queue here, and what was last seen of the scope elsewhere. Other threads may look, hence the copies."""
        waiting = sum(map(len, tuple(self._lines.values())))
        state, ahead = self._seen or (ScopeState(), 0.0)
        now = self._clock.now() + ahead
        return ScopeStatus(
            waiting=waiting,
            in_flight=sum(lease.until > now for lease in tuple(state.leases.values())),
            paused_for=max(0.0, state.paused_until - now),
            windows=[(window, state.taken(window, now)) for window in scope.windows],
        )

    def _stir(self) -> None:
        """Agree at once where the store can, else let the task do it."""
        self._stirred.set()
        if self._task is not None or self._closed:
            return
        wait = self._agree_at_once()
        if self._busy():
            # In an empty context: it works for everybody, so nobody's deadline or priority holds for it.
            self._task = asyncio.get_running_loop().create_task(self._work(wait), context=contextvars.Context())

    def _busy(self) -> bool:
        """Whether there is anything to agree on."""
        return bool(self._ended or self._entered or self._paused_until > -math.inf or any(self._lines.values()))

    async def _work(self, wait: float) -> None:
        back_off = _BACK_OFF[0]
        try:
            await self._idle(wait)
            while self._busy():
                await asyncio.sleep(0)  # whoever has just got its answer may ask for more: then both are one change
                self._stirred.clear()
                try:
                    wait = await self._agree()
                except StoreError as error:
                    self._weather.in_trouble(error)
                    await self._clock.sleep(back_off)  # whatever stirs: the store is away
                    back_off = min(back_off * 2, _BACK_OFF[1])
                except Exception as error:  # noqa: BLE001 - a newer release's store, or a slip of ours: theirs to raise
                    self._refuse(error)
                else:
                    self._weather.well_again()
                    back_off = _BACK_OFF[0]
                    if self._busy():
                        await self._idle(wait)
        finally:
            self._task = None

    async def _idle(self, seconds: float) -> None:
        """Wait until something stirs, or it is time to ask again."""
        wait = min(seconds, _RENEW, self._store.polling)
        if wait <= 0:
            return
        timer = self._clock.call_later(wait, self._stirred.set)
        try:
            await self._stirred.wait()
        finally:
            timer.cancel()

    async def _agree(self) -> float:
        """
        Make one change of the document.

        Returns:
            Seconds after which to look again.
        """
        change = self._change()
        try:
            agreed = await self._store.change(self._key, change.decide)
        except BaseException as error:
            self._take_back(change, in_doubt=not isinstance(error, StoreError) or error.in_doubt)
            raise
        return self._follow(change, agreed)

    def _agree_at_once(self) -> float:
        """The same where it takes no waiting; 0, which is to agree by the task, where it does."""
        change = self._change()
        try:
            agreed = self._store.change_at_once(self._key, change.decide)
        except (StoreError, ConfigError):
            agreed = None  # the task will meet it again, and tell
        if agreed is None:
            self._take_back(change, in_doubt=False)
            return 0.0
        self._weather.well_again()
        self._stirred.clear()
        return self._follow(change, agreed)

    def _follow(self, change: _Change, agreed: _Agreed) -> float:
        """Act on what was agreed; see `_agree`."""
        self._seen = change.seen
        self._entered = {lane for lane, asks in change.asks.items() if len(agreed.granted[lane]) < len(asks)}
        for lane, granted in agreed.granted.items():
            self._hand_out(lane, granted, change.began)
        more = any(self._lines.get(lane) for lane in change.asks.keys() - self._entered)
        return 0.0 if more or self._ended else agreed.wait

    def _change(self) -> _Change:
        """A change for everything that has come up since the last one."""
        ended, self._ended = self._ended, {}
        now = self._clock.now()
        pause, self._paused_until = max(0.0, self._paused_until - now), -math.inf
        self._lines = {lane: line for lane, line in self._lines.items() if line}
        # In the order of their first ones: what is open to all tokens goes to whoever asks for it first.
        lines = sorted(self._lines.items(), key=lambda item: item[1].turn(now))
        asks = {lane: list(self._asks(lane, line, now)) for lane, line in lines}
        return _Change(self._store.owner, self._ageing, self._clock, ended, pause, self._entered - set(asks), asks)

    def _take_back(self, change: _Change, *, in_doubt: bool) -> None:
        """The change was not made, or nobody knows: what it was to tell stays to be told, and what it may have got too."""
        self._ended = {**change.ended, **self._ended}
        if change.pause:
            self._paused_until = max(self._paused_until, self._clock.now() + change.pause)
        if in_doubt:
            asked = (ask for asks in change.asks.values() for ask in asks)
            self._ended |= {ask.lease: Ending.UNSENT for ask in asked if ask.limited}

    def _asks(self, lane: str, line: Line, now: float) -> Iterator[Ask]:
        for caller in line.in_order(now):
            self._numbers += 1
            yield caller.ask(f"{self._store.owner}-{self._numbers}", self._store.owner, lane, now)

    def _hand_out(self, lane: str, granted: list[Ask], began: float) -> None:
        """Give leases to those who are first now; what nobody takes goes back unused."""
        now = self._clock.now()
        line = self._lines.get(lane, Line())
        for ask in granted:
            caller = line.next(now) if self._paused_until <= now else None
            if caller is not None and not caller.bears(ask):
                caller = None  # it came meanwhile, and asks for itself
            # The store may have taken so long to say so that it is of little use any more.
            if caller is None or now > began + caller.hold / 2:
                self.give_back(ask, Ending.UNSENT)
            else:
                line.serve(caller, now)
                caller.lease.set_result(_SharedLease(self, ask, self._clock, now - caller.since, began, caller.hold))

    def _refuse(self, error: Exception) -> None:
        """Nothing can be agreed on for good: everybody who waits is told."""
        for line in self._lines.values():
            line.refuse(error)
        self._lines, self._entered, self._ended = {}, set(), {}
        self._paused_until = -math.inf


@attrs.define(eq=False)
class _SharedLease:
    """A granted lease."""

    _agent: ScopeAgent
    _ask: Ask
    _clock: Clock
    waited: float
    _began: float
    _hold: float
    _over: bool = False

    @property
    def age(self) -> float:
        """Seconds of its time that have passed, what it took to hear of it included."""
        return self._clock.now() - self._began

    def check(self) -> None:
        """Raise `LeaseLost` if the time is over, by a clock that goes on while the machine is suspended."""
        late = self.age - self._hold
        if late > 0:
            raise LeaseLost(f"the lease on the token ended {late:.1f} s before the request could be written")

    def release(self, ending: Ending) -> None:
        """Give it back, as soon as the store can be told."""
        if not self._over:
            self._over = True
            self._agent.give_back(self._ask, ending)
