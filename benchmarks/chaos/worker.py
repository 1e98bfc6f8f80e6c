"""
One process of a user's: many tasks that read and write on the same few tokens as those of the other processes.

    python -m benchmarks.chaos.worker PLAN

It says `ready`, works until its input ends, cancels the calls that are under way, and leaves.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import random
import signal
import subprocess
import sys
from collections.abc import Coroutine
from pathlib import Path
from typing import Any, Final

import attrs

from sagicc_async import (
    Coordinator,
    Lease,
    OutcomeUnknown,
    Priority,
    RequestError,
    RetryPolicy,
    Scope,
    ScopeStatus,
    SessionManager,
    Timeouts,
)
from sagicc_async.tokens.admission import Ending

from .addresses import coordinator
from .journal import Journal
from .kiosk import Kiosk, Turnstile

#: Seconds that the process may take to leave.
_PATIENCE: Final = 30.0


@attrs.frozen(kw_only=True)
class Plan:
    """
    What a worker does.

    Args:
        name: Different for each process, also for one that takes another's place.
        base_url: Where the vendor is.
        coordinator: Address of the coordinator.
        journal: File for what its callers know.
        seed: Decides what is left to chance here.
        tasks: How many make calls at once.
        tokens: How many tokens there are.
        settle: Seconds within which the vendor is taken to be done.
        total: Seconds that one attempt may take.
        cancelled: Share of the calls that are cancelled.
        written: Share of the calls that write.
        stops: Share of the requests before which the process stops itself, between the last look at the lease and the
            first byte.
        stopped_for: Seconds for which it then stands still.
        limit: Requests in a window, instead of one at a time; 0 for none.
        per: Seconds of that window.
    """

    name: str
    base_url: str
    coordinator: str
    journal: str
    seed: int = 1
    tasks: int = 20
    tokens: int = 3
    settle: float = 2.0
    total: float = 2.0
    cancelled: float = 0.1
    written: float = 0.5
    stops: float = 0.0
    stopped_for: float = 0.0
    limit: int = 0
    per: float = 1.0


@attrs.define
class Worker:
    """
    The process at work.

    Args:
        plan: What it does.
        accounts: An account a token.
    """

    plan: Plan
    accounts: list[Kiosk]
    leaving: asyncio.Event = attrs.field(factory=asyncio.Event)
    _journal: Journal = attrs.field(init=False)
    _chance: random.Random = attrs.field(init=False)
    _marks: int = 0
    _out: set[asyncio.Task[None]] = attrs.field(factory=set)

    def __attrs_post_init__(self) -> None:
        self._journal = Journal(Path(self.plan.journal))
        self._chance = random.Random(f"{self.plan.seed}/{self.plan.name}")

    async def work(self) -> None:
        """Let all tasks make calls until it is time to leave; what is under way then is cancelled."""
        async with asyncio.TaskGroup() as group:
            for number in range(self.plan.tasks):
                group.create_task(self._calls(self.accounts[number % len(self.accounts)]))
            await self.leaving.wait()
            for task in self._out:
                task.cancel()

    async def _calls(self, account: Kiosk) -> None:
        ranks = list(Priority)
        while not self.leaving.is_set():
            priority = self._chance.choice(ranks)
            if self._chance.random() >= self.plan.written:
                self._journal.note(await self._outcome(account.notes.read(priority=priority)), "read")
                continue
            self._marks += 1
            mark = f"{self.plan.name}.{self._marks}"
            self._journal.note("begun", "write", mark)
            self._journal.note(await self._outcome(account.notes.create(mark, priority=priority)), "write", mark)

    async def _outcome(self, call: Coroutine[Any, Any, None]) -> str:
        task = asyncio.create_task(call)
        self._out.add(task)
        task.add_done_callback(self._out.discard)
        if self._chance.random() < self.plan.cancelled:
            # Some while they wait for their turn, some while their exchange is under way.
            asyncio.get_running_loop().call_later(self._chance.expovariate(2), task.cancel)
        try:
            await task
        except asyncio.CancelledError:
            return "cancelled"
        except OutcomeUnknown:
            return "unknown"
        except RequestError:  # it says so itself: the vendor did not do it
            return "failed"
        return "done"


@attrs.frozen
class Stopping:
    """
    A coordinator whose leases stop the process at the worst moment: when the permission to write has just been looked at.

    Args:
        inner: The coordinator that is tried.
        plan: How often, and for how long.
        chance: Decides when.
    """

    inner: Coordinator
    plan: Plan
    chance: random.Random

    @property
    def trouble(self) -> str | None:
        """As it is."""
        return self.inner.trouble

    def describe(self) -> str:
        """As it is."""
        return self.inner.describe()

    async def open(self) -> None:
        """As it is."""
        await self.inner.open()

    async def close(self) -> None:
        """As it is."""
        await self.inner.close()

    async def admit(self, scope: Scope, *, lane: str, rank: int, hold: float) -> Lease:
        """As it is, but now and then with a lease that stops."""
        lease = await self.inner.admit(scope, lane=lane, rank=rank, hold=hold)
        return _StoppingLease(lease, self.plan.stopped_for) if self.chance.random() < self.plan.stops else lease

    def pause(self, scope: Scope, seconds: float) -> None:
        """As it is."""
        self.inner.pause(scope, seconds)

    def status(self, scope: Scope) -> ScopeStatus:
        """As it is."""
        return self.inner.status(scope)


class _StoppingLease:
    def __init__(self, lease: Lease, seconds: float) -> None:
        self._lease = lease
        self._seconds = seconds
        self.waited: float = lease.waited

    @property
    def age(self) -> float:
        return self._lease.age

    def check(self) -> None:
        self._lease.check()
        ours = os.getpid()
        subprocess.Popen(["/bin/sh", "-c", f"sleep {self._seconds}; kill -CONT {ours} 2> /dev/null"])
        os.kill(ours, signal.SIGSTOP)

    def release(self, ending: Ending) -> None:
        self._lease.release(ending)


def _give_up() -> None:
    """Say what keeps the process from ending, and end it."""
    for task in asyncio.all_tasks():
        task.print_stack()
    sys.stderr.flush()
    os._exit(3)


async def main(plan: Plan) -> None:
    """Work until the input ends."""
    agreeing = coordinator(plan.coordinator)
    if plan.stops:
        agreeing = Stopping(agreeing, plan, random.Random(f"{plan.seed}/{plan.name}/stops"))
    timeouts = Timeouts(connect=plan.total, read=plan.total, total=plan.total)
    async with SessionManager(
        coordinator=agreeing, timeouts=timeouts, retry=RetryPolicy(attempts=3, base=0.01)
    ) as sessions:
        kind = Turnstile if plan.limit else Kiosk
        settings = {"limit": plan.limit, "per": plan.per, "settle": plan.settle}
        worker = Worker(
            plan,
            [
                sessions.open(kind, {"token": token}, account=token, base_url=plan.base_url, **settings)
                for token in (f"token-{number}" for number in range(plan.tokens))
            ],
        )
        loop = asyncio.get_running_loop()

        def leave() -> None:
            loop.remove_reader(sys.stdin)
            worker.leaving.set()
            loop.call_later(_PATIENCE, _give_up)

        loop.add_reader(sys.stdin, leave)
        print("ready", flush=True)
        await worker.work()


if __name__ == "__main__":
    logging.basicConfig(level=logging.CRITICAL)  # late outcomes and outages are warnings, and there will be many
    asyncio.run(main(Plan(**json.loads(sys.argv[1]))))
