"""
What processes agree on about one scope, and the decisions on it: who may send next, whoever asks.

It is a small document that a store keeps (`store.py`). All stores share these decisions, so the promise is the same in a
file, in Redis and in PostgreSQL. Pure: the store's clock comes in as an argument. No secret is in it, and nothing that
could be sent to a vendor: names of scopes and lanes are digests, those of owners are random.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final

import attrs
import msgspec

from ..admission import Ending
from ..precedence import bulk_until, first, mark_overtaken, risen
from ..window import Window, WindowState, opening

#: Raised when the meaning of a field changes. A process refuses a document of a later layout than it knows.
LAYOUT: Final = 1

#: Seconds that an entry in the queue lives. Whoever waits renews it; one whose process died or stands still delays
#: the others for so long.
ENTRY_LIFE: Final = 3.0

# What somebody holds who lives stays taken for so long at least: others look again by then.
_LIVES_ON: Final = 1.0


@attrs.frozen(kw_only=True)
class Ask:
    """
    What one request of a process asks for.

    Args:
        lease: Name that the lease gets if it is granted, new for each ask.
        owner: Which process, or rather which coordinator in it.
        lane: Digest of the token.
        rank: 0 interactive, 1 normal, 2 bulk; that to which it has risen among those of its process.
        hold: Seconds that it may use the token.
        settle: Seconds for which the token stays taken after the holder lost sight of its request.
        max_in_flight: Requests at once on the token, as the asker declares it; `None` for any number.
        windows: Limits that the vendor counts, as the asker declares them.
        ageing: Seconds after which who was overtaken rises by one rank.
    """

    lease: str
    owner: str
    lane: str
    rank: int
    hold: float
    settle: float
    max_in_flight: int | None
    windows: tuple[Window, ...]
    ageing: float

    @property
    def limited(self) -> bool:
        """Whether there is anything to agree on but pauses."""
        return self.max_in_flight is not None or bool(self.windows)


@attrs.frozen
class Turn:
    """
    What came of an ask.

    Args:
        start: The time of asking if it was granted, else when to ask again if nothing else happens until then.
        place: The asker's place in the queue, if it was taken or renewed just now.
    """

    start: float
    place: Entry | None = None


class Holding(msgspec.Struct):
    """A lease: whose it is, and until when its token is taken. Without an owner it only settles."""

    lane: str
    owner: str
    until: float
    settle: float


class Entry(msgspec.Struct):
    """A process that waits for a token: once in the queue, however many of its requests wait behind it."""

    owner: str
    lane: str
    rank: int
    number: int
    limit: int | None
    expires: float
    overtaken_at: float | None = None

    def stands_for(self, ask: Ask, now: float) -> bool:
        """Whether it need not be renewed: who looks in vain changes nothing where it can, for the sake of all others."""
        same = (self.rank, self.limit) == (ask.rank, ask.max_in_flight)
        return same and self.expires - now > ENTRY_LIFE / 2


class Slots(msgspec.Struct):
    """The slots of a window that are taken, by the name of the lease."""

    per: float
    taken: dict[str, float]
    due: float = 0.0


class ScopeState(msgspec.Struct):
    """
    The document of one scope.

    Args:
        layout: What this release writes.
        time: The store's clock when it was last written.
        known_since: What happened before is not known: the store lost its content then. 0 if nothing was lost.
        paused_until: Nothing starts before, on the vendor's word.
        arrivals: Number of the latest entry.
        leases: By name.
        queue: Who waits.
        windows: One for each length that anybody declared.
    """

    layout: int = LAYOUT
    time: float = 0.0
    known_since: float = 0.0
    paused_until: float = 0.0
    arrivals: int = 0
    leases: dict[str, Holding] = msgspec.field(default_factory=dict)
    queue: list[Entry] = msgspec.field(default_factory=list)
    windows: list[Slots] = msgspec.field(default_factory=list)

    def begin(self, now: float, lives: Callable[[str], bool] | None = None) -> bool:
        """
        Bring the document up to the store's clock; before every decision.

        Args:
            now: The store's clock. It is not set back: a store whose clock may be sees to it (`swap.py`).
            lives: Whether an owner lives, where a store can tell. Who is dead waits no more, and what it held only
                settles; who lives, if only stopped, keeps what it holds for longer than its lease.

        Returns:
            Whether something was found that has to be kept, or else it would be found anew each time, and later.
        """
        self.time = now
        owners = set() if lives is None else self._owners()
        dead = {owner for owner in owners if lives is not None and not lives(owner)}
        for owner in owners - dead:
            self.prolong(owner, now + _LIVES_ON)
        for owner in dead:
            self.bury(owner, now)
        self.leases = {name: lease for name, lease in self.leases.items() if lease.until > now}
        self.queue = [entry for entry in self.queue if entry.expires > now]
        for slots in self.windows:
            slots.taken = {name: free for name, free in slots.taken.items() if free > now}
        return bool(dead)

    def ask(self, ask: Ask, now: float) -> Turn:
        """Grant a lease, or queue up. Where there is nothing to agree on but pauses, nothing is noted."""
        if not ask.limited:
            return Turn(max(now, self.paused_until))
        entry, place = self._entry(ask.owner, ask.lane), None
        if entry is None or not entry.stands_for(ask, now):
            place = Entry(ask.owner, ask.lane, ask.rank, 0, ask.max_in_flight, now + ENTRY_LIFE)
            entry = self.enter(place)
        start = self._starts_at(entry, ask, now)
        if start <= now:
            self._grant(entry, ask, now)
        return Turn(start, place)

    def enter(self, place: Entry) -> Entry:
        """Take a place in the queue, behind all others, or renew it where it is if it was not over yet."""
        entry = self._entry(place.owner, place.lane)
        if entry is not None and entry.expires > place.expires - ENTRY_LIFE:
            if entry.rank != place.rank:
                entry.overtaken_at = None  # another request, or one that has risen by its own count: it counts anew
            entry.rank, entry.limit, entry.expires = place.rank, place.limit, place.expires
            return entry
        self.withdraw(place.owner, place.lane)
        self.arrivals += 1
        place.number = self.arrivals
        self.queue.append(place)
        return place

    def release(self, lease: str, ending: Ending, now: float) -> None:
        """Give a lease back, as `Admission.release` does; one that is not there is none."""
        holding = self.leases.pop(lease, None)
        until = now
        if holding is not None and ending is Ending.LOST:
            until = min(holding.until, now + holding.settle)
            self.leases[lease] = Holding(holding.lane, "", until, holding.settle)
        for slots in self.windows:
            if lease in slots.taken:
                if ending is Ending.UNSENT:
                    del slots.taken[lease]
                else:
                    slots.taken[lease] = min(slots.taken[lease], until + slots.per)

    def withdraw(self, owner: str, lane: str) -> None:
        """Leave the queue: none of the owner's requests waits for this token any more."""
        self.queue = [entry for entry in self.queue if (entry.owner, entry.lane) != (owner, lane)]

    def pause(self, until: float) -> None:
        """Start nothing before `until`; a shorter pause never shortens a longer one."""
        self.paused_until = max(self.paused_until, until)

    def bury(self, owner: str, now: float) -> None:
        """An owner is known to be dead: what it held only settles, and it waits no more."""
        self.queue = [entry for entry in self.queue if entry.owner != owner]
        for lease in self.leases.values():
            if lease.owner == owner:
                lease.owner, lease.until = "", min(lease.until, now + lease.settle)

    def prolong(self, owner: str, until: float) -> None:
        """An owner is known to live, if only stopped: what it holds stays taken."""
        for lease in self.leases.values():
            if lease.owner == owner:
                lease.until = max(lease.until, until)

    def next_up(self, ageing: float, now: float) -> set[str]:
        """The owners of those whose turn it is, as far as the tokens tell: who is to be woken."""
        if self.paused_until > now:
            return set()
        lanes = {entry.lane for entry in self._ready(now)}
        heads = (first([entry for entry in self._ready(now) if entry.lane == lane], ageing, now) for lane in lanes)
        return {head.owner for head in heads if head is not None}

    def taken(self, window: Window, now: float) -> int:
        """How many slots of a window are taken."""
        mine = (slots for slots in tuple(self.windows) if slots.per == window.per)
        return sum(free > now for slots in mine for free in tuple(slots.taken.values()))

    def idle(self, now: float) -> bool:
        """Whether nothing in it matters any more; after `begin`."""
        return self.paused_until <= now and not (
            self.leases or self.queue or any(slots.taken for slots in self.windows)
        )

    def _owners(self) -> set[str]:
        """Everybody who holds a lease or waits."""
        return {lease.owner for lease in self.leases.values() if lease.owner} | {entry.owner for entry in self.queue}

    def _entry(self, owner: str, lane: str) -> Entry | None:
        """An owner's place in the queue for a token."""
        return next((entry for entry in self.queue if (entry.owner, entry.lane) == (owner, lane)), None)

    def _starts_at(self, entry: Entry, ask: Ask, now: float) -> float:
        start = max(now, self.paused_until, self._known_at(ask), self._free_at(ask.lane, ask.max_in_flight, now))
        if ask.windows:
            states = [self._window(window) for window in ask.windows]
            start = max(start, opening(states, now, paced_until=bulk_until(entry, ask.ageing, now)))
        if start > now:
            return start
        mine = (risen(entry, ask.ageing, now), entry.number)
        ahead = [other.expires for other in self._ready(now) if (risen(other, ask.ageing, now), other.number) < mine]
        return min(ahead, default=now)

    def _known_at(self, ask: Ask) -> float:
        """When everything that a store forgot must be over at the vendor."""
        if not self.known_since:
            return 0.0
        return self.known_since + ask.hold + ask.settle + max((window.per for window in ask.windows), default=0.0)

    def _free_at(self, lane: str, limit: int | None, now: float) -> float:
        if limit is None:
            return now
        taken = sorted(lease.until for lease in self.leases.values() if lease.lane == lane)
        return now if len(taken) < limit else taken[len(taken) - limit]

    def _ready(self, now: float) -> Iterable[Entry]:
        """Those whose token is free."""
        return (entry for entry in self.queue if self._free_at(entry.lane, entry.limit, now) <= now)

    def _grant(self, entry: Entry, ask: Ask, now: float) -> None:
        mark_overtaken(self._ready(now), entry, now)
        self.queue.remove(entry)  # it queues up anew for its next request, behind the other processes
        until = now + ask.hold + ask.settle
        self.leases[ask.lease] = Holding(ask.lane, ask.owner, until, ask.settle)
        for window in ask.windows:
            state = self._window(window)
            state.take(ask.lease, now, until=until)
            self._slots(window).due = state.due

    def _window(self, window: Window) -> WindowState:
        slots = self._slots(window)
        return WindowState(window, slots.taken, slots.due)

    def _slots(self, window: Window) -> Slots:
        for slots in self.windows:
            if slots.per == window.per:
                return slots
        # Requests that are at work when a window is declared count in it too.
        slots = Slots(window.per, {name: lease.until + window.per for name, lease in self.leases.items()})
        self.windows.append(slots)
        return slots
