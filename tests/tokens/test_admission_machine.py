"""
Any interleaving of what can happen to a queue keeps its promises, as the vendor sees them.

The vendor is the meanest one that its declaration allows: it works on a request from its grant until its answer, or,
where we lost sight of it, for the whole of `settle`; and it may count a request in its windows at any moment of that.
"""

from __future__ import annotations

import copy
import math
from typing import Any

import attrs
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from sagicc_async.tokens.admission import Admission, Ending, Ticket
from sagicc_async.tokens.window import Window

LANES = ["one", "two", "three"]
BULK = 2
# Exact in binary, and so are their sums: a promise about an instant is meant to the instant.
HOLD, SETTLE, AGEING, PER = 12.0, 6.0, 8.0, 32.0
BETWEEN = (0.0625, 0.5, 0.9375)

ranks = st.integers(0, BULK)
quarters = st.integers(0, 64).map(lambda number: number / 4)
endings = st.sampled_from(Ending)


@attrs.define(eq=False)
class Sent:
    """A request at the vendor."""

    ticket: Ticket
    granted_at: float
    ends: float  # the vendor is at work until then


class Queue(RuleBasedStateMachine):
    """Lanes, ranks and endings at random, watched by an independent account of who waits and who is at work."""

    @initialize(
        max_in_flight=st.sampled_from([1, 1, 2, None]),
        windows=st.sampled_from([[], [], [Window(4, per=PER)], [Window(1, per=1.0), Window(8, per=PER)]]),
    )
    def open(self, max_in_flight, windows):
        self.capacity = math.inf if max_in_flight is None else max_in_flight
        self.windows = windows
        self.admission = Admission(windows=windows, ageing=AGEING)
        self.now = 1024.0
        self.paused_until = 0.0
        self.waiting: list[Ticket] = []  # in the order of their arrival
        self.overtaken: dict[Ticket, float] = {}
        self.held: list[Sent] = []
        self.ended: list[Ticket] = []
        self.sent: list[Sent] = []  # all that the vendor has seen, held or not

    @rule(lane=st.sampled_from(LANES), rank=ranks)
    def enqueue(self, lane, rank):
        self.waiting.append(self.admission.enqueue(lane=lane, rank=rank, **self.terms(), now=self.now))

    @rule(lane=st.sampled_from(LANES), rank=ranks)
    def arrive_where_the_way_may_be_free(self, lane, rank):
        twin = copy.deepcopy(self.admission)
        twin.enqueue(lane=lane, rank=rank, **self.terms(), now=self.now)
        at_once = self.admission.grant_at_once(lane=lane, rank=rank, **self.terms(), now=self.now)
        if self.waiting:
            assert at_once is None, "it jumped the queue"
        else:
            assert len(twin.grant(self.now)) == (at_once is not None), "the queue would have decided otherwise"
        if at_once is not None:
            self.start(at_once)

    @rule()
    def grant(self):
        self.granted()

    def granted(self) -> list[Ticket]:
        granted = self.admission.grant(self.now)
        for ticket in granted:
            self.check_turn(ticket)
            self.waiting.remove(ticket)
            for other in self.waiting:
                if other.number < ticket.number:
                    self.overtaken.setdefault(other, self.now)
            self.start(ticket)
        return granted

    def start(self, ticket: Ticket) -> None:
        request = Sent(ticket, self.now, self.now + HOLD + SETTLE)
        self.held.append(request)
        self.sent.append(request)
        self.check_windows()

    @rule(data=st.data())
    @precondition(lambda self: self.waiting)
    def withdraw(self, data):
        ticket = data.draw(st.sampled_from(self.waiting))
        self.waiting.remove(ticket)
        self.admission.withdraw(ticket)

    @rule(data=st.data(), ending=endings)
    @precondition(lambda self: self.held)
    def end(self, data, ending):
        request = data.draw(st.sampled_from(self.held))
        self.held.remove(request)
        self.ended.append(request.ticket)
        self.admission.release(request.ticket, ending, self.now)
        if ending is Ending.UNSENT:
            self.sent.remove(request)
        else:
            request.ends = min(request.ends, self.now + (SETTLE if ending is Ending.LOST else 0))

    @rule(data=st.data(), ending=endings)
    @precondition(lambda self: self.ended)
    def end_once_more(self, data, ending):
        self.admission.release(data.draw(st.sampled_from(self.ended)), ending, self.now)

    @rule(seconds=quarters)
    def pass_time(self, seconds):
        self.now += seconds

    @rule(seconds=quarters)
    def pause(self, seconds):
        self.paused_until = max(self.paused_until, self.now + seconds)
        self.admission.pause(self.now + seconds)

    @rule()
    def sleep_until_it_says_to_wake(self):
        self.granted()
        wakes = self.admission.wakes_at(self.now)
        if not self.waiting:
            assert wakes == math.inf
            return
        assert self.now < wakes < math.inf, "somebody waits, and time alone must bring the turn of somebody"
        for share in BETWEEN:
            early = self.now + share * (wakes - self.now)
            assert copy.deepcopy(self.admission).grant(early) == [], "it could have woken earlier"
        self.now = wakes
        assert self.granted(), "it woke for nothing"

    @invariant()
    def nobody_shares_a_token_beyond_its_rule(self):
        for lane in LANES:
            assert self.at_work(lane) <= self.capacity

    @invariant()
    def its_own_account_is_right(self):
        assert self.admission.waiting() == len(self.waiting)
        assert self.admission.in_flight(self.now) == sum(self.at_work(lane) for lane in LANES)

    def teardown(self):
        if not hasattr(self, "admission"):
            return
        for ticket in self.waiting:
            self.admission.withdraw(ticket)
        for number, request in enumerate(self.held):
            self.admission.release(request.ticket, list(Ending)[number % 3], self.now)
        self.now += HOLD + SETTLE + PER
        assert (self.admission.waiting(), self.admission.in_flight(self.now)) == (0, 0)
        assert all(used == 0 for _, used in self.admission.used(self.now))
        self.admission.enqueue(lane="last", rank=0, **self.terms(), now=self.now)
        assert set(self.admission._lanes) == {"last"}, "lanes of tokens that are gone pile up"

    def terms(self) -> dict[str, Any]:
        limit = None if self.capacity == math.inf else int(self.capacity)
        return {"max_in_flight": limit, "hold": HOLD, "settle": SETTLE}

    def at_work(self, lane: str) -> int:
        return sum(request.ends > self.now for request in self.sent if request.ticket.lane == lane)

    def check_turn(self, ticket: Ticket) -> None:
        assert self.now >= self.paused_until, "granted inside a pause"
        since = self.overtaken.get(ticket)
        aged = 0 if since is None else int((self.now - since) / AGEING)
        for other in self.waiting:
            if (other.rank, other.number) < (ticket.rank - aged, ticket.number):
                assert other.lane != ticket.lane, "overtook an equal that came before it, or a higher priority"
                assert self.at_work(other.lane) >= self.capacity, "overtook one whose token was free as well"

    def check_windows(self) -> None:
        """However the vendor counted all others, and if it counts the newest at once, no window holds too many."""
        for window in self.windows:
            counted = sum(request.ends + window.per > self.now for request in self.sent)
            assert counted <= window.limit


Queue.TestCase.settings = settings(max_examples=300, stateful_step_count=40, deadline=None)
TestAnyInterleavingKeepsThePromisesOfTheQueue = Queue.TestCase
