"""Polling: the whole list again and again, and what changed between two passes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

import attrs

from ..clock import Clock
from ..errors import ConfigError, PagingLoop, RequestError
from .stream import Stream

T = TypeVar("T")


@attrs.frozen(kw_only=True)
class Pass(Generic[T]):
    """
    One look at a list.

    Args:
        number: 1 for the first.
        snapshot: All records that were met; of a failed pass, those of the last good one.
        changed: Records that are new or differ from what was known; on the first good pass all of them.
        missed: Records that were there before and were not met this time. They are removed, or they moved from one page
            to another while the list was read; the next pass tells.
        removed: Records that two good passes in a row did not meet.
        error: Why this pass failed; `None` if it did not. Nothing counts as changed, missed or removed then.
    """

    number: int
    snapshot: list[T]
    changed: list[T]
    missed: list[T]
    removed: list[T]
    error: RequestError | PagingLoop | None = None


class Poll(Generic[T]):
    """
    Passes over a list, for as long as it is iterated; one failure does not end it.

    Between two passes it holds nothing, so leaving the loop needs no cleaning up. Cancelling is harmless.

    Args:
        stream: Makes a stream of the whole list.
        identify: A record's id.
        every: Seconds from the beginning of one pass to the beginning of the next.
        clock: Time.

    Raises:
        ConfigError: `every` is not greater than 0.
    """

    def __init__(
        self, stream: Callable[[], Stream[T]], *, identify: Callable[[T], object], every: float, clock: Clock
    ) -> None:
        if every <= 0:
            raise ConfigError("poll every so many seconds, more than 0")
        self._stream = stream
        self._identify = identify
        self._every = every
        self._clock = clock
        self._known: dict[object, T] = {}
        self._missed: frozenset[object] = frozenset()
        self._snapshot: list[T] = []
        self._number = 0
        self._due = clock.now()

    def __aiter__(self) -> Poll[T]:
        return self

    async def __anext__(self) -> Pass[T]:
        await self._clock.sleep(max(0.0, self._due - self._clock.now()))
        self._due = self._clock.now() + self._every
        self._number += 1
        try:
            self._snapshot = await self._stream().collect()
        except (RequestError, PagingLoop) as error:
            return Pass(
                number=self._number, snapshot=list(self._snapshot), changed=[], missed=[], removed=[], error=error
            )
        return self._compared({self._identify(record): record for record in self._snapshot})

    def _compared(self, met: dict[object, T]) -> Pass[T]:
        changed = [record for key, record in met.items() if self._known.get(key) != record]
        absent = {key: record for key, record in self._known.items() if key not in met}
        missed = {key: record for key, record in absent.items() if key not in self._missed}
        self._known, self._missed = met | missed, frozenset(missed)
        return Pass(
            number=self._number,
            snapshot=self._snapshot,
            changed=changed,
            missed=list(missed.values()),
            removed=[record for key, record in absent.items() if key not in missed],
        )
