"""Documents on another machine: one exchange where nobody else was faster, and what is lost is not believed."""

from __future__ import annotations

import asyncio

import pytest

from sagicc_async.tokens.coordination.state import ScopeState
from sagicc_async.tokens.coordination.store import Decision, Now, StoreError
from sagicc_async.tokens.coordination.swap import Epoch, Kept, SwapStore

from .swap_rig import asking, looking, store


async def test_a_change_is_one_exchange_where_nobody_else_was_at_it(swap_shelf, manual_clock):
    mine = store(swap_shelf, manual_clock)
    assert await mine.change("ab", asking("ana"))
    before = swap_shelf.exchanges

    await mine.change("ab", asking("ana", 2))
    await mine.change("ab", looking)

    assert swap_shelf.exchanges == before + 2


async def test_whoever_comes_late_decides_again_on_what_is_there_by_then(swap_shelf, manual_clock):
    mine, other = store(swap_shelf, manual_clock), store(swap_shelf, manual_clock)
    await mine.change("ab", looking)
    assert await other.change("ab", asking("ben"))

    assert not await mine.change("ab", asking("ana"))

    assert {lease.owner for lease in (await mine.change("ab", looking)).leases.values()} == {"ben"}


async def test_only_a_swap_that_is_made_wakes_others(swap_shelf, manual_clock):
    mine, other = store(swap_shelf, manual_clock), store(swap_shelf, manual_clock)
    await mine.change("ab", looking)
    await other.change("ab", asking("ben"))
    await mine.change("ab", lambda state, now: Decision(None, frozenset({"somebody"})))  # lost once, made once

    assert swap_shelf.woken == ["somebody", "somebody"]


async def test_a_look_is_never_at_what_was_seen_last(swap_shelf, manual_clock):
    mine, other = store(swap_shelf, manual_clock), store(swap_shelf, manual_clock)
    await mine.change("ab", looking)
    await other.change("ab", asking("ben"))

    assert (await mine.change("ab", looking)).leases


async def test_a_new_store_has_nothing_to_wait_for(swap_shelf, manual_clock):
    assert await store(swap_shelf, manual_clock).change("ab", asking("ana"))


async def test_a_store_without_an_epoch_may_have_lost_leases_that_have_to_be_waited_for(
    swap_shelf, manual_clock, caplog
):
    mine = store(swap_shelf, manual_clock, new=False)
    assert not await mine.change("ab", asking("ana"))
    assert "has lost what it kept" in caplog.text

    await manual_clock.advance(90.1)

    assert await mine.change("ab", asking("ana"))


async def test_a_store_that_is_emptied_in_the_middle_begins_a_new_epoch_for_everybody(swap_shelf, manual_clock):
    mine, other = store(swap_shelf, manual_clock, new=False), store(swap_shelf, manual_clock, new=False)
    await manual_clock.advance(0)
    swap_shelf.epoch = Epoch("first", 0.0)
    assert await mine.change("ab", asking("ana"))
    swap_shelf.epoch = None
    swap_shelf.documents.clear()

    assert not await mine.change("ab", asking("ana", 2))
    assert not await other.change("ab", asking("ben"))
    await manual_clock.advance(90.1)

    assert await other.change("ab", asking("ben"))


async def test_documents_of_an_earlier_epoch_are_not_believed(swap_shelf, manual_clock):
    mine = store(swap_shelf, manual_clock)
    await mine.change("ab", asking("ana"))
    swap_shelf.epoch = Epoch(
        "second", swap_shelf.clock.now() + swap_shelf.ahead
    )  # restarted from a copy that is a little old

    assert not await mine.change("ab", asking("ben"))
    assert (await mine.change("ab", looking)).known_since == swap_shelf.epoch.since


async def test_a_clock_that_is_set_forward_ends_no_lease(swap_shelf, manual_clock, caplog):
    mine, other = store(swap_shelf, manual_clock), store(swap_shelf, manual_clock)
    assert await mine.change("ab", asking("ana"))
    await other.change("ab", looking)
    swap_shelf.ahead += 3600

    assert not await other.change("ab", asking("ben"))
    assert "set forward" in caplog.text
    await manual_clock.advance(90.1)

    assert await other.change("ab", asking("ben"))


@pytest.mark.parametrize("step", [3600, -3600])
async def test_a_clock_that_is_set_begins_one_epoch_however_many_notice_and_when(swap_shelf, manual_clock, step):
    stores = [store(swap_shelf, manual_clock) for _ in range(3)]
    for one in stores:
        await one.change("ab", looking)
    swap_shelf.ahead += step
    await stores[0].change("ab", looking)
    begun = swap_shelf.epoch

    for one in stores[1:]:
        await manual_clock.advance(100)
        await one.change("ab", looking)

    assert swap_shelf.epoch == begun


async def test_a_decision_tells_how_late_it_may_have_seen_the_time_whatever_is_learnt_afterwards(
    swap_shelf, manual_clock
):
    def slow() -> None:
        manual_clock.set(now=manual_clock.now() + 1.5)

    def looking_at_the_clock(state: ScopeState, now: Now) -> Decision[Now]:
        return Decision(now)

    mine = store(swap_shelf, manual_clock)
    swap_shelf.meanwhile = [slow, slow]  # it is looked for an epoch, then for a document; the swap is quick
    before = await mine.change("ab", looking_at_the_clock)
    assert before.uncertainty >= 1.5
    assert before.earliest <= manual_clock.now() + swap_shelf.ahead <= before.latest

    after = await mine.change("ab", looking_at_the_clock)
    assert after.uncertainty < 0.01


async def test_a_clock_that_is_set_back_blocks_nobody_for_longer_than_the_lease(swap_shelf, manual_clock):
    mine = store(swap_shelf, manual_clock)
    assert await mine.change("ab", asking("ana"))
    swap_shelf.ahead -= 3600
    assert not await mine.change("ab", asking("ben"))
    await manual_clock.advance(1)
    assert not await mine.change("ab", asking("ben"))

    await manual_clock.advance(90.1)

    assert await mine.change("ab", asking("ben"))


@pytest.mark.parametrize("who", ["knew it before", "comes anew"])
async def test_a_clock_that_is_set_back_ends_no_lease_for_who_hears_it_from_others(
    swap_shelf, manual_clock, caplog, who
):
    """Where one has met the new clock, another still reads by the old one what that one wrote."""
    mine, other = store(swap_shelf, manual_clock), store(swap_shelf, manual_clock)
    assert await mine.change("ab", asking("ben"))
    if who == "knew it before":
        await other.change("ab", looking)
    swap_shelf.ahead -= 3600
    await other.change("ab", looking)
    mine.hear("ab", swap_shelf.documents["ab"])

    assert not await mine.change("ab", asking("ben", 2))
    assert "set back" in caplog.text
    await manual_clock.advance(90.1)

    assert await mine.change("ab", asking("ben", 2))


async def test_an_answer_that_is_lost_is_in_doubt_and_what_was_seen_is_forgotten(swap_shelf, manual_clock):
    mine = store(swap_shelf, manual_clock)
    await mine.change("ab", asking("ana"))
    swap_shelf.breaks = True
    with pytest.raises(StoreError) as lost:
        await mine.change("ab", asking("ana", 2))
    swap_shelf.breaks = False

    assert lost.value.in_doubt
    assert "ana-1" in (await mine.change("ab", looking)).leases


async def test_a_store_that_does_not_answer_is_given_up_after_the_limit(swap_shelf, manual_clock):
    mine = SwapStore(swap_shelf, manual_clock, limit=0.05, new=True)
    await mine.change("ab", looking)
    swap_shelf.silent = True

    with pytest.raises(StoreError, match=r"no answer within 0\.05 s") as lost:
        await mine.change("ab", asking("ana"))
    assert lost.value.in_doubt


async def test_many_who_change_one_document_at_once_all_get_their_turn(swap_shelf, manual_clock):
    stores = [store(swap_shelf, manual_clock) for _ in range(12)]

    def counting(state: ScopeState, now: Now) -> Decision[int]:
        state.arrivals += 1
        return Decision(state.arrivals)

    tasks = [asyncio.create_task(one.change("ab", counting)) for one in stores for _ in range(5)]
    await manual_clock.advance(10)

    assert sorted([task.result() for task in tasks]) == list(range(1, 61))


async def heard(swap_shelf, giver, taker) -> None:
    """Somebody made a change, and says so."""
    await giver.change("ab", asking("ben"))
    taker.hear("ab", swap_shelf.documents["ab"])


async def test_who_hears_what_is_there_now_needs_no_exchange_to_find_out(swap_shelf, manual_clock):
    mine, other = store(swap_shelf, manual_clock), store(swap_shelf, manual_clock)
    await mine.change("ab", looking)
    await heard(swap_shelf, other, mine)
    before = swap_shelf.exchanges

    assert not await mine.change("ab", asking("ana"))

    assert swap_shelf.exchanges == before + 1


async def test_what_is_heard_late_does_not_hide_what_is_known_already(swap_shelf, manual_clock):
    mine, other = store(swap_shelf, manual_clock), store(swap_shelf, manual_clock)
    await mine.change("ab", looking)
    await other.change("ab", asking("ben"))
    late = swap_shelf.documents["ab"]
    await mine.change("ab", asking("ana"))
    mine.hear("ab", late)
    before = swap_shelf.exchanges

    await mine.change("ab", asking("ana", 2))

    assert swap_shelf.exchanges == before + 1


async def test_what_is_heard_before_the_answer_to_an_earlier_change_is_not_forgotten(swap_shelf, manual_clock):
    mine, other = store(swap_shelf, manual_clock), store(swap_shelf, manual_clock)
    await mine.change("ab", asking("ana"))
    await other.change("ab", looking)
    later = Kept(swap_shelf.documents["ab"].version.replace("/0/", "/9/"), swap_shelf.documents["ab"].document)

    def hear() -> None:
        mine.hear("ab", later)

    swap_shelf.meanwhile = [hear]
    await mine.change("ab", asking("ana", 2))
    swap_shelf.documents["ab"] = later
    before = swap_shelf.exchanges
    await mine.change("ab", asking("ana", 3))

    assert swap_shelf.exchanges == before + 1


async def test_what_is_heard_of_another_epoch_is_not_believed(swap_shelf, manual_clock):
    mine, other = store(swap_shelf, manual_clock), store(swap_shelf, manual_clock)
    await mine.change("ab", looking)
    swap_shelf.epoch = Epoch("second", 1.0)
    swap_shelf.documents.clear()
    await heard(swap_shelf, other, mine)
    swap_shelf.epoch, swap_shelf.documents = Epoch("third", swap_shelf.clock.now() + swap_shelf.ahead), {}

    assert not (await mine.change("ab", looking)).leases


async def test_a_new_document_says_who_holds_leases_in_it(swap_shelf, manual_clock):
    mine, other = store(swap_shelf, manual_clock), store(swap_shelf, manual_clock)
    await mine.change("ab", asking("ana"))
    await other.change("ab", asking("ben"))  # he only queues up

    assert swap_shelf.holders == {"ana"}


async def test_whoever_knows_the_time_but_vaguely_shortens_nobodys_lease(swap_shelf, manual_clock):
    """It is no step of the store's clock that whoever wrote last, and said so, knew it better."""
    mine, vague = store(swap_shelf, manual_clock), store(swap_shelf, manual_clock)
    await mine.change("ab", looking)
    swap_shelf.way_back = 1.8
    await vague.change("ab", looking)
    swap_shelf.way_back = 0.0
    assert await mine.change("ab", asking("ana"))
    until = (await mine.change("ab", looking)).leases["ana-1"].until

    vague.hear("ab", swap_shelf.documents["ab"])
    assert not await vague.change("ab", asking("ben"))

    assert (await mine.change("ab", looking)).leases["ana-1"].until == until
