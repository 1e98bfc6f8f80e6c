"""One pass over the pages of a list: ask, read, recognise repetition and drift, remember the place."""

from __future__ import annotations

import datetime
import hashlib
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, Generic, Protocol, TypeVar

import attrs
import multidict

from ..errors import CheckpointMismatch, PagingLoop, ProtocolError
from ..wire.request import Request, Response
from .checkpoint import Checkpoint
from .convert import PageData, Problem
from .paging import Cursor, PageFacts, Paging

T = TypeVar("T")

#: How many ids a checkpoint remembers: if the last record was deleted meanwhile, the one before still marks the place.
_REMEMBERED: Final = 3


class Fetch(Protocol):
    """Sends one request of a stream through the gate, with the stream's own deadline and priority."""

    async def __call__(self, request: Request, on_sent: Callable[[], None]) -> Response:
        """Send it, and return the accepted answer."""


class Reader(Protocol[T]):
    """Reads the bytes of a page."""

    def read(self, body: bytes) -> PageData[T]:
        """Records and envelope values; raises `ProtocolError` if the page as a whole is not what was declared."""


@attrs.frozen(kw_only=True)
class Plan(Generic[T]):
    """
    Everything a stream needs to know of its list.

    Args:
        adapter: Entry-point name of the adapter.
        resource: Name of the resource.
        request: What asks for the list, without paging parameters.
        paging: How the list is cut.
        size: Records to ask for on a page.
        start: The page to begin with; the strategy's first if not given.
        fetch: Sends a request.
        reader: Reads a page.
        identify: A record's id as text; `None` for records that have none.
    """

    adapter: str
    resource: str
    request: Request
    paging: Paging
    size: int
    start: Cursor | None = None
    fetch: Fetch
    reader: Reader[T]
    identify: Callable[[T], str | None]

    @property
    def query(self) -> dict[str, Any]:
        """What a checkpoint must carry to ask the same again."""
        params = {name: value for name, value in self.request.params.items() if value is not None}
        return {"path": self.request.path, "params": params, "size": self.size}

    def at(self, cursor: Cursor, size: int) -> Request:
        """The request for one page."""
        link = self.paging.link(cursor)
        if link is not None:
            return attrs.evolve(self.request, path=link, params={})
        return attrs.evolve(self.request, params={**self.request.params, **self.paging.params(cursor, size)})

    def checkpoint(self, cursor: Cursor, index: int, ids: Sequence[str]) -> Checkpoint:
        """A place in this list."""
        return Checkpoint(
            adapter=self.adapter, resource=self.resource, query=self.query, cursor=cursor, index=index, ids=tuple(ids)
        )

    def ids(self, records: Sequence[T]) -> list[str]:
        """The ids of those records that have one."""
        return [key for key in map(self.identify, records) if key is not None]


@attrs.define
class StreamStats:
    """
    What a stream noticed about its list.

    Attributes:
        pages: Pages read.
        records: Records handed out.
        duplicates: Records dropped because the page before had held them too.
        deleted: Records that were there before a resume and are gone.
        short_pages: Pages with fewer records than asked for that others followed: the vendor caps the page size.
        totals: Every total that the vendor gave, in order of change; more than one means that the list moved.
    """

    pages: int = 0
    records: int = 0
    duplicates: int = 0
    deleted: int = 0
    short_pages: int = 0
    totals: list[int] = attrs.field(factory=list)

    @property
    def drifted(self) -> bool:
        """Whether the list moved while it was read, so that a new run is due."""
        return bool(self.duplicates or self.deleted or len(self.totals) > 1)


@attrs.define(eq=False, kw_only=True)
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
        self._mark: tuple[int, str, str] | None = None
        self._before: frozenset[str] = frozenset()
        self._short = False
        self._problem: Problem | None = None
        self.stats = StreamStats()
        self.started_at: datetime.datetime | None = None

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
            PagingLoop: The server sends the same full page again.
            CheckpointMismatch: The place to resume from is gone.

        Cancelling it leaves the walk where it was: the same page is asked for again.
        """
        if self._problem is not None:
            raise _unreadable(self._plan, self._problem)
        if self._cursor is None:
            return None
        if self._resume is not None:
            return await self._align(self._resume, on_sent)
        return self._turn(await self._read(self._cursor, on_sent))

    async def _read(self, cursor: Cursor, on_sent: Callable[[], None]) -> tuple[Leaf[T], Problem | None]:
        plan = self._plan
        response = await plan.fetch(plan.at(cursor, plan.size), on_sent)
        if self.started_at is None:
            self.started_at = response.date
        page = plan.reader.read(response.body) if response.body.strip() else PageData(items=[], meta={}, problem=None)
        count = page.problem.index + 1 if page.problem is not None else len(page.items)
        facts = PageFacts(
            count=count,
            size=plan.size,
            meta=page.meta,
            links=_links(response.headers),
        )
        return Leaf(cursor=cursor, skipped=0, items=page.items, facts=facts, response=response), page.problem

    def _turn(self, read: tuple[Leaf[T], Problem | None]) -> Leaf[T]:
        """Accept a page: decide what follows it, drop what the page before had, count."""
        leaf, self._problem = read
        mark = self._mark_of(leaf)
        repeats = mark is not None and mark == self._mark
        if repeats and leaf.facts.count >= leaf.facts.size:
            raise PagingLoop(
                f"{self._plan.adapter} {self._plan.resource}: page {leaf.cursor} holds the same records as the page "
                "before; the server ignores the page number, so the list cannot be read to its end"
            )
        if self._seen is not None:
            self._seen += leaf.facts.count
        leaf.facts = attrs.evolve(leaf.facts, repeats=repeats, seen=self._seen)
        self._count(leaf)
        if repeats:
            leaf.items, leaf.skipped = [], leaf.skipped + len(leaf.items)
        elif self._plan.paging.stable:
            self._drop_known(leaf)
        self._mark = mark
        self._cursor = self._plan.paging.after(leaf.cursor, leaf.facts)
        if self._cursor == leaf.cursor:
            raise PagingLoop(f"{self._plan.adapter} {self._plan.resource}: the page at {leaf.cursor} follows itself")
        return leaf

    def _count(self, leaf: Leaf[T]) -> None:
        stats, facts = self.stats, leaf.facts
        stats.pages += 1
        if self._short and facts.count:
            stats.short_pages += 1
        self._short = 0 < facts.count < facts.size
        if facts.total is not None and stats.totals[-1:] != [facts.total]:
            stats.totals.append(facts.total)

    def _drop_known(self, leaf: Leaf[T]) -> None:
        """Insertions push records from one page onto the next: hand them out once."""
        identify, before = self._plan.identify, self._before
        ids = [identify(item) for item in leaf.items]
        if before and any(key in before for key in ids):
            kept = [item for item, key in zip(leaf.items, ids, strict=True) if key is None or key not in before]
            self.stats.duplicates += len(leaf.items) - len(kept)
            leaf.skipped += len(leaf.items) - len(kept)
            leaf.items = kept
        self._before = frozenset(key for key in ids if key is not None)

    def _mark_of(self, leaf: Leaf[T]) -> tuple[int, str, str] | None:
        """By which a page is recognised when it comes again: its length and its ends, or its bytes if it has no ids."""
        if not leaf.items:
            return None
        ends = self._plan.ids((leaf.items[0], leaf.items[-1]))
        if len(ends) < 2:  # noqa: PLR2004
            body = leaf.response.body if leaf.response is not None else b""
            ends = [hashlib.blake2b(body, digest_size=16).hexdigest(), ""]
        return len(leaf.items), ends[0], ends[1]

    async def _align(self, resume: Checkpoint, on_sent: Callable[[], None]) -> Leaf[T]:
        """Read the page of the checkpoint again and go on behind the last record that was handed out."""
        read = await self._read(resume.cursor, on_sent)
        if resume.index > 0 or resume.ids:
            read = await self._find(resume, read, on_sent)
        leaf = self._turn(read)
        self._resume = None
        return leaf

    async def _find(
        self, resume: Checkpoint, read: tuple[Leaf[T], Problem | None], on_sent: Callable[[], None]
    ) -> tuple[Leaf[T], Problem | None]:
        plan = self._plan
        if not resume.ids:  # records without ids: the index is all there is
            return _behind(read, resume.index)
        back = plan.paging.before(resume.cursor, plan.size)
        ahead = plan.paging.after(resume.cursor, read[0].facts)
        for place in (resume.cursor, back, ahead):
            if place is None:
                continue
            candidate = read if place == resume.cursor else await self._read(place, on_sent)
            index = self._index_behind(resume.ids, candidate[0].items)
            if index is not None:
                return _behind(candidate, index)
        raise CheckpointMismatch(
            f"{plan.adapter} {plan.resource}: the records at which the stream stopped are gone from the list; "
            "start it anew",
            checkpoint=resume,
        )

    def _index_behind(self, ids: Sequence[str], items: Sequence[T]) -> int | None:
        """How many records of a page come up to the newest of `ids` that is on it."""
        keys = [self._plan.identify(item) for item in items]
        for gone, key in enumerate(reversed(ids)):
            if key in keys:
                self.stats.deleted += gone
                return keys.index(key) + 1
        return None


def remembered(plan: Plan[T], records: Sequence[T]) -> tuple[str, ...]:
    """The ids by which a resumed stream finds the end of these records."""
    return tuple(plan.ids(records[-_REMEMBERED:]))


def _behind(read: tuple[Leaf[T], Problem | None], index: int) -> tuple[Leaf[T], Problem | None]:
    leaf, problem = read
    leaf.items, leaf.skipped = leaf.items[index:], index
    return leaf, problem


def _check_same_list(plan: Plan[T], resume: Checkpoint) -> None:
    if (resume.adapter, resume.resource) != (plan.adapter, plan.resource):
        raise CheckpointMismatch(
            f"the checkpoint belongs to {resume.adapter} {resume.resource}, not to {plan.adapter} {plan.resource}",
            checkpoint=resume,
        )
    if dict(resume.query) != plan.query:
        raise CheckpointMismatch(
            f"the checkpoint belongs to another query of {plan.adapter} {plan.resource}; "
            "use the same filters and page size, or start anew",
            checkpoint=resume,
        )


def _unreadable(plan: Plan[T], problem: Problem) -> ProtocolError:
    return ProtocolError(
        f"a record cannot be read: {problem.path} should be {problem.expected}",
        vendor=plan.adapter,
        operation=f"{plan.resource}.list",
        hint="read the list with .raw() to see it, and tell the adapter's authors",
    )


def _links(headers: Mapping[str, str]) -> dict[str, str]:
    if "Link" not in headers:
        return {}
    text = multidict.CIMultiDict(headers).getall("Link")
    return dict(_parse_link(part) for part in ",".join(text).split(",") if "rel=" in part)


def _parse_link(part: str) -> tuple[str, str]:
    address, _, rest = part.partition(">")
    relation = rest.partition("rel=")[2].split(";")[0].strip().strip('"')
    return relation, address.strip().lstrip("<")
