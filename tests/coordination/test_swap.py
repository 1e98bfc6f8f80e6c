"""Documents on another machine: one exchange where nobody else was faster, and what is lost is not believed."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

import attrs
import pytest

from sagicc_async.tokens.coordination.state import Ask, ScopeState
from sagicc_async.tokens.coordination.store import Decision, StoreError
from sagicc_async.tokens.coordination.swap import Answer, Epoch, Kept, SwapStore


@attrs.define(eq=False)
class Shelf:
    """A store in memory, that counts, is slow, and loses what it is told to."""

    clock: object
    epoch: Epoch | None = None
    documents: dict[str, Kept] = attrs.field(factory=dict)
    ahead: float = 1e9
    exchanges: int = 0
    woken: list[str] = attrs.field(factory=list)
    meanwhile: list[object] = attrs.field(factory=list)
    way_back: float = 0.0
    breaks: bool = False
    silent: bool = False

    async def exchange(
        self, key: str, epoch: Epoch | None, expected: Kept | None, new: Kept | None, wake: Iterable[str]
    ) -> Answer:
        self.exchanges += 1
        if self.meanwhile:
            self.meanwhile.pop(0)()
        kept, time = self.documents.get(key, Kept()), self.clock.now() + self.ahead
        self.clock.set(now=self.clock.now() + self.way_back)
        if self.silent:
            await asyncio.Event().wait()
        if self.breaks:
            raise StoreError("cut", in_doubt=True)
        if epoch is None or expected is None or epoch != self.epoch or kept.version != expected.version:
            return Answer(time, self.epoch, kept)
        if new is not None:
            self.documents[key] = new
            self.woken += wake
        return Answer(time, self.epoch, None)

    async def begin_epoch(self, ended: Epoch | None, new: Epoch) -> None:
        if self.epoch == ended:
            self.epoch = new


@pytest.fixture
def shelf(manual_clock) -> Shelf:
    return Shelf(manual_clock)


def store(shelf, manual_clock, *, new=True) -> SwapStore:
    return SwapStore(shelf, manual_clock, limit=5.0, new=new)


def ask(owner: str, number: int = 1) -> Ask:
    return Ask(
        lease=f"{owner}-{number}",
        owner=owner,
        lane="token",
        rank=1,
        hold=60.0,
        settle=30.0,
        max_in_flight=1,
        windows=(),
        ageing=10.0,
    )


def asking(owner: str, number: int = 1):
    def decide(state: ScopeState, now: float) -> Decision[bool]:
        return Decision(state.ask(ask(owner, number), now).start <= now, frozenset({"somebody"}))

    return decide


def looking(state: ScopeState, now: float) -> Decision[ScopeState]:
    return Decision(state, changed=False)


async def test_a_change_is_one_exchange_where_nobody_else_was_at_it(shelf, manual_clock):
    mine = store(shelf, manual_clock)
    assert await mine.change("ab", asking("ana"))
    before = shelf.exchanges

    await mine.change("ab", asking("ana", 2))
    await mine.change("ab", looking)

    assert shelf.exchanges == before + 2


async def test_whoever_comes_late_decides_again_on_what_is_there_by_then(shelf, manual_clock):
    mine, other = store(shelf, manual_clock), store(shelf, manual_clock)
    await mine.change("ab", looking)
    assert await other.change("ab", asking("ben"))

    assert not await mine.change("ab", asking("ana"))

    assert {lease.owner for lease in (await mine.change("ab", looking)).leases.values()} == {"ben"}


async def test_only_a_swap_that_is_made_wakes_others(shelf, manual_clock):
    mine, other = store(shelf, manual_clock), store(shelf, manual_clock)
    await mine.change("ab", looking)
    await other.change("ab", asking("ben"))
    await mine.change("ab", asking("ana"))  # lost once, made once

    assert shelf.woken == ["somebody", "somebody"]


async def test_a_look_is_never_at_what_was_seen_last(shelf, manual_clock):
    mine, other = store(shelf, manual_clock), store(shelf, manual_clock)
    await mine.change("ab", looking)
    await other.change("ab", asking("ben"))

    assert (await mine.change("ab", looking)).leases


async def test_a_new_store_has_nothing_to_wait_for(shelf, manual_clock):
    assert await store(shelf, manual_clock).change("ab", asking("ana"))


async def test_a_store_without_an_epoch_may_have_lost_leases_that_have_to_be_waited_for(shelf, manual_clock, caplog):
    mine = store(shelf, manual_clock, new=False)
    assert not await mine.change("ab", asking("ana"))
    assert "has lost what it kept" in caplog.text

    await manual_clock.advance(90.1)

    assert await mine.change("ab", asking("ana"))


async def test_a_store_that_is_emptied_in_the_middle_begins_a_new_epoch_for_everybody(shelf, manual_clock):
    mine, other = store(shelf, manual_clock, new=False), store(shelf, manual_clock, new=False)
    await manual_clock.advance(0)
    shelf.epoch = Epoch("first", 0.0)
    assert await mine.change("ab", asking("ana"))
    shelf.epoch = None
    shelf.documents.clear()

    assert not await mine.change("ab", asking("ana", 2))
    assert not await other.change("ab", asking("ben"))
    await manual_clock.advance(90.1)

    assert await other.change("ab", asking("ben"))


async def test_documents_of_an_earlier_epoch_are_not_believed(shelf, manual_clock):
    mine = store(shelf, manual_clock)
    await mine.change("ab", asking("ana"))
    shelf.epoch = Epoch("second", shelf.clock.now() + shelf.ahead)  # restarted from a copy that is a little old

    assert not await mine.change("ab", asking("ben"))
    assert (await mine.change("ab", looking)).known_since == shelf.epoch.since


async def test_a_clock_that_is_set_forward_ends_no_lease(shelf, manual_clock, caplog):
    mine, other = store(shelf, manual_clock), store(shelf, manual_clock)
    assert await mine.change("ab", asking("ana"))
    await other.change("ab", looking)
    shelf.ahead += 3600

    assert not await other.change("ab", asking("ben"))
    assert "set forward" in caplog.text
    await manual_clock.advance(90.1)

    assert await other.change("ab", asking("ben"))


async def test_a_clock_that_is_set_forward_begins_one_epoch_however_many_notice_and_when(shelf, manual_clock):
    stores = [store(shelf, manual_clock) for _ in range(3)]
    for one in stores:
        await one.change("ab", looking)
    shelf.ahead += 3600
    await stores[0].change("ab", looking)
    begun = shelf.epoch

    for one in stores[1:]:
        await manual_clock.advance(100)
        await one.change("ab", looking)

    assert shelf.epoch == begun


async def test_a_decision_tells_how_late_it_may_have_seen_the_time_whatever_is_learnt_afterwards(shelf, manual_clock):
    def slow() -> None:
        manual_clock.set(now=manual_clock.now() + 1.5)

    mine = store(shelf, manual_clock)
    shelf.meanwhile = [slow, slow]  # it is looked for an epoch, then for a document; the swap is quick
    await mine.change("ab", asking("ana"))
    assert mine.uncertainty >= 1.5

    await mine.change("ab", looking)
    assert mine.uncertainty < 0.01


async def test_a_clock_that_is_set_back_blocks_nobody_for_longer_than_the_lease(shelf, manual_clock):
    mine = store(shelf, manual_clock)
    assert await mine.change("ab", asking("ana"))
    shelf.ahead -= 3600
    assert not await mine.change("ab", asking("ben"))
    await manual_clock.advance(1)
    assert not await mine.change("ab", asking("ben"))

    await manual_clock.advance(90.1)

    assert await mine.change("ab", asking("ben"))


async def test_an_answer_that_is_lost_is_in_doubt_and_what_was_seen_is_forgotten(shelf, manual_clock):
    mine = store(shelf, manual_clock)
    await mine.change("ab", asking("ana"))
    shelf.breaks = True
    with pytest.raises(StoreError) as lost:
        await mine.change("ab", asking("ana", 2))
    shelf.breaks = False

    assert lost.value.in_doubt
    assert "ana-1" in (await mine.change("ab", looking)).leases


async def test_a_store_that_does_not_answer_is_given_up_after_the_limit(shelf, manual_clock):
    mine = SwapStore(shelf, manual_clock, limit=0.05, new=True)
    await mine.change("ab", looking)
    shelf.silent = True

    with pytest.raises(StoreError, match=r"no answer within 0\.05 s") as lost:
        await mine.change("ab", asking("ana"))
    assert lost.value.in_doubt


async def test_many_who_change_one_document_at_once_all_get_their_turn(shelf, manual_clock):
    stores = [store(shelf, manual_clock) for _ in range(12)]

    def counting(state: ScopeState, now: float) -> Decision[int]:
        state.arrivals += 1
        return Decision(state.arrivals)

    tasks = [asyncio.create_task(one.change("ab", counting)) for one in stores for _ in range(5)]
    await manual_clock.advance(10)

    assert sorted([task.result() for task in tasks]) == list(range(1, 61))


async def heard(shelf, giver, taker) -> None:
    """Somebody made a change, and says so."""
    await giver.change("ab", asking("ben"))
    taker.hear("ab", shelf.documents["ab"])


async def test_who_hears_what_is_there_now_needs_no_exchange_to_find_out(shelf, manual_clock):
    mine, other = store(shelf, manual_clock), store(shelf, manual_clock)
    await mine.change("ab", looking)
    await heard(shelf, other, mine)
    before = shelf.exchanges

    assert not await mine.change("ab", asking("ana"))

    assert shelf.exchanges == before + 1


async def test_what_is_heard_late_does_not_hide_what_is_known_already(shelf, manual_clock):
    mine, other = store(shelf, manual_clock), store(shelf, manual_clock)
    await mine.change("ab", looking)
    await other.change("ab", asking("ben"))
    late = shelf.documents["ab"]
    await mine.change("ab", asking("ana"))
    mine.hear("ab", late)
    before = shelf.exchanges

    await mine.change("ab", asking("ana", 2))

    assert shelf.exchanges == before + 1


async def test_what_is_heard_before_the_answer_to_an_earlier_change_is_not_forgotten(shelf, manual_clock):
    mine, other = store(shelf, manual_clock), store(shelf, manual_clock)
    await mine.change("ab", asking("ana"))
    await other.change("ab", looking)
    later = Kept(shelf.documents["ab"].version.replace("/0/", "/9/"), shelf.documents["ab"].document)

    def hear() -> None:
        mine.hear("ab", later)

    shelf.meanwhile = [hear]
    await mine.change("ab", asking("ana", 2))
    shelf.documents["ab"] = later
    before = shelf.exchanges
    await mine.change("ab", asking("ana", 3))

    assert shelf.exchanges == before + 1


async def test_what_is_heard_of_another_epoch_is_not_believed(shelf, manual_clock):
    mine, other = store(shelf, manual_clock), store(shelf, manual_clock)
    await mine.change("ab", looking)
    shelf.epoch = Epoch("second", 1.0)
    shelf.documents.clear()
    await heard(shelf, other, mine)
    shelf.epoch, shelf.documents = Epoch("third", shelf.clock.now() + shelf.ahead), {}

    assert not (await mine.change("ab", looking)).leases


async def test_a_new_document_says_who_holds_leases_in_it(shelf, manual_clock):
    mine, other = store(shelf, manual_clock), store(shelf, manual_clock)
    await mine.change("ab", asking("ana"))
    await other.change("ab", asking("ben"))  # he only queues up

    assert shelf.documents["ab"].holders == {"ana"}


async def test_whoever_knows_the_time_but_vaguely_shortens_nobodys_lease(shelf, manual_clock):
    """It is no step of the store's clock that whoever wrote last, and said so, knew it better."""
    mine, vague = store(shelf, manual_clock), store(shelf, manual_clock)
    await mine.change("ab", looking)
    shelf.way_back = 1.8
    await vague.change("ab", looking)
    shelf.way_back = 0.0
    assert await mine.change("ab", asking("ana"))
    until = (await mine.change("ab", looking)).leases["ana-1"].until

    vague.hear("ab", shelf.documents["ab"])
    assert not await vague.change("ab", asking("ben"))

    assert (await mine.change("ab", looking)).leases["ana-1"].until == until
