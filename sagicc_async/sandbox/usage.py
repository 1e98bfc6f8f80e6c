"""What a vendor counts: how its tokens are used."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable
from typing import Any

import attrs


@attrs.define(kw_only=True)
class Usage:
    """
    A vendor's counters; they are live.

    A token is in use from the arrival of a request until its work is done: not until the client has the answer, and
    not until it hangs up.

    Attributes:
        requests: Requests that arrived.
        logins: Requests that obtained a token.
        overlaps: Requests that arrived while another was in use on the same token.
        max_in_flight: The most requests that were ever in use at once on one token, refused ones included.
        rejected: Requests that were refused because they broke a rule of token use.
        by_status: Answers by HTTP status, also those that nobody waited for.
    """

    requests: int = 0
    logins: int = 0
    overlaps: int = 0
    max_in_flight: int = 0
    rejected: int = 0
    by_status: Counter[int] = attrs.field(factory=Counter)
    _in_use: Counter[str] = attrs.field(factory=Counter, init=False, repr=False)
    _at_work: int = attrs.field(default=0, init=False)
    _watchers: list[tuple[Callable[[Usage], bool], asyncio.Future[None]]] = attrs.field(
        factory=list, init=False, repr=False, eq=False
    )

    @property
    def in_flight(self) -> int:
        """Requests whose work is not done, on all tokens and on none."""
        return self._at_work

    def begin(self, token: str | None, *, watch_overlaps: bool = True) -> Use:
        """Count an arrival."""
        self.requests += 1
        self._at_work += 1
        overlap = False
        if token is not None:
            overlap = watch_overlaps and self._in_use[token] > 0
            self.overlaps += overlap
            self._in_use[token] += 1
            self.max_in_flight = max(self.max_in_flight, self._in_use[token])
        self._changed()
        return Use(token=token, overlap=overlap, ended_by=self._end)

    def answered(self, status: int, *, login: bool = False, rejected: bool = False) -> None:
        """Count an answer."""
        self.by_status[status] += 1
        self.logins += login
        self.rejected += rejected

    def clear(self) -> None:
        """Start counting anew; what is in use now stays in use."""
        self.requests = self.logins = self.overlaps = self.rejected = 0
        self.by_status.clear()
        self.max_in_flight = max(self._in_use.values(), default=0)
        self._changed()

    def to_dict(self) -> dict[str, Any]:
        """Return the counters for JSON."""
        return {
            "requests": self.requests,
            "logins": self.logins,
            "overlaps": self.overlaps,
            "max_in_flight": self.max_in_flight,
            "rejected": self.rejected,
            "in_flight": self.in_flight,
            "by_status": {str(status): count for status, count in sorted(self.by_status.items())},
        }

    async def until(self, condition: Callable[[Usage], bool]) -> None:
        """Wait until the counters satisfy a condition. Cancelling the wait leaves nothing behind."""
        if condition(self):
            return
        watcher = condition, asyncio.get_running_loop().create_future()
        self._watchers.append(watcher)
        try:
            await watcher[1]
        finally:
            self._watchers.remove(watcher)

    def _end(self, token: str | None) -> None:
        self._at_work -= 1
        if token is not None:
            self._in_use[token] -= 1
            if not self._in_use[token]:
                del self._in_use[token]
        self._changed()

    def _changed(self) -> None:
        for condition, future in self._watchers:
            if not future.done() and condition(self):
                future.set_result(None)


@attrs.define(kw_only=True)
class Use:
    """
    One request's use of its token.

    Attributes:
        overlap: Another request was in use on this token when this one arrived.
    """

    token: str | None = attrs.field(repr=False)
    overlap: bool
    _ended_by: Callable[[str | None], None] = attrs.field(repr=False, alias="ended_by")
    _ended: bool = attrs.field(default=False, init=False)

    def end(self) -> None:
        """The work is done; harmless when it has already been said."""
        if not self._ended:
            self._ended = True
            self._ended_by(self.token)
