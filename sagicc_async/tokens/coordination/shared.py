"""Coordination with every process that uses the same store; see `agent.py` for how it is agreed, and `state.py` for what."""

from __future__ import annotations

import asyncio
import logging
from typing import Final

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
        self._opening: asyncio.Lock = asyncio.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
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
        if self._users and loop is not self._loop:
            raise ConfigError(
                "this coordinator belongs to another event loop; make one for each loop: they find each other"
            )
        if not self._users:
            self._loop, self._opening = loop, asyncio.Lock()
        self._users += 1
        try:
            async with self._opening:
                if self._users == 1:
                    await self._store.open(self._woken)
        except BaseException:
            self._users -= 1
            raise

    async def close(self) -> None:
        """
        Give back what is held and let go of the store, unless another manager still uses it.

        Cancelling it gives nothing back any more: the leases end by themselves.
        """
        self._users -= 1
        if self._users:
            return
        tasks = [agent.task for agent in self._agents.values() if agent.task is not None]
        try:
            if tasks and self._trouble is None:
                await asyncio.wait(tasks, timeout=_PARTING)
        finally:
            for agent in self._agents.values():
                agent.close()
            self._agents.clear()
            try:
                await asyncio.gather(*tasks, return_exceptions=True)
            finally:
                await self._store.close()

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
        return await self._agent(scope).admit(lane=lane, rank=rank, hold=hold)

    def pause(self, scope: Scope, seconds: float) -> None:
        """Start nothing in the scope for `seconds`: here at once, elsewhere as soon as the store knows."""
        if self._users:
            self._agent(scope).pause(seconds)

    def status(self, scope: Scope) -> ScopeStatus:
        """The queue here, and what was last seen of the scope elsewhere."""
        return self._agent(scope).status()

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

    def _agent(self, scope: Scope) -> ScopeAgent:
        agent = self._agents.get(scope.key)
        if agent is None:
            agent = self._agents[scope.key] = ScopeAgent(scope, self._store, self._clock, self)
        agent.scope = scope
        return agent

    def _woken(self, key: str) -> None:
        for scope, agent in self._agents.items():
            if key in ("", scope):
                agent.look_again()
