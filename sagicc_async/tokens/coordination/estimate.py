"""The clock of a store on another machine, as far as its answers tell: never ahead of it, and behind it by little."""

from __future__ import annotations

import math
from typing import Final, Literal, TypeAlias

#: Seconds by which an answer may contradict the earlier ones before the store's clock is taken to have been set.
STEP: Final = 1.0

#: Seconds a second by which two clocks may drift apart; what is known grows old by so much.
_DRIFT: Final = 1e-4

#: How a clock was set.
Step: TypeAlias = Literal["forward", "back"]


class StoreClock:
    """
    An estimate of a store's clock, by a local clock that never steps.

    Each answer says what the store's clock showed at some moment between asking and hearing. So the store is at least
    `time - heard_at` ahead of the local clock, and at most `time - asked_at`. The largest lower bound is used: a lease
    that seems to be over is over, and a lease that is taken ends at the store when it should, or a round trip earlier,
    for which its holder makes allowance (`uncertainty`). What has to wait from now on waits from the largest that the clock
    may show, the estimate and its uncertainty. While there are no answers both bounds move apart, as the
    clocks may: so it is no surprise what the first answer of the morning says.
    """

    def __init__(self) -> None:
        self._least = -math.inf
        self._most = math.inf
        self._heard_at = 0.0

    @property
    def known(self) -> bool:
        """Whether there was any answer."""
        return self._least > -math.inf

    def uncertainty(self, now: float) -> float:
        """Seconds by which the estimate may be behind the store's clock, when the local one shows `now`."""
        return self._most - self._least + 2 * self._drift(now)

    def at(self, now: float) -> float:
        """What the store's clock shows at least, when the local one shows `now`."""
        return now + self._least - self._drift(now)

    def learn(self, time: float, asked_at: float, heard_at: float) -> Step | None:
        """
        Take an answer into account.

        Args:
            time: What the store's clock showed.
            asked_at: The local clock before asking.
            heard_at: The local clock after hearing.

        Returns:
            How the store's clock was set, if it was: by one clock leases seem to be over that by the other are not.
        """
        least, most = time - heard_at, time - asked_at
        least_before, most_before = self._least - self._drift(heard_at), self._most + self._drift(heard_at)
        self._heard_at = heard_at
        if max(least, least_before) > min(most, most_before):  # it was set, or adjusted faster than clocks drift
            self._least, self._most = least, most
        else:
            self._least, self._most = max(least, least_before), min(most, most_before)
        if least > most_before + STEP:
            return "forward"
        return "back" if most < least_before - STEP else None

    def _drift(self, now: float) -> float:
        """Seconds by which the clocks may have drifted apart since the latest answer."""
        return _DRIFT * max(0.0, now - self._heard_at)
