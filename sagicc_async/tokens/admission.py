"""
One queue for lease and window: who may send next.

A request is granted when its token is free *and* its window is open, so nobody holds one while waiting for the other.
This is the decision alone: no waiting, no clock, no loop. Coordinators (`tokens/coordination/`) run it.

What keeps a token taken is written down before the first byte: `busy_until = grant + hold + settle`. Only a complete
answer clears it. An exchange of which we lost sight leaves the token taken for another `settle` seconds.
"""

from __future__ import annotations

import enum
import itertools
import math
from collections import deque
from collections.abc import Iterable, Iterator, Sequence

import attrs

from .window import Window, WindowState

_RANKS = 3
_BULK = _RANKS - 1


class Ending(enum.Enum):
    """How an exchange ended, as far as the token is concerned."""

    COMPLETE = "complete"
    """The whole answer is here: the vendor is done."""

    UNSENT = "unsent"
    """Nothing was written: the vendor never began."""

    LOST = "lost"
    """A byte may be out and no complete answer came: the vendor may still be at work."""


@attrs.define(eq=False, kw_only=True)
class Ticket:
    """
    A place in the queue, and after the grant the lease itself.

    Args:
        lane: Which token.
        rank: 0 for interactive, 1 for normal, 2 for bulk.
        number: Order of arrival.
        hold: Seconds that the holder may use it.
        settle: Seconds for which the token stays taken after the holder lost sight of its request.
        enqueued_at: When it came.
        overtaken_at: When a later arrival first started before it.
        granted_at: When it was granted.
    """

    lane: str
    rank: int
    number: int
    hold: float
    settle: float
    enqueued_at: float
    overtaken_at: float | None = None
    granted_at: float | None = None


@attrs.define(eq=False)
class _Lane:
    """One token: who waits for it, and until when it is taken by whom."""

    queues: tuple[deque[Ticket], ...] = attrs.field(factory=lambda: tuple(deque[Ticket]() for _ in range(_RANKS)))
    busy_until: dict[int, float] = attrs.field(factory=dict)

    def waiting(self) -> Iterator[Ticket]:
        return itertools.chain.from_iterable(self.queues)

    def heads(self) -> Iterator[Ticket]:
        return (queue[0] for queue in self.queues if queue)

    def free_at(self, now: float, capacity: int | None) -> float:
        """When this token can be used once more."""
        for number in [number for number, until in self.busy_until.items() if until <= now]:
            del self.busy_until[number]
        if capacity is None or len(self.busy_until) < capacity:
            return now
        return sorted(self.busy_until.values())[len(self.busy_until) - capacity]


class Admission:
    """
    The queue of everything that shares a window, or, without windows, a token.

    Args:
        max_in_flight: Requests at once on one token; `None` for any number.
        windows: Limits that all lanes share.
        ageing: Seconds after which an overtaken request rises by one rank.
    """

    def __init__(
        self, *, max_in_flight: int | None = None, windows: Sequence[Window] = (), ageing: float = 10.0
    ) -> None:
        self._max_in_flight = max_in_flight
        self._windows = [WindowState(window) for window in windows]
        self._ageing = ageing
        self._lanes: dict[str, _Lane] = {}
        self._numbers = itertools.count()
        self._paused_until = -math.inf

    def tighten(self, max_in_flight: int | None, windows: Sequence[Window]) -> None:
        """Where two users of one scope declare different limits, the stricter ones hold for both."""
        limits = [limit for limit in (self._max_in_flight, max_in_flight) if limit is not None]
        self._max_in_flight = min(limits, default=None)
        for state in self._windows:
            state.window = min((state.window, *(w for w in windows if w.per == state.window.per)), key=lambda w: w.limit)
        known = {state.window.per for state in self._windows}
        self._windows.extend(WindowState(window) for window in windows if window.per not in known)

    def enqueue(self, *, lane: str, rank: int, hold: float, settle: float, now: float) -> Ticket:
        """Queue up; `grant` decides when it is this ticket's turn."""
        ticket = Ticket(
            lane=lane, rank=rank, number=next(self._numbers), hold=hold, settle=settle, enqueued_at=now
        )
        self._lanes.setdefault(lane, _Lane()).queues[rank].append(ticket)
        return ticket

    def withdraw(self, ticket: Ticket) -> None:
        """Leave the queue without having been granted; nothing is spent."""
        self._lanes[ticket.lane].queues[ticket.rank].remove(ticket)
        self._drop_if_idle(ticket.lane)

    def grant(self, now: float) -> list[Ticket]:
        """Grant everything that may start now, in order."""
        granted: list[Ticket] = []
        while (ticket := self._next(now)) is not None and self._opens_at(ticket, now) <= now:
            self._start(ticket, now)
            granted.append(ticket)
        return granted

    def release(self, ticket: Ticket, ending: Ending, now: float) -> None:
        """
        Give a granted ticket back; a second time is harmless.

        Args:
            ticket: A granted one.
            ending: Decides whether the token is free at once or stays taken for `settle` seconds.
            now: The clock.
        """
        lane = self._lanes.get(ticket.lane)
        if lane is None or ticket.granted_at is None:
            return
        until, ticket.granted_at = _busy_until(ticket), None
        if ending is Ending.LOST:
            until = min(until, now + ticket.settle)
            if ticket.number in lane.busy_until:
                lane.busy_until[ticket.number] = until
        else:
            lane.busy_until.pop(ticket.number, None)
        for state in self._windows:
            if ending is Ending.UNSENT:
                state.give_back()
            else:
                state.answered(max(now, until) if ending is Ending.LOST else now)
        self._drop_if_idle(ticket.lane)

    def pause(self, until: float) -> None:
        """Start nothing before `until`; a shorter pause never shortens a longer one."""
        self._paused_until = max(self._paused_until, until)

    def wakes_at(self, now: float) -> float:
        """When `grant` is worth asking again although nothing else happens; infinity if never."""
        best = math.inf
        for lane in self._lanes.values():
            for ticket in lane.heads():
                best = min(best, max(lane.free_at(now, self._max_in_flight), self._opens_at(ticket, now)))
        return best

    def waiting(self) -> int:
        """Requests in the queue."""
        return sum(1 for lane in self._lanes.values() for _ in lane.waiting())

    def in_flight(self, now: float) -> int:
        """Requests that hold a token or left it taken."""
        return sum(sum(until > now for until in lane.busy_until.values()) for lane in self._lanes.values())

    def paused_for(self, now: float) -> float:
        """Seconds for which everything waits on the vendor's word."""
        return max(0.0, self._paused_until - now)

    def used(self, now: float) -> list[tuple[Window, int]]:
        """Each window and how much of it is taken."""
        return [(state.window, state.used(now)) for state in self._windows]

    def _next(self, now: float) -> Ticket | None:
        """The ticket whose turn it is, among those whose token is free."""
        free = (lane for lane in self._lanes.values() if lane.free_at(now, self._max_in_flight) <= now)
        heads = itertools.chain.from_iterable(lane.heads() for lane in free)
        return min(heads, key=lambda ticket: (self._rank(ticket, now), ticket.number), default=None)

    def _rank(self, ticket: Ticket, now: float) -> int:
        if ticket.overtaken_at is None:
            return ticket.rank
        return max(0, ticket.rank - int((now - ticket.overtaken_at) / self._ageing))

    def _opens_at(self, ticket: Ticket, now: float) -> float:
        paced = self._rank(ticket, now) == _BULK
        return max(now, self._paused_until, *(state.opens_at(now, paced=paced) for state in self._windows))

    def _start(self, ticket: Ticket, now: float) -> None:
        lane = self._lanes[ticket.lane]
        lane.queues[ticket.rank].popleft()
        ticket.granted_at = now
        lane.busy_until[ticket.number] = _busy_until(ticket)
        for state in self._windows:
            state.take(now)
        # Ageing counts from the first time that a later arrival started first, not from arrival: waiting for a slow
        # answer or a lost one is nobody's overtaking, and must not let bulk work slip in before an interactive call.
        for waiting in self._overtaken(lane.queues[ticket.rank + 1 :], ticket):
            waiting.overtaken_at = now

    def _overtaken(self, queues: Iterable[deque[Ticket]], starter: Ticket) -> Iterator[Ticket]:
        for queue in queues:
            for ticket in reversed(queue):
                if ticket.number > starter.number:
                    continue
                if ticket.overtaken_at is not None:
                    break  # so are all in front of it
                yield ticket

    def _drop_if_idle(self, key: str) -> None:
        lane = self._lanes[key]
        if not lane.busy_until and not any(lane.queues):
            del self._lanes[key]


def _busy_until(ticket: Ticket) -> float:
    granted_at = ticket.granted_at
    assert granted_at is not None  # noqa: S101 - only called for granted tickets
    return granted_at + ticket.hold + ticket.settle
