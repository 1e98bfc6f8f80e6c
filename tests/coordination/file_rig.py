"""What the tests of coordination through files share: coordinators in a folder, and real processes beside them."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path

from sagicc_async.tokens.coordination import Scope
from sagicc_async.tokens.coordination.boot import boot_name
from sagicc_async.tokens.coordination.file import FileCoordinator

SCOPE = Scope(key="5c09e", max_in_flight=1, settle=0.5)


def here(folder: Path) -> Path:
    """The folder of this run of the machine."""
    return folder / f"boot-{boot_name()}"


@contextlib.asynccontextmanager
async def opened(folder, **settings):
    coordinator = FileCoordinator(folder, **settings)
    await coordinator.open()
    try:
        yield coordinator
    finally:
        await coordinator.close()


@contextlib.contextmanager
def process(folder: Path, body: str) -> Iterator[subprocess.Popen[str]]:
    """Another process, which says on its stdout how far it is."""
    program = f"""
        import asyncio, os, signal, sys, time
        from sagicc_async.tokens.admission import Ending
        from sagicc_async.tokens.coordination import Scope
        from sagicc_async.tokens.coordination.file import FileCoordinator
        from sagicc_async.tokens.coordination.state import Slots
        from sagicc_async.tokens.coordination.store import Decision

        SCOPE = Scope(key="5c09e", max_in_flight=1, settle=0.5)

        async def main():
            coordinator = FileCoordinator({os.fspath(folder)!r})
            await coordinator.open()
{textwrap.indent(textwrap.dedent(body), " " * 12)}
            await coordinator.close()

        asyncio.run(main())
    """
    child = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(program)], stdout=subprocess.PIPE, stdin=subprocess.PIPE, text=True
    )
    try:
        yield child
    finally:
        with contextlib.suppress(ProcessLookupError):
            child.send_signal(signal.SIGCONT)
            child.kill()
        child.wait()
        child.stdout.close()
        child.stdin.close()


def admit(coordinator, scope=SCOPE, *, rank=1, hold=60.0):
    return coordinator.admit(scope, lane="token", rank=rank, hold=hold)


async def said(child, line: str) -> None:
    assert (await asyncio.to_thread(child.stdout.readline)).strip() == line


HOLDER = """
    lease = await coordinator.admit(SCOPE, lane="token", rank=1, hold=60)
    print("held", flush=True)
    await asyncio.sleep(60)
"""
