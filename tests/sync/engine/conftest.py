"""A real PostgreSQL, and workers as processes of their own."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import attrs
import pytest

from ...servers.fixtures import postgres, postgres_url, servers
from ..conftest import Rig, rig
from .memory_queue import Bench

__all__ = ["bench", "postgres", "postgres_url", "rig", "servers", "workers"]

ROOT = Path(__file__).parents[3]


@attrs.define
class WorkerProcess:
    """A worker, and what it has said so far."""

    process: asyncio.subprocess.Process
    said: list[dict[str, Any]] = attrs.field(factory=list)
    _more: asyncio.Condition = attrs.field(factory=asyncio.Condition)

    async def listen(self) -> None:
        assert self.process.stdout is not None
        async for line in self.process.stdout:
            self.said.append(json.loads(line))
            async with self._more:
                self._more.notify_all()

    async def says(self, wanted: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """Wait until it says something."""
        async with asyncio.timeout(60), self._more:
            await self._more.wait_for(lambda: any(map(wanted, self.said)))
        return next(filter(wanted, self.said))

    def told(self, event: str, **fields: Any) -> list[dict[str, Any]]:
        """What it has said of a kind."""
        return [said for said in self.said if said["event"] == event and fields.items() <= said.items()]


@pytest.fixture
async def workers() -> AsyncIterator[Callable[..., Awaitable[WorkerProcess]]]:
    """Start workers: `await workers(dsn, accounts_file)`; what is left of them is killed at the end."""
    running: list[tuple[WorkerProcess, asyncio.Task[None]]] = []
    environment = {name: value for name, value in os.environ.items() if name != "SAGICC_ASYNC_COORDINATOR"}

    async def start(*arguments: Any) -> WorkerProcess:
        command = (sys.executable, "-m", "tests.sync.engine.worker_process", *map(str, arguments))
        process = await asyncio.create_subprocess_exec(*command, cwd=ROOT, env=environment, stdout=PIPE)
        worker = WorkerProcess(process)
        running.append((worker, asyncio.create_task(worker.listen())))
        await worker.says(lambda said: said["event"] == "ready")
        return worker

    yield start
    for worker, listening in running:
        if worker.process.returncode is None:
            worker.process.kill()
        await worker.process.wait()
        await listening


@pytest.fixture
def bench(rig: Rig) -> Bench:
    """A queue in memory, and what does its jobs."""
    return Bench(rig)
