"""Who may send next: order, ageing, lost exchanges, windows and pauses, case by case."""

from __future__ import annotations

import math

import pytest

from sagicc_async.tokens.admission import Admission, Ending, Ticket
from sagicc_async.tokens.window import Window

INTERACTIVE, NORMAL, BULK = 0, 1, 2


def put(
    admission: Admission,
    rank: int = NORMAL,
    *,
    lane: str = "token",
    limit: int | None = 1,
    now: float = 0,
    **times: float,
) -> Ticket:
    times = {"hold": 60.0, "settle": 30.0, **times}
    return admission.enqueue(lane=lane, max_in_flight=limit, rank=rank, now=now, **times)


@pytest.fixture
def exclusive() -> Admission:
    return Admission()


def test_a_free_token_is_granted_at_once(exclusive):
    ticket = put(exclusive, now=5)

    assert exclusive.grant(5) == [ticket]
    assert (ticket.enqueued_at, ticket.granted_at) == (5, 5)


def test_a_token_in_use_is_granted_to_nobody_else(exclusive):
    put(exclusive)
    exclusive.grant(0)
    put(exclusive)

    assert exclusive.grant(0) == []
    assert (exclusive.waiting(), exclusive.in_flight(0)) == (1, 1)


def test_tokens_do_not_wait_for_each_other(exclusive):
    tickets = [put(exclusive, lane="one"), put(exclusive, lane="two")]

    assert exclusive.grant(0) == tickets


def test_without_a_rule_any_number_is_at_work_at_once():
    admission = Admission()
    tickets = [put(admission, limit=None) for _ in range(50)]

    assert admission.grant(0) == tickets


def test_equal_ranks_go_in_the_order_of_their_arrival_and_lower_ranks_go_first(exclusive):
    order = [BULK, NORMAL, INTERACTIVE, BULK, INTERACTIVE, NORMAL]
    tickets = [put(exclusive, rank) for rank in order]
    started = []
    for now in range(6):
        [ticket] = exclusive.grant(now)
        started.append(tickets.index(ticket))
        exclusive.release(ticket, Ending.COMPLETE, now)

    assert started == [2, 4, 1, 5, 0, 3]


def test_a_complete_answer_frees_the_token_at_once(exclusive):
    first, second = put(exclusive), put(exclusive)
    exclusive.grant(0)
    exclusive.release(first, Ending.COMPLETE, 1)

    assert exclusive.grant(1) == [second]


def test_a_lost_exchange_leaves_the_token_taken_for_as_long_as_the_vendor_needs_to_settle(exclusive):
    first, second = put(exclusive), put(exclusive)
    exclusive.grant(0)
    exclusive.release(first, Ending.LOST, 10)

    assert exclusive.wakes_at(10) == 40
    assert exclusive.grant(39.99) == []
    assert exclusive.grant(40) == [second]


def test_an_exchange_lost_at_its_very_end_takes_no_longer_than_was_written_down(exclusive):
    first = put(exclusive, hold=60, settle=30)
    put(exclusive)
    exclusive.grant(0)
    exclusive.release(first, Ending.LOST, 75)

    assert exclusive.wakes_at(75) == 90


def test_a_holder_that_never_comes_back_keeps_the_token_until_the_time_that_was_written_down(exclusive):
    put(exclusive, hold=60, settle=30)
    second = put(exclusive)
    exclusive.grant(0)

    assert exclusive.wakes_at(0) == 90
    assert exclusive.grant(89) == []
    assert exclusive.grant(90) == [second]


def test_a_request_that_was_never_sent_frees_token_and_slot_at_once():
    admission = Admission(windows=[Window(1, per=60)])
    first, second = put(admission), put(admission)
    admission.grant(0)
    admission.release(first, Ending.UNSENT, 3)

    assert admission.grant(3) == [second]


@pytest.mark.parametrize("second", list(Ending))
@pytest.mark.parametrize("first", list(Ending))
def test_a_second_release_is_harmless(first, second):
    admission = Admission(windows=[Window(2, per=60)])
    ticket = put(admission)
    admission.grant(0)
    admission.release(ticket, first, 1)
    before = (admission.in_flight(1), admission.used(1))
    admission.release(ticket, second, 1)

    assert (admission.in_flight(1), admission.used(1)) == before


def test_whoever_withdraws_spends_nothing_and_blocks_nobody(exclusive):
    holder, leaver, heir = (put(exclusive) for _ in range(3))
    exclusive.grant(0)
    exclusive.withdraw(leaver)
    exclusive.release(holder, Ending.COMPLETE, 1)

    assert exclusive.waiting() == 1
    assert exclusive.grant(1) == [heir]


def test_no_bulk_request_starts_between_enqueue_and_start_of_an_interactive_one(exclusive):
    """Also after a long wait: neither a slow answer nor a lost one is anybody's overtaking."""
    holder = put(exclusive, BULK)
    exclusive.grant(0)
    bulk = [put(exclusive, BULK) for _ in range(5)]
    exclusive.release(holder, Ending.LOST, 50)
    urgent = put(exclusive, INTERACTIVE, now=50)

    [started] = exclusive.grant(80)

    assert started is urgent
    assert all(ticket.granted_at is None for ticket in bulk)


def serve(admission: Admission, seconds: int, arrivals: dict[str, int], *, watch: Ticket) -> float:
    """Let one request a second start, keep interactive ones waiting in every lane, and say when `watch` starts."""
    at_work: list[Ticket] = []
    for now in range(seconds):
        for ticket in at_work:
            admission.release(ticket, Ending.COMPLETE, now)
        for lane, number in arrivals.items():
            for _ in range(number):
                put(admission, INTERACTIVE, lane=lane, now=now)
        at_work = admission.grant(now)
        if watch.granted_at is not None:
            return watch.granted_at
    return math.inf


@pytest.mark.parametrize("rank", [NORMAL, BULK])
def test_nobody_starves_under_an_endless_interactive_load(rank):
    admission = Admission(ageing=10)
    waiting = put(admission, rank)

    assert serve(admission, 1000, {"token": 2}, watch=waiting) <= rank * 10 + 2


def test_bulk_work_does_not_starve_when_another_token_uses_up_the_shared_window():
    admission = Admission(windows=[Window(6, per=60)], ageing=10)
    for _ in range(6):
        ticket = put(admission, INTERACTIVE, lane="busy")
        assert admission.grant(0) == [ticket]
        admission.release(ticket, Ending.COMPLETE, 0)
    waiting = put(admission, BULK, lane="starving")

    assert serve(admission, 1000, {"busy": 1}, watch=waiting) <= 60 + 2 * 10 + 60


def test_a_long_bulk_queue_that_has_aged_does_not_go_all_at_once_before_an_interactive_request():
    admission = Admission(ageing=10)
    first = put(admission, INTERACTIVE)
    admission.grant(0)
    for _ in range(100):
        put(admission, BULK)
    put(admission, INTERACTIVE)  # overtakes all of them
    admission.release(first, Ending.COMPLETE, 0)
    [second] = admission.grant(0)
    admission.release(second, Ending.COMPLETE, 1)
    [bulk] = admission.grant(30)
    assert bulk.rank == BULK
    urgent = put(admission, INTERACTIVE, now=30)

    admission.release(bulk, Ending.COMPLETE, 31)

    assert admission.grant(31) == [urgent]


def test_an_aged_request_stays_behind_those_of_its_new_rank_that_came_before_it(exclusive):
    holder = put(exclusive, INTERACTIVE)
    exclusive.grant(0)
    older, bulk = put(exclusive, NORMAL), put(exclusive, BULK)
    overtaker = put(exclusive, INTERACTIVE)
    exclusive.release(holder, Ending.COMPLETE, 0)
    assert exclusive.grant(0) == [overtaker]
    exclusive.release(overtaker, Ending.COMPLETE, 10)

    assert exclusive.grant(10) == [older]
    exclusive.release(older, Ending.COMPLETE, 11)
    assert exclusive.grant(11) == [bulk]


def test_nobody_starts_inside_a_pause_and_a_shorter_pause_never_shortens_a_longer_one(exclusive):
    ticket = put(exclusive, INTERACTIVE)
    exclusive.pause(20)
    exclusive.pause(10)

    assert exclusive.paused_for(5) == 15
    assert exclusive.wakes_at(0) == 20
    assert exclusive.grant(19.9) == []
    assert exclusive.grant(20) == [ticket]
    assert exclusive.paused_for(25) == 0


def test_a_window_holds_for_all_tokens_of_a_company_together():
    admission = Admission(windows=[Window(2, per=60)])
    tickets = [put(admission, lane=lane) for lane in ("one", "two", "three")]

    assert admission.grant(0) == tickets[:2]
    for ticket in tickets[:2]:
        admission.release(ticket, Ending.COMPLETE, 5)
    assert admission.wakes_at(5) == 65
    assert admission.grant(65) == tickets[2:]


def test_a_lost_request_counts_in_the_window_until_the_vendor_must_be_done_with_it():
    admission = Admission(windows=[Window(1, per=60)])
    lost, heir = put(admission, limit=None, settle=30), put(admission, limit=None)
    admission.grant(0)
    admission.release(lost, Ending.LOST, 10)

    assert admission.wakes_at(10) == 10 + 30 + 60
    assert admission.grant(100) == [heir]


def test_a_release_after_the_lease_outlived_its_time_gives_the_slot_back_too():
    """The lane is forgotten by then; its slot in the shared window must not be lost with it."""
    admission = Admission(windows=[Window(2, per=60)])
    late = put(admission, lane="old", hold=10, settle=5)
    admission.grant(0)
    other = put(admission, lane="new", now=20)
    assert admission.grant(20) == [other]
    admission.release(late, Ending.UNSENT, 25)
    admission.release(other, Ending.UNSENT, 25)

    assert [used for _, used in admission.used(25)] == [0]


def test_a_paced_request_wakes_when_it_has_aged_rather_than_when_its_pace_would_let_it_start():
    admission = Admission(windows=[Window(3, per=300)], ageing=10)
    put(admission, INTERACTIVE, limit=None)
    admission.grant(0)
    bulk = put(admission, BULK, limit=None)
    put(admission, INTERACTIVE, limit=None)
    admission.grant(0)

    assert admission.wakes_at(0) == 10
    assert admission.grant(10) == [bulk]


def test_the_stricter_limits_hold_where_two_users_of_a_scope_differ():
    admission = Admission(windows=[Window(10, per=60)])
    admission.tighten([Window(3, per=60), Window(1, per=1)])
    admission.tighten([Window(50, per=60)])
    admission.tighten([])
    for limit in (2, 5, None):
        put(admission, limit=limit)

    assert {window.per: window.limit for window, _ in admission.used(0)} == {60: 3, 1: 1}
    assert len(admission.grant(0)) == 1


@pytest.mark.parametrize("limits", [(2, 5, None), (None, 5, 2)])
def test_the_stricter_limit_of_a_token_holds_where_its_users_differ(limits):
    admission = Admission()
    for limit in limits:
        put(admission, limit=limit)

    assert len(admission.grant(0)) == 2


@pytest.mark.parametrize("at_once", [True, False])
def test_a_token_without_a_limit_gets_none_of_another_one_in_the_same_queue(at_once):
    """As the logins of a company stand in the queue of its requests, and use no token."""
    admission = Admission(windows=[Window(10, per=60)])
    put(admission, lane="token", limit=1)
    lost = put(admission, lane="login", limit=None)
    admission.grant(0)
    admission.release(lost, Ending.LOST, 1)
    terms = {"lane": "login", "max_in_flight": None, "rank": NORMAL, "hold": 60.0, "settle": 30.0, "now": 1}

    if at_once:
        assert admission.grant_at_once(**terms) is not None
    else:
        ticket = admission.enqueue(**terms)
        assert admission.grant(1) == [ticket]


def test_a_window_that_is_declared_later_counts_what_is_at_work_already():
    admission = Admission()
    early = [put(admission, limit=None) for _ in range(2)]
    admission.grant(0)
    admission.tighten([Window(2, per=60)])
    put(admission, limit=None)
    assert admission.grant(1) == []
    for ticket in early:
        admission.release(ticket, Ending.COMPLETE, 2)

    assert [used for _, used in admission.used(2)] == [2]
    assert admission.wakes_at(2) == 62


def test_a_lower_limit_holds_although_more_requests_are_at_work_already():
    admission = Admission()
    early = [put(admission, limit=3) for _ in range(3)]
    admission.grant(0)
    last = put(admission, limit=1)
    for ticket in early[:2]:
        admission.release(ticket, Ending.COMPLETE, 1)
    assert admission.grant(1) == []
    admission.release(early[2], Ending.COMPLETE, 2)

    assert admission.grant(2) == [last]


def test_nothing_to_wait_for_never_wakes(exclusive):
    assert exclusive.wakes_at(0) == math.inf
    put(exclusive)
    exclusive.grant(0)
    assert exclusive.wakes_at(0) == math.inf
