"""Where the mirror is kept: `Sink`, and what it is given."""

from __future__ import annotations

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from types import TracebackType
from typing import Protocol, Self, runtime_checkable

import attrs

from ..errors import SagiccAsyncError
from .outcome import Changes, Outcome
from .rows import Row
from .state import SyncState, Underway
from .unit import Unit


class StaleWorker(SagiccAsyncError):
    """Somebody else has gone on with the same unit meanwhile; nothing was written, and nothing is lost."""


class SinkUnavailable(SagiccAsyncError):
    """The database, or the disk, cannot be written to now; what was committed stands, and the sync can go on from there."""


@attrs.frozen(kw_only=True)
class Batch:
    """
    What is written at once, or not at all: rows, and how far they lead.

    Args:
        unit: Whose.
        rows: In the order in which they were read. A row may come twice: the later one holds.
        before: The state that the worker knows; where another version is stored, nothing may be written.
        after: The state to store with the rows.
        ended: The pass, if it comes to its end with these rows; `None` in the middle.
    """

    unit: Unit
    rows: Sequence[Row]
    before: SyncState
    after: SyncState
    ended: Underway | None = None


class Sink(Protocol):
    """
    Keeps the mirror of all units, and their states, so that a state never says more than is there.

    It is used by many tasks at once, inside `async with`; entering it again from within is harmless.
    """

    async def __aenter__(self) -> Self: ...
    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...

    def describe(self) -> str:
        """Where it is, for people; without a password."""

    async def state(self, unit: Unit) -> SyncState:
        """
        What is remembered of a unit; an empty state if nothing is.

        Raises:
            SinkUnavailable: It cannot be read now.
        """

    async def commit(self, batch: Batch) -> Changes:
        """
        Write rows and state in one transaction.

        Rows whose content is stored already are left as they are. At the end of a whole pass that did not drift, rows that
        it did not meet are marked as deleted if the pass before it, whole too, had not met them either; until then they are
        suspects. No count of the vendor's proves more: where one record went and another one came, it stayed what it was.

        Returns:
            What changed.

        Raises:
            StaleWorker: Another version is stored than `batch.before` has.
            SinkUnavailable: The store cannot be reached, or is full; whether it was written shows when it is back, and to
                commit the same batch again is safe.
            ConfigError: A row cannot be stored: the message names table and column, never the value.

        When cancelled, a transaction that has begun is brought to its end first.
        """

    async def preview(self, batch: Batch, seen: AbstractSet[str]) -> Changes:
        """
        What `commit` would change, if the pass has read the rows with the ids `seen`; nothing is written.

        Raises:
            SinkUnavailable: It cannot be read now.
        """

    async def note(self, outcome: Outcome) -> None:
        """
        Remember how it last went with a unit, for `outcomes`; no version guards it.

        Raises:
            SinkUnavailable: It cannot be written now.
        """

    async def outcomes(self) -> list[tuple[Outcome, SyncState]]:
        """
        How it last went with every unit, and what is remembered of it.

        Raises:
            SinkUnavailable: It cannot be read now.
        """


@runtime_checkable
class PreparingSink(Sink, Protocol):
    """A sink whose `state` makes ready for what will be written: who only looks asks by `peek`, which touches nothing."""

    async def peek(self, unit: Unit) -> SyncState:
        """
        What `state` tells; nothing is made, and nobody kept from writing.

        Raises:
            SinkUnavailable: It cannot be read now.
        """
