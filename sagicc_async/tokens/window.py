"""
Strict request windows: never more than `limit` requests inside any `per` seconds, as the vendor counts them.

A leaky bucket or a token bucket lets up to twice the limit into one window. Here a slot is taken when a request is
sent and freed `per` seconds after its *answer*, so wherever between the two the vendor counted it, no sliding window
of the vendor's holds more than `limit`. Pure arithmetic: the clock's readings come in as arguments.
"""

from __future__ import annotations

import math
from typing import Literal

import attrs


@attrs.frozen
class Window:
    """
    A limit that the vendor counts.

    Args:
        limit: Requests.
        per: Seconds.
        scope: What the vendor counts by: `"company"`, as the adapter identifies it, or each `"token"` by itself. One
            window that counts by company makes all windows of the vendor do.
    """

    limit: int = attrs.field(validator=attrs.validators.ge(1))
    per: float = attrs.field(kw_only=True, validator=attrs.validators.gt(0))
    scope: Literal["company", "token"] = attrs.field(
        default="token", kw_only=True, validator=attrs.validators.in_(("company", "token"))
    )

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
    #: Number of the request -> when its slot is free at the latest.
    _taken: dict[int, float] = attrs.field(factory=dict, init=False)
    #: When the next request of an even pace is due.
    _due: float = attrs.field(default=-math.inf, init=False)

    def opens_at(self, now: float, *, paced: bool) -> float:
        """
        When the next request may start, if nothing else is answered until then.

        Args:
            now: The clock.
            paced: Whether the request is bulk, which spreads evenly so that an interactive one waits a slot at most.

        Returns:
            A time not before `now`.
        """
        over = self.used(now) - self.window.limit
        slot = now if over < 0 else sorted(self._taken.values())[over]
        return max(now, slot, self._due) if paced else max(now, slot)

    def take(self, number: int, now: float, *, until: float) -> None:
        """A request starts now; the vendor is done with it at `until` at the latest, even if it never comes back."""
        self._taken[number] = until + self.window.per
        # A start that is a little late does not make all that come after it late: timers always are.
        late = now - self._due
        start = self._due if 0 <= late < self.window.pace else now
        self._due = max(self._due, start + self.window.pace)

    def give_back(self, number: int) -> None:
        """A request that had taken a slot was never sent."""
        self._taken.pop(number, None)

    def answered(self, number: int, at: float) -> None:
        """
        A request ended at `at`: when its answer was complete, or when the vendor must be done with a lost one.

        The slot is free `per` seconds later. Times may come in any order.
        """
        if number in self._taken:
            self._taken[number] = at + self.window.per

    def used(self, now: float) -> int:
        """Slots that are taken now."""
        for number in [number for number, free in self._taken.items() if free <= now]:
            del self._taken[number]
        return len(self._taken)
