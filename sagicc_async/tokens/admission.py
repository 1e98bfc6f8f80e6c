"""
One queue for lease and window: who may send next.

A request is granted when its token is free *and* its window is open, so nobody holds one while waiting for the other.
This is the decision alone: no waiting, no clock, no loop. Coordinators (`tokens/coordination/`) run it.

What keeps a token taken is written down before the first byte: `busy_until = grant + hold + settle`. Only a complete
answer clears it. An exchange of which we lost sight leaves the token taken for another `settle` seconds.
"""

from __future__ import annotations

import enum
import math
from collections import deque
from collections.abc import Iterator, Sequence

import attrs

from .precedence import RANKS, bulk_until, first, mark_overtaken
from .window import Window, WindowState, opening


class Ending(enum.Enum):
    """How an exchange ended, as far as the token is concerned."""

    COMPLETE = "complete"
    """The whole answer is here: the vendor is done."""

    UNSENT = "unsent"
    """Nothing was written: the vendor never began."""

    LOST = "lost"
    """A byte may be out and no complete answer came: the vendor may still be at work."""


@attrs.define(eq=False)
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
    """
    One token: who waits for it, and until when it is taken by whom.

    Its limit is the strictest that anybody has declared who used it: logins, which use no token, stand in the same queue,
    in a lane without one.
    """

    limit: int | None = None
    queues: tuple[deque[Ticket], ...] = ()  # made when somebody has to wait: in most lanes nobody ever does
    busy_until: dict[int, float] = attrs.field(factory=dict)

    def tighten(self, limit: int | None) -> None:
        if limit is not None and (self.limit is None or limit < self.limit):
            self.limit = limit

    def join(self, ticket: Ticket) -> None:
        if not self.queues:
            self.queues = tuple(deque[Ticket]() for _ in range(RANKS))
        self.queues[ticket.rank].append(ticket)

    def heads(self) -> list[Ticket]:
        return [queue[0] for queue in self.queues if queue]

    def free_at(self, now: float) -> float:
        """When this token can be used once more."""
        if self.busy_until:
            for number in [number for number, until in self.busy_until.items() if until <= now]:
                del self.busy_until[number]
        if self.limit is None or len(self.busy_until) < self.limit:
            return now
        return sorted(self.busy_until.values())[len(self.busy_until) - self.limit]

    def idle(self, now: float) -> bool:
        return not any(self.queues) and all(until <= now for until in self.busy_until.values())


class Admission:
    """
    The queue of everything that shares a window, or, without windows, a token.

    Args:
        windows: Limits that all lanes share.
        ageing: Seconds after which an overtaken request rises by one rank.
    """

    def __init__(self, *, windows: Sequence[Window] = (), ageing: float = 10.0) -> None:
        self._windows = [WindowState(window) for window in windows]
        self._ageing = ageing
        self._lanes: dict[str, _Lane] = {}
        self._waiting = 0
        self._arrivals = 0
        self._paused_until = -math.inf

    def tighten(self, windows: Sequence[Window]) -> None:
        """Where two users of one scope declare different windows, the stricter ones hold for both."""
        for state in self._windows:
            state.window = min(
                (state.window, *(w for w in windows if w.per == state.window.per)), key=lambda w: w.limit
            )
        known = {state.window.per for state in self._windows}
        for window in windows:
            if window.per not in known:
                self._windows.append(self._opened(window))

    def enqueue(
        self, *, lane: str, max_in_flight: int | None, rank: int, hold: float, settle: float, now: float
    ) -> Ticket:
        """
        Queue up; `grant` decides when it is this ticket's turn.

        Args:
            lane: Which token.
            max_in_flight: Requests at once on it, as this user declares it; `None` for any number.
            rank: 0 for interactive, 1 for normal, 2 for bulk.
            hold: Seconds that the holder may use it.
            settle: Seconds for which the token stays taken after the holder lost sight of its request.
            now: The clock.
        """
        ticket = self._arrival(lane, rank, hold, settle, now)
        place = self._lane(lane, now)
        place.tighten(max_in_flight)
        place.join(ticket)
        self._waiting += 1
        return ticket

    def grant_at_once(
        self, *, lane: str, max_in_flight: int | None, rank: int, hold: float, settle: float, now: float
    ) -> Ticket | None:
        """
        What `enqueue` and `grant` come to where nobody waits, in one step: most requests find the token free.

        Returns:
            The granted ticket; `None` if it must queue up.
        """
        if self._waiting or now < self._paused_until:
            return None
        place = self._lanes.get(lane) or self._lane(lane, now)
        place.tighten(max_in_flight)
        if place.busy_until and place.free_at(now) > now:
            return None
        ticket = self._arrival(lane, rank, hold, settle, now)
        if self._windows and self._opens_at(ticket, now) > now:
            return None
        self._take(ticket, now)
        return ticket

    def withdraw(self, ticket: Ticket) -> None:
        """Leave the queue without having been granted; nothing is spent."""
        self._lanes[ticket.lane].queues[ticket.rank].remove(ticket)
        self._waiting -= 1

    def grant(self, now: float) -> list[Ticket]:
        """Grant everything that may start now, in order."""
        granted: list[Ticket] = []
        while self._waiting:
            ticket = self._next(now)
            if ticket is None or self._opens_at(ticket, now) > now:
                break
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
        if ticket.granted_at is None:
            return
        until = min(_busy_until(ticket), now + ticket.settle) if ending is Ending.LOST else now
        ticket.granted_at = None
        lane = self._lanes.get(ticket.lane)  # forgotten, if this lease outlived its time
        if lane is not None and ticket.number in lane.busy_until:
            if until > now:
                lane.busy_until[ticket.number] = until
            else:
                del lane.busy_until[ticket.number]
        for state in self._windows:
            if ending is Ending.UNSENT:
                state.give_back(ticket.number)
            else:
                state.answered(ticket.number, until)

    def pause(self, until: float) -> None:
        """Start nothing before `until`; a shorter pause never shortens a longer one."""
        self._paused_until = max(self._paused_until, until)

    def wakes_at(self, now: float) -> float:
        """When `grant` can grant something although nothing else happens; infinity if nothing waits."""
        best = math.inf
        if not self._waiting:
            return best
        for lane in self._lanes.values():
            for ticket in lane.heads():
                best = min(best, max(lane.free_at(now), self._opens_at(ticket, now)))
        return best

    def waiting(self) -> int:
        """Requests in the queue."""
        return self._waiting

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
        return first(self._candidates(now), self._ageing, now)

    def _candidates(self, now: float) -> Iterator[Ticket]:
        for lane in self._lanes.values():
            if any(lane.queues) and lane.free_at(now) <= now:
                yield from lane.heads()

    def _opens_at(self, ticket: Ticket, now: float) -> float:
        start = max(now, self._paused_until)
        if not self._windows:
            return start
        return max(start, opening(self._windows, now, paced_until=bulk_until(ticket, self._ageing, now)))

    def _opened(self, window: Window) -> WindowState:
        """A window that is declared while requests are at work, which count in it too."""
        state = WindowState(window)
        for lane in self._lanes.values():
            for number, until in lane.busy_until.items():
                state.take(number, -math.inf, until=until)
        return state

    def _arrival(self, lane: str, rank: int, hold: float, settle: float, now: float) -> Ticket:
        self._arrivals += 1
        return Ticket(lane, rank, self._arrivals, hold, settle, now)

    def _lane(self, key: str, now: float) -> _Lane:
        lane = self._lanes.get(key)
        if lane is None:
            self._lanes = {other: kept for other, kept in self._lanes.items() if not kept.idle(now)}  # rotated tokens
            lane = self._lanes[key] = _Lane()
        return lane

    def _start(self, ticket: Ticket, now: float) -> None:
        # Only the head of a queue ages, so that a long queue gets a turn at times, and not all of them at once.
        if self._waiting > 1:
            mark_overtaken(self._candidates(now), ticket, now)
        self._lanes[ticket.lane].queues[ticket.rank].popleft()
        self._waiting -= 1
        self._take(ticket, now)

    def _take(self, ticket: Ticket, now: float) -> None:
        ticket.granted_at = now
        until = now + ticket.hold + ticket.settle
        self._lanes[ticket.lane].busy_until[ticket.number] = until
        for state in self._windows:
            state.take(ticket.number, now, until=until)


def _busy_until(ticket: Ticket) -> float:
    granted_at = ticket.granted_at
    assert granted_at is not None
    return granted_at + ticket.hold + ticket.settle
