"""
Strict request windows: never more than `limit` requests inside any `per` seconds, as the vendor counts them.

A leaky bucket or a token bucket lets up to twice the limit into one window. Here a slot is taken when a request is
sent and freed `per` seconds after its *answer*, so wherever between the two the vendor counted it, no sliding window
of the vendor's holds more than `limit`. Pure arithmetic: the clock's readings come in as arguments.
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Sequence
from typing import Any, Literal

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
        taken: When the slot of each request is free at the latest, by the request's name.
        due: When the next request of an even pace is due.
    """

    window: Window
    taken: dict[Any, float] = attrs.field(factory=dict)
    due: float = -math.inf

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
        slot = now if over < 0 else sorted(self.taken.values())[over]
        return max(now, slot, self.due) if paced else max(now, slot)

    def take(self, name: Hashable, now: float, *, until: float) -> None:
        """A request starts now; the vendor is done with it at `until` at the latest, even if it never comes back."""
        self.taken[name] = until + self.window.per
        # A start that is a little late does not make all that come after it late: timers always are.
        late = now - self.due
        start = self.due if 0 <= late < self.window.pace else now
        self.due = max(self.due, start + self.window.pace)

    def give_back(self, name: Hashable) -> None:
        """A request that had taken a slot was never sent."""
        self.taken.pop(name, None)

    def answered(self, name: Hashable, at: float) -> None:
        """
        A request ended at `at`: when its answer was complete, or when the vendor must be done with a lost one.

        The slot is free `per` seconds later. Times may come in any order.
        """
        if name in self.taken:
            self.taken[name] = at + self.window.per

    def used(self, now: float) -> int:
        """Slots that are taken now."""
        for name in [name for name, free in self.taken.items() if free <= now]:
            del self.taken[name]
        return len(self.taken)


def opening(windows: Sequence[WindowState], now: float, *, paced_until: float) -> float:
    """
    When all windows are open for a request.

    Args:
        windows: One or more.
        now: The clock.
        paced_until: Until when the request is bulk, which is paced: `now` if it is not.
    """
    opens = max(state.opens_at(now, paced=False) for state in windows)
    if paced_until <= now:
        return opens
    paced = max(state.opens_at(now, paced=True) for state in windows)
    return max(opens, min(paced, paced_until))
