"""Limits of time: how long an exchange may take, and what looks after it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import attrs

from ..interrupt import Interruptible
from .failure import ExchangeError


@attrs.frozen(kw_only=True)
class Timeouts:
    """
    Limits of one attempt, in seconds.

    Args:
        connect: To have a connection, TLS included.
        read: Between two pieces of the answer.
        total: The whole attempt, what it takes to hear of its lease included. It also limits how long a lease on an
            exclusive token can be held.
    """

    connect: float = attrs.field(default=10.0, validator=attrs.validators.gt(0))
    read: float = attrs.field(default=30.0, validator=attrs.validators.gt(0))
    total: float = attrs.field(default=60.0, validator=attrs.validators.gt(0))

    @property
    def tick(self) -> float:
        """How often the limits are looked at: 20 times within the shortest."""
        return min(self.read, self.total) / 20

    @property
    def longest(self) -> float:
        """Seconds after which an attempt is over: what a lease has to cover, so that `settle` begins after it."""
        return self.total + 2 * self.tick


class Watch:
    """
    The time of one exchange: when it began, and when something was last sent or came.

    Args:
        block: Thrown out of when the time is up.
        now: The loop's clock.
    """

    __slots__ = ("active", "block", "reason", "started")

    def __init__(self, block: Interruptible, now: float) -> None:
        self.block: Interruptible = block
        self.started: float = now
        self.active: float | None = None  # silence counts from the moment of sending
        self.reason: ExchangeError | None = None


class Watchman:
    """
    One timer for the limits of all exchanges: the whole of an attempt, and the silence between two pieces of it.

    A timer of its own for each limit of each request costs more than the rest of an exchange's book-keeping. This one
    rings 20 times within the shortest limit, so an exchange may last 5 % longer than allowed.

    Where the loop was held up, by a stopped process or somebody's arithmetic, a complete answer may stand in the socket
    when the watchman rings too late. Then it is read first, and judged one tick later.
    """

    def __init__(self, limits: Timeouts) -> None:
        self._limits = limits
        self._every = limits.tick
        self._watches: set[Watch] = set()
        self._timer: asyncio.TimerHandle | None = None
        self._due = 0.0

    def add(self, watch: Watch) -> None:
        """Begin to look after an exchange."""
        self._watches.add(watch)
        if self._timer is None:
            self._plan(self._ring)

    def drop(self, watch: Watch) -> None:
        """The exchange is over."""
        self._watches.discard(watch)

    def close(self) -> None:
        """Stop ringing."""
        if self._timer is not None:
            self._timer.cancel()

    def _plan(self, look: Callable[[], None]) -> None:
        loop = asyncio.get_running_loop()
        self._due = loop.time() + self._every
        self._timer = loop.call_at(self._due, look)

    def _ring(self) -> None:
        if asyncio.get_running_loop().time() - self._due > self._every:
            self._plan(self._look)
        else:
            self._look()

    def _look(self) -> None:
        now = asyncio.get_running_loop().time()
        self._timer = None
        for watch in self._watches:
            watch.reason = self._exceeded(watch, now)
            if watch.reason is not None:
                watch.block.interrupt()
        if self._watches:
            self._plan(self._ring)

    def _exceeded(self, watch: Watch, now: float) -> ExchangeError | None:
        limits = self._limits
        if now - watch.started >= limits.total:
            return ExchangeError(
                f"no complete answer within {limits.total:g} s", hint="raise timeouts.total if the vendor is that slow"
            )
        if watch.active is not None and now - watch.active >= limits.read:
            return ExchangeError(
                f"the vendor was silent for {limits.read:g} s", hint="raise timeouts.read if the vendor is that slow"
            )
        return None
