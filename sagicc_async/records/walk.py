"""One pass over the pages of a list: ask, read, recognise repetition and drift, remember the place."""

from __future__ import annotations

import datetime
import hashlib
from collections.abc import Callable, Hashable
from typing import Final, Generic, TypeVar

import attrs
import msgspec

from ..errors import PagingLoop, ProtocolError, RequestError
from ..wire.request import Response
from .checkpoint import Checkpoint
from .convert import PageData, Problem
from .leaf import Leaf, Read
from .paging import Cursor, PageFacts, links_of, shown
from .place import check_same_list, find_place, totals_before
from .plan import Plan

T = TypeVar("T")

_NO_ID: Final = frozenset({None})


@attrs.define
class StreamStats:
    """
    What a stream noticed about its list.

    Attributes:
        pages: Pages read.
        records: Records on them, without those that were dropped or handed out before a resume.
        duplicates: Records dropped because the page before had held them too.
        deleted: Records that stood before the place of a resume and are gone, as far as the place tells.
        inserted: Records that came in before the place of a resume; this stream does not hand them out.
        short_pages: Pages with fewer records than asked for that others followed: the vendor caps the page size.
        totals: Every total that the vendor gave, in order of change; more than one means that the list moved. A resumed
            stream begins with the last one of the stream before.
        missing: Records that the vendor's last total counts and that had not come when the list ended.
        drifted_before: Whether the stream that this one resumes had noticed that the list moved.
    """

    pages: int = 0
    records: int = 0
    duplicates: int = 0
    deleted: int = 0
    inserted: int = 0
    short_pages: int = 0
    totals: list[int] = attrs.field(factory=list)
    missing: int = 0
    drifted_before: bool = False

    @property
    def drifted(self) -> bool:
        """Whether the list moved while it was read, or ended before its total, so that a new run is due."""
        moved = self.duplicates or self.deleted or self.inserted or self.missing or len(self.totals) > 1
        return bool(moved or self.drifted_before)

    @property
    def total(self) -> int | None:
        """Records in the list, as the vendor counted them last; `None` if it does not."""
        return self.totals[-1] if self.totals else None


class Walk(Generic[T]):
    """
    Reads the pages of a plan one after the other.

    Args:
        plan: The list.
        resume: Where an earlier walk stopped.
    """

    def __init__(self, plan: Plan[T], resume: Checkpoint | None = None) -> None:
        if resume is not None:
            check_same_list(plan, resume)
        self._plan = plan
        self._resume = resume
        start = plan.paging.first if plan.start is None else plan.start
        self._cursor: Cursor | None = start if resume is None else resume.cursor
        #: Records on the pages that were read, from the list's first on; `None` if nobody counted from there.
        self._seen: int | None = 0 if resume is None and start == plan.paging.first else None
        #: Whether records were handed out before: the first page of this walk is not the list's first.
        self._goes_on = resume is not None and resume.index > 0
        self._mark: tuple[int, str, str] | None = None
        self._before: frozenset[Hashable] = frozenset()
        self._landmark: Cursor | None = None
        self._horizon = 1
        self._short = 0  # records on the page before, if it was short
        self._empty = 0  # pages in a row that were empty
        self._problem: Problem | None = None
        self.stats: StreamStats = StreamStats()
        self.started_at: datetime.datetime | None = None
        if resume is not None:
            self.started_at = resume.started_at
            self.stats.drifted_before = resume.drifted
            self.stats.totals += totals_before(resume)

    @property
    def more(self) -> bool:
        """Whether another page is to be read."""
        return self._cursor is not None

    async def next(self, on_sent: Callable[[], None] = lambda: None) -> Leaf[T] | None:
        """
        Read the next page.

        Returns:
            The page, which may have lost all its records to de-duplication; `None` after the last one.

        Raises:
            RequestError: The page could not be had.
            ProtocolError: A record of the page before could not be read; those in front of it were handed out.
            PagingLoop: The server sends the same full page again, or its links lead round in a circle.
            CheckpointMismatch: The place to resume from is gone.

        Cancelling it leaves the walk where it was: the same page is asked for again.
        """
        self.check()
        if self._cursor is None:
            return None
        if self._resume is not None:
            return await self._align(self._resume, on_sent)
        return self._turn(await self._read(self._cursor, on_sent))

    def check(self) -> None:
        """
        Say what is wrong with the page that was read last, once the records in front of it were handed out.

        Raises:
            ProtocolError: One of its records cannot be read.
        """
        if self._problem is not None:
            raise _unreadable(self._plan, self._problem)

    async def _read(self, cursor: Cursor, on_sent: Callable[[], None]) -> Read[T]:
        plan = self._plan
        response = await plan.ask(cursor, on_sent)
        first = self.stats.pages == 0 and not self._goes_on  # a later page's would miss what changed in between
        if first and self.started_at is None:
            self.started_at = response.date
        page = self._decode(response)
        count = page.problem.index + 1 if page.problem is not None else len(page.items)
        facts = PageFacts(count, plan.size, page.meta, links_of(response.headers))
        return Leaf(cursor, 0, page.items, facts, response), page.problem

    def _decode(self, response: Response) -> PageData[T]:
        # Whoever counts its records says so on every page: there an answer without a word is no end of the list.
        if not response.body.strip() and (response.status == 204 or "total" not in self._plan.paging.meta):
            return PageData(items=[])
        try:
            return self._plan.reader.read(response.body)
        except RequestError as error:  # the reader knows nothing but bytes
            error.vendor, error.account = self._plan.adapter, self._plan.account
            error.operation = self._plan.operation
            error.status, error.request_id = response.status, response.request_id
            self._plan.scrub(error)
            raise

    def _turn(self, read: Read[T], done: int = 0) -> Leaf[T]:
        """Accept a page: decide what follows it, drop what the page before had, what is done, and count."""
        leaf, self._problem = read
        mark = self._mark_of(leaf)
        repeats = mark is not None and mark == self._mark
        if repeats and (
            leaf.facts.count >= leaf.facts.size or self._left(leaf.facts) or not _has_ids(self._plan, leaf)
        ):
            raise _looped(self._plan, leaf)
        if self._seen is not None:
            self._seen += leaf.facts.count
        leaf.facts.repeats, leaf.facts.seen = repeats, self._seen
        self._count(leaf)
        leaf.facts.pages, leaf.facts.empty = self.stats.pages, self._empty
        if repeats:
            leaf.items, leaf.skipped = [], len(leaf.items)
        elif self._plan.paging.stable:
            self._drop_known(leaf)
        if done:  # only now: the page after this one is compared with the whole of it
            leaf.items, leaf.skipped = leaf.items[done:], done
        self._mark = mark
        self._cursor = self._plan.paging.after(leaf.cursor, leaf.facts)
        self._look_for_a_circle(leaf.cursor)
        if self._cursor is None:
            self.stats.missing = self._left(leaf.facts)
        return leaf

    def _left(self, facts: PageFacts) -> int:
        """Records that the list still has by the vendor's own count; 0 where it does not count, or we cannot."""
        total = facts.total if facts.total is not None else self.stats.total
        return 0 if total is None or self._seen is None else max(0, total - self._seen)

    def _look_for_a_circle(self, here: Cursor) -> None:
        # Brent's way: one page is kept in mind, a later one at every power of two. A set of all would grow for ever.
        if self._cursor is not None and self._cursor in (here, self._landmark):
            raise PagingLoop(
                f"{self._plan.adapter} {self._plan.resource}: behind the page at {shown(here)} comes one that was read "
                "before; the list cannot be read to its end"
            )
        if self.stats.pages >= self._horizon:
            self._landmark, self._horizon = here, 2 * self._horizon

    def _count(self, leaf: Leaf[T]) -> None:
        stats, facts = self.stats, leaf.facts
        stats.pages += 1
        if self._short and facts.count and not facts.repeats:
            stats.short_pages += 1
            if self._plan.capped is not None:
                self._plan.capped(facts.size, self._short)
        self._short = facts.count if facts.count < facts.size else 0
        self._empty = 0 if facts.count else self._empty + 1
        if facts.total not in (None, stats.total):
            stats.totals.append(facts.total)

    def _drop_known(self, leaf: Leaf[T]) -> None:
        """Insertions push records from one page onto the next: hand them out once."""
        before, keys = self._before, self._plan.comparable(leaf.items)
        self._before = frozenset(keys) - _NO_ID
        if not before.isdisjoint(self._before):
            kept = [item for item, key in zip(leaf.items, keys, strict=True) if key not in before]
            self.stats.duplicates += len(leaf.items) - len(kept)
            leaf.skipped = len(leaf.items) - len(kept)
            leaf.items = kept

    def _mark_of(self, leaf: Leaf[T]) -> tuple[int, str, str] | None:
        """By which a page is recognised when it comes again: its length and its ends, or all of it if no ids tell them apart."""
        if not leaf.items:
            return None
        ends = self._plan.ids((leaf.items[0], leaf.items[-1]))
        if len(ends) < 2 or (ends[0] == ends[1] and len(leaf.items) > 1):
            # Of the records alone: what stands around them may tell the time, or say the page's number after us.
            content = msgspec.json.encode(leaf.items, enc_hook=repr)
            ends = [hashlib.blake2b(content, digest_size=16).hexdigest(), ""]
        return len(leaf.items), ends[0], ends[1]

    async def _align(self, resume: Checkpoint, on_sent: Callable[[], None]) -> Leaf[T]:
        """Read the page of the checkpoint again and go on behind the last record that was handed out."""
        found = await find_place(self._plan, resume, lambda cursor: self._read(cursor, on_sent))
        self.stats.deleted += found.deleted
        self.stats.inserted += found.inserted
        self._seen = None if resume.before is None else resume.before + resume.index - found.was_behind
        leaf = self._turn(found.read, found.done)
        # Without ids, a page too short for the place tells.
        self.stats.deleted += max(0, found.done - leaf.facts.count)
        self._resume = None
        return leaf


def _has_ids(plan: Plan[T], leaf: Leaf[T]) -> bool:
    return bool(plan.ids(leaf.items[:1]))


def _looped(plan: Plan[T], leaf: Leaf[T]) -> PagingLoop:
    why = "the server ignores the page number"
    if not _has_ids(plan, leaf):
        why += ", or its records are all alike and have no ids, by which they could be told apart"
    return PagingLoop(
        f"{plan.adapter} {plan.resource}: page {shown(leaf.cursor)} holds the same records as the page before; {why}; "
        "so the list cannot be read to its end"
    )


def _unreadable(plan: Plan[T], problem: Problem) -> ProtocolError:
    return ProtocolError(
        f"a record cannot be read: {problem.path} should be {problem.expected}",
        vendor=plan.adapter,
        account=plan.account,
        operation=plan.operation,
        hint="read the list with .raw() to see it, and tell the adapter's authors",
    )
