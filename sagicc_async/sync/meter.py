"""Counts requests by unit, and how long they take at the vendors."""

from __future__ import annotations

from collections import defaultdict, deque
from typing import Final

import attrs

from ..observe.events import Event, RequestFinished
from .unit import Unit

#: Requests of which one latency is taken, and how many of these are remembered.
_BLOCK: Final = 512
_BLOCKS: Final = 64


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
        self._seconds: list[float] = []
        self._latencies: deque[float] = deque(maxlen=_BLOCKS)

    def __call__(self, event: Event) -> None:
        """Count a request."""
        if not isinstance(event, RequestFinished):
            return
        used = self._used[event.vendor, event.account, event.operation.partition(".")[0]]
        used.requests += 1
        used.queued += event.queued
        if event.status is not None:  # what was never answered tells how patient we are, not how fast the vendor is
            self._measure(event.seconds)

    def take(self, unit: Unit) -> Used:
        """What a unit used since it was last asked for."""
        return self._used.pop((unit.vendor, unit.account, unit.resource), Used())

    @property
    def latency(self) -> float | None:
        """
        How fast the vendors answer a process that is not busy, in seconds; `None` before there are any answers.

        The busier this process is, the slower a vendor seems, and who concluded from that to do more at once would only be
        busier. So it is the quickest tenth that counts, of the time when that was quickest: among the latest 33,000 requests,
        so that a vendor that has become slower is found out all the same.
        """
        return min(self._latencies, default=_tenth(self._seconds) if self._seconds else None)

    def _measure(self, seconds: float) -> None:
        self._seconds.append(seconds)
        if len(self._seconds) == _BLOCK:
            self._latencies.append(_tenth(self._seconds))
            self._seconds.clear()


def _tenth(seconds: list[float]) -> float:
    """What the quickest tenth took at most."""
    return sorted(seconds)[len(seconds) // 10]
