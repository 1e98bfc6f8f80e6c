"""The processes of a run: started, and done to what happens to processes."""

from __future__ import annotations

import asyncio
import contextlib
import json
import signal
import sys
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

import attrs

from tests.servers import Proxy

from . import worker
from .journal import Account
from .worker import Plan

#: Seconds that a worker may take to begin, and to end when it is told to.
_PATIENCE: Final = 60.0


@attrs.define
class Member:
    """
    A place in the crew: one process after the other.

    Args:
        crew: All of them.
        number: Which place.
        proxy: Between it and the store, if there is a server.
    """

    crew: Crew
    number: int
    proxy: Proxy | None
    #: Something is being done to it.
    busy: bool = False
    _lives: int = 0
    _process: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        """Begin a new process, and wait until it works."""
        self._lives += 1
        name = f"{self.number}-{self._lives}"
        address = self.crew.plan.coordinator
        plan = attrs.evolve(
            self.crew.plan,
            name=name,
            coordinator=self.proxy.url(address) if self.proxy else address,
            journal=str(self.crew.folder / f"{name}.journal"),
        )
        process = self._process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", worker.__name__, json.dumps(attrs.asdict(plan)), stdin=PIPE, stdout=PIPE, stderr=PIPE
        )
        assert process.stdout is not None
        async with asyncio.timeout(_PATIENCE):
            ready = await process.stdout.readline()
        if not ready:
            _, said = await process.communicate(b"")
            self.crew.complaints.append(f"{name} did not begin: {_last_line(said)}")

    async def kill(self) -> None:
        """Kill it with -9, and let another one take its place."""
        self._signal(signal.SIGKILL)
        await self._running().communicate()
        await self.start()

    async def stop(self, seconds: float) -> None:
        """Let it stand still, as on a machine that has other things to do."""
        self._signal(signal.SIGSTOP)
        try:
            await asyncio.sleep(seconds)
        finally:
            self._signal(signal.SIGCONT)

    async def cut(self, how: str, size: int, seconds: float) -> None:
        """
        Take its connections to the store away.

        Args:
            how: `reset`, `end`, `there` or `back` (after `size` bytes that way), `silence` or `refuse` (for `seconds`).
            size: Bytes that still arrive.
            seconds: How long it lasts.
        """
        assert self.proxy is not None
        if how in ("there", "back"):
            self.proxy.cut_after(size, "there" if how == "there" else "back")
            return
        self.proxy.swallows, self.proxy.refuses = how == "silence", how == "refuse"
        if how != "silence":
            self.proxy.cut(reset=how != "end")
        if how in ("silence", "refuse"):
            await asyncio.sleep(seconds)
            self.proxy.swallows = self.proxy.refuses = False
            self.proxy.cut()  # what was swallowed is lost: nothing that comes after it would make sense

    async def leave(self) -> None:
        """Let it come to its end in order."""
        process = self._running()
        self._signal(signal.SIGCONT)
        try:
            async with asyncio.timeout(_PATIENCE):
                _, said = await process.communicate(b"")
        except TimeoutError:
            self._signal(signal.SIGKILL)
            self.crew.complaints.append(f"{self.number}-{self._lives} did not end")
            return
        if process.returncode or said:
            what = f"{self.number}-{self._lives} ended with {process.returncode}"
            self.crew.complaints.append(f"{what}: {said.decode()[-3000:]}")

    def _running(self) -> asyncio.subprocess.Process:
        assert self._process is not None
        return self._process

    def end(self) -> None:
        """Make sure that nothing is left of it."""
        if self._process is not None:
            self._signal(signal.SIGKILL)

    def _signal(self, number: signal.Signals) -> None:
        with contextlib.suppress(ProcessLookupError):  # it has ended by itself, which `leave` will complain of
            self._running().send_signal(number)


@attrs.define
class Crew:
    """
    All processes of a run.

    Args:
        plan: What each does, but for its name, its journal and its way to the store.
        folder: For journals.
    """

    plan: Plan
    folder: Path
    members: list[Member] = attrs.field(factory=list)
    #: What went wrong with processes that nothing had been done to.
    complaints: list[str] = attrs.field(factory=list)

    @classmethod
    @asynccontextmanager
    async def working(cls, plan: Plan, folder: Path, count: int, proxies: Sequence[Proxy]) -> AsyncIterator[Crew]:
        """Let so many processes work for the length of the block, then come to their end."""
        crew = cls(plan, folder)
        crew.members = [Member(crew, number, proxies[number] if proxies else None) for number in range(count)]
        try:
            await asyncio.gather(*(member.start() for member in crew.members))
            if crew.complaints:  # nobody has done anything to them yet
                raise RuntimeError("\n".join(crew.complaints))
            yield crew
            await asyncio.gather(*(member.leave() for member in crew.members))
        finally:
            for member in crew.members:
                member.end()

    def account(self) -> Account:
        """What their journals say."""
        return Account.of(self.folder)


def _last_line(said: bytes) -> str:
    return (said.decode().strip().splitlines() or ["without a word"])[-1]
