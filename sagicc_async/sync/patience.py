"""`Patience`: how long a sink that is away is waited for, by all units together."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Final, TypeVar

from ..clock import Clock
from .sink import SinkUnavailable

T = TypeVar("T")

#: Seconds before a sink that is away is asked again: at first, and at most.
_FIRST_WAIT: Final = 0.25
_LONGEST_WAIT: Final = 15.0


class Patience:
    """
    Asks a sink again while it is away.

    Its time is counted from when it last took something, whoever asked: a thousand units that each waited for themselves
    would wait for days. Nobody asks the same for longer than that either: a sink that takes what others give is not away.

    Args:
        seconds: How long.
        clock: Time.
    """

    def __init__(self, seconds: float, clock: Clock) -> None:
        self._seconds = seconds
        self._clock = clock
        self._away_since: float | None = None

    async def ask(
        self, call: Callable[[], Awaitable[T]], away: Callable[[SinkUnavailable, float], object], *, writes: bool
    ) -> T:
        """
        Do something with the sink.

        Args:
            call: What.
            away: Told of each failure, and of the seconds after which it is tried again.
            writes: Whether it writes: a disk that is full can still be read.

        Raises:
            SinkUnavailable: It has been away for too long.
        """
        wait, refused_since = _FIRST_WAIT, None
        while True:
            try:
                answer = await call()
            except SinkUnavailable as error:
                now = self._clock.now()
                self._away_since = now if self._away_since is None else self._away_since
                refused_since = now if refused_since is None else refused_since
                if now + wait > min(self._away_since, refused_since) + self._seconds:
                    raise
                away(error, wait)
            else:
                if writes:
                    self._away_since = None
                return answer
            await self._clock.sleep(wait)
            wait = min(2 * wait, _LONGEST_WAIT)
