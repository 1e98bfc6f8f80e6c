"""A block that can be left from outside: by a deadline, by a limit of time, by a closing manager."""

from __future__ import annotations

import asyncio
from types import TracebackType
from typing import Self


class Interrupted(Exception):
    """The block was left by `interrupt`, not by a cancellation of the caller's."""


class Interruptible:
    """
    Context that `interrupt` throws its task out of, once.

    It does what `asyncio.timeout` does without having a time of its own: one block may have to end for several
    reasons (deadline, close), and what measures the time is an injected clock. A cancellation that comes from
    elsewhere passes through untouched, also when both come at once.
    """

    __slots__ = ("_cancelling", "_task", "happened")

    def __init__(self) -> None:
        self._task: asyncio.Task[object] | None = None
        self._cancelling = 0
        self.happened: bool = False

    def interrupt(self) -> None:
        """Throw the task out of the block; harmless before, after, and a second time."""
        if self._task is not None and not self.happened:
            self.happened = True
            self._task.cancel()

    def __enter__(self) -> Self:
        task = asyncio.current_task()
        if task is None:
            raise RuntimeError("an interruptible block runs in a task")
        self._task, self._cancelling = task, task.cancelling()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        task, self._task = self._task, None
        if task is not None and self.happened:
            mine = task.uncancel() <= self._cancelling
            if mine and kind is asyncio.CancelledError:
                raise Interrupted from None
