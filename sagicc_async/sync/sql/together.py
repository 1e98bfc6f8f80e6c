"""`Together`: what many ask for at the same time is done in one transaction."""

from __future__ import annotations

import asyncio
import contextvars
import copy
from collections.abc import Awaitable, Callable, Sequence
from typing import Final, Generic, TypeVar

from ...errors import SagiccAsyncError

Q = TypeVar("Q")
A = TypeVar("A")

#: The most that goes into one transaction.
_MOST: Final = 250


class Together(Generic[Q, A]):
    """
    Collects questions while one transaction is under way, and answers them with the next one.

    Hundreds of units begin and end at the same time, and a transaction costs more than what each of them has to say.

    Args:
        answer: Answers questions, in their order.
    """

    def __init__(self, answer: Callable[[Sequence[Q]], Awaitable[Sequence[A]]]) -> None:
        self._answer = answer
        self._line: list[tuple[Q, asyncio.Future[A]]] = []
        self._task: asyncio.Task[None] | None = None

    async def ask(self, question: Q) -> A:
        """
        The answer to a question.

        Raises:
            Exception: What answering those that were asked together raised.

        When cancelled, it leaves; what is under way for others goes on.
        """
        mine: asyncio.Future[A] = asyncio.get_running_loop().create_future()
        self._line.append((question, mine))
        if self._task is None:
            # In an empty context: it works for others too.
            self._task = asyncio.get_running_loop().create_task(self._work(), context=contextvars.Context())
        return await mine

    async def close(self) -> None:
        """
        Wait for what is under way; nobody waits for an answer any more.

        When cancelled, what is under way is told, and brought to its end first.
        """
        cancelled: asyncio.CancelledError | None = None
        while self._task is not None:
            try:
                await asyncio.wait([self._task])
            except asyncio.CancelledError as error:
                self._task.cancel()
                cancelled = error
        if cancelled is not None:
            raise cancelled

    async def _work(self) -> None:
        try:
            while True:
                self._line = [(question, mine) for question, mine in self._line if not mine.done()]
                if not self._line:
                    return
                asked, self._line = self._line[:_MOST], self._line[_MOST:]
                await self._tell(asked)
        finally:
            self._task = None
            for _, mine in self._line:
                mine.cancel()

    async def _tell(self, asked: Sequence[tuple[Q, asyncio.Future[A]]]) -> None:
        try:
            answers = await self._answer([question for question, _ in asked])
        except Exception as error:  # noqa: BLE001 - each of those who asked raises it
            for _, mine in asked:
                if not mine.done():
                    mine.set_exception(copy.copy(error) if isinstance(error, SagiccAsyncError) else error)
        except BaseException:
            for _, mine in asked:
                mine.cancel()
            raise
        else:
            for (_, mine), answer in zip(asked, answers, strict=True):
                if not mine.done():
                    mine.set_result(answer)
