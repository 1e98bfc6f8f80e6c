"""
Documents on another machine: compare and swap in one round trip, whatever keeps them.

What was seen last is kept here, and the next decision is made on it: as long as nobody else changed the document, a change
is one exchange with the store. If somebody did, the answer brings what is there now, and it is decided again.

Content can get lost: a store is flushed, restarted without its data, or taken over by a copy that lacks the latest. So the
store has an *epoch*, which such a loss takes away or ends. Documents belong to an epoch; those of an earlier one are not
believed, and a document that begins in this one knows nothing of what happened before it (`ScopeState.known_since`).
So it is where the store's clock is set, forward or back: whoever does not know of it yet would read the times of the others
by another clock than they were written by.

Where many come at once, all but one lose the race, and would lose it again to each of the others. But a place in the queue
can be taken whatever else has changed: so the store adds it to the document that is there instead, and whoever makes the
next change has read it. Without this a hundred who come at once need thousands of exchanges, and who has the token can hardly
give it back among them.
"""

from __future__ import annotations

import asyncio
import itertools
import logging
import random
import secrets
from collections.abc import Callable
from typing import Any, Final, Protocol, TypeVar

import attrs

from ...clock import Clock
from .estimate import STEP, Step, StoreClock
from .state import ScopeState
from .store import Decision, Now, StoreError, decode, encode, encode_places

log: logging.Logger = logging.getLogger("sagicc_async.coordination")

R = TypeVar("R")

#: Races lost in a row from which on a little time is left to the others.
_CROWDED: Final = 3
_CROWD_PAUSE: Final = 0.01

#: Added places from which on a document is written anew, since everybody has to read them.
_MANY: Final = 64

#: What an addition lengthens a version by.
ADDED: Final = "+"


@attrs.frozen
class Epoch:
    """
    A time in which the store has lost nothing.

    Args:
        name: New for each.
        since: When it began, by the store's clock; 0 if the store was new, so that there was nothing to lose.
    """

    name: str
    since: float

    @classmethod
    def new(cls, since: float) -> Epoch:
        """One that begins now."""
        return cls(secrets.token_hex(8), since)


@attrs.frozen
class Kept:
    """
    A document as the store keeps it.

    Args:
        version: New for each change: the name of its epoch, how many changes went before, who made it, and a mark for
            each addition since; empty if there is no document.
        document: The document.
    """

    version: str = ""
    document: bytes = b""

    @property
    def number(self) -> int:
        """How many changes of this epoch went before; -1 if there is no document."""
        number = self.version.partition("/")[2].partition("/")[0]
        return int(number) if number.isdecimal() else -1

    @property
    def additions(self) -> int:
        """How many additions were made to it since it was written."""
        return self.version.count(ADDED)

    @property
    def age(self) -> tuple[int, int]:
        """What orders the documents of an epoch."""
        return self.number, self.additions


@attrs.frozen
class Swap:
    """
    A change to make.

    Args:
        new: What to keep from now on.
        wake: Owners to notify if the swap is made.
        holders: Who holds leases in the new document. Where they are told what is there now, they give them back
            without having to ask.
        else_add: If the swap is not made, but there is a document in the same epoch, what to append to it, and `ADDED` to
            its version. A store that cannot do it just now may leave it.
    """

    new: Kept
    wake: frozenset[str]
    holders: frozenset[str]
    else_add: bytes


@attrs.frozen
class Answer:
    """
    What an exchange came to.

    Args:
        time: The store's clock.
        epoch: The store's epoch; `None` if it has none.
        kept: What is kept, if it was not what was expected; `None` if the swap was made.
    """

    time: float
    epoch: Epoch | None
    kept: Kept | None


class Shelf(Protocol):
    """What a kind of store has to do."""

    async def exchange(self, key: str, epoch: Epoch | None, expected: Kept | None, swap: Swap | None) -> Answer:
        """
        Swap a document, in one round trip.

        Args:
            key: Of the scope.
            epoch: What the store's epoch must be.
            expected: What must be kept now. Without it, or without an epoch, it is but a look.
            swap: What to keep instead; `None` changes nothing.

        Raises:
            StoreError: It cannot be done; `in_doubt` if it may have been done.
            ConfigError: It can never be done.
        """

    async def begin_epoch(self, ended: Epoch | None, new: Epoch) -> None:
        """Let an epoch follow another, or none at all, unless somebody else was faster."""


class SwapStore:
    """
    The part of a `Store` that changes documents.

    Args:
        shelf: What keeps them.
        clock: Local time.
        limit: Seconds that one change may take.
        new: Whether a store without an epoch is new, instead of one that has lost what it kept.
    """

    def __init__(self, shelf: Shelf, clock: Clock, *, limit: float, new: bool) -> None:
        self._shelf = shelf
        self._clock = clock
        self._limit = limit
        self._new = new
        self._time = StoreClock()
        self._epoch: Epoch | None = None
        self._seen: dict[str, Kept] = {}
        self._numbers = itertools.count(1)
        self._name = secrets.token_hex(4)

    def forget(self) -> None:
        """What was seen may be of another server."""
        self._seen.clear()
        self._epoch = None

    def hear(self, key: str, kept: Kept) -> None:
        """
        A change was made, and this is what is there now, unless more is known already.

        It only spares an exchange: if it is not what is there any more, the next swap is not made.
        """
        seen, epoch = self._seen.get(key), self._epoch
        if seen is not None and epoch is not None and self._is_of(epoch, kept) and kept.age > seen.age:
            self._seen[key] = kept

    async def change(self, key: str, decide: Callable[[ScopeState, Now], Decision[R]]) -> R:
        """Change a document; see `Store.change`."""
        in_doubt = False
        try:
            async with asyncio.timeout(self._limit):
                for tries in itertools.count():
                    seen = self._seen.get(key)
                    if seen is None or self._epoch is None or not self._time.known:
                        await self._exchange(key, None, None)  # a look
                        continue
                    state, now = self._state(seen), self._now()
                    if now.earliest < state.time <= now.latest:
                        # Whoever wrote it knew the time better: the store's clock was not set back.
                        now = Now(state.time, now.latest)
                    if now.earliest < state.time - STEP:  # it was, before anything was known of it here
                        await self._begin_epoch(self._epoch, now.latest, "back")
                        continue
                    found = state.begin(now.earliest) or seen.additions >= _MANY
                    decision = decide(state, now)
                    swap = self._swap(seen, state, decision) if found or decision.changed else None
                    if swap is None and tries:  # what it is decided on was the answer to the try before
                        return decision.result
                    in_doubt = swap is not None
                    if await self._exchange(key, seen, swap):
                        return decision.result
                    in_doubt = False
                    if tries >= _CROWDED:
                        await self._clock.sleep(random.uniform(0, _CROWD_PAUSE))  # noqa: S311 - no secret
        except TimeoutError:
            self._seen.pop(key, None)
            raise StoreError(f"no answer within {self._limit:g} s", in_doubt=in_doubt) from None
        except BaseException:
            self._seen.pop(key, None)  # whatever is there now
            raise
        raise AssertionError("it tries until it succeeds or time is up")

    async def _exchange(self, key: str, expected: Kept | None, swap: Swap | None) -> bool:
        """One exchange; whether it was the last one needed."""
        asked_at, epoch = self._clock.now(), self._epoch
        answer = await self._shelf.exchange(key, epoch, expected, swap)
        step = self._time.learn(answer.time, asked_at, self._clock.now())
        if epoch is not None and answer.epoch not in (None, epoch):
            step = None  # somebody else has noticed, and begun an epoch: each of us once would be too often
        if answer.epoch is None or step is not None:
            await self._begin_epoch(answer.epoch, answer.time, step)
            return False
        if answer.epoch != epoch:
            self._seen.clear()
            self._epoch, self._new = answer.epoch, False
        if answer.kept is not None:
            self._seen[key] = answer.kept
            return False
        if swap is not None:
            self.hear(key, swap.new)  # unless a later one was heard of before this answer
        return expected is not None

    async def _begin_epoch(self, ended: Epoch | None, now: float, step: Step | None) -> None:
        since = 0.0 if self._new and step is None else now
        if since:
            log.warning(
                "%s: nothing is sent until all that may still be at work must be over, which takes the time limit of a "
                "request, its settle time, and the length of its windows",
                "the store is new, or has lost what it kept"
                if step is None
                else f"the clock of the store was set {step}",
            )
        self.forget()
        await self._shelf.begin_epoch(ended, Epoch.new(since))

    def _now(self) -> Now:
        """The store's clock. The answer to what is decided now may make it more certain, and tells nothing of now."""
        local = self._clock.now()
        earliest = self._time.at(local)
        return Now(earliest, earliest + self._time.uncertainty(local))

    def _state(self, kept: Kept) -> ScopeState:
        assert self._epoch is not None
        if self._is_of(self._epoch, kept):
            return decode(kept.document)
        return ScopeState(known_since=self._epoch.since)

    def _swap(self, seen: Kept, state: ScopeState, decision: Decision[Any]) -> Swap:
        assert self._epoch is not None
        number = seen.number + 1 if self._is_of(self._epoch, seen) else 0
        # Its own number too: of two tries to make the same step it must be told which one was made.
        version = f"{self._epoch.name}/{number}/{self._name}-{next(self._numbers)}"
        holders = frozenset(lease.owner for lease in state.leases.values() if lease.owner)
        return Swap(Kept(version, encode(state)), decision.wake, holders, encode_places(decision.places))

    @staticmethod
    def _is_of(epoch: Epoch, kept: Kept) -> bool:
        return kept.version.startswith(f"{epoch.name}/")
