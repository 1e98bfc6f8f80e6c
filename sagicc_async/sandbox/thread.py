"""A sandbox in a thread of its own."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .server import Sandbox


@contextmanager
def run_in_thread(sandbox: Sandbox) -> Iterator[Sandbox]:
    """Open the sandbox on a new thread's event loop; close it and end the thread on leaving."""
    ready: Future[tuple[asyncio.AbstractEventLoop, asyncio.Event]] = Future()

    async def serve() -> None:
        stop = asyncio.Event()
        try:
            await sandbox.__aenter__()
        except BaseException as error:  # noqa: BLE001 - it is the caller's
            ready.set_exception(error)
            return
        ready.set_result((asyncio.get_running_loop(), stop))
        try:
            await stop.wait()
        finally:
            await sandbox.__aexit__(None, None, None)

    thread = threading.Thread(target=lambda: asyncio.run(serve()), name="sagicc-async-sandbox", daemon=True)
    thread.start()
    try:
        loop, stop = ready.result()
        try:
            yield sandbox
        finally:
            loop.call_soon_threadsafe(stop.set)
    finally:
        thread.join()
