"""Counts requests by unit, and how long they take at the vendors."""

from __future__ import annotations

from collections import defaultdict, deque
from typing import Final

import attrs

from ..observe.events import Event, RequestFinished
from .unit import Unit

#: How many of the latest requests the latency is taken from.
_WINDOW: Final = 512


@attrs.define
class Used:
    """
    What a unit used.

    Attributes:
        requests: Requests, repetitions included.
        queued: Seconds that they waited for token and windows.
    """

    requests: int = 0
    queued: float = 0.0


class Meter:
    """A hook for `SessionManager.on`."""

    def __init__(self) -> None:
        self._used: defaultdict[tuple[str, str, str], Used] = defaultdict(Used)
        self._seconds: deque[float] = deque(maxlen=_WINDOW)

    def __call__(self, event: Event) -> None:
        """Count a request."""
        if not isinstance(event, RequestFinished):
            return
        used = self._used[event.vendor, event.account, event.operation.partition(".")[0]]
        used.requests += 1
        used.queued += event.queued
        if event.status is not None:  # what was never answered tells how patient we are, not how fast the vendor is
            self._seconds.append(event.seconds)

    def take(self, unit: Unit) -> Used:
        """What a unit used since it was last asked for."""
        return self._used.pop((unit.vendor, unit.account, unit.resource), Used())

    @property
    def latency(self) -> float | None:
        """
        What the quickest tenth of the latest requests took, in seconds; `None` before there are any.

        The others may have waited for us: the busier this process is, the slower a vendor seems.
        """
        return sorted(self._seconds)[len(self._seconds) // 10] if self._seconds else None
