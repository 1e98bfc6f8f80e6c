"""Whose a vendor of the sandbox is: one thread and its event loop."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import TypeVar

import attrs

T = TypeVar("T")


@attrs.frozen(kw_only=True)
class Owner:
    """
    The event loop to which everything that is shared belongs.

    Args:
        loop: Runs in the thread.
        thread: The thread's identity.
    """

    loop: asyncio.AbstractEventLoop
    thread: int

    @classmethod
    def here(cls) -> Owner:
        """Return the loop that runs now, in this thread."""
        return cls(loop=asyncio.get_running_loop(), thread=threading.get_ident())

    def call(self, function: Callable[[], T]) -> T:
        """Act at once in the owner's own thread; from another, ask the owner to act, and wait for it."""
        if self.thread == threading.get_ident():
            return function()
        outcome: Future[T] = Future()

        def act() -> None:
            try:
                outcome.set_result(function())
            except BaseException as error:  # noqa: BLE001 - it is the caller's
                outcome.set_exception(error)

        self.loop.call_soon_threadsafe(act)
        return outcome.result()
