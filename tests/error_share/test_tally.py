"""Counting by days is exact wherever a count is on its way, and a crossing is told once."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sagicc_async.error_share.rules import ErrorShare
from sagicc_async.error_share.tally import Alarm, OutcomeCount, Tally

DAYS = 7
moves = st.lists(
    st.one_of(
        st.tuples(st.just("count"), st.integers(0, 3), st.booleans()),
        st.tuples(st.sampled_from(["take", "stored", "put_back", "theirs"])),
    ),
    max_size=60,
)


class Rig:
    """A tally and a store that others use too, beside a plain list of all that happened."""

    def __init__(self) -> None:
        self.tally = Tally(DAYS)
        self.store: dict[int, OutcomeCount] = {}
        self.mine: list[tuple[int, bool]] = []
        self.seen: list[tuple[int, bool]] = []  # others' counts that the store has told of
        self.theirs: list[tuple[int, bool]] = []
        self.way: dict[int, OutcomeCount] | None = None
        self.today = 20_000

    def expected(self) -> OutcomeCount:
        known = [error for day, error in self.mine + self.seen if self.today - DAYS < day <= self.today]
        return OutcomeCount(len(known), sum(known))

    def move(self, kind: str, days: int = 0, error: bool = False) -> None:
        if kind == "count":
            self.today += days
            self.tally.count(self.today, error=error)
            self.mine.append((self.today, error))
        elif kind == "theirs":
            self._add({self.today: OutcomeCount(1, 1)})
            self.theirs.append((self.today, True))
        elif kind == "take" and self.way is None:
            self.way = dict(self.tally.take())
        elif kind == "put_back" and self.way is not None:
            self.tally.put_back()
            self.way = None
        elif kind == "stored" and self.way is not None:
            self._add(self.way)
            self.tally.stored(self.store)
            self.way, self.seen = None, list(self.theirs)

    def _add(self, counts: dict[int, OutcomeCount]) -> None:
        for day, count in counts.items():
            self.store[day] = self.store.get(day, OutcomeCount()) + count


@given(moves)
def test_each_request_is_in_the_total_once_whatever_becomes_of_its_way_to_the_store(plan):
    rig = Rig()
    for move in plan:
        rig.move(*move)
        assert rig.tally.total(rig.today) == rig.expected()


@given(st.lists(st.integers(0, 30), max_size=40))
def test_days_that_count_no_more_are_forgotten(days):
    tally = Tally(DAYS)
    for day in sorted(days):
        tally.count(day, error=False)
    assert len(tally.take()) <= DAYS


def test_a_day_that_lies_ahead_after_a_clock_was_set_back_does_not_count():
    tally = Tally(DAYS)
    tally.count(120, error=True)

    assert tally.total(119) == OutcomeCount()
    assert tally.total(120) == OutcomeCount(1, 1)


@pytest.mark.parametrize(
    ("requests", "errors", "share"), [(0, 0, None), (19, 19, None), (20, 0, 0.0), (20, 5, 0.25), (40, 40, 1.0)]
)
def test_a_share_means_something_from_twenty_requests_on(requests, errors, share):
    assert OutcomeCount(requests, errors).share(ErrorShare(limit=0.8, days=7).least) == share


def test_an_alarm_rings_once_a_crossing_and_not_for_a_swing():
    alarm = Alarm(0.4)
    shares = [None, 0.39, 0.4, 0.41, 0.39, 0.4, 0.37, 0.5, None, 0.6, 0.35, 0.39, 0.4, 0.9]

    assert [share for share in shares if alarm.rings(share)] == [0.4, 0.4]


@given(st.lists(st.floats(0, 1), max_size=50), st.floats(0.01, 1))
def test_between_two_rings_the_share_has_fallen_clearly(shares, mark):
    alarm = Alarm(mark)
    lowest = 0.0
    for share in shares:
        lowest = min(lowest, share)
        if alarm.rings(share):
            assert share >= mark > lowest
            lowest = share


def test_the_mark_of_the_warning_is_half_the_limit_unless_it_is_given():
    assert ErrorShare(limit=0.8, days=7).warn_at == 0.4
    assert ErrorShare(limit=0.8, days=7, warn_at=0.1).warn_at == 0.1


@pytest.mark.parametrize("wrong", [{"limit": 0}, {"limit": 80}, {"days": 0}, {"warn_at": 0}, {"refuse_at": 1.5}])
def test_what_is_no_share_is_refused(wrong):
    with pytest.raises(ValueError, match=next(iter(wrong))):
        ErrorShare(**{"limit": 0.8, "days": 7, **wrong})
