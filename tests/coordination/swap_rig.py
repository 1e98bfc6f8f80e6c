"""A store of documents in memory that counts, is slow, and loses what it is told to; and those who use it."""

from __future__ import annotations

import asyncio

import attrs
import pytest

from sagicc_async.tokens.coordination.state import Ask, ScopeState
from sagicc_async.tokens.coordination.store import Decision, Now, StoreError
from sagicc_async.tokens.coordination.swap import ADDED, Answer, Epoch, Kept, Swap, SwapStore


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
    adds: bool = True
    far: bool = False
    holders: frozenset[str] = frozenset()
    silent: bool = False

    async def exchange(self, key: str, epoch: Epoch | None, expected: Kept | None, swap: Swap | None) -> Answer:
        self.exchanges += 1
        if self.far:
            await asyncio.sleep(0)
        if self.meanwhile:
            self.meanwhile.pop(0)()
        kept, time = self.documents.get(key, Kept()), self.clock.now() + self.ahead
        self.clock.set(now=self.clock.now() + self.way_back)
        if self.silent:
            await asyncio.Event().wait()
        if self.breaks:
            raise StoreError("cut", in_doubt=True)
        if epoch is None or expected is None or epoch != self.epoch or kept.version != expected.version:
            if swap is not None and swap.else_add and epoch == self.epoch and kept.version and self.adds:
                kept = self.documents[key] = Kept(kept.version + ADDED, kept.document + swap.else_add)
            return Answer(time, self.epoch, kept)
        if swap is not None:
            self.documents[key], self.holders = swap.new, swap.holders
            self.woken += swap.wake
        return Answer(time, self.epoch, None)

    async def begin_epoch(self, ended: Epoch | None, new: Epoch) -> None:
        if self.epoch == ended:
            self.epoch = new


@pytest.fixture
def swap_shelf(manual_clock) -> Shelf:
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
    def decide(state: ScopeState, now: Now) -> Decision[bool]:
        turn = state.ask(ask(owner, number), now.earliest)
        granted, places = turn.start <= now.earliest, () if turn.place is None else (turn.place,)
        return Decision(granted, frozenset({"somebody"}), changed=granted or bool(places), places=places)

    return decide


def looking(state: ScopeState, now: Now) -> Decision[ScopeState]:
    return Decision(state, changed=False)
