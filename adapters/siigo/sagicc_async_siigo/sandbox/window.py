"""
How many requests a company may make.

The vendor documents 100 a minute for a company and 10 for its test company, and that more are answered with 429. It
does not document how the minute is counted: here every stretch of that length is looked at, wherever it begins, and
only requests that were let in take a place in it. That a quick burst is refused before was seen at the test company.
"""

from __future__ import annotations

from collections import deque
from math import ceil
from typing import Final

import attrs

from sagicc_async.sandbox import Company

from . import failures
from .failures import Refused
from .settings import Settings

_MEMORY: Final = "window"


@attrs.define
class Window:
    """
    The requests of a company that are still in its window.

    Attributes:
        times: When each was let in.
        due: When the next one would come at an even pace.
    """

    times: deque[float] = attrs.field(factory=deque)
    due: float = 0.0

    def wait(self, settings: Settings, now: float) -> float:
        """Return how many seconds the next request must wait; 0 or less if it need not."""
        while self.times and self.times[0] <= now - settings.window:
            self.times.popleft()
        full = self.times[0] + settings.window - now if len(self.times) >= settings.limit else 0.0
        if not settings.ahead:
            return full
        ahead = (settings.ahead - 1) * settings.window / settings.limit
        return max(full, self.due - ahead - now)

    def take(self, settings: Settings, now: float) -> None:
        """Take a place."""
        self.times.append(now)
        self.due = max(self.due, now) + settings.window / settings.limit


def admit(company: Company, settings: Settings, now: float) -> None:
    """
    Count a request.

    Args:
        company: Whose.
        settings: Its limits.
        now: When it arrived, in seconds of the sandbox's clock.

    Raises:
        Refused: There is no room for it; the message says when there is.
    """
    window: Window = company.memory.setdefault(_MEMORY, Window())
    wait = window.wait(settings, now)
    if wait > 0:
        seconds = max(1, ceil(wait))
        headers = {"Retry-After": str(seconds)} if settings.retry_after else {}
        raise Refused(failures.requests_limit(seconds), headers=headers, rejected=True)
    window.take(settings, now)
