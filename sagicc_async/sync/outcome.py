"""How it went with a unit: changes, requests, and why it stopped."""

from __future__ import annotations

import enum

import attrs

from .unit import Unit


@attrs.frozen(kw_only=True)
class Changes:
    """
    What a commit changed.

    Args:
        new: Rows that were not there.
        changed: Rows whose content differs, or that are back from having been deleted.
        unchanged: Rows that stand there as they came.
        deleted: Rows that were marked as deleted.
        suspects: Rows that the pass did not meet, and that another whole pass must not meet either before they are.
    """

    new: int = 0
    changed: int = 0
    unchanged: int = 0
    deleted: int = 0
    suspects: int = 0

    def __add__(self, other: Changes) -> Changes:
        return Changes(
            new=self.new + other.new,
            changed=self.changed + other.changed,
            unchanged=self.unchanged + other.unchanged,
            deleted=self.deleted + other.deleted,
            suspects=other.suspects,
        )


class Ending(enum.Enum):
    """How a turn of a unit ended."""

    DONE = "done"  # its pass is complete
    PARKED = "parked"  # others wait; it goes on from its checkpoint
    FAILED = "failed"
    SKIPPED = "skipped"  # the circuit of its account is open
    TAKEN_OVER = "taken over"  # another run has gone on with it meanwhile: the rest is left to that one


@attrs.frozen(kw_only=True)
class Outcome:
    """
    How it went with a unit.

    Args:
        unit: Which.
        ending: How it ended.
        changes: What was changed in the mirror.
        requests: Requests that were sent, repetitions included.
        queued: Seconds that they waited for their token and windows.
        seconds: How long it took.
        passes: Passes over the list that were completed.
        drifted: Whether the list moved under the last one, so that another is due.
        error: Why it failed or was skipped; empty if neither. Without a secret, without a record's value.
        kind: Name of the error's class; empty as `error` is.
        at: When it ended, in seconds since the epoch.
        round: Which round it belongs to: an id that all its units share.
    """

    unit: Unit
    ending: Ending
    changes: Changes = attrs.field(factory=Changes)
    requests: int = 0
    queued: float = 0.0
    seconds: float = 0.0
    passes: int = 0
    drifted: bool = False
    error: str = ""
    kind: str = ""
    at: float = 0.0
    round: str = ""

    @property
    def failed(self) -> bool:
        """Whether it is not up to date because of an error."""
        return self.ending in (Ending.FAILED, Ending.SKIPPED)

    def __add__(self, earlier: Outcome) -> Outcome:
        """The outcome of a turn together with those of the turns before it."""
        return attrs.evolve(
            self,
            changes=earlier.changes + self.changes,
            requests=self.requests + earlier.requests,
            queued=self.queued + earlier.queued,
            seconds=self.seconds + earlier.seconds,
            passes=self.passes + earlier.passes,
        )
