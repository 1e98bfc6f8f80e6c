"""
Strict request windows: never more than `limit` requests inside any `per` seconds, as the vendor counts them.

A leaky bucket or a token bucket lets up to twice the limit into one window. Here a slot is taken when a request is
sent and freed `per` seconds after its *answer*, so wherever between the two the vendor counted it, no sliding window
of the vendor's holds more than `limit`. Pure arithmetic: the clock's readings come in as arguments.
"""

from __future__ import annotations

import math
from collections import deque

import attrs


@attrs.frozen
class Window:
    """
    A limit that the vendor counts.

    Args:
        limit: Requests.
        per: Seconds.
        scope: What the vendor counts by: `"company"`, `"token"` or another word that the adapter can identify.
    """

    limit: int = attrs.field(validator=attrs.validators.ge(1))
    per: float = attrs.field(kw_only=True, validator=attrs.validators.gt(0))
    scope: str = attrs.field(default="token", kw_only=True)

    @property
    def pace(self) -> float:
        """Seconds between two requests of a stream that uses the whole limit evenly."""
        return self.per / self.limit


@attrs.define(eq=False)
class WindowState:
    """
    The slots of one window.

    Args:
        window: The limit.
    """

    window: Window
    _open: int = attrs.field(default=0, init=False)
    _freed: deque[float] = attrs.field(factory=deque, init=False)
    _last_start: float = attrs.field(default=-math.inf, init=False)

    def opens_at(self, now: float, *, paced: bool) -> float:
        """
        When the next request may start.

        Args:
            now: The clock.
            paced: Whether the request is bulk, which spreads evenly so that an interactive one waits a slot at most.

        Returns:
            A time not before `now`; infinity while every slot belongs to a request that has no answer yet.
        """
        self._forget(now)
        taken = self._open + len(self._freed)
        if taken < self.window.limit:
            slot = now
        else:
            slot = self._freed[0] if self._freed else math.inf
        return max(now, slot, self._last_start + self.window.pace) if paced else max(now, slot)

    def take(self, now: float) -> None:
        """A request starts now."""
        self._open += 1
        self._last_start = now

    def give_back(self) -> None:
        """A request that had taken a slot was never sent."""
        self._open -= 1

    def answered(self, at: float) -> None:
        """
        A request ended at `at`: when its answer was complete, or when the vendor must be done with a lost one.

        The slot is free `per` seconds later. Times may come in any order.
        """
        self._open -= 1
        free = at + self.window.per
        if not self._freed or free >= self._freed[-1]:
            self._freed.append(free)
        else:
            self._freed = deque(sorted((*self._freed, free)))

    def used(self, now: float) -> int:
        """Slots that are taken now, for `status()`."""
        self._forget(now)
        return self._open + len(self._freed)

    def _forget(self, now: float) -> None:
        while self._freed and self._freed[0] <= now:
            self._freed.popleft()
