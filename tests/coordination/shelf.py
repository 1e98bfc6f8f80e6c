"""A store in memory that can be slow, away, and lose answers; and two processes that share it."""

from __future__ import annotations

import asyncio
import copy
import math
from collections.abc import Callable
from typing import Any

import attrs
import pytest

from sagicc_async.errors import ConfigError
from sagicc_async.tokens.coordination import Lease, Scope
from sagicc_async.tokens.coordination.shared import SharedCoordinator
from sagicc_async.tokens.coordination.state import ScopeState
from sagicc_async.tokens.coordination.store import Decision, Now, StoreError

SCOPE = Scope(key="5c09e", max_in_flight=1, settle=30.0)
HOLD = 60.0


@attrs.define(eq=False)
class Shelf:
    """Where the documents are, for all stores of a test."""

    clock: Any
    at_once: bool
    documents: dict[str, ScopeState] = attrs.field(factory=dict)
    stores: dict[str, ShelfStore] = attrs.field(factory=dict)

    def coordinator(self, owner: str) -> SharedCoordinator:
        store = self.stores[owner] = ShelfStore(owner, self, at_once=self.at_once)
        return SharedCoordinator(store, self.clock)


@attrs.define(eq=False)
class ShelfStore:
    """
    A store in memory.

    Args:
        owner: Name of the process.
        shelf: The documents.
        uncertainty: By how many seconds it sees the clock late.
        seconds: How long a change takes, half of it on the way there.
        greets: How long opening it takes, and closing it.
        away: Why it cannot be reached.
        refuses: Why it is of no use.
        loses: How many answers get lost on their way back.
    """

    owner: str
    shelf: Shelf
    uncertainty: float = 0.0
    polling: float = math.inf
    seconds: float = 0.0
    greets: float = 0.0
    away: str = ""
    refuses: str = ""
    at_once: bool = False
    loses: int = 0
    changes: int = 0
    is_open: bool = False
    woken: Callable[[str], None] = lambda key: None

    def describe(self) -> str:
        return "a shelf"

    async def open(self, woken: Callable[[str], None]) -> None:
        if self.away:
            raise ConfigError(f"a shelf cannot be reached: {self.away}")
        assert not self.is_open
        await self.greet()
        self.is_open, self.woken = True, woken

    async def close(self) -> None:
        assert self.is_open
        try:
            await self.greet()
        finally:
            self.is_open = False

    async def greet(self) -> None:
        if self.greets:
            await self.shelf.clock.sleep(self.greets)

    async def change(self, key: str, decide: Callable[[ScopeState, Now], Decision[Any]]) -> Any:
        assert self.is_open
        self.changes += 1
        if self.away:
            raise StoreError(self.away)
        if self.refuses:
            raise ConfigError(self.refuses)
        await self.way()
        decide(copy.deepcopy(self.shelf.documents.get(key, ScopeState())), self.now())  # a race that is lost
        state = copy.deepcopy(self.shelf.documents.get(key, ScopeState()))
        state.begin(self.now().earliest)
        decision = decide(state, self.now())
        if decision.changed:
            self.shelf.documents[key] = state
        for owner in decision.wake:
            self.shelf.stores[owner].woken(key)
        await self.way()
        if self.loses:
            self.loses -= 1
            raise StoreError("the answer was lost", in_doubt=True)
        return decision.result

    def now(self) -> Now:
        now = self.shelf.clock.now()
        return Now(now - self.uncertainty, now)

    async def way(self) -> None:
        if self.seconds or not self.at_once:
            await self.shelf.clock.sleep(self.seconds / 2)

    def change_at_once(self, key: str, decide: Callable[[ScopeState, Now], Decision[Any]]) -> Any:
        if self.seconds or self.loses or not self.at_once:
            return None
        try:
            self.change(key, decide).send(None)
        except StopIteration as done:
            return done.value
        raise AssertionError("it waited")


@pytest.fixture(params=[False, True], ids=["by a task", "at once"])
def shelf(request, manual_clock) -> Shelf:
    return Shelf(manual_clock, at_once=request.param)


@pytest.fixture
async def ana(shelf):
    coordinator = shelf.coordinator("ana")
    await coordinator.open()
    yield coordinator
    await coordinator.close()


@pytest.fixture
async def ben(shelf):
    coordinator = shelf.coordinator("ben")
    await coordinator.open()
    yield coordinator
    await coordinator.close()


def asking(coordinator, scope: Scope = SCOPE, *, rank: int = 1, lane: str = "token") -> asyncio.Task[Lease]:
    return asyncio.create_task(coordinator.admit(scope, lane=lane, rank=rank, hold=HOLD))
