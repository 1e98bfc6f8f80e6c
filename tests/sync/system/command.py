"""`sagicc-async sync` as a process of its own."""

from __future__ import annotations

import asyncio
import json
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final, Self

import attrs

_PROGRAM: Final = (sys.executable, "-c", "from sagicc_async.cli import main; raise SystemExit(main())")


@attrs.frozen
class Ended:
    """A process that has ended, and what it said."""

    status: int
    out: str
    err: str

    @property
    def report(self) -> dict[str, Any]:
        """What `--json` printed."""
        report: dict[str, Any] = json.loads(self.out)
        return report

    @property
    def said(self) -> str:
        """All that it said."""
        return self.out + self.err


async def start(*arguments: object, **options: Any) -> Process:
    """Start the program; whoever started it ends it."""
    return await asyncio.create_subprocess_exec(*_PROGRAM, *map(str, arguments), stdout=PIPE, stderr=PIPE, **options)


async def ended(process: Process) -> Ended:
    """Wait for a process, or end it with whoever waits."""
    try:
        out, err = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
    assert process.returncode is not None
    return Ended(process.returncode, out.decode(), err.decode())


async def sync(file: Path, *arguments: object, env: Mapping[str, str] | None = None) -> Ended:
    """Sync the accounts of a file once."""
    return await ended(await start("sync", file, "--once", *arguments, env=env, cwd=file.parent))


@attrs.frozen
class Again:
    """Runs the program again and again, one process at a time; see `again.py`."""

    _forking: Process
    log: Path

    @classmethod
    @asynccontextmanager
    async def open(cls, log: Path) -> AsyncIterator[Self]:
        """Be ready to run it; what the processes say is appended to `log`."""
        program = (sys.executable, str(Path(__file__).with_name("again.py")), str(log))
        forking = await asyncio.create_subprocess_exec(*program, stdin=PIPE, stdout=PIPE)
        try:
            yield cls(forking, log)
        finally:
            forking.kill()
            await forking.communicate()

    @property
    def said(self) -> str:
        """What all processes have said so far."""
        return self.log.read_text() if self.log.exists() else ""

    async def begin(self, *arguments: object) -> int:
        """Start a process; returns its id, which stays its own until `end`."""
        return await self._ask([*map(str, arguments)])

    async def end(self) -> int:
        """Wait for its end; returns its status."""
        return await self._ask(None)

    async def _ask(self, arguments: list[str] | None) -> int:
        assert self._forking.stdin is not None
        assert self._forking.stdout is not None
        self._forking.stdin.write(f"{json.dumps(arguments)}\n".encode())
        return int(await self._forking.stdout.readline())
