"""Coordination with every process that uses the same store; see `agent.py` for how it is agreed, and `state.py` for what."""

from __future__ import annotations

import asyncio
import logging
from typing import Any, Final

from ...clock import Clock, SystemClock
from ...errors import ConfigError, SessionClosed
from . import Lease, Scope, ScopeStatus
from .agent import ScopeAgent
from .store import Store, StoreError

log: logging.Logger = logging.getLogger("sagicc_async.coordination")

#: Seconds that closing waits for the store to take back what is held.
_PARTING: Final = 5.0


class SharedCoordinator:
    """
    A coordinator for every process that uses the same store.

    It belongs to one event loop, and is open while a manager that was given it is: `SessionManager` opens and closes it,
    also if several of them share it.

    Args:
        store: Where it is agreed on.
        clock: Time; the machine's own if not given.
    """

    def __init__(self, store: Store, clock: Clock | None = None) -> None:
        self._store = store
        self._clock = clock or SystemClock()
        self._agents: dict[str, ScopeAgent] = {}
        self._users = 0
        self._loop: asyncio.AbstractEventLoop | None = None
        self._turn: asyncio.Lock = asyncio.Lock()  # of whoever opens or closes the store
        self._is_open = False
        self._entered: asyncio.Future[None] | None = None  # whether a manager has entered since the last one left
        self._trouble: str | None = None

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self._store.describe()}>"

    @property
    def trouble(self) -> str | None:
        """Why nothing can be agreed on just now; `None` if all is well."""
        return self._trouble

    def describe(self) -> str:
        """Where processes find each other, for people."""
        return self._store.describe()

    async def open(self) -> None:
        """
        Reach the store, unless another manager has done so.

        Raises:
            ConfigError: It cannot be reached or used; or this coordinator is in use on another event loop.

        Cancelling it leaves nothing open.
        """
        loop = asyncio.get_running_loop()
        if (self._users or self._is_open) and loop is not self._loop:
            raise ConfigError(
                "this coordinator belongs to another event loop; make one for each loop: they find each other"
            )
        if loop is not self._loop:
            self._loop, self._turn = loop, asyncio.Lock()
        self._users += 1
        if self._entered is not None and not self._entered.done():
            self._entered.set_result(None)
        try:
            async with self._turn:
                if not self._is_open:
                    await self._store.open(self._woken)
                    self._is_open = True
        except BaseException:
            await self.close()
            raise

    async def close(self) -> None:
        """
        Give back what is held and let go of the store, unless another manager still uses it, or enters meanwhile.

        Cancelling it gives nothing back any more: the leases end by themselves.
        """
        self._users -= 1
        if self._users:
            return
        entered = self._entered = asyncio.get_running_loop().create_future()
        try:
            await self._hand_in(entered)
        finally:
            # Cancelled while it waits for its turn it may leave: whoever has the turn is an opener or a closer as well.
            async with self._turn:
                if self._is_open and not entered.done():  # else whoever has entered goes on with it, and closes it
                    await self._let_go()

    async def _hand_in(self, entered: asyncio.Future[None]) -> None:
        """Tell the store what was given back, as long as nobody enters who goes on doing so."""
        tasks = [agent.task for agent in self._agents.values() if agent.task is not None]
        if tasks and self._trouble is None:
            told: asyncio.Future[Any] = asyncio.gather(*tasks, return_exceptions=True)
            await asyncio.wait([told, entered], timeout=_PARTING, return_when=asyncio.FIRST_COMPLETED)

    async def _let_go(self) -> None:
        """Nobody uses it any more."""
        tasks = [agent.task for agent in self._agents.values() if agent.task is not None]
        for agent in self._agents.values():
            agent.close()
        self._agents.clear()
        try:
            await asyncio.gather(*tasks, return_exceptions=True)
        finally:
            try:
                await self._store.close()
            finally:
                self._is_open = False

    async def admit(self, scope: Scope, *, lane: str, rank: int, hold: float) -> Lease:
        """
        Wait for the turn of one request; see `Coordinator.admit`.

        While the store cannot be reached nobody is admitted, and everybody waits.

        Raises:
            ConfigError: A newer release uses the same store.
            SessionClosed: The coordinator is not open.
        """
        if not self._users:
            raise SessionClosed("the coordinator is not open; a SessionManager that was given it opens it")
        return await self._agent(scope.key).admit(scope, lane=lane, rank=rank, hold=hold)

    def pause(self, scope: Scope, seconds: float) -> None:
        """Start nothing in the scope for `seconds`: here at once, elsewhere as soon as the store knows."""
        if self._users:
            self._agent(scope.key).pause(seconds)

    def status(self, scope: Scope) -> ScopeStatus:
        """The queue here, and what was last seen of the scope elsewhere; a look that starts nothing, from any thread."""
        agent = self._agents.get(scope.key) or ScopeAgent(scope.key, self._store, self._clock, self)
        return agent.status(scope)

    def in_trouble(self, error: StoreError) -> None:
        """A change failed: said once an outage."""
        if self._trouble is None:
            log.warning("nothing is sent: %s: %s", self._store.describe(), error)
        self._trouble = f"{self._store.describe()}: {error}"

    def well_again(self) -> None:
        """A change was made."""
        if self._trouble is not None:
            log.warning("requests go on: %s is back", self._store.describe())
        self._trouble = None

    def _agent(self, key: str) -> ScopeAgent:
        agent = self._agents.get(key)
        if agent is None:
            agent = self._agents[key] = ScopeAgent(key, self._store, self._clock, self)
        return agent

    def _woken(self, key: str) -> None:
        for scope, agent in self._agents.items():
            if key in ("", scope):
                agent.look_again()
