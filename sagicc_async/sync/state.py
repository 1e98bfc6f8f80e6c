"""What is remembered of a unit between pages, passes and processes; and, without I/O, how it moves on."""

from __future__ import annotations

import datetime
import enum

import attrs

from ..records.checkpoint import Checkpoint
from ..records.walk import StreamStats

#: How much later than the vendor's clock a record may turn up in a list of changes: it shows whole seconds, and its
#: servers need not agree.
OVERLAP: float = 300.0


class Kind(enum.Enum):
    """What a pass reads: the whole list, or what changed since the watermark."""

    WHOLE = "whole"
    CHANGES = "changes"


@attrs.frozen(kw_only=True)
class Underway:
    """
    A pass that was begun and has not come to its end.

    Args:
        kind: What it reads.
        part: Which of the lists that together hold what it reads it is at, from 0.
        checkpoint: The place in that list; `None` at its beginning.
        started_at: The vendor's clock at the first page of the pass; `None` before it.
        records: Records of that list read so far.
        total: Records in that list as the vendor counted them; `None` if it does not.
        drifted: Whether one of the lists was seen to move, or ended before its total.
    """

    kind: Kind
    part: int = 0
    checkpoint: Checkpoint | None = None
    started_at: datetime.datetime | None = None
    records: int = 0
    total: int | None = None
    drifted: bool = False

    def after(self, checkpoint: Checkpoint, records: int, stats: StreamStats) -> Underway:
        """The pass behind a page, whose stream has noticed `stats`."""
        total = stats.totals[-1] if stats.totals else self.total
        # A stream that was resumed knows nothing of the total that the one before it was told.
        moved = self.total not in (None, total)
        return attrs.evolve(
            self,
            checkpoint=checkpoint,
            records=self.records + records,
            total=total,
            drifted=self.drifted or moved or stats.drifted,
        )

    def behind_list(self, stats: StreamStats) -> Underway:
        """The pass behind the end of a list, whose stream has noticed `stats`; the next list has a count of its own."""
        # What a stream that was resumed misses of the whole list it cannot know.
        missing = self.total is not None and self.records < self.total
        return attrs.evolve(
            self,
            part=self.part + 1,
            checkpoint=None,
            records=0,
            total=None,
            drifted=self.drifted or missing or stats.drifted,
        )


@attrs.frozen(kw_only=True)
class SyncState:
    """
    What is remembered of a unit.

    Args:
        version: Grows by one with each commit; a worker that knows another one than is stored writes nothing. 0: nothing is
            stored yet.
        number: Number of the latest pass, from 1.
        underway: That pass, while it has not come to its end.
        watermark: What changed before then is there; moments of the vendor's clock. `None` before the first whole pass.
        whole_at: When the latest whole pass that did not drift was completed, in seconds since the epoch; `None` if that was
            of records of another shape.
        completed_at: When the latest pass was completed, in seconds since the epoch.
        suspects: How many records the latest whole pass did not meet, which only another one can prove to be deleted. The
            sink counts them, and stores the count with the state.
        shape: What the records of the latest pass declare, as `Unit.shape` tells; empty if nothing, or if nobody knows.
        company: Digest of the company whose records they are; empty if nobody knows.
    """

    version: int = 0
    number: int = 0
    underway: Underway | None = None
    watermark: datetime.datetime | None = None
    whole_at: float | None = None
    completed_at: float | None = None
    suspects: int = 0
    shape: str = ""
    company: str = ""

    def owned(self, company: str) -> SyncState:
        """
        The state for the records of that company.

        Where an account has come to lead to another one, what was read is none of its records: a pass that is under way is
        given up, and a whole one is due, which finds the other company's records to be gone.
        """
        if company == self.company:
            return self
        if not self.company:
            return attrs.evolve(self, company=company)
        return attrs.evolve(self, company=company, underway=None, whole_at=None, watermark=None)

    def shaped(self, shape: str) -> SyncState:
        """
        The state for records of that shape.

        Where a release declares other fields than were read before, a pass that is under way is given up, and a whole one is
        due: a new field of what did not change shows in no other.
        """
        if shape == self.shape:
            return self
        return attrs.evolve(self, shape=shape, underway=None, whole_at=None)

    def due(self, *, incremental: bool, now: float, whole_every: float) -> Kind:
        """
        What the next pass has to read, where none is under way.

        Args:
            incremental: Whether the vendor can list what changed.
            now: Seconds since the epoch.
            whole_every: Seconds after which a whole pass is due all the same: deletions show in no other.
        """
        fresh = self.whole_at is not None and now - self.whole_at < whole_every
        if incremental and fresh and self.watermark is not None and not self.suspects:
            return Kind.CHANGES
        return Kind.WHOLE

    def begun(self, kind: Kind) -> SyncState:
        """The state with a new pass under way, in place of any other."""
        return attrs.evolve(self, number=self.number + 1, underway=Underway(kind=kind))

    def moved(self, underway: Underway) -> SyncState:
        """The state to store when the pass under way is further on."""
        return attrs.evolve(self, version=self.version + 1, underway=underway)

    def completed(self, underway: Underway, *, now: float, overlap: float) -> SyncState:
        """
        The state to store behind the last page.

        A list that moved may have hidden a record from us, so the watermark stays where it was, and a whole pass stays due.

        Args:
            underway: The pass behind its last page.
            now: Seconds since the epoch.
            overlap: Seconds by which the watermark lies before the pass's own beginning.
        """
        begun = underway.started_at
        sound = not underway.drifted
        return attrs.evolve(
            self,
            version=self.version + 1,
            underway=None,
            watermark=begun - datetime.timedelta(seconds=overlap) if sound and begun is not None else self.watermark,
            whole_at=now if sound and underway.kind is Kind.WHOLE else self.whole_at,
            completed_at=now,
            suspects=0 if underway.kind is Kind.WHOLE else self.suspects,
        )
