"""
Any interleaving of what processes do to a scope's document keeps its promises, as the vendor sees them.

The vendor is the meanest one that its declaration allows, as in `test_admission_machine.py`: it works from the grant to
the answer, or for the whole of `settle` where we lost sight of the request. Processes ask, renew, give up, and die.
"""

from __future__ import annotations

import math

import attrs
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from sagicc_async.tokens.admission import Ending
from sagicc_async.tokens.coordination.state import ENTRY_LIFE, Ask, Entry, ScopeState
from sagicc_async.tokens.coordination.store import decode, encode, encode_places
from sagicc_async.tokens.precedence import risen
from sagicc_async.tokens.window import Window

OWNERS = ["ana", "ben", "cleo"]
LANES = ["one", "two"]
# Exact in binary, and so are their sums: a promise about an instant is meant to the instant.
HOLD, SETTLE, AGEING, PER = 12.0, 6.0, 8.0, 32.0

quarters = st.integers(0, 64).map(lambda number: number / 4)


@attrs.define(eq=False)
class Sent:
    """A request at the vendor."""

    lease: str
    owner: str
    lane: str
    ends: float  # the vendor is at work until then


@attrs.frozen
class Waits:
    """A process in the queue; an entry is renewed when less than half of its life is left."""

    rank: int
    since: float
    expires: float


class Scope(RuleBasedStateMachine):
    """Three processes, two tokens, one document, watched by an independent account of who is at work."""

    @initialize(
        max_in_flight=st.sampled_from([1, 1, 2, None]),
        windows=st.sampled_from([(), (), (Window(4, per=PER),), (Window(1, per=1.0), Window(8, per=PER))]),
    )
    def open(self, max_in_flight, windows):
        self.capacity = math.inf if max_in_flight is None else max_in_flight
        self.max_in_flight, self.windows = max_in_flight, windows
        self.limited = max_in_flight is not None or bool(windows)
        self.state = ScopeState()
        self.now = 1024.0
        self.paused_until = 0.0
        self.names = 0
        self.held: list[Sent] = []
        self.sent: list[Sent] = []
        self.waits: dict[tuple[str, str], Waits] = {}

    def asks(self, owner: str, lane: str, rank: int) -> Ask:
        self.names += 1
        return Ask(
            lease=f"{owner}-{self.names}",
            owner=owner,
            lane=lane,
            rank=rank,
            hold=HOLD,
            settle=SETTLE,
            max_in_flight=self.max_in_flight,
            windows=self.windows,
            ageing=AGEING,
        )

    def queues_up(self, owner: str, lane: str, rank: int) -> None:
        before = self.waits.get((owner, lane))
        since = self.now if before is None or before.expires <= self.now else before.since
        self.waits[owner, lane] = Waits(rank, since, self.now + ENTRY_LIFE / 2)

    def ask(self, owner: str, lane: str, rank: int) -> float:
        ask = self.asks(owner, lane, rank)
        self.state.begin(self.now)
        again = self.state.ask(ask, self.now).start
        if again > self.now:
            self.queues_up(owner, lane, rank)
            return again
        assert self.now >= self.paused_until, "granted inside a pause"
        self.check_turn(owner, lane, rank)
        self.waits.pop((owner, lane), None)
        request = Sent(ask.lease, owner, lane, self.now + HOLD + SETTLE)
        self.held.append(request)
        self.sent.append(request)
        if self.windows:
            for window in self.windows:
                assert sum(other.ends + window.per > self.now for other in self.sent) <= window.limit
        return again

    def check_turn(self, owner: str, lane: str, rank: int) -> None:
        """While the entry of another process lives, nobody of a lower rank, or who came later, passes it on its token."""
        mine = self.waits.get((owner, lane))
        since = self.now if mine is None or mine.expires <= self.now else mine.since
        may_have_risen = int((self.now - since) / AGEING)
        for (other, there), entry in self.waits.items():
            if self.limited and there == lane and other != owner and entry.expires > self.now:
                assert (rank - may_have_risen, since) <= (entry.rank, entry.since), "passed one who was first"

    @rule(owner=st.sampled_from(OWNERS), lane=st.sampled_from(LANES), rank=st.integers(0, 2))
    def come_or_come_again(self, owner, lane, rank):
        self.ask(owner, lane, rank)

    @rule(owner=st.sampled_from(OWNERS), lane=st.sampled_from(LANES), rank=st.integers(0, 2), late=quarters)
    def lose_the_race_but_not_the_place(self, owner, lane, rank, late):
        """What was decided is not kept, but the place is added to what is there, which somebody wrote a while ago."""
        kept, seen = encode(self.state), decode(encode(self.state))
        self.now += late
        seen.begin(self.now)
        place = seen.ask(self.asks(owner, lane, rank), self.now).place
        self.state = decode(kept + encode_places([] if place is None else [place]))
        if place is not None:
            self.queues_up(owner, lane, rank)

    @rule(data=st.data(), ending=st.sampled_from(Ending))
    @precondition(lambda self: self.held)
    def give_back(self, data, ending):
        self.end(data, ending)

    def end(self, data, ending):
        request = data.draw(st.sampled_from(self.held))
        self.held.remove(request)
        self.state.begin(self.now)
        self.state.release(request.lease, ending, self.now)
        if ending is Ending.UNSENT:
            self.sent.remove(request)
        else:
            request.ends = min(request.ends, self.now + (SETTLE if ending is Ending.LOST else 0))

    @rule(data=st.data())
    @precondition(lambda self: self.waits)
    def give_up(self, data):
        owner, lane = data.draw(st.sampled_from(sorted(self.waits)))
        del self.waits[owner, lane]
        self.state.withdraw(owner, lane)

    @rule(data=st.data(), ranks=st.lists(st.integers(0, 2), min_size=3, max_size=3), lane=st.sampled_from(LANES))
    def queue_up_and_race_when_it_is_given_back(self, data, ranks, lane):
        asking = dict(zip(OWNERS, ranks, strict=True))
        for owner, rank in asking.items():
            self.ask(owner, lane, rank)
        if self.held:
            self.end(data, Ending.COMPLETE)
        for owner in data.draw(st.permutations(OWNERS)):
            if (owner, lane) in self.waits:
                self.ask(owner, lane, asking[owner])

    @rule(owner=st.sampled_from(OWNERS))
    def die_and_be_found_dead(self, owner):
        self.state.begin(self.now)
        self.state.bury(owner, self.now)
        self.held = [request for request in self.held if request.owner != owner]
        for request in self.sent:
            if request.owner == owner:
                request.ends = min(request.ends, self.now + SETTLE)
        self.waits = {who: entry for who, entry in self.waits.items() if who[0] != owner}

    @rule(seconds=quarters)
    def pass_time(self, seconds):
        self.now += seconds

    @rule(seconds=quarters)
    def pause(self, seconds):
        self.paused_until = max(self.paused_until, self.now + seconds)
        self.state.pause(self.now + seconds)

    @rule()
    def be_kept_and_read_again(self):
        again = decode(encode(self.state))
        assert again == self.state
        self.state = again

    @rule(owner=st.sampled_from(OWNERS), lane=st.sampled_from(LANES))
    def everybody_gets_a_turn(self, owner, lane):
        """Who asks again whenever it is told to, and is alone with those who are dead, is granted at last."""
        for _ in range(60):
            again = self.ask(owner, lane, 1)
            if again <= self.now:
                return
            assert again < math.inf, "nothing but time can bring its turn, and it was told of none"
            self.now = min(again, self.now + ENTRY_LIFE / 2)
        assert self.now < self.paused_until or self.windows or self.held, "it waits for nothing"

    @invariant()
    def nobody_shares_a_token_beyond_its_rule(self):
        for lane in LANES:
            at_work = sum(request.ends > self.now for request in self.sent if request.lane == lane)
            assert at_work <= self.capacity

    @invariant()
    def what_is_over_is_not_kept(self):
        self.state.begin(self.now)
        known = {request.lease for request in self.sent if request.ends > self.now}
        assert set(self.state.leases) <= known


Scope.TestCase.settings = settings(max_examples=150, stateful_step_count=40, deadline=None)
TestAnyInterleavingOfProcessesKeepsThePromises = Scope.TestCase


def test_a_process_that_stands_for_a_request_that_has_risen_does_not_rise_for_the_same_time_once_more():
    """A request ages among those of its process, and the process among the others: each by its own count."""
    state = ScopeState()
    enter = {"owner": "ana", "lane": "one", "number": 0, "limit": 1}
    entry = state.enter(Entry(**enter, rank=2, expires=ENTRY_LIFE))
    entry.overtaken_at = 0.0

    entry = state.enter(Entry(**enter, rank=1, expires=2 * ENTRY_LIFE - 1))

    assert risen(entry, AGEING, now=AGEING) == 1
