"""Look-ahead: one task that reads pages before they are asked for, owned by an `async with`."""

from __future__ import annotations

import asyncio
import enum
from collections import deque
from collections.abc import Awaitable, Callable
from types import TracebackType
from typing import Final, Generic, Self, TypeVar

from ..errors import ConfigError
from ..observe.caller import context_for_caller

P = TypeVar("P")

#: Seconds for which a page is kept back so that the request for the next one can get onto the wire. It matters to a
#: consumer that keeps the processor busy; where a lease or a window holds the request for longer, the page goes out.
_PATIENCE: Final = 0.05


class _Consumer(enum.Enum):
    """Where the consumer is, and with it the room of the page at the head."""

    AWAY = enum.auto()  # it works, or has given up waiting: that page keeps its room
    HUNGRY = enum.auto()  # it waits for a page to come
    SERVED = enum.auto()  # that page is its own, without room, and handed out when the next request is written


class Prefetch(Generic[P]):
    """
    Reads ahead while the consumer works.

    A task that has been created but not run yet overlaps nothing with a consumer that blocks the loop, and one tick is
    not enough where a connection, a lease or a limiter is waited for. So a page is handed out when the request for the
    next one has been *written*, which the transport tells.

    Args:
        advance: Reads the next page, `None` at the end; calls its argument when the request is on the wire.
        room: How many pages may wait.
        taken: Told of each page that is handed out.
    """

    def __init__(
        self,
        advance: Callable[[Callable[[], None]], Awaitable[P | None]],
        room: int,
        taken: Callable[[P], None] = lambda page: None,
    ) -> None:
        self._advance = advance
        self._taken = taken
        self._room = asyncio.Semaphore(room)
        self._ready: deque[P] = deque()
        self._changed = asyncio.Event()
        self._sent = asyncio.Event()  # no request is on its way to the wire
        self._idle = False  # whether the task waits for room
        self._consumer = _Consumer.AWAY
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        if self._task is not None:
            raise ConfigError("a look-ahead is entered once; stream.prefetch() makes another one")
        self._task = asyncio.get_running_loop().create_task(self._read_ahead(), context=context_for_caller())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        task = self._task
        assert task is not None
        task.cancel()
        # Waiting without being thrown out by a cancellation of our own: the task must not outlive this block.
        cancelled: asyncio.CancelledError | None = None
        while not task.done():
            try:
                await asyncio.wait({task})
            except asyncio.CancelledError as again:
                cancelled = again
        if not task.cancelled():
            task.exception()  # it was raised to the consumer, or the consumer left before it
        if cancelled is not None:
            raise cancelled

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> P:
        task = self._task
        if task is None or task.cancelled():
            raise ConfigError("a look-ahead is used inside its context: async with stream.prefetch() as pages")
        kept_back = self._consumer is _Consumer.SERVED  # and was cancelled while it waited for the next request
        while not self._ready:
            if task.done():
                task.result()  # raises what ended it
                raise StopAsyncIteration
            await self._wait_for_a_change()
        if self._consumer is not _Consumer.SERVED:
            self._consumer = _Consumer.SERVED
            if self._idle:
                self._sent.clear()  # the task goes on with the room that it gets here
            self._room.release()
        # Taken off only after the wait: a consumer that is cancelled here finds the page again.
        if not kept_back:
            await self._wait_until_sent()
        self._consumer = _Consumer.AWAY
        page = self._ready.popleft()
        self._taken(page)
        return page

    async def _wait_for_a_change(self) -> None:
        self._changed.clear()
        self._consumer = _Consumer.HUNGRY
        try:
            await self._changed.wait()
        finally:
            if self._consumer is _Consumer.HUNGRY:  # not served while it was being woken
                self._consumer = _Consumer.AWAY

    async def _wait_until_sent(self) -> None:
        if self._sent.is_set():
            return
        timer = asyncio.get_running_loop().call_later(_PATIENCE, self._sent.set)
        try:
            await self._sent.wait()
        finally:
            timer.cancel()

    async def _read_ahead(self) -> None:
        try:
            while True:
                await self._have_room()
                self._sent.clear()
                page = await self._advance(self._sent.set)
                if page is None:
                    return
                self._ready.append(page)
                del page  # it is the consumer's: it may be gone when the next one is decoded
                self._wake()
        finally:
            self._wake()

    async def _have_room(self) -> None:
        """Wait for room; a consumer that waits for the page at the head gives its room without being woken for it."""
        if self._consumer is _Consumer.HUNGRY and self._ready:
            self._consumer = _Consumer.SERVED
            return
        self._idle = True
        try:
            await self._room.acquire()
        finally:
            self._idle = False

    def _wake(self) -> None:
        """Something can be had, or nothing more will come; also where a request was never written."""
        self._sent.set()
        self._changed.set()
