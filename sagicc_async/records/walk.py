"""One pass over the pages of a list: ask, read, recognise repetition and drift, remember the place."""

from __future__ import annotations

import contextlib
import datetime
import hashlib
from collections.abc import AsyncGenerator, Callable, Hashable, Sequence
from typing import Final, Generic, TypeAlias, TypeVar

import attrs

from ..errors import CheckpointMismatch, PagingLoop, ProtocolError, RequestError
from ..wire.request import Response
from .checkpoint import Checkpoint
from .convert import PageData, Problem
from .paging import Cursor, PageFacts, links_of, shown
from .plan import Plan

T = TypeVar("T")

#: How many ids a checkpoint remembers: if the last record was deleted meanwhile, the one before still marks the place.
_REMEMBERED: Final = 3
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
        totals: Every total that the vendor gave, in order of change; more than one means that the list moved.
        missing: Records that the vendor's last total counts and that had not come when the list ended.
    """

    pages: int = 0
    records: int = 0
    duplicates: int = 0
    deleted: int = 0
    inserted: int = 0
    short_pages: int = 0
    totals: list[int] = attrs.field(factory=list)
    missing: int = 0

    @property
    def drifted(self) -> bool:
        """Whether the list moved while it was read, or ended before its total, so that a new run is due."""
        return bool(self.duplicates or self.deleted or self.inserted or self.missing or len(self.totals) > 1)


@attrs.define(eq=False)
class Leaf(Generic[T]):
    """
    A page that was read, and where it stands.

    Args:
        cursor: Its place.
        skipped: How many of its records were handed out before or dropped; `items` does not hold them.
        items: Its records.
        facts: Count, total and so on, as they arrived.
        response: The answer; dropped by whoever does not need it, so that its bytes can go.
    """

    cursor: Cursor
    skipped: int
    items: list[T]
    facts: PageFacts
    response: Response | None


#: A page as it arrived, and the first of its records that cannot be read.
_Read: TypeAlias = tuple[Leaf[T], Problem | None]


class Walk(Generic[T]):
    """
    Reads the pages of a plan one after the other.

    Args:
        plan: The list.
        resume: Where an earlier walk stopped.
    """

    def __init__(self, plan: Plan[T], resume: Checkpoint | None = None) -> None:
        if resume is not None:
            _check_same_list(plan, resume)
        self._plan = plan
        self._resume = resume
        start = plan.paging.first if plan.start is None else plan.start
        self._cursor: Cursor | None = start if resume is None else resume.cursor
        self._seen: int | None = 0 if resume is None and start == plan.paging.first else None
        #: Whether records were handed out before: the first page of this walk is not the list's first.
        self._goes_on = resume is not None and resume.index > 0
        self._mark: tuple[int, str, str] | None = None
        self._before: frozenset[Hashable] = frozenset()
        self._landmark: Cursor | None = None
        self._horizon = 1
        self._short = 0  # records on the page before, if it was short
        self._problem: Problem | None = None
        self.stats: StreamStats = StreamStats()
        self.started_at: datetime.datetime | None = None if resume is None else resume.started_at

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

    async def _read(self, cursor: Cursor, on_sent: Callable[[], None]) -> _Read[T]:
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

    def _turn(self, read: _Read[T], done: int = 0) -> Leaf[T]:
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
        leaf.facts.pages = self.stats.pages
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
        total = facts.total if facts.total is not None else next(reversed(self.stats.totals), None)
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
        if facts.total is not None and stats.totals[-1:] != [facts.total]:
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
        """By which a page is recognised when it comes again: its length and its ends, or its bytes if no ids tell them apart."""
        if not leaf.items:
            return None
        ends = self._plan.ids((leaf.items[0], leaf.items[-1]))
        if len(ends) < 2 or (ends[0] == ends[1] and len(leaf.items) > 1):
            body = leaf.response.body if leaf.response is not None else b""
            ends = [hashlib.blake2b(body, digest_size=16).hexdigest(), ""]
        return len(leaf.items), ends[0], ends[1]

    async def _align(self, resume: Checkpoint, on_sent: Callable[[], None]) -> Leaf[T]:
        """Read the page of the checkpoint again and go on behind the last record that was handed out."""
        read = await self._read(resume.cursor, on_sent)
        done = resume.index
        if not self._stands(resume, read[0].items):
            read, done = await self._find(resume, read, on_sent)
        leaf = self._turn(read, done)
        self.stats.deleted += max(0, done - leaf.facts.count)  # without ids, a page too short for the place tells
        self._resume = None
        return leaf

    def _stands(self, resume: Checkpoint, items: list[T]) -> bool:
        """Whether the place is where it was: in front of it stand the records that the checkpoint remembers."""
        if not resume.ids:  # the beginning; or records without ids, where the index is all there is
            return True
        if not 0 < resume.index <= len(items):
            return False
        done = remembered(self._plan, items[: resume.index])
        known = min(len(done), len(resume.ids))
        return done[len(done) - known :] == resume.ids[len(resume.ids) - known :]

    async def _find(self, resume: Checkpoint, read: _Read[T], on_sent: Callable[[], None]) -> tuple[_Read[T], int]:
        """The page to which the place has moved, and how many of its records are done."""
        plan, looked_at = self._plan, []
        async with contextlib.aclosing(self._around(resume, read, on_sent)) as pages:
            async for near, before in pages:
                index = self._index_behind(resume.ids[-1], near)
                if index is not None:
                    return self._moved(near, index, before, gone=0)
                looked_at.append((near, before))
        for gone, key in enumerate(resume.ids[-2::-1], start=1):
            for near, before in looked_at:
                index = self._index_behind(key, near)
                if index is not None:
                    return self._moved(near, index, before, gone=gone)
        raise CheckpointMismatch(
            f"{plan.adapter} {plan.resource}: the records at which the stream stopped are gone from the list; "
            "start it anew",
            checkpoint=resume,
        )

    async def _around(
        self, resume: Checkpoint, read: _Read[T], on_sent: Callable[[], None]
    ) -> AsyncGenerator[tuple[_Read[T], int], None]:
        """The page of a place, the one before and the one after; and behind how many of its records the place used to be."""
        yield read, resume.index
        back = await self._page_before(read, on_sent)
        if back is not None:
            yield back, resume.index + len(back[0].items)
        ahead = self._plan.paging.after(resume.cursor, read[0].facts)
        if ahead is not None:
            yield await self._read(ahead, on_sent), resume.index - len(read[0].items)

    async def _page_before(self, read: _Read[T], on_sent: Callable[[], None]) -> _Read[T] | None:
        """The page in front of another one, and up to it."""
        here, before = read[0].cursor, self._plan.paging.before
        place = before(here, self._plan.size)
        near = None if place is None else await self._read(place, on_sent)
        if near is not None and (count := near[0].facts.count):
            closer = before(here, count)  # where the vendor caps pages, a step of the size asked for leaves a hole
            if closer is not None and closer != place:
                return await self._read(closer, on_sent)
        return near

    def _index_behind(self, key: str, read: _Read[T]) -> int | None:
        """How many records of a page come up to the one with this id."""
        keys = [self._plan.identify(item) for item in read[0].items]
        return keys.index(key) + 1 if key in keys else None

    def _moved(self, read: _Read[T], index: int, before: int, *, gone: int) -> tuple[_Read[T], int]:
        """Count what must have happened in front of the place for it to stand here now."""
        deleted = max(gone, before - index)
        self.stats.deleted += deleted
        self.stats.inserted += index - before + deleted
        return read, index


def remembered(plan: Plan[T], records: Sequence[T], before: Sequence[str] = ()) -> tuple[str, ...]:
    """The ids by which a resumed stream finds the end of these records, which came after those with the ids `before`."""
    return (*before, *plan.ids(records[-_REMEMBERED:]))[-_REMEMBERED:]


def _check_same_list(plan: Plan[T], resume: Checkpoint) -> None:
    if (resume.adapter, resume.resource) != (plan.adapter, plan.resource):
        raise CheckpointMismatch(
            f"the checkpoint belongs to {resume.adapter} {resume.resource}, not to {plan.adapter} {plan.resource}",
            checkpoint=resume,
        )
    if dict(resume.query) != plan.query:
        raise CheckpointMismatch(
            f"the checkpoint belongs to another query of {plan.adapter} {plan.resource}; "
            "use the same filters, or start anew",
            checkpoint=resume,
        )
    if isinstance(plan.paging.first, int) and not isinstance(resume.cursor, int):
        raise CheckpointMismatch(
            f"{plan.adapter} {plan.resource}: the checkpoint's cursor is no place in this list, whose pages are counted; "
            "start it anew",
            checkpoint=resume,
        )


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
