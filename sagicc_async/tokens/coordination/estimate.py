"""The clock of a store on another machine, as far as its answers tell: never ahead of it, and behind it by little."""

from __future__ import annotations

import math
from typing import Final

#: Seconds by which an answer may contradict the earlier ones before the store's clock is taken to have been set.
_STEP: Final = 1.0


class StoreClock:
    """
    An estimate of a store's clock, by a local clock that never steps.

    Each answer says what the store's clock showed at some moment between asking and hearing. So the store is at least
    `time - heard_at` ahead of the local clock, and at most `time - asked_at`. The largest lower bound is used: a lease
    that seems to be over is over, and a lease that is taken ends at the store when it should, or a round trip earlier,
    for which its holder makes allowance (`uncertainty`).
    """

    def __init__(self) -> None:
        self._least = -math.inf
        self._most = math.inf

    @property
    def known(self) -> bool:
        """Whether there was any answer."""
        return self._least > -math.inf

    @property
    def uncertainty(self) -> float:
        """Seconds by which the estimate may be behind the store's clock."""
        return max(0.0, self._most - self._least)

    def at(self, now: float) -> float:
        """What the store's clock shows at least, when the local one shows `now`."""
        return now + self._least

    def learn(self, time: float, asked_at: float, heard_at: float) -> bool:
        """
        Take an answer into account.

        Args:
            time: What the store's clock showed.
            asked_at: The local clock before asking.
            heard_at: The local clock after hearing.

        Returns:
            Whether the store's clock was set forward: then leases seem to be over that are not.
        """
        least, most = time - heard_at, time - asked_at
        forward, back = least > self._most + _STEP, most < self._least - _STEP
        if forward or back or max(least, self._least) > min(most, self._most):  # or the clocks have drifted apart
            self._least, self._most = least, most
        else:
            self._least, self._most = max(least, self._least), min(most, self._most)
        return forward
