"""Being asked to end: Ctrl-C is asyncio's business, SIGTERM is made the same."""

from __future__ import annotations

import asyncio
import contextlib
import signal
from collections.abc import AsyncIterator


@contextlib.asynccontextmanager
async def until_terminated() -> AsyncIterator[None]:
    """Cancel the running task on SIGTERM, as on Ctrl-C, so that it ends in order."""
    loop, task = asyncio.get_running_loop(), asyncio.current_task()
    assert task is not None
    loop.add_signal_handler(signal.SIGTERM, task.cancel)
    try:
        yield
    finally:
        loop.remove_signal_handler(signal.SIGTERM)


@contextlib.asynccontextmanager
async def stop_event() -> AsyncIterator[asyncio.Event]:
    """Give an event that Ctrl-C and SIGTERM set: for a command that is ended so on purpose."""
    loop, stop = asyncio.get_running_loop(), asyncio.Event()
    numbers = (signal.SIGINT, signal.SIGTERM)
    for number in numbers:
        loop.add_signal_handler(number, stop.set)
    try:
        yield stop
    finally:
        for number in numbers:
            loop.remove_signal_handler(number)
