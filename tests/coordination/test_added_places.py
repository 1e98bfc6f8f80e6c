"""Many who come at once: each place in the queue is added to the document that is there, whoever else was faster."""

from __future__ import annotations

import asyncio

from sagicc_async.tokens.admission import Ending
from sagicc_async.tokens.coordination.state import ScopeState
from sagicc_async.tokens.coordination.store import Decision, Now, decode
from sagicc_async.tokens.coordination.swap import Epoch, SwapStore

from .swap_rig import asking, looking, store


async def all_at_once(swap_shelf, manual_clock, count: int) -> list[SwapStore]:
    """Somebody has the token, and so many others, who knew the document before, ask for it at the same moment."""
    swap_shelf.far = True
    holder, stores = store(swap_shelf, manual_clock), [store(swap_shelf, manual_clock) for _ in range(count)]
    for one in (holder, *stores):
        await one.change("ab", looking)
    assert await holder.change("ab", asking("ana"))
    swap_shelf.exchanges = 0
    tasks = [asyncio.create_task(one.change("ab", asking(f"{number:03}"))) for number, one in enumerate(stores)]
    await manual_clock.advance(1)
    assert not any(task.result() for task in tasks)
    return stores


async def test_of_many_who_come_at_once_each_takes_its_place_in_one_exchange_in_the_order_in_which_they_came(
    swap_shelf, manual_clock
):
    await all_at_once(swap_shelf, manual_clock, 50)

    assert swap_shelf.exchanges == 50
    queue = decode(swap_shelf.documents["ab"].document).queue
    assert [(entry.owner, entry.number) for entry in queue] == [(f"{number:03}", number + 2) for number in range(50)]


async def test_where_a_store_cannot_add_they_take_their_places_all_the_same(swap_shelf, manual_clock):
    swap_shelf.adds = False

    await all_at_once(swap_shelf, manual_clock, 12)

    assert len(decode(swap_shelf.documents["ab"].document).queue) == 12


async def test_the_next_change_has_read_what_was_added(swap_shelf, manual_clock):
    stores = await all_at_once(swap_shelf, manual_clock, 3)

    def give_back(state: ScopeState, now: Now) -> Decision[set[str]]:
        state.release("ana-1", Ending.COMPLETE, now.latest)
        return Decision(state.next_up(10.0, now.earliest))

    assert await stores[0].change("ab", give_back) == {"000"}
    assert swap_shelf.documents["ab"].additions == 0
    assert await stores[0].change("ab", asking("000"))


async def test_a_document_with_many_additions_is_written_anew_by_whoever_looks(swap_shelf, manual_clock):
    stores = await all_at_once(swap_shelf, manual_clock, 70)
    assert swap_shelf.documents["ab"].additions < 70

    await stores[0].change("ab", looking)
    assert swap_shelf.documents["ab"].additions < 64
    assert len(decode(swap_shelf.documents["ab"].document).queue) == 70


async def test_who_hears_of_an_addition_needs_no_exchange_to_find_out(swap_shelf, manual_clock):
    mine, late, later = (store(swap_shelf, manual_clock) for _ in range(3))
    for one in (mine, late, later):
        await one.change("ab", looking)
    await mine.change("ab", asking("ana"))
    await late.change("ab", asking("ben"))
    before = swap_shelf.documents["ab"]
    await later.change("ab", asking("cleo"))
    mine.hear("ab", swap_shelf.documents["ab"])
    mine.hear("ab", before)  # overtaken on its way
    exchanges = swap_shelf.exchanges

    await mine.change("ab", lambda state, now: Decision(state.release("ana-1", Ending.COMPLETE, now.latest)))

    assert swap_shelf.exchanges == exchanges + 1


async def test_what_was_added_to_a_document_of_an_earlier_epoch_is_not_believed(swap_shelf, manual_clock):
    mine = store(swap_shelf, manual_clock)
    await mine.change("ab", asking("ana"))
    await mine.change("cd", looking)
    swap_shelf.epoch = Epoch("second", swap_shelf.clock.now() + swap_shelf.ahead)
    await mine.change("cd", looking)

    assert not await mine.change("ab", asking("ben"))

    state = await mine.change("ab", looking)
    assert ({entry.owner for entry in state.queue}, set(state.leases)) == ({"ben"}, set())


async def test_who_only_looked_again_after_a_lost_race_has_seen_enough(swap_shelf, manual_clock):
    mine, other = store(swap_shelf, manual_clock), store(swap_shelf, manual_clock)
    await mine.change("ab", asking("ana"))
    await other.change("ab", asking("ben"))
    before = swap_shelf.exchanges

    assert (await mine.change("ab", looking)).queue

    assert swap_shelf.exchanges == before + 1
