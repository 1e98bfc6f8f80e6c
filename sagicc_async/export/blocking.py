"""Work that blocks, in a thread, under cancellation."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


async def in_thread(work: Callable[[], T], *, stop: Callable[[], None] = lambda: None) -> T:
    """
    Do something in a thread; when cancelled, wait for its end all the same.

    Nobody may close or rename a file while a thread still writes to it.

    Args:
        work: What to do.
        stop: Called on cancellation; makes long work end early.
    """
    future = asyncio.get_running_loop().run_in_executor(None, work)
    cancelled: asyncio.CancelledError | None = None
    while not future.done():
        try:
            await asyncio.wait({future})
        except asyncio.CancelledError as again:
            cancelled = again
            stop()
    if cancelled is not None:
        future.exception()  # retrieved: whoever cancels does not ask for it
        raise cancelled
    return future.result()
