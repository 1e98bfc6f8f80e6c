"""Where admission is agreed on: one `Coordinator` protocol, one module a store."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Protocol

import attrs

from ..admission import Ending
from ..window import Window


@attrs.frozen(kw_only=True)
class Scope:
    """
    A queue, and the terms on which a request in it may start.

    Whoever has the same key stands in one queue. The terms are each request's own: one that comes with looser terms, as
    a login does, which uses no token, never loosens those of the others that wait.

    Args:
        key: Digest of what the vendor counts by: the company if there are windows, else the token.
        max_in_flight: Requests at once on one token; `None` for any number.
        settle: Seconds for which a token stays taken after an exchange of which we lost sight.
        windows: Limits that the vendor counts.
        ageing: Seconds after which an overtaken request rises by one rank.
    """

    key: str
    max_in_flight: int | None = None
    settle: float = 0.0
    windows: tuple[Window, ...] = ()
    ageing: float = 10.0

    @property
    def limited(self) -> bool:
        """Whether there is anything to agree on but pauses."""
        return self.max_in_flight is not None or bool(self.windows)

    @property
    def most(self) -> int:
        """How many requests of one token can start at once."""
        limits = [window.limit for window in self.windows]
        return min(limits if self.max_in_flight is None else [self.max_in_flight, *limits], default=sys.maxsize)


class Lease(Protocol):
    """The permission to send one request; it ends by itself after the time it was asked for."""

    @property
    def waited(self) -> float:
        """Seconds that were waited for it."""

    @property
    def age(self) -> float:
        """Seconds of its time that have passed: it was granted before `admit` returned, perhaps far away."""

    def check(self) -> None:
        """
        Make sure that the permission still stands, immediately before the first byte.

        Raises:
            LeaseLost: Its time is over (the process was stopped, or the connection took too long): send nothing.
        """

    def release(self, ending: Ending) -> None:
        """Give it back: never waits, so nothing can be cancelled in it. A second time is harmless."""


@attrs.frozen(kw_only=True)
class ScopeStatus:
    """
    A queue as it is now, for people.

    Args:
        waiting: Requests in the queue.
        in_flight: Requests that hold a token or left it taken.
        paused_for: Seconds for which everything waits on the vendor's word.
        windows: Each window with the number of its slots that are taken.
    """

    waiting: int = 0
    in_flight: int = 0
    paused_for: float = 0.0
    windows: Sequence[tuple[Window, int]] = ()


class Coordinator(Protocol):
    """Agrees on who may send, among everybody who shares the store."""

    @property
    def trouble(self) -> str | None:
        """Why nobody can be admitted just now, such as a store that is away; `None` if all is well."""

    def describe(self) -> str:
        """Who is agreed with, for people: a path, or an address without its password."""

    async def open(self) -> None:
        """
        Make ready for a manager, on its loop.

        Raises:
            ConfigError: The store cannot be reached or used: what to do about it is in the message.
        """

    async def close(self) -> None:
        """A manager is done with it; with the last one everything is let go of."""

    async def admit(self, scope: Scope, *, lane: str, rank: int, hold: float) -> Lease:
        """
        Wait for the turn of one request.

        Args:
            scope: The queue, and the terms on which this request may start: they hold whatever terms others come with.
            lane: Digest of the token.
            rank: 0 interactive, 1 normal, 2 bulk.
            hold: Seconds that the request may use the token at most.

        Returns:
            The lease. Whoever gets it must release it.

        Cancelling leaves the queue, or gives the lease back if it was granted in the same moment.
        """

    def pause(self, scope: Scope, seconds: float) -> None:
        """Start nothing in the scope for `seconds`; a shorter pause never shortens a longer one."""

    def status(self, scope: Scope) -> ScopeStatus:
        """The queue as it is now."""
